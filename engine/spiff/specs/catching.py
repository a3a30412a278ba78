"""Who catches: interrupting and non-interrupting boundary events and event sub-processes, errors, escalations, terminate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from engine.spiff.specs.base import NodeSpec
    from engine.spiff.workflow import Token


_OVER = frozenset({"mi", "rv", "cx"})
"""Marks of scopes whose event sub-processes do not catch: bodies of multi-instances, revived and cancelled scopes."""


def _nothing() -> None:
    """Errors and escalations have no wait to renew."""


def at_boundary(host: Token, spec: NodeSpec, payload: Mapping[str, Any], again: Callable[[], None] = _nothing) -> None:
    """A boundary event of ``host`` fired: the flow goes on from the event, beside or instead of the host.

    What a multi-instance activity throws because an instance completed (BPMN 2.0.2, 10.3.8: behaviours None and One) is caught
    on its border and does not end it, except as an error: the other instances would have nothing to tell.
    """
    scope = host.parent
    own = "own" in host.internal_data and not spec.node.has("error")
    if spec.node.interrupting and not own:
        host.cancel()
    else:
        again()
    host.workflow.spawn(scope, spec, res=dict(payload))


def at_scope(scope: Token, start: NodeSpec, payload: Mapping[str, Any], again: Callable[[], None] = _nothing) -> None:
    """The start event of an event sub-process of ``scope`` fired."""
    instance = scope.workflow
    if start.node.interrupting:
        for child in scope.children:
            child.cancel()
        scope.task_spec.interrupted(scope)
    else:
        again()
    holder = start.definition.nodes[start.node.scope]
    instance.spawn(scope, holder, st=start.node.id, sb={"res": dict(payload)})


def _levels(token: Token) -> Iterator[tuple[Token, Token | None]]:
    """From inside out: (a token, the scope it runs in); the scope is None when it may not catch for this token."""
    level: Token | None = token
    while level is not None:
        thrower = level.workflow.tasks.get(level.internal_data.get("cb", ""))
        if thrower is not None:
            level = thrower  # what fails in compensation fails where it was thrown
            continue
        scope = level.parent
        closed = scope is not None and not _OVER.isdisjoint(scope.internal_data)
        yield level, (None if closed or has_interrupted(level) else scope)
        level = scope


def has_interrupted(token: Token) -> bool:
    """Whether the token is a handler that took the place of its scope: then the scope's other handlers are over."""
    spec = token.task_spec
    return spec.node.event_subprocess and all(s.node.interrupting for s in starts_of(spec))


def starts_of(spec: NodeSpec) -> tuple[NodeSpec, ...]:
    """The start events directly inside a sub-process."""
    return tuple(s for s in spec.inner if s.node.type == "startEvent")


def _catcher(token: Token, kind: str, code: str | None) -> tuple[Token, NodeSpec, bool] | None:
    """Who catches: (host or scope, the event, whether it is a boundary event)."""
    for level, scope in _levels(token):
        if "i" not in level.internal_data and "rv" not in level.internal_data:
            found = _best(level.task_spec.boundaries, kind, code)
            if found is not None:
                return level, found, True
        if scope is not None:
            others = (holder for holder in scope.workflow.handlers(scope) if holder is not level.task_spec)
            found = _best(tuple(start for holder in others for start in starts_of(holder)), kind, code)
            if found is not None:
                return scope, found, False
    return None


def _best(specs: tuple[NodeSpec, ...], kind: str, code: str | None) -> NodeSpec | None:
    """The catcher with this very code, else one that catches all."""
    fitting = [(t.code is None, s) for s in specs for t in s.node.triggers if t.kind == kind and t.code in {None, code}]
    return min(fitting, key=lambda row: row[0])[1] if fitting else None


def throw_error(token: Token, code: str | None, values: Mapping[str, Any]) -> bool:
    """Throw a BPMN error at ``token``; False when nobody catches it (then nothing changed)."""
    found = _catcher(token, "error", code)
    if found is None:
        return False
    where, spec, boundary = found
    if boundary:
        at_boundary(where, spec, values)
    else:
        at_scope(where, spec, values)
    return True


def throw_escalation(token: Token, code: str | None, values: Mapping[str, Any]) -> None:
    """Throw an escalation; without a catcher it passes."""
    found = _catcher(token, "escalation", code)
    if found is None:
        return
    where, spec, boundary = found
    if boundary:
        at_boundary(where, spec, values)
    else:
        at_scope(where, spec, values)


def terminate(token: Token, reach: str = "") -> None:
    """End everything else in the scope of ``token``; with a reach the whole instance (``all``) or multi-instance around, calls included."""
    scope = _reached(token, reach)
    if scope is None or scope is token.parent:
        for child in token.parent.children:
            if child is not token:
                child.cancel()
        return
    for child in scope.children:
        if not child.waits_for_scope:
            child.cancel()
    scope.internal_data["done"] = 1
    scope.wake()


def _reached(token: Token, reach: str) -> Token | None:
    """The scope that a terminate end event ends beyond its own."""
    level: Token | None = token.parent if reach else None
    while level is not None:
        if reach == ("multiInstance" if "mi" in level.internal_data else "all" if level.parent is None else None):
            return level
        level = level.parent
    return None
