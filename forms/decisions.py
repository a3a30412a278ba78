"""Decision plans (of `engine.decisions`) evaluated and checked by the kernel: one call each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from forms.errors import PlanUnknown
from forms.kernel import Kernel, jsonable


@dataclass(frozen=True)
class DecisionProblem:
    """What made a value null: a sentence without values, and where (id of the decision, XML id)."""

    code: str
    message: str
    decision: str | None
    element: str | None


@dataclass(frozen=True)
class DecisionStep:
    """What one decision made; `rules` are indices of matched table rules (None without a table), `inputs` what they tested."""

    id: str
    name: str
    value: Any
    rules: tuple[int, ...] | None
    inputs: tuple[Any, ...]


@dataclass(frozen=True)
class DecisionResult:
    """Value of a decision as kernel JSON (see `Evaluation.value`), every decision made on the way, and what went wrong."""

    value: Any
    type: str
    trace: tuple[DecisionStep, ...]
    errors: tuple[DecisionProblem, ...]
    warnings: tuple[DecisionProblem, ...]


def decide(
    kernel: Kernel,
    plan: Mapping[str, Any],
    digest: str,
    key: str,
    inputs: Mapping[str, Any],
    *,
    now: datetime | str | None = None,
    calendar: Mapping[str, Any] | None = None,
) -> DecisionResult:
    """Evaluates a decision, decision service or knowledge model.

    The plan is handed over once and kept in the isolate under its digest. `now` is the clock of `now()` and `today()`,
    `calendar` the calendar of working days (docs/dialect.md).
    Temporal inputs may be tagged like results (`{"$feel": "date", "value": …}`) or ISO text where the model types them.
    """
    clock = {} if now is None else {"now": jsonable(now)}
    if calendar is not None:
        clock["workCalendar"] = jsonable(calendar)
    request = {"digest": digest, "id": key, "inputs": jsonable(inputs), "clock": clock}
    try:
        answer = kernel.call("decide", request)
    except PlanUnknown:
        kernel.call("loadPlan", {"digest": digest, "plan": plan})
        answer = kernel.call("decide", request)
    return DecisionResult(
        answer["value"],
        answer["type"],
        tuple(_step(row) for row in answer["trace"]),
        tuple(DecisionProblem(**row) for row in answer["errors"]),
        tuple(DecisionProblem(**row) for row in answer["warnings"]),
    )


@dataclass(frozen=True)
class PlanProblem:
    """A text of a plan that cannot be read (`syntax`, `unknown_function`), or a name that nothing defines (`unknown_name`)."""

    code: str
    message: str
    at: str | None
    line: int | None


def check_plan(kernel: Kernel, plan: Mapping[str, Any]) -> list[PlanProblem]:
    """Reads every text of a plan with the names in scope there, without evaluating."""
    return [PlanProblem(**row) for row in kernel.call("checkPlan", {"plan": plan})]


def _step(raw: Mapping[str, Any]) -> DecisionStep:
    rules = raw.get("rules")
    return DecisionStep(
        raw["id"], raw["name"], raw["value"], None if rules is None else tuple(rules), tuple(raw.get("inputs") or ())
    )
