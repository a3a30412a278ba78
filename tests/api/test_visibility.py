"""Every read route, asked by every role about a foreign case: nothing of it comes back (DOMAIN §5.3; docs/visibility.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import flask
import pytest
from sqlalchemy import update

from domain.actors import SYSTEM
from domain.cases import runtime
from domain.cases.errors import DuplicateApplication
from domain.cases.models import Leg
from tests.api.browser import Browser
from tests.api.conftest import FAR_SITE
from tests.support import models
from tests.support.neighbours import Footprint, settle_neighbours
from tests.support.world import APPLICATION, ITEM, World

LogIn = Callable[[str], Browser]
AT_THE_SHARED_CASE = ("clerk", "approver", "chief", "partner", "handler", "overseer", "siteadmin", "applicant")
AT_THE_LONELY_CASE = ("far", "stranger")
WITHOUT_CASES = ("designer",)
WATCHERS = ("admin", "auditor")


@pytest.fixture
def cases(world: World) -> tuple[Footprint, Footprint]:
    return settle_neighbours(world, FAR_SITE)


def addresses(app: flask.Flask, places: list[dict[str, str]]) -> Iterator[str]:
    """Every readable address of the API, with the places of these cases where it names one."""
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or not rule.rule.startswith("/api/v1") or "token" in rule.rule:
            continue
        for place in places if rule.arguments else places[:1]:
            values: dict[str, Any] = {name: place.get(name, "1") for name in rule.arguments}
            path: Any = rule.build(values)[1]  # type: ignore[index]  # it has all its arguments
            yield path.removeprefix("/api/v1")


def leaks(browser: Browser, app: flask.Flask, asked: list[dict[str, str]], foreign: set[str]) -> list[str]:
    found = []
    for path in addresses(app, asked):
        text = browser.get(path).get_data(as_text=True)
        found += [f"{path}: {mark}" for mark in foreign if mark in text and mark not in path]
    return found


@pytest.mark.parametrize("login", AT_THE_SHARED_CASE)
def test_nothing_of_the_neighbour_is_seen(
    login: str, app: flask.Flask, log_in: LogIn, cases: tuple[Footprint, Footprint]
) -> None:
    shared, lonely = cases
    assert leaks(log_in(login), app, [lonely.places, shared.places], lonely.marks) == []


@pytest.mark.parametrize("login", [*AT_THE_LONELY_CASE, *WITHOUT_CASES])
def test_nothing_of_the_shared_case_is_seen(
    login: str, app: flask.Flask, log_in: LogIn, cases: tuple[Footprint, Footprint]
) -> None:
    shared, lonely = cases
    foreign = shared.marks if login in AT_THE_LONELY_CASE else shared.marks | lonely.marks
    assert leaks(log_in(login), app, [shared.places, lonely.places], foreign) == []


@pytest.mark.parametrize("login", WATCHERS)
def test_watchers_see_no_content(
    login: str, app: flask.Flask, log_in: LogIn, cases: tuple[Footprint, Footprint]
) -> None:
    shared, lonely = cases
    assert leaks(log_in(login), app, [shared.places, lonely.places], shared.content | lonely.content) == []


def test_the_partner_sees_its_leg_and_the_coarse_parent(log_in: LogIn, cases: tuple[Footprint, Footprint]) -> None:
    shared, _ = cases
    page: Any = log_in("partner").get(f"/cases/{shared.places['case_no']}").json
    mine, main = (next(leg for leg in page["legs"] if leg["role"] == role) for role in ("partner", "main"))
    assert mine["mine"]
    assert mine["currentElements"]
    assert (main["mine"], main["currentElements"]) == (False, [])
    assert page["application"] is None
    assert page["received"] == {"movers": [{"idNo": "5326**********0001"}], "reason": "事由"}
    assert page["materials"] == page["documents"] == []
    assert {task["siteName"] for task in page["tasks"]} == {mine["siteName"]}
    text = log_in("partner").get(f"/cases/{shared.places['case_no']}").get_data(as_text=True)
    assert "only for the main site" not in text


def test_a_while_after_its_leg_ended_a_partner_has_a_summary(
    world: World, log_in: LogIn, cases: tuple[Footprint, Footprint]
) -> None:
    shared, _ = cases
    world.complete("partner", "work", "AGREE", note="同意")
    path = f"/cases/{shared.places['case_no']}"
    page: Any = log_in("partner").get(path).json
    assert page["received"] is not None
    with world.platform.transaction(SYSTEM) as ctx:
        ended = ctx.clock.now() - timedelta(days=31)
        partner = Leg.participant_id == "P_partner"
        ctx.session.execute(update(Leg).where(partner).values(ended_at=ended))
    page = log_in("partner").get(path).json
    assert page["received"] is None
    assert page["materials"] == page["documents"] == page["certificates"] == page["registrations"] == []
    assert page["summary"]["subject"] == "测*"
    assert next(leg for leg in page["legs"] if leg["role"] == "partner")["mine"]


def test_a_subject_that_is_taken_does_not_tell_whose_case_has_it(world: World) -> None:
    world.deploy(models.simple())
    world.submit()
    stranger = world.people["stranger"]

    again = runtime.NewCase(ITEM, APPLICATION, stranger.user_id, "测*", [("mover", "532622201506010001")])
    with (
        pytest.raises(DuplicateApplication) as refused,
        world.platform.transaction(stranger) as ctx,
    ):
        runtime.open_case(ctx, again)
    assert world.case().case_no not in refused.value.fact_zh
