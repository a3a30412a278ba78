"""What the rooms of partners refuse."""

from __future__ import annotations

from domain.errors import Conflict, DomainError, Forbidden


class NotOpened(Forbidden):
    """The item was not opened for this region (R-08.1)."""

    code = "item-not-opened"
    title_zh = "暂未开通"
    title_en = "Not opened yet"
    next_zh = "请按传统方式办理，或咨询办理机构。"
    next_en = "Use the conventional way, or ask the authority."


class BadEntry(DomainError):
    """An entry that cannot be kept; ``pointer`` names the field."""

    code = "partner-entry-refused"
    title_zh = "内容不符合要求"
    title_en = "The entry is not usable"


class ListChanged(Conflict):
    """Somebody published a newer list in between."""

    code = "responsibility-list-changed"
    title_zh = "清单已有新版本"
    title_en = "The list has a newer version"
