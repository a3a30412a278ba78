import json
from pathlib import Path

import pytest

from domain.actors import SYSTEM, Actor, Role
from domain.identity import functions
from domain.identity.functions import COLUMNS, FunctionRefused, Reach, may, require, shipped
from domain.identity.overriding import OverrideRefused, overridden, read_overrides


def actor(role: Role, site: int = 1) -> Actor:
    return Actor(7, "test", {site: frozenset({role})}, is_applicant=role is Role.APPLICANT)


def test_every_function_has_a_cell_for_each_of_the_eleven_roles() -> None:
    assert len(COLUMNS) == 11
    rows = shipped().functions.values()
    assert len({row.source for row in rows if row.source.startswith("DOMAIN")}) == 31
    for row in rows:
        assert set(row.cells) - {Role.SYSTEM} == set(COLUMNS), row.key
        for parts in row.cells.values():
            for part in parts:
                assert part.acts <= set(row.acts), row.key
                assert part.reach
                assert set(part.conditions) <= set(shipped().conditions), row.key
        assert row.source.startswith("DOMAIN") or row.reason, f"{row.key} says neither where it is from nor why"


def test_the_bounds_hold_for_the_matrix_that_ships() -> None:
    for row in shipped().functions.values():
        if row.content:
            assert not row.cells[Role.PLATFORM_ADMIN], (
                f"the platform administrator reaches the content of cases: {row.key}"
            )
    everybodys = {"account", "session"}
    for row in shipped().functions.values():
        written = {act for part in row.cells[Role.AUDITOR] for act in part.acts if row.acts[act]}
        assert not written or row.key in everybodys, f"the auditor writes: {row.key} {written}"
    assert shipped().functions["decision"].holders("decide") == (Role.APPROVER,)


@pytest.mark.parametrize(
    ("role", "function", "allowed"),
    [
        (Role.APPROVER, "decision:decide", True),
        (Role.HANDLER, "decision:decide", False),
        (Role.SUPERVISOR, "decision:decide", False),
        (Role.SUPERVISOR, "supervision:issue", True),
        (Role.SITE_ADMIN, "supervision:issue", False),
        (Role.AUDITOR, "urge:send", False),
        (Role.LIAISON, "replay:resend", True),
        (Role.SITE_ADMIN, "replay:resend", False),
        (Role.DESIGNER, "deploy:publish", False),
        (Role.PLATFORM_ADMIN, "design:draft", False),
        (Role.PLATFORM_ADMIN, "case:read", False),
        (Role.SITE_ADMIN, "audit:read", False),
        (Role.APPLICANT, "application:create", True),
        (Role.AUDITOR, "guide:read", True),
    ],
)
def test_who_may_what(role: Role, function: str, *, allowed: bool) -> None:
    assert may(actor(role), function) is allowed


def test_a_site_cell_reaches_the_own_site_only() -> None:
    approver = actor(Role.APPROVER, site=4)
    assert may(approver, "decision:decide", site_id=4)
    assert not may(approver, "decision:decide", site_id=5)
    with pytest.raises(FunctionRefused) as refused:
        require(approver, "decision:decide", site_id=5)
    assert "审批人" in refused.value.fact_zh
    assert refused.value.code == "function-not-allowed"


def test_shared_and_own_cells_ask_for_what_is_shared_or_owned() -> None:
    liaison = actor(Role.LIAISON, site=4)
    assert may(liaison, "urge:send", site_id=9, shared_with=(4, 9))
    assert not may(liaison, "urge:send", site_id=9, shared_with=(8, 9))
    citizen = actor(Role.APPLICANT, site=0)
    assert may(citizen, "application:create", own=True)
    assert not may(citizen, "application:create", own=False)


def test_an_account_without_roles_keeps_to_itself_and_the_platform_may_everything() -> None:
    nobody = Actor(3, "test")
    assert may(nobody, "account:change")
    assert not may(nobody, "task:do")
    assert not may(Actor(0, ""), "account:change")
    assert may(SYSTEM, "deploy:publish")


def test_an_unknown_function_is_not_answered() -> None:
    for name in ("nothing:read", "urge", "urge:fly"):
        with pytest.raises(functions.UnknownFunction):
            may(actor(Role.HANDLER), name)


def test_a_deployment_sets_cells_within_bounds(tmp_path: Path) -> None:
    file = tmp_path / "roles.json"
    file.write_text(json.dumps({"replay": {"SITE_ADMIN": [{"acts": ["read", "resend"], "reach": ["site"]}]}}))
    matrix = read_overrides(file)
    assert matrix is not None
    functions.install(matrix)
    try:
        assert may(actor(Role.SITE_ADMIN), "replay:resend", site_id=1)
        assert not may(actor(Role.SITE_ADMIN), "replay:resend", site_id=2)
    finally:
        functions.install(None)
    assert read_overrides(None) is None


@pytest.mark.parametrize(
    ("cells", "pointer"),
    [
        ({"case": {"PLATFORM_ADMIN": [{"acts": ["read"], "reach": ["full"]}]}}, "/case/PLATFORM_ADMIN"),
        ({"urge": {"AUDITOR": [{"acts": ["send"], "reach": ["full"]}]}}, "/urge/AUDITOR"),
        ({"decision": {"SUPERVISOR": [{"acts": ["decide"], "reach": ["region"]}]}}, "/decision/SUPERVISOR"),
        ({"case": {"APPLICANT": [{"acts": ["read"], "reach": ["site"]}]}}, "/case/APPLICANT"),
        ({"case": {"CLEANER": []}}, "/case/CLEANER"),
        ({"case": {"SYSTEM": []}}, "/case/SYSTEM"),
        ({"case": {"HANDLER": [{"acts": ["fly"], "reach": ["site"]}]}}, "/case/HANDLER"),
        ({"case": {"HANDLER": [{"acts": ["read"], "reach": ["moon"]}]}}, "/case/HANDLER"),
        ({"case": {"HANDLER": 3}}, "/case/HANDLER"),
        ({"cas": {}}, "/cas"),
        ([], None),
    ],
)
def test_no_deployment_goes_beyond_the_bounds(cells: object, pointer: str | None) -> None:
    with pytest.raises(OverrideRefused) as refused:
        overridden(shipped(), cells)
    assert refused.value.pointer == pointer


def test_a_broken_file_stops_the_start(tmp_path: Path) -> None:
    for content in (None, "{"):
        file = tmp_path / "roles.json"
        if content:
            file.write_text(content)
        with pytest.raises(OverrideRefused):
            read_overrides(file)


def test_every_reach_of_the_legend_is_used() -> None:
    used = {
        reach
        for row in shipped().functions.values()
        for parts in row.cells.values()
        for part in parts
        for reach in part.reach
    }
    assert used == set(Reach)
