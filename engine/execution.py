"""Commands on an instance in memory, and the loop that runs it until everything waits."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from engine.contract import Advance, Environment, ServiceError
from engine.errors import ExpressionFailed, StepFailed
from engine.messages import receiver, remember
from engine.spiff.specs import catching, events
from engine.spiff.specs.gateways import release_inclusive
from engine.spiff.store import ELEMENT, MEMORY, PARENT
from engine.spiff.workflow import Instance, Token

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.spiff.specs.base import NodeSpec


def _no_schedule(literal: str, now: datetime) -> datetime:
    raise ValueError(literal, now)


NO_ENVIRONMENT = Environment(now=datetime(1970, 1, 1, tzinfo=UTC), schedule=_no_schedule)
"""For looking at an instance without running it."""


def begin(
    instance: Instance, start: NodeSpec | None, variables: Mapping[str, Any], payload: Mapping[str, Any] | None
) -> None:
    """Put the first token into an empty instance."""
    root = Token(instance, instance.definition.nodes[instance.process_id])
    root.vars = dict(variables)
    instance.task_tree = root
    if start is not None and start.node.trigger.kind == "message":
        remember(root, start.node.trigger.name, payload or {})
    if start is not None:
        root.internal_data.update(st=start.node.id, sp=dict(payload or {}))
    root.wake()
    run(instance)


def run(instance: Instance) -> None:
    """Run every token that can run. A failure at a node is an incident there; the others go on."""
    queue = instance.queue
    while True:
        while queue:
            token = queue.popleft()
            if token.gone or not token.has_state(TaskState.READY):
                continue
            instance.steps += 1
            if instance.steps > instance.limits.steps:
                instance.open_incident(
                    token,
                    "stepsExceeded",
                    f"more than {instance.limits.steps} steps in one command; the model may loop for ever",
                )
                return
            _run_token(instance, token)
        if not release_inclusive(instance):
            return


def _run_token(instance: Instance, token: Token) -> None:
    try:
        token.run()
    except ExpressionFailed as error:
        instance.open_incident(token, "expressionFailed", f"{error.reason} [{error.source}]")
    except StepFailed as error:
        instance.open_incident(token, error.code, error.detail)
    except ServiceError as error:
        code = error.code if error.bpmn_error is None else "errorUncaught"
        text = (
            error.message
            if error.bpmn_error is None
            else f"nobody catches the BPMN error {error.bpmn_error}: {error.message}"
        )
        instance.open_incident(token, code, text)


def complete(instance: Instance, token: Token, result: Mapping[str, Any]) -> None:
    """A waiting activity is done. Its own output mappings may refuse; what follows may only open incidents."""
    token.task_spec.settle(token, dict(result))
    token.wake()
    run(instance)


def retry(instance: Instance, token: Token) -> None:
    """Run the element of an incident again from where it failed."""
    instance.close_incident(token)
    token.wake()
    run(instance)


def throw_error(instance: Instance, token: Token, code: str, values: Mapping[str, Any]) -> None:
    """A worker reports a BPMN error."""
    if catching.throw_error(token, code, values):
        run(instance)
    else:
        token.task_spec.close(token)
        instance.open_incident(token, "errorUncaught", f"nobody catches the BPMN error {code}")


def fail_job(instance: Instance, token: Token, code: str, message: str) -> None:
    """A worker gave up; the job closes and an incident opens in its place."""
    job_id = token.internal_data["job"][0]
    token.task_spec.close(token)
    instance.open_incident(token, code, message, job_id)


def fire_due(instance: Instance) -> int:
    """Fire all timers due at ``now``, in due order; a timer opened by the way fires too when it is due already."""
    now = instance.env.now
    fired = 0
    while fired < instance.limits.timer_fires:
        due = [
            (datetime.fromisoformat(memory["due"][1]), int(key))
            for key, memory in instance.tasks.memories()
            if "due" in memory
        ]
        ready = [row for row in due if row[0] <= now]
        if not ready:
            break
        events.fire(instance.tasks[str(min(ready)[1])], {})
        fired += 1
        run(instance)
    return fired


def deliver(instance: Instance, message: str, payload: Mapping[str, Any], key: str | None) -> bool:
    """Give the message to exactly one waiting token; False when nobody waits."""
    token = receiver(instance, message, key, payload)
    if token is None:
        return False
    remember(token, message, payload)
    events.fire(token, payload)
    run(instance)
    return True


def signal(instance: Instance, name: str, payload: Mapping[str, Any]) -> bool:
    """Give the signal to everyone who waits for it; False when nobody does."""
    heard = events.broadcast(instance, name, payload)
    run(instance)
    return heard > 0


def cancel(instance: Instance) -> None:
    """Take everything away; the instance has ended."""
    for child in instance.task_tree.children:
        child.cancel()
    instance.task_tree.mark(TaskState.CANCELLED)
    instance.close_incident(instance.task_tree)
    instance.completed = True


def advance(instance: Instance, state: bytes) -> Advance:
    """All that the command changed."""
    changes = instance.changes
    return Advance(
        state=state,
        ended=bool(instance.completed),
        variables=instance.task_tree.vars or {},
        opened_tasks=tuple(changes.tasks.values()),
        closed_tasks=tuple(changes.closed_tasks),
        opened_timers=tuple(changes.timers.values()),
        closed_timers=tuple(changes.closed_timers),
        opened_subscriptions=tuple(changes.subscriptions.values()),
        closed_subscriptions=tuple(changes.closed_subscriptions),
        opened_jobs=tuple(changes.jobs.values()),
        closed_jobs=tuple(changes.closed_jobs),
        messages=tuple(changes.messages),
        signals=tuple(changes.signals),
        stored=changes.stored,
        incidents=tuple(changes.incidents.values()),
        resolved_incidents=tuple(changes.resolved),
        history=tuple(changes.history),
        active_elements=active_elements(instance),
    )


def active_elements(instance: Instance) -> tuple[str, ...]:
    """Ids of the nodes where a token is, each once."""
    if instance.completed:
        return ()
    found: dict[str, None] = {}
    for row in instance.tasks.rows():
        if row[PARENT] is not None and "k" not in (row[MEMORY] or ()):
            found[row[ELEMENT]] = None
    return tuple(found)
