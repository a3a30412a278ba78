"""Variable scopes on the token tree: an inner scope reads outer ones, outputs go to the scope that holds the name.

The process, a called process, a sub-process, a multi-instance item and a task's input mapping are scopes. A name that no scope
holds yet is created in the process (as in zeebe). Values are never changed in place, only replaced.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.spiff.workflow import Token


def visible(token: Token, overlay: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """All names an expression sees at ``token``: outer scopes, inner scopes, constants, then ``overlay``."""
    chain: list[dict[str, Any]] = []
    scope: Token | None = token
    while scope is not None:
        if scope.vars:
            chain.append(scope.vars)
        if scope.isolated:
            break
        scope = scope.parent
    names: dict[str, Any] = {}
    for part in reversed(chain):
        names.update(part)
    names.update(token.workflow.constants)
    if overlay:
        names.update(overlay)
    return names


def holds(token: Token, name: str) -> bool:
    """Whether some scope from ``token`` outwards holds the name."""
    scope: Token | None = token
    while scope is not None:
        if scope.vars is not None and name in scope.vars:
            return True
        if scope.isolated:
            return False
        scope = scope.parent
    return False


def write(token: Token, values: Mapping[str, Any]) -> None:
    """Write each value where its name is held, from ``token`` outwards; else create it in the (called) process."""
    for name, value in values.items():
        scope = token
        while not (scope.isolated or (scope.vars is not None and name in scope.vars)):
            parent = scope.parent
            if parent is None:
                break
            scope = parent
        if scope.vars is None:
            scope.vars = {}
        if scope.workflow.watched:
            scope.workflow.changed.append((scope.id, name, "update" if name in scope.vars else "create"))
        scope.vars[name] = value
        if scope.isolated and scope.parent is not None:
            written = scope.internal_data.setdefault("w", [])
            if name not in written:
                written.append(name)
