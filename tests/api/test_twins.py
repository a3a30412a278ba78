"""Two requests at once: exactly one wins, the other learns the fact, the case is unharmed."""

import threading
from collections.abc import Callable

import flask

from tests.api.browser import Browser
from tests.support import models
from tests.support.world import World

LogIn = Callable[[str], Browser]


def at_once(first: Browser, second: Browser, path: str, key: str | None) -> list[tuple[int, str]]:
    gate = threading.Barrier(2)
    answers: list[tuple[int, str]] = []

    def act(browser: Browser) -> None:
        gate.wait(timeout=60)
        headers = {"Idempotency-Key": key} if key else {}
        answer = browser.post(path, {"action": "ACCEPT", "data": {}}, headers=headers)
        answers.append((answer.status_code, answer.headers.get("Idempotency-Replayed", "")))

    threads = [threading.Thread(target=act, args=(browser,)) for browser in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return sorted(answers)


def test_two_people_complete_one_task(world: World, log_in: LogIn) -> None:
    world.deploy(models.simple())
    world.submit()
    path = f"/tasks/{world.task('review').id}/complete"
    answers = at_once(log_in("clerk"), log_in("clerk2"), path, None)
    assert [status for status, _ in answers] == [200, 409]
    assert world.open_tasks() == ["approve"]


def test_the_same_request_twice_at_once_happens_once(world: World, app: flask.Flask) -> None:
    world.deploy(models.simple())
    world.submit()
    one = Browser(app).log_in("clerk")
    two = Browser(app).log_in("clerk")
    path = f"/tasks/{world.task('review').id}/complete"
    answers = at_once(one, two, path, "twin-0123456789ab")
    assert answers == [(200, ""), (200, "true")]
    assert world.open_tasks() == ["approve"]
    assert world.count("idempotency_keys") == 1
