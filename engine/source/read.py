"""From bytes to an XML tree, safely: no DOCTYPE, no entities, bounded size and depth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from engine.source.findings import Findings
from engine.source.names import bpmn, line_of
from engine.source.xml_faults import described

if TYPE_CHECKING:
    from lxml.etree import _Element

    from engine.limits import Limits

BOM = b"\xef\xbb\xbf"


def read(xml: bytes, limits: Limits) -> tuple[_Element | None, Findings]:
    """The root element, or None when the findings say why the bytes are no model."""
    findings = Findings()
    root = read_xml(xml, limits, findings)
    if root is not None and root.tag != bpmn("definitions"):
        findings.error("notBpmn", line=line_of(root))
    return (None if findings.has_errors else root), findings


def read_xml(xml: bytes, limits: Limits, findings: Findings) -> _Element | None:
    """The root of an XML text within the limits and without DTD, or None with findings."""
    if len(xml) > limits.document_bytes:
        findings.error("documentTooLarge", limit=limits.document_bytes)
        return None
    text = xml.removeprefix(BOM).lstrip()
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text or b"<\x00!\x00D" in text or b"\x00<\x00!\x00D" in text:
        findings.error("doctype")
        return None
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False
    )
    try:
        root = etree.fromstring(text, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        line = error.lineno if isinstance(error, etree.XMLSyntaxError) else None
        findings.error("notXml", line=line, values=described(error))
        return None
    if root.getroottree().docinfo.internalDTD is not None:
        findings.error("doctype")
        return None
    _bounds(root, limits, findings)
    return None if findings.has_errors else root


def _bounds(root: _Element, limits: Limits, findings: Findings) -> None:
    depth = count = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        if event == "start":
            depth += 1
            count += 1
            if depth > limits.document_depth:
                findings.error("documentTooDeep", limit=limits.document_depth)
                return
            if count > limits.document_elements:
                findings.error("documentTooLarge", limit=limits.document_elements)
                return
        else:
            depth -= 1
