"""Which process a call activity calls: in the same file, or in another definition that the platform names (BPMN 2.0.2, 10.3.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.contract import CalledProcess
from engine.errors import StepFailed

if TYPE_CHECKING:
    from engine.spiff.workflow import Token


def resolve(token: Token, called: Any) -> str:
    """The id of the called process, with that of its definition when it is another one.

    Without a binding, the process of the same file goes before those of others. Raises StepFailed when there is none.
    """
    node, own = token.task_spec.node, token.task_spec.definition
    here = f"{own.prefix}{called}"
    if own.is_callable(here) and _is_meant(node.binding, node.version_tag, own.version_tags.get(here)):
        return here
    found: str | None = None
    if isinstance(called, str) and called:
        asked = CalledProcess(own.id, called, node.binding or "latest", node.version_tag)
        found = token.workflow.env.find_called(asked)
    if found is not None:
        other = token.workflow.get_definition(found)
        there = f"{other.prefix}{called}"
        if other.is_callable(there):
            return there
    if own.is_callable(here) and node.binding == "latest":
        return here
    what = {"versionTag": f" in version {node.version_tag!r}", "deployment": " of the same deployment"}.get(
        node.binding or "", ""
    )
    raise StepFailed("calledProcessUnknown", f"{node.id} calls {called!r}{what}, which cannot be called")


def _is_meant(binding: str | None, wanted: str | None, tag: str | None) -> bool:
    """Whether the process of the same file is the one that the binding asks for."""
    return binding in {None, "deployment"} or (binding == "versionTag" and wanted is not None and wanted == tag)
