"""Why personal data stays masked."""

from __future__ import annotations

from domain.errors import Conflict, DomainError, Forbidden


class NotDisclosed(Forbidden):
    """The actor's role and step do not need the data (DOMAIN §5.2)."""

    code = "unmask-not-needed"
    title_zh = "不能查看原文"
    title_en = "The data stays masked"
    next_zh = "请在办理本办件任务期间查看；联络员、管理员不能查看原文。"
    next_en = "It can be shown while you have a task in this case; liaisons and administrators are never shown it."


class ReasonMissing(DomainError):
    """Without a purpose from the list and a reason in words nothing is shown."""

    code = "unmask-reason"
    title_zh = "请说明查看目的和理由"
    title_en = "A purpose and a reason are needed"
    next_zh = "请选择目的并用至少 4 个字写明理由；申请人会看到。"
    next_en = "Choose a purpose and write a reason of at least 4 characters; the applicant will see it."


class AlreadyDecided(Conflict):
    """Somebody has answered the request before, or it has lapsed."""

    code = "unmask-decided"
    title_zh = "该申请已处理"
    title_en = "The request was answered before"
