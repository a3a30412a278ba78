from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from domain.actors import SYSTEM, Role
from domain.audit.models import AuditRead
from domain.base import get_seal
from domain.cases import events, labels
from domain.cases.timeline import kinds_known
from domain.definitions.codes import PARTNER_STATES, codes
from domain.identity import service as identity
from domain.identity.masking import mask_id_no, mask_name
from domain.identity.models import User
from domain.sheets.files import read_sheet
from domain.sites import service as sites
from scheduler import jobs
from tests.api.browser import APPLICANT_ID_NO, Browser, assert_problem
from tests.support import models
from tests.support.world import APPLICATION, World

MASKED_APPLICATION = {
    **APPLICATION,
    "movers": [{"idNo": mask_id_no(each["idNo"]), "name": mask_name(each["name"])} for each in APPLICATION["movers"]],
}

LogIn = Callable[[str], Browser]


@pytest.fixture
def joint(world: World) -> World:
    """The main leg asked; the partner works on it."""
    world.deploy(models.joint())
    world.submit()
    world.complete("clerk", "prepare", reason="投靠父母")
    jobs.run_due(world.platform)
    return world


def numbers(world: World) -> tuple[str, str]:
    legs = world.legs()
    return legs["P_main"].case_no, legs["P_partner"].case_no


def get(browser: Browser, path: str, **query: str) -> Any:
    """Search words go into a body."""
    searched = "q" in query
    answer = browser.post(f"{path}/search", query) if searched else browser.get(path, query_string=query)
    assert answer.status_code == 200, answer.text
    return answer.json


def test_the_lead_sites_desk_sees_everything(joint: World, log_in: LogIn) -> None:
    main, partner = numbers(joint)
    clerk = log_in("clerk")
    row = get(clerk, "/cases")["items"][0]
    assert (row["caseNo"], row["legRole"], row["subject"]) == (main, "main", "测*")
    assert row["partnerSiteNames"] == ["顺德区公安局"]
    for number in (main, partner, row["collabNo"]):
        detail = get(clerk, f"/cases/{number}")
        assert detail["application"] == MASKED_APPLICATION
        assert detail["summary"]["queryCode"]
        assert {leg["siteName"]: leg["mine"] for leg in detail["legs"]} == {"砚山县公安局": True, "顺德区公安局": False}
    waits = detail["legs"][0]["currentElements"]
    assert [element["name"] for element in waits] == ["answered"]
    assert detail["messages"][0]["from"] == "P_main"
    assert detail["messages"][0]["stateName"]
    assert detail["may"]["urge"] is True


def test_the_partner_sees_its_leg_and_coarse_state_only(joint: World, log_in: LogIn) -> None:
    _, number = numbers(joint)
    partner = log_in("partner")
    row = get(partner, "/cases")["items"][0]
    assert (row["caseNo"], row["legRole"], row["status"]) == (number, "partner", "RECEIVED")
    detail = get(partner, f"/cases/{number}")
    assert detail["application"] is None
    assert "queryCode" not in detail["summary"]
    assert detail["received"] == {"movers": [{"idNo": "5326**********0001"}], "reason": "投靠父母"}
    assert detail["clocks"] == []
    main = next(leg for leg in detail["legs"] if leg["role"] == "main")
    assert (main["status"], main["currentElements"], main["mine"]) == ("AT_WORK", [], False)
    assert [task["name"] for task in detail["tasks"]] == ["work"]
    assert "secret" not in partner.get(f"/cases/{number}").text
    diagram = get(partner, f"/cases/{number}/diagram")
    assert [leg["participantId"] for leg in diagram["legs"]] == ["P_partner"]
    told = get(partner, f"/cases/{number}/timeline")["events"]
    assert not [event for event in told if event["elementName"] == "prepare"]
    assert [event for event in told if event["kind"] == "case.opened"]


def test_other_sites_find_nothing(joint: World, log_in: LogIn) -> None:
    main, _ = numbers(joint)
    stranger = log_in("far")
    assert get(stranger, "/cases", state="all")["items"] == []
    for path in ("", "/timeline", "/diagram", "/documents/1"):
        assert_problem(stranger.get(f"/cases/{main}{path}"), 404, "not-found")
    assert_problem(stranger.post(f"/cases/{main}/urge", {"note": "快"}), 404, "not-found")
    assert_problem(log_in("applicant").get(f"/cases/{main}"), 403, "forbidden")


def test_watchers_see_masked_or_no_content(joint: World, log_in: LogIn) -> None:
    main, _ = numbers(joint)
    supervisor = get(log_in("overseer"), f"/cases/{main}")
    assert supervisor["summary"]["subject"] == "测*"
    assert supervisor["application"] is None
    for login in ("admin", "siteadmin"):
        detail = get(log_in(login), f"/cases/{main}")
        assert detail["summary"]["subject"] == ""
        assert (detail["application"], detail["received"], detail["materials"]) == (None, None, [])
    for login in ("overseer", "admin", "siteadmin", "auditor"):
        assert "532622201506010001" not in log_in(login).get(f"/cases/{main}").text
    assert_problem(log_in("designer").get(f"/cases/{main}"), 403, "forbidden")


def test_the_diagram_shows_positions_and_the_way(joint: World, log_in: LogIn) -> None:
    main, _ = numbers(joint)
    diagram = get(log_in("clerk"), f"/cases/{main}/diagram")
    assert diagram["xml"].startswith("<bpmn:definitions")
    legs = {leg["participantId"]: leg for leg in diagram["legs"]}
    assert legs["P_main"]["active"] == ["answered"]
    assert {"start", "prepare", "ask"} <= set(legs["P_main"]["visited"])
    assert "f_start_prepare" in legs["P_main"]["taken"]
    assert legs["P_partner"]["active"] == ["work"]


def test_the_timeline_has_lanes_and_arrows_between_them(joint: World, log_in: LogIn) -> None:
    joint.complete("partner", "work", "AGREE", note="同意")
    jobs.run_due(joint.platform)
    main, _ = numbers(joint)
    timeline = get(log_in("clerk"), f"/cases/{main}/timeline")
    lanes = {lane["siteName"]: lane["legId"] for lane in timeline["lanes"]}
    assert list(lanes) == ["砚山县公安局", "顺德区公安局"]
    times = [event["at"] for event in timeline["events"]]
    assert times == sorted(times)
    arrows = [(event["fromLegId"], event["toLegId"]) for event in timeline["events"] if event["kind"] == "message.sent"]
    assert arrows == [tuple(lanes.values()), tuple(reversed(lanes.values()))]
    assert "申请已提交" in timeline["events"][0]["title"]
    assert kinds_known(event["kind"] for event in timeline["events"]) == []


def test_urging_is_seen_and_answered_by_the_other_site(joint: World, log_in: LogIn) -> None:
    main, number = numbers(joint)
    clerk, partner = log_in("clerk"), log_in("partner")
    leg = joint.legs()["P_partner"].id
    step = clerk.post(f"/cases/{main}/urge", {"legId": leg, "note": "请尽快核查"})
    assert step.status_code == 201, step.text
    seen = get(partner, f"/cases/{number}")["ladder"]
    assert [(row["kindName"], row["note"], row["mayAnswer"]) for row in seen] == [("催办", "请尽快核查", True)]
    row = get(partner, "/tasks")["items"][0]
    assert row["ladder"]["kind"] == "URGE"
    answered = partner.post(f"/ladder/{seen[0]['id']}/answer", {"answer": "今日办结"})
    assert answered.status_code == 200, answered.text
    assert get(clerk, f"/cases/{main}")["ladder"][0]["answer"] == "今日办结"
    assert_problem(log_in("far").post(f"/ladder/{seen[0]['id']}/answer", {"answer": "x"}), 404, "not-found")


def test_filters_and_search(joint: World, log_in: LogIn) -> None:
    main, _ = numbers(joint)
    clerk = log_in("clerk")
    for query in ({"q": "试事"}, {"q": main}, {"q": "532622201506010001"}, {"item": "test-item"}, {"state": "all"}):
        assert [row["caseNo"] for row in get(clerk, "/cases", **query)["items"]] == [main], query
    for query in (
        {"q": "没有"},
        {"state": "closed"},
        {"q": "532622201506019999"},
        {"status": "CLOSED"},
        {"due": "overdue"},
    ):
        assert get(clerk, "/cases", **query)["items"] == [], query


def test_who_may_not_read_the_subject_does_not_find_by_it(joint: World, log_in: LogIn) -> None:
    main, _ = numbers(joint)
    with joint.platform.transaction(SYSTEM) as ctx:
        ctx.session.get_one(User, joint.people["applicant"].user_id).id_no_blind = get_seal().blind(APPLICANT_ID_NO)
    for login, query, found in (
        ("clerk", APPLICANT_ID_NO, 1),
        ("clerk", "测*", 1),
        ("overseer", "532622201506010001", 1),
        ("overseer", "测", 1),
        ("admin", main[-8:], 1),
        ("admin", "测*", 0),
        ("admin", "532622201506010001", 0),
        ("siteadmin", APPLICANT_ID_NO, 0),
        ("auditor", "532622201506010001", 0),
    ):
        rows = get(log_in(login), "/cases", q=query)["items"]
        assert len(rows) == found, (login, query)


def test_a_second_role_does_not_search_for_the_first(joint: World, log_in: LogIn) -> None:
    main, _ = numbers(joint)
    with joint.platform.transaction(SYSTEM) as ctx:
        far = ctx.session.scalars(select(User).where(User.login == "far")).one()
        identity.grant(ctx, far, Role.SITE_ADMIN, sites.get_site(ctx, models.MAIN_SITE))
    both = log_in("far")
    assert [row["caseNo"] for row in get(both, "/cases", q=main[-8:])["items"]] == [main]
    for words in ("532622201506010001", "测*"):
        assert get(both, "/cases", q=words)["items"] == []


def test_the_list_leaves_as_a_sheet_masked_and_on_record(joint: World, log_in: LogIn) -> None:
    main, partner = numbers(joint)

    def sheet(login: str, **body: str) -> list[list[str]]:
        answer = log_in(login).post("/cases/export", body)
        assert answer.status_code == 200, answer.text
        return read_sheet(answer.data)[1:]

    [row] = sheet("handler", q=main)
    assert (row[0], row[3], row[4], row[6]) == (main, "测*", "主办", "顺德区公安局")
    assert [each[0] for each in sheet("partner", form="csv")] == [partner]
    assert [each[3] for each in sheet("overseer")] == ["测*"]
    assert sheet("far") == sheet("approver", state="closed") == []
    for login in ("clerk", "siteadmin", "admin", "auditor", "applicant"):
        assert_problem(log_in(login).post("/cases/export", {}), 403, "forbidden")
    with joint.platform.transaction(SYSTEM) as ctx:
        reads = ctx.session.scalars(select(AuditRead.data).where(AuditRead.kind == "case.list")).all()
    assert [each["rows"] for each in reads] == [1, 1, 1, 0, 0]


def test_every_code_has_words() -> None:
    assert set(codes().statuses) | set(PARTNER_STATES) <= set(labels.STATUSES)
    assert set(codes().results) == set(labels.RESULTS)
    assert set(codes().documents) == set(labels.DOCUMENTS)
    for table in (labels.STATUSES, labels.RESULTS, labels.DOCUMENTS, labels.ROLES, labels.LADDER):
        assert all(label.name and label.name_en for label in table.values())
    assert all(told.title and told.title_en for told in events.TOLD.values())
