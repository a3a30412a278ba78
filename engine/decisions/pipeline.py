"""The deploy road of decisions: read, resolve, plan, validate, describe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.decisions import document as documents_
from engine.decisions.contract import ParsedDecisions
from engine.decisions.describe import describe
from engine.decisions.plan import build
from engine.decisions.rules import DECISION_RULES
from engine.decisions.validate import validate
from engine.errors import DefinitionRefused
from engine.source.findings import Findings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.contract import Finding
    from engine.decisions.contract import DecisionModel, DecisionPlan, Decisions
    from engine.decisions.document import Document
    from engine.limits import Limits


def parse(
    xml: bytes, decisions: Decisions, limits: Limits, imports: Mapping[str, bytes] | None = None
) -> ParsedDecisions:
    """A model that may be deployed, with its warnings; raises DefinitionRefused otherwise."""
    document, plan, findings = _read(xml, limits, imports or {})
    validate(document, plan, decisions, findings)
    if findings.has_errors:
        raise DefinitionRefused(findings.rows)
    return ParsedDecisions(describe(document, plan), plan, findings.rows)


def read(
    xml: bytes, limits: Limits, imports: Mapping[str, bytes] | None = None
) -> tuple[DecisionModel, DecisionPlan, tuple[Finding, ...]]:
    """Model and plan of a DMN file with what is wrong in it; raises DefinitionRefused when nothing can be read.

    ``imports`` are the files of models that may be imported, by namespace.
    """
    document, plan, findings = _read(xml, limits, imports or {})
    return describe(document, plan), plan, findings.rows


def _read(xml: bytes, limits: Limits, imports: Mapping[str, bytes]) -> tuple[Document, DecisionPlan, Findings]:
    findings = Findings(DECISION_RULES)
    root = documents_.read(xml, limits, findings)
    if root is None:
        raise DefinitionRefused(findings.rows)
    found = {root.namespace: root}
    kept = {root.namespace: findings}
    _load(root, findings, imports, limits, found, kept)
    return root, build(root, found, kept), findings


def _load(
    document: Document,
    findings: Findings,
    imports: Mapping[str, bytes],
    limits: Limits,
    found: dict[str, Document],
    kept: dict[str, Findings],
) -> None:
    for _, namespace in document.imports:
        if namespace in found:
            continue
        other = Findings(DECISION_RULES)
        loaded = documents_.read(imports[namespace], limits, other) if namespace in imports else None
        if loaded is None:
            findings.error("importMissing", namespace=namespace)
            continue
        found[namespace] = loaded
        kept[namespace] = other
        _load(loaded, findings, imports, limits, found, kept)
