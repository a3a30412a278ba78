"""What a decision model says about itself: decisions, services, inputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from engine.decisions.contract import DecisionInfo, DecisionInput, DecisionModel
from engine.decisions.names import child, text_of
from engine.source.names import zeebe

if TYPE_CHECKING:
    from lxml.etree import _Element

    from engine.decisions.contract import DecisionPlan
    from engine.decisions.document import Document

Entry: TypeAlias = Mapping[str, Any]


def describe(document: Document, plan: DecisionPlan) -> DecisionModel:
    """The model of a document whose plan is built."""
    nodes = plan.data["nodes"]
    own = {key: node for key, node in nodes.items() if key.startswith(document.namespace + "#")}
    return DecisionModel(
        id=document.root.get("id") or "",
        name=document.name,
        namespace=document.namespace,
        version=document.version,
        decisions=tuple(_info(k, n, plan, document) for k, n in own.items() if n["kind"] == "decision"),
        services=tuple(_info(k, n, plan, document) for k, n in own.items() if n["kind"] == "service"),
        inputs=tuple(_input(node, plan) for node in nodes.values() if node["kind"] == "input"),
        imports=tuple(dict.fromkeys(namespace for _, namespace in document.imports)),
    )


def _info(key: str, node: Entry, plan: DecisionPlan, document: Document) -> DecisionInfo:
    logic = node.get("logic")
    nodes = plan.data["nodes"]
    inputs, requires = _needs(key, plan)
    return DecisionInfo(
        id=node["id"],
        key=key,
        name=node["name"],
        kind="service" if node["kind"] == "service" else (logic or {}).get("kind", ""),
        type=type_name(node["type"]),
        question=text_of(child(document.elements[key.rpartition("#")[2]], "question")),
        version_tag=_version_tag(document.elements[key.rpartition("#")[2]]),
        hit_policy=(logic or {}).get("hitPolicy", ""),
        inputs=tuple(nodes[k]["id"] for k in inputs),
        requires=tuple(nodes[k]["id"] for k in requires),
    )


def _version_tag(element: _Element) -> str:
    found = next(element.iter(zeebe("versionTag")), None)
    return "" if found is None else (found.get("value") or "")


def _needs(key: str, plan: DecisionPlan) -> tuple[list[str], list[str]]:
    """Keys of the inputs and of the decisions that a node needs, directly or through others."""
    nodes = plan.data["nodes"]
    inputs: list[str] = []
    decisions: list[str] = []
    seen = {key}
    waiting = [key]
    while waiting:
        node = nodes[waiting.pop(0)]
        given = [entry["id"] for entry in (*node.get("inputData", ()), *node.get("inputDecisions", ()))]
        seen.update(given)
        inputs += [k for k in given if k not in inputs]
        for entry in (*node.get("requires", ()), *node.get("outputs", ())):
            needed = entry["id"]
            if needed in seen or needed not in nodes:
                continue
            seen.add(needed)
            waiting.append(needed)
            kind = nodes[needed]["kind"]
            if kind == "input":
                inputs.append(needed)
            elif kind == "decision":
                decisions.append(needed)
    return inputs, decisions


def _input(node: Entry, plan: DecisionPlan) -> DecisionInput:
    type_ = plan.data["types"].get(node["type"]) or {}
    return DecisionInput(node["id"], node["name"], type_name(node["type"]), type_.get("allowed") or "")


def type_name(key: str | None) -> str:
    """The name of a type without the namespace of its model."""
    return (key or "").rpartition("#")[2]
