"""The auditor's log, the case's evidence panel, packages by download; who may and who may not."""

from collections.abc import Callable

import pytest

from domain.actors import SYSTEM
from domain.audit import anchors
from domain.evidence import verifier
from tests.api.browser import Browser, assert_problem
from tests.support.world import World

LogIn = Callable[[str], Browser]


def test_the_approver_takes_a_package_out_and_it_verifies(submitted: World, log_in: LogIn) -> None:
    number = submitted.case().case_no
    answer = log_in("approver").post(f"/cases/{number}/evidence", {"files": True})
    assert answer.status_code == 200, answer.text
    told = verifier.verify(answer.data)
    assert told["manifest"]["caseNo"] == number
    assert told["events"]["record/reads.jsonl"] >= 1
    assert b"only for the main site" in answer.data


def test_an_auditor_needs_an_order(submitted: World, log_in: LogIn) -> None:
    auditor, number = log_in("auditor"), submitted.case().case_no
    assert_problem(auditor.post(f"/cases/{number}/evidence", {}), 422, "order-number-missing")
    answer = auditor.post(f"/cases/{number}/evidence", {"orderNo": "审计〔2026〕12号"})
    assert answer.status_code == 200
    assert verifier.verify(answer.data)["manifest"]["orderNo"] == "审计〔2026〕12号"
    reads = auditor.get("/admin/audit/reads", query_string={"kind": "case.export"}).json
    assert [row["data"]["orderNo"] for row in reads["items"]] == ["审计〔2026〕12号"]


@pytest.mark.parametrize(("who", "status"), [("clerk", 403), ("far", 404), ("admin", 403), ("applicant", 403)])
def test_others_take_nothing_out(submitted: World, log_in: LogIn, who: str, status: int) -> None:
    answer = log_in(who).post(f"/cases/{submitted.case().case_no}/evidence", {"orderNo": "x-1234"})
    assert answer.status_code in {status, 403}


def test_the_state_of_a_case(submitted: World, log_in: LogIn) -> None:
    number = submitted.case().case_no
    clerk = log_in("clerk")
    clerk.get(f"/cases/{number}")
    with submitted.platform.transaction(SYSTEM) as ctx:
        anchors.take(ctx)
    state = clerk.get(f"/cases/{number}/evidence").json
    assert state["events"]["verified"]
    assert state["anchoredSeq"] == state["events"]["events"]
    assert (state["reads"]["events"], state["anchorNumber"], state["mayExport"]) == (1, 1, False)


def test_the_log_is_searched_within_the_scope(submitted: World, log_in: LogIn) -> None:
    number = submitted.case().case_no
    auditor = log_in("auditor")
    page = auditor.get("/admin/audit/events", query_string={"caseNo": number, "limit": 2}).json
    assert len(page["items"]) == 2
    following = auditor.get("/admin/audit/events", query_string={"caseNo": number, "after": page["next"]}).json
    ids = [row["id"] for row in [*page["items"], *following["items"]]]
    assert ids == sorted(ids, reverse=True)
    config = auditor.get("/admin/audit/events", query_string={"config": "true"}).json["items"]
    assert {row["caseNo"] for row in config} == {None}
    own = log_in("admin").get("/admin/audit/events").json["items"]
    assert own
    assert {row["caseNo"] for row in own} == {None}
    assert log_in("admin").get("/admin/audit/reads").status_code == 403
    assert log_in("clerk").get("/admin/audit/events").status_code == 403


def test_anchors_keys_and_the_verifier_are_public(submitted: World, visitor: Browser) -> None:
    with submitted.platform.transaction(SYSTEM) as ctx:
        anchors.take(ctx)
    [anchor] = visitor.get("/anchors").json["items"]
    [key] = visitor.get("/anchors/keys").json["items"]
    assert anchor["key"] == key["id"]
    assert "def verify(" in visitor.get("/anchors/verifier").text
