"""Every read of personal data is on record before the answer leaves: who, for whom, where, what kind, what for."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlalchemy import text

from domain.actors import SYSTEM, Principal
from domain.audit import service as audit
from tests.api.browser import Browser
from tests.support.world import World

LogIn = Callable[[str], Browser]


def reads(world: World) -> list[Any]:
    with world.platform.transaction(SYSTEM) as ctx:
        return list(ctx.session.execute(text("select * from audit_reads order by id")))


def test_a_case_page_leaves_its_read(submitted: World, log_in: LogIn) -> None:
    case = submitted.case()
    assert log_in("clerk").get(f"/cases/{case.case_no}").status_code == 200
    [row] = reads(submitted)
    assert (row.kind, row.case_id, row.purpose, row.site_id) == ("case.page", case.id, "handling", case.main_site_id)
    assert row.subject_id == case.applicant_user_id
    assert "application" in row.fields
    assert row.origin["role"] == "RECV_CLERK"
    assert len(row.origin["session"]) >= 16
    assert row.origin["node"]
    assert row.hash is None


def test_a_refused_read_leaves_nothing(submitted: World, log_in: LogIn) -> None:
    assert log_in("far").get(f"/cases/{submitted.case().case_no}").status_code == 404
    assert reads(submitted) == []


def test_a_search_is_kept_as_a_fingerprint(submitted: World, log_in: LogIn) -> None:
    log_in("clerk").post("/cases/search", {"q": "532622201506010001"})
    [row] = reads(submitted)
    assert (row.kind, row.case_id, row.data["found"]) == ("case.search", None, 1)
    assert "532622201506010001" not in bytes(row.canonical).decode()


def test_reading_does_not_wait_for_work_on_the_case(submitted: World, log_in: LogIn) -> None:
    clerk = log_in("clerk")
    case = submitted.case()
    with submitted.platform.transaction(SYSTEM) as ctx:
        ctx.session.execute(text("select 1 from cases where id = :id for update"), {"id": case.id})
        assert clerk.get(f"/cases/{case.case_no}").status_code == 200
    assert [row.kind for row in reads(submitted)] == ["case.page"]


def test_both_names_of_a_delegation_are_told(submitted: World) -> None:
    actor = replace(submitted.people["clerk"], principal=Principal(7, "休假的人", 3))
    with submitted.platform.transaction(actor) as ctx:
        audit.record_read(ctx, "case.page", case_id=submitted.case().id, fields=["application"], reason="代理办理")
        audit.record(ctx, "case.looked-at", case_id=submitted.case().id)
    [row] = reads(submitted)
    assert row.origin["for"] == {"id": 7, "name": "休假的人", "delegation": 3}
    assert row.data["reason"] == "代理办理"


def test_without_its_record_no_answer_leaves(submitted: World, log_in: LogIn) -> None:
    clerk = log_in("clerk")
    with submitted.platform.sql.begin() as connection:
        connection.execute(text("set local role none"))
        connection.execute(text("alter table audit_reads rename to audit_reads_away"))
    try:
        assert clerk.get(f"/cases/{submitted.case().case_no}").status_code >= 500
    finally:
        with submitted.platform.sql.begin() as connection:
            connection.execute(text("set local role none"))
            connection.execute(text("alter table audit_reads_away rename to audit_reads"))


def test_every_kind_of_read_has_a_name() -> None:
    from domain.audit.reads import KINDS, PURPOSES

    assert all(zh and en for zh, en in [*KINDS.values(), *PURPOSES.values()])
