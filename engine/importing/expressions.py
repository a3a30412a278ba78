"""Texts of other engines' models as texts of ours: a value with ``${…}`` in it, a condition, a list of names."""

from __future__ import annotations

import re

from engine.importing.errors import Unconvertible
from engine.importing.feel import Writer
from engine.importing.syntax import Call, Expr, Literal, Name, Property, parse, pieces, template

OPENS = re.compile(r"(?<!\\)[$#]\{")
_JUEL_WORDS = re.compile(r"==|&&|\|\||!|'|\.\w+\(|\b(?:eq|ne|lt|gt|le|ge|empty|div|mod)\b")
_NOT_FEEL = re.compile(r"==|&&|\|\||\.\w+\(|^!(?!=)")
_LITERAL = re.compile(r'"(?:[^"\\]|\\.)*"')
_DATA = re.compile(r"""(?:[\w-]+:)?get(?:DataObject|ProcessProperty|ActivityProperty)\(\s*["'](\w+)["']\s*\)""")
"""BPMN's own XPath functions (§10.4.4): the data element of that name."""
_FEEL_LANGUAGES = re.compile(r"feel", re.IGNORECASE)
SCRIPTED = frozenset(
    {"groovy", "javascript", "ecmascript", "js", "juel", "python", "jython", "jruby", "ruby", "java", "mvel", "el"}
)


def has_expression(text: str) -> bool:
    """Whether a text holds ``${…}`` or ``#{…}``."""
    return OPENS.search(text) is not None


def value(text: str) -> str:
    """A literal as it is, an expression as FEEL with its '='. Raises Unconvertible."""
    text = text.strip()
    if has_expression(text):
        return "=" + Writer().text(template(text))
    return '="' + text.replace('"', '\\"') + '"' if text.startswith("=") else text


def feel(text: str) -> str:
    """A text as FEEL without '=': what ``${…}`` holds, or the text as a literal."""
    return Writer().text(template(text.strip()))


def script_expression(text: str) -> str:
    """An expression of a script language as FEEL without '='."""
    return Writer().text(parse(text.strip()))


def condition(text: str, language: str = "") -> str:
    """A condition as it should stand in our model. Text that is FEEL, or cannot be told from it, stays as it is."""
    bare = text.strip()
    if not bare or bare.startswith("=") or _FEEL_LANGUAGES.search(language):
        return bare
    if has_expression(bare):
        return "=" + feel(bare)
    if _DATA.search(bare):
        return "=" + _DATA.sub(r"\1", bare).replace("'", '"')
    spoken = language.rpartition("/")[2].lower()
    if spoken in SCRIPTED or _JUEL_WORDS.search(bare):
        try:
            return "=" + script_expression(bare)
        except Unconvertible:
            if spoken in SCRIPTED:
                raise
    return bare


def foreign(text: str) -> bool:
    """Whether a condition without '=' has what FEEL has no meaning for: a method call, ``==``, ``&&``, ``||`` or a leading ``!``."""
    bare = _LITERAL.sub('""', text.strip())
    return not bare.startswith("=") and _NOT_FEEL.search(bare) is not None


def names(text: str) -> str:
    """A list of users or groups: comma-separated literals, one expression, or a mix of both as a FEEL list."""
    parts = [part.strip() for part in split_names(text) if part.strip()]
    if not any(has_expression(part) for part in parts):
        return ", ".join(parts)
    if len(parts) == 1:
        return value(parts[0])
    return "=[" + ", ".join(feel(part) for part in parts) + "]"


def split_names(text: str) -> list[str]:
    """Split at commas outside of expressions."""
    found, depth, last = [], 0, 0
    for at, mark in enumerate(text):
        depth += mark in "{(" and 1
        depth -= mark in "})" and 1
        if mark == "," and not depth:
            found.append(text[last:at])
            last = at + 1
    return [*found, text[last:]]


def called_name(text: str) -> str:
    """A name for what an expression calls: ``${bean.method(x)}`` is ``bean.method``; '' when it calls nothing."""
    try:
        held = pieces(text.strip())
        expr = parse(held[0][1]) if len(held) == 1 and held[0][0] else None
    except Unconvertible:
        return ""
    return _path(expr) if expr is not None else ""


def _path(expr: Expr) -> str:
    match expr:
        case Name():
            return expr.id
        case Property():
            return f"{_path(expr.target)}.{expr.name}".strip(".")
        case Call():
            inner = "" if expr.target is None else _path(expr.target)
            return f"{inner}.{expr.name}".strip(".").replace(":", ".")
        case _:
            return ""


def assignment(text: str) -> tuple[str, str] | None:
    """``${execution.setVariable('x', …)}`` as (variable, FEEL); None when it is no assignment."""
    held = pieces(text.strip())
    if len(held) != 1 or not held[0][0]:
        return None
    return assigned(parse(held[0][1]), Writer())


def assigned(expr: Expr, writer: Writer) -> tuple[str, str] | None:
    """The same for an expression that was read already."""
    if not isinstance(expr, Call) or expr.name not in {
        "setVariable",
        "setVariableLocal",
        "setTransientVariable",
        "set",
    }:
        return None
    if isinstance(expr.target, Name) and len(expr.arguments) == 2:  # noqa: PLR2004
        name, given = expr.arguments
        if isinstance(name, Literal) and isinstance(name.value, str):
            from engine.importing.feel import plain_name

            return plain_name(name.value), writer.text(given)
    return None
