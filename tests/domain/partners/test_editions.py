"""Editions of a data contract: drafted, approved by both sides, in force from a day; and nothing outside of them leaves or comes in."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, timedelta
from typing import Any

import orjson
import pytest

from bootstrap.container import Platform
from domain.actors import SYSTEM, Actor, Role
from domain.cases.models import Case
from domain.clock import CHINA
from domain.definitions import sides
from domain.identity.functions import FunctionRefused
from domain.inbox import service as inbox
from domain.items import contracts
from domain.items.models import DataContract, Item
from domain.items.queries import get_item
from domain.materials.models import Material
from domain.outbox.envelope import read
from domain.outbox.models import Message
from domain.partners import agreed, editions
from domain.partners.errors import ContractRefused, DraftChanged, NotYours
from domain.sites import keys
from domain.sites import service as sites
from scheduler import jobs
from tests.support import models
from tests.support.world import ITEM, World

LISTED = b'<lianban:field path="secret" name="secret" required="false"/><lianban:material code="M1"/><lianban:material code="M2"/>'


def crossing(*paths: str, materials: tuple[str, ...] = ()) -> dict[str, Any]:
    """A contract of the test item's two messages."""
    fields = [{"path": path, "name": path} for path in paths]
    request = {"message": "REQUEST", "name": "请求", "from": "main", "purpose": "核查"}
    reply = {"message": "REPLY", "name": "答复", "from": "partner", "purpose": "告知结果"}
    return {
        "basis": "《个人信息保护法》第六条",
        "messages": [
            request | {"fields": fields, "materials": list(materials)},
            reply | {"fields": [{"path": "answer", "name": "结果"}], "materials": []},
        ],
        "documents": [],
    }


WIDE = crossing("movers[].idNo", "reason", "secret", materials=("M1",))
NARROW = crossing("movers[].idNo", "reason")


@pytest.fixture
def world(platform: Platform) -> World:
    made = World(platform).settle()
    with platform.transaction(SYSTEM) as ctx:
        item = ctx.session.get_one(Item, ITEM)
        item.sheet = {"materials": [{"code": code, "name": code} for code in ("M1", "M2")]}
        places = {code: sites.get_site(ctx, code).id for code in (models.MAIN_SITE, models.PARTNER_SITE)}
    made.people |= {
        "designer": Actor(901, "设计", {0: frozenset({Role.DESIGNER})}),
        "main": Actor(902, "甲", {places[models.MAIN_SITE]: frozenset({Role.SITE_ADMIN})}),
        "partner-admin": Actor(903, "乙", {places[models.PARTNER_SITE]: frozenset({Role.SITE_ADMIN})}),
    }
    return made


def today(world: World) -> date:
    with world.platform.transaction(SYSTEM) as ctx:
        return ctx.clock.now().astimezone(CHINA).date()


def draft(
    world: World, content: dict[str, Any], *, who: str = "designer", day: date | None = None, **read_: int
) -> int:
    with world.platform.transaction(world.people[who]) as ctx:
        newest = editions.newest(ctx.session, ITEM)
        seen = {"based_on": newest.version if newest else 0, "revision": 0} | read_
        row = editions.put_draft(ctx, ITEM, content, note="收窄", in_force_on=day or date(2020, 1, 1), **seen)
        return row.revision


def approve(world: World, who: str, side: str, revision: int = 1) -> DataContract | None:
    with world.platform.transaction(world.people[who]) as ctx:
        site = sites.get_site_by_id(ctx, ctx.actor.site_ids[0])
        acts = sides.sides_of(ctx, get_item(ctx.session, ITEM), site)
        return editions.approve(ctx, ITEM, site.id, side, revision=revision, acts=acts)


def settle_edition(world: World, content: dict[str, Any], day: date | None = None) -> None:
    draft(world, content, day=day)
    assert approve(world, "main", "main") is None
    assert approve(world, "partner-admin", "partner") is not None


def sent(world: World) -> Message:
    """The last message of the newest case, asked for by its clerk."""
    world.complete("clerk", "prepare", reason="投靠父母")
    return world.messages("out")[-1]


def apply(world: World, subject: str) -> None:
    """A further case; it has a material that both editions or one of them may name."""
    leg = world.submit(subject=subject)
    with world.platform.transaction(SYSTEM) as ctx:
        for code in ("M1", "M2"):
            facts = {"name": code, "is_required": False, "state": "SUPPLIED", "updated_at": ctx.clock.now()}
            ctx.session.add(Material(case_id=leg.case_id, code=code, **facts))


def test_both_sides_approve_and_cases_keep_the_edition_they_began_under(world: World) -> None:
    world.deploy(models.joint().replace(b"</lianban:dataContract>", LISTED + b"</lianban:dataContract>", 1))
    settle_edition(world, WIDE)
    apply(world, "532622201506010001")
    settle_edition(world, NARROW, today(world) + timedelta(days=1))
    old = sent(world)
    assert set(old.payload) == {"movers", "reason", "secret"}
    assert [row["code"] for row in old.manifest] == ["M1"], "M2 is in the model and not in the contract"
    world.pass_time("P1D")
    apply(world, "532622201506010002")
    new = sent(world)
    assert set(new.payload) == {"movers", "reason"}
    assert new.manifest == []
    with world.platform.transaction(SYSTEM) as ctx:
        began = [ctx.session.get_one(Case, row.case_id).submitted_at for row in (old, new)]
        found = [contracts.find_contract(ctx.session, ITEM, at) for at in began]
    assert [each.version for each in found if each] == [1, 2]


def test_a_field_or_material_that_was_not_agreed_on_refuses_the_message(world: World) -> None:
    world.deploy(models.joint())
    settle_edition(world, NARROW)
    world.submit()
    original = sent(world)
    jobs.run_due(world.platform)
    raw = world.messages("out")[0].raw
    assert raw is not None

    def receive(**more: Any) -> tuple[str, str | None]:
        content = orjson.loads(raw)
        content["header"]["messageId"] = f"again-{sorted(more)}"
        content |= {"body": content["body"] | more.get("body", {}), "materials": more.get("materials", [])}
        changed = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
        with world.platform.transaction(SYSTEM) as ctx:
            site = sites.get_site(ctx, models.MAIN_SITE)
            receipt = inbox.receive(ctx, changed, keys.sign(ctx, site.id, changed))
        return receipt.state, receipt.code

    assert receive(body={"health": "not-ours"}) == ("rejected", "-41")
    assert receive(body={"movers": [{"idNo": "1", "health": "not-ours"}]}) == ("rejected", "-41")
    assert receive(materials=[{"code": "M1", "name": "户口簿"}]) == ("rejected", "-41")
    refused = [row for row in world.messages("in") if row.state == "rejected"]
    assert all(row.raw is None and row.manifest == [] for row in refused), "nothing of it is kept"
    assert "not-ours" not in "".join(row.last_error or "" for row in refused)
    assert read(raw).body == original.payload


def test_who_drew_it_up_or_approved_does_not_approve_again(world: World) -> None:
    with pytest.raises(FunctionRefused):
        draft(world, NARROW, who="main")
    draft(world, NARROW)
    world.people["both"] = Actor(901, "设计", world.people["main"].grants)
    with pytest.raises(NotYours):
        approve(world, "both", "main")
    with pytest.raises(FunctionRefused):
        approve(world, "clerk", "main")
    approve(world, "main", "main")
    for side in ("main", "partner"):
        with pytest.raises(NotYours):
            approve(world, "main", side)
    with pytest.raises(NotYours):
        approve(world, "partner-admin", "main")


def test_a_change_takes_back_what_was_approved(world: World) -> None:
    draft(world, NARROW)
    approve(world, "main", "main")
    with pytest.raises(DraftChanged):
        draft(world, WIDE)
    assert draft(world, WIDE, revision=1) == 2
    with pytest.raises(DraftChanged):
        approve(world, "partner-admin", "partner", revision=1)
    assert approve(world, "partner-admin", "partner", revision=2) is None
    assert approve(world, "main", "main", revision=2) is not None


def test_a_refused_draft_is_closed_and_never_in_force(world: World) -> None:
    draft(world, NARROW)
    with world.platform.transaction(world.people["partner-admin"]) as ctx:
        editions.refuse(ctx, ITEM, ctx.actor.site_ids[0], "缺少依据", revision=1, acts=contracts.SIDES)
    with world.platform.transaction(SYSTEM) as ctx:
        assert editions.find_draft(ctx.session, ITEM) is None
        assert editions.newest(ctx.session, ITEM) is None


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("/basis", ""),
        ("/messages/0/from", "elsewhere"),
        ("/messages/0/message", "request"),
        ("/messages/0/purpose", " "),
        ("/messages/0/fields/0/path", "movers[0].idNo"),
        ("/messages/0/fields/0", {"path": "reason"}),
        ("/messages/0/materials/0", "M9"),
        ("/messages", {}),
        ("/documents", [{"code": "A", "name": "a"}, {"code": "A", "name": "b"}]),
    ],
)
def test_a_draft_that_is_none_is_refused_by_place(place: str, value: Any) -> None:
    content: Any = deepcopy(WIDE)
    *way, last = place.removeprefix("/").split("/")
    target = content
    for step in way:
        target = target[int(step) if step.isdigit() else step]
    target[int(last) if last.isdigit() else last] = value
    with pytest.raises(ContractRefused) as refused:
        agreed.require_sound(content, {"M1"})
    assert refused.value.pointer == f"/content{place}"


def test_differences_say_what_crosses_more() -> None:
    found = agreed.differences(NARROW, WIDE)
    assert [(each.what, each.kind, each.subject, each.widens) for each in found] == [
        ("field", "added", "secret", True),
        ("material", "added", "M1", True),
    ]
    assert [each.kind for each in agreed.differences(WIDE, NARROW)] == ["removed", "removed"]
    assert agreed.differences(WIDE, WIDE) == []
    assert [each.what for each in agreed.differences(editions.EMPTY, WIDE)].count("field") == 4


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ({"movers": [{"idNo": "1"}], "reason": "x"}, []),
        ({"movers": [{"idNo": "1", "name": "n"}]}, ["movers[].name"]),
        ({"movers": "all of them"}, ["movers"]),
        ({"reason": {"with": "parts"}}, []),
        ({"other": 1, "movers": [1]}, ["other", "movers"]),
    ],
)
def test_what_no_path_names_is_outside(content: dict[str, Any], found: list[str]) -> None:
    assert contracts.outside(content, {"movers[].idNo", "reason"}) == found
