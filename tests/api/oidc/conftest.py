"""One real provider for the modules of this folder, and people who come from there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import flask
import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from api.app import create_app
from bootstrap.container import Platform
from bootstrap.processes import free_port
from domain.actors import SYSTEM
from domain.base import get_seal
from domain.identity import service as identity
from domain.identity.models import User
from tests.api.browser import Browser
from tests.support import oidc
from tests.support.oidc import SECRET, Server, Visitor
from tests.support.world import World

LEE = "532622198502030000"


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with oidc.running(tmp_path_factory.mktemp("oidc"), f"http://127.0.0.1:{free_port()}") as found:
        yield found


def configured(world: World, server: Server, **more: Any) -> flask.Flask:
    own = world.platform
    settings = replace(
        own.settings, public_url=server.home, providers=server.providers(**more), secrets={"OIDC_TEST": SECRET}
    )
    return create_app(Platform(settings, own.sql))


@pytest.fixture
def app(world: World, server: Server) -> flask.Flask:
    with world.platform.transaction(SYSTEM) as ctx:
        lee = ctx.session.scalars(select(User).where(User.login == "applicant")).one()
        lee.id_no_blind = get_seal().blind(LEE)
    return configured(world, server)


@dataclass
class Person:
    """A browser here and at the provider."""

    browser: Browser
    there: Visitor

    def begin(self, key: str = "people", **query: str) -> str:
        answer = self.browser.client.get(f"/oidc/{key}/log-in", query_string=query)
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    def answer(self, url: str, sub: str, level: str = "account", key: str = "people", **changed: str) -> TestResponse:
        found = self.there.log_in(url, sub, level) | changed
        return self.browser.client.get(f"/oidc/{key}/callback", query_string=found)

    def log_in(self, sub: str, level: str = "account", key: str = "people", **query: str) -> TestResponse:
        return self.answer(self.begin(key, **query), sub, level, key)


@pytest.fixture
def person(app: flask.Flask, server: Server) -> Person:
    return Person(Browser(app), Visitor(server.home))


def link(world: World, app: flask.Flask, login: str, number: str) -> None:
    admin = Browser(app).log_in("admin")
    with world.platform.transaction(SYSTEM) as ctx:
        user = identity.find_user(ctx, login)
        assert user is not None
    answer = admin.put("/admin/identity-links", {"provider": "office", "userId": user.id, "number": number})
    assert answer.status_code == 200, answer.text


def assert_page(answer: TestResponse, status: int, code: str) -> None:
    """A refusal a person can read in both languages, without anything of a token in it."""
    assert answer.status_code == status, answer.text
    assert f'data-code="{code}"' in answer.text
    assert answer.text.count("<h1>") == 1
    assert '<section lang="en">' in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert "script" not in answer.headers["Content-Security-Policy"]
    assert "eyJ" not in answer.text
