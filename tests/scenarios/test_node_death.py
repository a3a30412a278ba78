"""A node dies, or its line to the database is cut, at every statement of a step: the step happened wholly or not at all.

The step is the richest of the household move: 迁出登记 completes a task, closes timers, issues a certificate, changes a registration,
sends messages, notifies. After each cut the database must be as it was; the request repeated with its key has one effect.
"""

from __future__ import annotations

from typing import Any

import pytest

from api.app import create_app
from bootstrap.demo.people import PASSWORD
from domain.actors import SYSTEM
from domain.audit import service as audit
from domain.cases.models import Task
from domain.certificates.models import Certificate
from domain.definitions import store
from domain.outbox.models import Work
from scheduler import jobs
from tests.api.browser import Browser
from tests.support.household import INVESTIGATE, Household
from tests.support.powercut import Cut, NodeDied, Where, cutting, fingerprint
from tests.support.scene import Scene, ScenePlatform

MOST = 300
CUT_EVERY = 5
"""What is left in the database is the same as when the node dies; what the node then answers is tried at every fifth."""


def restarted(scene: Scene) -> None:
    """What a new process knows: nothing."""
    store.forget()
    scene.platform.sql.dispose()
    scene.platform = ScenePlatform.at(scene.platform.settings, scene.platform.sql, scene.platform.moment)


def move_out(scene: Scene) -> tuple[Household, Task, dict[str, Any]]:
    household = Household(scene).to_verification()
    household.agree()
    task = scene.task("moveOutTask")
    return household, task, {"action": "MOVE_OUT", "data": household.move_out_form(), "version": task.version}


def browser(scene: Scene, login: str) -> Browser:
    return Browser(create_app(scene.platform)).log_in(login, PASSWORD)


def assert_moved_out_once(scene: Scene, task: Task) -> None:
    assert scene.open_tasks() == ["archiveTask", "settlement"]
    assert scene.count(Task, Task.leg_id == task.leg_id, Task.element_id == "moveOutTask") == 1
    assert len(scene.certificates("migration-certificate")) == 1
    names = [(row.name, row.direction) for row in scene.messages()]
    assert len(names) == len(set(names)), names
    with scene.platform.transaction(SYSTEM) as ctx:
        assert audit.verify(ctx, scene.case_id).verified


@pytest.mark.parametrize("dies", [False, True], ids=["the line is cut", "the node dies"])
def test_a_request_at_every_statement(scene: Scene, *, dies: bool) -> None:
    household, task, body = move_out(scene)
    person = browser(scene, f"{household.there}.handler")
    path, key = f"/tasks/{task.id}/complete", {"Idempotency-Key": "moved-out-0001"}
    before = fingerprint(scene.platform.sql)

    def ask() -> Any:
        return person.post(path, body, headers=key)

    for number in range(1, MOST, 1 if dies else CUT_EVERY):
        with cutting(scene.platform.sql, Cut(number, dies=dies)) as cut:
            answer = _attempt(ask)
        if not cut.happened:
            break
        assert answer is None if dies else answer.status_code in (200, 503), number
        if answer is not None and answer.status_code == 200:  # the first statement is tried again on a new line
            break
        assert fingerprint(scene.platform.sql) == before, (
            f"something is left of a step that was cut at statement {number}"
        )
    assert number > 10 or not dies


@pytest.mark.parametrize("dies", [False, True], ids=["the line is cut", "the node dies"])
@pytest.mark.parametrize("where", ["before commit", "after commit"])
def test_a_request_around_its_commit(scene: Scene, where: Where, *, dies: bool) -> None:
    household, task, body = move_out(scene)
    login = f"{household.there}.handler"
    path, key = f"/tasks/{task.id}/complete", {"Idempotency-Key": "moved-out-0001"}
    person = browser(scene, login)
    before = fingerprint(scene.platform.sql)
    with cutting(scene.platform.sql, Cut(1, where, dies=dies)) as cut:
        answer = _attempt(lambda: person.post(path, body, headers=key))
    assert cut.happened
    assert answer is None if dies else answer.status_code == 503
    assert (fingerprint(scene.platform.sql) == before) is (where == "before commit")
    if dies:
        restarted(scene)
        person = browser(scene, login)
    again = person.post(path, body, headers=key)
    assert again.status_code == 200, again.text
    assert again.headers.get("Idempotency-Replayed", "false") == ("true" if where == "after commit" else "false")
    scene.run()
    assert_moved_out_once(scene, task)
    assert scene.count(Certificate, Certificate.kind == "migration-certificate") == 1


def _attempt(call: Any) -> Any:
    """The answer, or None when the node died under it."""
    try:
        return call()
    except NodeDied:
        return None


def _due(scene: Scene, kind: str) -> Work:
    rows = scene._all(Work, Work.case_id == scene.case_id, Work.kind == kind, Work.state == "pending")
    return min(rows, key=lambda row: row.due_at)


@pytest.mark.parametrize("kind", ["message.deliver", "timer.fire", "deadline.step"])
def test_a_job_on_a_node_that_dies_at_every_statement(scene: Scene, kind: str) -> None:
    """Nothing is left of the attempt; the next node does it, once."""
    household = Household(scene)
    if kind == "message.deliver":
        household.to_investigation()
        household.main("handler").complete("investigation", "PROPOSE_GRANT", **INVESTIGATE)
        household.main("approver").attempt("approval", "APPROVE", opinion="同意。")
    else:
        household.apply()
    work = _due(scene, kind)
    scene.platform.moment = max(scene.platform.moment, work.due_at)
    before = fingerprint(scene.platform.sql)
    for where in ("statement", "before commit"):
        for number in range(1, MOST):
            with cutting(scene.platform.sql, Cut(number, where, dies=True)) as cut:
                done = _attempt(lambda: jobs.run(scene.platform, work.id))
            if not cut.happened:
                break
            assert fingerprint(scene.platform.sql) == before, (kind, where, number)
        if cut.happened or where == "before commit":
            continue
        assert done
        assert number > 8
        return
    raise AssertionError("it was never done")


def test_a_job_whose_line_is_cut_has_not_failed(scene: Scene) -> None:
    """The database went away under it: that is no attempt, and nothing waits for a policy's pauses."""
    Household(scene).apply()
    work = _due(scene, "timer.fire")
    scene.platform.moment = work.due_at
    with cutting(scene.platform.sql, Cut(8)) as cut:
        assert not jobs.run(scene.platform, work.id)
    assert cut.happened
    (after,) = scene._all(Work, Work.id == work.id)
    assert (after.state, after.attempts) == ("pending", 0)
    assert after.due_at - work.due_at <= jobs.BUSY_PAUSE
    scene.platform.moment = after.due_at
    assert jobs.run(scene.platform, work.id)
