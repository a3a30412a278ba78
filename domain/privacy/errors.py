"""What keeping, copying and deleting can be refused for."""

from __future__ import annotations

from domain.errors import Conflict, Forbidden


class NotYours(Forbidden):
    """The duty belongs to another role or another person."""

    code = "privacy-not-yours"
    title_zh = "不能办理此项删除"
    title_en = "This deletion is not yours"
    next_zh = "由机构管理员提出，由另一人（审批人或另一管理员）批准。"
    next_en = "A site's administrator asks, another person (an approver or another administrator) agrees."


class NothingDue(Conflict):
    """No case of the site has passed its time of keeping."""

    code = "nothing-due"
    title_zh = "没有到期的办件"
    title_en = "No case is due"
    next_zh = "请在到期清单中查看各办件的保存期限。"
    next_en = "The list shows until when each case is kept."
