"""Moves a saved instance to another version of its definition: every token to its new element, the rest of its memory as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from SpiffWorkflow.util.task import TaskState

from engine import moving, places
from engine.contract import Finding, Subscription
from engine.errors import MoveRefused
from engine.spiff import serializer
from engine.spiff.specs import catching, gateways, waiting
from engine.spiff.store import ELEMENT, MEMORY, PARENT
from engine.spiff.workflow import scope_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from engine.contract import Environment
    from engine.expressions import Evaluator
    from engine.limits import Limits
    from engine.moving import Route
    from engine.source.nodes import Node
    from engine.spiff.specs.base import NodeSpec
    from engine.spiff.store import Row
    from engine.spiff.workflow import Instance, Token

ID = 0
_CLOSED = frozenset({"mi", "done", "rv", "cx"})
"""Marks of tokens whose event sub-processes do not wait: bodies of multi-instances, what has ended, what is being undone."""


def relocate(data: bytes, route: Route, env: Environment, evaluator: Evaluator, limits: Limits) -> Instance:
    """The instance in the new version, subscriptions brought up to date. Raises MoveRefused, :class:`StateUnreadable`."""
    state = serializer.header(data)
    rows: list[Row] = state["tokens"]
    found = _elements(rows, route)
    kept, dropped, findings = _moved(rows, route)
    findings = [*found, *findings]
    if moving.errors(findings):
        raise MoveRefused(findings)
    state["tokens"] = kept
    state["process"] = route.id(state["process"])
    instance = serializer.load(orjson.dumps(state), route.target, env, evaluator, limits)
    for memory in dropped:
        _close(instance, memory)
    for token in list(instance.tasks.values()):
        if not token.gone and not _is_called(token.task_spec.name):
            _adapt(instance, token, route)
    return instance


def check(data: bytes, route: Route) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
    """(elements with tokens in their order, findings), without running anything."""
    rows: list[Row] = serializer.header(data)["tokens"]
    work = dict.fromkeys(row[ELEMENT] for row in rows if _is_work(row))
    found = _elements(rows, route)
    _, _, findings = _moved(rows, route)
    return tuple(work), (*found, *findings)


def _elements(rows: list[Row], route: Route) -> list[Finding]:
    """What stands in the way at the elements of tokens, and of what they remember as completed."""
    remembered = [e for row in rows for e in _remembered(row) if not _is_called(e)]
    named = [row[ELEMENT] for row in rows if _is_work(row) and not _is_called(row[ELEMENT])]
    return [*route.check([*named, *remembered]), *_undoable(remembered, route)]


def _is_work(row: Row) -> bool:
    return "k" not in (row[MEMORY] or ())


def _is_called(element_id: str) -> bool:
    """Whether the element is of a definition that is called: it stays where it is."""
    return places.split(element_id)[0] is not None


def _remembered(row: Row) -> Iterator[str]:
    """Elements that a token remembers as completed, because they can be undone."""
    todo = list(_records(row[MEMORY] or {}))
    while todo:
        record = todo.pop()
        yield record["e"]
        todo.extend(record.get("c", ()))


def _undoable(elements: Iterable[str], route: Route) -> Iterator[Finding]:
    """What was completed and can be undone must be undone in the new version by something as well."""
    for element_id in dict.fromkeys(elements):
        spec = route.node(element_id)
        if spec is not None and spec.undo is None and route.source.nodes[element_id].undo is not None:
            yield moving.finding("moveUndoMissing", element_id, id=element_id, target=spec.name)


def _records(memory: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield from memory.get("cp", ())
    for pending in memory.get("cq", ()):
        yield pending[1] if isinstance(pending, list) else pending


def _rename_records(records: Iterable[dict[str, Any]], route: Route) -> None:
    for record in records:
        record["e"] = route.id(record["e"])
        if "call" in record:
            record["call"] = route.id(record["call"])
        _rename_records(record.get("c", ()), route)


def _rename_memory(memory: dict[str, Any], spec: NodeSpec, route: Route) -> None:
    """Ids that a token remembers, as they are in the new version."""
    if "rs" in memory:
        came = [route.flow(flow, spec) for flow in memory["rs"]]
        memory["rs"] = [flow for flow in came if flow is not None]
    if "ah" in memory:
        outer_id, *lists = memory["ah"]
        memory["ah"] = [outer_id, *([route.id(each) for each in ids if route.node(each) is not None] for ids in lists)]
    for key in ("st", "call"):
        if key in memory:
            memory[key] = route.id(memory[key])
    _rename_records(_records(memory), route)


def _moved(rows: list[Row], route: Route) -> tuple[list[Row], list[dict[str, Any]], list[Finding]]:
    """(rows at their new elements, memories of subscriptions that the new version has not, findings)."""
    before = {row[ID]: row[ELEMENT] for row in rows}
    kept: list[Row] = []
    dropped: list[dict[str, Any]] = []
    lost: set[str] = set()
    findings: list[Finding] = []
    for old in rows:
        row, memory = list(old), dict(old[MEMORY] or {})
        if _is_called(row[ELEMENT]):
            kept.append(row)
            continue
        spec = route.node(row[ELEMENT])
        if not _is_work(row) and (row[PARENT] in lost or not _still_waits(row, memory, spec, before, route)):
            dropped.append(memory)
            lost.add(row[ID])
            continue
        if spec is None:
            continue  # said by the route's check
        if "f" in memory:
            at = spec if _is_work(row) else route.node(before[row[PARENT]])
            flow = None if at is None else route.flow(memory["f"], at, into=_is_work(row))
            if flow is None:
                findings.append(moving.finding("moveFlowMissing", row[ELEMENT], id=row[ELEMENT]))
            memory["f"] = flow
        _rename_memory(memory, spec, route)
        row[ELEMENT], row[MEMORY] = spec.node.id, memory or None
        kept.append(row)
    return kept, dropped, findings


def _still_waits(row: Row, memory: dict[str, Any], spec: NodeSpec | None, before: dict[str, str], route: Route) -> bool:
    """Whether the new version still has this subscription of its host."""
    old = route.source.nodes[row[ELEMENT]].node
    host = before[row[PARENT]]
    if spec is None or (spec.node.type, _kinds(spec.node)) != (old.type, _kinds(old)):
        return False
    match memory["k"]:
        case "m":
            return True
        case "b":
            return spec.node.attached_to == route.id(host)
        case "g":
            gateway = route.node(host)
            return gateway is not None and route.flow(memory["f"], gateway, into=False) is not None
        case _:
            return spec.node.scope == route.id(old.scope)


def _kinds(node: Node) -> list[str]:
    return [trigger.kind for trigger in node.triggers]


def _close(instance: Instance, memory: dict[str, Any]) -> None:
    if "due" in memory:
        instance.changes.close_timer(memory["due"][0])
    if "msg" in memory:
        instance.changes.close_subscription(memory["msg"][0])


def _adapt(instance: Instance, token: Token, route: Route) -> None:
    """Open what only the new version waits for, listen for messages under their new names, let full joins go on.

    What the old version had as well is not opened again: a reminder that has fired does not come twice.
    """
    data, spec = token.internal_data, token.task_spec
    known = {route.id(name) for name in route.source.nodes}
    _rename(instance, token)
    if "b" in data:
        waiting.watch(token, tuple(each for each in spec.boundaries if each.name not in known), "b")
    if _is_open_scope(token):
        handlers = (start for handler in instance.handlers(token) for start in catching.starts_of(handler))
        waiting.watch(token, tuple(each for each in handlers if each.name not in known), "e")
    if spec.node.type == "eventBasedGateway" and token.has_state(TaskState.STARTED):
        gateways.listen(token, [flow for flow in spec.outgoing if flow.target not in known])
    if "f" in data and "k" not in data and token.has_state(TaskState.WAITING):
        spec.arrive(token)  # the join may be full now, or no join any more


def _is_open_scope(token: Token) -> bool:
    data = token.internal_data
    if not _CLOSED.isdisjoint(data) or not token.has_state(TaskState.STARTED):
        return False
    if any(catching.has_interrupted(child) for child in token.children):
        return False  # a handler took the scope's place: its other handlers are over
    return scope_id(token) in token.home.starts


def _rename(instance: Instance, token: Token) -> None:
    row = token.internal_data.get("msg")
    if row is None:
        return
    name = token.task_spec.node.triggers[token.internal_data.get("t", 0)].name
    if row[1] == name:
        return
    instance.changes.close_subscription(row[0])
    row[0], row[1] = instance.outer_id(), name
    instance.changes.subscriptions[row[0]] = Subscription(row[0], token.task_spec.node.id, name, row[2])
