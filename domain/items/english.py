"""English of the texts that come with the product: guides and materials of the items. Texts of others stay as they were written."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path


@lru_cache(maxsize=1)
def shipped() -> dict[str, str]:
    """Chinese text → English."""
    raw: dict[str, str] = json.loads((Path(__file__).parent / "data" / "english.json").read_text(encoding="utf-8"))
    return raw


def in_english(text: str, own: object = None) -> str:
    """The text in English where that is known; ``own``: the dictionary of an item's own file."""
    found = own.get(text) if isinstance(own, dict) else None
    return found or shipped().get(text.replace("\n", ""), text)
