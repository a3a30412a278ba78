"""Household registrations (常住人口登记): moving out, settling, restoring.

The saga's invariant: a person has exactly one ACTIVE registration, except in the bounded window MOVE_OUT_PENDING between
move-out and settlement, which is watched (§1.2.3 S24). Rows are locked by person, in one order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from domain.actors import Role
from domain.audit import service as audit
from domain.base import get_seal
from domain.context import Context
from domain.deadlines import policies
from domain.deadlines.calendar import load
from domain.deadlines.due import schedule
from domain.errors import Conflict, DomainError
from domain.identity import service as identity
from domain.locked import LockedLeg
from domain.notifications import service as notifications
from domain.outbox import work
from domain.outbox.work import NewWork
from domain.registrations.models import Registration
from domain.sites.models import Site
from engine.contract import ServiceError

ACTIVE, PENDING, CANCELLED = "ACTIVE", "MOVE_OUT_PENDING", "CANCELLED"
MOVES = {(ACTIVE, PENDING), (PENDING, CANCELLED), (PENDING, ACTIVE)}
ALERTS = ("registration.pending.warn", "registration.pending.alert", "registration.pending.max")


class RegistrationState(Conflict):
    """The registration is not in the state (or at the site) this act needs."""

    code = "registration-state"
    title_zh = "户口登记状态不允许该操作"
    title_en = "The registration's state does not allow this"
    next_zh = "请核对户口登记后再办理；人员的户口登记不能重复，也不能缺失。"
    next_en = "Check the register: a person has one registration, never two and never none."


class MoversMissing(DomainError):
    """No persons were named."""

    code = "movers-missing"
    title_zh = "没有写明迁移人"
    title_en = "The persons are missing"
    next_zh = "请补全迁移人的公民身份号码；由流程给出的，请流程设计员核对数据映射。"
    next_en = "Fill in the ID numbers of who moves; if the model gives them, let the designer check the mapping."


def transition(ctx: Context, leg: LockedLeg, movers: Sequence[Mapping[str, Any]], to: str) -> int:
    """Change the registrations of persons at the leg's site: MOVE_OUT_PENDING, CANCELLED (settled elsewhere), ACTIVE (restored).

    Those already there are left alone. How many were changed. Raises :class:`RegistrationState`, :class:`MoversMissing`.
    """
    changed = 0
    for id_no, _ in _people(movers):
        rows = _locked(ctx, id_no)
        here = next((row for row in reversed(rows) if row.site_id == leg.site_id), None)
        if here is None:
            raise RegistrationState("该人员的户口不在本地。", "The person is not registered at this site.")
        if here.state == to:
            continue
        elsewhere = any(row.state == ACTIVE and row.id != here.id for row in rows)
        if (here.state, to) not in MOVES or (to != CANCELLED and elsewhere):
            raise RegistrationState(
                f"户口登记不能由“{here.state}”变为“{to[:20]}”。",
                f"A registration cannot go from {here.state} to {to[:20]}.",
            )
        here.state, here.case_id = to, leg.case_id
        here.since = here.updated_at = ctx.clock.now()
        ctx.session.flush()
        changed += 1
        if to == PENDING:
            _watch(ctx, leg, here)
    if changed:
        _record(ctx, leg, {PENDING: "moved-out", CANCELLED: "cancelled", ACTIVE: "restored"}[to], changed)
    return changed


def settle(ctx: Context, leg: LockedLeg, movers: Sequence[Mapping[str, Any]], address: str, house_no: str) -> int:
    """Register persons at the leg's site. Settling the same persons of the same case again changes nothing.

    Raises :class:`RegistrationState` when somebody is registered elsewhere or was not moved out.
    """
    now, settled = ctx.clock.now(), 0
    for id_no, mover in _people(movers):
        rows = _locked(ctx, id_no)
        active = next((row for row in rows if row.state == ACTIVE), None)
        if active is not None and (active.site_id, active.case_id) == (leg.site_id, leg.case_id):
            continue
        if active is not None or (rows and not any(row.state == PENDING for row in rows)):
            raise RegistrationState("该人员尚未办理迁出。", "The person was not moved out.")
        before = dict(rows[-1].person) if rows else {}
        ctx.session.add(
            Registration(
                person_blind=get_seal().blind(id_no),
                person={**before, **mover, "address": address, "houseNo": house_no},
                site_id=leg.site_id,
                state=ACTIVE,
                case_id=leg.case_id,
                since=now,
                updated_at=now,
            )
        )
        ctx.session.flush()
        settled += 1
    if settled:
        _record(ctx, leg, "settled", settled)
    return settled


def register(ctx: Context, site: Site, person: Mapping[str, Any]) -> Registration:
    """Take over an existing registration ({idNo, name, address, houseNo, …}); a person already known here keeps the row.

    Raises :class:`RegistrationState` when the person is active at another site.
    """
    [(id_no, _)] = _people([person])
    active = next((row for row in _locked(ctx, id_no) if row.state == ACTIVE), None)
    if active is not None:
        if active.site_id != site.id:
            raise RegistrationState("该人员已在他处登记。", "The person is registered elsewhere.")
        return active
    now = ctx.clock.now()
    row = Registration(
        person_blind=get_seal().blind(id_no),
        person=dict(person),
        site_id=site.id,
        state=ACTIVE,
        since=now,
        updated_at=now,
    )
    ctx.session.add(row)
    ctx.session.flush()
    return row


def find_active(ctx: Context, id_no: str) -> Registration | None:
    """The active registration of a person."""
    return ctx.session.scalar(
        select(Registration).where(
            Registration.person_blind.in_(get_seal().blinds(id_no)), Registration.state == ACTIVE
        )
    )


def list_pending(ctx: Context, older_than: timedelta) -> list[Registration]:
    """Persons between two registrations for longer than this, oldest first: nobody may be forgotten there."""
    before = ctx.clock.now() - older_than
    query = select(Registration).where(Registration.state == PENDING, Registration.since <= before)
    return list(ctx.session.scalars(query.order_by(Registration.since)))


def transition_service(ctx: Context, leg: LockedLeg, job: Any) -> Mapping[str, Any]:
    """Service ``registration.transition``: movers, to → count."""
    arguments = job.arguments
    try:
        return {"count": transition(ctx, leg, list(arguments.get("movers") or []), str(arguments.get("to", "")))}
    except DomainError as error:
        raise ServiceError(error.code, f"{error.fact_zh} {error.fact_en}") from error


def settle_service(ctx: Context, leg: LockedLeg, job: Any) -> Mapping[str, Any]:
    """Service ``registration.settle``: movers, address, houseNo → count."""
    arguments = job.arguments
    address, house_no = str(arguments.get("address") or ""), str(arguments.get("houseNo") or "")
    try:
        return {"count": settle(ctx, leg, list(arguments.get("movers") or []), address, house_no)}
    except DomainError as error:
        raise ServiceError(error.code, f"{error.fact_zh} {error.fact_en}") from error


def alert(ctx: Context, duty: Any) -> None:
    """Job ``registration.pending``: somebody is still between two registrations; both sites are told."""
    row = ctx.session.get(Registration, int(duty.ref))
    if row is None or row.state != PENDING:
        return
    sites = {row.site_id, int(duty.data["mainSiteId"])}
    roles = [Role.HANDLER, Role.LIAISON, Role.APPROVER]
    readers = [reader for site_id in sorted(sites) for reader in identity.list_holders(ctx, site_id, roles)]
    values = {"caseNo": duty.data["caseNo"], "days": (ctx.clock.now() - row.since).days}
    notifications.send(ctx, readers, "registration.pending", values, case_id=row.case_id)
    audit.record(
        ctx,
        "registration.pending",
        case_id=row.case_id,
        leg_id=duty.leg_id,
        site_id=row.site_id,
        data={"registrationId": row.id, "days": values["days"], "policy": duty.data["policy"]},
    )


def _people(movers: Sequence[Mapping[str, Any]]) -> list[tuple[str, Mapping[str, Any]]]:
    """(ID number, mover) of each person, in the order in which they are locked."""
    numbers = [str(mover.get("idNo") or "") for mover in movers]
    if not numbers or not all(numbers):
        raise MoversMissing("缺少迁移人的公民身份号码。", "An ID number is missing.")
    seal = get_seal()
    people = {seal.mark(number): (number, mover) for number, mover in zip(numbers, movers, strict=True)}
    return [people[mark] for mark in sorted(people)]


def _locked(ctx: Context, id_no: str) -> list[Registration]:
    """A person's registrations; acts on the same person queue up here, also when there is no row yet."""
    seal = get_seal()
    mark = f"registration:{seal.mark(id_no)}"
    ctx.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(mark, 0))))
    query = select(Registration).where(Registration.person_blind.in_(seal.blinds(id_no))).order_by(Registration.id)
    return list(ctx.session.scalars(query.with_for_update()))


def _watch(ctx: Context, leg: LockedLeg, row: Registration) -> None:
    site = ctx.session.get_one(Site, leg.site_id)
    values, calendar = policies.of_leg(ctx, leg), load(ctx.session, site.region_code)
    data = {"caseNo": leg.case.case_no, "mainSiteId": leg.case.main_site_id}
    work.add(
        ctx,
        [
            NewWork(
                "registration.pending",
                str(row.id),
                schedule(values[policy], row.since, calendar),
                case_id=leg.case_id,
                leg_id=leg.id,
                data={**data, "policy": policy},
            )
            for policy in ALERTS
        ],
    )


def _record(ctx: Context, leg: LockedLeg, what: str, count: int) -> None:
    audit.record_of(ctx, leg, f"registration.{what}", data={"count": count})
