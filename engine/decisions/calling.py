"""A business rule task's decision: found by the platform, made by the kernel, failures told as incidents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.contract import ServiceError
from engine.expressions import CALENDAR

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from engine.contract import CalledDecision, Decide, Variables
    from engine.decisions.contract import Decided, DecisionPlan, Decisions

_KEPT = 1000
_ASKED: dict[str, bool] = {}
"""By digest of a plan."""


def decider(
    find: Callable[[CalledDecision], tuple[DecisionPlan, str] | None], decisions: Decisions, now: str | None
) -> Decide:
    """What :class:`engine.contract.Environment` decides with. ``find`` gives plan and key of a deployed decision."""

    def decide(called: CalledDecision, variables: Variables) -> Any:
        found = find(called)
        if found is None:
            tag = f" with version tag {called.version_tag}" if called.version_tag else ""
            raise ServiceError("decisionUnknown", f"the decision {called.decision_id}{tag} is not deployed")
        plan, key = found
        calendar = variables.get(CALENDAR) if _asks_workdays(plan) else None
        answer = decisions.decide(plan, key, needed(plan, key, variables), now=now, calendar=calendar)
        if answer.errors:
            raise ServiceError("decisionFailed", f"the decision {called.decision_id} failed: {_told(answer)}")
        return answer.value

    return decide


def _asks_workdays(plan: DecisionPlan) -> bool:
    """Whether some text of the plan may call a function of working days; read once per plan."""
    asks = _ASKED.get(plan.digest)
    if asks is None:
        if len(_ASKED) >= _KEPT:
            _ASKED.clear()
        asks = _ASKED[plan.digest] = "workday" in str(plan.data)
    return asks


def needed(plan: DecisionPlan, key: str, variables: Variables) -> Mapping[str, Any]:
    """The variables a plan's inputs name; all of them for a model that declares no input data."""
    if plan.data["open"]:
        return variables
    nodes = plan.data["nodes"]
    names = {path[0] for node in nodes.values() if node["kind"] == "input" for path in node["paths"]}
    service = nodes[key]
    names.update(entry["path"][-1] for entry in (*service.get("inputData", ()), *service.get("inputDecisions", ())))
    return {name: value for name, value in variables.items() if name in names}


def _told(answer: Decided) -> str:
    first = answer.errors[0]
    place = f" at {first.element}" if first.element else ""
    return f"{first.message}{place}"
