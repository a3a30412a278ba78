"""Requests that wait hold up nobody: neither those that work nor a node that is about to stop."""

import threading
from collections.abc import Callable, Iterable
from typing import Any

from api.places import Places
from api.waiting import Waiters
from domain.jobs.external import Want
from tests.support.patience import until

WANT = frozenset({Want("topic", 1)})


def test_a_node_that_drains_answers_those_who_wait() -> None:
    draining = threading.Event()
    waiters = Waiters(lambda _: set(), 2, ending=draining.is_set)
    answers: list[bool | None] = []
    waiting = threading.Thread(target=lambda: answers.append(waiters.wait(WANT, 60)))
    waiting.start()
    until(lambda: waiters.waiting or not waiting.is_alive(), "nobody waits")
    draining.set()
    waiting.join(60)
    assert answers == [True]
    assert waiters.wait(WANT, 60) is None


def test_who_waits_leaves_the_place_to_others() -> None:
    went: list[str] = []
    waits, served = threading.Event(), threading.Event()

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("200 OK", [])
        if environ["PATH_INFO"] == "/waits":
            with places.left():
                waits.set()
                assert served.wait(60)
        went.append(environ["PATH_INFO"])
        return [b""]

    places = Places(application, 1)
    ask = [
        threading.Thread(target=places, args=({"PATH_INFO": path}, lambda *_: None)) for path in ("/waits", "/works")
    ]
    ask[0].start()
    assert waits.wait(60)
    ask[1].start()
    ask[1].join(60)
    served.set()
    ask[0].join(60)
    assert went == ["/works", "/waits"]
