"""A changed policy: for new cases only, or also for the open ones, with a reason that the applicants read."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from domain.actors import SYSTEM
from domain.deadlines.errors import BadPolicyValue
from domain.deadlines.layers import Place
from domain.deadlines.models import ClockEvent, ClockRow
from domain.notifications.models import Notification
from domain.recomputation.policies import Setting, setting
from tests.domain.recomputation.test_recomputation import dates, do, see, submit, world
from tests.support import models
from tests.support.world import World

__all__ = ["world"]
FASTER = Setting("clock.promise", Place("site", models.MAIN_SITE), "10wd", "本县承诺提速", "承诺提速", also_open=True)


def test_for_new_cases_only_nothing_open_moves(world: World) -> None:
    submit(world, 1)
    before = dates(world)
    only_new = Setting("clock.promise", FASTER.place, "10wd", "本县承诺提速")
    assert see(world, setting(only_new)).cases == 0
    assert do(world, setting(only_new)) is None
    assert dates(world) == before
    world.submit(subject="532622201506010099")
    assert dates(world)["promises"][1:] == ["2026-03-16"]


def test_open_cases_follow_with_a_reason(world: World) -> None:
    submit(world, 2)
    shown = see(world, setting(FASTER))
    assert (shown.clocks, shown.tasks, shown.promises_earlier, shown.promises_later) == (2, 0, 2, 0)
    done = do(world, setting(FASTER))
    assert done is not None
    assert done.moved_clocks == 2
    assert dates(world)["promises"] == ["2026-03-16"] * 2
    with world.platform.transaction(SYSTEM) as ctx:
        totals = ctx.session.execute(select(ClockRow.kind, ClockRow.total_days)).all()
        assert {tuple(row) for row in totals} == {("STATUTORY", 20), ("PROMISE", 10)}
        events = ctx.session.scalars(select(ClockEvent).where(ClockEvent.action == "recompute")).all()
        assert {(event.reason, event.note, event.legal_ground) for event in events} == {
            ("POLICY", "承诺提速", "本县承诺提速")
        }
        told = ctx.session.scalars(select(Notification.text).where(Notification.template == "promise.moved")).all()
        assert len(told) == 2
        assert all("承诺提速" in text for text in told)
    assert (
        do(world, setting(Setting("clock.promise", FASTER.place, None, "", "恢复原承诺", also_open=True))) is not None
    )
    assert dates(world)["promises"] == ["2026-03-30"] * 2


def test_a_promise_never_becomes_later_without_a_reason(world: World) -> None:
    submit(world, 1)
    silent = Setting("clock.promise", Place("platform"), "12wd", "x", " ", also_open=True)
    with pytest.raises(BadPolicyValue):
        do(world, setting(silent))
    assert dates(world)["promises"] == ["2026-03-30"]


def test_tasks_and_their_reminders_follow_their_policy(world: World) -> None:
    submit(world, 1)
    longer = Setting("partner.work", Place("platform"), "7wd", "平台调整", "增加核查时间", also_open=True)
    shown = see(world, setting(longer))
    assert (shown.clocks, shown.tasks, shown.steps, shown.timers) == (0, 1, 5, 0)
    do(world, setting(longer))
    assert dates(world)["tasks"] == dates(world)["inbox"] == ["2026-03-11"]
    assert dates(world)["steps"][0] == "2026-03-10"


def test_reminders_follow_the_policies_of_the_ladder(world: World) -> None:
    submit(world, 1)
    earlier = Setting("remindBefore", Place("platform"), "2wd", "平台调整", "提前提醒", also_open=True)
    shown = see(world, setting(earlier))
    assert (shown.clocks, shown.tasks, shown.steps) == (0, 0, 1)
    do(world, setting(earlier))
    assert dates(world)["steps"][0] == "2026-03-05"
    assert dates(world)["tasks"] == ["2026-03-09"]


def test_a_layer_elsewhere_reaches_nothing(world: World) -> None:
    submit(world, 1)
    far = Setting("clock.promise", Place("province", "440000"), "9wd", "省定", "省内提速", also_open=True)
    assert see(world, setting(far)).reached_cases == 0
    assert do(world, setting(far)) is None


def test_a_shorter_time_may_make_dates_overdue(world: World) -> None:
    submit(world, 1)
    world.platform.moment = datetime(2026, 3, 5, 2, tzinfo=UTC)  # type: ignore[attr-defined]
    shown = see(world, setting(Setting("partner.work", Place("platform"), "1wd", "x", "y", also_open=True)))
    assert shown.overdue == 1
    assert shown.worst[0].move.label == "review"
