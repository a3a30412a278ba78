"""In a scenario no call leaves the house: the scenario answers."""

from typing import Any, cast

import pytest

from bootstrap.scenarios.calls import on_stage
from bootstrap.wiring import make_handlers
from domain.context import Context
from domain.outbox.calls import Done, Failed, JobView, Outcome, Rejected

NOBODY = cast("Context", None)


def answer_of(kind: str, answers: dict[str, Any]) -> Outcome:
    connector = on_stage(make_handlers(), answers).calls[kind]
    job = JobView("j", "k", kind, "ask", {"url": "https://example.cn/"}, {}, 1, 1, 1, 1, 1)
    outcome: Outcome = connector(NOBODY, job).call()
    return outcome


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ({"result": {"level": 3}}, Done({"level": 3})),
        ({"error": "NotFound"}, Rejected("NotFound")),
        ({"fails": "away"}, Failed("away", "away", retry=False)),
    ],
)
def test_the_scenario_answers(answer: dict[str, Any], outcome: Outcome) -> None:
    assert answer_of("http", {"http": answer}) == outcome
    assert answer_of("our.own", {"our.own": answer}) == outcome


def test_what_it_does_not_answer_is_an_incident_and_no_call() -> None:
    for kind in make_handlers().calls:
        outcome = answer_of(kind, {})
        assert isinstance(outcome, Failed)
        assert (outcome.code, outcome.retry) == ("scenario-unanswered", False)
    assert on_stage(make_handlers(), {}).spread_notice is None
    assert "notify" not in on_stage(make_handlers(), {"notify": {"result": {}}}).calls
