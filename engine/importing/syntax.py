"""The expression language of JUEL, and of scripts as far as they are expressions: parsed by precedence into small records.

From loose to tight: ``?:`` · ``||`` ``or`` · ``&&`` ``and`` · ``==`` ``!=`` ``eq`` ``ne`` · ``<`` ``>`` ``<=`` ``>=`` and their words ·
``+`` ``-`` · ``*`` ``/`` ``%`` ``div`` ``mod`` · ``-`` ``!`` ``not`` ``empty`` · ``.name`` ``[index]`` ``(…)``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

from engine.importing.errors import Unconvertible
from engine.importing.tokens import Word, read


@dataclass(frozen=True, slots=True)
class Literal:
    """A text, a boolean, null, or a number as it is written."""

    value: str | bool | None
    number: bool = False


@dataclass(frozen=True, slots=True)
class Template:
    """A text with expressions in it: texts and expressions in turn."""

    parts: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Name:
    """A variable or an implicit object."""

    id: str


@dataclass(frozen=True, slots=True)
class Property:
    """``target.name``."""

    target: Expr
    name: str


@dataclass(frozen=True, slots=True)
class Index:
    """``target[key]``."""

    target: Expr
    key: Expr


@dataclass(frozen=True, slots=True)
class Call:
    """``target.name(…)``, or ``name(…)`` and ``prefix:name(…)`` without target."""

    target: Expr | None
    name: str
    arguments: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Unary:
    """``op`` is '-', 'not' or 'empty'."""

    op: str
    operand: Expr


@dataclass(frozen=True, slots=True)
class Binary:
    """``op`` is or, and, ==, !=, <, >, <=, >=, +, -, *, /, % or **."""

    op: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Choice:
    """``condition ? yes : no``."""

    condition: Expr
    yes: Expr
    no: Expr


@dataclass(frozen=True, slots=True)
class Items:
    """A list literal, or a map literal when ``keys`` are there."""

    values: tuple[Expr, ...]
    keys: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class New:
    """``new Class(…)``: scripts only."""

    kind: str
    arguments: tuple[Expr, ...]


Expr: TypeAlias = Literal | Template | Name | Property | Index | Call | Unary | Binary | Choice | Items | New

_LEVELS: tuple[dict[str, str], ...] = (
    {"||": "or", "or": "or"},
    {"&&": "and", "and": "and"},
    {"==": "==", "!=": "!=", "eq": "==", "ne": "!=", "===": "==", "!==": "!="},
    {"<": "<", ">": ">", "<=": "<=", ">=": ">=", "lt": "<", "gt": ">", "le": "<=", "ge": ">="},
    {"+": "+", "-": "-"},
    {"*": "*", "/": "/", "%": "%", "div": "/", "mod": "%"},
)
_WORDS = frozenset({"or", "and", "eq", "ne", "lt", "gt", "le", "ge", "div", "mod", "not", "empty", "instanceof"})
_CONSTANTS: dict[str, bool | None] = {
    "true": True, "false": False, "null": None, "True": True, "False": False, "None": None, "undefined": None,
}  # fmt: skip
DEEPEST = 60
"""Nesting of one expression."""
_BARE = re.compile(r"(?<!\\)\$[A-Za-z_]")
"""Groovy's ``$name`` without braces."""


class Reader:
    """Reads expressions from words; ``at`` is the next word."""

    def __init__(self, words: list[Word]) -> None:
        self.words = words
        self.at = 0
        self.depth = 0

    @property
    def word(self) -> Word:
        """The next word."""
        return self.words[self.at]

    def sees(self, *values: str) -> bool:
        """Whether the next word is one of these operators or key words."""
        return self.word.kind in {"op", "name"} and self.word.value in values

    def take(self, *values: str) -> bool:
        """Step over the next word when it is one of these."""
        if self.sees(*values):
            self.at += 1
            return True
        return False

    def expect(self, value: str) -> None:
        """Step over ``value``. Raises Unconvertible when something else is there."""
        self.skip_lines()
        if not self.take(value):
            raise Unconvertible(f"缺少“{value}”", f"'{value}' is missing")

    def skip_lines(self) -> None:
        """Inside brackets line ends mean nothing."""
        while self.word.kind == "newline":
            self.at += 1

    def expression(self) -> Expr:
        """A whole expression."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise Unconvertible("嵌套过深", "nested too deeply")
        found = self._binary(0)
        if self.take("?"):
            yes = self.expression()
            self.expect(":")
            found = Choice(found, yes, self.expression())
        elif self.take("?:"):
            found = Choice(Binary("!=", found, Literal(None)), found, self.expression())
        self.depth -= 1
        return found

    def _binary(self, level: int) -> Expr:
        if level == len(_LEVELS):
            return self._unary()
        left = self._binary(level + 1)
        while self.word.kind in {"op", "name"} and self.word.value in _LEVELS[level]:
            op = _LEVELS[level][self.word.value]
            self.at += 1
            self.skip_lines()
            left = Binary(op, left, self._binary(level + 1))
        return left

    def _unary(self) -> Expr:
        self.depth += 1
        if self.depth > DEEPEST:
            raise Unconvertible("嵌套过深", "nested too deeply")
        found = self._unary_operand()
        self.depth -= 1
        return found

    def _unary_operand(self) -> Expr:
        if self.take("!", "not"):
            return Unary("not", self._unary())
        if self.take("-"):
            return Unary("-", self._unary())
        if self.take("+"):
            return self._unary()
        if self.sees("empty"):
            self.at += 1
            return Unary("empty", self._unary())
        base = self._suffixes(self._primary())
        return Binary("**", base, self._unary()) if self.take("**") else base

    def _suffixes(self, found: Expr) -> Expr:
        while True:
            if self.take(".", "?."):
                found = self._member(found)
            elif self.take("["):
                self.skip_lines()
                found = Index(found, self.expression())
                self.expect("]")
            else:
                return found

    def _member(self, target: Expr) -> Expr:
        if self.word.kind != "name":
            raise Unconvertible("“.”之后缺少名称", "a name is missing after '.'")
        name = self.word.value
        self.at += 1
        return Call(target, name, self.arguments()) if self.take("(") else Property(target, name)

    def arguments(self) -> tuple[Expr, ...]:
        """The arguments after an opening bracket, the closing one too."""
        found: list[Expr] = []
        self.skip_lines()
        while not self.take(")"):
            if found:
                self.expect(",")
                self.skip_lines()
            found.append(self.expression())
            self.skip_lines()
        return tuple(found)

    def _primary(self) -> Expr:
        word = self.word
        if word.kind == "number":
            self.at += 1
            return Literal(word.value, number=True)
        if word.kind == "text":
            self.at += 1
            return _script_text(word.value) if word.template else Literal(word.value)
        if self.take("("):
            self.skip_lines()
            found = self.expression()
            self.expect(")")
            return found
        if self.take("[", "{"):
            return self._items("]" if word.value == "[" else "}")
        if word.kind == "name" and word.value not in _WORDS:
            return self._named(word.value)
        raise Unconvertible(f"看不懂“{word.value or '结尾'}”", f"unexpected '{word.value or 'end'}'")

    def _named(self, name: str) -> Expr:
        self.at += 1
        if name in _CONSTANTS:
            return Literal(_CONSTANTS[name])
        if name == "new" and self.word.kind == "name":
            return self._new()
        following = self.words[self.at : self.at + 3]
        if len(following) == 3 and [following[0].value, following[2].value] == [":", "("]:  # noqa: PLR2004
            self.at += 3
            return Call(None, f"{name}:{following[1].value}", self.arguments())
        return Call(None, name, self.arguments()) if self.take("(") else Name(name)

    def _new(self) -> Expr:
        parts = [self.word.value]
        self.at += 1
        while self.take("."):
            parts.append(self.word.value)
            self.at += 1
        return New(parts[-1], self.arguments() if self.take("(") else ())

    def _items(self, close: str) -> Expr:
        values: list[Expr] = []
        keys: list[str] = []
        self.skip_lines()
        if close == "]" and self.take(":"):
            self.expect("]")
            return Items((), ())
        while not self.take(close):
            if values:
                self.expect(",")
                self.skip_lines()
            if self.word.kind in {"name", "text"} and self.words[self.at + 1].value == ":":
                keys.append(self.word.value)
                self.at += 2
            values.append(self.expression())
            self.skip_lines()
        if keys and len(keys) != len(values):
            raise Unconvertible("列表与映射混写", "list and map mixed")
        return Items(tuple(values), tuple(keys) if keys or close == "}" else None)


def parse(source: str) -> Expr:
    """The expression a text holds (without ``${}``). Raises Unconvertible."""
    reader = Reader([w for w in read(source) if w.kind != "newline"])
    found = reader.expression()
    if reader.word.kind != "end":
        raise Unconvertible(f"看不懂“{reader.word.value}”", f"unexpected '{reader.word.value}'")
    return found


def pieces(text: str) -> list[tuple[bool, str]]:
    """A composite text in pieces: (is an expression, text). A backslash before ``${`` makes it plain text."""
    found: list[tuple[bool, str]] = []
    plain = ""
    at = 0
    while at < len(text):
        if text[at] == "\\" and text[at + 1 : at + 3] in {"${", "#{"}:
            plain, at = plain + text[at + 1 : at + 3], at + 3
        elif text[at : at + 2] in {"${", "#{"}:
            end = _closing(text, at + 2)
            if plain:
                found.append((False, plain))
            found.append((True, text[at + 2 : end].strip()))
            plain, at = "", end + 1
        else:
            plain, at = plain + text[at], at + 1
    if plain:
        found.append((False, plain))
    return found


def _closing(text: str, at: int) -> int:
    """Where the brace that opened before ``at`` closes; quotes hide braces."""
    depth, quote = 0, ""
    while at < len(text):
        mark = text[at]
        if quote:
            at += mark == "\\"
            quote = "" if mark == quote else quote
        elif mark in "'\"":
            quote = mark
        elif mark == "{":
            depth += 1
        elif mark == "}":
            if not depth:
                return at
            depth -= 1
        at += 1
    raise Unconvertible("“${”没有结束", "'${' is not closed")


def _script_text(text: str) -> Expr:
    if _BARE.search(text):
        raise Unconvertible("“$名称”这种写法", "'$name' in a text")
    return template(text)


def template(text: str) -> Expr:
    """A composite text as an expression: a literal, the one expression, or a template."""
    parts: list[Expr] = [parse(piece) if is_expression else Literal(piece) for is_expression, piece in pieces(text)]
    if not parts:
        return Literal("")
    return parts[0] if len(parts) == 1 else Template(tuple(parts))
