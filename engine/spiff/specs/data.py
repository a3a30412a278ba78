"""Data associations at run time: what they bring to a node before its input mappings, what they take from it beside its outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine import scopes
from engine.errors import StepFailed
from engine.expressions import put

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.spiff.workflow import Token


def bring(token: Token) -> dict[str, Any]:
    """The variables that the input associations of the node make."""
    rows = token.task_spec.node.data_inputs
    instance = token.workflow
    made: dict[str, Any] = {}
    for row in rows:
        if row.from_store:
            _offered(token, row.source[1:])
        names = scopes.visible(token, instance.stored if row.from_store else None)
        put(made, row.target, instance.evaluator.one(row.source, names), {})
    return made


def take(token: Token, result: Mapping[str, Any]) -> dict[str, Any]:
    """What the output associations give to the enclosing scope; what goes to a data store is noted as a change.

    An output that the activity did not produce is not taken (BPMN 2.0.2 §10.4.2: an unavailable source does nothing).
    """
    rows = token.task_spec.node.data_outputs
    made: dict[str, Any] = {}
    if not rows:
        return made
    instance = token.workflow
    names = scopes.visible(token, result)
    for row in rows:
        if row.copies and row.source[1:] not in names:
            continue
        value = instance.evaluator.one(row.source, names)
        if row.to_store:
            _offered(token, row.target)
            kept: dict[str, Any] = {}
            put(kept, row.target, value, instance.stored)
            instance.stored.update(kept)
            instance.changes.stored.update(kept)
        else:
            put(made, row.target, value, names)
    return made


def _offered(token: Token, path: str) -> None:
    """A process called from another definition reaches only the stores that its caller has as well."""
    name = path.split(".", 1)[0]
    if token.task_spec.definition.prefix and name not in token.workflow.env.stores:
        raise StepFailed("storeUnknown", f"the calling definition has no data store {name}")


def declare(token: Token) -> None:
    """The data objects and properties of a sub-process begin without value."""
    held = token.task_spec.node.held
    if held:
        token.vars = {**dict.fromkeys(held), **(token.vars or {})}
