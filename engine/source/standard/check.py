"""All constraints of the standard on one file, as it was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.source.standard import activities, collaboration, data, events, expressions, flow, references, schema
from engine.source.standard.index import Standard

if TYPE_CHECKING:
    from lxml.etree import _Element

    from engine.source.findings import Findings


def check(root: _Element, findings: Findings) -> None:
    """Schema first; the rest reads what the schema leaves open."""
    standard = Standard(root, findings)
    schema.check(standard)
    references.check(standard)
    expressions.check(standard)
    flow.check(standard)
    events.check(standard)
    activities.check(standard)
    data.check(standard)
    collaboration.check(standard)
