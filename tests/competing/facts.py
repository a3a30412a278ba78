"""What must hold of a case after any two acts on it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import text

from api.problems import problem_of
from domain.actors import SYSTEM
from domain.audit import service as audit
from tests.support.world import World


def rows(world: World, query: str, **values: Any) -> list[Any]:
    with world.platform.transaction(SYSTEM) as ctx:
        return list(ctx.session.execute(text(query), values))


def open_tasks(world: World, case_id: int) -> list[str]:
    query = "select element_id from tasks where case_id = :id and state = 'open' order by 1"
    return [row.element_id for row in rows(world, query, id=case_id)]


def events(world: World, case_id: int) -> Counter[str]:
    return Counter(row.kind for row in rows(world, "select kind from audit_events where case_id = :id", id=case_id))


def work(world: World, case_id: int, kind: str) -> list[str]:
    """States of a case's work of a kind."""
    query = "select state from work where case_id = :id and kind = :kind order by id"
    return [row.state for row in rows(world, query, id=case_id, kind=kind)]


def assert_unharmed(world: World, case_id: int) -> None:
    """The chain verifies, every token has its one task, every open task its one place, no work waits for what is closed."""
    with world.platform.transaction(SYSTEM) as ctx:
        assert audit.verify(ctx, case_id).verified
    doubled = (
        "select leg_id, element_id from tasks where case_id = :id and state = 'open' group by 1, 2 having count(*) > 1"
    )
    assert not rows(world, doubled, id=case_id)
    lost = """
        select t.id from tasks t join legs l on l.id = t.leg_id where t.case_id = :id and t.state = 'open'
        and (l.ended_at is not null or not l.active_elements ? t.element_id)
        union all
        select t.id from tasks t where t.case_id = :id and t.state = 'open' and t.role <> 'APPLICANT'
        and not exists (select 1 from task_candidates c where c.task_id = t.id)
        union all
        select c.task_id from task_candidates c join tasks t on t.id = c.task_id where c.case_id = :id and t.state <> 'open'
        union all
        select w.ref from work w join tasks t on t.id = w.ref
        where w.case_id = :id and w.state in ('pending', 'promoted') and t.state <> 'open'
    """
    assert not rows(world, lost, id=case_id)
    ended = """
        select w.id from work w join legs l on l.id = w.leg_id
        where w.case_id = :id and w.kind = 'timer.fire' and w.state in ('pending', 'promoted') and l.ended_at is not null
    """
    assert not rows(world, ended, id=case_id)


def refused(error: Any, code: str, *said: str) -> None:
    """A 409 problem that states the fact."""
    assert isinstance(error, Exception), error
    problem = problem_of(error)
    assert (problem.status, problem.code) == (409, code), (problem.status, problem.code, error)
    for each in said:
        assert each in problem.detail, problem.detail
