from collections.abc import Callable
from typing import Any

from sqlalchemy import delete

from domain.actors import SYSTEM
from domain.partners.models import Contact
from domain.sites.registry import add_site
from tests.api.browser import Browser
from tests.support import models
from tests.support.world import World

LogIn = Callable[[str], Browser]


def steps_of(browser: Browser) -> dict[str, Any]:
    answer = browser.get("/admin/set-up")
    assert answer.status_code == 200, answer.text
    found: Any = answer.json
    return {row["code"]: row for row in found["items"]}


def test_the_platform_administrator_sees_what_the_deployment_lacks(world: World, log_in: LogIn) -> None:
    before = steps_of(log_in("admin"))
    assert before["regions"]["done"]
    assert before["sites"]["done"]
    assert (before["models"]["needed"], before["models"]["done"]) == (True, False)
    assert before["offices"]["done"]
    assert (before["second"]["done"], before["second"]["count"]) == (False, 1)
    assert not before["background"]["done"]
    assert "浦东新区公安分局" in [each["name"] for each in before["administrators"]["missing"]]
    assert "浦东新区公安分局：窗口人员、审批人" in [each["name"] for each in before["staff"]["missing"]]
    assert "浦东新区公安分局: window clerk, approver" in [each["nameEn"] for each in before["staff"]["missing"]]
    world.deploy(models.simple())
    with world.platform.transaction(SYSTEM) as ctx:
        values = {"region_code": "310115", "sector": "police", "name": "外地公安局", "short_name": "外地"}
        add_site(ctx, "abroad-police", {**values, "is_local": False})
    after = steps_of(log_in("admin"))
    assert after["models"]["done"]
    assert [each["name"] for each in after["partners"]["missing"]] == ["外地公安局"]


def test_a_sites_administrator_sees_the_own_site_alone(world: World, log_in: LogIn) -> None:
    with world.platform.transaction(SYSTEM) as ctx:
        ctx.session.execute(delete(Contact))
    seen = steps_of(log_in("siteadmin"))
    assert set(seen) == {"staff", "contacts"}
    assert seen["contacts"]["missing"] == [{"name": "砚山县公安局", "nameEn": "砚山县公安局"}]
    assert log_in("clerk").get("/admin/set-up").status_code == 403
