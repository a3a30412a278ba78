"""Multi-instance activities: a body token with one token per item; outputs come in item order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from engine import scopes
from engine.errors import StepFailed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.source.nodes import MultiInstance
    from engine.spiff.workflow import Token

_PATH = re.compile(r"^=\s*([^\W\d]\w*)(\.\w+)*\s*$")


def characteristics(token: Token) -> MultiInstance:
    """The multi-instance characteristics of the token's activity."""
    multi = token.task_spec.node.multi
    if multi is None:
        raise StepFailed("notMultiInstance", f"{token.task_spec.node.id} is no multi-instance activity")
    return multi


def begin(token: Token) -> Mapping[str, Any] | None:
    """Start the instances: all of them, or the first one."""
    instance = token.workflow
    items = _items(token)
    if len(items) > instance.limits.instances:
        raise StepFailed("instancesExceeded", f"{len(items)} items; at most {instance.limits.instances} are allowed")
    multi = characteristics(token)
    body: dict[str, Any] = {
        "n": len(items),
        "done": 0,
        "next": 0,
        "out": [None] * len(items) if multi.output_collection else None,
    }
    if multi.sequential:
        body["items"] = items
    token.internal_data["mi"] = body
    token.mark(TaskState.STARTED)
    if not items:
        _finished(token)
        return None
    instance.room_for(1 if multi.sequential else len(items))
    for item in items[:1] if multi.sequential else items:
        _spawn(token, item)
    return None


def _items(token: Token) -> list[Any]:
    multi = characteristics(token)
    names = scopes.visible(token)
    evaluator = token.workflow.evaluator
    if multi.collection:
        items = evaluator.one(multi.collection, names)
        if not isinstance(items, (list, tuple)):
            raise StepFailed("collectionInvalid", f"the input collection of {token.task_spec.node.id} is not a list")
        return list(items)
    count = evaluator.one(multi.cardinality, names)
    if isinstance(count, str) and count.isdigit():
        count = int(count)
    if isinstance(count, bool) or not isinstance(count, (int, float)) or count != int(count) or count < 0:
        raise StepFailed("cardinalityInvalid", f"the cardinality of {token.task_spec.node.id} is not a whole number")
    if count > token.workflow.limits.instances:
        raise StepFailed(
            "instancesExceeded", f"{int(count)} items; at most {token.workflow.limits.instances} are allowed"
        )
    return list(range(1, int(count) + 1))


def _spawn(body: Token, item: Any) -> None:
    state = body.internal_data["mi"]
    spec = body.task_spec
    multi = characteristics(body)
    index = state["next"]
    state["next"] = index + 1
    child = body.put(spec)
    child.vars = {"loopCounter": index + 1}
    if multi.element:
        child.vars[multi.element] = item
    for name in _own_names(multi):
        child.vars.setdefault(name, None)
    child.internal_data["i"] = index
    spec.arrive(child)


def _own_names(multi: MultiInstance) -> tuple[str, ...]:
    """An output element that is a plain variable belongs to each instance, so that instances do not overwrite each other."""
    path = _PATH.match(multi.output_element)
    return () if path is None else (path[1],)


def counters(body: Token) -> dict[str, Any]:
    """The loop's counts under zeebe's and BPMN's names."""
    state = body.internal_data["mi"]
    active = state["next"] - state["done"]
    return {
        "numberOfInstances": state["n"], "numberOfCompletedInstances": state["done"], "numberOfActiveInstances": active,
        "numberOfTerminatedInstances": 0,
        "nrOfInstances": state["n"], "nrOfCompletedInstances": state["done"], "nrOfActiveInstances": active,
    }  # fmt: skip


def collect(token: Token, values: Mapping[str, Any]) -> None:
    """An instance is done: its output element and the completion condition, in one question to the kernel."""
    body = token.parent
    state = body.internal_data["mi"]
    multi = characteristics(token)
    sources = [multi.output_element if state["out"] is not None else "", multi.condition]
    if not any(sources):
        return
    counts = counters(body)
    for name in ("numberOfCompletedInstances", "nrOfCompletedInstances"):
        counts[name] += 1
    for name in ("numberOfActiveInstances", "nrOfActiveInstances"):
        counts[name] -= 1
    own = token.vars or {}
    names = scopes.visible(body, {**own, **counts, **values})
    if multi.output_collection and multi.condition and state["out"] is not None:
        value = token.workflow.evaluator.one(sources[0], names)
        partly = [*state["out"][: token.internal_data["i"]], value, *state["out"][token.internal_data["i"] + 1 :]]
        stop = token.workflow.evaluator.one(sources[1], {**names, multi.output_collection: partly})
    else:
        value, stop = token.workflow.evaluator.all(sources, names)
    if not (stop is None or stop == "" or isinstance(stop, bool)):
        raise StepFailed(
            "conditionNotBoolean", f"the completion condition of {token.task_spec.node.id} gave {type(stop).__name__}"
        )
    if state["out"] is not None:
        state["out"][token.internal_data["i"]] = value
    if stop is True:
        state["stop"] = 1


def shared(token: Token, values: Mapping[str, Any]) -> dict[str, Any]:
    """What of an instance's results goes outwards: not the variable of its output element."""
    own = _own_names(characteristics(token))
    return {name: value for name, value in values.items() if name not in own}


def instance_ended(token: Token) -> None:
    """One instance less; go on with the next, or end the body."""
    instance = token.workflow
    body = token.parent
    state = body.internal_data["mi"]
    for child in token.children:
        child.cancel()
    instance.remove(token)
    state["done"] += 1
    if state.get("stop") or state["done"] == state["n"]:
        for child in body.children:
            if not child.waits_for_scope:
                child.cancel()
        _finished(body)
    elif "items" in state:
        _spawn(body, state["items"][state["next"]])


def _finished(body: Token) -> None:
    body.internal_data["done"] = 1
    body.wake()


def finish(body: Token) -> None:
    """Give the collected outputs to the enclosing scope."""
    state = body.internal_data["mi"]
    multi = characteristics(body)
    if state["out"] is not None:
        scopes.write(body.parent, {multi.output_collection: state["out"]})
