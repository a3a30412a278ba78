"""Files of service items: YAML, of which JSON is a part, as bounded as scenario files; what is wrong is told with its line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bootstrap.scenarios import documents
from bootstrap.scenarios.faults import ScenarioUnreadable
from domain.registry.item_files import ItemRefused


def read_item(source: bytes, name: str = "item") -> Any:
    """The content of a file. Raises :class:`ItemRefused`."""
    try:
        return documents.read(Path(name), source).value
    except ScenarioUnreadable as unreadable:
        fault = unreadable.faults[0]
        raise ItemRefused(
            f"第 {fault.line} 行：{fault.zh}", f"Line {fault.line}: {fault.en}", pointer="/source"
        ) from None
