"""Steps of several cases in one transaction, written together; statements that the driver runs itself."""

import pytest
from sqlalchemy import event
from sqlalchemy.exc import DataError

from domain.actors import SYSTEM
from domain.audit import service as audit
from domain.cases import rows, runtime
from domain.cases.projection import Cause
from domain.cases.writes import Change, Writes
from domain.statements import Statement
from engine.contract import Advance, Environment
from engine.facade import Engine
from tests.support import models
from tests.support.world import World

SUBJECTS = ("532622201506010011", "532622201506010012", "532622201506010013")


def test_steps_of_several_cases_are_written_in_two_statements(world: World) -> None:
    world.deploy(models.simple())
    legs = [world.submit(subject=subject).id for subject in SUBJECTS]
    statements: list[str] = []
    with world.platform.transaction(SYSTEM) as ctx:
        locked = [rows.lock_leg(ctx, leg_id) for leg_id in legs]
        writes = Writes()
        for leg in locked:
            task = world.task("review", leg.id).id

            def complete(engine: Engine, definition: str, state: bytes, env: Environment, task: str = task) -> Advance:
                return engine.complete_task(definition, state, task, {"action": "ACCEPT"}, env)

            runtime.step(ctx, leg, complete, cause=Cause("task.completed", "review", {"taskId": task}), batch=writes)
        event.listen(ctx.session.connection(), "before_cursor_execute", lambda *a: statements.append(a[2]))
        writes.flush(ctx.session)
        runtime.forget_entities(ctx)
    assert len(statements) == 2
    assert world.open_tasks() == ["approve"] * len(legs)
    assert world.count("task_candidates") == len(legs)
    with world.platform.transaction(SYSTEM) as ctx:
        for leg in locked:
            assert audit.verify(ctx, leg.case_id).verified
            assert rows.lock_leg(ctx, leg.id).version == leg.version == 2


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
