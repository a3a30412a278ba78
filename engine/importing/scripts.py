"""Scripts of Groovy, JavaScript, Python and JUEL, as far as they only set variables, throw a BPMN error or give a value."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from engine.importing.errors import Unconvertible
from engine.importing.expressions import assigned
from engine.importing.feel import Writer, plain_name
from engine.importing.syntax import Binary, Call, Expr, Literal, Name, New, Property, Reader
from engine.importing.tokens import read

_DECLARES = frozenset({
    "def", "var", "let", "const", "final", "int", "long", "double", "float", "boolean", "String", "Integer", "Long", "Double",
    "Boolean", "Object", "List", "Map", "Date", "BigDecimal",
})  # fmt: skip
_STATEMENTS = frozenset({
    "if", "for", "while", "do", "try", "switch", "function", "class", "return", "throw", "import", "from", "raise", "else", "with",
})  # fmt: skip
_SPEAKS = frozenset({"println", "print", "log", "info", "debug", "warn", "error", "trace", "printf"})
"""What only writes to a log."""


@dataclass(slots=True)
class Script:
    """What a script does: variables it sets (name, FEEL) in order, the value it gives, the BPMN error it throws."""

    sets: list[tuple[str, str]] = field(default_factory=list)
    result: str | None = None
    error: str | None = None
    dropped: list[str] = field(default_factory=list)


def convert(source: str) -> Script:
    """Read a whole script. Raises Unconvertible at the first thing that FEEL cannot do."""
    return _Statements(_without_hash_comments(source)).run()


def placeholder(source: str) -> bool:
    """Whether a script is one word that says what to do: it names a job."""
    return re.fullmatch(r"[^\W\d][\w.-]*", source.strip()) is not None


def _without_hash_comments(source: str) -> str:
    return re.sub(r"^\s*#.*$", "", source, flags=re.MULTILINE)


class _Statements:
    def __init__(self, source: str) -> None:
        self.reader = Reader(read(source))
        self.script = Script()
        self.locals: dict[str, Expr] = {}
        self.last: Expr | None = None

    def run(self) -> Script:
        reader = self.reader
        while reader.word.kind != "end":
            if reader.word.kind == "newline" or reader.take(";"):
                reader.at += reader.word.kind == "newline"
                continue
            if self.script.error is not None:
                raise Unconvertible("抛出错误之后还有语句", "statements after a throw")
            self._statement()
            if reader.word.kind not in {"newline", "end"} and not reader.sees(";"):
                raise Unconvertible(f"看不懂“{reader.word.value}”", f"unexpected '{reader.word.value}'")
        if self.script.error is not None and self.script.sets:
            raise Unconvertible("既赋值又抛出错误", "it both sets variables and throws an error")
        return self.script

    def _statement(self) -> None:
        word = self.reader.word
        self.script.result = None
        if word.kind == "name" and word.value in {"import", "from"}:
            self._skip_line()
        elif word.kind == "name" and word.value == "throw":
            self.reader.at += 1
            self.script.error = _error_code(self.reader.expression())
        elif word.kind == "name" and word.value == "return":
            self.reader.at += 1
            self._value(self.reader.expression())
            self._skip_empty()
            if self.reader.word.kind != "end":
                raise Unconvertible("return 之后还有语句", "statements after return")
        elif word.kind == "name" and word.value in _STATEMENTS:
            raise Unconvertible(f"语句“{word.value}”", f"the statement '{word.value}'")
        elif word.kind == "name" and word.value in _DECLARES and self.reader.words[self.reader.at + 1].kind == "name":
            self.reader.at += 1
            self._declaration()
        else:
            self._assignment_or_value()

    def _skip_line(self) -> None:
        while self.reader.word.kind not in {"newline", "end"} and not self.reader.sees(";"):
            self.reader.at += 1

    def _skip_empty(self) -> None:
        while self.reader.word.kind == "newline" or self.reader.sees(";"):
            self.reader.at += 1

    def _declaration(self) -> None:
        name = self.reader.word.value
        self.reader.at += 1
        given: Expr = Literal(None)
        if self.reader.take("="):
            given = self._inlined(self.reader.expression())
        self.locals[name] = given

    def _inlined(self, expr: Expr) -> Expr:
        """A local's value with the locals it reads already put in, so that a later change does not reach it."""
        Writer(self.locals).text(expr)
        return _replaced(expr, self.locals)

    def _assignment_or_value(self) -> None:
        if self.reader.take("++", "--"):
            raise Unconvertible("前置自增", "a prefix increment")
        expr = self.reader.expression()
        word = self.reader.word.value if self.reader.word.kind == "op" else ""
        if word in {"++", "--"}:
            self.reader.at += 1
            self._set(expr, Binary(word[0], expr, Literal("1", number=True)))
        elif word in {"+=", "-=", "*=", "/="}:
            self.reader.at += 1
            self._set(expr, Binary(word[0], expr, self.reader.expression()))
        elif self.reader.take("="):
            self._set(expr, self.reader.expression())
        else:
            self._called(expr)

    def _set(self, target: Expr, given: Expr) -> None:
        if (
            isinstance(target, Property)
            and isinstance(target.target, Name)
            and target.target.id in {"variables", "execution"}
        ):
            target = Name(target.name)
        if not isinstance(target, Name):
            raise Unconvertible("给变量的一部分赋值", "an assignment to a part of a variable")
        if target.id in self.locals:
            self.locals[target.id] = self._inlined(given)
            return
        self._write(plain_name(target.id), Writer(self.locals).text(given))

    def _write(self, name: str, feel: str) -> None:
        if any(name == held for held, _ in self.script.sets):
            raise Unconvertible(f"变量“{name}”赋值两次", f"the variable '{name}' is set twice")
        self.script.sets.append((name, feel))
        self.script.result = feel

    def _called(self, expr: Expr) -> None:
        done = assigned(expr, Writer(self.locals))
        if done is not None:
            self._write(*done)
            self.script.result = None
        elif isinstance(expr, Call) and expr.name in _SPEAKS:
            self.script.dropped.append(expr.name)
        else:
            self._value(expr)

    def _value(self, expr: Expr) -> None:
        if isinstance(expr, New) and expr.kind == "BpmnError":
            raise Unconvertible("没有抛出的错误", "an error that is not thrown")
        self.script.result = Writer(self.locals).text(expr)


def _error_code(expr: Expr) -> str:
    if isinstance(expr, New) and expr.kind == "BpmnError" and expr.arguments:
        code = expr.arguments[0]
        if isinstance(code, Literal) and isinstance(code.value, str):
            return code.value
    raise Unconvertible("抛出的不是 BPMN 错误", "it throws something that is no BPMN error")


def _replaced(expr: Expr, known: dict[str, Expr]) -> Expr:
    """The expression with local names replaced by what they stand for."""
    if isinstance(expr, Name):
        return known.get(expr.id, expr)
    changed: dict[str, Any] = {}
    for name in expr.__slots__:
        held = getattr(expr, name)
        if isinstance(held, tuple):
            changed[name] = tuple(_replaced(h, known) if hasattr(h, "__slots__") else h for h in held)
        elif hasattr(held, "__slots__") and not isinstance(held, str):
            changed[name] = _replaced(held, known)
        else:
            changed[name] = held
    return type(expr)(**changed)
