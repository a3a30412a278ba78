"""What to do about something that does not move."""

from __future__ import annotations

from typing import NamedTuple

from domain.errors import DomainError, find_next


class Advice(NamedTuple):
    """A next step in both languages."""

    zh: str
    en: str


_INCIDENTS: dict[str, Advice] = {
    "contract-field-missing": Advice(
        "请主办地补全缺少的信息（如修改办件资料或流程的数据映射），然后重试。",
        "Let the lead site supply the missing field (data of the case or the model's mapping), then retry.",
    ),
    "site-unresolved": Advice(
        "请核对机构代码是否已登记，登记后重试。", "Register the site that the model names, then retry."
    ),
    "expression-failed": Advice(
        "流程表达式出错：请流程设计员修改模型并发布新版本；确认数据无误后重试。",
        "An expression of the model failed: let the designer correct it; retry once the data is right.",
    ),
    "message-not-delivered": Advice(
        "请确认对方机构的接口可达，然后补发；必要时电话联系对方联络员。",
        "Check that the other site's endpoint answers and send again; phone its liaison if needed.",
    ),
    "message-rejected": Advice(
        "对方拒收了消息：请核对拒收代码并更正数据，然后补发。",
        "The other site rejected the message: correct the data its code names, then send again.",
    ),
    "signalLoop": Advice(
        "分办件之间的信号互相触发，已停止传递：请流程设计员修改模型；点“重试”只将异常标为已处理。",
        "Signals of the legs set off one another and were stopped: let the designer correct the models; a retry only marks it as seen.",
    ),
}
_OTHER = Advice(
    "请查看原因，排除后点“重试”；仍失败时联系运维人员。",
    "Remove the cause, then retry; if it fails again ask the operators.",
)

_STUCK: dict[str, Advice] = {
    "incident": Advice("查看异常原因，排除后重试。", "Look at the cause, remove it and retry."),
    "message": Advice(
        "核对对方接口后补发；必要时电话联系对方联络员。",
        "Check the other site's endpoint and send again; phone its liaison if needed.",
    ),
    "overdue": Advice("向该机构催办；仍无进展的转督办。", "Urge that site; if nothing moves, supervise."),
    "supplement": Advice("联系申请人，提醒其在期限内补正。", "Contact the applicant and remind them of the deadline."),
    "suspended": Advice("核实暂停原因，具备条件后恢复办理。", "Check why it was suspended and resume it."),
    "external": Advice(
        "联系对接系统的运维，确认其工作进程在运行并已登记该主题；在“外部作业”页查看锁定和失败原因。",
        "Ask the operators of the connected system whether its workers run and fetch the topic; see Jobs for locks and errors.",
    ),
    "unclaimed": Advice("提醒该机构安排人员签领。", "Remind that site to assign somebody."),
}


def for_incident(code: str) -> Advice:
    """What an administrator does about an incident with this code."""
    known = _INCIDENTS.get(code.removeprefix("engine."))
    if known is not None:
        return known
    # Failures of calls say themselves what to do: the connection, the secret, the other side, the model.
    step = find_next(code)
    return _OTHER if step is None or step[0] == DomainError.next_zh else Advice(*step)


def for_stuck(reason: str) -> Advice:
    """What to do about a case that is stuck for this reason."""
    return _STUCK[reason]
