"""People against people and clocks, stepped to every interleaving: one wins, the other hears it, the case is unharmed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select, text

from domain.actors import SYSTEM
from domain.cases import moving, rows
from domain.cases import service as cases
from domain.cases.models import Case
from domain.cases.rows import LegRow
from domain.clock import CHINA
from domain.deadlines import rules
from domain.tasks import service as tasks
from domain.tasks.service import Completed
from scheduler import jobs
from tests.competing import facts
from tests.support import models
from tests.support.interleaving import Act, interleavings
from tests.support.models import boundary, chain, node, pool, timer, user
from tests.support.world import World

Situation = dict[str, Any]


def guarded() -> bytes:
    """One pool: review with an interrupting timer of four hours, then chase; reviewed in time, approve."""
    body = (
        node("startEvent", "start")
        + user("review")
        + boundary("late", "review", timer("PT4H"), interrupting=True)
        + user("chase")
        + node("endEvent", "chased", ext='<lianban:result code="1"/>')
        + user("approve", role="APPROVER")
        + node("endEvent", "done", ext='<lianban:result code="0"/>')
        + chain("start", "review", "approve", "done")
        + chain("late", "chase", "chased")
    )
    return models.collaboration({"main": (pool("P_main", "main", "main", models.MAIN_SITE), body)})


@pytest.fixture
def subjects() -> Iterator[str]:
    return (f"subject-{number}" for number in range(1_000_000))


def complete(world: World, who: str, task_id: str, action: str | None = None) -> Act:
    def act() -> Completed:
        with world.platform.transaction(world.people[who]) as ctx:
            return tasks.complete(ctx, task_id, {}, action)

    return act


def opened(world: World, subjects: Iterator[str], element: str) -> Situation:
    leg = world.submit(subject=next(subjects))
    return {"case": leg.case_id, "leg": leg.id, "task": world.task(element, leg.id).id}


def test_complete_against_complete(world: World, subjects: Iterator[str]) -> None:
    world.deploy(models.simple())
    played = 0
    for case, one, two, _ in interleavings(
        world.platform.sql,
        lambda: opened(world, subjects, "review"),
        lambda case: (
            complete(world, "clerk", case["task"], "ACCEPT"),
            complete(world, "clerk2", case["task"], "RETURN"),
        ),
    ):
        played += 1
        winner, loser, name, after = (
            (one, two, "clerk", ["approve"]) if isinstance(one, Completed) else (two, one, "clerk2", [])
        )
        assert isinstance(winner, Completed)
        (task,) = facts.rows(world, "select closed_at from tasks where id = :id", id=case["task"])
        facts.refused(loser, "task-not-open", name, f"{task.closed_at.astimezone(CHINA):%Y-%m-%d %H:%M}")
        assert facts.open_tasks(world, case["case"]) == after
        assert facts.events(world, case["case"])["task.completed"] == 1
        facts.assert_unharmed(world, case["case"])
    assert played >= 6


def test_a_step_that_waited_for_its_lock_sees_the_rules_of_now(world: World, subjects: Iterator[str]) -> None:
    world.deploy(models.simple())

    def change(case: Situation) -> Act:
        def act() -> str:
            with world.platform.transaction(SYSTEM) as ctx:
                rows.lock_leg(ctx, case["leg"])
                ctx.session.execute(text("update rules_edition set number = gen_random_uuid()"))
            return "changed"

        return act

    def step(case: Situation) -> Act:
        def act() -> tuple[str, str]:
            with world.platform.transaction(SYSTEM) as ctx:
                rows.lock_task(ctx, case["task"])
                learned = str(rules.present(ctx.session))
                return learned, str(ctx.session.execute(text("select number from rules_edition")).scalar_one())

        return act

    waited = 0
    for _, changed, (learned, present), played in interleavings(
        world.platform.sql, lambda: opened(world, subjects, "review"), lambda case: (change(case), step(case))
    ):
        assert changed == "changed"
        assert learned == present
        waited += played.waited
    assert waited


def test_claim_against_claim(world: World, subjects: Iterator[str]) -> None:
    world.deploy(models.simple())

    def claim(who: str, case: Situation) -> Act:
        def act() -> str:
            with world.platform.transaction(world.people[who]) as ctx:
                tasks.claim(ctx, case["task"])
            return who

        return act

    for case, one, two, _ in interleavings(
        world.platform.sql,
        lambda: opened(world, subjects, "review"),
        lambda case: (claim("clerk", case), claim("clerk2", case)),
    ):
        winner, loser = (one, two) if isinstance(one, str) else (two, one)
        facts.refused(loser, "task-claimed", winner)
        (task,) = facts.rows(world, "select assignee_id from tasks where id = :id", id=case["task"])
        assert task.assignee_id == world.people[winner].user_id
        assert facts.events(world, case["case"])["task.claimed"] == 1
        facts.assert_unharmed(world, case["case"])


def test_complete_against_an_interrupting_timer(world: World, subjects: Iterator[str]) -> None:
    world.deploy(guarded())

    def late() -> Situation:
        case = opened(world, subjects, "review")
        world.pass_time("PT5H")
        (work,) = facts.rows(world, "select id from work where case_id = :id and kind = 'timer.fire'", id=case["case"])
        return case | {"work": work.id}

    for case, done, fired, _ in interleavings(
        world.platform.sql,
        late,
        lambda case: (complete(world, "clerk", case["task"]), lambda: jobs.run(world.platform, case["work"])),
    ):
        count = facts.events(world, case["case"])
        if isinstance(done, Completed):
            assert not fired
            assert facts.open_tasks(world, case["case"]) == ["approve"]
            assert (count["task.completed"], count["timer.fired"], count["task.cancelled"]) == (1, 0, 0)
            assert facts.work(world, case["case"], "timer.fire") == ["cancelled"]
        else:
            assert fired
            facts.refused(done, "task-not-open", "取消", ":")
            assert facts.open_tasks(world, case["case"]) == ["chase"]
            assert (count["task.completed"], count["timer.fired"], count["task.cancelled"]) == (0, 1, 1)
            assert facts.work(world, case["case"], "timer.fire") == ["done"]
        facts.assert_unharmed(world, case["case"])


def test_complete_against_suspend(world: World, subjects: Iterator[str]) -> None:
    world.deploy(models.simple())

    def suspend(case: Situation) -> Act:
        def act() -> str:
            with world.platform.transaction(SYSTEM) as ctx:
                cases.suspend(ctx, case["leg"], "核查")
            return "held"

        return act

    for case, done, held, _ in interleavings(
        world.platform.sql,
        lambda: opened(world, subjects, "review"),
        lambda case: (complete(world, "clerk", case["task"], "ACCEPT"), suspend(case)),
    ):
        assert held == "held"
        (leg,) = facts.rows(world, "select is_suspended from legs where id = :id", id=case["leg"])
        assert leg.is_suspended
        if isinstance(done, Completed):
            assert facts.open_tasks(world, case["case"]) == ["approve"]
        else:
            facts.refused(done, "case-suspended", "暂停")
            assert facts.open_tasks(world, case["case"]) == ["review"]
            assert facts.work(world, case["case"], "timer.fire") == ["held"]
        facts.assert_unharmed(world, case["case"])


def test_complete_against_withdraw(world: World, subjects: Iterator[str]) -> None:
    world.deploy(models.joint())

    def withdraw(case: Situation) -> Act:
        def act() -> LegRow:
            with world.platform.transaction(world.people["applicant"]) as ctx:
                return cases.withdraw(ctx, case["case"], "不再需要")

        return act

    for case, done, gone, _ in interleavings(
        world.platform.sql,
        lambda: opened(world, subjects, "prepare"),
        lambda case: (complete(world, "clerk", case["task"]), withdraw(case)),
    ):
        assert isinstance(gone, LegRow)
        count = facts.events(world, case["case"])
        assert (count["case.withdrawn"], count["case.closed"]) == (1, 1)
        assert facts.open_tasks(world, case["case"]) == []
        if not isinstance(done, Completed):
            facts.refused(done, "task-not-open", "取消")
            assert (count["task.cancelled"], count["task.completed"]) == (1, 0)
        facts.assert_unharmed(world, case["case"])


def _moved(world: World, case: Situation, target: int) -> Act:
    def act() -> str:
        with world.platform.transaction(SYSTEM) as ctx:
            moving.move(ctx, case["no"], target, {}, "改正")
        return "moved"

    return act


def _numbered(world: World, case: Situation) -> Situation:
    (row,) = facts.rows(world, "select case_no from cases where id = :id", id=case["case"])
    return case | {"no": row.case_no}


def test_complete_against_move(world: World, subjects: Iterator[str]) -> None:
    first = world.deploy(models.simple())
    second = world.deploy(models.simple(deadline="approve"))

    def old() -> Situation:
        leg = world.submit(subject=next(subjects))
        with world.platform.transaction(SYSTEM) as ctx:
            moving.move(ctx, leg.case.case_no, first, {}, "从旧版开始")
        return {"case": leg.case_id, "no": leg.case.case_no, "task": world.task("review", leg.id).id}

    for case, done, moved, _ in interleavings(
        world.platform.sql,
        old,
        lambda case: (complete(world, "clerk", case["task"], "ACCEPT"), _moved(world, case, second)),
    ):
        assert isinstance(done, Completed), "the task is there in both versions"
        assert moved == "moved"
        assert facts.open_tasks(world, case["case"]) == ["approve"]
        versions = facts.rows(
            world,
            "select c.definition_id as ours, l.definition_id as theirs from cases c join legs l on l.case_id = c.id where c.id = :id",
            id=case["case"],
        )
        assert [(row.ours, row.theirs) for row in versions] == [(second, second)]
        facts.assert_unharmed(world, case["case"])


def test_move_against_move(world: World, subjects: Iterator[str]) -> None:
    world.deploy(models.simple())
    second = world.deploy(models.simple(deadline="approve"))
    third = world.deploy(models.simple(deadline="settle"))
    first = world.deploy(models.simple(deadline="booklet"))
    assert len({first, second, third}) == 3
    for case, one, two, _ in interleavings(
        world.platform.sql,
        lambda: _numbered(world, opened(world, subjects, "review")),
        lambda case: (_moved(world, case, second), _moved(world, case, third)),
    ):
        assert "moved" in (one, two), (one, two)
        (row,) = facts.rows(
            world,
            "select c.definition_id as ours, l.definition_id as theirs from cases c join legs l on l.case_id = c.id where c.id = :id",
            id=case["case"],
        )
        assert row.ours == row.theirs, "the case says another version than its leg"
        assert facts.events(world, case["case"])["leg.moved"] == [one, two].count("moved")
        facts.assert_unharmed(world, case["case"])


def test_deploy_against_start(world: World, subjects: Iterator[str]) -> None:
    """A new case is of the old version or of the new one, whole either way."""
    world.deploy(models.simple())
    hours = iter(range(1, 1000))

    def changed() -> bytes:
        return models.simple().replace(b"PT4H", f"PT{next(hours)}H".encode())

    def start(case: Situation) -> Act:
        return lambda: world.submit(subject=case["subject"])

    def deploy(case: Situation) -> Act:
        return lambda: world.deploy(case["source"])

    for _, leg, version, _ in interleavings(
        world.platform.sql,
        lambda: {"subject": next(subjects), "source": changed()},
        lambda case: (start(case), deploy(case)),
    ):
        assert isinstance(version, int), version
        assert isinstance(leg, LegRow), leg
        with world.platform.transaction(SYSTEM) as ctx:
            case = ctx.session.execute(select(Case).where(Case.id == leg.case_id)).scalar_one()
            assert case.definition_id == leg.definition_id <= version
        assert facts.open_tasks(world, leg.case_id) == ["review"]
        world.complete("clerk", "review", "ACCEPT")
        facts.assert_unharmed(world, leg.case_id)


def test_start_against_start_for_the_same_subject(world: World, subjects: Iterator[str]) -> None:
    """One open case per subject, whichever comes first."""
    world.deploy(models.simple())

    def start(case: Situation) -> Act:
        return lambda: world.submit(subject=case["subject"])

    for _, one, two, _ in interleavings(
        world.platform.sql, lambda: {"subject": next(subjects)}, lambda case: (start(case), start(case)), symmetric=True
    ):
        winner, loser = (one, two) if isinstance(one, LegRow) else (two, one)
        facts.refused(loser, "duplicate-application", winner.case.case_no)
        facts.assert_unharmed(world, winner.case_id)
