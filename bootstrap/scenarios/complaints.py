"""A file against its schema: every complaint with its line, in two languages."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any, Final

from marshmallow import ValidationError

from bootstrap.scenarios.documents import Document, Steps
from bootstrap.scenarios.faults import Fault
from bootstrap.scenarios.schema import (
    Clock,
    Complete,
    Document_,
    Expect,
    File,
    Given,
    Leg,
    Scenario,
    Step,
    Strict,
    Surroundings,
)
from bootstrap.scenarios.written import Words

_KNOWN: Final[Mapping[str, str]] = {
    "Missing data for required field.": "缺少这一项。",
    "Field may not be null.": "这里不能为空。",
    "Not a valid boolean.": "这里要写 true 或 false。",
    "Not a valid integer.": "这里要写整数。",
    "Not a valid list.": "这里要写列表（每行以“- ”开头）。",
    "Not a valid mapping type.": "这里要写一组“键: 值”。",
    "Invalid input type.": "这里要写一组“键: 值”。",
}


def load(schema: type[Strict], document: Document) -> tuple[dict[str, Any], list[Fault]]:
    """The file's content in the shape of the schema, and everything wrong with it."""
    if not isinstance(document.value, Mapping):
        return {}, [document.fault((), "文件是空的，或不是一组“键: 值”。", "The file is empty or not a mapping.")]
    try:
        found: dict[str, Any] = schema().load(document.value)
    except ValidationError as error:
        return {}, [document.fault(place, *_sentence(place, message)) for place, message in _flat(error.messages, ())]
    return found, []


def _flat(messages: Any, place: Steps) -> Iterator[tuple[Steps, str]]:
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            # of a dictionary field, "key" and "value" are marshmallow's own; "_schema" is the thing itself
            skip = key in {"_schema", "value", "key"} and isinstance(inner, list | Mapping)
            yield from _flat(inner, place if skip else (*place, key))
    elif isinstance(messages, list):
        for message in messages:
            yield place, message


def _sentence(place: Steps, message: str) -> tuple[str, str]:
    if isinstance(message, Words):
        return str(message), message.en
    if message == "Unknown field.":
        word = str(place[-1])
        near = difflib.get_close_matches(word, _words(), n=1)
        hint = (f"是不是“{near[0]}”？", f"Did you mean {near[0]!r}?") if near else ("", "")
        return f"这里不认识“{word}”。{hint[0]}", f"{word!r} is not known here. {hint[1]}".strip()
    if message.startswith("Must be one of: "):
        return f"只能是：{message.removeprefix('Must be one of: ')}", message
    return _KNOWN.get(message, message), message


def _words() -> list[str]:
    schemas: list[type[Strict]] = [File, Scenario, Step, Expect, Given, Complete, Leg, Surroundings, Clock, Document_]
    return sorted({field.data_key or name for schema in schemas for name, field in schema().fields.items()})
