"""The matrix role × site × function × field: nobody is shown more than the table allows, anywhere; and the screens show enough."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from typing import Any

import pytest
from prometheus_client import REGISTRY, generate_latest
from sqlalchemy import text
from werkzeug.test import TestResponse

from bootstrap.demo.people import PASSWORD
from domain.actors import SYSTEM
from domain.metadata import metadata
from tests.leaks.marks import Level, Mark
from tests.leaks.oracle import Leak
from tests.leaks.walk import (
    ABOUT_CASES,
    EVERYBODY,
    OWNED,
    SHEETS,
    Operation,
    Walk,
    names_case,
    operations,
    reads,
    smallest,
    words_of,
)
from tests.leaks.world import APPLICANTS, PLATFORM, STAFF, World

ALL = {operation.name: operation for operation in operations()}
DOOR = {401, 403}
"""Who is refused at the door is refused at every address behind it."""
NUMBERS = {"frame", "messages", "steps", "partner-steps", "own-steps"}
"""What a log or a plain column may hold: identifiers, nothing that a person typed or is."""
pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


def told(leaks: Iterable[Leak | str]) -> str:
    """All of them, a line each."""
    return "\n".join(sorted({str(leak) for leak in leaks}))


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


FILTERS = {
    "/cases": "?state=all&limit=100",
    "/admin/incidents": "?state=all",
}


def _read_cases(walk: Walk, who: str, operation: Operation) -> None:
    for key in walk.world.cases:
        # Of a case that is nothing to this person one part of each kind is as good as all.
        shows = walk.oracle.table["relations"][walk.oracle.relation(who, key)]["shows"]
        for path in walk.addresses(operation, key, most=2 if shows else 1):
            if walk.send(who, operation, path, about=key).status_code in DOOR:
                return


ASKING = (
    "pudong.clerk", "shunde.handler", "youjiang.approver", "guangxi-water.liaison", "pudong.admin", "shunde-supervision.officer",
    "yanshan.agent", "designer", "marked-e", "anonymous", "client",
)  # fmt: skip
"""Somebody of each role to whom a case is nothing; who sees all cases has no foreign one."""


@pytest.mark.parametrize("who", ASKING)
def test_what_is_foreign_is_as_if_it_were_not(walk: Walk, who: str) -> None:
    """The same status and the same words for somebody else's thing and for one that there never was."""
    told_apart = []
    compared = 0
    before = walk.fingerprint()
    for operation in ALL.values():
        own = [name for name in operation.parameters if name in ABOUT_CASES]
        key = _foreign(walk, who, own)
        if key is None:
            continue
        body = None if operation.method == "GET" else _body(operation)
        nowhere = walk.nowhere(operation, key)
        absent = walk.send(who, operation, nowhere, body)
        if absent.status_code in DOOR:
            continue
        for path in walk.addresses(operation, key, most=1):
            compared += 1
            foreign = walk.send(who, operation, path, body, about=key)
            if _plain(foreign, path) != _plain(absent, nowhere):
                told_apart.append(
                    f"{operation.name}: {foreign.status_code} {_code(foreign)}, absent {absent.status_code} {_code(absent)}"
                )
            elif foreign.status_code < 400:
                told_apart.append(f"{operation.name}: {foreign.status_code}, it went through")
    assert not told_apart, told(told_apart)
    assert walk.fingerprint() == before, "what was refused changed nothing"
    walk.compared[who] = compared


def _foreign(walk: Walk, who: str, parameters: list[str]) -> str | None:
    """A case that does not exist for this person and has such parts."""
    if not parameters:
        return None
    for key, thing in walk.world.cases.items():
        shows = walk.oracle.table["relations"][walk.oracle.relation(who, key)]["shows"]
        if not shows and all(thing.places[name] for name in parameters):
            return key
    return None


BODIES: dict[str, Any] = {
    "POST /tasks/{task_id}/complete": {"data": {}},
    "POST /cases/{case_no}/procedures": {"kind": "EXTENSION", "reason": "需要更多时间"},
}


def _body(operation: Operation) -> Any:
    return BODIES.get(operation.name, smallest(operation.body) if operation.body else None)


def _plain(answer: TestResponse, path: str) -> tuple[int, str]:
    """Status and words, without the number of the request and without what was asked for."""
    words = answer.get_data(as_text=True)
    words = re.sub(r'"requestId":"[^"]*"', "", words)
    for part in path.split("/"):
        if len(part) > 3:
            words = words.replace(part, "…")
    return answer.status_code, words


def _code(answer: TestResponse) -> str:
    found: Any = answer.get_json(silent=True)
    return str(found.get("code", "")) if isinstance(found, dict) else ""


@pytest.mark.parametrize("who", ["pudong.admin", "pudong.clerk", "marked-e", "designer", "anonymous"])
def test_things_of_other_people_and_sites_are_as_if_they_were_not(walk: Walk, who: str) -> None:
    told_apart = []
    before = walk.fingerprint()
    for operation in ALL.values():
        own = [name for name in operation.parameters if name in OWNED]
        if len(own) != 1 or operation.method == "GET":
            continue
        body = _body(operation)
        nowhere = walk.address(operation, {own[0]: "999999999"})
        absent = walk.send(who, operation, nowhere, body)
        if absent.status_code in DOOR:
            continue
        path = walk.address(operation)
        foreign = walk.send(who, operation, path, body)
        if _plain(foreign, path) != _plain(absent, nowhere) or foreign.status_code < 400:
            told_apart.append(
                f"{operation.name}: {foreign.status_code} {_code(foreign)}, absent {absent.status_code} {_code(absent)}"
            )
    assert not told_apart, told(told_apart)
    assert walk.fingerprint() == before, "what was refused changed nothing"


@pytest.mark.parametrize("who", [*STAFF, *PLATFORM])
def test_a_search_confirms_nothing(walk: Walk, who: str) -> None:
    """By a value that this person may not know: nothing is found, as for a value that nobody has."""
    found = []
    search, inbox = ALL["POST /cases/search"], ALL["POST /tasks/search"]
    for mark in PROBES(walk):
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


def test_errors_do_not_repeat_what_was_sent(walk: Walk) -> None:
    """Bodies in which every value is of the wrong kind, and bodies that are no JSON."""
    before = len(walk.leaks)
    repeated: list[str] = []
    torn: set[str] = set()
    for who in ("yanshan.handler", "yanshan.admin", "platform", "marked-a", "anonymous"):
        for operation in ALL.values():
            if operation.method == "GET" or operation.name in ENDING:
                continue
            sent = walk.world.mint.token("nobody", "sent", "secret")
            properties = (operation.body or {}).get("properties", {})
            path = walk.address(operation, {name: "1" for name in operation.parameters if name in ABOUT_CASES})
            answer = walk.send(who, operation, path, {name: {"x": [sent]} for name in properties})
            if answer.status_code in DOOR:
                continue
            answers = [answer]
            if operation.name not in torn:  # the parser is the same for everybody
                torn.add(operation.name)
                data = f'{{"q": "{sent}'
                answers.append(
                    walk.browser(who).send(operation.method, path, data=data, content_type="application/json")
                )
            repeated += [f"{operation.name}: {each.status_code}" for each in answers if sent in words_of(each)]
    assert not repeated, told(repeated)
    assert not walk.leaks[before:], told(walk.leaks[before:])
    assert walk.errors == []


ENDING = {
    "DELETE /session",
    "POST /session/sign-out",
    "POST /account/sessions/end-others",
    "POST /my/erasure",
    "POST /clock/reset",
}
"""What would end the walk."""


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


def test_what_is_logged_names_nobody(walk: Walk, logged: io.StringIO) -> None:
    """Down to DEBUG, with every request of the walk on it."""
    lines = logged.getvalue()
    assert lines.count("\n") > 1000, "the walk is on the log"
    shown = walk.world.ledger.shown(lines)
    assert {f"{mark.thing}.{mark.field}": level.name for mark, level in shown.items() if mark.kind not in NUMBERS} == {}
    figures = generate_latest(REGISTRY).decode()
    assert "lianban_http_requests_total" in figures
    assert walk.world.ledger.shown(figures) == {}


def test_at_rest_only_what_may_be_read_is_readable(walk: Walk) -> None:
    """Every row of every table as the database shows it: sealed columns tell nothing, plain ones only numbers."""
    expected = walk.oracle.table["columns"]
    words = {
        column: set(kinds)
        for part in ("account", "masked", "staff", "words")
        for column, kinds in expected[part].items()
    }
    found = []
    with walk.world.scene.platform.transaction(SYSTEM) as ctx:
        for table in metadata.sorted_tables:
            for column in table.columns:
                name = f"{table.name}.{column.name}"
                query = text(f'select string_agg("{column.name}"::text, chr(10)) from "{table.name}"')  # noqa: S608 -- our tables
                content = ctx.session.scalar(query) or ""
                for mark, level in walk.world.ledger.shown(content).items():
                    kinds = words.get(name, set()) | NUMBERS | AT_REST.get(name, set())
                    if not kinds & {other.kind for other in walk.world.ledger.sharing(mark, level) | {mark}}:
                        found.append(f"{name}: {mark.thing}.{mark.field} [{mark.kind}] {level.name}")
    assert not found, told(found)


AT_REST: dict[str, set[str]] = {
    "audit_reads.data": {"paper-no", "shared-paper-no"},
    "users.password_hash": {"secret"},
    "password_history.password_hash": {"secret"},
    "cases.query_code": {"query"},
    "certificates.number": {"core", "register"},
    "materials.file_id": {"paper-no", "shared-paper-no"},
    "files.id": {"paper-no", "shared-paper-no", "own-draft"},
    "application_drafts.materials": {"own-draft"},
}
"""Columns that are identifiers of what they hold."""


def test_pages_hold_no_data(walk: Walk) -> None:
    """The pages are the same for everybody: nothing of a person is in their HTML."""
    number = next(iter(walk.world.cases.values())).places["case_no"][0]
    for path in ("/", f"/my/{number}", "/staff/", f"/staff/cases/{number}", f"/admin/cases/{number}", "/designer/"):
        bodies = set()
        for who in ("anonymous", "marked-a", "yanshan.handler", "platform"):
            answer = walk.browser(who).client.get(path)
            bodies.add(re.sub(r'nonce="[^"]*"|content="[A-Za-z0-9_-]{16,}"', "", answer.get_data(as_text=True)))
            assert answer.status_code == 200
        assert len(bodies) == 1, path
        assert walk.world.ledger.shown(bodies.pop()) == {}


def test_no_address_is_outside_of_the_matrix(world: World) -> None:
    """What is served beside the described API: pages, health, sign-in by a provider."""
    rules = {rule.rule for rule in world.app.url_map.iter_rules() if not rule.rule.startswith("/api/v1/")}
    assert rules == BESIDE
    described = {
        re.sub(r"<(?:[^:>]+:)?(\w+)>", r"{\1}", rule.rule).removeprefix("/api/v1")
        for rule in world.app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/")
    }
    assert described - {operation.path for operation in ALL.values()} == {
        "/openapi.json",
        "/admin/providers/{key}/check",
    }


BESIDE = {
    "/", "/<page:path>", "/healthz", "/readyz", "/metrics", "/api/docs", "/assets/<path:path>", "/oidc/<key>/log-in",
    "/oidc/<key>/callback", "/oidc/<key>/log-out", "/oidc/<key>/signed-out", "/oidc/<key>/backchannel-logout",
}  # fmt: skip
