"""Completing a task: one lock, one commit, few statements; whoever comes second, comes wrong or fails harms nothing."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, text

from bootstrap.container import Platform
from domain.actors import SYSTEM, Actor, Role
from domain.audit import service as audit
from domain.cases import rows, runtime
from domain.cases import service as cases
from domain.cases.errors import CaseSuspended
from domain.cases.models import Task
from domain.context import Context
from domain.errors import Busy, DomainError, Forbidden, NotFound
from domain.tasks import service as tasks
from domain.tasks.errors import (
    ActionUnknown,
    FormRejected,
    NotYourTask,
    SeparationOfDuties,
    TaskChanged,
    TaskClaimed,
    TaskNotOpen,
)
from scheduler import jobs
from tests.support import models
from tests.support.hasty import hasty
from tests.support.world import World

MOST_STATEMENTS = 12


@contextmanager
def _counted(world: World) -> Iterator[dict[str, int]]:
    seen = {"statements": 0, "commits": 0}

    def statement(*_: Any) -> None:
        seen["statements"] += 1

    def commit(*_: Any) -> None:
        seen["commits"] += 1

    event.listen(world.platform.sql, "before_cursor_execute", statement)
    event.listen(world.platform.sql, "commit", commit)
    try:
        yield seen
    finally:
        event.remove(world.platform.sql, "before_cursor_execute", statement)
        event.remove(world.platform.sql, "commit", commit)


@pytest.fixture
def started(world: World) -> World:
    return world.with_case()


def test_one_commit_and_few_statements(started: World) -> None:
    started.complete("clerk", "review", "ACCEPT", note="warm")
    started.complete("approver", "approve")
    started.submit()
    task = started.task("review")
    with _counted(started) as seen, started.platform.transaction(started.people["clerk"]) as ctx:
        tasks.complete(ctx, task.id, {"note": "齐全"}, "ACCEPT")
    assert seen["commits"] == 1
    assert seen["statements"] <= MOST_STATEMENTS, seen


def test_of_two_at_once_one_wins_and_the_other_hears_who(started: World) -> None:
    task = started.task("review")
    barrier = threading.Barrier(2)
    answers: list[Any] = []

    def complete(who: str, action: str) -> None:
        barrier.wait()
        try:
            with started.platform.transaction(started.people[who]) as ctx:
                answers.append(tasks.complete(ctx, task.id, {}, action))
        except DomainError as error:
            answers.append(error)

    threads = [
        threading.Thread(target=complete, args=("clerk", "ACCEPT")),
        threading.Thread(target=complete, args=("clerk2", "ACCEPT")),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(type(answer).__name__ for answer in answers) == ["Completed", "TaskNotOpen"]
    refusal = next(answer for answer in answers if isinstance(answer, TaskNotOpen))
    assert "clerk" in refusal.fact_zh
    assert started.open_tasks() == ["approve"]
    with started.platform.transaction(SYSTEM) as ctx:
        assert audit.verify(ctx, started.case().id).verified


def test_a_crash_inside_the_step_rolls_everything_back(started: World) -> None:
    before = started.legs()["P_main"]
    events = started.count("audit_events")

    def broken(ctx: Context, leg: Any, thing: Any) -> None:
        del ctx, leg, thing
        raise RuntimeError("power cut")

    started.with_handlers(listeners={"task.opened": broken})
    with pytest.raises(RuntimeError):
        started.complete("clerk", "review", "ACCEPT")
    after = started.legs()["P_main"]
    assert (after.version, after.state) == (before.version, before.state)
    assert started.count("audit_events") == events
    assert started.open_tasks() == ["review"]
    started.with_handlers(listeners={})
    started.complete("clerk", "review", "ACCEPT")


@pytest.mark.parametrize(
    ("who", "data", "action", "refusal"),
    [
        ("approver", {}, "ACCEPT", NotYourTask),
        ("partner", {}, "ACCEPT", NotFound),
        ("applicant", {}, "ACCEPT", NotFound),
        ("clerk", {}, None, ActionUnknown),
        ("clerk", {}, "DESTROY", ActionUnknown),
        ("clerk", {"reason": "一" * 21}, "ACCEPT", FormRejected),
        ("clerk", {"unknown": 1}, "ACCEPT", FormRejected),
    ],
)
def test_refusals_leave_the_case_unharmed(
    started: World, who: str, data: dict[str, Any], action: str | None, refusal: type[DomainError]
) -> None:
    before = started.legs()["P_main"].version
    with pytest.raises(refusal) as refused:
        started.complete(who, "review", action, **data)
    if refusal is FormRejected:
        assert refused.value.pointer is not None
        assert refused.value.pointer.startswith("/data/")
        assert refused.value.errors[0].message_zh
    assert started.legs()["P_main"].version == before
    assert started.open_tasks() == ["review"]


def test_an_unknown_task_and_an_old_version(started: World) -> None:
    task = started.task("review")
    with pytest.raises(NotFound), started.platform.transaction(started.people["clerk"]) as ctx:
        tasks.complete(ctx, "no-such-task", {}, "ACCEPT")
    with pytest.raises(TaskChanged), started.platform.transaction(started.people["clerk"]) as ctx:
        tasks.complete(ctx, task.id, {}, "ACCEPT", version=task.version + 1)


def test_claim_release_and_assign(started: World) -> None:
    task = started.task("review")
    with started.platform.transaction(started.people["clerk"]) as ctx:
        tasks.claim(ctx, task.id)
    with pytest.raises(TaskClaimed):
        started.complete("clerk2", "review", "ACCEPT")
    with pytest.raises(TaskClaimed), started.platform.transaction(started.people["clerk2"]) as ctx:
        tasks.claim(ctx, task.id)
    with started.platform.transaction(started.people["clerk"]) as ctx:
        tasks.save_draft(ctx, task.id, {"note": "草稿"})
        tasks.release(ctx, task.id)
    with started.platform.transaction(started.people["clerk"]) as ctx:
        tasks.assign(ctx, task.id, started.people["clerk2"].user_id)
    with pytest.raises(Forbidden), started.platform.transaction(started.people["clerk"]) as ctx:
        tasks.assign(ctx, task.id, started.people["partner"].user_id)
    assert started.task("review").assignee_id == started.people["clerk2"].user_id
    started.complete("clerk2", "review", "ACCEPT")


def test_an_assignee_must_be_another_pair_of_eyes(world: World) -> None:
    world.deploy(models.simple().replace(b'"APPROVER"', b'"RECV_CLERK"'))
    world.submit()
    world.complete("clerk", "review", "ACCEPT")
    task = world.task("approve")
    with pytest.raises(SeparationOfDuties), world.platform.transaction(world.people["clerk2"]) as ctx:
        tasks.assign(ctx, task.id, world.people["clerk"].user_id)


def test_the_applicant_does_only_the_own_tasks(world: World) -> None:
    world.deploy(models.simple().replace(b'"APPROVER"', b'"APPLICANT"'))
    world.submit()
    world.complete("clerk", "review", "ACCEPT")
    with pytest.raises(NotFound):  # a stranger does not learn that it exists
        world.complete("stranger", "approve")
    world.complete("applicant", "approve")
    assert world.case().closed_at is not None


def test_complete_against_suspend(started: World) -> None:
    leg_id = started.legs()["P_main"].id
    with started.platform.transaction(Actor(0, "admin", {0: frozenset({Role.PLATFORM_ADMIN})})) as ctx:
        cases.suspend(ctx, leg_id, "test")
    with pytest.raises(CaseSuspended):
        started.complete("clerk", "review", "ACCEPT")
    with started.platform.transaction(SYSTEM) as ctx:
        assert ctx.session.get_one(Task, started.task("review").id).state == "open"


def test_complete_against_timer_exactly_one_wins(world: World) -> None:
    source = models.simple().replace(b'cancelActivity="false"', b'cancelActivity="true"')
    world.deploy(source)
    world.submit()
    world.pass_time("PT5H")
    item = world.work("timer.fire")[0]
    outcome: list[str] = []

    def by_hand() -> None:
        try:
            world.complete("clerk", "review", "RETURN")
            outcome.append("hand")
        except TaskNotOpen:
            outcome.append("refused")

    threads = [threading.Thread(target=by_hand), threading.Thread(target=jobs.run, args=(world.platform, item.id))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expected = [] if outcome == ["hand"] else ["chase"]
    assert world.open_tasks() == expected
    with world.platform.transaction(SYSTEM) as ctx:
        assert audit.verify(ctx, world.case().id).verified


def test_the_version_the_client_saw_is_checked_after_the_lock(started: World) -> None:
    leg = started.legs()["P_main"]
    with pytest.raises(DomainError, match="changed"), started.platform.transaction(SYSTEM) as ctx:
        runtime.advance(
            ctx,
            leg.id,
            lambda *_: None,
            cause=runtime.Cause("test"),
            expected_version=leg.version - 1,
        )


def test_a_case_that_is_held_too_long_is_busy_and_unharmed(started: World) -> None:
    task = started.task("review")
    with (
        started.platform.sql.connect() as holder,
        hasty(started.platform, lock_timeout=timedelta(seconds=1)) as platform,
    ):
        holder.execute(text("select id from cases for update"))
        with pytest.raises(Busy), platform.transaction(started.people["clerk"]) as ctx:
            tasks.complete(ctx, task.id, {}, "ACCEPT")
        holder.rollback()
    started.complete("clerk", "review", "ACCEPT")


def test_a_deployment_at_the_same_time_as_a_start(world: World) -> None:
    first = world.deploy(models.simple())
    started: list[int] = []

    def start() -> None:
        started.extend(world.submit(subject=f"subject-{number}").definition_id for number in range(5))

    thread = threading.Thread(target=start)
    thread.start()
    second = world.deploy(models.simple(deadline="approve"))
    thread.join()
    assert len(started) == 5
    assert set(started) <= {first, second}
    assert world.submit(subject="last").definition_id == second


def test_a_frozen_step_does_nothing_after_waking(started: World) -> None:
    task = started.task("review")

    def freeze_and_wake(frozen: Platform) -> None:
        with frozen.transaction(started.people["clerk"]) as ctx:
            rows.lock_task(ctx, task.id)
            with started.platform.sql.connect() as elsewhere:
                elsewhere.execute(text("select pg_sleep(2)"))
            tasks.complete(ctx, task.id, {}, "ACCEPT")

    with hasty(started.platform, idle_transaction_timeout=timedelta(seconds=1)) as platform, pytest.raises(Busy):
        freeze_and_wake(platform)
    assert started.open_tasks() == ["review"]
    started.complete("clerk2", "review", "ACCEPT")
