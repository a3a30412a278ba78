"""Requests that wait do not hold up a node that is about to stop."""

import threading

from api.waiting import Waiters
from domain.jobs.external import Want

WANT = frozenset({Want("topic", 1)})


def test_a_node_that_drains_answers_those_who_wait() -> None:
    draining = threading.Event()
    waiters = Waiters(lambda _: set(), 2, ending=draining.is_set)
    answers: list[bool | None] = []
    waiting = threading.Thread(target=lambda: answers.append(waiters.wait(WANT, 30)))
    waiting.start()
    while not waiters.waiting and waiting.is_alive():
        threading.Event().wait(0.005)
    draining.set()
    waiting.join(10)
    assert answers == [True]
    assert waiters.wait(WANT, 30) is None
