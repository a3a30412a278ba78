"""Scripts of Groovy, JavaScript, Python and JUEL, as far as they only set variables, throw a BPMN error or give a value.

A script is run with expressions in place of values: what each variable is afterwards is one expression over what was before.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.importing.errors import Unconvertible
from engine.importing.feel import Writer, plain_name
from engine.importing.syntax import Binary, Call, Choice, Expr, Literal, Name, New, Property, Reader
from engine.importing.tokens import read

_STATEMENTS = frozenset({
    "for", "while", "do", "try", "switch", "function", "class", "import", "from", "raise", "else", "with",
})  # fmt: skip
_OPERATORS = frozenset({"eq", "ne", "lt", "gt", "le", "ge", "and", "or", "div", "mod", "instanceof", "in", "is"})
_SPEAKS = frozenset({"println", "print", "log", "info", "debug", "warn", "trace", "printf"})
"""What only writes to a log."""
_PRINTED = re.compile(
    r"""^[ \t]*(\w+[ \t]*:[ \t]*)?print(ln)?[ \t]+("[^"\n]*"|'[^'\n]*')[ \t]*;?[ \t]*$""", re.MULTILINE
)
"""A line of Groovy that prints a text, without brackets and maybe with a label: `out:println "done";`."""
_GETS = frozenset({"getVariable", "getVariableLocal", "getTransientVariable"})
_SETS = frozenset({"setVariable", "setVariableLocal", "setTransientVariable"})
_HOLDERS = frozenset({"execution", "kcontext", "delegateExecution", "variables"})
LONGEST = 4000
"""Characters of FEEL that a script may become."""


@dataclass(slots=True)
class Script:
    """What a script does: variables it sets (name, FEEL over the values before), the value it gives, the BPMN error it throws.

    ``apart`` says that some FEEL reads a variable that the script sets too.
    """

    sets: list[tuple[str, str]] = field(default_factory=list)
    result: str | None = None
    error: str | None = None
    dropped: list[str] = field(default_factory=list)
    apart: bool = False


def convert(source: str) -> Script:
    """Read a whole script. Raises Unconvertible at the first thing that FEEL cannot do."""
    without_hashes = re.sub(r"^\s*#.*$", "", source, flags=re.MULTILINE)
    spoken, times = _PRINTED.subn("", without_hashes)
    run = _Run(spoken)
    run.dropped.extend(["println"] * min(times, 1))
    return run.script()


def placeholder(source: str) -> bool:
    """Whether a script is one word, or a few with commas between them, that says what to do: it names a job."""
    return re.fullmatch(r"[^\W\d][\w.-]*(,\s*[^\W\d][\w.-]*)*", source.strip()) is not None


@dataclass(slots=True)
class _State:
    """Locals and process variables that were set, each an expression over the values before the script."""

    known: dict[str, Expr] = field(default_factory=dict)
    variables: dict[str, Expr] = field(default_factory=dict)
    result: Expr | None = None

    def copy(self) -> _State:
        return _State(dict(self.known), dict(self.variables), self.result)


class _Run:
    def __init__(self, source: str) -> None:
        self.reader = Reader(read(source))
        self.state = _State()
        self.error: str | None = None
        self.dropped: list[str] = []
        self.depth = 0

    def script(self) -> Script:
        """Run to the end."""
        self._statements("")
        writer = Writer()
        if self.error is not None:
            if self.state.variables:
                raise Unconvertible("既赋值又抛出错误", "it both sets variables and throws an error")
            return Script(error=self.error, dropped=self.dropped)
        sets = [(name, writer.text(value)) for name, value in self.state.variables.items()]
        result = None if self.state.result is None else writer.text(self.state.result)
        if sum(len(feel) for _, feel in sets) > LONGEST:
            raise Unconvertible("脚本过长", "the script is too long")
        read_names = [set(re.findall(r"[^\W\d]\w*", feel)) for _, feel in sets]
        apart = any(name in read_names[j] for i, (name, _) in enumerate(sets) for j in range(len(sets)) if j != i)
        return Script(sets, result, None, self.dropped, apart)

    # -- statements ----------------------------------------------------------------------------------

    def _statements(self, close: str) -> None:
        reader = self.reader
        while True:
            self._skip_empty()
            if reader.word.kind == "end" or (close and reader.sees(close)):
                return
            if self.error is not None:
                raise Unconvertible("抛出错误之后还有语句", "statements after a throw")
            was_if = reader.sees("if")
            self._statement()
            ends = reader.word.kind in {"newline", "end"} or reader.sees(";", *([close] if close else []))
            if not ends and not was_if:
                raise Unconvertible(f"看不懂“{reader.word.value}”", f"unexpected '{reader.word.value}'")

    def _skip_empty(self) -> None:
        while self.reader.word.kind == "newline" or self.reader.sees(";"):
            self.reader.at += 1

    def _statement(self) -> None:
        reader = self.reader
        word, following = reader.word, reader.words[min(reader.at + 1, len(reader.words) - 1)]
        value = word.value if word.kind == "name" else ""
        if value in {"import", "from"}:
            while reader.word.kind not in {"newline", "end"} and not reader.sees(";"):
                reader.at += 1
        elif value == "throw":
            reader.at += 1
            self.error = _error_code(reader.expression(), self.state.known)
        elif value == "return":
            self._return()
        elif value == "if":
            self._if()
        elif value in _STATEMENTS:
            raise Unconvertible(f"语句“{value}”", f"the statement '{value}'")
        elif (
            value
            and following.kind == "name"
            and following.value not in _OPERATORS
            and value not in {"new", "not", "empty"}
        ):
            self._declaration()
        else:
            self._assignment_or_value()

    def _return(self) -> None:
        self.reader.at += 1
        if self.depth:
            raise Unconvertible("分支中的 return", "a return inside a branch")
        if self.reader.word.kind != "newline" and not self.reader.sees(";"):
            self.state.result = self._resolved(self.reader.expression())
        self._skip_empty()
        if self.reader.word.kind != "end":
            raise Unconvertible("return 之后还有语句", "statements after return")

    def _if(self) -> None:
        reader = self.reader
        reader.at += 1
        reader.expect("(")
        condition = self._resolved(reader.expression())
        reader.expect(")")
        before = self.state
        self.state = before.copy()
        self._block()
        yes, self.state = self.state, before.copy()
        at = reader.at
        self._skip_empty()
        if reader.take("else"):
            self._block()
        else:
            reader.at = at
        self.state = _merged(condition, before, yes, self.state)

    def _block(self) -> None:
        self.depth += 1
        if self.depth > 8:  # noqa: PLR2004
            raise Unconvertible("嵌套过深", "nested too deeply")
        self.reader.skip_lines()
        if self.reader.take("{"):
            self._statements("}")
            self.reader.expect("}")
        else:
            self._statement()
        if self.error is not None:
            raise Unconvertible("分支中抛出错误", "an error is thrown in a branch")
        self.depth -= 1

    def _declaration(self) -> None:
        reader = self.reader
        while reader.words[reader.at + 1].kind == "name":
            reader.at += 1
        name = reader.word.value
        reader.at += 1
        self.state.known[name] = self._resolved(reader.expression()) if reader.take("=") else Literal(None)

    def _assignment_or_value(self) -> None:
        reader = self.reader
        if reader.take("++", "--"):
            raise Unconvertible("前置自增", "a prefix increment")
        expr = reader.expression()
        word = reader.word.value if reader.word.kind == "op" else ""
        if word in {"++", "--"}:
            reader.at += 1
            self._set(expr, Binary(word[0], expr, Literal("1", number=True)))
        elif word in {"+=", "-=", "*=", "/="}:
            reader.at += 1
            self._set(expr, Binary(word[0], expr, reader.expression()))
        elif reader.take("="):
            self._set(expr, reader.expression())
        else:
            self._called(expr)

    def _set(self, target: Expr, given: Expr) -> None:
        if isinstance(target, Property) and self._is_holder(target.target):
            target = Name(target.name)
        if not isinstance(target, Name):
            raise Unconvertible("给变量的一部分赋值", "an assignment to a part of a variable")
        value = self._resolved(given)
        if target.id in self.state.known:
            self.state.known[target.id] = value
        else:
            self.state.variables[plain_name(target.id)] = value
            self.state.result = value

    def _called(self, expr: Expr) -> None:
        if isinstance(expr, Call) and expr.target is not None and expr.name in _SETS and self._is_holder(expr.target):
            name = expr.arguments[0] if expr.arguments else None
            if len(expr.arguments) < 2 or not isinstance(name, Literal) or not isinstance(name.value, str):  # noqa: PLR2004
                raise Unconvertible("变量名不是文本", "the name of a variable is no text")
            self.state.variables[plain_name(name.value)] = self._resolved(expr.arguments[1])
            self.state.result = None
        elif isinstance(expr, Call) and expr.name in _SPEAKS:
            self.dropped.append(expr.name)
        elif isinstance(expr, New):
            raise Unconvertible("没有用到的对象", "an object that is not used")
        else:
            self.state.result = self._resolved(expr)

    # -- values --------------------------------------------------------------------------------------

    def _is_holder(self, expr: Expr | None) -> bool:
        """The execution itself, or what a local holds of it."""
        if isinstance(expr, Name):
            return expr.id in _HOLDERS or self._is_holder(self.state.known.get(expr.id))
        if isinstance(expr, Call) and expr.name in {"getProcessInstance", "getParent", "getVariableScope"}:
            return self._is_holder(expr.target)
        return False

    def _resolved(self, expr: Expr) -> Expr:
        """The expression over the values before the script."""
        if isinstance(expr, Call) and expr.name in _GETS and expr.arguments and self._is_holder(expr.target):
            name = expr.arguments[0]
            if isinstance(name, Literal) and isinstance(name.value, str):
                return self.state.variables.get(name.value, Name(name.value))
        if isinstance(expr, Name):
            return self.state.known.get(expr.id) or self.state.variables.get(expr.id, expr)
        changed: dict[str, Any] = {}
        for part in expr.__slots__:
            held = getattr(expr, part)
            if isinstance(held, tuple):
                changed[part] = tuple(self._resolved(h) if hasattr(h, "__slots__") else h for h in held)
            else:
                changed[part] = self._resolved(held) if hasattr(held, "__slots__") else held
        return type(expr)(**changed)


def _merged(condition: Expr, before: _State, yes: _State, no: _State) -> _State:
    """After a choice each value is a choice; names that only one branch declared are gone."""
    known = {name: _choice(condition, yes.known[name], no.known[name]) for name in before.known}
    names = dict.fromkeys([*yes.variables, *no.variables])
    variables = {
        name: _choice(condition, yes.variables.get(name, Name(name)), no.variables.get(name, Name(name)))
        for name in names
    }
    return _State(known, variables, None)


def _choice(condition: Expr, yes: Expr, no: Expr) -> Expr:
    return yes if yes == no else Choice(condition, yes, no)


def _error_code(expr: Expr, known: Mapping[str, Expr]) -> str:
    if isinstance(expr, New) and _class_name(expr.kind, known) == "BpmnError" and expr.arguments:
        code = expr.arguments[0]
        if isinstance(code, Literal) and isinstance(code.value, str):
            return code.value
    raise Unconvertible("抛出的不是 BPMN 错误", "it throws something that is no BPMN error")


def _class_name(kind: str, known: Mapping[str, Expr]) -> str:
    """A class by its name, or by a local: ``Packages.a.B`` and ``Java.type("a.B")`` are ``B``."""
    held = known.get(kind)
    if isinstance(held, Property):
        return held.name
    if isinstance(held, Call) and held.name == "type" and held.arguments and isinstance(held.arguments[0], Literal):
        return str(held.arguments[0].value).rpartition(".")[2]
    return kind
