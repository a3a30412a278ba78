from collections.abc import Callable
from typing import Any

from tests.api.browser import Browser, assert_problem
from tests.support import models
from tests.support.world import World

LogIn = Callable[[str], Browser]
TEXT = "一、元旦：1月1日（周五）至3日（周日）放假，共3天。"
YEAR = "/admin/calendars/CN/2027"


def test_a_year_is_read_tried_published_and_withdrawn(world: World, log_in: LogIn) -> None:
    world.deploy(models.simple())
    world.submit()
    admin = log_in("admin")
    empty: Any = admin.get(f"{YEAR}/versions").json
    assert empty == {"items": []}
    read: Any = admin.post(f"{YEAR}/reading", {"text": TEXT}).json
    assert read["holidays"] == [{"name": "元旦", "first": "2027-01-01", "last": "2027-01-03"}]
    assert {row["code"] for row in read["findings"]} >= {"source-missing", "total", "festival-missing"}
    assert_problem(admin.post(f"{YEAR}/reading", {"text": "天气很好"}), 422, "notice-unreadable")
    notice = {"number": "测试1号", "source": "测试通知", "holidays": read["holidays"], "workdays": []}
    tried: Any = admin.post(f"{YEAR}/preview", notice).json
    assert tried["cases"] == 0
    assert_problem(admin.post(f"{YEAR}/versions", {**notice, "reason": "发布"}), 422, "notice-refused")
    done = admin.post(f"{YEAR}/versions", {**notice, "reason": "发布", "confirmed": True})
    assert done.status_code == 201, done.text
    year: Any = admin.get("/admin/calendar?region=532622&year=2027").json
    assert (year["source"]["origin"], year["source"]["version"], year["provisional"]) == ("published", 1, False)
    assert year["days"][0]["kind"] == "holiday"
    versions: Any = admin.get(f"{YEAR}/versions").json
    assert [len(row["changes"]) for row in versions["items"]] == [3]
    assert admin.post(f"{YEAR}/versions/0/revert", {"reason": "有误"}).status_code == 201
    back: Any = admin.get("/admin/calendar?region=CN&year=2027").json
    assert (back["source"]["origin"], back["provisional"]) == ("none", True)
    assert_problem(admin.post(f"{YEAR}/versions/0/revert", {"reason": "有误"}), 409, "version-not-usable")
    listed: Any = admin.get("/admin/recomputations").json
    assert all(row["finishedAt"] for row in listed["items"])


def test_a_sites_administrator_keeps_the_own_region_only(log_in: LogIn) -> None:
    own = log_in("siteadmin")
    tried = own.post("/admin/calendar/532622/2026-04-01/preview", {"isWorkday": False})
    assert tried.status_code == 200, tried.text
    for path in ("/admin/calendar/CN/2026-04-01/preview", "/admin/calendar/440606/2026-04-01/preview"):
        assert_problem(own.post(path, {"isWorkday": False}), 403, "forbidden")
    assert_problem(
        own.post("/admin/policies/preview", {"key": "precheck", "scope": "platform", "value": "1wd"}), 403, "forbidden"
    )


def test_policies_show_their_layers_and_history(log_in: LogIn) -> None:
    admin = log_in("admin")
    body = {
        "key": "precheck",
        "scope": "site",
        "scopeRef": models.MAIN_SITE,
        "value": "2wd",
        "source": "县定",
        "reason": "试点",
    }
    assert admin.put("/admin/policies", body).status_code == 200
    matrix: Any = admin.get(f"/admin/policies?site={models.MAIN_SITE}").json
    row = next(row for row in matrix["items"] if row["key"] == "precheck")
    assert [(layer["scope"], layer["value"], layer["wins"]) for layer in row["layers"]] == [
        ("site", "2wd", True),
        ("platform", "1wd", False),
    ]
    assert admin.put("/admin/policies", {**body, "value": None}).status_code == 200
    history: Any = admin.get("/admin/policies/precheck/history").json
    assert [entry["value"] for entry in history["items"]] == [None, "2wd"]
    assert_problem(admin.put("/admin/policies", {**body, "value": None}), 404, "not-found")
    assert_problem(
        admin.put("/admin/policies", {**body, "key": "clock.promise", "value": "99wd"}), 422, "bad-policy-value"
    )
    assert_problem(admin.put("/admin/policies", {**body, "alsoOpen": True, "reason": ""}), 422, "bad-policy-value")
