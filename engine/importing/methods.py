"""Methods, functions and properties of JUEL, Groovy and JavaScript that mean something in FEEL."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeAlias

from engine.importing.errors import Unconvertible
from engine.importing.syntax import Binary, Call, Expr, Items, Literal, Name, New, Property, Unary

if TYPE_CHECKING:
    from engine.importing.feel import Writer

Form: TypeAlias = "tuple[str, int]"
_IF, _OR, _COMPARE, _ADD, _PRIMARY = 0, 1, 3, 4, 8
_NAME = re.compile(r"^[^\W\d]\w*$")
_HOLDERS = frozenset(
    {"execution", "delegateExecution", "task", "delegateTask", "kcontext", "variableContext", "caseExecution"}
)
_IDENTITY = frozenset({
    "intValue", "longValue", "doubleValue", "floatValue", "booleanValue", "shortValue", "value", "stringValue", "numberValue",
    "boolValue", "elements", "toDate", "toList", "asText", "asInt", "asBoolean", "asDouble",
})  # fmt: skip
_DURATIONS = {
    "Years": "P{}Y", "Months": "P{}M", "Weeks": "P{}D", "Days": "P{}D", "Hours": "PT{}H", "Minutes": "PT{}M", "Seconds": "PT{}S",
}  # fmt: skip


def _no(what: str) -> Unconvertible:
    return Unconvertible(f"没有对应的 FEEL：“{what}”", f"nothing in FEEL is like '{what}'")


def empty(writer: Writer, expr: Expr) -> str:
    """``empty x``: null, an empty text, list or map."""
    return f'list contains([null, "", [], {{}}], {writer.text(expr)})'


def entry(target: str, key: str) -> str:
    """An entry of a map by its literal key."""
    if _NAME.match(key):
        return f"{target}.{key}"
    return f"get value({target}, {_quoted(key)})"


def _quoted(text: str) -> str:
    from engine.importing.feel import quoted

    return quoted(text)


def property_of(writer: Writer, target: Expr, name: str) -> str:
    """``target.name``; the variables of the execution are read by their names."""
    if isinstance(target, Property) and target.name == "variables" and _is_holder(target.target):
        return _variable(name)
    if isinstance(target, Name) and target.id in {"variables", "Variables"}:
        return _variable(name)
    if name == "length":
        return f"string length({writer.text(target)})"
    if not _NAME.match(name):
        raise _no(name)
    return f"{writer.text(target, _PRIMARY)}.{name}"


def _is_holder(expr: Expr) -> bool:
    return isinstance(expr, Name) and expr.id in _HOLDERS


def _variable(name: str) -> str:
    from engine.importing.feel import plain_name

    return plain_name(name)


def call(writer: Writer, expr: Call) -> Form:
    """A method or function call as (FEEL, how tight it binds)."""
    if expr.target is None:
        return _function(writer, expr.name, expr.arguments)
    if _is_holder(expr.target):
        return _of_execution(expr.name, expr.arguments), _PRIMARY
    if isinstance(expr.target, Call) and expr.target.target is not None and _is_holder(expr.target.target):
        inner = expr.target
        if inner.name in {"getVariables", "getVariablesLocal"} and expr.name in {"get", "containsKey"}:
            return _of_execution("getVariable" if expr.name == "get" else "hasVariable", expr.arguments), _PRIMARY
    if isinstance(expr.target, Name) and expr.target.id in _STATIC:
        return _static(writer, expr.target.id, expr.name, expr.arguments)
    return _method(writer, expr.target, expr.name, expr.arguments)


def _of_execution(name: str, arguments: tuple[Expr, ...]) -> str:
    if arguments and isinstance(arguments[0], Literal) and isinstance(arguments[0].value, str):
        variable = _variable(arguments[0].value)
        if name in {"getVariable", "getVariableLocal", "getVariableTyped", "getTransientVariable"}:
            return variable
        if name in {"hasVariable", "hasVariableLocal"}:
            return f"({variable} != null)"
    raise _no(f"execution.{name}")


# -- functions ---------------------------------------------------------------------------------------


def _function(writer: Writer, name: str, arguments: tuple[Expr, ...]) -> Form:
    prefix, _, short = name.rpartition(":")
    if prefix in {"variables", "vars", "var"}:
        return _variable_function(writer, short, arguments)
    if not prefix and name in _FUNCTIONS:
        least, most, write = _FUNCTIONS[name]
        if least <= len(arguments) <= most:
            return write(writer, arguments), _PRIMARY
    raise _no(name)


def _variable_function(writer: Writer, name: str, arguments: tuple[Expr, ...]) -> Form:
    """Flowable's ``variables:get(x)`` and its kin: the first argument names the variable."""
    first = arguments[0] if arguments else None
    if isinstance(first, Literal) and isinstance(first.value, str):
        first = Name(first.value)
    if not isinstance(first, Name):
        raise _no(f"variables:{name}")
    rest = arguments[1:]
    compare = _VARIABLE_COMPARE.get(name)
    if compare is not None and len(rest) == 1:
        return writer.text(Binary(compare, first, rest[0])), _COMPARE
    variable = writer.text(first, _PRIMARY)
    if name == "get":
        return variable, _PRIMARY
    if name == "getOrDefault" and len(rest) == 1:
        return f"if {variable} = null then {writer.text(rest[0])} else {variable}", _IF
    if name == "exists":
        return f"{variable} != null", _COMPARE
    if name in {"empty", "isEmpty", "notEmpty", "isNotEmpty"}:
        found: Expr = Unary("empty", first)
        return writer.text(Unary("not", found) if "ot" in name[:5].lower() else found), _PRIMARY
    if name in {"contains", "containsAny"} and rest:
        some = name == "containsAny"
        return (" or " if some else " and ").join(_contains(writer, first, r) for r in rest), _OR
    raise _no(f"variables:{name}")


_VARIABLE_COMPARE = {
    "equals": "==", "eq": "==", "notEquals": "!=", "ne": "!=", "lowerThan": "<", "lessThan": "<", "lt": "<", "lowerThanOrEquals": "<=",
    "lessThanOrEquals": "<=", "lte": "<=", "greaterThan": ">", "gt": ">", "greaterThanOrEquals": ">=", "gte": ">=",
}  # fmt: skip

_Write: TypeAlias = "Callable[[Writer, tuple[Expr, ...]], str]"


def _named(feel: str) -> _Write:
    def write(writer: Writer, arguments: tuple[Expr, ...]) -> str:
        return f"{feel}({', '.join(writer.texts(arguments))})"

    return write


def _same(writer: Writer, arguments: tuple[Expr, ...]) -> str:
    return writer.text(arguments[0], _PRIMARY)


def _constant(feel: str) -> _Write:
    def write(writer: Writer, arguments: tuple[Expr, ...]) -> str:  # noqa: ARG001
        return feel

    return write


_FUNCTIONS: Mapping[str, tuple[int, int, _Write]] = {
    "now": (0, 0, _constant("now()")), "dateTime": (0, 0, _constant("now()")), "S": (1, 1, _same), "JSON": (1, 1, _same),
    "String": (1, 1, _named("string")), "Number": (1, 1, _named("number")), "parseInt": (1, 2, lambda w, a: f"number({w.text(a[0])})"),
    "parseFloat": (1, 1, _named("number")), "str": (1, 1, _named("string")), "int": (1, 1, _named("number")),
    "float": (1, 1, _named("number")), "len": (1, 1, _named("count")), "abs": (1, 1, _named("abs")), "min": (1, 9, _named("min")),
    "max": (1, 9, _named("max")), "sum": (1, 9, _named("sum")), "Boolean": (1, 1, _same),
}  # fmt: skip
"""Functions without prefix: least and most arguments, and how to write them."""

_STATIC: Mapping[str, Mapping[str, tuple[int, int, _Write]]] = {
    "Math": {
        "abs": (1, 1, _named("abs")), "min": (2, 2, _named("min")), "max": (2, 2, _named("max")), "floor": (1, 1, _named("floor")),
        "ceil": (1, 1, _named("ceiling")), "sqrt": (1, 1, _named("sqrt")),
        "round": (1, 1, lambda w, a: f"floor({w.text(a[0], _ADD)} + 0.5)"), "pow": (2, 2, lambda w, a: f"({w.text(Binary('**', *a))})"),
    },
    "Integer": {"valueOf": (1, 1, _named("number")), "parseInt": (1, 1, _named("number"))},
    "Long": {"valueOf": (1, 1, _named("number")), "parseLong": (1, 1, _named("number"))},
    "Double": {"valueOf": (1, 1, _named("number")), "parseDouble": (1, 1, _named("number"))},
    "String": {"valueOf": (1, 1, _named("string"))},
    "Boolean": {"valueOf": (1, 1, _same)},
    "LocalDate": {"now": (0, 0, _constant("today()"))},
    "LocalDateTime": {"now": (0, 0, _constant("now()"))},
    "Instant": {"now": (0, 0, _constant("now()"))},
    "Arrays": {"asList": (0, 99, lambda w, a: "[" + ", ".join(w.texts(a)) + "]")},
    "List": {"of": (0, 99, lambda w, a: "[" + ", ".join(w.texts(a)) + "]")},
}  # fmt: skip


def _static(writer: Writer, kind: str, name: str, arguments: tuple[Expr, ...]) -> Form:
    least, most, write = _STATIC[kind].get(name, (1, 0, _same))
    if not least <= len(arguments) <= most:
        raise _no(f"{kind}.{name}")
    return write(writer, arguments), _PRIMARY


def made(writer: Writer, expr: New) -> str:
    """``new Date()`` and the collections."""
    if expr.kind == "Date" and not expr.arguments:
        return "now()"
    if expr.kind in {"ArrayList", "LinkedList", "HashSet", "List"} and not expr.arguments:
        return "[]"
    if expr.kind in {"HashMap", "LinkedHashMap", "Map", "Object"} and not expr.arguments:
        return "{}"
    if expr.kind in {"Integer", "Long", "Double", "BigDecimal", "String"} and len(expr.arguments) == 1:
        return writer.text(expr.arguments[0], _PRIMARY)
    raise _no(f"new {expr.kind}")


# -- methods -----------------------------------------------------------------------------------------


def _contains(writer: Writer, target: Expr, what: Expr) -> str:
    """A text that contains a text, or a list that contains an item: only the value tells which."""
    listed = f"list contains({writer.text(target)}, {writer.text(what)})"
    known_list = isinstance(target, Items) or (
        isinstance(what, Literal) and (what.number or not isinstance(what.value, str))
    )
    if known_list:
        return listed
    return f"(contains({writer.text(target)}, {writer.text(what)}) = true or {listed} = true)"


def _size(writer: Writer, target: Expr, arguments: tuple[Expr, ...]) -> str:  # noqa: ARG001
    return f"count({writer.text(target)})"


def _substring(writer: Writer, target: Expr, arguments: tuple[Expr, ...]) -> str:
    start = arguments[0]
    one = Literal("1", number=True)
    first = _shifted(writer, start, one)
    if len(arguments) == 1:
        return f"substring({writer.text(target)}, {first})"
    length = writer.text(Binary("-", arguments[1], start))
    if isinstance(start, Literal) and isinstance(arguments[1], Literal):
        length = str(int(str(arguments[1].value)) - int(str(start.value)))
    return f"substring({writer.text(target)}, {first}, {length})"


def _shifted(writer: Writer, start: Expr, one: Literal) -> str:
    if isinstance(start, Literal) and start.number:
        return str(int(str(start.value)) + 1)
    return writer.text(Binary("+", start, one))


def _escaped(text: str) -> str:
    return re.sub(r"([\\.\[\]{}()*+?^$|])", r"\\\1", text)


def _replace(writer: Writer, target: Expr, arguments: tuple[Expr, ...]) -> str:
    what, instead = arguments
    if not (isinstance(what, Literal) and isinstance(what.value, str)):
        raise _no("replace")
    return f"replace({writer.text(target)}, {_quoted(_escaped(what.value))}, {writer.text(instead)})"


def _split(writer: Writer, target: Expr, arguments: tuple[Expr, ...]) -> str:
    return f"split({writer.text(target)}, {writer.text(arguments[0])})"


def _get(writer: Writer, target: Expr, arguments: tuple[Expr, ...]) -> str:
    from engine.importing.syntax import Index

    return writer.text(Index(target, arguments[0]), _PRIMARY)


def _matches(writer: Writer, target: Expr, arguments: tuple[Expr, ...]) -> str:
    pattern = arguments[0]
    if not (isinstance(pattern, Literal) and isinstance(pattern.value, str)):
        raise _no("matches")
    return f"matches({writer.text(target)}, {_quoted('^(' + pattern.value + ')$')})"


_MethodWrite: TypeAlias = "Callable[[Writer, Expr, tuple[Expr, ...]], str]"


def _on(feel: str) -> _MethodWrite:
    def write(writer: Writer, target: Expr, arguments: tuple[Expr, ...]) -> str:
        return f"{feel}({', '.join(writer.texts((target, *arguments)))})"

    return write


_METHODS: Mapping[tuple[str, int], _MethodWrite] = {
    ("contains", 1): lambda w, t, a: _contains(w, t, a[0]),
    ("includes", 1): lambda w, t, a: _contains(w, t, a[0]),
    ("containsKey", 1): lambda w, t, a: f"({_get(w, t, a)} != null)",
    ("hasProp", 1): lambda w, t, a: f"({_get(w, t, a)} != null)",
    ("prop", 1): _get,
    ("get", 1): _get,
    ("size", 0): _size,
    ("length", 0): _on("string length"),
    ("isEmpty", 0): lambda w, t, _: empty(w, t),
    ("isBlank", 0): lambda w, t, _: empty(w, t),
    ("toString", 0): _on("string"),
    ("startsWith", 1): _on("starts with"),
    ("endsWith", 1): _on("ends with"),
    ("substring", 1): _substring,
    ("substring", 2): _substring,
    ("toUpperCase", 0): _on("upper case"),
    ("toLowerCase", 0): _on("lower case"),
    ("trim", 0): lambda w, t, _: f'replace({w.text(t)}, "^\\\\s+|\\\\s+$", "")',
    ("replace", 2): _replace,
    ("replaceAll", 2): _replace,
    ("split", 1): _split,
    ("matches", 1): _matches,
    ("concat", 1): lambda w, t, a: f"({w.text(Binary('+', t, a[0]))})",
    ("equalsIgnoreCase", 1): lambda w, t, a: f"(lower case({w.text(t)}) = lower case({w.text(a[0])}))",
    ("getFirst", 0): lambda w, t, _: f"{w.text(t, _PRIMARY)}[1]",
    ("getLast", 0): lambda w, t, _: f"{w.text(t, _PRIMARY)}[-1]",
    ("abs", 0): _on("abs"),
}


def _method(writer: Writer, target: Expr, name: str, arguments: tuple[Expr, ...]) -> Form:
    if name == "equals" and len(arguments) == 1:
        return writer.text(Binary("==", target, arguments[0])), _COMPARE
    if name in _IDENTITY and not arguments:
        return writer.text(target, _PRIMARY), _PRIMARY
    if (name, len(arguments)) in _METHODS:
        return _METHODS[name, len(arguments)](writer, target, arguments), _PRIMARY
    moved = re.match(r"^(plus|minus)([A-Z][a-z]+)$", name)
    if moved and moved[2] in _DURATIONS and len(arguments) == 1:
        return _moved(writer, target, moved[1], moved[2], arguments[0]), _ADD
    getter = re.match(r"^(?:get|is)([A-Z]\w*)$", name)
    if getter and not arguments and isinstance(target, (Name, Property, Call)):
        return property_of(writer, target, getter[1][0].lower() + getter[1][1:]), _PRIMARY
    raise _no(f".{name}()")


def _moved(writer: Writer, target: Expr, direction: str, unit: str, amount: Expr) -> str:
    sign = "+" if direction == "plus" else "-"
    times = 7 if unit == "Weeks" else 1
    if isinstance(amount, Literal) and amount.number:
        duration = _quoted(_DURATIONS[unit].format(int(str(amount.value)) * times))
    else:
        before, after = _DURATIONS[unit].split("{}")
        many = writer.text(amount if times == 1 else Binary("*", amount, Literal("7", number=True)))
        duration = f'"{before}" + string({many}) + "{after}"'
    return f"{writer.text(target, _ADD)} {sign} duration({duration})"
