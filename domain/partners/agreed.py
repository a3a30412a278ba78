"""What a data contract says, checked and compared: pure functions over its content."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from domain.items.contracts import SIDES
from domain.partners.errors import ContractRefused

PATH: Final = re.compile(r"[A-Za-z]\w{0,59}(\[\])?(\.[A-Za-z]\w{0,59}(\[\])?){0,7}", re.ASCII)
NAME: Final = re.compile(r"[A-Z][A-Z0-9_]{0,59}")
KINDS: Final = ("basis", "message", "purpose", "field", "material", "document")
MOST_MESSAGES, MOST_FIELDS, LONGEST = 100, 300, 500
_KEYS: Final = frozenset({"basis", "messages", "documents"})
_MESSAGE_KEYS: Final = frozenset({"message", "name", "from", "purpose", "fields", "materials"})


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference to the edition before. ``what``: one of ``KINDS``.

    ``widens``: more crosses than before. ``message`` and ``sender`` are empty for what belongs to the whole contract.
    """

    what: str
    kind: str
    """added, removed, changed."""
    subject: str
    message: str = ""
    sender: str = ""
    before: str = ""
    after: str = ""

    @property
    def widens(self) -> bool:
        """Whether it lets more cross."""
        return self.kind == "added" and self.what in ("message", "field", "material", "document")


def require_sound(content: Mapping[str, Any], materials: Collection[str]) -> None:
    """Raise :class:`ContractRefused` with the place of what is wrong. ``materials``: codes that the item knows."""
    _keys(content, _KEYS, "")
    _text(content["basis"], "/basis")
    rows = _rows(content["messages"], "/messages", MOST_MESSAGES)
    for number, row in enumerate(rows):
        _message(row, f"/messages/{number}", materials)
    ends = [(row["message"], row["from"]) for row in rows]
    _once(ends, "/messages")
    documents = _rows(content["documents"], "/documents", MOST_MESSAGES)
    for number, row in enumerate(documents):
        _keys(row, frozenset({"code", "name"}), f"/documents/{number}")
        _text(row["code"], f"/documents/{number}/code")
        _text(row["name"], f"/documents/{number}/name")
    _once([row["code"] for row in documents], "/documents")


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """What another edition changes: the contract's own first, then message by message."""
    found = []
    if before["basis"] != after["basis"]:
        found.append(Difference("basis", "changed", "", before=before["basis"], after=after["basis"]))
    found += _listed("document", _named(before["documents"], "code"), _named(after["documents"], "code"))
    old, new = ({(row["message"], row["from"]): row for row in each["messages"]} for each in (before, after))
    for ends in sorted(old.keys() | new.keys()):
        found += _of_message(ends, old.get(ends), new.get(ends))
    return found


def _of_message(
    ends: tuple[str, str], old: Mapping[str, Any] | None, new: Mapping[str, Any] | None
) -> Iterator[Difference]:
    message, sender = ends
    empty: Mapping[str, Any] = {"fields": (), "materials": (), "purpose": "", "name": ""}
    if old is None or new is None:
        row = new or old or empty
        yield Difference("message", "removed" if new is None else "added", row["name"], message, sender)
    elif old["purpose"] != new["purpose"]:
        yield Difference("purpose", "changed", new["name"], message, sender, old["purpose"], new["purpose"])
    was, now = old or empty, new or empty
    yield from _listed("field", _named(was["fields"], "path"), _named(now["fields"], "path"), message, sender)
    yield from _listed(
        "material", dict.fromkeys(was["materials"], ""), dict.fromkeys(now["materials"], ""), message, sender
    )


def _listed(
    what: str, old: Mapping[str, str], new: Mapping[str, str], message: str = "", sender: str = ""
) -> Iterator[Difference]:
    for subject in sorted(old.keys() - new.keys()):
        yield Difference(what, "removed", subject, message, sender, before=old[subject])
    for subject in sorted(new.keys() - old.keys()):
        yield Difference(what, "added", subject, message, sender, after=new[subject])


def _named(rows: Sequence[Mapping[str, str]], key: str) -> dict[str, str]:
    return {row[key]: row["name"] for row in rows}


def _message(row: Mapping[str, Any], place: str, materials: Collection[str]) -> None:
    _keys(row, _MESSAGE_KEYS, place)
    if not isinstance(row["message"], str) or not NAME.fullmatch(row["message"]):
        raise _refused(
            "消息名应为大写字母、数字和下划线。",
            "A message's name is of capitals, digits and underscores.",
            f"{place}/message",
        )
    if row["from"] not in SIDES:
        raise _refused("方向应为 main 或 partner。", "A message comes from main or partner.", f"{place}/from")
    _text(row["name"], f"{place}/name")
    _text(row["purpose"], f"{place}/purpose")
    rows = _rows(row["fields"], f"{place}/fields", MOST_FIELDS)
    for number, field in enumerate(rows):
        _keys(field, frozenset({"path", "name"}), f"{place}/fields/{number}")
        if not isinstance(field["path"], str) or not PATH.fullmatch(field["path"]):
            raise _refused("字段路径无法识别。", "The path of a field cannot be read.", f"{place}/fields/{number}/path")
        _text(field["name"], f"{place}/fields/{number}/name")
    _once([field["path"] for field in rows], f"{place}/fields")
    if not isinstance(row["materials"], list):
        raise _refused("应为材料编号的列表。", "A list of materials' codes is expected.", f"{place}/materials")
    for number, code in enumerate(row["materials"]):
        if code not in materials:
            raise _refused("事项没有这项材料。", "The item has no such material.", f"{place}/materials/{number}")
    _once(row["materials"], f"{place}/materials")


def _keys(row: Any, expected: frozenset[str], place: str) -> None:
    if not isinstance(row, Mapping) or set(row) != expected:
        names = "、".join(sorted(expected))
        raise _refused(
            f"应恰好包含：{names}。", f"Exactly these are expected: {', '.join(sorted(expected))}.", place or "/"
        )


def _rows(value: Any, place: str, most: int) -> list[Any]:
    if not isinstance(value, list) or len(value) > most:
        raise _refused(f"应为至多 {most} 项的列表。", f"A list of at most {most} is expected.", place)
    return value


def _text(value: Any, place: str) -> None:
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST:
        raise _refused(f"请填写，至多 {LONGEST} 字。", f"A text of at most {LONGEST} characters is needed.", place)


def _once(values: Sequence[Any], place: str) -> None:
    if len(set(values)) != len(values):
        raise _refused("有重复的条目。", "Something is listed twice.", place)


def _refused(zh: str, en: str, place: str) -> ContractRefused:
    return ContractRefused(zh, en, pointer=f"/content{place}")
