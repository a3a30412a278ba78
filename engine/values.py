"""Process variables are JSON: what comes in is copied through it, so that nothing is shared and saving changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from engine.errors import ValuesTooLarge, VariablesNotJson

if TYPE_CHECKING:
    from collections.abc import Mapping


def dump(value: Any) -> bytes:
    """JSON bytes; times become ISO text."""
    try:
        return orjson.dumps(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise VariablesNotJson(str(error)) from error


def plain(values: Mapping[str, Any], *, most: int | None = None) -> dict[str, Any]:
    """The same values as JSON knows them, sharing nothing with the caller; at most ``most`` bytes of JSON."""
    if not values:
        return {}
    data = dump(dict(values))
    if most is not None and len(data) > most:
        raise ValuesTooLarge(f"{len(data)} bytes; at most {most} are allowed")
    copied = orjson.loads(data)
    if not isinstance(copied, dict):
        raise VariablesNotJson("not an object")
    return copied
