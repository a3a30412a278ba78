"""Words of JUEL and of the expression part of Groovy, JavaScript and Python scripts."""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.importing.errors import Unconvertible


@dataclass(frozen=True, slots=True)
class Word:
    """One word: ``kind`` is name, number, text, op, newline or end; ``value`` is what it says (a text without its quotes)."""

    kind: str
    value: str
    at: int
    template: bool = False
    """A text in which ``${…}`` is replaced (Groovy's double quotes, JavaScript's back quotes)."""


_WORD = re.compile(
    r"""
    (?P<space>[ \t\r\f\u00a0]+|\\\n)
  | (?P<comment>//[^\n]*|/\*.*?\*/)
  | (?P<newline>\n)
  | (?P<number>(?:\d+\.\d+|\.\d+|\d+)(?:[eE][+-]?\d+)?)[LlFfDdGg]?(?![\w$])
  | (?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`)
  | (?P<name>[^\W\d][\w$]*|\$[\w$]+)
  | (?P<op>===|!==|\?\.|\?:|\+\+|--|\+=|-=|\*=|/=|==|!=|<=|>=|&&|\|\||\*\*|->|=>|[-+*/%!<>=?:.,;(){}\[\]])
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_UNICODE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
MOST = 20_000
"""Characters of one expression or script; what is longer is left to people."""


def read(source: str) -> list[Word]:
    """The words of a text, an ``end`` last. Raises Unconvertible."""
    if len(source) > MOST:
        raise Unconvertible("文本过长", "the text is too long")
    words: list[Word] = []
    at = 0
    while at < len(source):
        found = _WORD.match(source, at)
        if found is None:
            mark = source[at]
            raise Unconvertible(f"不认识的符号“{mark}”", f"unknown character '{mark}'")
        kind = found.lastgroup or ""
        if kind == "text":
            words.append(_text(found[0], at))
        elif kind not in {"space", "comment"}:
            words.append(Word(kind, found[kind], at))
        at = found.end()
    words.append(Word("end", "", at))
    return words


def _text(quoted: str, at: int) -> Word:
    return Word("text", _UNICODE.sub(_unescape, quoted[1:-1]), at, template=quoted[0] in '"`' and "$" in quoted)


def _unescape(found: re.Match[str]) -> str:
    code = found[1]
    if len(code) > 1:
        return chr(int(code[1:], 16))
    return _ESCAPES.get(code, code)
