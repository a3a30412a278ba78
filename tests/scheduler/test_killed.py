"""kill -9 of a real scheduler in the middle of a job: the next one takes over; nothing is lost, nothing doubled."""

import os
import signal
import subprocess
import sys

import pytest
from sqlalchemy import text

from bootstrap.settings import ROOT
from domain.actors import SYSTEM
from domain.audit import service as audit
from tests.conftest import TEST_KEY
from tests.support import models
from tests.support.patience import until
from tests.support.world import World

SECONDS = 120
CASES = 6


def _scheduler(world: World) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "LIANBAN_HOME": str(world.platform.settings.home),
        "LIANBAN_DATABASE_URL": world.platform.sql.url.render_as_string(hide_password=False),
        "LIANBAN_DATA_KEY": TEST_KEY.decode(),
        "LIANBAN_TRAINING": "1",
        "LIANBAN_WORKER_PROCESSES": "1",
        "LIANBAN_LOG_LEVEL": "ERROR",
    }
    return subprocess.Popen([sys.executable, "-m", "bootstrap.cli", "scheduler"], env=environment)


def _counted(world: World, query: str) -> int:
    with world.platform.transaction(SYSTEM) as ctx:
        ctx.session.execute(text("set local role none"))  # what others are at is hidden from the role that runs
        return int(ctx.session.execute(text(query)).scalar_one())


def _state(world: World) -> list[object]:
    """What there is to do and who waits for what, for the one who has to find out why."""
    queries = (
        "select id, kind, state, attempts, last_error, due_at > clock_timestamp() from work",
        "select id, status, queue_name, args::text from procrastinate_jobs",
        (
            "select application_name, state, wait_event_type, wait_event, left(query, 60) from pg_stat_activity"
            " where datname = current_database()"
        ),
    )
    with world.platform.transaction(SYSTEM) as ctx:
        return [[tuple(row) for row in ctx.session.execute(text(query))] for query in queries]


@pytest.mark.network
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_killed_scheduler_loses_and_doubles_nothing(world: World) -> None:
    world.deploy(models.joint())
    for number in range(CASES):
        world.submit(subject=f"subject-{number}")
        world.complete("clerk", "prepare", reason="投靠父母")
    first = second = None
    try:
        with world.platform.sql.connect() as holder:
            holder.execute(
                text("set local idle_in_transaction_session_timeout = 0")
            )  # the process may take long to start
            holder.execute(text("select id from cases where id = (select min(id) from cases) for update"))
            first = _scheduler(world)
            waiting = (
                "select count(*) from pg_stat_activity where datname = current_database()"
                " and wait_event_type = 'Lock' and query like '%cases%'"
            )
            until(lambda: _counted(world, waiting) > 0, "no job of the first process reached the held case")
            until(lambda: _counted(world, "select count(*) from legs") > CASES, lambda: _state(world))
            first.send_signal(signal.SIGKILL)
            first.wait(SECONDS)
            holder.rollback()
        second = _scheduler(world)
        until(lambda: _counted(world, "select count(*) from work where state <> 'done'") == 0, lambda: _state(world))
    finally:
        for process in (first, second):
            if process is not None and process.poll() is None:
                process.terminate()
                process.wait(SECONDS)
    assert world.count("legs") == 2 * CASES
    assert world.open_tasks() == ["work"] * CASES
    assert _counted(world, "select count(*) from messages where direction = 'in' and state = 'delivered'") == CASES
    with world.platform.transaction(SYSTEM) as ctx:
        assert all(
            audit.verify(ctx, case_id).verified for case_id in ctx.session.scalars(text("select id from cases")).all()
        )
