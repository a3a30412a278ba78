"""Models that call processes of the same file and of others."""

from __future__ import annotations

from tests.engine.kit import chain, document, end, node, start, user


def call(process: str = "q", binding: str = "", tag: str = "", inner: str = "", ext: str = "", **told: str) -> str:
    attributes = f' bindingType="{binding}"' if binding else ""
    attributes += f' versionTag="{tag}"' if tag else ""
    attributes += "".join(f' {k}="{v}"' for k, v in told.items())
    return node("callActivity", "call", inner, f'<zeebe:calledElement processId="{process}"{attributes}/>' + ext)


def main(called: str, *more: str, declarations: str = "") -> bytes:
    """start → call → after → end."""
    return document(
        start() + called + user("after") + end() + chain("start", "call", "after", "end") + "".join(more),
        declarations=declarations,
    )


def other(*parts: str, tag: str = "", declarations: str = "", id: str = "q") -> bytes:
    """start → a → end in process q; the ids are those of the main process."""
    told = f'<bpmn:extensionElements><zeebe:versionTag value="{tag}"/></bpmn:extensionElements>' if tag else ""
    body = "".join(parts) or user("after") + chain("start", "after", "end")
    return document(told + start() + end() + body, ids=(id,), declarations=declarations)
