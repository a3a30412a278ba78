"""The XML schema of BPMN 2.0 (as SpiffWorkflow ships it): what each error means to a designer.

The order of children is not held against a file: an error that is gone once the children are sorted is none.
Errors in the diagram part (BPMN DI) and inside ``extensionElements`` do not concern the engine.
"""

from __future__ import annotations

import re
from copy import deepcopy
from functools import cache
from importlib import resources
from threading import Lock
from typing import TYPE_CHECKING, Any

from lxml import etree

from engine.source.names import BPMN, is_bpmn, local
from engine.source.standard.order import sort_children

if TYPE_CHECKING:
    from lxml.etree import _Element

    from engine.source.standard.index import Standard

MOST = 200
"""How many schema errors are looked at: a file with more is broken as a whole."""
ATTRIBUTE = re.compile(r"attribute '(?:\{[^}]*\})?([^']+)'")
SET = re.compile(r"element of the set \{(.*?)\}")
TYPE = re.compile(r"atomic type '([^']+)'")
EXPECTED = re.compile(r"Expected is (?:one of )?\( ?(.*?) ?\)")
NAMESPACE = re.compile(r"\{[^}]*\}")
_lock = Lock()


@cache
def _schema() -> etree.XMLSchema:
    folder = resources.files("SpiffWorkflow.bpmn.parser") / "schema"
    with resources.as_file(folder) as path:
        return etree.XMLSchema(etree.parse(str(path / "BPMN20.xsd")))


def _errors(root: _Element) -> list[Any]:
    """The log of one validation; the log belongs to the schema, so threads take turns."""
    with _lock:
        schema = _schema()
        if schema.validate(root):
            return []
        log: Any = schema.error_log  # the stubs know no iteration
        return [entry for entry, _ in zip(log, range(MOST), strict=False)]


def check(standard: Standard) -> None:
    """Report what the schema does not allow."""
    root = standard.root
    errors = _errors(root)
    if any(e.type_name == "SCHEMAV_ELEMENT_CONTENT" for e in errors):
        copy = deepcopy(root)
        same = dict(zip(copy.iter(), root.iter(), strict=True))
        sort_children(copy)
        for error in _errors(copy):
            found = _element(copy, error)
            _say(standard, error, None if found is None else same.get(found))
        return
    for error in errors:
        _say(standard, error, _element(root, error))


def _element(root: _Element, error: Any) -> _Element | None:
    """Where an error is: by its path, or else the first element of its line."""
    try:
        names = {prefix: uri for prefix, uri in root.nsmap.items() if prefix}
        found = root.xpath(str(error.path), namespaces=names)
    except (etree.XPathError, TypeError):
        found = None
    if isinstance(found, list) and found and isinstance(found[0], etree._Element):  # noqa: SLF001  # lxml has no public name
        return found[0]
    return next((e for e in root.iter(etree.Element) if e.sourceline == error.line), None)


def _say(standard: Standard, error: Any, element: _Element | None) -> None:
    if element is None or _outside(element):
        return
    kind = str(error.type_name)
    message = str(error.message)
    attribute = ATTRIBUTE.search(message)
    name = attribute.group(1) if attribute else ""
    if kind == "SCHEMAV_ELEMENT_CONTENT":
        _content(standard, element, message)
    elif kind == "SCHEMAV_CVC_COMPLEX_TYPE_4":
        harmless = name == "targetNamespace"
        say = standard.note if harmless else standard.fault
        say("attributeMissing", element, tag=local(element.tag), name=name)
    elif kind in {"SCHEMAV_CVC_COMPLEX_TYPE_3_2_1", "SCHEMAV_CVC_COMPLEX_TYPE_3_2_2"}:
        standard.note("attributeUnknown", element, tag=local(element.tag), name=name)
    elif kind.startswith(("SCHEMAV_CVC_DATATYPE_VALID", "SCHEMAV_CVC_ENUMERATION_VALID")):
        _value(standard, element, name, message)


def _outside(element: _Element) -> bool:
    """Whether an element is not of the model: the diagram, or in extension elements."""
    if not is_bpmn(element.tag):
        parent = element.getparent()
        return parent is None or not is_bpmn(parent.tag) or local(parent.tag) in {"extensionElements", "definitions"}
    here = element.getparent()
    while here is not None:
        if not is_bpmn(here.tag) or local(here.tag) == "extensionElements":
            return True
        here = here.getparent()
    return False


def _content(standard: Standard, element: _Element, message: str) -> None:
    tag = local(element.tag)
    if "Missing child" in message:
        expected = EXPECTED.search(message)
        names = NAMESPACE.sub("", expected.group(1)) if expected else "?"
        standard.lax("childMissing", element, tag=tag, names=names)
        return
    parent = element.getparent()
    where = "?" if parent is None else local(parent.tag)
    if not is_bpmn(element.tag):
        standard.note("foreignElement", element if parent is None else parent, tag=tag)
    else:
        standard.fault("notAllowedHere", element, tag=tag, parent=where)


def _value(standard: Standard, element: _Element, name: str, message: str) -> None:
    kind = TYPE.search(message)
    allowed = SET.search(message)
    type_name = kind.group(1).removeprefix("{" + BPMN + "}") if kind else ""
    if allowed:
        type_name = allowed.group(1).replace("'", "")
    value = (element.get(name) if name else element.text) or ""
    if type_name == "xs:ID" or (type_name == "xs:IDREF" and ":" in value):
        return  # ids have rules of their own; a prefix is dropped by the normaliser
    if not value.strip():
        standard.note("valueEmpty", element, name=name or local(element.tag))
        return
    standard.fault("valueInvalid", element, name=name or local(element.tag), value=value.strip()[:80], type=type_name)
