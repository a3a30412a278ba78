"""Every FEEL text of the model goes through the kernel's parser, all in one call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.source.names import bpmn, lianban
from engine.source.reader import extension

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

    from engine.contract import Expressions
    from engine.source.findings import Findings
    from engine.source.nodes import Node
    from engine.source.tree import Tree


def check(tree: Tree, expressions: Expressions, findings: Findings) -> None:
    """Report each text that is not FEEL at its element."""
    asked = [(element, text[1:].strip()) for element, text in _texts(tree) if text.startswith("=")]
    if not asked:
        return
    for (element, text), found in zip(asked, expressions.check([t for _, t in asked]), strict=True):
        if found.error is not None:
            findings.error("badFeel", element, source=_safe(text), reason=_safe(found.error))
        elif not text:
            findings.error("badFeel", element, source="=", reason="empty")


def _safe(text: str) -> str:
    """Cut to a length that fits a finding."""
    return text if len(text) <= 200 else text[:199] + "…"  # noqa: PLR2004


def _texts(tree: Tree) -> Iterator[tuple[_Element, str]]:
    for flow, element in tree.flows:
        if flow.condition is not None:
            yield element, flow.condition
    for node in tree.nodes.values():
        for text in _of_node(node):
            if text:
                yield tree.elements[node.id], text
    for pool in tree.root.iter(bpmn("participant")):
        site = extension(pool, lianban("site"))
        if site is not None:
            yield pool, site.get("source") or ""


def _of_node(node: Node) -> Iterator[str | None]:
    for row in (*node.inputs, *node.outputs, *node.data_inputs, *node.data_outputs):
        yield row.source
    if node.multi is not None:
        yield from (node.multi.collection, node.multi.output_element, node.multi.condition, node.multi.cardinality)
        yield from (text for text, _ in node.multi.throws)
    if node.loop is not None:
        yield node.loop.condition
    for trigger in node.triggers:
        yield from (
            None if trigger.timer is None else trigger.timer[1],
            trigger.correlation_key,
            trigger.condition,
            trigger.name,
        )
    yield from (
        node.assignee,
        node.candidate_groups,
        node.due_date,
        node.deadline,
        node.script,
        node.called,
        node.job_type,
        node.job_retries,
        node.activation,
        node.active_elements,
        node.completion_condition,
        None if node.decision is None else node.decision.decision_id,
    )
