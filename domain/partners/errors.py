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


class ContractRefused(DomainError):
    """A draft of a data contract that is none; ``pointer`` names the place."""

    code = "contract-refused"
    title_zh = "数据契约不符合要求"
    title_en = "The data contract is not usable"
    next_zh = "请按提示修改后重新提交。"
    next_en = "Correct it as told and send it again."


class DraftChanged(Conflict):
    """The draft, or the edition in force, is another than the one that was read."""

    code = "contract-draft-changed"
    title_zh = "草案或现行版本已变化"
    title_en = "The draft or the edition in force has changed"


class NotYours(Forbidden):
    """Approving is for somebody else: not who drew it up, nobody and no site twice, no site that does not act on that side."""

    code = "contract-approval-refused"
    title_zh = "不能由您批准"
    title_en = "Somebody else must approve"
    next_zh = "双方各由一个在该事项中属于这一方的机构的管理员批准，起草人不能批准。"
    next_en = "An administrator of one site that acts on each side of the item approves, never who drew it up."
