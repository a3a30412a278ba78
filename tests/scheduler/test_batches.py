"""Several rows of work in one transaction: all or each by itself; cases that somebody holds wait for nobody and hold up nobody."""

from datetime import timedelta

from sqlalchemy import event, text

from bootstrap.container import Platform
from domain.actors import SYSTEM
from domain.audit import service as audit
from domain.context import Context
from domain.outbox import work
from domain.outbox.models import Work
from domain.outbox.work import NewWork, Outside, Postponed
from scheduler import batches
from tests.support import models
from tests.support.hasty import hasty
from tests.support.world import World

CASES = 4


def _waiting(world: World) -> list[int]:
    """Cases whose timers are due; the ids of the timers' work."""
    world.deploy(models.simple())
    for number in range(CASES):
        world.submit(subject=f"subject-{number}")
    world.pass_time("PT5H")
    return [item.id for item in world.work("timer.fire")]


def _states(world: World, kind: str = "timer.fire") -> list[str]:
    return [item.state for item in world.work(kind)]


def _fired(world: World) -> list[int]:
    with world.platform.transaction(SYSTEM) as ctx:
        query = "select case_id from audit_events where kind = 'timer.fired' order by case_id"
        return list(ctx.session.execute(text(query)).scalars())


def _add(platform: Platform, *kinds: str) -> list[int]:
    with platform.transaction(SYSTEM) as ctx:
        work.add(ctx, [NewWork(kind, f"{kind}-{at}", ctx.clock.now()) for at, kind in enumerate(kinds)])
        return list(ctx.session.execute(text("select id from work order by id")).scalars())[-len(kinds) :]


def test_timers_of_several_cases_fire_in_one_transaction(world: World) -> None:
    ids = _waiting(world)
    commits: list[object] = []

    def count(connection: object) -> None:
        commits.append(connection)

    event.listen(world.platform.sql, "commit", count)
    try:
        assert batches.run(world.platform, ids) == CASES
    finally:
        event.remove(world.platform.sql, "commit", count)
    assert len(commits) == 1
    assert _states(world) == ["done"] * CASES
    assert _fired(world) == [1, 2, 3, 4]
    with world.platform.transaction(SYSTEM) as ctx:
        assert all(audit.verify(ctx, case_id).verified for case_id in range(1, CASES + 1))
    assert batches.run(world.platform, ids) == 0
    assert _fired(world) == [1, 2, 3, 4]


def test_a_case_that_somebody_holds_holds_up_no_other(world: World) -> None:
    ids = _waiting(world)
    with (
        world.platform.sql.connect() as holder,
        hasty(world.platform, lock_timeout=timedelta(seconds=1)) as platform,
    ):
        holder.execute(text("select id from cases where id = 2 for update"))
        assert batches.run(platform, ids) == CASES - 1
        assert _states(world) == ["done", "pending", "done", "done"]
    assert _fired(world) == [1, 3, 4]


def test_one_that_fails_harms_no_other(world: World) -> None:
    ids = _waiting(world)
    ids += _add(world.platform, "test.poison", "test.good")

    def poison(ctx: Context, item: Work) -> None:
        ctx.session.execute(text("update items set name = 'half done'"))
        raise RuntimeError(item.kind)

    done: list[int] = []
    world.with_handlers(jobs={"test.poison": poison, "test.good": lambda _, item: done.append(item.id)})
    assert batches.run(world.platform, ids) == CASES + 1
    assert _states(world) == ["done"] * CASES
    assert _fired(world) == [1, 2, 3, 4]
    poisoned = world.work("test.poison")[0]
    assert (poisoned.state, poisoned.attempts, poisoned.last_error) == ("pending", 1, "RuntimeError")
    with world.platform.transaction(SYSTEM) as ctx:
        assert ctx.session.execute(text("select name from items")).scalar_one() == "测试事项"


def test_calls_are_made_after_the_commit_and_put_off_is_put_off(world: World) -> None:
    open_transactions: list[int] = []

    def call() -> str:
        with world.platform.sql.connect() as other:
            query = (  # databases made from one template share the numbers of their tables
                "select count(*) from pg_locks l join pg_database d on d.oid = l.database"
                " where d.datname = current_database() and l.locktype = 'relation' and l.relation = 'work'::regclass"
            )
            open_transactions.append(other.execute(text(query)).scalar_one())
        return "answer"

    answers: list[str] = []
    outside = Outside(call, lambda _ctx, _item, answer: answers.append(answer))

    def later(ctx: Context, item: Work) -> None:
        del item
        raise Postponed(ctx.clock.now().replace(year=2100))

    world.with_handlers(jobs={"test.out": lambda *_: outside, "test.later": later, "test.good": lambda *_: None})
    assert batches.run(world.platform, _add(world.platform, "test.out", "test.good", "test.out")) == 3
    assert (open_transactions, answers) == ([0, 0], ["answer", "answer"])
    assert batches.run(world.platform, _add(world.platform, "test.later", "test.good")) == 1
    item = world.work("test.later")[0]
    assert (item.state, item.attempts, item.due_at.year) == ("pending", 0, 2100)
