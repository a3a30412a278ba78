"""Applicants from a real provider: found by number, acting for an enterprise, proving more."""

from __future__ import annotations

from typing import Any

import flask
import pytest
from sqlalchemy import select, text

from domain.actors import SYSTEM
from domain.audit.models import AuditEvent
from domain.federation.models import FederatedSession, IdentityLink
from domain.identity import service as identity
from domain.identity.models import User
from tests.api.browser import PASSWORD, Browser, assert_problem
from tests.api.oidc.conftest import Person, assert_page
from tests.support.oidc import Server, Visitor
from tests.support.world import ITEM, World

pytestmark = pytest.mark.network

SUBMIT: dict[str, Any] = {"itemCode": ITEM, "data": {}, "materials": []}


def test_an_applicant_is_found_by_number_and_comes_back_to_the_page(person: Person, world: World) -> None:
    answer = person.log_in("yn-7f3a01", "real-name", **{"return": "/items/x/apply?step=review"})
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/items/x/apply?step=review"
    found = person.browser.session()
    assert found["user"]["login"] == "applicant"
    assert found["user"]["name"] == "岑美玲"
    assert found["level"] == "real-name"
    assert found["methods"] == ["fed", "pwd"]
    with world.platform.transaction(SYSTEM) as ctx:
        row = ctx.session.scalars(select(IdentityLink)).one()
        assert row.about == {"sub": "yn-7f3a01"}
        kept = ctx.session.execute(text("select about from identity_links")).scalar_one()
        assert b"yn-7f3a01" not in bytes(kept)
        event = ctx.session.scalars(select(AuditEvent).where(AuditEvent.kind == "login.succeeded")).all()[-1]
        assert event.data["level"] == "real-name"


def test_an_applicant_who_was_never_here_gets_an_account_without_roles(person: Person, world: World) -> None:
    assert person.log_in("yn-7f3a02").status_code == 303
    assert person.log_in("yn-7f3a02").status_code == 303
    found = person.browser.session()["user"]
    assert found["isApplicant"] is True
    assert found["roles"] == []
    with world.platform.transaction(SYSTEM) as ctx:
        users = [
            user for user in ctx.session.scalars(select(User)) if user.name == "王建国"
        ]  # sealed: no query finds it
        assert len(users) == 1
        assert users[0].person["idNo"] == "44010619870415000X"


def test_operators_of_an_enterprise_act_for_the_enterprise(person: Person, app: flask.Flask, server: Server) -> None:
    other = Person(Browser(app), Visitor(server.home))
    assert person.log_in("yn-c10001", key="firms").status_code == 303
    assert other.log_in("yn-c10002", key="firms").status_code == 303
    mine, theirs = person.browser.session()["user"], other.browser.session()["user"]
    assert mine["name"] == "砚山测试水利工程有限公司"
    assert mine["id"] == theirs["id"]


@pytest.mark.parametrize("sub", ["yn-7f3a03", "yn-7f3a04"])
def test_a_number_that_is_wrong_or_missing_makes_no_account(person: Person, sub: str) -> None:
    assert_page(person.log_in(sub), 403, "sso-identity-incomplete")
    assert person.browser.session()["user"] is None


def test_links_that_contradict_are_refused(person: Person, world: World) -> None:
    assert person.log_in("yn-7f3a01").status_code == 303
    with world.platform.transaction(SYSTEM) as ctx:
        mine = ctx.session.scalars(select(IdentityLink)).one()
        other = identity.register_user(ctx, "another", "某某", PASSWORD, is_applicant=True)
        mine.user_id = other.id
    assert_page(person.log_in("yn-7f3a01"), 409, "sso-link-contradicts")
    with world.platform.transaction(SYSTEM) as ctx:
        row = ctx.session.scalars(select(IdentityLink)).one()
        row.user_id = ctx.session.scalars(select(User.id).where(User.login == "applicant")).one()
        row.subject_blind = "0" * 32  # somebody else came with this number before
    assert_page(person.log_in("yn-7f3a01"), 409, "sso-link-contradicts")


def test_who_is_disabled_here_does_not_get_in(person: Person, world: World) -> None:
    with world.platform.transaction(SYSTEM) as ctx:
        ctx.session.scalars(select(User).where(User.login == "applicant")).one().is_active = False
    assert_page(person.log_in("yn-7f3a01"), 403, "sso-account-closed")


def test_submitting_asks_for_a_level_and_the_step_up_keeps_the_person(
    person: Person, app: flask.Flask, world: World, server: Server
) -> None:
    admin = Browser(app).log_in("admin")
    rule = {
        "key": "assurance.apply",
        "value": "real-name",
        "source": "测试",
        "scope": "item",
        "itemCode": ITEM,
        "reason": "测试",
    }
    changed = admin.put("/admin/policies", rule)
    assert changed.status_code == 200, changed.text
    assert person.log_in("yn-7f3a01").status_code == 303
    person.browser.session()
    refused = assert_problem(person.browser.post("/applications", SUBMIT), 403, "level-too-low")
    assert (refused["level"], refused["provider"]) == ("real-name", "people")
    other = Visitor(server.home)
    url = person.begin(again="1", level="real-name")
    found = other.log_in(url, "yn-7f3a02", "real-name")
    assert_page(person.browser.client.get("/oidc/people/callback", query_string=found), 409, "sso-other-person")
    before = person.browser.session()
    url = person.begin(again="1", level="real-name", **{"return": "/signed-in"})
    answer = person.answer(url, "yn-7f3a01", "real-name")
    assert answer.headers["Location"] == "/signed-in"
    after = person.browser.session()
    assert after["user"] == before["user"]
    assert after["level"] == "real-name"
    assert person.browser.post("/applications", SUBMIT).json["code"] != "level-too-low"  # type: ignore[index]
    with world.platform.transaction(SYSTEM) as ctx:
        assert len(ctx.session.scalars(select(FederatedSession)).all()) == 1
