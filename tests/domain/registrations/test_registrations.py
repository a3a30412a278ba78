from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from domain.cases.rows import LegRow
from domain.clock import FixedClock
from domain.context import Context
from domain.notifications.models import Notification
from domain.outbox.models import Work
from domain.registrations import service as registrations
from domain.registrations.models import Registration
from domain.registrations.service import MoversMissing, RegistrationState
from domain.sites.models import Site
from engine.contract import Job, ServiceError

CHILD = {"idNo": "440606201506010001", "name": "测试子", "sex": "1"}
OTHER = {"idNo": "440606201706010002", "name": "测试女"}


@dataclass
class Duty:
    ref: str
    data: dict[str, Any]
    leg_id: int | None


def state(ctx: Context) -> list[tuple[int, str]]:
    rows = ctx.session.scalars(select(Registration).order_by(Registration.id))
    return [(row.site_id, row.state) for row in rows]


@pytest.fixture
def origin(ctx: Context, partner_site: Site) -> Registration:
    return registrations.register(ctx, partner_site, {**CHILD, "address": "旧住址"})


def test_a_child_moves_and_has_one_active_registration(
    ctx: Context, origin: Registration, main_leg: LegRow, partner_leg: LegRow
) -> None:
    assert registrations.transition(ctx, partner_leg, [CHILD], "MOVE_OUT_PENDING") == 1
    assert registrations.find_active(ctx, CHILD["idNo"]) is None
    assert registrations.settle(ctx, main_leg, [{"idNo": CHILD["idNo"]}], "新住址", "H1") == 1
    assert registrations.transition(ctx, partner_leg, [CHILD], "CANCELLED") == 1
    assert state(ctx) == [(origin.site_id, "CANCELLED"), (main_leg.site_id, "ACTIVE")]
    active = registrations.find_active(ctx, CHILD["idNo"])
    assert active is not None
    assert active.person == {**CHILD, "address": "新住址", "houseNo": "H1"}


def test_the_same_act_again_changes_nothing(
    ctx: Context, origin: Registration, main_leg: LegRow, partner_leg: LegRow
) -> None:
    del origin
    for expected in (1, 0, 0):
        assert registrations.transition(ctx, partner_leg, [CHILD], "MOVE_OUT_PENDING") == expected
    for expected in (1, 0, 0):
        assert registrations.settle(ctx, main_leg, [CHILD], "新住址", "H1") == expected
    assert len(state(ctx)) == 2


def test_nobody_settles_before_moving_out(ctx: Context, origin: Registration, main_leg: LegRow) -> None:
    del origin
    with pytest.raises(RegistrationState):
        registrations.settle(ctx, main_leg, [CHILD], "新住址", "H1")


def test_a_person_is_restored_but_not_after_settling(
    ctx: Context, origin: Registration, main_leg: LegRow, partner_leg: LegRow
) -> None:
    registrations.transition(ctx, partner_leg, [CHILD], "MOVE_OUT_PENDING")
    registrations.transition(ctx, partner_leg, [CHILD], "ACTIVE")
    assert origin.state == "ACTIVE"
    registrations.transition(ctx, partner_leg, [CHILD], "MOVE_OUT_PENDING")
    registrations.settle(ctx, main_leg, [CHILD], "新住址", "H1")
    with pytest.raises(RegistrationState):
        registrations.transition(ctx, partner_leg, [CHILD], "ACTIVE")


@pytest.mark.parametrize("to", ["CANCELLED", "GONE"])
def test_an_active_registration_cannot_just_disappear(
    ctx: Context, origin: Registration, partner_leg: LegRow, to: str
) -> None:
    with pytest.raises(RegistrationState):
        registrations.transition(ctx, partner_leg, [CHILD], to)
    assert origin.state == "ACTIVE"


def test_only_the_site_of_the_registration_acts(ctx: Context, origin: Registration, main_leg: LegRow) -> None:
    del origin
    with pytest.raises(RegistrationState):
        registrations.transition(ctx, main_leg, [CHILD], "MOVE_OUT_PENDING")


def test_nobody_is_registered_twice(ctx: Context, origin: Registration, main_site: Site) -> None:
    with pytest.raises(RegistrationState):
        registrations.register(ctx, main_site, CHILD)
    assert registrations.register(ctx, ctx.session.get_one(Site, origin.site_id), CHILD) is origin


def test_movers_need_numbers(ctx: Context, main_leg: LegRow) -> None:
    for movers in ([], [{"name": "无号"}]):
        with pytest.raises(MoversMissing):
            registrations.settle(ctx, main_leg, movers, "", "")


def test_pending_persons_are_listed_and_both_sites_are_warned(
    ctx: Context, origin: Registration, partner_leg: LegRow, clock: FixedClock
) -> None:
    registrations.transition(ctx, partner_leg, [CHILD], "MOVE_OUT_PENDING")
    duties = ctx.session.scalars(select(Work).where(Work.kind == "registration.pending").order_by(Work.due_at)).all()
    assert [(row.due_at - clock.now()).days for row in duties] == [10, 20, 25]
    clock.advance(timedelta(days=11))
    assert registrations.list_pending(ctx, timedelta(days=10)) == [origin]
    assert registrations.list_pending(ctx, timedelta(days=20)) == []
    duty = Duty(duties[0].ref, duties[0].data, partner_leg.id)
    registrations.alert(ctx, duty)
    assert ctx.session.scalars(select(Notification)).all() == []
    registrations.transition(ctx, partner_leg, [CHILD], "ACTIVE")
    registrations.alert(ctx, duty)
    assert registrations.list_pending(ctx, timedelta(0)) == []


def test_several_movers_are_moved_together(ctx: Context, partner_site: Site, partner_leg: LegRow) -> None:
    for person in (CHILD, OTHER):
        registrations.register(ctx, partner_site, person)
    assert registrations.transition(ctx, partner_leg, [CHILD, OTHER], "MOVE_OUT_PENDING") == 2


def test_the_services(ctx: Context, origin: Registration, main_leg: LegRow, partner_leg: LegRow) -> None:
    del origin
    moved = registrations.transition_service(
        ctx, partner_leg, Job("j", "e", "x", {"movers": [CHILD], "to": "MOVE_OUT_PENDING"})
    )
    settled = registrations.settle_service(
        ctx, main_leg, Job("j", "e", "x", {"movers": [CHILD], "address": "新", "houseNo": "1"})
    )
    assert (moved["count"], settled["count"]) == (1, 1)
    with pytest.raises(ServiceError) as refusal:
        registrations.transition_service(
            ctx, main_leg, Job("j", "e", "x", {"movers": [OTHER], "to": "MOVE_OUT_PENDING"})
        )
    assert refusal.value.code == "registration-state"
    with pytest.raises(ServiceError):
        registrations.settle_service(ctx, main_leg, Job("j", "e", "x", {}))
