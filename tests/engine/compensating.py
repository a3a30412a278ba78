"""Parts of models that undo what was done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.contract import Job
from tests.engine.kit import (  # fmt: skip
    boundary,
    end,
    node,
    start,
    user,
)

COMPENSATE = "<bpmn:compensateEventDefinition{}/>"
CANCEL = "<bpmn:cancelEventDefinition/>"


def undo(of: str, handler: str = "") -> str:
    """A compensation boundary event at ``of`` with its handler: a user task ``undo_of`` unless given."""
    made = handler or user(f"undo_{of}", isForCompensation="true")
    return boundary(f"b_{of}", of, COMPENSATE.format("")) + made + connect(of)


def connect(of: str) -> str:
    return f'<bpmn:association id="as_{of}" associationDirection="One" sourceRef="b_{of}" targetRef="undo_{of}"/>'


def compensate(activity: str = "", *, waits: bool = True) -> str:
    ref = f' activityRef="{activity}"' if activity else ""
    return COMPENSATE.format(ref + ("" if waits else ' waitForCompletion="false"'))


def handler(kind: str, of: str, inner: str = "", ext: str = "") -> str:
    return node(kind, f"undo_{of}", inner, ext, isForCompensation="true")


def undo_job(of: str) -> str:
    return undo(of, handler("serviceTask", of, ext=f'<zeebe:taskDefinition type="undo.{of}"/>'))


def event_sub(id: str, definition: str, *parts: str, interrupting: bool = True) -> str:
    first = start(f"{id}_start", definition, isInterrupting=str(interrupting).lower())
    return node("subProcess", id, first + "".join(parts), triggeredByEvent="true")


def logging(log: list[str]) -> dict[str, Callable[[Job], dict[str, Any]]]:
    def keep(job: Job) -> dict[str, Any]:
        log.append(job.element_id)
        return {}

    return {f"undo.{name}": keep for name in "abc"}


ABC = start() + user("a") + user("b") + user("c") + end()
