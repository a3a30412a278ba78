from datetime import timedelta

import pytest

from engine.contract import Expressions, StartTimer
from engine.errors import StepFailed
from tests.engine import kit


def timed(text: str, kind: str = "timeDuration") -> bytes:
    return kit.document(
        kit.start("begin", kit.timer(text, kind)) + kit.user("work") + kit.end() + kit.chain("begin", "work", "end")
    )


def test_a_timer_start_is_due_once(feel: Expressions) -> None:
    driver = kit.Driver(timed("PT1H"), feel)
    (timer,) = driver.engine.start_timers("d1", "p", driver.env)
    assert timer == StartTimer("begin", kit.START + timedelta(hours=1))
    assert driver.engine.next_start_timer(timer, driver.env) is None


def test_a_cycle_start_comes_again_as_often_as_it_says(feel: Expressions) -> None:
    driver = kit.Driver(timed("R3/PT1H", "timeCycle"), feel)
    (timer,) = driver.engine.start_timers("d1", "p", driver.env)
    due = [timer.due_at]
    while (timer_after := driver.engine.next_start_timer(timer, driver.env)) is not None:
        timer = timer_after
        due.append(timer.due_at)
    assert due == [kit.START + timedelta(hours=n) for n in (1, 2, 3)]


def test_the_due_date_of_a_start_may_be_computed(feel: Expressions) -> None:
    driver = kit.Driver(timed('=if 1 = 1 then "PT2H" else "PT3H"'), feel)
    assert [t.due_at for t in driver.engine.start_timers("d1", "p", driver.env)] == [kit.START + timedelta(hours=2)]
    broken = kit.Driver(timed("=null"), feel)
    with pytest.raises(StepFailed, match="timer"):
        broken.engine.start_timers("d1", "p", broken.env)


CAUGHT = (
    kit.start()
    + kit.user("work")
    + kit.boundary("failed", "work", '<bpmn:errorEventDefinition errorRef="e_NO"/>')
    + kit.boundary("raised", "work", '<bpmn:escalationEventDefinition escalationRef="x_UP"/>', interrupting=False)
    + kit.user("repair")
    + kit.user("boss")
    + kit.end()
    + kit.end("end2")
    + kit.end("end3")
    + kit.chain("start", "work", "end")
    + kit.chain("failed", "repair", "end2")
    + kit.chain("raised", "boss", "end3")
)


def caught(feel: Expressions) -> kit.Driver:
    declarations = kit.declare(errors=["NO"], escalations=["UP"])
    return kit.Driver(kit.document(CAUGHT, declarations=declarations), feel).start()


def test_a_person_ends_a_task_with_an_error(feel: Expressions) -> None:
    driver = caught(feel)
    task = driver.task("work").id
    driver._took(driver.engine.throw_task_error("d1", driver.last.state, task, "NO", {"why": "ill"}, driver.env))
    assert (driver.tasks(), driver.variables) == (["repair"], {"why": "ill"})


def test_an_error_of_a_task_nobody_catches_is_an_incident_and_the_task_may_be_opened_again(
    feel: Expressions,
) -> None:
    driver = caught(feel)
    task = driver.task("work").id
    driver._took(driver.engine.throw_task_error("d1", driver.last.state, task, "OTHER", {}, driver.env))
    assert (driver.tasks(), driver.incidents()) == ([], [("work", "errorUncaught")])
    assert driver.retry().tasks() == ["work"]
    assert driver.complete("work").ended


def test_a_person_escalates_and_the_task_stays_open(feel: Expressions) -> None:
    driver = caught(feel)
    task = driver.task("work").id
    driver._took(driver.engine.throw_task_escalation("d1", driver.last.state, task, "UP", {}, driver.env))
    assert driver.tasks() == ["boss", "work"]
    driver._took(driver.engine.throw_task_escalation("d1", driver.last.state, task, "ELSE", {}, driver.env))
    assert driver.tasks() == ["boss", "work"]
