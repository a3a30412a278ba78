"""Ad-hoc sub-processes on the case page: who is offered what, starting it, and when it is over."""

from collections.abc import Callable
from typing import Any

import pytest

from domain.actors import SYSTEM
from domain.cases import service as cases
from tests.api.browser import Browser, assert_problem
from tests.support.models import MAIN_SITE, chain, collaboration, node, pool, user
from tests.support.world import World

LogIn = Callable[[str], Browser]


def model() -> bytes:
    inside = user("call", role="RECV_CLERK") + user("visit", role="APPROVER") + user("supply", role="APPLICANT")
    body = (
        node("startEvent", "start")
        + node(
            "adHocSubProcess",
            "survey",
            inside + '<bpmn:completionCondition>=note = "enough"</bpmn:completionCondition>',
        )
        + user("finish")
        + node("endEvent", "done", ext='<lianban:result code="0"/>')
        + chain("start", "survey", "finish", "done")
    )
    return collaboration({"main": (pool("P_main", "main", "main", MAIN_SITE), body)})


@pytest.fixture
def surveyed(world: World) -> World:
    """A case whose ad-hoc sub-process is open; nothing in it has begun."""
    world.deploy(model())
    world.submit()
    assert world.open_tasks() == []
    return world


def offered(browser: Browser, world: World) -> list[dict[str, Any]]:
    answer = browser.get(f"/cases/{world.case().case_no}")
    assert answer.status_code == 200, answer.text
    assert answer.json is not None
    found: list[dict[str, Any]] = answer.json["offered"]
    return found


def start(browser: Browser, world: World, *elements: str, ad_hoc: str | None = None) -> Any:
    leg = world.legs()["P_main"].id
    ad_hoc = ad_hoc or (offered(browser, world) or [{"adHocId": "?"}])[0]["adHocId"]
    body = {"adHocId": ad_hoc, "elementIds": list(elements)}
    return browser.post(f"/cases/{world.case().case_no}/legs/{leg}/activate", body)


def test_each_role_is_offered_its_own_elements(surveyed: World, log_in: LogIn) -> None:
    row = offered(log_in("clerk"), surveyed)[0]
    assert (row["name"], row["number"], row["legId"]) == ("survey", None, surveyed.legs()["P_main"].id)
    assert [(each["id"], each["roleName"], each["running"]) for each in row["elements"]] == [
        ("call", "窗口人员", False),
        ("supply", "申请人", False),
    ]
    assert [each["id"] for each in offered(log_in("approver"), surveyed)[0]["elements"]] == ["visit", "supply"]
    for watcher in ("overseer", "siteadmin", "admin", "auditor"):
        assert offered(log_in(watcher), surveyed) == []


def test_a_chosen_element_starts_and_may_be_started_again(surveyed: World, log_in: LogIn) -> None:
    clerk = log_in("clerk")
    answer = start(clerk, surveyed, "call")
    assert answer.status_code == 200, answer.text
    assert surveyed.open_tasks() == ["call"]
    assert [each["running"] for each in answer.json["offered"][0]["elements"]] == [True, False]
    assert start(clerk, surveyed, "call", "supply").status_code == 200
    assert surveyed.open_tasks() == ["call", "call", "supply"]
    timeline = clerk.get(f"/cases/{surveyed.case().case_no}/timeline").json
    assert timeline is not None
    started = [(e["title"], e["actorName"]) for e in timeline["events"] if e["kind"] == "element.activated"]
    assert started == [("启动环节：call", "clerk"), ("启动环节：call、supply", "clerk")]


def test_what_is_over_is_not_offered(surveyed: World, log_in: LogIn) -> None:
    clerk = log_in("clerk")
    ad_hoc = offered(clerk, surveyed)[0]["adHocId"]
    start(clerk, surveyed, "call")
    surveyed.complete("clerk", "call", note="enough")
    assert surveyed.open_tasks() == ["finish"]
    assert offered(clerk, surveyed) == []
    assert_problem(start(clerk, surveyed, "call", ad_hoc=ad_hoc), 409, "not-offered")
    assert surveyed.open_tasks() == ["finish"]


def test_only_whose_role_fits_starts_an_element(surveyed: World, log_in: LogIn) -> None:
    clerk = log_in("clerk")
    ad_hoc = offered(clerk, surveyed)[0]["adHocId"]
    assert_problem(start(clerk, surveyed, "visit"), 403, "forbidden")
    assert_problem(start(clerk, surveyed, "call", "visit"), 403, "forbidden")
    assert_problem(start(clerk, surveyed, "finish"), 409, "not-offered")
    assert_problem(start(clerk, surveyed, "no"), 409, "not-offered")
    assert_problem(start(clerk, surveyed), 422, "invalid-fields")
    for other, status, code in (
        ("overseer", 403, "forbidden"),
        ("partner", 404, "not-found"),
        ("far", 404, "not-found"),
    ):
        assert_problem(start_at(log_in(other), surveyed, ad_hoc), status, code)
    assert surveyed.open_tasks() == []


def start_at(browser: Browser, world: World, ad_hoc: str) -> Any:
    body = {"adHocId": ad_hoc, "elementIds": ["call"]}
    return browser.post(f"/cases/{world.case().case_no}/legs/{world.legs()['P_main'].id}/activate", body)


def test_a_leg_of_another_case_is_not_reached(surveyed: World, log_in: LogIn) -> None:
    clerk = log_in("clerk")
    first = surveyed.case()
    ad_hoc = offered(clerk, surveyed)[0]["adHocId"]
    other = surveyed.submit(subject="532622201506010002")
    answer = clerk.post(f"/cases/{first.case_no}/legs/{other.id}/activate", {"adHocId": ad_hoc, "elementIds": ["call"]})
    assert_problem(answer, 404, "not-found")


def test_a_suspended_leg_offers_nothing(surveyed: World, log_in: LogIn) -> None:
    clerk = log_in("clerk")
    ad_hoc = offered(clerk, surveyed)[0]["adHocId"]
    with surveyed.platform.transaction(SYSTEM) as ctx:
        cases.suspend(ctx, surveyed.legs()["P_main"].id, "等待答复")
    assert offered(clerk, surveyed) == []
    assert_problem(start(clerk, surveyed, "call", ad_hoc=ad_hoc), 409, "case-suspended")
