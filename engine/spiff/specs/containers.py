"""Activities that hold other nodes: sub-processes, called processes and the process itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from engine import scopes
from engine.errors import EngineError, StepFailed
from engine.spiff.specs import calls, compensation, transactions
from engine.spiff.specs.activities import ActivitySpec
from engine.spiff.specs.catching import starts_of
from engine.spiff.specs.data import declare
from engine.spiff.specs.waiting import watch

if TYPE_CHECKING:
    from engine.spiff.workflow import Token


class SubProcessSpec(ActivitySpec):
    """An embedded sub-process (or event sub-process): a scope of its own."""

    def perform(self, token: Token, inputs: Mapping[str, Any]) -> Mapping[str, Any] | None:  # noqa: ARG002
        """Start the inside."""
        declare(token)
        open_scope(token, self.node.id)
        return None

    def child_ended(self, token: Token) -> None:
        """A token inside ended; the last one ends the scope."""
        data = token.internal_data
        if "rv" in data:
            compensation.revived_may_end(token)
        elif "cx" in data:
            transactions.may_leave(token)
        elif "mi" not in data:
            scope_may_end(token)

    def mapped_outputs(self, token: Token, result: Mapping[str, Any]) -> Mapping[str, Any]:
        """Only output mappings leave the scope; all else was written where it belongs already."""
        if "mi" in token.internal_data or self.node.outputs:
            return super().mapped_outputs(token, result)
        return {}

    def closing(self, token: Token) -> Mapping[str, Any]:
        """Its own variables, for the output element of a multi-instance."""
        return {} if "mi" in token.internal_data else dict(token.vars or {})


class CallSpec(SubProcessSpec):
    """Calls a process of this or another definition as a scope that sees only what it is given."""

    def perform(self, token: Token, inputs: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Start the called process."""
        instance = token.workflow
        outer = scopes.visible(token)
        called = calls.resolve(token, instance.evaluator.one(self.node.called or "", outer))
        depth = 0
        level: Token | None = token
        while level is not None:
            depth += "call" in level.internal_data
            level = level.parent
        if depth >= instance.limits.call_depth:
            raise StepFailed("callDepthExceeded", f"calls nest deeper than {instance.limits.call_depth}")
        given = (
            {k: v for k, v in outer.items() if k not in instance.constants}
            if self.node.propagate_in
            else dict(token.vars or {})
        )
        before = token.vars
        token.vars = {**given, **inputs}
        token.internal_data["call"] = called
        try:
            open_scope(token, called)
        except EngineError:
            token.vars = before
            del token.internal_data["call"]
            raise
        return None

    def closing(self, token: Token) -> Mapping[str, Any]:
        """What the called process wrote (all it holds, when output mappings choose)."""
        if "mi" in token.internal_data:
            return {}
        held = token.vars or {}
        if self.node.outputs:
            return dict(held)
        written = token.internal_data.get("w", ()) if self.node.propagate_out else ()
        return {name: held[name] for name in written if name in held}

    def mapped_outputs(self, token: Token, result: Mapping[str, Any]) -> Mapping[str, Any]:
        """Mappings see the called process's variables over the caller's."""
        if not self.node.outputs:
            return result
        outer = scopes.visible(token.parent)
        return token.workflow.evaluator.mappings(self.node.outputs, {**outer, **result}, into=outer)


def open_scope(token: Token, scope: str) -> None:
    """Let the inside of a scope begin: waits of its event sub-processes, then its start nodes.

    A scope that a trigger has started remembers the start node (``st``) and what its token begins with (``sb``).
    """
    instance = token.workflow
    data = token.internal_data
    home = token.home
    starts = (home.nodes[data["st"]],) if "st" in data else home.starts.get(scope, ())
    instance.room_for(len(starts))
    handlers = tuple(start for handler in instance.handlers(token) for start in starts_of(handler))
    watch(token, handlers, "e")
    token.mark(TaskState.STARTED)
    got = data.pop("sb", {})
    if data.pop("st", None) is not None and "sp" in data:
        got = {"res": data.pop("sp")}  # as saved by version 0.2
    for spec in starts:
        instance.spawn(token, spec, **got)
    if not starts:
        scope_may_end(token)


def scope_may_end(token: Token) -> None:
    """When nothing runs inside the scope any more, it is done."""
    if token.has_work:
        return
    for child in token.children:
        child.cancel()
    token.internal_data["done"] = 1
    token.wake()


class RootSpec(SubProcessSpec):
    """The process itself: the root of the token tree. History speaks of its nodes only."""

    silent = True

    def execute(self, token: Token) -> Mapping[str, Any] | None:
        """Begin, or end when everything inside has ended."""
        if token.internal_data.get("done"):
            return {}
        open_scope(token, self.node.id)
        return None

    def leave(self, token: Token) -> None:
        """The instance ends."""
        instance = token.workflow
        for child in token.children:
            child.cancel()
        instance.completed = True
