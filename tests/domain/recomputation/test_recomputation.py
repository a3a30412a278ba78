"""A changed calendar on a real database: what the preview shows is what happens, and every moved date says why."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, update

from bootstrap.settings import Settings
from domain.actors import SYSTEM, Actor, Role
from domain.audit import service as audit
from domain.audit.models import AuditEvent
from domain.cases.models import Candidate, Case, Task
from domain.clock import CHINA
from domain.context import Context
from domain.deadlines.models import CalendarVersion, ClockEvent, ClockRow, Recomputation
from domain.deadlines.notices import Notice, Span
from domain.errors import DomainError, NotFound
from domain.identity.models import Grant, User
from domain.notifications.models import Notification
from domain.outbox.models import Work
from domain.recomputation import calendars, coverage, service
from domain.recomputation.service import Preview
from scheduler import jobs
from tests.support import models
from tests.support.scene import ScenePlatform
from tests.support.world import World

MONDAY = datetime(2026, 3, 2, 2, tzinfo=UTC)
FESTIVAL = date(2026, 3, 4)
ADMIN = Actor(0, "平台管理员", {0: frozenset({Role.PLATFORM_ADMIN})})


def model() -> bytes:
    """Review within five working days, a timer of three beside it; the clocks run from the start."""
    body = (
        models.node("startEvent", "start", ext='<lianban:clock action="start" on="leave"/>')
        + models.user("review", ext='<lianban:deadline policy="partner.work"/>')
        + models.boundary("late", "review", models.timer("3wd"))
        + models.user("chase", role="SUPERVISOR", ext='<lianban:deadline policy="dispatch.ack"/>')
        + models.node("endEvent", "chased")
        + models.node("endEvent", "done")
        + models.chain("start", "review", "done")
        + models.chain("late", "chase", "chased")
    )
    return models.collaboration({"main": (models.pool("P_main", "main", "main", models.MAIN_SITE), body)})


@pytest.fixture
def world(engine_sql: Engine, settings: Settings, empty_database: None) -> World:
    del empty_database
    made = World(ScenePlatform.at(settings, engine_sql, MONDAY)).settle()
    made.deploy(model())
    return made


def submit(world: World, number: int) -> None:
    for each in range(number):
        world.submit(subject=f"5326222015060100{each:02d}")


def day_of(moment: datetime | None) -> str:
    assert moment is not None
    return moment.astimezone(CHINA).date().isoformat()


def dates(world: World) -> dict[str, list[str]]:
    with world.platform.transaction(SYSTEM) as ctx:
        session = ctx.session
        found: dict[str, list[Any]] = {
            "clocks": list(session.scalars(select(ClockRow.due_at).order_by(ClockRow.id))),
            "promises": list(session.scalars(select(Case.promise_due_at).order_by(Case.id))),
            "tasks": list(session.scalars(select(Task.due_at).order_by(Task.opened_at, Task.id))),
            "inbox": list(session.scalars(select(Candidate.due_at).order_by(Candidate.due_at, Candidate.task_id))),
            "timers": list(session.scalars(select(Work.due_at).where(Work.kind == "timer.fire").order_by(Work.id))),
            "steps": list(session.scalars(select(Work.due_at).where(Work.kind == "deadline.step").order_by(Work.id))),
        }
        return {name: [day_of(moment) for moment in row] for name, row in found.items()}


def see(world: World, write: service.Write) -> Preview:
    with world.platform.transaction(ADMIN) as ctx:
        return service.preview(ctx, write)


def do(world: World, write: service.Write) -> Recomputation | None:
    with world.platform.transaction(ADMIN) as ctx:
        return service.change(ctx, write)


FESTIVAL_OFF = calendars.setting_day("530000", FESTIVAL, is_workday=False, reason="民族节日放假")


def test_a_day_off_moves_everything_that_counts_it_and_back_again(world: World) -> None:
    submit(world, 2)
    before = dates(world)
    assert before["tasks"] == before["inbox"] == ["2026-03-09"] * 2
    assert before["timers"] == ["2026-03-05"] * 2
    shown = see(world, FESTIVAL_OFF)
    assert (shown.cases, shown.clocks, shown.tasks, shown.timers, shown.steps) == (2, 4, 2, 2, 10)
    assert (shown.overdue, shown.promises_later, shown.promises_earlier, shown.at_once) == (0, 2, 0, True)
    assert dates(world) == before
    done = do(world, FESTIVAL_OFF)
    assert done is not None
    assert (done.moved_clocks, done.moved_tasks, done.moved_timers, done.moved_steps) == (4, 2, 2, 10)
    assert done.finished_at is not None
    after = dates(world)
    assert after["tasks"] == after["inbox"] == ["2026-03-10"] * 2
    assert after["timers"] == ["2026-03-06"] * 2
    assert after["promises"] == ["2026-03-31"] * 2
    assert all(late > early for late, early in zip(after["steps"], before["steps"], strict=True))
    assert see(world, FESTIVAL_OFF).cases == 0
    back = do(world, calendars.removing_day("530000", FESTIVAL))
    assert back is not None
    assert dates(world) == before
    with pytest.raises(NotFound):
        do(world, calendars.removing_day("530000", FESTIVAL))


def test_each_moved_date_is_logged_with_its_reason_and_the_applicant_is_told(world: World) -> None:
    submit(world, 1)
    do(world, FESTIVAL_OFF)
    case = world.case()
    with world.platform.transaction(SYSTEM) as ctx:
        events = ctx.session.scalars(select(ClockEvent).where(ClockEvent.action == "recompute")).all()
        assert sorted(event.kind for event in events) == ["PROMISE", "STATUTORY", "TASK"]
        assert {event.note for event in events} == {"民族节日放假"}
        assert {event.reason for event in events} == {"CALENDAR"}
        assert {event.actor_name for event in events} == {"平台管理员"}
        kinds = list(ctx.session.scalars(select(AuditEvent.kind).where(AuditEvent.case_id == case.id)))
        assert {"clock.recompute", "task.due.moved", "timer.moved"} <= set(kinds)
        assert audit.verify(ctx, case.id).verified
        told = ctx.session.scalars(select(Notification).where(Notification.template == "promise.moved")).one()
        assert told.user_id == world.people["applicant"].user_id
        assert "2026-03-30 变为 2026-03-31。原因：民族节日放假" in told.text
        changed = ctx.session.scalars(select(AuditEvent).where(AuditEvent.kind == "calendar.changed")).one()
        assert changed.data["region"] == "530000"


def test_the_engines_timer_fires_at_its_new_date(world: World) -> None:
    submit(world, 1)
    do(world, FESTIVAL_OFF)
    version = world.legs()["P_main"].version
    scene: Any = world.platform
    scene.moment = datetime(2026, 3, 5, 16, tzinfo=UTC)
    jobs.run_due(world.platform)
    assert world.open_tasks() == ["review"]
    scene.moment = datetime(2026, 3, 6, 16, tzinfo=UTC)
    jobs.run_due(world.platform)
    assert world.open_tasks() == ["chase", "review"]
    assert world.legs()["P_main"].version == version + 1


def test_other_regions_and_days_that_nobody_counts_reach_nothing(world: World) -> None:
    submit(world, 1)
    for region, day in (("440606", FESTIVAL), ("532622", date(2026, 2, 27)), ("532622", date(2026, 7, 1))):
        write = calendars.setting_day(region, day, is_workday=False, reason="测试")
        assert see(world, write).cases == 0
        moved = do(world, write)
        assert (
            moved is None or (moved.moved_clocks, moved.moved_tasks, moved.moved_timers, moved.moved_steps) == (0,) * 4
        )


def test_a_date_that_moves_into_the_past_is_among_the_worst(world: World) -> None:
    do(world, FESTIVAL_OFF)
    submit(world, 1)
    scene: Any = world.platform
    scene.moment = datetime(2026, 3, 10, 2, tzinfo=UTC)
    jobs.run_due(world.platform)
    shown = see(world, calendars.removing_day("530000", FESTIVAL))
    assert shown.overdue == 1
    assert [(line.move.kind, line.overdue) for line in shown.worst] == [("task", True)]
    do(world, calendars.removing_day("530000", FESTIVAL))
    with world.platform.transaction(SYSTEM) as ctx:
        urge = ctx.session.scalars(
            select(Work).where(Work.kind == "deadline.step", Work.due_at <= scene.moment, Work.state == "pending")
        ).all()
        assert {(row.data["kind"], row.data["level"]) for row in urge} == {("URGE", 1)}


NEW_2026 = Notice(
    (
        Span("元旦", date(2026, 1, 1), date(2026, 1, 3)),
        Span("春节", date(2026, 2, 15), date(2026, 2, 23)),
        Span("测试假", date(2026, 3, 4), date(2026, 3, 6)),
    ),
    (date(2026, 3, 7),),
    "测试〔2026〕1号",
    "测试通知",
)


def publishing(reason: str = "国办通知调整") -> service.Write:
    return calendars.publishing_year("CN", 2026, NEW_2026, reason, confirmed=True)


def test_a_republished_year_moves_open_dates_in_batches_exactly_as_shown(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit(world, 5)
    monkeypatch.setattr(service, "AT_ONCE", 2)
    monkeypatch.setattr(service, "BATCH_SIZE", 2)
    before, shown = dates(world), see(world, publishing())
    assert (shown.at_once, shown.cases, shown.clocks, shown.tasks) == (False, 5, 10, 5)
    started = do(world, publishing())
    assert started is not None
    assert (started.total_cases, started.done_cases, started.finished_at) == (5, 0, None)
    assert dates(world) == before
    assert jobs.run_due(world.platform) == 3
    with world.platform.transaction(SYSTEM) as ctx:
        row = service.get_recomputation(ctx, started.id)
        moved = (row.moved_clocks, row.moved_tasks, row.moved_timers, row.moved_steps)
        assert moved == (shown.clocks, shown.tasks, shown.timers, shown.steps)
        assert (row.done_cases, row.finished_at) == (5, MONDAY)
        assert ctx.session.scalar(select(func.count()).where(ClockEvent.action == "recompute")) == 15
        events = ctx.session.scalars(select(ClockEvent.legal_ground).where(ClockEvent.action == "recompute"))
        assert set(events) == {"测试通知 测试〔2026〕1号"}
    assert dates(world)["tasks"] == ["2026-03-11"] * 5


def test_a_case_opened_while_the_change_was_written_is_found_afterwards(world: World) -> None:
    submit(world, 1)
    do(world, FESTIVAL_OFF)
    with world.platform.transaction(SYSTEM) as ctx:
        ctx.session.execute(update(Task).values(due_at=datetime(2026, 3, 9, 15, 59, 59, tzinfo=UTC)))
    scene: Any = world.platform
    scene.moment = datetime(2026, 3, 2, 2, 2, tzinfo=UTC)
    assert jobs.run_due(world.platform) == 1
    assert dates(world)["tasks"] == ["2026-03-10"]


def test_a_version_can_be_compared_reverted_and_withdrawn(world: World) -> None:
    submit(world, 1)
    before = dates(world)
    do(world, publishing("第一版"))
    moved = dates(world)
    assert moved != before
    do(world, calendars.reverting_year("CN", 2026, 0, "通知有误，撤回"))
    assert dates(world) == before
    do(world, calendars.reverting_year("CN", 2026, 1, "恢复第一版"))
    assert dates(world) == moved
    with world.platform.transaction(SYSTEM) as ctx:
        rows = ctx.session.scalars(select(CalendarVersion).order_by(CalendarVersion.version)).all()
        assert [(row.version, row.in_force, row.is_withdrawn, row.reverts) for row in rows] == [
            (1, False, False, None),
            (2, False, True, None),
            (3, True, False, 1),
        ]
        assert [row.reason for row in rows] == ["第一版", "通知有误，撤回", "恢复第一版"]
    for version in (3, 9):
        with pytest.raises(DomainError):
            do(world, calendars.reverting_year("CN", 2026, version, "x"))


def test_a_year_without_notice_alerts_the_platform_and_settles_when_it_is_published(world: World) -> None:
    scene: Any = world.platform
    scene.moment = datetime(2026, 12, 28, 2, tzinfo=UTC)
    submit(world, 1)
    with world.platform.transaction(SYSTEM) as ctx:
        chief = User(login="boss", name="平台", password_hash="x", created_at=ctx.clock.now())
        ctx.session.add(chief)
        ctx.session.flush()
        ctx.session.add(Grant(user_id=chief.id, site_id=None, role="PLATFORM_ADMIN"))
        missing = coverage.list_missing(ctx)
        assert [(row.year, row.clocks, row.tasks) for row in missing] == [(2027, 2, 1)]
        assert coverage.alert(ctx) == 1
        assert coverage.alert(ctx) == 0
        note = ctx.session.scalars(select(Notification).where(Notification.template == "calendar.missing")).one()
        assert "2027 年" in note.title
        assert "3 个时限" in note.text
    scene.moment = datetime(2027, 1, 15, 2, tzinfo=UTC)
    with world.platform.transaction(SYSTEM) as ctx:
        assert coverage.alert(ctx) == 1
    year = Notice((Span("元旦", date(2027, 1, 1), date(2027, 1, 1)),), (), "测试〔2026〕9号", "测试通知")
    do(world, calendars.publishing_year("CN", 2027, year, "2027年放假安排公布", confirmed=True))
    with world.platform.transaction(SYSTEM) as ctx:
        assert not any(ctx.session.scalars(select(ClockRow.is_provisional)))
        assert coverage.list_missing(ctx) == []
        assert coverage.alert(ctx) == 0


def test_only_early_enough_before_the_year_ends(world: World) -> None:
    def missing(moment: datetime) -> list[int]:
        scene: Any = world.platform
        scene.moment = moment
        with world.platform.transaction(SYSTEM) as ctx:
            return [row.year for row in coverage.list_missing(ctx)]

    assert missing(datetime(2026, 10, 1, tzinfo=UTC)) == []
    assert missing(datetime(2026, 11, 10, tzinfo=UTC)) == [2027]


def test_a_year_known_by_a_new_release_settles_what_was_provisional(world: World) -> None:
    submit(world, 1)

    def run(work: Callable[[Context], int]) -> int:
        with world.platform.transaction(SYSTEM) as ctx:
            return work(ctx)

    assert run(coverage.refresh_known) == 0
    with world.platform.transaction(SYSTEM) as ctx:
        for clock in ctx.session.scalars(select(ClockRow)):
            clock.is_provisional = True
            clock.due_at = datetime(2026, 3, 29, 15, 59, 59, tzinfo=UTC)
    assert run(coverage.refresh_known) == 1
    assert dates(world)["promises"] == ["2026-03-30"]
    assert run(coverage.refresh_known) == 0
