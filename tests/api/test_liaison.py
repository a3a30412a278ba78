"""Who has to act now, and messages between the sites of a case."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from domain.actors import SYSTEM
from domain.audit.models import AuditEvent
from domain.liaison.models import ContactMessage
from domain.notifications.models import Notification
from domain.partners.models import Contact
from scheduler.jobs import run_due
from tests.api.browser import Browser, assert_problem
from tests.support import models
from tests.support.world import World

LogIn = Callable[[str], Browser]
ENTRY = {"name": "partner", "officePhone": "0757-1", "dutyTime": "9-5", "deputyName": "示例二", "isPublic": True}


def at_the_partner(world: World) -> dict[str, str]:
    """The joint case, waiting for the partner's work: numbers by pool."""
    world.deploy(models.joint())
    world.submit()
    world.complete("clerk", "prepare", reason="事由")
    run_due(world.platform)
    return {pool: leg.case_no for pool, leg in world.legs().items()}


def enter_contact(world: World, **changed: Any) -> None:
    with world.platform.transaction(SYSTEM) as ctx:
        site = world.legs()["P_partner"].site_id
        now = ctx.clock.now()
        entry = Contact(site_id=site, name="联络员", office_phone="0757-1", duty_time="9-5", confirmed_by=0)
        entry.user_id = world.people["partner"].user_id
        entry.confirmed_at = entry.updated_at = now
        for name, value in changed.items():
            setattr(entry, name, value)
        ctx.session.add(entry)


def pass_until(world: World, moment: str, *, minutes: int) -> None:
    with world.platform.transaction(SYSTEM) as ctx:
        left = datetime.fromisoformat(moment) + timedelta(minutes=minutes) - ctx.clock.now()
    world.pass_time(f"PT{int(left.total_seconds())}S")


def test_each_side_is_told_who_has_to_act(world: World, log_in: LogIn) -> None:
    numbers = at_the_partner(world)
    (row,) = log_in("clerk").get(f"/cases/{numbers['P_main']}/responsible").json["items"]  # type: ignore[index]
    assert (row["kind"], row["siteName"], row["step"], row["role"], row["mine"]) == (
        "task",
        "顺德区公安局",
        "work",
        "HANDLER",
        False,
    )
    assert (row["mayWrite"], row["since"] is not None, row["following"]) == (True, True, ["reply"])
    assert (row["call"]["kind"], row["call"]["confirmedAt"]) == ("office", None)
    world.complete("partner", "work", "AGREE", note="同意")
    run_due(world.platform)
    (row,) = log_in("partner").get(f"/cases/{numbers['P_partner']}/responsible").json["items"]  # type: ignore[index]
    assert (row["kind"], row["siteName"], row["step"], row["taskId"], row["dueAt"]) == (
        "site",
        "砚山县公安局",
        "",
        None,
        None,
    )
    mine: Any = log_in("applicant").get(f"/my/cases/{numbers['P_main']}").json
    assert [(unit["kind"], unit["siteName"]) for unit in mine["responsible"]] == [("site", "砚山县公安局")]


def test_the_applicant_reads_the_unit_and_its_office_phone_only(world: World, log_in: LogIn) -> None:
    numbers = at_the_partner(world)
    enter_contact(world, name="示例联络", private={"mobile": "13800000009"})
    text = log_in("applicant").get(f"/my/cases/{numbers['P_main']}").get_data(as_text=True)
    assert "0757-1" in text
    assert "示例联络" not in text
    assert "13800000009" not in text


def test_a_message_reaches_the_liaison_of_the_contact_book_and_is_on_record(world: World, log_in: LogIn) -> None:
    numbers = at_the_partner(world)
    enter_contact(world)
    clerk, partner = log_in("clerk"), log_in("partner")
    main, other = (f"/cases/{numbers[pool]}/contact-messages" for pool in ("P_main", "P_partner"))
    there = clerk.get(main).json["sites"][0]["id"]  # type: ignore[index]
    sent: Any = clerk.post(main, {"toSiteId": there, "text": "请协助核对迁出材料"}).json
    assert (sent["told"], sent["toldName"], sent["readAt"], sent["mine"]) == ("contact", "联络员", None, True)
    got: Any = partner.get(other).json
    assert (got["unread"], [each["text"] for each in got["items"]]) == (1, ["请协助核对迁出材料"])
    assert partner.post(f"{other}/read").json == {"read": 1}
    assert clerk.get(main).json["items"][0]["readName"] == "partner"  # type: ignore[index]
    with world.platform.transaction(SYSTEM) as ctx:
        told = set(ctx.session.scalars(select(Notification.user_id).where(Notification.template == "liaison.written")))
        kinds = ctx.session.scalars(select(AuditEvent).where(AuditEvent.kind.startswith("liaison"))).all()
        assert told == {world.people["partner"].user_id}
        assert [each.kind for each in kinds] == ["liaison.written", "liaison.read"]
        assert "核对" not in str([each.data for each in kinds])
        sealed = ctx.session.connection().exec_driver_sql("select text from contact_messages").scalar_one()
        assert "核对".encode() not in bytes(sealed)


def test_nobody_else_writes_or_reads(world: World, log_in: LogIn) -> None:
    numbers = at_the_partner(world)
    path = f"/cases/{numbers['P_main']}/contact-messages"
    legs = world.legs()
    body = {"toSiteId": legs["P_partner"].site_id, "text": "x"}
    for login, status, code in (
        ("far", 404, "not-found"),
        ("siteadmin", 403, "forbidden"),
        ("admin", 403, "forbidden"),
        ("auditor", 403, "forbidden"),
        ("applicant", 403, "forbidden"),
    ):
        assert_problem(log_in(login).post(path, body), status, code)
    clerk = log_in("clerk")
    assert_problem(clerk.post(path, {**body, "toSiteId": legs["P_main"].site_id}), 403, "contact-message-not-yours")
    assert_problem(clerk.post(path, {**body, "toSiteId": 999_999}), 422, "contact-message-refused")
    assert_problem(clerk.post(path, {**body, "text": "  "}), 422, "contact-message-refused")
    assert clerk.post(path, body).status_code == 201
    assert log_in("overseer").get(path).status_code == 200
    with world.platform.transaction(world.people["stranger"]) as ctx:
        assert ctx.session.scalars(select(ContactMessage)).all() == []


def test_a_stale_entry_sends_the_ladder_to_the_administrator_and_says_so(world: World, log_in: LogIn) -> None:
    numbers = at_the_partner(world)
    enter_contact(world)
    path = f"/cases/{numbers['P_main']}"
    leg = world.legs()["P_partner"].id
    clerk = log_in("clerk")

    def urge() -> tuple[str, str]:
        assert clerk.post(f"{path}/urge", {"legId": leg, "note": "请尽快"}).status_code == 201
        step = clerk.get(path).json["ladder"][-1]  # type: ignore[index]
        return step["told"], step["toldName"]

    assert urge() == ("contact", "联络员")
    with world.platform.transaction(SYSTEM) as ctx:
        ctx.session.execute(update(Contact).values(user_id=None))
    assert urge() == ("unlinked", "联络员")
    with world.platform.transaction(SYSTEM) as ctx:
        ctx.session.execute(update(Contact).values(confirmed_at=ctx.clock.now() - timedelta(days=91)))
    assert urge() == ("stale", "联络员")
    with world.platform.transaction(SYSTEM) as ctx:
        ctx.session.execute(Contact.__table__.delete())  # type: ignore[attr-defined]  # declared as FromClause
    assert urge() == ("none", "")


def test_a_message_that_nobody_reads_is_passed_on_in_working_hours(world: World, log_in: LogIn) -> None:
    numbers = at_the_partner(world)
    enter_contact(world, user_id=None, deputy_name="替补", deputy_user_id=world.people["partner"].user_id)
    task = world.task("work")
    assert log_in("partner").post(f"/tasks/{task.id}/claim").status_code in (200, 204)
    clerk, path = log_in("clerk"), f"/cases/{numbers['P_main']}/contact-messages"
    there = clerk.get(path).json["sites"][0]["id"]  # type: ignore[index]
    first: Any = clerk.post(path, {"toSiteId": there, "text": "请核对"}).json
    assert (first["told"], first["toldName"], first["passedAt"]) == ("desk", "", None)
    second: Any = clerk.post(path, {"toSiteId": there, "to": "liaison", "text": "请督促"}).json
    assert (second["told"], second["toldName"]) == ("contact", "替补")
    pass_until(world, first["readByAt"], minutes=-1)
    run_due(world.platform)
    waiting: Any = clerk.get(path).json
    assert [each["passed"] for each in waiting["items"]] == ["", ""]
    world.pass_time("PT2M")
    run_due(world.platform)
    rows: Any = clerk.get(path).json["items"]
    assert [(each["passed"], each["passedName"], each["passedAt"] is not None) for each in rows] == [
        ("contact", "替补", True)
    ] * 2
    with world.platform.transaction(SYSTEM) as ctx:
        told = ctx.session.scalars(select(Notification.user_id).where(Notification.template == "liaison.unread")).all()
        assert set(told) == {world.people["partner"].user_id}
        kinds = list(ctx.session.scalars(select(AuditEvent.kind).where(AuditEvent.kind == "liaison.passed")))
        assert len(kinds) == 2
    assert log_in("partner").post(f"/cases/{numbers['P_partner']}/contact-messages/read").json == {"read": 2}


def test_a_message_that_was_read_is_not_passed_on(world: World, log_in: LogIn) -> None:
    numbers = at_the_partner(world)
    clerk, path = log_in("clerk"), f"/cases/{numbers['P_main']}/contact-messages"
    there = clerk.get(path).json["sites"][0]["id"]  # type: ignore[index]
    sent: Any = clerk.post(path, {"toSiteId": there, "text": "请核对"}).json
    assert log_in("partner").post(f"/cases/{numbers['P_partner']}/contact-messages/read").json == {"read": 1}
    pass_until(world, sent["readByAt"], minutes=60)
    run_due(world.platform)
    after: Any = clerk.get(path).json
    assert after["items"][0]["passedAt"] is None
