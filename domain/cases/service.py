"""What people do to a whole case: withdraw it, hold it, let it go on, retry what failed."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import Table, select, update

from domain.audit import service as audit
from domain.cases import incidents, outgoing, rows, runtime, signals, waiting
from domain.cases.errors import CaseClosed, WithdrawalRefused
from domain.cases.models import IncidentRow, SubscriptionRow
from domain.cases.projection import Cause
from domain.cases.rows import LEGS, LegRow
from domain.context import Context
from domain.definitions import store
from domain.errors import Conflict, NotFound
from domain.identity import functions
from domain.outbox import work
from domain.outbox.calls import CALL
from domain.outbox.contract import cut
from domain.outbox.models import Message, Work
from engine.contract import Advance, Environment, MessageOut
from engine.facade import Engine

WITHDRAW = "applicant.withdraw"
"""Message of the applicant's own act; a model that catches it decides what withdrawal means at that point."""
WORK = cast("Table", Work.__table__)
SUBSCRIPTIONS = cast("Table", SubscriptionRow.__table__)


class IncidentClosed(Conflict):
    """The incident was resolved already."""

    code = "incident-closed"
    title_zh = "该异常已处理"
    title_en = "The incident was resolved already"


def withdraw(ctx: Context, case_id: int, reason: str) -> LegRow:
    """撤件 by the applicant (or at a window): the main leg hears ``applicant.withdraw``.

    Raises :class:`WithdrawalRefused` with the reason.
    """
    leg = rows.lock_main_leg(ctx, case_id)
    if not ctx.actor.speaks_for(leg.case.applicant_user_id):
        raise NotFound("没有这个办件。", "There is no such case.")
    refusal = find_withdrawal_refusal(leg)
    if refusal is not None:
        raise refusal

    def command(engine: Engine, definition_id: str, state: bytes, env: Environment) -> Advance | None:
        return engine.deliver_message(definition_id, state, WITHDRAW, {"reason": reason}, env)

    runtime.step(ctx, leg, command, cause=Cause("case.withdrawn"))
    if leg.advance is None:
        raise WithdrawalRefused("当前环节不接受撤回。", "The present step does not allow a withdrawal.")
    return leg


def find_withdrawal_refusal(leg: LegRow) -> WithdrawalRefused | None:
    """Why the case cannot be withdrawn now, as far as its rows tell; None when the process may be asked."""
    if leg.ended_at is not None or leg.case.closed_at is not None:
        return WithdrawalRefused("办件已经办结。", "The case is closed.")
    if leg.case.past_return:
        return WithdrawalRefused(
            "已经越过可撤回的环节，只能办完或由两地机关共同恢复。",
            "The point of no return was passed: the case is finished, or both authorities restore the former state.",
        )
    if leg.is_suspended:
        return WithdrawalRefused("办件暂停中，请待恢复后再撤回。", "The case is suspended; withdraw when it goes on.")
    return None


def suspend(ctx: Context, leg_id: int, note: str) -> None:
    """Put a leg on hold: no task, timer or message moves it until it is resumed."""
    leg = rows.lock_leg(ctx, leg_id)
    _require_admin(ctx, leg)
    if leg.ended_at is not None:
        raise CaseClosed("该分办件已经结束。", "This leg has ended.")
    if leg.is_suspended:
        raise Conflict("该分办件已经暂停。", "This leg is suspended already.")
    ctx.session.execute(
        update(LEGS)
        .where(LEGS.c.id == leg_id)
        .values(is_suspended=True, suspend_note=note[:300], version=LEGS.c.version + 1)
    )
    ctx.session.execute(_moving(leg_id, "pending", "promoted").values(state="held", promoted_at=None))
    audit.record_of(ctx, leg, "leg.suspended")


def resume(ctx: Context, leg_id: int) -> None:
    """Let a held leg go on: its timers are looked at again, signals and messages that came meanwhile are heard."""
    leg = rows.lock_leg(ctx, leg_id)
    _require_admin(ctx, leg)
    if not leg.is_suspended:
        raise Conflict("该分办件没有暂停。", "This leg is not suspended.")
    ctx.session.execute(
        update(LEGS).where(LEGS.c.id == leg_id).values(is_suspended=False, suspend_note="", version=LEGS.c.version + 1)
    )
    ctx.session.execute(_moving(leg_id, "held").values(state="pending"))
    late = _moving(leg_id, "pending").where(WORK.c.kind == signals.DELIVER, WORK.c.due_at > ctx.clock.now())
    ctx.session.execute(late.values(due_at=ctx.clock.now()))
    wanted = select(SUBSCRIPTIONS.c.message).where(SUBSCRIPTIONS.c.leg_id == leg_id)
    names = list(ctx.session.execute(wanted).scalars())
    work.add(ctx, waiting.replays(ctx, leg, names))
    ctx.session.info[work.DUE_NOW] = True
    audit.record_of(ctx, leg, "leg.resumed")


def retry_incident(ctx: Context, incident_row_id: int, function: str = "operation:retry") -> LegRow:
    """Try again what failed: the engine's element, the failed work, or the message that was held back.

    Raises :class:`IncidentClosed`, :class:`NotFound`, :class:`domain.identity.functions.FunctionRefused`.
    """
    row = ctx.session.get(IncidentRow, incident_row_id)
    if row is None:
        raise NotFound("没有这个异常。", "There is no such incident.")
    leg = rows.lock_leg(ctx, row.leg_id)
    ctx.session.refresh(row)
    functions.require(ctx.actor, function, site_id=leg.site_id)
    if row.resolved_at is not None:
        raise IncidentClosed("该异常已处理。", "It was resolved already.")
    kind, _, ref = row.incident_id.partition(":")
    if row.work_id is not None:
        _retry_work(ctx, leg, row)
    elif kind == "message" and ref.isdigit():
        _retry_message(ctx, leg, row, int(ref))
    elif kind == "signal":
        incidents.resolve(ctx, leg, [row.incident_id])
    else:
        _retry_element(ctx, leg, row.incident_id, row.element_id)
    return leg


def _retry_element(ctx: Context, leg: LegRow, incident_id: str, element_id: str) -> None:
    def command(engine: Engine, definition_id: str, state: bytes, env: Environment) -> Advance:
        return engine.retry(definition_id, state, incident_id, env)

    runtime.step(ctx, leg, command, cause=Cause("incident.retried", element_id))


def _retry_work(ctx: Context, leg: LegRow, row: IncidentRow) -> None:
    """The work starts over with fresh attempts, due now."""
    ctx.session.execute(
        update(WORK)
        .where(WORK.c.id == row.work_id, WORK.c.state == "failed")
        .values(state="pending", attempts=0, due_at=ctx.clock.now(), promoted_at=None, last_error=None)
    )
    ctx.session.info[work.DUE_NOW] = True
    incidents.resolve(ctx, leg, [row.incident_id])


def _retry_message(ctx: Context, leg: LegRow, row: IncidentRow, message_id: int) -> None:
    """Meet the contract again (a missing site may exist by now), or send again what was refused or not acknowledged."""
    message = ctx.session.get_one(Message, message_id, with_for_update=True)
    if message.state == outgoing.BLOCKED:
        model = store.load_definition(ctx.session, leg.definition_id).model
        out = MessageOut(message.element_id, message.name, message.payload)
        flow = outgoing.flow_of(model, leg.participant_id, out)
        message.receiver_code = outgoing.receiver_code(ctx, leg, model, flow, message.payload)
        message.payload = cut(flow.fields, message.payload)
        message.payload_digest = outgoing.digest(message.payload)
    message.state, message.rejection_code, message.raw = "queued", None, None
    ctx.session.flush()
    work.add(ctx, [outgoing.delivery(ctx, leg, message.id)])
    incidents.resolve(ctx, leg, [row.incident_id])


def _moving(leg_id: int, *states: str) -> Any:
    """Work that moves the leg: its timers, the signals it is to hear, calls of its service tasks."""
    kinds = ("timer.fire", signals.DELIVER, CALL)
    return update(WORK).where(WORK.c.leg_id == leg_id, WORK.c.kind.in_(kinds), WORK.c.state.in_(states))


def _require_admin(ctx: Context, leg: LegRow) -> None:
    """Administrators of the platform or of the leg's site, and the system."""
    functions.require(ctx.actor, "operation:retry", site_id=leg.site_id)
