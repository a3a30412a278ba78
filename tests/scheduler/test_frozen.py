"""A node that stands still with a lock in its hands: the lock ends, others go on, and what it does after waking is refused."""

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

NODE = """
import sys
from bootstrap.container import Platform
from bootstrap.settings import Settings
from domain.actors import SYSTEM
from domain.cases import rows, service as cases
case_id = int(sys.argv[1])
platform = Platform.open(Settings.from_environment())
try:
    with platform.transaction(SYSTEM) as ctx:
        rows.lock_case(ctx, case_id)
        print("locked", flush=True)
        sys.stdin.readline()
        cases.suspend(ctx, case_id, "nobody knows")
    print("done", flush=True)
except Exception as error:
    print(type(error).__name__, flush=True)
"""


@pytest.mark.network
@pytest.mark.slow
def test_what_a_node_does_after_waking_is_refused(world: World) -> None:
    world.deploy(models.simple())
    case_id = world.submit().case_id
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "LIANBAN_HOME": str(world.platform.settings.home),
        "LIANBAN_DATABASE_URL": world.platform.sql.url.render_as_string(hide_password=False),
        "LIANBAN_DATA_KEY": TEST_KEY.decode(),
        "LIANBAN_TRAINING": "1",
        "LIANBAN_IDLE_TRANSACTION_TIMEOUT": "3",
    }
    node = subprocess.Popen(
        [sys.executable, "-c", NODE, str(case_id)],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert node.stdin is not None
    assert node.stdout is not None
    with node, node.stdin, node.stdout:
        assert node.stdout.readline() == "locked\n"
        node.send_signal(signal.SIGSTOP)
        _until_nobody_holds(world, case_id)
        world.complete("clerk", "review", "ACCEPT")
        node.send_signal(signal.SIGCONT)
        node.stdin.write("\n")
        node.stdin.flush()
        assert node.stdout.readline() in ("Busy\n", "PostgresNotReachable\n")
    assert world.open_tasks() == ["approve"]
    assert not world.legs()["P_main"].is_suspended
    with world.platform.transaction(SYSTEM) as ctx:
        assert audit.verify(ctx, case_id).verified


def _until_nobody_holds(world: World, case_id: int) -> None:
    free = text("select count(*) from (select id from cases where id = :id for update skip locked) c")

    def is_free() -> bool:
        with world.platform.transaction(SYSTEM) as ctx:
            return bool(ctx.session.execute(free, {"id": case_id}).scalar_one())

    until(is_free, "the lock of a frozen node never ended")
