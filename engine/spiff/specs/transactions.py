"""Transactions (BPMN 2.0.2, 10.3.5 and 13.4.5): a cancel end event stops what runs inside, has what was completed undone, then leaves.

The transaction stays, marked ``cx``, until all compensation inside is over; then its cancel boundary event takes over. Of a
multi-instance transaction all instances are cancelled. What was completed in the sub-processes around the cancel end event is undone
as well; what other sub-processes had completed that still run is not. An error that leaves a transaction (a hazard) undoes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from SpiffWorkflow.util.task import TaskState

from engine.spiff.specs import catching, compensation

if TYPE_CHECKING:
    from engine.spiff.workflow import Token


def cancel(token: Token) -> None:
    """The cancel end event at ``token`` cancels the innermost transaction around it."""
    inside = token.parent
    while inside.task_spec.node.type != "transaction":
        inside = inside.parent
    one_by_one = token.task_spec.node.one_by_one
    keep = compensation.unfinished(token, inside)
    if keep:
        inside.internal_data.setdefault("cp", []).extend(keep)
    host = inside.parent if "i" in inside.internal_data else inside
    parts = [child for child in host.children if "i" in child.internal_data] if host is not inside else []
    for part in (*reversed(parts), host):
        _stop(part)
    for part in (*reversed(parts), host):
        compensation.undo_all(part, part.internal_data.pop("cp", []), one_by_one=one_by_one)
    for part in (*reversed(parts), host):
        if not part.gone:
            may_leave(part)


def _stop(part: Token) -> None:
    """Take away what runs and waits inside the transaction or one instance of it; its instances themselves stay."""
    part.workflow.close_incident(part)
    part.mark(TaskState.STARTED)
    part.internal_data["cx"] = 1
    for child in part.children:
        if "cx" not in child.internal_data:
            child.cancel()


def may_leave(part: Token) -> None:
    """When all compensation inside is over, an instance goes, and with the last one the transaction."""
    if not compensation.is_over(part):
        return
    if "i" in part.internal_data:
        body = part.parent
        part.cancel()
        may_leave(body)
        return
    (boundary,) = (b for b in part.task_spec.boundaries if b.node.trigger.kind == "cancel")
    catching.at_boundary(part, boundary, {})
