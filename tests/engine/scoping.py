"""Parts of models with scopes: what is declared, sub-processes, their event sub-processes, calls."""

from __future__ import annotations

from tests.engine.kit import (
    chain,
    declare,
    end,
    node,
    start,
    user,
)

ERROR = '<bpmn:errorEventDefinition errorRef="e_E"/>'
DECLARED = declare(messages=["withdraw", "m"], errors=["E"], signals=["s"], escalations=["X"])


def sub(id: str, *parts: str, ext: str = "", inner: str = "", **attributes: str) -> str:
    return node("subProcess", id, inner + "".join(parts), ext, **attributes)


def handler(id: str, trigger: str, *, interrupting: bool = True, body: str = "", ext: str = "") -> str:
    """An event sub-process with one user task ``<id>Task``."""
    attrs = {} if interrupting else {"isInterrupting": "false"}
    return sub(
        id,
        start(f"{id}Start", trigger, ext, **attrs)
        + user(f"{id}Task")
        + end(f"{id}End")
        + chain(f"{id}Start", f"{id}Task", f"{id}End")
        + body,
        triggeredByEvent="true",
    )


CALLED = start("cs") + user("ca") + end("ce") + chain("cs", "ca", "ce")
