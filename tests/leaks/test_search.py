"""A search confirms nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.leaks.marks import Mark
from tests.leaks.oracle import told
from tests.leaks.walk import (
    ALL,
    DOOR,
    Walk,
)
from tests.leaks.world import PLATFORM, STAFF

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


@pytest.mark.parametrize("who", [*STAFF, *PLATFORM])
def test_a_search_confirms_nothing(walk: Walk, who: str) -> None:
    """By a value that this person may not know: nothing is found, as for a value that nobody has."""
    found = []
    search, inbox = ALL["POST /cases/search"], ALL["POST /tasks/search"]
    cases = walk.cases(who)
    for mark in PROBES(walk):
        if mark.thing in walk.world.cases and mark.thing not in cases:
            continue
        finds = walk.oracle.table["relations"][walk.oracle.relation(who, mark.thing)].get("finds", [])
        for operation, more in ((search, {"state": "all"}), (inbox, {})):
            answer = walk.send(who, operation, operation.path, {"q": mark.clear[0], **more}, about=mark.thing)
            body: Any = answer.get_json(silent=True) or {}
            if answer.status_code in DOOR:
                break
            if mark.kind not in finds and body.get("items"):
                found.append(
                    f"{operation.name}: by {mark.thing}.{mark.field} ({walk.oracle.relation(who, mark.thing)})"
                )
    assert not found, told(found)


def PROBES(walk: Walk) -> list[Mark]:  # noqa: N802 -- reads as a constant
    """Numbers by which somebody would look for a person or a case."""
    fields = {"movers.idNo", "targetIdNo", "applicantIdNo", "holderIdNo", "certNo", "query code", "numbers"}
    return [mark for mark in walk.world.ledger.marks if mark.field in fields]
