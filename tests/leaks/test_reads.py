"""The matrix role × site × function × field: nobody is shown more than the table allows, anywhere; and the screens show enough."""

from __future__ import annotations

import pytest

from bootstrap.demo.people import PASSWORD
from tests.leaks.marks import Level, Mark
from tests.leaks.oracle import told
from tests.leaks.walk import (
    ALL,
    DOOR,
    EVERYBODY,
    SHEETS,
    Operation,
    Walk,
    names_case,
    reads,
    words_of,
)
from tests.leaks.world import APPLICANTS, PLATFORM, STAFF, World

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


def test_every_case_is_looked_for_by_somebody_of_every_relation_to_it(walk: Walk) -> None:
    relation = walk.oracle.relation
    every = {(relation(who, key), key) for who in EVERYBODY for key in walk.world.cases}
    assert {(relation(who, key), key) for who in EVERYBODY for key in walk.cases(who)} == every


FILTERS = {
    "/cases": "?state=all&limit=100",
    "/admin/incidents": "?state=all",
}


@pytest.mark.parametrize("who", EVERYBODY)
def test_no_read_shows_more_than_the_table_allows(walk: Walk, who: str) -> None:
    before = len(walk.leaks)
    for operation in reads(ALL.values()):
        if names_case(operation):
            _read_cases(walk, who, operation)
        elif operation.path == "/admin/sheets/{kind}":
            # Both forms are written from the same rows.
            for kind, form in [*((kind, "csv") for kind in SHEETS), ("users", "xlsx"), ("contacts", "xlsx")]:
                walk.send(who, operation, f"/admin/sheets/{kind}?form={form}")
        else:
            walk.send(who, operation, walk.address(operation) + FILTERS.get(operation.path, ""))
    assert not walk.leaks[before:], told(walk.leaks[before:])
    assert walk.errors == []


def _read_cases(walk: Walk, who: str, operation: Operation) -> None:
    for key in walk.cases(who):
        # Of a case that is nothing to this person one part of each kind is as good as all.
        shows = walk.oracle.table["relations"][walk.oracle.relation(who, key)]["shows"]
        for path in walk.addresses(operation, key, most=2 if shows else 1):
            if walk.send(who, operation, path, about=key).status_code in DOOR:
                return


@pytest.mark.parametrize("who", [*STAFF, *PLATFORM])
def test_evidence_packages_hold_what_their_exporter_may_take(walk: Walk, who: str) -> None:
    before = len(walk.leaks)
    export = ALL["POST /cases/{case_no}/evidence"]
    packages = 0
    for key in walk.world.cases:
        for body in ({"files": True}, {"files": True, "orderNo": "审计〔2026〕1号"}):
            answer = walk.send(who, export, next(walk.addresses(export, key)), body, about=key)
            packages += answer.status_code == 200
            if answer.status_code in DOOR:
                break
    assert not walk.leaks[before:], told(walk.leaks[before:])
    role = STAFF[who][1] if who in STAFF else PLATFORM[who]
    assert bool(packages) == (role in ("APPROVER", "AUDITOR") and who != "shunde.approver")


@pytest.mark.parametrize("who", APPLICANTS)
def test_a_copy_of_the_own_data_holds_nobody_else_s(walk: Walk, who: str) -> None:
    before = len(walk.leaks)
    copy = ALL["POST /my/copy"]
    answer = walk.send(who, copy, copy.path, {"password": PASSWORD})
    assert answer.status_code == 200, answer.text
    assert not walk.leaks[before:], told(walk.leaks[before:])
    own = {mark.kind for mark in walk.world.ledger.of(who)} - {"secret"}
    shown = {mark.kind for mark, level in walk.world.ledger.shown(words_of(answer)).items() if mark.thing == who}
    assert shown == own


def test_a_holder_reads_the_task_and_a_colleague_reads_it_masked(walk: Walk) -> None:
    """Enough is shown where the work is done (DOMAIN §5.4), and to nobody beside."""
    operation = ALL["GET /tasks/{task_id}"]
    [path] = [f"/tasks/{mark.clear[0]}" for mark in walk.world.ledger.of("A") if mark.field == "task moveOutTask"]
    number = _mark(walk.world, "A", "movers.idNo")
    levels = {
        who: walk.world.ledger.shown(words_of(walk.send(who, operation, path))).get(number, Level.NOTHING)
        for who in ("shunde.handler", "shunde.approver", "shunde.clerk", "shunde.admin", "yanshan.handler")
    }
    assert levels == {
        "shunde.handler": Level.CLEAR,
        "shunde.approver": Level.MASKED,
        "shunde.clerk": Level.MASKED,
        "shunde.admin": Level.NOTHING,
        "yanshan.handler": Level.NOTHING,
    }


def test_unmasking_opens_one_case_for_one_person(walk: Walk) -> None:
    ask, mask = ALL["POST /cases/{case_no}/unmask"], ALL["POST /cases/{case_no}/mask"]
    page = ALL["GET /cases/{case_no}"]
    number, other = (_mark(walk.world, key, "movers.idNo") for key in "AF")
    custody = _mark(walk.world, "A", "custodyDoc")
    own, foreign = (next(walk.addresses(page, key)) for key in "AF")
    before = len(walk.leaks)
    who = "yanshan.approver"

    def shown(path: str, mark: Mark, by: str = who) -> Level:
        return walk.world.ledger.shown(words_of(walk.send(by, page, path))).get(mark, Level.NOTHING)

    assert shown(own, number) is Level.MASKED
    answer = walk.send(who, ask, f"{own}/unmask", {"purpose": "REVIEW", "reason": "审批需要核对"}, about="A")
    assert answer.status_code == 201, answer.text
    walk.oracle.unmasked.add((who, "A"))
    assert shown(own, number) is Level.CLEAR
    assert shown(own, custody) is Level.NOTHING
    assert shown(foreign, other) is Level.MASKED
    assert shown(own, number, "yanshan.handler") is Level.MASKED
    walk.send(who, mask, f"{own}/mask")
    walk.oracle.unmasked.clear()
    assert shown(own, number) is Level.MASKED
    assert not walk.leaks[before:], told(walk.leaks[before:])


def _mark(world: World, thing: str, name: str) -> Mark:
    return next(mark for mark in world.ledger.of(thing) if mark.field == name)


ENOUGH = [
    ("marked-a", "GET /my/cases/{case_no}", "A", {"frame", "query", "subject", "core", "rest", "paper", "shared-paper"}, Level.CLEAR),
    ("yanshan.handler", "GET /cases/{case_no}", "A", {"subject", "core", "rest"}, Level.MASKED),
    ("yanshan.handler", "GET /cases/{case_no}", "A", {"frame", "query", "paper", "shared-paper"}, Level.CLEAR),
    ("shunde.handler", "GET /cases/{case_no}", "A", {"subject", "core"}, Level.MASKED),
    ("shunde.handler", "GET /cases/{case_no}", "A", {"frame", "shared-paper"}, Level.CLEAR),
    ("shunde.handler", "GET /tasks/{task_id}", "A", {"core", "draft"}, Level.CLEAR),
    ("shunde.liaison", "GET /cases/{case_no}", "A", {"subject"}, Level.MASKED),
    ("yanshan.handler", "GET /cases/{case_no}", "B", {"subject"}, Level.MASKED),
    ("yanshan-supervision.officer", "GET /cases/{case_no}", "A", {"subject"}, Level.MASKED),
    ("platform", "GET /cases/{case_no}", "A", {"frame"}, Level.CLEAR),
    ("auditor", "GET /cases/{case_no}", "A", {"subject"}, Level.MASKED),
    ("auditor", "GET /admin/audit/events", "A", {"frame"}, Level.CLEAR),
]  # fmt: skip
"""What the main screens must show: (who, function, case, kinds of fields, at least)."""


@pytest.mark.parametrize(("who", "function", "key", "kinds", "least"), ENOUGH)
def test_the_screens_show_enough(walk: Walk, who: str, function: str, key: str, kinds: set[str], least: Level) -> None:
    operation = ALL[function]
    paths = list(walk.addresses(operation, key)) if names_case(operation) else [operation.path]
    for path in paths:
        walk.send(who, operation, path, about=key)
    seen = walk.seen[who, function]
    missing = {kind for kind in kinds if seen.get(f"{key}.{kind}", 0) < least}
    assert missing == set()
