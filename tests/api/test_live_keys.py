"""The data key is changed while people work: no request fails, every row comes under the new key, and the old one is not needed any more."""

import threading
from collections.abc import Iterator
from pathlib import Path

import flask
import pytest

from bootstrap.key_ring import open_ring
from bootstrap.settings import Settings
from domain.actors import SYSTEM
from domain.base import get_seal, set_seal
from domain.materials import files
from domain.resealing import service as resealing
from domain.sealing import SM4, KeyRing, Seal
from scheduler import jobs
from tests.api.browser import Browser
from tests.conftest import TEST_KEY
from tests.support import models
from tests.support.world import World

ROUNDS = 60


@pytest.fixture
def ring(tmp_path: Path) -> Iterator[Settings]:
    before = get_seal()
    settings = Settings(home=tmp_path, data_key=TEST_KEY)
    set_seal(open_ring(settings).seal())
    yield settings
    set_seal(before)


def require_all_under_the_present_keys(world: World) -> None:
    with world.platform.transaction(SYSTEM) as ctx:
        run, _ = resealing.list_parts(ctx)
        assert run is not None
        assert run.finished_at is not None
        held = resealing.census(ctx)
        assert {each.place for each in held} >= {
            "users.sealed_name",
            "files.sealed_name",
            "files.content",
            "users.person",
        }
        assert [each for each in held if not each.present] == []


def test_keys_change_under_running_requests(ring: Settings, world: World, app: flask.Flask) -> None:
    world.deploy(models.simple())
    for number in range(3):
        world.submit(subject=f"53262220150601000{number}")
    with world.platform.transaction(SYSTEM) as ctx:
        files.store_file(ctx, "户口簿.pdf", b"%PDF-1.4\n%%EOF\n")
    answers: list[int] = []
    begun, ended = threading.Barrier(3), threading.Event()

    def work() -> None:
        clerk = Browser(app).log_in("clerk")
        task = clerk.get("/tasks").json["items"][0]["id"]
        begun.wait()
        for _ in range(ROUNDS):
            answers.append(clerk.get(f"/tasks/{task}").status_code)
            answers.append(clerk.post("/cases/search", {"q": "532622201506010001"}).status_code)
            answers.append(clerk.get("/tasks").status_code)
            if ended.is_set():
                return

    people = [threading.Thread(target=work) for _ in range(2)]
    for person in people:
        person.start()
    begun.wait()
    file = open_ring(ring)
    entry = file.add("", SM4, "")
    file.activate(entry.id)
    file.add_blind("", "")
    with world.platform.transaction(SYSTEM) as ctx:
        resealing.begin(ctx, "test")
    for _ in range(3):
        jobs.run_due(world.platform)
        world.pass_time("PT2M")
    ended.set()
    for person in people:
        person.join()
    world.pass_time("PT2M")
    jobs.run_due(world.platform)  # a request may have been going on at each look before
    assert set(answers) == {200}
    assert len(answers) >= 6
    require_all_under_the_present_keys(world)
    whole = file.load()
    set_seal(Seal(KeyRing({entry.id: whole.keys[entry.id]}, entry.id, whole.blinds)))  # the old key is gone
    late = Browser(app).log_in("clerk")
    task = late.get("/tasks").json["items"][0]["id"]
    assert late.get(f"/tasks/{task}").status_code == 200
    found = late.post("/cases/search", {"q": "532622201506010001"})
    assert [found.status_code, len(found.json["items"])] == [200, 1]
