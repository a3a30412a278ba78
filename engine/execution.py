"""Commands on an instance in memory, and the loop that runs it until everything waits."""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from engine import conditions, scopes
from engine.contract import AdHoc, Advance, Environment, ServiceError
from engine.errors import ExpressionFailed, StepFailed
from engine.messages import receiver, remember
from engine.spiff.specs import catching, events, waiting
from engine.spiff.specs.adhoc import AdHocSpec, open_ad_hocs
from engine.spiff.specs.gateways import release_joins
from engine.spiff.store import ELEMENT, MEMORY, PARENT
from engine.spiff.workflow import Instance, Token

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.spiff.specs.base import NodeSpec


def _no_schedule(literal: str, now: datetime) -> datetime:
    raise ValueError(literal, now)


NO_ENVIRONMENT = Environment(now=datetime(1970, 1, 1, tzinfo=UTC), schedule=_no_schedule)
"""For looking at an instance without running it."""


def begin(instance: Instance, start: tuple[NodeSpec, int | None] | None, given: Mapping[str, Any]) -> None:
    """Put the first token into an empty instance: at its none start event, or where a trigger starts it (node, place of the trigger).

    ``given`` is the payload of a message or signal, else the process variables.
    """
    root = Token(instance, instance.definition.nodes[instance.process_id])
    instance.task_tree = root
    payload: dict[str, Any] = {}
    trigger = None if start is None else start[0].started_by(start[1])
    if trigger is not None and trigger.kind in {"message", "signal"}:
        payload = dict(given)
    root.vars = {} if payload else dict(given)
    if trigger is not None and trigger.kind == "message":
        remember(root, trigger.name, payload)
    if start is not None:
        root.internal_data.update(st=start[0].node.id, sb=start[0].begun(payload, start[1]))
    root.wake()
    run(instance)


def holding_starts(instance: Instance, variables: Mapping[str, Any]) -> tuple[str, ...]:
    """Ids of the conditional start events of the (empty) instance's process whose condition holds for these variables."""
    root = Token(instance, instance.definition.nodes[instance.process_id])
    root.vars = dict(variables)
    return tuple(
        spec.node.id
        for spec in root.task_spec.inner
        if spec.node.type == "startEvent"
        and any(t.kind == "conditional" and conditions.holds(root, spec.node.id, t) for t in spec.node.triggers)
    )


def run(instance: Instance) -> None:
    """Run every token that can run. A failure at a node is an incident there; the others go on.

    Conditional events look at what changed after each token's turn. A signal is thrown when nothing else can run: a catch event on a
    branch beside it waits by then, whatever the order of the flows in the file.
    """
    queue = instance.queue
    late: deque[Token] = deque()
    while True:
        while queue or late:
            thrown = not queue
            token = (late if thrown else queue).popleft()
            if token.gone or not token.has_state(TaskState.READY):
                continue
            if token.task_spec.throws_signal and not thrown:
                late.append(token)
                continue
            instance.steps += 1
            if instance.steps > instance.limits.steps:
                instance.open_incident(
                    token,
                    "stepsExceeded",
                    f"more than {instance.limits.steps} steps in one command; the model may loop for ever",
                )
                queue.extend(late)
                return
            _run_token(instance, token)
            if instance.changed or instance.fulfilled:
                waiting.fire_conditions(instance)
        if not release_joins(instance):
            return


def _run_token(instance: Instance, token: Token) -> None:
    try:
        token.run()
    except (ExpressionFailed, StepFailed, ServiceError) as error:
        instance.fail(token, error)


def complete(instance: Instance, token: Token, result: Mapping[str, Any]) -> None:
    """A waiting activity is done. Its own expressions may refuse; what follows may only open incidents."""
    try:
        token.task_spec.settle(token, dict(result))
    except StepFailed as error:  # what was done stays done: only the repetition of the activity cannot go on
        token.task_spec.report_done(token)
        instance.fail(token, error)
    else:
        token.wake()
    run(instance)


def retry(instance: Instance, token: Token) -> None:
    """Run the element of an incident again from where it failed."""
    instance.close_incident(token)
    if "cond" in token.internal_data:
        token.mark(TaskState.WAITING)
        try:
            conditions.look_again(token)
        except (ExpressionFailed, StepFailed) as error:
            instance.fail(token, error)
        waiting.fire_conditions(instance)
    elif token.waits_for_scope:
        waiting.reopen(token)
    else:
        token.wake()
    run(instance)


def set_variables(instance: Instance, scope: Token, values: Mapping[str, Any]) -> None:
    """Write variables from ``scope`` outwards; conditional events that see them are looked at."""
    scopes.write(scope, values)
    waiting.fire_conditions(instance)
    run(instance)


def throw_escalation(instance: Instance, token: Token, code: str, values: Mapping[str, Any]) -> None:
    """A person escalates from a task; uncaught it passes."""
    catching.throw_escalation(token, code, values)
    run(instance)


def throw_error(instance: Instance, token: Token, code: str, values: Mapping[str, Any]) -> None:
    """A worker or a person reports a BPMN error."""
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
        waiting.fire(instance.tasks[str(min(ready)[1])], {})
        fired += 1
        run(instance)
    return fired


def reschedule(instance: Instance, terms: Mapping[str, str] | None) -> None:
    """Reckon every waiting timer anew, or give those in ``terms`` a new term."""
    for key in instance.tasks.holding("due"):
        waiting.reschedule(instance.tasks[key], terms)


def deliver(instance: Instance, message: str, payload: Mapping[str, Any], key: str | None) -> bool:
    """Give the message to exactly one waiting token; False when nobody waits."""
    token = receiver(instance, message, key, payload)
    if token is None:
        return False
    remember(token, message, payload)
    waiting.fire(token, payload)
    run(instance)
    return True


def signal(instance: Instance, name: str, payload: Mapping[str, Any]) -> bool:
    """Give the signal to everyone who waits for it; False when nobody does."""
    heard = events.broadcast(instance, name, payload)
    run(instance)
    return heard > 0


def activate(instance: Instance, token: Token, elements: Sequence[str]) -> None:
    """Start elements of an ad-hoc sub-process by choice."""
    spec = token.task_spec
    if isinstance(spec, AdHocSpec):
        spec.activate(token, elements)
    run(instance)


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
        moved_timers=tuple(changes.moved_timers),
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
        ad_hocs=ad_hocs(instance),
    )


def ad_hocs(instance: Instance) -> tuple[AdHoc, ...]:
    """The open ad-hoc sub-processes; nothing is looked for where the model has none."""
    if instance.completed or not any(each.ad_hoc for each in instance.definitions()):
        return ()
    return open_ad_hocs(instance.tasks[key] for key in instance.tasks.holding("ah"))


HIDDEN = frozenset({"k", "rs", "rv"})
"""What marks tokens that are no work: subscriptions, the state of a complex gateway, what is revived to be undone."""


def active_elements(instance: Instance) -> tuple[str, ...]:
    """Ids of the nodes where a token is, each once."""
    if instance.completed:
        return ()
    found: dict[str, None] = {}
    for row in instance.tasks.rows():
        if row[PARENT] is not None and HIDDEN.isdisjoint(row[MEMORY] or ()):
            found[row[ELEMENT]] = None
    return tuple(found)
