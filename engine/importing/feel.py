"""From the expression records of :mod:`engine.importing.syntax` to FEEL text."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from engine.importing import methods
from engine.importing.errors import Unconvertible
from engine.importing.syntax import (
    Binary,
    Call,
    Choice,
    Expr,
    Index,
    Items,
    Literal,
    Name,
    New,
    Property,
    Template,
    Unary,
)  # fmt: skip

if TYPE_CHECKING:
    from collections.abc import Sequence

IF, OR, AND, COMPARE, ADD, MULTIPLY, POWER, MINUS, PRIMARY = range(9)
"""How tight a FEEL form binds."""

_NAME = re.compile(r"^[^\W\d]\w*$")
RESERVED = frozenset({
    "if", "then", "else", "for", "return", "some", "every", "satisfies", "in", "and", "or", "not", "between", "instance", "of",
    "function", "external",
})  # fmt: skip
IMPLICIT = frozenset({
    "execution", "task", "delegateTask", "caseExecution", "variableContext", "authenticatedUserId", "delegateExecution",
    "processInstance", "processEngine", "connector", "planItemInstance", "caseInstance", "kcontext", "processEngineServices",
})  # fmt: skip
"""Objects that the other engine offers to expressions and ours does not."""
_OPERATORS = {
    "or": ("or", OR), "and": ("and", AND), "==": ("=", COMPARE), "!=": ("!=", COMPARE), "<": ("<", COMPARE), ">": (">", COMPARE),
    "<=": ("<=", COMPARE), ">=": (">=", COMPARE), "+": ("+", ADD), "-": ("-", ADD), "*": ("*", MULTIPLY), "/": ("/", MULTIPLY),
    "**": ("**", POWER),
}  # fmt: skip


class Writer:
    """Writes FEEL. ``known`` are local names of a script that stand for expressions."""

    def __init__(self, known: Mapping[str, Expr] | None = None) -> None:
        self.known = dict(known or {})

    def text(self, expr: Expr, least: int = IF) -> str:
        """The FEEL of an expression, in brackets when it binds looser than ``least``."""
        written, tight = self._form(expr)
        return f"({written})" if tight < least else written

    def _form(self, expr: Expr) -> tuple[str, int]:  # noqa: C901, PLR0911  # one line a kind
        match expr:
            case Literal():
                return _literal(expr), PRIMARY
            case Template():
                return "string join([" + ", ".join(self.joined(p) for p in expr.parts) + "])", PRIMARY
            case Name():
                return self._name(expr.id)
            case Property():
                return methods.property_of(self, expr.target, expr.name), PRIMARY
            case Index():
                return self._index(expr)
            case Call():
                return methods.call(self, expr)
            case Unary():
                return self._unary(expr)
            case Binary():
                return self._binary(expr)
            case Choice():
                parts = (self.text(expr.condition), self.text(expr.yes), self.text(expr.no))
                return "if {} then {} else {}".format(*parts), IF
            case Items():
                return self._items(expr), PRIMARY
            case New():
                return methods.made(self, expr), PRIMARY

    def joined(self, expr: Expr) -> str:
        """A part of a text: as it is when it is text, else turned into text."""
        return self.text(expr) if is_text(expr, self.known) else f"string({self.text(expr)})"

    def _name(self, name: str) -> tuple[str, int]:
        if name in self.known:
            return self._form(self.known[name])
        if name == "loopCounter":
            return "loopCounter - 1", ADD
        return plain_name(name), PRIMARY

    def _index(self, expr: Index) -> tuple[str, int]:
        target, key = self.text(expr.target, PRIMARY), expr.key
        if isinstance(key, Literal):
            if key.number and key.value is not None:
                return f"{target}[{int(float(str(key.value))) + 1}]", PRIMARY
            if isinstance(key.value, str):
                return methods.entry(target, key.value), PRIMARY
        written = self.text(key)
        at = self.text(Binary("+", key, Literal("1", number=True)))
        return (
            f"if {self.text(key, ADD)} instance of number then {target}[{at}] else get value({target}, {written})",
            IF,
        )

    def _unary(self, expr: Unary) -> tuple[str, int]:
        if expr.op == "empty":
            return methods.empty(self, expr.operand), PRIMARY
        if expr.op == "not":
            if isinstance(expr.operand, Unary) and expr.operand.op == "not":
                return self.truth(expr.operand.operand), COMPARE
            if isinstance(expr.operand, Binary) and expr.operand.op in {"==", "!="}:
                turned = Binary("!=" if expr.operand.op == "==" else "==", expr.operand.left, expr.operand.right)
                return self._binary(turned)
            return f"not({self.truth(expr.operand)})", PRIMARY
        return "-" + self.text(expr.operand, PRIMARY), MINUS

    def truth(self, expr: Expr) -> str:
        """The expression as true or false, never null: null counts as false in JUEL also below ``not``."""
        safe = (
            (isinstance(expr, Binary) and expr.op in {"==", "!="})
            or isinstance(expr, Unary)
            or (isinstance(expr, Literal) and isinstance(expr.value, bool))
        )
        return self.text(expr) if safe else f"{self.text(expr, ADD)} = true"

    def _binary(self, expr: Binary) -> tuple[str, int]:
        if expr.op == "%":
            return f"modulo({self.text(expr.left)}, {self.text(expr.right)})", PRIMARY
        word, tight = _OPERATORS[expr.op]
        left, right = expr.left, expr.right
        if expr.op == "+" and (is_text(left, self.known) or is_text(right, self.known)):
            return f"{self._added(left, ADD)} + {self._added(right, MULTIPLY)}", ADD
        associative = expr.op in {"or", "and", "+", "*"}
        low = tight + 1 if tight in {COMPARE, POWER} else tight
        return f"{self.text(left, low)} {word} {self.text(right, tight if associative else tight + 1)}", tight

    def _added(self, expr: Expr, least: int) -> str:
        return self.text(expr, least) if is_text(expr, self.known) else f"string({self.text(expr)})"

    def _items(self, expr: Items) -> str:
        if expr.keys is None:
            return "[" + ", ".join(self.text(v) for v in expr.values) + "]"
        rows = (f"{_key(k)}: {self.text(v)}" for k, v in zip(expr.keys, expr.values, strict=True))
        return "{" + ", ".join(rows) + "}"

    def texts(self, exprs: Sequence[Expr]) -> list[str]:
        """Each expression's FEEL."""
        return [self.text(e) for e in exprs]


def plain_name(name: str) -> str:
    """A variable's name as FEEL has it. Raises Unconvertible for what FEEL cannot name."""
    if name in IMPLICIT:
        raise Unconvertible(f"没有对象“{name}”", f"there is no object '{name}'")
    if not _NAME.match(name) or name in RESERVED:
        raise Unconvertible(f"“{name}”不能作变量名", f"'{name}' cannot name a variable in FEEL")
    return name


def quoted(text: str) -> str:
    """A FEEL text literal."""
    return json.dumps(text, ensure_ascii=False)


def _key(name: str) -> str:
    return name if _NAME.match(name) and name not in RESERVED else quoted(name)


def _literal(expr: Literal) -> str:
    if expr.value is None:
        return "null"
    if isinstance(expr.value, bool):
        return "true" if expr.value else "false"
    if not expr.number:
        return quoted(expr.value)
    return _number(expr.value)


def _number(written: str) -> str:
    """FEEL has no exponents and no number that begins with a point."""
    if "e" not in written.lower():
        return "0" + written if written.startswith(".") else written
    value = float(written)
    return str(int(value)) if value.is_integer() else f"{value:f}"


def is_text(expr: Expr, known: Mapping[str, Expr]) -> bool:
    """Whether an expression surely gives text."""
    match expr:
        case Literal():
            return isinstance(expr.value, str) and not expr.number
        case Template():
            return True
        case Name():
            return expr.id in known and is_text(known[expr.id], {k: v for k, v in known.items() if k != expr.id})
        case Binary():
            return expr.op == "+" and (is_text(expr.left, known) or is_text(expr.right, known))
        case Call():
            return expr.name in {"toString", "toUpperCase", "toLowerCase", "trim", "concat", "substring", "str"}
        case _:
            return False
