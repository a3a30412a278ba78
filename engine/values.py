"""Process variables are JSON: what comes in is copied through it, so that nothing is shared and saving changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from engine.errors import VariablesNotJson

if TYPE_CHECKING:
    from collections.abc import Mapping


def dump(value: Any) -> bytes:
    """JSON bytes; times become ISO text."""
    try:
        return orjson.dumps(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise VariablesNotJson(str(error)) from error


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """The same values as JSON knows them, sharing nothing with the caller."""
    if not values:
        return {}
    copied = orjson.loads(dump(dict(values)))
    if not isinstance(copied, dict):
        raise VariablesNotJson("not an object")
    return copied
