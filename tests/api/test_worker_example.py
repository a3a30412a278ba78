"""The workers of docs/external-tasks.md, run as they stand there against a real socket."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import flask
import pytest
from werkzeug.serving import make_server

from bootstrap.settings import ROOT
from tests.api.test_external_tasks import Worker, register
from tests.support.external import ask, jobs, service
from tests.support.patience import until
from tests.support.world import World

pytestmark = [pytest.mark.network, pytest.mark.timeout(600)]


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


Start = Callable[[str], subprocess.Popen[bytes]]
PROGRAMS = {"python": (sys.executable, "worker.py"), "javascript": ("node", "worker.mjs")}


@pytest.fixture
def start(world: World, address: str, tmp_path: Path) -> Iterator[Start]:
    """Starts a worker as the guide has it, in that language; all have the same token."""
    guide = (ROOT / "docs" / "external-tasks.md").read_text(encoding="utf-8")
    environment = {**os.environ, "LIANBAN_URL": address, "LIANBAN_TOKEN": register(world)}
    running: list[subprocess.Popen[bytes]] = []

    def run(language: str) -> subprocess.Popen[bytes]:
        found = re.search(rf"```{language}\n(.*?)```", guide, re.DOTALL)
        assert found
        command, name = PROGRAMS[language]
        program = tmp_path / name
        program.write_text(found[1], encoding="utf-8")
        with (tmp_path / f"{name}.log").open("wb") as log:
            running.append(subprocess.Popen([command, str(program)], env=environment, stdout=log, stderr=log))
        return running[-1]

    yield run
    for process in running:
        process.kill()
        process.wait()


def until_open(world: World, element: str) -> None:
    until(lambda: element in world.open_tasks(), world.open_tasks)


@pytest.mark.parametrize(("language", "error"), [("python", "ValueError"), ("javascript", "TypeError")])
def test_the_worker_of_the_guide_does_its_tasks(world: World, start: Start, language: str, error: str) -> None:
    worker = start(language)
    ask(world, service(catch="UNPAID"))
    until_open(world, "finish")
    assert world.legs()["P_main"].variables["answer"] == "paid 1200"
    world.submit(subject="532622201506011111")
    world.complete("clerk", "review", note="-5")
    until_open(world, "refused")
    assert [job.state for job in jobs(world)] == ["done", "done"]
    world.submit(subject="532622201506012222")
    world.complete("clerk", "review", note="many")
    until(lambda: jobs(world)[-1].error_code, "the worker reports nothing")
    assert (jobs(world)[-1].error_code, jobs(world)[-1].trouble["message"]) == ("worker-failed", error)
    assert worker.poll() is None


def test_two_workers_do_each_task_once_and_take_over_from_one_that_died(
    world: World, app: flask.Flask, start: Start
) -> None:
    ask(world)
    dead = Worker(app, register(world), "died")
    [held] = dead.fetch(lock=600)
    workers = [start("python"), start("javascript")]
    for number in range(6):
        world.submit(subject=f"53262220150702{number:04d}")
        world.complete("clerk", "review", note=str(number))
    until_done(world, 6)
    assert [job.state for job in jobs(world)].count("locked") == 1
    world.pass_time("PT11M")  # the lock of the dead one ends
    until_done(world, 7)
    assert [job.attempts for job in jobs(world)] == [2] + [1] * 6
    late = dead.post(f"{held['id']}/complete", variables={"answer": "too late"})
    assert (late.status_code, late.json["code"]) == (409, "external-task-closed")
    assert all(worker.poll() is None for worker in workers)


def until_done(world: World, count: int) -> None:
    until(lambda: states(world).count("done") == count, lambda: states(world))


def states(world: World) -> list[str]:
    return [job.state for job in jobs(world)]
