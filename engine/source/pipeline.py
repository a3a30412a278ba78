"""The deploy road: read, normalise, validate, describe."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lxml import etree

from engine.contract import Parsed
from engine.errors import DefinitionRefused
from engine.source.check_foreign import RUNS_THERE, is_foreign
from engine.source.describe import describe
from engine.source.normalise import normalise
from engine.source.read import read
from engine.source.standard import check as standard
from engine.source.standard.index import Standard
from engine.source.validate import validate

if TYPE_CHECKING:
    from lxml.etree import _Element

    from engine.contract import Expressions
    from engine.limits import Limits


def parse(xml: bytes, expressions: Expressions, limits: Limits, *, written: bytes | None = None) -> Parsed:
    """A model that may be deployed, with its warnings; raises DefinitionRefused otherwise.

    ``written`` is the file that ``xml`` was converted from: where it is plain BPMN, the standard judges it and not the conversion;
    where it was written for another engine, what that engine runs or refuses counts.
    """
    root, findings = read(xml, limits)
    if root is None:
        raise DefinitionRefused(findings.rows)
    original = None if written is None else read(written, limits)[0]
    foreign = is_foreign(root if original is None else original)
    findings.eased = RUNS_THERE if foreign else frozenset()
    if original is not None and Standard(original, findings).held:
        standard.check(original, findings)
    else:
        standard.check(root, findings)
    normalise(root, findings)
    validate(root, expressions, findings, foreign=foreign)
    if findings.has_errors:
        raise DefinitionRefused(findings.rows)
    return Parsed(describe(root, xml), etree.tostring(root, encoding="UTF-8", xml_declaration=True), findings.rows)


def reread(xml: bytes, limits: Limits) -> _Element:
    """The tree of a normalised source, which may be somewhat longer than what was accepted."""
    wider = replace(limits, document_bytes=limits.document_bytes * 2, document_elements=limits.document_elements * 2)
    root, findings = read(xml, wider)
    if root is None:
        raise DefinitionRefused(findings.rows)
    return root
