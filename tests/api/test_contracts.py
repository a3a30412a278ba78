"""Editions of a data contract over HTTP: who may draw up, who may approve, what is told of it."""

from collections.abc import Callable
from typing import Any

import pytest

from domain.actors import SYSTEM, Role
from domain.definitions import service as definitions
from domain.definitions.models import Definition
from domain.identity import service as identity
from domain.items.models import Item
from domain.sites import service as sites
from tests.api.browser import Browser, assert_problem
from tests.support import models
from tests.support.world import ITEM, World

LogIn = Callable[[str], Browser]
CONTENT: dict[str, Any] = {
    "basis": "《个人信息保护法》第六条",
    "messages": [
        {
            "message": "REQUEST",
            "name": "请求",
            "from": "main",
            "purpose": "核查",
            "fields": [{"path": "reason", "name": "事由"}],
            "materials": ["M1"],
        }
    ],
    "documents": [],
}
DRAFT = {"content": CONTENT, "note": "首版", "inForceOn": "2020-01-01", "basedOn": 0, "revision": 0}


@pytest.fixture
def places(world: World) -> dict[str, int]:
    """The partner's handler also administers its site."""
    with world.platform.transaction(SYSTEM) as ctx:
        ctx.session.get_one(Item, ITEM).sheet = {"materials": [{"code": "M1", "name": "申请表"}]}
        user = identity.find_user(ctx, "partner")
        assert user is not None
        site = sites.get_site(ctx, models.PARTNER_SITE)
        identity.grant(ctx, user, Role.SITE_ADMIN, site)
        return {"main": sites.get_site(ctx, models.MAIN_SITE).id, "partner": site.id}


def test_an_edition_is_drawn_up_approved_by_both_sides_and_in_force(log_in: LogIn, places: dict[str, int]) -> None:
    designer, main, partner = log_in("designer"), log_in("siteadmin"), log_in("partner")
    assert_problem(main.put(f"/contracts/{ITEM}/draft", DRAFT), 403, "forbidden")
    drawn: Any = designer.put(f"/contracts/{ITEM}/draft", DRAFT).json
    assert [each["subject"] for each in drawn["draft"]["differences"] if each["widens"]] == ["请求", "reason", "M1"]
    assert_problem(designer.put(f"/contracts/{ITEM}/draft", DRAFT), 409, "contract-draft-changed")
    ask = {"siteId": places["main"], "side": "main", "revision": 1}
    path = f"/contracts/{ITEM}/draft/approval"
    assert_problem(designer.post(path, ask), 403, "forbidden")
    assert_problem(partner.post(path, ask), 403, "function-not-allowed")
    answer: Any = main.post(path, ask).json
    assert [each["side"] for each in answer["draft"]["approvals"]] == ["main"]
    assert_problem(main.post(path, ask | {"side": "partner"}), 403, "contract-approval-refused")
    published: Any = partner.post(path, {"siteId": places["partner"], "side": "partner", "revision": 1}).json
    assert published["draft"] is None
    assert [(each["version"], each["state"]) for each in published["versions"]] == [(1, "in-force")]
    listed: Any = partner.get("/contracts").json
    assert [(each["itemCode"], each["fieldCount"]) for each in listed["items"]] == [(ITEM, 1)]
    assert_problem(main.post(path, ask), 404, "not-found")


def test_a_site_agrees_only_for_a_side_on_which_it_acts(log_in: LogIn, places: dict[str, int], world: World) -> None:
    """A pool of the model that names its site is that site's alone; of a sector's item, a site of another sector has no side."""
    fixed = models.joint().replace(b'source="=application.moveInOrg"', f'source="{models.MAIN_SITE}"'.encode())
    definition = world.deploy(fixed.replace(f'source="{models.PARTNER_SITE}"'.encode(), b'source="=moveOutOrg"'))
    with world.platform.transaction(SYSTEM) as ctx:
        item = ctx.session.get_one(Item, ITEM)
        item.definition_key, item.sector = ctx.session.get_one(Definition, definition).key, "police"
        further = fixed.replace(b'name="REQUEST"', b'name="LATER_REQUEST"')
        definitions.save_draft(ctx, item.definition_key, "x", further, revision=None)
    designer, main, partner = log_in("designer"), log_in("siteadmin"), log_in("partner")
    drawn: Any = designer.put(f"/contracts/{ITEM}/draft", DRAFT).json
    assert (drawn["approvers"], next((each["message"], each["sender"]) for each in drawn["flows"])) == (
        [],
        ("REQUEST", "main"),
    )
    assert "LATER_REQUEST" in {each["message"] for each in drawn["draftedFlows"]}, (
        "the designer's draft of the model is offered"
    )
    assert main.get(f"/contracts/{ITEM}").json["draftedFlows"] == []  # type: ignore[index]
    path, ask = f"/contracts/{ITEM}/draft/approval", {"siteId": places["partner"], "revision": 1}
    assert main.get(f"/contracts/{ITEM}").json["approvers"][0]["sides"] == ["main", "partner"]  # type: ignore[index]
    assert partner.get(f"/contracts/{ITEM}").json["approvers"][0]["sides"] == ["partner"]  # type: ignore[index]
    told = assert_problem(partner.post(path, ask | {"side": "main"}), 403, "contract-approval-refused")
    assert told["pointer"] == "/side"
    with world.platform.transaction(SYSTEM) as ctx:
        ctx.session.get_one(Item, ITEM).sector = "water"
    assert partner.get(f"/contracts/{ITEM}").json["approvers"] == []  # type: ignore[index]
    told = assert_problem(partner.post(path, ask | {"side": "partner"}), 403, "contract-approval-refused")
    assert told["pointer"] == "/siteId"
    refusal = {"siteId": places["partner"], "reason": "缺少依据", "revision": 1}
    assert_problem(partner.post(f"/contracts/{ITEM}/draft/refusal", refusal), 403, "contract-approval-refused")
    assert main.post(path, {"siteId": places["main"], "side": "main", "revision": 1}).status_code == 200


def test_a_refused_or_dropped_draft_is_gone(log_in: LogIn, places: dict[str, int]) -> None:
    designer, partner = log_in("designer"), log_in("partner")
    designer.put(f"/contracts/{ITEM}/draft", DRAFT)
    refusal = {"siteId": places["partner"], "reason": "缺少依据", "revision": 1}
    assert partner.post(f"/contracts/{ITEM}/draft/refusal", refusal).status_code == 204
    assert_problem(designer.get(f"/contracts/{ITEM}"), 404, "not-found")
    designer.put(f"/contracts/{ITEM}/draft", DRAFT)
    assert designer.send("DELETE", f"/contracts/{ITEM}/draft").status_code == 204
    told = assert_problem(
        designer.put(f"/contracts/{ITEM}/draft", DRAFT | {"content": CONTENT | {"basis": ""}}), 422, "contract-refused"
    )
    assert told["pointer"] == "/content/basis"
