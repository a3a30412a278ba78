"""Finds what the engine must not accept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.source.names import bpmn

if TYPE_CHECKING:
    from lxml.etree import _Element

    from engine.contract import Expressions
    from engine.source.findings import Findings


def validate(root: _Element, expressions: Expressions, findings: Findings) -> None:
    """All rules."""
    if next(root.iter(bpmn("process")), None) is None:
        findings.error("noProcess", root)
