"""Code tables used by forms: one JSON file each, read by server and browser."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import orjson

from forms.errors import UnknownCodeTable

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Code:
    """One entry: the code, its names, and the code above it where the table is a tree."""

    code: str
    name: str
    name_en: str
    parent: str | None = None


@dataclass(frozen=True)
class CodeTable:
    """A table with its source (standard) and its entries in order."""

    id: str
    title: str
    title_en: str
    source: str
    entries: Mapping[str, Code]


@cache
def _tables() -> Mapping[str, CodeTable]:
    tables: dict[str, CodeTable] = {}
    for path in sorted(_FOLDER.glob("*.json")):
        raw = orjson.loads(path.read_bytes())
        entries = {e["code"]: Code(e["code"], e["zh"], e.get("en", e["zh"]), e.get("parent")) for e in raw["entries"]}
        tables[raw["id"]] = CodeTable(raw["id"], raw["title"]["zh"], raw["title"]["en"], raw["source"], entries)
    return tables


def get_table(table: str) -> CodeTable:
    """The table of this id. Raises `UnknownCodeTable`."""
    found = _tables().get(table)
    if found is None:
        raise UnknownCodeTable(table)
    return found
