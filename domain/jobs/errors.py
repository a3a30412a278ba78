"""What the rooms of service tasks refuse."""

from __future__ import annotations

from domain.errors import Conflict, DomainError, Forbidden


class JobClosed(Conflict):
    """The task is not open any more: done, given up, or the case moved on. The fact says which."""

    code = "external-task-closed"
    title_zh = "外部作业已结束"
    title_en = "The external task is closed"
    next_zh = "请放弃这项作业，不要再报告结果。"
    next_en = "Drop this task; report nothing more about it."


class LockLost(Conflict):
    """Somebody else holds the task now, or nobody does."""

    code = "external-task-lock-lost"
    title_zh = "已失去该作业的锁定"
    title_en = "The lock on the task is lost"
    next_zh = "请放弃这次结果；该作业由现在的持有者办理，或重新领取。"
    next_en = "Drop this result: whoever holds the task now does it, or fetch it again."


class LockExpired(Conflict):
    """An ended lock cannot be made longer."""

    code = "external-task-lock-expired"
    title_zh = "锁定已到期"
    title_en = "The lock has ended"
    next_zh = "请立即完成（尚无他人领取时仍被接受），或重新领取。"
    next_en = "Complete it at once (accepted while nobody else has taken it), or fetch it again."


class TopicNotAllowed(Forbidden):
    """The client is not registered for the topic."""

    code = "topic-not-allowed"
    title_zh = "无权领取该主题"
    title_en = "The topic is not allowed"
    next_zh = "请管理员在“接口客户端”中为该客户端增加主题。"
    next_en = "Ask the administrator to add the topic to this API client."


class CallNotOffered(DomainError):
    """The connector of this service type is not installed (any more)."""

    code = "call-not-offered"
    title_zh = "没有提供该接口"
    title_en = "The connector is not offered"
    next_zh = "请安装相应的连接器，或修改流程后重新部署。"
    next_en = "Install the connector, or correct and deploy the model again."
