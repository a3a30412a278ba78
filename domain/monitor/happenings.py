"""What will happen next and what happened since: for people who move the training clock and watch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select

from domain.audit.models import AuditEvent
from domain.cases import events, scope
from domain.cases.labels import Label
from domain.cases.models import Case
from domain.context import Context
from domain.outbox.models import Work

KINDS: Final[dict[str, Label]] = {
    "anchor.countersign": Label("请伙伴联署锚点", "A partner is asked to countersign an anchor"),
    "certificate.expire": Label("证明到期", "A certificate lapses"),
    "certificate.remind": Label("证明即将到期的提醒", "Reminder: a certificate is about to lapse"),
    "deadline.recompute": Label("重新计算期限", "Deadlines are reckoned anew"),
    "deadline.step": Label("预警、催办、督办或会商", "A step of the reminder ladder"),
    "job.retry": Label("服务任务重试", "A service task is tried again"),
    "keys.reseal": Label("换用新密钥", "Sealed under a new key"),
    "liaison.unread": Label("工作联络未读转联络员", "An unread message between sites is passed on"),
    "message.ack": Label("检查机构间消息是否签收", "Check whether a message was acknowledged"),
    "message.deliver": Label("送达机构间消息", "Delivery of a message between sites"),
    "message.expire": Label("暂存的消息过期", "A parked message lapses"),
    "message.replay": Label("重放暂存的消息", "A parked message is heard"),
    "notice.send": Label("发送通知", "A notice is sent"),
    "site-key.announce": Label("向伙伴通知机构新密钥", "A partner is told of a site's next key"),
    "privacy.erase": Label("删除到期的个人信息", "Personal data is deleted"),
    "procedure.expected": Label("特别程序到期", "A special procedure should be over"),
    "registration.pending": Label("迁出待落户预警", "Moved out but not settled: alert"),
    "service.call": Label("调用外部服务", "Call of an outside service"),
    "signal.deliver": Label("传送信号", "A signal is heard"),
    "timer.fire": Label("流程中的定时器", "A timer of the process"),
}
"""Kinds of work in words."""
MOST: Final = 1001


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that is due, or that happened, at ``at``. ``case_no`` is None for duties of the platform."""

    at: datetime
    title: str
    title_en: str
    case_no: str | None


def list_next(ctx: Context, limit: int = 5) -> list[Happening]:
    """The next work in the actor's scope that waits for its time, soonest first."""
    query = (
        select(Work.due_at, Work.kind, Case.case_no)
        .outerjoin(Case, Case.id == Work.case_id)
        .where(Work.state == "pending", Work.due_at > ctx.clock.now(), _seen(ctx, Work.case_id))
        .order_by(Work.due_at, Work.id)
        .limit(limit)
    )
    rows = ctx.session.execute(query).all()
    names = {row.kind: KINDS.get(row.kind, Label(row.kind, row.kind)) for row in rows}
    return [Happening(row.due_at, names[row.kind].name, names[row.kind].name_en, row.case_no) for row in rows]


def last_event(ctx: Context) -> int:
    """The mark from which :func:`list_since` goes on: events later than now have higher numbers."""
    return ctx.session.scalar(select(func.max(AuditEvent.id))) or 0


def list_since(ctx: Context, mark: int, limit: int = 50) -> list[Happening]:
    """What was recorded since the mark in the actor's scope, oldest first; nothing a person did by page or API log-in."""
    query = (
        select(AuditEvent.at, AuditEvent.kind, AuditEvent.data, Case.case_no)
        .join(Case, Case.id == AuditEvent.case_id)
        .where(AuditEvent.id > mark, scope.visible(ctx.actor))
        .order_by(AuditEvent.id)
        .limit(limit)
    )
    told = [(row, events.tell(row.kind, row.data, {})) for row in ctx.session.execute(query)]
    return [Happening(row.at, words.title, words.title_en, row.case_no) for row, words in told]


def count_due(ctx: Context) -> int:
    """How much work is due and not yet done, on whatever node; 1001 means more."""
    waiting = select(Work.id).where(Work.state.in_(("pending", "promoted")), Work.due_at <= ctx.clock.now()).limit(MOST)
    return ctx.session.scalar(select(func.count()).select_from(waiting.subquery())) or 0


def _seen(ctx: Context, case_id: Any) -> Any:
    visible = scope.visible(ctx.actor)
    return case_id.is_(None) | visible if scope.sees_everywhere(ctx.actor) else case_id.is_not(None) & visible
