from collections.abc import Callable

import flask
import pytest
from sqlalchemy import select

from api.app import create_app
from bootstrap.container import Platform
from domain.actors import SYSTEM, Actor, Role
from domain.identity import service as identity
from domain.identity.models import User
from domain.identity.rules import USUAL
from domain.items.models import Item
from domain.sites import service as sites
from tests.api.browser import APPLICANT_ID_NO, PASSWORD, Browser
from tests.support import models
from tests.support.economy import hash_cheaply
from tests.support.settling import settled
from tests.support.world import ITEM, World

FAR_SITE = "test-pudong-police"
OVERSIGHT = "test-yanshan-supervision"
MORE: dict[str, tuple[str | None, Role]] = {
    "far": (FAR_SITE, Role.HANDLER),
    "handler": (models.MAIN_SITE, Role.HANDLER),
    "overseer": (OVERSIGHT, Role.SUPERVISOR),
    "siteadmin": (models.MAIN_SITE, Role.SITE_ADMIN),
    "admin": (None, Role.PLATFORM_ADMIN),
    "designer": (None, Role.DESIGNER),
    "auditor": (None, Role.AUDITOR),
}
HASH = hash_cheaply(USUAL).hash(PASSWORD)


@pytest.fixture
def world(platform: Platform) -> World:
    made = World(platform)
    made.people = settled("world of the API", platform.sql, lambda: settle(platform))
    return made


def settle(platform: Platform) -> dict[str, Actor]:
    made = World(platform).settle()
    with platform.transaction(SYSTEM) as ctx:
        sites.register_regions(ctx, [("310000", "上海市", None), ("310115", "浦东新区", "310000")])
        places = {
            FAR_SITE: sites.register_site(ctx, FAR_SITE, "310115", "police", "浦东新区公安分局", "浦东公安"),
            OVERSIGHT: sites.register_site(ctx, OVERSIGHT, "532622", "supervision", "砚山县政务服务管理局", "砚山政务"),
            models.MAIN_SITE: sites.get_site(ctx, models.MAIN_SITE),
        }
        for login, (place, role) in MORE.items():
            person = User(login=login, name=login, password_hash=HASH, created_at=ctx.clock.now())
            ctx.session.add(person)
            ctx.session.flush()
            identity.grant(ctx, person, role, places[place] if place else None)
        for user in ctx.session.scalars(select(User)):
            user.password_hash = HASH
            if user.login == "applicant":
                user.person = {"idNo": APPLICANT_ID_NO, "mobile": "13800000000"}
        item = ctx.session.get_one(Item, ITEM)
        item.apply_form_id = "test-form"
        item.mode = "MULTI_SITE"
    return made.people


@pytest.fixture
def submitted(world: World) -> World:
    """With a case of the simple model."""
    return world.with_case()


@pytest.fixture
def app(world: World) -> flask.Flask:
    return create_app(world.platform)


@pytest.fixture
def visitor(app: flask.Flask) -> Browser:
    return Browser(app)


@pytest.fixture
def log_in(app: flask.Flask) -> Callable[[str], Browser]:
    return lambda login: Browser(app).log_in(login)


@pytest.fixture
def designer(log_in: Callable[[str], Browser]) -> Browser:
    return log_in("designer")
