"""Data contracts of message flows: only the listed fields cross from one site to another (DOMAIN §5.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from domain.errors import DomainError
from domain.items.contracts import Crossing
from engine.contract import ContractField

Segments = tuple[tuple[str, bool], ...]


class ContractFieldMissing(DomainError):
    """A required field of the contract is not there; ``path`` and ``name`` say which."""

    code = "contract-field-missing"
    title_zh = "缺少协同必填信息"
    title_en = "A required field of the data contract is missing"
    next_zh = "请补充该信息后重试。"
    next_en = "Supply the field and try again."

    def __init__(self, field: ContractField) -> None:
        self.path = field.path
        self.name = field.name or field.path
        super().__init__(f"缺少必填信息“{self.name}”（{self.path}）。", f"The required field '{self.path}' is missing.")


def cut(fields: Sequence[ContractField], payload: Mapping[str, Any]) -> dict[str, Any]:
    """The part of the payload that may cross. ``movers[].idNo`` takes a field of each list entry.

    Raises :class:`ContractFieldMissing` for the first required field that is absent, null or empty.
    """
    crossing: dict[str, Any] = {}
    for field in fields:
        found = _take(_segments(field.path), payload, crossing)
        if field.required and not found:
            raise ContractFieldMissing(field)
    return crossing


def within(fields: Sequence[ContractField], crossing: Crossing | None) -> list[ContractField]:
    """Those of a flow's fields that the item's contract lets cross; without one (None) all of them.

    Raises :class:`ContractFieldMissing` when a required one may not cross (the contract was narrowed after the model was deployed).
    """
    kept = [field for field in fields if crossing is None or field.path in crossing.paths]
    for field in fields:
        if field.required and field not in kept:
            raise ContractFieldMissing(field)
    return kept


def _segments(path: str) -> Segments:
    return tuple((part.removesuffix("[]"), part.endswith("[]")) for part in path.split("."))


def _take(segments: Segments, source: Any, target: dict[str, Any]) -> bool:
    """Copy one path; False when it (or any list entry's part) has nothing."""
    name, is_list = segments[0]
    value = source.get(name) if isinstance(source, Mapping) else None
    if value is None or value in ("", []):
        return False
    if len(segments) == 1:
        target[name] = value
        return True
    if is_list:
        return isinstance(value, Sequence) and not isinstance(value, str) and _take_each(segments, value, target)
    inner = target.get(name, {})
    if not isinstance(inner, dict) or not _take(segments[1:], value, inner):
        return False
    target[name] = inner
    return True


def _take_each(segments: Segments, values: Sequence[Any], target: dict[str, Any]) -> bool:
    """The same part of every list entry; entries keep their places even when one of them has nothing."""
    entries = target.get(segments[0][0], [{} for _ in values])
    taken = [_take(segments[1:], value, entry) for value, entry in zip(values, entries, strict=True)]
    if any(taken):
        target[segments[0][0]] = entries
    return all(taken)
