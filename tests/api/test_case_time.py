from collections.abc import Callable
from typing import Any

import pytest

from domain.actors import SYSTEM
from domain.cases import rows
from domain.deadlines import clocks
from domain.procedures import service
from tests.api.browser import Browser, assert_problem
from tests.support import models
from tests.support.world import World

LogIn = Callable[[str], Browser]


@pytest.fixture
def case_no(world: World) -> str:
    """A case that was accepted now."""
    world.deploy(models.simple())
    leg = world.submit()
    with world.platform.transaction(SYSTEM) as ctx:
        locked = rows.lock_leg(ctx, leg.id)
        clocks.start(ctx, locked)
        service._save(ctx, locked)
    return leg.case.case_no


def test_the_time_of_a_case_adds_up_for_those_who_may_read_it(log_in: LogIn, case_no: str) -> None:
    for login in ("clerk", "overseer"):
        body: Any = log_in(login).get(f"/cases/{case_no}/time").json
        assert [clock["kind"] for clock in body["clocks"]][:2] == ["STATUTORY", "PROMISE"]
        for clock in body["clocks"]:
            assert clock["usedDays"] + clock["remainingDays"] == clock["totalDays"]
        assert sum(part["seconds"] for part in body["parts"]) == body["totalSeconds"]
        start = body["clocks"][0]["changes"][-1]
        assert (start["action"], start["actionName"]) == ("start", "开始计时")
        assert "第四十二条" in start["legalGround"]
    assert_problem(log_in("far").get(f"/cases/{case_no}/time"), 404, "not-found")
    assert log_in("applicant").get(f"/cases/{case_no}/time").status_code in {403, 404}


def test_a_special_procedure_over_http(log_in: LogIn, case_no: str) -> None:
    handler, leader = log_in("handler"), log_in("approver")
    offered = {row["kind"]: row for row in handler.get(f"/cases/{case_no}/time").json["mayAsk"]}
    assert offered["EXTENSION"]["days"] == 10
    assert "第四十五条" in offered["HEARING"]["legalGround"]
    asked = {"kind": "HEARING", "reason": "申请人要求听证", "days": 20}
    path = f"/cases/{case_no}/procedures"
    assert_problem(log_in("clerk").post(path, asked), 403, "forbidden")
    assert_problem(handler.post(path, {**asked, "days": 0}), 422, "invalid-fields")
    assert_problem(handler.post(path, {**asked, "kind": "MEETING"}), 422, "stop-reason-not-allowed")
    answer = handler.post(path, asked)
    assert answer.status_code == 201, answer.text
    row = answer.json
    assert (row["state"], row["mayDecide"]) == ("ASKED", False)
    assert_problem(handler.post(path, asked), 409, "procedure-refused")
    decide = f"/procedures/{row['id']}/decide"
    assert_problem(handler.post(decide, {"approve": True, "opinion": "同意"}), 403, "forbidden")
    assert_problem(log_in("far").post(decide, {"approve": True, "opinion": "同意"}), 403, "forbidden")
    begun = leader.post(decide, {"approve": True, "opinion": "同意"}).json
    assert (begun["state"], begun["mayEnd"]) == ("RUNNING", True)
    body = handler.get(f"/cases/{case_no}/time").json
    promise = next(clock for clock in body["clocks"] if clock["kind"] == "PROMISE")
    assert (promise["state"], promise["dueAt"], promise["stopReasonNames"]) == ("STOPPED", None, ["听证"])
    stop = promise["changes"][-1]
    assert (stop["documentTitle"], stop["note"]) == ("特别程序告知书", "申请人要求听证")
    assert [each for each in body["mayAsk"] if each["kind"] == "HEARING"] == []
    ended = handler.post(f"/procedures/{row['id']}/end", {"conclusion": "听证已举行"}).json
    assert ended["state"] == "DONE"
    mine = log_in("applicant").get(f"/my/cases/{case_no}").json["promise"]
    assert mine["state"] == "running"
    told = [(change["action"], change["note"], change["documentId"] is not None) for change in mine["history"]]
    assert told[-2:] == [("stop", "申请人要求听证", True), ("resume", "听证已举行", False)]


def test_figures_of_supplements(log_in: LogIn, case_no: str) -> None:
    del case_no
    assert log_in("approver").get("/supplements/figures").json == {"items": []}
