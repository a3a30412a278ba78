"""What real tools write wrong and what can be put right without guessing. A model that any engine must refuse stays as it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from engine.importing.report import Report
from engine.importing.vendors import OLD_BPMN
from engine.source.names import BPMN, FLOW_NODES, SCOPES, bpmn, is_bpmn, local

if TYPE_CHECKING:
    from lxml.etree import _Element

_START_TAG = re.compile(rb"<(?P<prefix>[\w.-]+:)?definitions\b[^>]*>")
_ZEEBE = b' xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"'
_FRONT = ("documentation", "extensionElements")


def prepare(xml: bytes, report: Report) -> bytes:
    """Before parsing: namespaces of BPMN 2.0 drafts, or none at all, and the prefix that our extensions get."""
    found = _START_TAG.search(xml)
    if found is None:
        return xml
    tag = found[0]
    for old in OLD_BPMN:
        if re.search(rb"=\s*[\"']" + re.escape(old) + rb"/?[\"']", tag):
            tag = re.sub(rb"(=\s*[\"'])" + re.escape(old) + rb"/?([\"'])", rb"\g<1>" + BPMN.encode() + rb"\g<2>", tag)
            report.repaired("namespace", None, old.decode(), BPMN)
    if found["prefix"] is None and not re.search(rb"\sxmlns\s*=", tag):
        tag = tag.replace(b"definitions", b'definitions xmlns="' + BPMN.encode() + b'"', 1)
        report.repaired("namespace", None, "", BPMN)
    if b"xmlns:zeebe" not in xml:
        name = (found["prefix"] or b"") + b"definitions"
        tag = tag.replace(name, name + _ZEEBE, 1)
    return xml[: found.start()] + tag + xml[found.end() :]


def repair(root: _Element, report: Report, *, vendor: bool) -> None:
    """After parsing."""
    if not root.get("targetNamespace"):
        root.set("targetNamespace", "http://bpmn.io/schema/bpmn")
        report.repaired("targetNamespace", root)
    _spaces(root, report)
    _executable(root, report, vendor=vendor)
    _ids(root, report, vendor=vendor)
    _unreferred_duplicates(root, report)
    _order(root, report)


def _spaces(root: _Element, report: Report) -> None:
    """XML Schema says that spaces around ids and references do not count; nobody else's parser knows it."""
    for element in root.iter("*"):
        for key, value in element.attrib.items():
            name = str(key)
            refers = name in {"id", "default", "bpmnElement"} or (name.endswith("Ref") and "}" not in name)
            if refers and (bare := str(value).strip()) != value:
                element.set(name, bare)
                report.repaired("idSpaces", element, str(value), bare)


def _executable(root: _Element, report: Report, *, vendor: bool) -> None:
    """A process that does not say: of an engine's model it runs; in a drawing with pools it may be only drawn."""
    drawn = root.find(bpmn("collaboration")) is not None
    for process in root.iter(bpmn("process")):
        if process.get("isExecutable") is None and (vendor or not drawn):
            process.set("isExecutable", "true")
            report.repaired("executable", process)


def executable(process: _Element, root: _Element, *, vendor: bool) -> bool:
    """Whether a process is to be converted."""
    said = process.get("isExecutable")
    return said == "true" or (said is None and (vendor or root.find(bpmn("collaboration")) is None))


def _ids(root: _Element, report: Report, *, vendor: bool) -> None:
    """Sequence flows often have no id. Nodes without one can only stand alone; the engine names them, the file keeps it."""
    taken = {e.get("id") for e in root.iter("*") if e.get("id")}
    kinds = {"sequenceFlow"} | (FLOW_NODES if vendor else frozenset())
    counts: dict[str, int] = {}
    for element in root.iter("*"):
        kind = local(element.tag)
        if not is_bpmn(element.tag) or kind not in kinds or element.get("id"):
            continue
        stem = _stem(element, kind)
        counts[stem] = counts.get(stem, 0) + 1
        made = stem if counts[stem] == 1 and kind == "sequenceFlow" else f"{stem}_{counts[stem]}"
        while made in taken:
            counts[stem] += 1
            made = f"{stem}_{counts[stem]}"
        element.set("id", made)
        taken.add(made)
        report.repaired("id", element, "", made)


def _stem(element: _Element, kind: str) -> str:
    """Flows are named by their ends, so that importing again gives the same names."""
    if kind != "sequenceFlow":
        return kind
    ends = (element.get("sourceRef") or "", element.get("targetRef") or "")
    return "Flow_" + "_".join(re.sub(r"[^\w.-]", "_", end) for end in ends)


def _unreferred_duplicates(root: _Element, report: Report) -> None:
    """Ids of diagram parts and of event definitions that stand twice, when nothing refers to them."""
    seen: set[str] = set()
    referred = {str(v).rpartition(":")[2] for e in root.iter("*") for k, v in e.attrib.items() if k != "id"}
    referred |= {(e.text or "").strip() for e in root.iter("*")}
    for element in root.iter("*"):
        found = element.get("id")
        if not found:
            continue
        if (
            found in seen
            and found not in referred
            and local(element.tag) not in FLOW_NODES | {"process", "sequenceFlow"}
        ):
            made = f"{found}_{sum(1 for s in seen if s.startswith(found)) + 1}"
            element.set("id", made)
            report.repaired("duplicateId", element, found, made)
            found = made
        seen.add(found)


def _order(root: _Element, report: Report) -> None:
    """Documentation and extension elements come first; tools that check the schema refuse other places."""
    for element in root.iter(*map(bpmn, FLOW_NODES | SCOPES | {"process", "sequenceFlow"})):
        front = [c for name in _FRONT for c in element if c.tag == bpmn(name)]
        if front and list(element.iterchildren("*"))[: len(front)] != front:
            for child in reversed(front):
                element.remove(child)
                element.insert(0, child)
            report.repaired("order", element, ", ".join(local(c.tag) for c in front))
