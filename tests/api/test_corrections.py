"""An administrator of the site corrects variables of a leg that something failed in, and tries again."""

from collections.abc import Callable
from typing import Any

import pytest

from domain.actors import SYSTEM, Role
from domain.audit import service as audit
from domain.audit.models import AuditEvent
from domain.cases import correcting
from domain.identity import service as identity
from domain.identity.models import User
from domain.sites import service as sites
from tests.api.browser import Browser, assert_problem
from tests.support.models import MAIN_SITE, PARTNER_SITE, chain, collaboration, flow, node, outputs, pool, user
from tests.support.world import World

LogIn = Callable[[str], Browser]


def model() -> bytes:
    """After ``review`` a gateway chooses by ``fee``; the submitted text is no number, so that no condition holds."""
    body = (
        node("startEvent", "start")
        + user("review", ext=outputs(fee="note"))
        + node("exclusiveGateway", "which")
        + user("small")
        + user("large")
        + node("endEvent", "done", ext='<lianban:result code="0"/>')
        + chain("start", "review", "which")
        + flow("which", "small", "fee &lt; 100")
        + flow("which", "large", "fee &gt;= 100")
        + chain("small", "done")
        + chain("large", "done")
    )
    return collaboration({"main": (pool("P_main", "main", "main", MAIN_SITE), body)})


@pytest.fixture
def failed(world: World) -> World:
    world.deploy(model())
    world.submit()
    world.complete("clerk", "review", note="一百二十")
    assert world.open_tasks() == []
    return world


def path(world: World) -> str:
    return f"/admin/legs/{world.legs()['P_main'].id}/variables"


def read(browser: Browser, world: World, **query: str) -> Any:
    answer = browser.get(path(world), query_string=query)
    assert answer.status_code == 200, answer.text
    return answer.json


def test_variables_are_masked_and_those_of_the_failure_come_first(failed: World, log_in: LogIn) -> None:
    incident = failed.incidents()[0]
    assert (incident.element_id, incident.code) == ("which", "noFlowTaken")
    for query in ({}, {"incidentId": str(incident.id)}):
        shown = read(log_in("siteadmin"), failed, **query)
        rows = {row["name"]: row for row in shown["variables"]}
        assert shown["variables"][0] == {"name": "fee", "type": "string", "masked": "一***", "named": True}
        assert rows["movers"]["type"] == "list"
        assert rows["movers"]["masked"] == [{"idNo": "5" + "*" * 17, "name": "测*"}]
        assert "532622201506010001" not in str(shown)
        assert [row["named"] for row in shown["variables"]].count(True) == 1


def test_a_correction_is_sealed_in_the_record_and_the_leg_goes_on(failed: World, log_in: LogIn) -> None:
    admin = log_in("siteadmin")
    incident = failed.incidents()[0].id
    version = read(admin, failed)["version"]
    body = {"values": {"fee": 120}, "reason": "录入成了文字", "retryIncidentId": incident, "version": version}
    answer = admin.put(path(failed), body)
    assert answer.status_code == 200, answer.text
    assert answer.json is not None
    assert answer.json["incidents"] == []
    assert failed.open_tasks() == ["large"]
    with failed.platform.transaction(SYSTEM) as ctx:
        event = ctx.session.query(AuditEvent).filter_by(kind="data.corrected").one()
        assert (event.data["names"], event.data["reason"], event.element_id) == (["fee"], "录入成了文字", "which")
        assert "一百二十" not in str(event.data)
        assert correcting.open_correction(event.data) == {"fee": ["一百二十", 120]}
        assert audit.verify(ctx, event.case_id or 0).verified
    number = failed.case().case_no
    timeline = log_in("clerk").get(f"/cases/{number}/timeline").json
    told = [
        (e["title"], e["actorName"], e["tone"]) for e in (timeline or {})["events"] if e["kind"] == "data.corrected"
    ]
    assert told == [("管理员更正流程数据：fee", "siteadmin", "warn")]
    record = log_in("auditor").get("/admin/audit", query_string={"caseNo": number}).json
    row = next(each for each in (record or {})["items"] if each["kind"] == "data.corrected")
    assert row["data"] == {"names": ["fee"], "reason": "录入成了文字"}
    assert_problem(admin.put(path(failed), body | {"version": None}), 409, "no-open-incident")


def test_what_fails_again_says_so(failed: World, log_in: LogIn) -> None:
    admin = log_in("siteadmin")
    incident = failed.incidents()[0].id
    answer = admin.put(path(failed), {"values": {"fee": None}, "reason": "x", "retryIncidentId": incident})
    assert answer.status_code == 200, answer.text
    assert answer.json is not None
    (again,) = answer.json["incidents"]
    assert (again["code"], again["id"] > incident, failed.incidents()[0].attempts) == ("noFlowTaken", True, 2)


def test_without_retry_the_incident_stays(failed: World, log_in: LogIn) -> None:
    answer = log_in("siteadmin").put(path(failed), {"values": {"fee": 1}, "reason": "x"})
    assert answer.status_code == 200, answer.text
    assert failed.legs()["P_main"].variables["fee"] == 1
    assert [row.code for row in failed.incidents()] == ["noFlowTaken"]


def test_what_is_refused(failed: World, log_in: LogIn) -> None:
    admin = log_in("siteadmin")
    incident = failed.incidents()[0].id
    good: dict[str, Any] = {"values": {"fee": 120}, "reason": "x", "retryIncidentId": incident}
    for change, status, code in (
        ({"values": {"other": 1}}, 422, "correction-refused"),
        ({"values": {"now": "2026-01-01"}}, 422, "correction-refused"),
        ({"values": {"fee": "x" * 40_000}}, 422, "correction-refused"),
        ({"values": {}}, 422, "invalid-fields"),
        ({"values": {"a.b": 1}}, 422, "invalid-fields"),
        ({"reason": ""}, 422, "invalid-fields"),
        ({"reason": "   "}, 422, "correction-refused"),
        ({"version": 0}, 409, "version-conflict"),
        ({"retryIncidentId": incident + 1}, 404, "not-found"),
    ):
        assert_problem(admin.put(path(failed), good | change), status, code)
    assert failed.legs()["P_main"].variables["fee"] == "一百二十"
    assert failed.count("audit_events") == failed.count("audit_events where kind <> 'data.corrected'")


def test_only_the_administrator_of_the_legs_site(failed: World, log_in: LogIn) -> None:
    with failed.platform.transaction(SYSTEM) as ctx:
        known = ctx.session.query(User).filter_by(login="siteadmin").one()
        person = User(
            login="otheradmin", name="otheradmin", password_hash=known.password_hash, created_at=ctx.clock.now()
        )
        ctx.session.add(person)
        ctx.session.flush()
        identity.grant(ctx, person, Role.SITE_ADMIN, sites.get_site(ctx, PARTNER_SITE))
    body = {"values": {"fee": 120}, "reason": "x"}
    for login in ("admin", "clerk", "approver", "overseer", "auditor", "designer", "applicant"):
        assert_problem(log_in(login).get(path(failed)), 403, "forbidden")
        assert_problem(log_in(login).put(path(failed), body), 403, "forbidden")
    other = log_in("otheradmin")
    assert_problem(other.get(path(failed)), 404, "not-found")
    assert_problem(other.put(path(failed), body), 404, "not-found")


def test_a_leg_in_which_nothing_failed_is_not_corrected(world: World, log_in: LogIn) -> None:
    world.deploy(model())
    world.submit()
    admin = log_in("siteadmin")
    assert_problem(admin.get(path(world)), 409, "no-open-incident")
    assert_problem(admin.put(path(world), {"values": {"movers": []}, "reason": "x"}), 409, "no-open-incident")


def test_masks() -> None:
    assert correcting.mask({"a": "张三", "b": 13800000000, "c": 12, "d": [True, None, ""], "e": "x"}) == {
        "a": "张*",
        "b": "*******",
        "c": 12,
        "d": [True, None, ""],
        "e": "x*",
    }
    assert correcting.mask([[[[["secret"]]]]]) == [[[["…"]]]]
