"""``item.json`` beside a model: which item the folder serves."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import orjson

from bootstrap.errors import BadInput

NAME = "item.json"


@dataclass(frozen=True, slots=True)
class ItemFile:
    """The item's code (also the key of its model), name and application form."""

    key: str
    name: str
    apply_form: str


def find(folder: Path) -> ItemFile | None:
    """The folder's item. Raises :class:`BadInput` for a file that cannot be used."""
    file = folder / NAME
    if not file.is_file():
        return None
    try:
        raw = orjson.loads(file.read_bytes())
        return ItemFile(str(raw["key"]), str(raw["name"]), str(raw["applyForm"]))
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise BadInput(
            f"{file} 不是有 key、name、applyForm 的 JSON：{error}。",
            f"{file} is not JSON with key, name and applyForm: {error}.",
        ) from None
