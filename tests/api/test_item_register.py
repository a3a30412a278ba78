"""Items of this deployment: entered from a file, edition by edition, served by a process that was published here."""

import re
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import orjson
import pytest
import yaml

from domain.actors import SYSTEM
from domain.items import service as items
from domain.items.models import Item
from tests.api.browser import Browser, assert_problem
from tests.support import models
from tests.support.world import ITEM, World

LogIn = Callable[[str], Browser]
PATH = "/admin/items"


def sheet(**changes: Any) -> dict[str, Any]:
    """A file like those of the product."""
    known = deepcopy(next(row for row in items.shipped() if row["code"] == "water-safety-change"))
    for key in ("definitionKey", "applyFormId"):
        known.pop(key)
    return {**known, "code": "elder-subsidy", "name": "高龄津贴申领", "nameEn": "Old-age allowance", **changes}


def body(content: Any, *, after: int | None = None, trial: bool = False) -> dict[str, Any]:
    return {"source": yaml.safe_dump(content, allow_unicode=True), "after": after, "note": "试行", "trial": trial}


def test_an_item_is_entered_from_a_file_and_changed_edition_by_edition(log_in: LogIn) -> None:
    admin, visitor = log_in("admin"), Browser(log_in("clerk").client.application)
    assert admin.post(PATH, body(sheet(), trial=True)).json == {"code": "elder-subsidy", "edition": 1, "applied": False}
    assert visitor.get("/items/elder-subsidy").status_code == 404
    assert admin.post(PATH, body(sheet())).json == {"code": "elder-subsidy", "edition": 1, "applied": True}
    shown: Any = visitor.get("/items/elder-subsidy").json
    assert (shown["nameEn"], shown["available"], len(shown["materials"])) == ("Old-age allowance", False, 10)
    assert_problem(admin.post(PATH, body(sheet())), 409, "item-exists")
    changed = admin.post(
        PATH, {**body(sheet(name="高龄津贴"), after=1), "source": orjson.dumps(sheet(name="高龄津贴")).decode()}
    )
    assert changed.json["edition"] == 2  # type: ignore[index]
    assert_problem(admin.post(PATH, body(sheet(), after=1)), 409, "item-exists")
    editions: Any = admin.get(f"{PATH}/elder-subsidy/editions").json["items"]  # type: ignore[index]
    assert [(row["edition"], row["content"]["name"]) for row in editions] == [(2, "高龄津贴"), (1, "高龄津贴申领")]
    assert (editions[0]["publisher"], editions[0]["note"]) == ("admin", "试行")
    for other in ("siteadmin", "designer", "clerk"):
        assert_problem(log_in(other).post(PATH, body(sheet())), 403, "forbidden")


def test_every_fault_of_a_file_has_its_place(log_in: LogIn) -> None:
    admin = log_in("admin")
    broken = sheet(code="X", mode="JOINT", colour="red")
    broken["guide"]["deadlines"][0]["key"] = "nothing"
    broken["materials"][1]["code"] = "M1"
    broken.pop("sector")
    problem = assert_problem(admin.post(PATH, body(broken, trial=True)), 422, "item-refused")
    assert {each["pointer"] for each in problem["errors"]} == {
        "/code",
        "/mode",
        "/colour",
        "/sector",
        "/guide/deadlines/0/key",
        "/materials/1/code",
    }
    conditional = sheet()
    conditional["materials"][0]["needIf"] = "=if then"
    refused = assert_problem(admin.post(PATH, body(conditional)), 422, "item-refused")
    assert refused["pointer"] == "/materials/0/needIf"
    for source, told in (("code: x\n  name: [", "第 2 行"), ("a: &a x\nb: *a", "第 1 行"), ("[]", "对象")):
        answer = admin.post(PATH, {"source": source, "after": None, "note": "", "trial": True})
        assert told in assert_problem(answer, 422, "item-refused")["detail"]
    with_no_row = admin.post(PATH, body(sheet(), after=3))
    assert assert_problem(with_no_row, 422, "item-refused")["pointer"] == "/code"


@pytest.fixture
def catalogue(world: World) -> World:
    with world.platform.transaction(SYSTEM) as ctx:
        items.load_items(ctx)
    return world


def test_a_process_that_is_published_here_serves_an_item(log_in: LogIn, catalogue: World) -> None:
    admin, visitor = log_in("admin"), Browser(log_in("clerk").client.application)
    linked = {"definitionKey": ITEM, "applyFormId": "test-form"}
    own, shipped = f"{PATH}/elder-subsidy/process", f"{PATH}/temporary-id-card/process"
    admin.post(PATH, body(sheet()))
    assert assert_problem(admin.put(own, linked), 422, "item-process-refused")["pointer"] == "/definitionKey"
    catalogue.deploy(models.simple())
    assert assert_problem(admin.put(own, {**linked, "applyFormId": "x"}), 422, "item-process-refused")
    assert assert_problem(admin.put(own, {**linked, "applyFormId": None}), 422, "item-process-refused")
    for path in (own, shipped):
        assert admin.put(path, linked).json["available"] is True  # type: ignore[index]
    assert visitor.get("/items/elder-subsidy").json["available"] is True  # type: ignore[index]
    assert_problem(admin.put(f"{PATH}/hukou-join-parents/process", linked), 409, "item-shipped")
    assert_problem(admin.post(PATH, body(sheet(code="temporary-id-card"), after=1)), 409, "item-shipped")
    with catalogue.platform.transaction(SYSTEM) as ctx:
        items.load_items(ctx)  # as with every migration
        kept = ctx.session.get_one(Item, "temporary-id-card")
        assert (kept.definition_key, kept.apply_form_id) == (ITEM, "test-form")
    listed: Any = admin.get(PATH).json
    rows = {row["code"]: row for row in listed["items"]}
    assert (rows["elder-subsidy"]["edition"], rows["temporary-id-card"]["edition"]) == (1, 0)
    assert (rows["hukou-join-parents"]["linkable"], rows["temporary-id-card"]["linkable"]) == (False, True)
    assert (ITEM in listed["processes"], "test-form" in listed["forms"]) == (True, True)
    assert admin.put(own, {"definitionKey": None, "applyFormId": None}).json["available"] is False  # type: ignore[index]


def test_a_guide_is_told_in_english_to_who_asks_for_it(log_in: LogIn, catalogue: World) -> None:
    del catalogue
    admin, visitor = log_in("admin"), Browser(log_in("clerk").client.application)
    chinese = re.compile(r"[\u4e00-\u9fff]")
    for code in ("hukou-join-parents", "temporary-id-card"):
        told: Any = visitor.get(f"/items/{code}?language=en").json
        told["guide"]["deadlines"] = [{**row, "source": ""} for row in told["guide"]["deadlines"]]
        texts = {**{key: told[key] for key in ("scenario", "leadUnit", "guide", "selfCheck")}}
        texts["materials"] = [[row["name"], row["form"], row["note"]] for row in told["materials"]]
        assert not chinese.search(orjson.dumps(texts).decode()), code
    by_header: Any = visitor.get("/items/temporary-id-card", headers={"Accept-Language": "en-GB,en;q=0.9"}).json
    assert by_header["leadUnit"] == "County public security bureau"
    assert visitor.get("/items/temporary-id-card").json["leadUnit"] == "县公安局"  # type: ignore[index]
    assert visitor.get("/items/temporary-id-card?language=fr").status_code == 422
    own = sheet(english={"以当地办事指南为准": "See the town's own guide"}, leadUnit="以当地办事指南为准")
    admin.post(PATH, body(own))
    assert visitor.get("/items/elder-subsidy?language=en").json["leadUnit"] == "See the town's own guide"  # type: ignore[index]
