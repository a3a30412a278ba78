"""代理 over the API: asked, accepted, done in both names; over at its end also for a page that is open; never handed on."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from domain.actors import SYSTEM, Role
from domain.audit.models import AuditEvent
from domain.cases.models import Task
from domain.identity import service as identity
from domain.identity.models import Delegation, User
from domain.notifications.models import Notification
from domain.sites import service as sites
from tests.api.browser import Browser, assert_problem
from tests.support import models
from tests.support.world import ITEM, World

LogIn = Callable[[str], Browser]


def body(world: World, delegate: str, role: str = "APPROVER", **more: Any) -> dict[str, Any]:
    with world.platform.transaction(SYSTEM) as ctx:
        now = ctx.clock.now()
        return {
            "delegateId": ctx.session.scalar(select(User.id).where(User.login == delegate)),
            "siteId": sites.get_site(ctx, models.MAIN_SITE).id,
            "role": role,
            "startsAt": now.isoformat(),
            "endsAt": (now + timedelta(days=2)).isoformat(),
            "reason": "出差",
            **more,
        }


def delegate(world: World, giver: Browser, taker: Browser, to: str, **more: Any) -> int:
    made = giver.post("/delegations", body(world, to, **more))
    assert made.status_code == 201, made.text
    found: Any = made.json
    assert found["standing"] == "asked"
    assert taker.post(f"/delegations/{found['id']}/accept").json["standing"] == "active"  # type: ignore[index]
    return int(found["id"])


def test_a_colleague_decides_in_both_names(submitted: World, log_in: LogIn) -> None:
    approver, handler = log_in("approver"), log_in("handler")
    delegate(submitted, approver, handler, "handler")
    assert [each["name"] for each in handler.session()["user"]["actsFor"]] == ["approver"]
    submitted.complete("clerk", "review", "ACCEPT", note="齐全")
    [row] = handler.get("/tasks").json["items"]  # type: ignore[index]
    assert (row["elementId"], row["onBehalfOf"]) == ("approve", "approver")
    assert handler.get("/tasks/counts").json["group"] == 1  # type: ignore[index]
    assert handler.post(f"/tasks/{row['id']}/claim").status_code == 200
    [mine] = approver.get("/tasks?view=mine").json["items"]  # type: ignore[index]
    assert mine["id"] == row["id"]
    assert [each["id"] for each in handler.get("/tasks?view=mine").json["items"]] == [row["id"]]  # type: ignore[index]
    done = handler.post(f"/tasks/{row['id']}/complete", {"data": {}})
    assert done.status_code == 200, done.text
    with submitted.platform.transaction(SYSTEM) as ctx:
        task = ctx.session.get_one(Task, row["id"])
        people = dict(ctx.session.execute(select(User.login, User.id)).all())
        assert (task.completed_by, task.completed_for) == (people["handler"], people["approver"])
        event = ctx.session.scalars(
            select(AuditEvent).where(AuditEvent.kind == "task.completed").order_by(AuditEvent.id.desc())
        ).first()
        assert event is not None
        assert (event.actor_id, event.actor_name) == (people["handler"], "handler 代 approver")
    [told] = handler.get("/tasks?view=done").json["items"]  # type: ignore[index]
    assert told["onBehalfOf"] == "approver"


@pytest.mark.parametrize("how", ["its end passes", "the delegator ends it"])
def test_a_page_that_is_open_when_it_ends(submitted: World, log_in: LogIn, how: str) -> None:
    approver, handler = log_in("approver"), log_in("handler")
    number = delegate(submitted, approver, handler, "handler")
    submitted.complete("clerk", "review", "ACCEPT", note="齐全")
    task = submitted.task("approve").id
    assert handler.get(f"/tasks/{task}").json["mayComplete"] is True  # type: ignore[index]
    if how == "its end passes":
        submitted.pass_time("P3D")
    else:
        assert approver.post(f"/delegations/{number}/end").status_code == 200
    refused = assert_problem(handler.post(f"/tasks/{task}/complete", {"data": {}}), 403, "delegation-ended")
    assert "approver" in refused["detail"]
    assert submitted.open_tasks() == ["approve"]
    assert handler.get("/tasks").json["items"] == []  # type: ignore[index]
    assert_problem(handler.post(f"/delegations/{number}/end"), 409, "delegation-over")


def test_who_prepared_a_case_does_not_decide_it_for_somebody(submitted: World, log_in: LogIn) -> None:
    approver, clerk = log_in("approver"), log_in("clerk")
    delegate(submitted, approver, clerk, "clerk")
    submitted.complete("clerk", "review", "ACCEPT", note="齐全")
    task = submitted.task("approve").id
    page: Any = clerk.get(f"/tasks/{task}").json
    assert page["mayComplete"] is False
    assert "职责分离" in page["why"]
    assert_problem(clerk.post(f"/tasks/{task}/complete", {"data": {}}), 403, "separation-of-duties")


def test_items_that_were_not_delegated(submitted: World, log_in: LogIn) -> None:
    approver, handler = log_in("approver"), log_in("handler")
    assert_problem(
        approver.post("/delegations", body(submitted, "handler", items=["nothing"])), 422, "delegation-invalid"
    )
    number = delegate(submitted, approver, handler, "handler", items=[ITEM])
    submitted.complete("clerk", "review", "ACCEPT", note="齐全")
    assert len(handler.get("/tasks").json["items"]) == 1  # type: ignore[index]
    with submitted.platform.transaction(SYSTEM) as ctx:
        ctx.session.get_one(Delegation, number).items = ["another-item"]
    assert handler.get("/tasks").json["items"] == []  # type: ignore[index]
    task = submitted.task("approve").id
    assert_problem(handler.post(f"/tasks/{task}/complete", {"data": {}}), 403, "not-your-task")


def test_it_is_never_handed_on_and_stays_at_the_site(submitted: World, log_in: LogIn) -> None:
    approver, handler = log_in("approver"), log_in("handler")
    delegate(submitted, approver, handler, "handler")
    assert_problem(handler.post("/delegations", body(submitted, "clerk")), 422, "delegation-invalid")
    assert_problem(approver.post("/delegations", body(submitted, "far")), 422, "delegation-invalid")
    assert_problem(approver.post("/delegations", body(submitted, "approver")), 422, "delegation-invalid")
    late = body(submitted, "clerk2")
    late["endsAt"] = late["startsAt"]
    assert_problem(approver.post("/delegations", late), 422, "delegation-invalid")
    assert_problem(
        log_in("clerk").post("/delegations", body(submitted, "handler", role="RECV_CLERK")), 403, "forbidden"
    )


def test_an_administrator_arranges_one_that_holds_at_once(submitted: World, log_in: LogIn) -> None:
    admin, handler = log_in("siteadmin"), log_in("handler")
    with submitted.platform.transaction(SYSTEM) as ctx:
        approver = ctx.session.scalar(select(User.id).where(User.login == "approver"))
    made: Any = admin.post("/delegations", body(submitted, "handler", delegatorId=approver)).json
    assert (made["standing"], made["mine"]) == ("active", "administrator")
    assert [each["name"] for each in handler.session()["user"]["actsFor"]] == ["approver"]
    assert len(admin.get("/admin/delegations").json["items"]) == 1  # type: ignore[index]
    with submitted.platform.transaction(SYSTEM) as ctx:
        told = ctx.session.scalars(
            select(Notification.title).where(Notification.template == "delegation.arranged")
        ).all()
    assert told == ["委托代理：handler 代 approver"] * 2
    assert_problem(log_in("far").post(f"/delegations/{made['id']}/end"), 404, "not-found")
    assert admin.post(f"/delegations/{made['id']}/end").status_code == 200
    assert handler.session()["user"]["actsFor"] == []


def test_an_administrator_takes_no_role_and_who_leaves_the_site_keeps_none(submitted: World, log_in: LogIn) -> None:
    admin, handler = log_in("siteadmin"), log_in("handler")
    with submitted.platform.transaction(SYSTEM) as ctx:
        people = dict(ctx.session.execute(select(User.login, User.id)).all())
        site = sites.get_site(ctx, models.MAIN_SITE)
        identity.grant(ctx, identity.get_user(ctx, people["siteadmin"]), Role.RECV_CLERK, site)
    mine = body(submitted, "siteadmin", delegatorId=people["approver"])
    assert_problem(admin.post("/delegations", mine), 422, "delegation-invalid")
    delegate(submitted, log_in("approver"), handler, "handler")
    assert [each["name"] for each in handler.session()["user"]["actsFor"]] == ["approver"]
    leaves = {"role": "HANDLER", "siteId": site.id}
    assert admin.post(f"/admin/users/{people['handler']}/roles/revoke", leaves).status_code == 204
    assert handler.session()["user"]["actsFor"] == []
