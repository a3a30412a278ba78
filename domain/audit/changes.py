"""What a change did, as the record keeps it: each field that is another one now, from what to what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Fields that differ as ``{"field": {"from": old, "to": new}}`` in camelCase; None stands for one that was not there.

    The caller masks personal values, or says of them no more than that they changed (:func:`hidden`).
    """
    names = [name for name in dict.fromkeys([*before, *after]) if before.get(name) != after.get(name)]
    return {_camel(name): {"from": before.get(name), "to": after.get(name)} for name in names}


def hidden(before: object, after: object) -> dict[str, dict[str, str]]:
    """What is told of private values: that they are others now."""
    return {"private": {"from": "***", "to": "***"}} if before != after else {}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)
