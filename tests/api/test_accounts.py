"""Accounts of others: log-ins ended, a lost second factor with two administrators, what the person is told; a factor for all staff."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import flask
import pytest
from sqlalchemy import select, update

from api.app import create_app
from domain.actors import SYSTEM
from domain.audit.models import AuditEvent
from domain.channels.models import Delivery, PersonChannel
from domain.clock import HOST, FixedClock
from domain.identity.models import FactorRemoval, KnownDevice, LoginSession, SecondFactor, User
from domain.notifications.models import Notification
from tests.api.browser import PASSWORD, Browser, assert_problem
from tests.api.test_account import age, enrol, host
from tests.support import models
from tests.support.world import World

LogIn = Callable[[str], Browser]
__all__ = ["host"]
ASKED = {"reason": "手机丢失", "proof": "in-person"}


def number_of(world: World, login: str) -> int:
    with world.platform.transaction(SYSTEM) as ctx:
        return ctx.session.scalars(select(User.id).where(User.login == login)).one()


def told(world: World, login: str) -> list[str]:
    with world.platform.transaction(SYSTEM) as ctx:
        query = select(Notification.template).join(User, User.id == Notification.user_id).where(User.login == login)
        return list(ctx.session.scalars(query.order_by(Notification.id)))


def test_a_lost_second_factor_goes_with_two_administrators(world: World, log_in: LogIn, host: FixedClock) -> None:
    clerk = log_in("clerk")
    enrol(clerk, host)
    path = f"/admin/users/{number_of(world, 'clerk')}"
    admin, platform = log_in("siteadmin"), log_in("admin")
    assert_problem(admin.post(f"{path}/second-factor/removal/decision", {"agrees": True}), 404, "not-found")
    assert_problem(admin.post(f"{path}/second-factor/removal", {"reason": "手机丢失"}), 422, "invalid-fields")
    asked: Any = admin.post(f"{path}/second-factor/removal", ASKED)
    assert asked.status_code == 201, asked.text
    assert (asked.json["removal"]["proof"], asked.json["removal"]["mine"]) == ("in-person", True)
    assert_problem(platform.post(f"{path}/second-factor/removal", ASKED), 409, "factor-removal-asked")
    refused = admin.post(f"{path}/second-factor/removal/decision", {"agrees": True})
    assert_problem(refused, 403, "factor-removal-same-person")
    assert "factor.decide" in told(world, "admin")
    assert platform.get(f"{path}/account").json["removal"]["mine"] is False  # type: ignore[index]
    done: Any = platform.post(f"{path}/second-factor/removal/decision", {"agrees": True}).json
    assert (done["secondFactor"]["enrolledAt"], done["removal"]) == (None, None)
    assert_problem(clerk.get("/tasks/counts"), 401, "not-logged-in")
    assert told(world, "clerk") == ["security.factor-set", "security.factor-asked", "security.factor-removed"]
    with world.platform.transaction(SYSTEM) as ctx:
        assert ctx.session.scalars(select(SecondFactor)).all() == []
        kinds = set(ctx.session.scalars(select(AuditEvent.kind)))
    assert {"second-factor.removal-asked", "second-factor.removed"} <= kinds


def test_a_request_that_was_refused_or_is_old_removes_nothing(world: World, log_in: LogIn, host: FixedClock) -> None:
    clerk = log_in("clerk")
    path = f"/admin/users/{number_of(world, 'clerk')}"
    admin, platform = log_in("siteadmin"), log_in("admin")
    assert_problem(admin.post(f"{path}/second-factor/removal", ASKED), 409, "second-factor-missing")
    enrol(clerk, host)
    admin.post(f"{path}/second-factor/removal", ASKED)
    assert platform.post(f"{path}/second-factor/removal/decision", {"agrees": False}).status_code == 200
    assert_problem(platform.post(f"{path}/second-factor/removal/decision", {"agrees": True}), 404, "not-found")
    assert admin.post(f"{path}/second-factor/removal", ASKED).status_code == 201
    with world.platform.transaction(SYSTEM) as ctx:
        ctx.session.execute(update(FactorRemoval).values(asked_at=FactorRemoval.asked_at - timedelta(hours=25)))
    assert_problem(platform.post(f"{path}/second-factor/removal/decision", {"agrees": True}), 404, "not-found")
    assert clerk.get("/account").json["secondFactor"]["enrolledAt"]  # type: ignore[index]


def test_administrators_see_and_end_log_ins_of_their_people_only(world: World, app: flask.Flask, log_in: LogIn) -> None:
    here, there = log_in("clerk"), Browser(app).log_in("clerk")
    path = f"/admin/users/{number_of(world, 'clerk')}"
    admin = log_in("siteadmin")
    rows: Any = admin.get(f"{path}/sessions").json
    assert [row["current"] for row in rows["items"]] == [False, False]
    ended = admin.post(f"{path}/sessions/{rows['items'][0]['number']}/end", {"reason": "离岗"})
    assert ended.json == {"count": 1}
    answers = [browser.get("/tasks/counts").status_code for browser in (here, there)]
    assert sorted(answers) == [200, 401]
    assert admin.post(f"{path}/sessions/end", {"reason": "离岗"}).json == {"count": 1}
    assert told(world, "clerk").count("security.sessions-ended") == 2
    for read in ("account", "sessions"):
        assert_problem(log_in("far").get(f"{path}/{read}"), 403, "forbidden")
        assert_problem(admin.get(f"/admin/users/{number_of(world, 'far')}/{read}"), 404, "not-found")
        assert_problem(admin.get(f"/admin/users/{number_of(world, 'siteadmin')}/{read}"), 403, "forbidden")


def test_a_new_device_is_told_also_outside_of_the_platform(world: World, app: flask.Flask, log_in: LogIn) -> None:
    known = log_in("clerk")
    known.log_in("clerk")
    assert told(world, "clerk") == []
    with world.platform.transaction(SYSTEM) as ctx:
        ctx.session.add(
            PersonChannel(
                user_id=ctx.session.scalars(select(User.id).where(User.login == "clerk")).one(),
                channel="email",
                address="clerk@example.org",
                categories=["action"],
                consent_at=HOST.now(),
                confirmed_at=HOST.now(),
                code_sent_at=HOST.now(),
                leave_token="t" * 32,
            )
        )
    agent = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"
    other = Browser(app)
    other.client.environ_base["HTTP_USER_AGENT"] = agent
    other.log_in("clerk")
    assert told(world, "clerk") == ["security.new-device"]
    with world.platform.transaction(SYSTEM) as ctx:
        notice = ctx.session.scalars(select(Notification)).one()
        assert "Chrome · Windows" in notice.text
        assert "127.0.0.0/24" in notice.text
        assert [row.template for row in ctx.session.scalars(select(Delivery))] == ["security.new-device"]
        assert len(ctx.session.scalars(select(KnownDevice)).all()) == 2


def test_passwords_that_change_are_told(world: World, log_in: LogIn) -> None:
    new = "river mountain lamp"
    assert log_in("clerk").post("/account/password", {"old": PASSWORD, "password": new}).status_code == 200
    admin = log_in("siteadmin")
    path = f"/admin/users/{number_of(world, 'clerk')}/password-reset"
    code = admin.post(path, {"reason": "忘记密码"}).json["code"]  # type: ignore[index]
    visitor = Browser(admin.client.application)
    visitor.session()
    body = {"login": "clerk", "code": code, "password": "another lamp of the river"}
    assert visitor.post("/session/reset", body).status_code == 204
    assert told(world, "clerk") == ["security.password", "security.reset-issued", "security.password"]


@pytest.mark.parametrize("login", ["clerk", "siteadmin"])
def test_outside_of_a_demo_all_staff_set_up_a_second_factor(world: World, login: str) -> None:
    """Who administers at once; others have some days from the first log-in that asked."""
    settings = replace(world.platform.settings, demo=False)
    app = create_app(replace(world.platform, settings=settings))
    found = Browser(app).log_in(login).session()
    if login == "siteadmin":
        assert found["pending"] == "enrol"
        return
    assert found["pending"] is None
    assert found["enrolBy"]
    with world.platform.transaction(SYSTEM) as ctx:
        user = ctx.session.scalars(select(User).where(User.login == login)).one()
        assert user.second_factor_due_at is not None
        assert timedelta(days=6) < user.second_factor_due_at - HOST.now() <= settings.second_factor_grace
        user.second_factor_due_at = HOST.now()
    late = Browser(app).log_in(login)
    assert late.session()["pending"] == "enrol"
    assert_problem(late.get("/tasks"), 403, "enrol-required")


def test_a_decision_asks_who_it_is_after_half_an_hour(world: World, log_in: LogIn) -> None:
    world.deploy(models.simple())
    world.submit()
    clerk, approver = log_in("clerk"), log_in("approver")
    age(world, timedelta(minutes=31))
    done = clerk.post(f"/tasks/{world.task('review').id}/complete", {"action": "ACCEPT", "data": {"note": "齐全"}})
    assert done.status_code == 200, "no decision, no step-up"
    path = f"/tasks/{world.task('approve').id}/complete"
    assert_problem(approver.post(path, {"data": {}}), 403, "step-up-required")
    with world.platform.transaction(SYSTEM) as ctx:
        ctx.session.execute(update(LoginSession).values(authenticated_at=HOST.now() - timedelta(minutes=29)))
    assert approver.post(path, {"data": {}}).status_code == 200


def test_nobody_opens_an_applicants_account_by_a_code(world: World, log_in: LogIn) -> None:
    path = f"/admin/users/{number_of(world, 'applicant')}/password-reset"
    assert_problem(log_in("admin").post(path, {"reason": "来电"}), 403, "forbidden")
