"""What stays behind of a walk: log, figures, tables, pages; and the addresses that are outside of it."""

from __future__ import annotations

import io
import re

import pytest
from prometheus_client import REGISTRY, generate_latest
from sqlalchemy import text

from domain.actors import SYSTEM
from domain.metadata import metadata
from tests.leaks.oracle import NUMBERS, told
from tests.leaks.walk import ALL, Walk, names_case, reads
from tests.leaks.world import World

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


def test_what_is_logged_names_nobody(walk: Walk, logged: io.StringIO) -> None:
    """Down to DEBUG, with every request of the walk on it, those of the other modules too."""
    for operation in reads(ALL.values()):
        for path in walk.addresses(operation, "A", most=1) if names_case(operation) else ():
            walk.send("yanshan.handler", operation, path, about="A")
    lines = logged.getvalue()
    assert lines.count("\n") > sum(walk.calls.values()) > 0, "the walk is on the log"
    shown = walk.world.ledger.shown(lines)
    assert {f"{mark.thing}.{mark.field}": level.name for mark, level in shown.items() if mark.kind not in NUMBERS} == {}
    figures = generate_latest(REGISTRY).decode()
    assert "lianban_http_requests_total" in figures
    assert walk.world.ledger.shown(figures) == {}


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


BESIDE = {
    "/", "/<page:path>", "/healthz", "/readyz", "/metrics", "/api/docs", "/assets/<path:path>", "/oidc/<key>/log-in",
    "/oidc/<key>/callback", "/oidc/<key>/log-out", "/oidc/<key>/signed-out", "/oidc/<key>/backchannel-logout",
}  # fmt: skip


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
