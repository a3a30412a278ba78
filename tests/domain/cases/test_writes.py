"""Steps of several cases in one transaction, written together; statements that the driver runs itself."""

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DataError

from domain.actors import SYSTEM
from domain.audit import service as audit
from domain.cases import rows, runtime
from domain.cases.projection import Cause
from domain.cases.writes import Change, Writes
from domain.context import Context
from domain.statements import Statement
from engine.contract import Advance, Environment
from engine.facade import Engine
from tests.support import models
from tests.support.world import World

SUBJECTS = ("532622201506010011", "532622201506010012", "532622201506010013")


def complete(world: World, leg: rows.LegRow, ctx: Context, task: str, batch: Writes | None = None) -> None:
    """The task of a locked leg."""
    found = world.task(task, leg.id).id

    def command(engine: Engine, definition: str, state: bytes, env: Environment) -> Advance:
        return engine.complete_task(definition, state, found, {"action": "ACCEPT"}, env)

    runtime.step(ctx, leg, command, cause=Cause("task.completed", task, {"taskId": found}), batch=batch)


def test_steps_of_several_cases_are_written_in_one_statement(world: World) -> None:
    world.deploy(models.simple())
    legs = [world.submit(subject=subject).id for subject in SUBJECTS]
    statements: list[str] = []
    with world.platform.transaction(SYSTEM) as ctx:
        locked = [rows.lock_leg(ctx, leg_id) for leg_id in legs]
        writes = Writes()
        for leg in locked:
            complete(world, leg, ctx, "review", writes)
        event.listen(ctx.session.connection(), "before_cursor_execute", lambda *a: statements.append(a[2]))
        writes.flush(ctx.session)
        runtime.forget_entities(ctx)
    assert len(statements) == 1
    assert world.open_tasks() == ["approve"] * len(legs)
    assert world.count("task_candidates") == len(legs)
    with world.platform.transaction(SYSTEM) as ctx:
        for leg in locked:
            assert audit.verify(ctx, leg.case_id).verified
            assert rows.lock_leg(ctx, leg.id).version == leg.version == 2


LEFT = (
    "select status, result_code, flags::text, audit_seq, accepted_at is null, closed_at is null from cases where id = :case",
    "select status, result_code, version, active_elements::text, visited::text, taken::text, ended_at is null from legs where case_id = :case",
    "select element_id, state, completed_by, completed_for, action, closed_at is null, draft, version from tasks where case_id = :case order by 1",
    "select is_open from case_subjects where case_id = :case",
    "select count(*) from task_candidates where case_id = :case",
    "select kind, state from work where case_id = :case order by kind, due_at",
)
"""What a step leaves behind, as far as it is the same for every case."""


def test_a_step_leaves_the_same_written_alone_or_together(world: World) -> None:
    world.deploy(models.simple())
    legs = [world.submit(subject=subject).id for subject in SUBJECTS]
    with world.platform.transaction(SYSTEM) as ctx:
        alone, *others = [rows.lock_leg(ctx, leg_id) for leg_id in legs]
    for task in ("review", "approve"):
        with world.platform.transaction(SYSTEM) as ctx:
            complete(world, rows.lock_leg(ctx, alone.id), ctx, task)
        with world.platform.transaction(SYSTEM) as ctx:
            writes = Writes()
            for leg in others:
                complete(world, rows.lock_leg(ctx, leg.id), ctx, task, writes)
            writes.flush(ctx.session)
        with world.platform.transaction(SYSTEM) as ctx:
            found = [
                [ctx.session.execute(text(query), {"case": leg.case_id}).all() for query in LEFT]
                for leg in (alone, *others)
            ]
        assert found[0] == found[1] == found[2]
    assert found[0][3] == [(False,)]


def test_two_steps_of_one_case_do_not_share_a_flush(world: World) -> None:
    world.deploy(models.simple())
    leg_id = world.submit().id
    with world.platform.transaction(SYSTEM) as ctx:
        leg = rows.lock_leg(ctx, leg_id)
        change = Change(leg, leg.state, ctx.clock.now(), None)
        with pytest.raises(ValueError, match="two steps of one case"):
            Writes(changes=[change, change]).flush(ctx.session)


def test_what_the_database_refuses_is_told_without_values(world: World) -> None:
    broken = Statement("select %(number)s::text::int")
    with pytest.raises(DataError) as refused, world.platform.transaction(SYSTEM) as ctx:
        broken.rows(ctx.session, {"number": "secret"})
    assert refused.value.params is None
    assert refused.value.hide_parameters
