"""Compensation (BPMN 2.0.2, 10.7 and 13.5.5): completed activities are remembered in their scope and undone in reverse order.

A scope remembers (``cp``) a completed activity only when something can undo it, as a record: ``e`` its element, ``s`` when it
was completed (number of the history event), ``v`` its own variables then, ``c`` the records of its inside, and what it called.
A completed sub-process without a handler of its own is *revived* (``rv``): a token that holds its variables as they were and in
which only compensation runs. A throw event waits (``cw``) for the tokens it has started; they know it (``cb``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from engine.spiff.specs.base import NodeSpec
    from engine.spiff.workflow import Token

Record = dict[str, Any]
KEPT_OF_CALLS = ("call",)


def remember(token: Token) -> None:
    """The activity at ``token`` is completed: its scope remembers it when something can undo it."""
    spec, data = token.task_spec, token.internal_data
    if spec.node.for_compensation or spec.handles_compensation:
        return
    inside: list[Record] = data.get("cp", [])
    if "mi" in data:
        if inside:
            token.parent.internal_data.setdefault("cp", []).extend(inside)
        return
    if spec.undo is not None:
        record: Record = {"e": spec.node.id, "s": token.workflow.changes.seq}
        item = _item(token)
        if item:
            record["v"] = item
    elif inside or token.workflow.compensator(token) is not None:
        record = _record(token, inside)
    else:
        return
    token.parent.internal_data.setdefault("cp", []).append(record)


def _item(token: Token) -> dict[str, Any]:
    """Of an instance of a multi-instance activity: its item and counter, which its handler sees again."""
    if "i" not in token.internal_data:
        return {}
    inputs = {row.target.split(".", 1)[0] for row in token.task_spec.node.inputs}
    held = {name: value for name, value in (token.vars or {}).items() if name not in inputs}
    return {**held, **token.internal_data.get("pre", {})}


# -- throwing ----------------------------------------------------------------------------------------


def throw(token: Token) -> Mapping[str, Any] | None:
    """A throw or end event compensates one activity or its whole scope. None: it waits until that is done."""
    data = token.internal_data
    if data.get("done"):
        return {}
    trigger = token.task_spec.node.trigger
    found = [
        (record["s"], scope, record)
        for scope in _scopes(token)
        for record in scope.internal_data.get("cp", ())
        if trigger.activity in {None, record["e"]}
    ]
    if not found:
        return {}
    token.workflow.room_for(sum(_size(record) for _, _, record in found))
    found = sorted(found, key=lambda row: row[0])[::-1]
    for scope in _scopes(token):
        _forget(scope, trigger.activity)
    pending = [[scope.id, record] for _, scope, record in found]
    if not trigger.waits:
        for _, scope, record in found:
            _start(scope, record, one_by_one=False)
        return {}
    data["cw"] = []
    data["cq"] = pending
    _go_on(token, one_by_one=token.task_spec.node.one_by_one)
    return None


def _scopes(token: Token) -> Iterator[Token]:
    """The scope of the throw event; from inside an event sub-process also the scope it belongs to."""
    scope: Token | None = token.parent
    while scope is not None:
        yield scope
        scope = scope.parent if scope.task_spec.node.event_subprocess else None


def _forget(scope: Token, activity: str | None) -> None:
    """What is being undone is undone once."""
    kept = [r for r in scope.internal_data.pop("cp", ()) if activity not in {None, r["e"]}]
    if kept:
        scope.internal_data["cp"] = kept


def _size(record: Record) -> int:
    return 1 + sum(_size(inner) for inner in record.get("c", ()))


def _go_on(waiter: Token, *, one_by_one: bool) -> None:
    """Start what is pending: all of it, or the next."""
    data = waiter.internal_data
    pending = data["cq"]
    data["cq"] = pending[1:] if one_by_one else []
    for scope_id, record in pending[:1] if one_by_one else pending:
        started = _start(waiter.workflow.tasks[scope_id], record, one_by_one=one_by_one, cb=waiter.id)
        data["cw"].append(started.id)


def ended(waiter: Token, token_id: str) -> None:
    """What ``waiter`` has started is over."""
    data = waiter.internal_data
    if token_id not in data.get("cw", ()):
        return
    data["cw"].remove(token_id)
    if data["cw"]:
        return
    if data["cq"]:
        _go_on(waiter, one_by_one=True)
        return
    del data["cw"], data["cq"]
    data["done"] = 1
    waiter.wake()


def abandon(waiter: Token) -> None:
    """The throw event is interrupted, and with it the compensation it has started."""
    for token_id in waiter.internal_data.pop("cw", ()):
        started = waiter.workflow.tasks.get(token_id)
        if started is not None:
            started.cancel()


def unfinished(token: Token, until: Token) -> list[Record]:
    """Records of what was completed in the unfinished scopes from ``token`` outwards, for the scope ``until`` to remember (``u``)."""
    kept: list[Record] = []
    scope = token.parent
    while scope is not until:
        kept = [*scope.internal_data.pop("cp", ()), *kept]
        if kept and "mi" not in scope.internal_data:
            kept = [_record(scope, kept) | {"u": 1}]
        scope = scope.parent
    return kept


def _record(scope: Token, inside: list[Record]) -> Record:
    """A scope with all that is undone from inside."""
    data = scope.internal_data
    record: Record = {name: data[name] for name in KEPT_OF_CALLS if name in data}
    return record | {
        "e": scope.task_spec.node.id,
        "s": scope.workflow.changes.seq,
        "v": scope.vars or {},
        "c": inside,
    }


# -- undoing -----------------------------------------------------------------------------------------


def _start(scope: Token, record: Record, *, one_by_one: bool, **marks: Any) -> Token:
    """Begin to undo one completed activity, in the scope where it was completed."""
    spec: NodeSpec = scope.home.nodes[record["e"]]
    if spec.undo is None or spec.undo_event is None or "u" in record:
        return _revive(scope, spec, record, marks, one_by_one=one_by_one)
    changes = scope.workflow.changes
    changes.entered(spec.undo_event.node)
    changes.left(spec.undo_event.node)
    token = scope.put(spec.undo)
    token.internal_data.update(marks)
    token.vars = dict(record["v"]) if "v" in record else None
    spec.undo.arrive(token)
    return token


def _revive(scope: Token, spec: NodeSpec, record: Record, marks: Mapping[str, Any], *, one_by_one: bool) -> Token:
    """A completed sub-process or call as it was; its own event sub-process undoes it, or else all that was completed inside."""
    token = scope.put(spec)
    token.vars = dict(record["v"])
    data = token.internal_data
    data.update(marks, rv=1)
    data.update((name, record[name]) for name in KEPT_OF_CALLS if name in record)
    token.mark(TaskState.STARTED)
    compensator = token.workflow.compensator(token)
    if compensator is None or "u" in record:
        undo_all(token, record["c"], one_by_one=one_by_one)
        return token
    if record["c"]:
        data["cp"] = record["c"]
    (start,) = (s for s in compensator.inner if s.node.type == "startEvent")
    token.workflow.spawn(token, compensator, st=start.node.id, sb={"res": {}})
    return token


def undo_all(scope: Token, records: list[Record], *, one_by_one: bool) -> None:
    """Undo everything inside a scope, the last completed first."""
    pending = sorted(records, key=lambda r: r["s"])[::-1]
    if one_by_one and pending[1:]:
        scope.internal_data["cq"] = pending[1:]
        pending = pending[:1]
    for record in pending:
        _start(scope, record, one_by_one=one_by_one)


def is_over(scope: Token) -> bool:
    """Whether all compensation inside a scope is over; when one goes after the other, the next begins."""
    if scope.has_work:
        return False
    pending: list[Record] = scope.internal_data.pop("cq", [])
    if pending:
        undo_all(scope, pending, one_by_one=True)
    return not pending


def revived_may_end(token: Token) -> None:
    """When all compensation inside is over, so is the revived scope."""
    if not is_over(token):
        return
    parent = token.parent
    for child in token.children:
        child.cancel()
    token.workflow.remove(token)
    parent.task_spec.child_ended(parent)
