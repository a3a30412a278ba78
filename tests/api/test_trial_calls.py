"""Trials of models that call each other, compensate and cancel: seen with the ids that the files give."""

from __future__ import annotations

from tests.api.browser import Browser, assert_problem
from tests.api.trying import Trial
from tests.engine import kit
from tests.engine.compensating import compensate, undo


def calling(binding: str = "") -> bytes:
    called = kit.node("callActivity", "call", ext=f'<zeebe:calledElement processId="q" {binding}/>')
    return kit.document(
        kit.start()
        + called
        + kit.user("after")
        + kit.end("end", compensate())
        + kit.chain("start", "call", "after", "end")
    )


CALLED = kit.document(
    kit.start()
    + kit.user("a")
    + kit.service("book", "hotel.book")
    + kit.end()
    + kit.chain("start", "a", "book", "end")
    + undo("a"),
    ids=("q",),
)


def test_a_model_calls_another_one_of_the_trial(designer: Browser) -> None:
    trial = Trial(designer, calling(), CALLED, results={"book": {"room": 12}})
    trial.start()
    assert trial.tasks() == ["a"]
    task = trial.get("/tasks")["items"][0]
    assert task["formId"] == "form1"
    trial.complete("a")
    assert trial.history("job.completed") == ["book"]
    assert trial.tasks() == ["after"]
    trial.complete("after")
    assert trial.tasks() == ["undo_a"]
    trial.complete("undo_a")
    (instance,) = trial.get("/instances")["items"]
    assert (instance["state"], instance["variables"]["room"]) == ("ended", 12)
    assert trial.history("entered") == ["start", "call", "start", "a", "book", "end", "after", "end", "b_a", "undo_a"]


def test_the_deployment_binds_a_call(designer: Browser) -> None:
    trial = Trial(designer, calling('bindingType="deployment"'), CALLED)
    newer = CALLED.replace(b'"a"', b'"newer"').replace(b"_a", b"_newer")
    trial.post("/resources", {"resources": [{"name": "n.bpmn", "content": newer.decode()}]})
    trial.start()
    assert trial.tasks() == ["a"]


def test_a_call_of_nothing_is_refused(designer: Browser) -> None:
    answer = designer.post("/trials", {"name": "t", "resources": [{"name": "m.bpmn", "content": calling().decode()}]})
    problem = assert_problem(answer, 422, "definition-refused")
    assert [(row["rule"], row["elementId"], row["resource"]) for row in problem["findings"]] == [
        ("calledProcessUnknown", "call", "m.bpmn")
    ]
