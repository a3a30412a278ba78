"""Repeated activities: a body token with one token per item of a multi-instance, or per round of a standard loop.

Outputs come in item order. Completing instances throw what the behaviour says, at the body, before the next step is taken.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from engine import scopes
from engine.errors import StepFailed
from engine.source.nodes import MultiInstance
from engine.spiff.specs import loops
from engine.spiff.specs.events import throw

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.spiff.workflow import Token

_PATH = re.compile(r"^=\s*([^\W\d]\w*)(\.\w+)*\s*$")


ROUNDS = MultiInstance(sequential=True)
"""What a standard loop is as a multi-instance."""


def characteristics(token: Token) -> MultiInstance:
    """The multi-instance characteristics of the token's activity."""
    return token.task_spec.node.multi or ROUNDS


def begin(token: Token) -> Mapping[str, Any] | None:
    """Start the instances: all of them, or the first one."""
    instance = token.workflow
    if token.task_spec.node.multi is None:
        loops.begin(token)
        if token.internal_data["mi"].get("stop"):
            _finished(token)
        else:
            _spawn(token, None)
        return None
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
    """An instance is done: its output element, the events it throws and the completion condition."""
    body = token.parent
    state = body.internal_data["mi"]
    multi = characteristics(token)
    own = token.vars or {}
    if "loop" in state:
        loops.after_round(token, {**own, **values})
        return
    asked = [condition for condition, _ in multi.throws if condition.startswith("=")]
    sources = [multi.output_element if state["out"] is not None else "", multi.condition, *asked]
    if not any(sources) and not multi.throws:
        return
    counts = counters(body)
    for name in ("numberOfCompletedInstances", "nrOfCompletedInstances"):
        counts[name] += 1
    for name in ("numberOfActiveInstances", "nrOfActiveInstances"):
        counts[name] -= 1
    names = scopes.visible(body, {**own, **counts, **values})
    if multi.output_collection and len([s for s in sources if s]) > 1 and state["out"] is not None:
        value = token.workflow.evaluator.one(sources[0], names)
        partly = [*state["out"][: token.internal_data["i"]], value, *state["out"][token.internal_data["i"] + 1 :]]
        told = token.workflow.evaluator.all(sources[1:], {**names, multi.output_collection: partly})
    else:
        value, *told = token.workflow.evaluator.all(sources, names)
    stop, *held = (_truth(token, answer) for answer in told)
    if state["out"] is not None:
        state["out"][token.internal_data["i"]] = value
    if stop:
        state["stop"] = 1
    if multi.throws:
        token.internal_data["throws"] = _thrown(multi, state, held)


def _truth(token: Token, answer: Any) -> bool:
    if not (answer is None or answer == "" or isinstance(answer, bool)):
        raise StepFailed(
            "conditionNotBoolean", f"a completion condition of {token.task_spec.node.id} gave {type(answer).__name__}"
        )
    return answer is True


def _thrown(multi: MultiInstance, state: Mapping[str, Any], held: Sequence[bool]) -> list[int]:
    """Places of the events that this instance throws; ``held`` are the answers of the conditional ones."""
    answers = iter(held)
    moments = {"each": True, "first": state["done"] == 0}
    return [
        place
        for place, (moment, _) in enumerate(multi.throws)
        if (moments[moment] if moment in moments else next(answers))
    ]


def shared(token: Token, values: Mapping[str, Any]) -> dict[str, Any]:
    """What of an instance's results goes outwards: not the variable of its output element."""
    own = _own_names(characteristics(token))
    return {name: value for name, value in values.items() if name not in own}


def _tell(body: Token, place: int) -> None:
    """Throw an event of the behaviour. That an instance completed (None, One) is no reason to end the activity; see ``at_boundary``."""
    multi = characteristics(body)
    if multi.behavior in {"None", "One"}:
        body.internal_data["own"] = 1
    try:
        throw(body, multi.throws[place][1], {})
    finally:
        body.internal_data.pop("own", None)


def instance_ended(token: Token) -> None:
    """One instance less; go on with the next, or end the body."""
    instance = token.workflow
    body = token.parent
    state = body.internal_data["mi"]
    while throws := token.internal_data.get("throws"):
        _tell(body, throws[0])
        if token.gone:
            return
        throws.pop(0)
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
    elif "loop" in state:
        _spawn(body, None)


def _finished(body: Token) -> None:
    body.internal_data["done"] = 1
    body.wake()


def finish(body: Token) -> None:
    """Give the collected outputs to the enclosing scope."""
    state = body.internal_data["mi"]
    multi = characteristics(body)
    if state["out"] is not None:
        scopes.write(body.parent, {multi.output_collection: state["out"]})
