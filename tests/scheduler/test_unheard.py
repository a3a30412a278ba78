"""A worker that lives never heard that a job was given to it: the sweep gives the work to others."""

from sqlalchemy import text

from domain.actors import SYSTEM
from domain.outbox import work
from domain.outbox.work import NewWork
from scheduler import promote
from tests.support.world import World


def test_a_job_that_nobody_heard_of_is_given_back(world: World) -> None:
    with world.platform.transaction(SYSTEM) as ctx:
        work.add(ctx, [NewWork("test.good", "unheard", ctx.clock.now())])
    promote.promote(world.platform)
    with world.platform.sql.begin() as connection:
        worker = connection.execute(
            text("insert into procrastinate_workers (last_heartbeat) values (clock_timestamp()) returning id")
        ).scalar_one()
        connection.execute(
            text("update procrastinate_jobs set status = 'doing', worker_id = :worker"), {"worker": worker}
        )
        connection.execute(text("update work set promoted_at = clock_timestamp() - interval '1 minute'"))
    assert promote.sweep(world.platform) == 0, "it may be at it"
    with world.platform.sql.begin() as connection:
        connection.execute(text("update procrastinate_events set at = clock_timestamp() - interval '6 minutes'"))
        connection.execute(text("update procrastinate_workers set last_heartbeat = clock_timestamp()"))
    assert promote.sweep(world.platform) == 1
    assert [each.state for each in world.work("test.good")] == ["pending"]
    with world.platform.sql.begin() as connection:
        assert connection.execute(text("select count(*) from procrastinate_jobs")).scalar_one() == 0
        connection.execute(text("delete from procrastinate_workers"))
