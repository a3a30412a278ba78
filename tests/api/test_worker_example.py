"""The worker of docs/external-tasks.md, run as it stands there against a real socket."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import flask
import pytest
from werkzeug.serving import make_server

from bootstrap.settings import ROOT
from tests.api.test_external_tasks import register
from tests.support.external import ask, jobs, service
from tests.support.world import World

pytestmark = [pytest.mark.network]
SECONDS = 60


@pytest.fixture
def address(app: flask.Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    app.extensions["lianban-waiters"].close()
    server.shutdown()
    thread.join(timeout=30)
    server.server_close()


@pytest.fixture
def worker(world: World, address: str, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    guide = (ROOT / "docs" / "external-tasks.md").read_text(encoding="utf-8")
    found = re.search(r"```python\n(.*?)```", guide, re.DOTALL)
    assert found
    program = tmp_path / "worker.py"
    program.write_text(found[1], encoding="utf-8")
    environment = {**os.environ, "LIANBAN_URL": address, "LIANBAN_TOKEN": register(world)}
    with (tmp_path / "worker.log").open("wb") as log:
        process = subprocess.Popen([sys.executable, str(program)], env=environment, stdout=log, stderr=log)
        yield process
        process.kill()
        process.wait()


def until_open(world: World, element: str) -> None:
    for _ in range(SECONDS * 20):
        if element in world.open_tasks():
            return
        threading.Event().wait(0.05)
    raise AssertionError(world.open_tasks())


def test_the_worker_of_the_guide_does_its_tasks(world: World, worker: subprocess.Popen[bytes]) -> None:
    ask(world, service(catch="UNPAID"))
    until_open(world, "finish")
    assert world.legs()["P_main"].variables["answer"] == "paid 1200"
    world.submit(subject="532622201506011111")
    world.complete("clerk", "review", note="-5")
    until_open(world, "refused")
    assert [job.state for job in jobs(world)] == ["done", "done"]
    world.submit(subject="532622201506012222")
    world.complete("clerk", "review", note="many")
    for _ in range(SECONDS * 20):
        if jobs(world)[-1].error_code:
            break
        threading.Event().wait(0.05)
    assert (jobs(world)[-1].error_code, jobs(world)[-1].trouble["message"]) == ("worker-failed", "ValueError")
    assert worker.poll() is None
