"""Calls to the outside in a scenario: answered by the scenario (``given: services``), never by the network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from domain.context import Context, Handlers
from domain.outbox.calls import Call, Done, Failed, JobView, Outcome, Prepared, Rejected


def on_stage(handlers: Handlers, answers: Mapping[str, Mapping[str, Any]]) -> Handlers:
    """The handlers of a scenario: each type of call gives its answer, notices stay on the platform.

    A type that has no answer stops with the incident ``scenario-unanswered``.
    """
    kinds = {*handlers.calls, *answers} - set(handlers.services)
    calls: dict[str, Call] = {kind: partial(_call, answers.get(kind)) for kind in kinds}
    return replace(handlers, calls=calls, spread_notice=None)


def _call(answer: Mapping[str, Any] | None, ctx: Context, job: JobView) -> Prepared:
    del ctx
    outcome: Outcome
    if answer is None:
        text = f"场景没有写服务“{job.topic}”的回答（given: services）。"
        outcome = Failed("scenario-unanswered", text, retry=False)
    elif "error" in answer:
        outcome = Rejected(answer["error"])
    elif "fails" in answer:
        outcome = Failed(answer["fails"], answer["fails"], retry=False)
    else:
        outcome = Done(answer.get("result", {}))
    return Prepared(lambda: outcome)
