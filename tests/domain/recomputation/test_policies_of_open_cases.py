"""A changed policy: for new cases only, or also for the open ones, with a reason that the applicants read."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from domain.actors import SYSTEM
from domain.cases.models import Case, Task
from domain.deadlines import ladder
from domain.deadlines.errors import BadPolicyValue
from domain.deadlines.layers import Place
from domain.deadlines.models import ClockEvent, ClockRow, LadderStep
from domain.notifications.models import Notification
from domain.outbox.models import Work
from domain.recomputation.policies import Setting, setting
from scheduler import jobs
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


SUPPLEMENT = "supplement.applicant"


def computed() -> bytes:
    """Three timers beside a task: two computed from policies, one that also reads what the process knows."""
    both = f'=if deadlines["clock.deemedAcceptance"] = "on" then deadlines["{SUPPLEMENT}"] else "P3650D"'
    body = (
        models.node("startEvent", "start", ext='<lianban:clock action="start" on="leave"/>')
        + models.user("review")
        + models.boundary("late", "review", models.timer(both))
        + models.boundary("lost", "review", models.timer('=deadlines["settle.receipt"]'), interrupting=False)
        + models.boundary(
            "own",
            "review",
            models.timer(f'=if caseInfo.itemCode = null then "PT1H" else deadlines["{SUPPLEMENT}"]'),
            interrupting=False,
        )
        + "".join(models.node("endEvent", f"ended{name}") for name in ("Late", "Lost", "Own"))
        + models.node("endEvent", "done")
        + models.chain("start", "review", "done")
        + models.chain("late", "endedLate")
        + models.chain("lost", "endedLost")
        + models.chain("own", "endedOwn")
    )
    return models.collaboration({"main": (models.pool("P_main", "main", "main", models.MAIN_SITE), body)})


def timers(world: World) -> dict[str, tuple[str, str]]:
    """Element → (term, when it fires)."""
    with world.platform.transaction(SYSTEM) as ctx:
        rows = ctx.session.execute(select(Work.data, Work.due_at).where(Work.kind == "timer.fire").order_by(Work.id))
        return {row.data["elementId"]: (row.data["literal"], row.due_at.isoformat()) for row in rows}


def also_open(key: str, value: str | None) -> Setting:
    return Setting(key, Place("platform"), value, "平台调整" if value else "", "调整期限", also_open=True)


def test_a_timer_follows_the_policies_it_was_computed_from(world: World) -> None:
    world.deploy(computed())
    submit(world, 2)
    before = timers(world)
    assert before["late"] == ("15wd", "2026-03-23T15:59:59+00:00")
    assert before["lost"] == ("PT4H", "2026-03-02T06:00:00+00:00")
    shown = see(world, setting(also_open(SUPPLEMENT, "20wd")))
    assert (shown.cases, shown.timers, shown.fires_now) == (2, 2, 0)
    assert {(line.move.kind, line.label) for line in shown.rows} == {("timer", "late")}
    assert timers(world) == before
    done = do(world, setting(also_open(SUPPLEMENT, "20wd")))
    assert done is not None
    assert done.moved_timers == 2
    assert timers(world) == {**before, "late": ("20wd", "2026-03-30T15:59:59+00:00")}
    assert do(world, setting(also_open("clock.deemedAcceptance", "off"))) is not None
    assert timers(world)["late"][0] == "P3650D"
    assert do(world, setting(also_open("clock.deemedAcceptance", None))) is not None
    assert do(world, setting(also_open(SUPPLEMENT, None))) is not None
    assert timers(world) == before


def test_a_timer_in_hours_follows_too_and_what_has_passed_fires(world: World) -> None:
    world.deploy(computed())
    submit(world, 1)
    world.platform.moment = datetime(2026, 3, 2, 4, tzinfo=UTC)  # type: ignore[attr-defined]
    shown = see(world, setting(also_open("settle.receipt", "PT1H")))
    assert (shown.timers, shown.fires_now) == (1, 1)
    do(world, setting(also_open("settle.receipt", "PT1H")))
    assert timers(world)["lost"] == ("PT1H", "2026-03-02T03:00:00+00:00")
    jobs.run_due(world.platform)
    with world.platform.transaction(SYSTEM) as ctx:
        fired = ctx.session.scalars(select(Work.state).where(Work.data["elementId"].astext == "lost")).all()
        assert fired == ["done"]
        assert ctx.session.scalars(select(Task.state)).all() == ["open"]


def test_the_answer_to_an_urge_follows_its_policy(world: World) -> None:
    submit(world, 1)
    with world.platform.transaction(world.people["clerk"]) as ctx:
        case_id = ctx.session.scalars(select(Task.case_id)).one()
        ladder.urge(ctx, case_id, None, "请尽快办理")
    longer = also_open("urge.answer", "3wd")
    assert see(world, setting(longer)).steps == 1
    done = do(world, setting(longer))
    assert done is not None
    assert done.moved_steps == 1
    with world.platform.transaction(SYSTEM) as ctx:
        until = ctx.session.scalars(select(LadderStep.answer_due_at)).one()
        assert until is not None
        assert until.isoformat() == "2026-03-05T15:59:59+00:00"


def test_an_agreement_with_a_partner_reaches_both_sites(world: World) -> None:
    submit(world, 1)
    with world.platform.transaction(SYSTEM) as ctx:
        ctx.session.execute(update(Case).values(partner_code=models.PARTNER_SITE))
    agreed = Setting("clock.promise", Place("partner", models.PARTNER_SITE), "8wd", "协议", "按协议", also_open=True)
    assert see(world, setting(agreed)).clocks == 1
    do(world, setting(agreed))
    assert dates(world)["promises"] == ["2026-03-12"]
    elsewhere = Setting("clock.promise", Place("partner", models.MAIN_SITE), "7wd", "协议", "按协议", also_open=True)
    assert see(world, setting(elsewhere)).clocks == 0
