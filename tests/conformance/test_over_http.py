"""The same cases as test_vendor_cases, but through the product's HTTP interface: import, trial, tasks, messages, clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine

from api.app import create_app
from bootstrap.container import Platform
from bootstrap.settings import Settings
from domain.actors import SYSTEM, Role
from domain.identity import service as identity
from domain.identity.models import User
from domain.identity.passwords import hash_password
from tests.api.browser import PASSWORD, Browser
from tests.conformance.over_http import OverHttp
from tests.conformance.steps import cases, play
from tests.support.emptying import empty


@pytest.fixture(scope="module")
def designer(engine_sql: Engine, settings: Settings) -> Iterator[Browser]:
    unhurried = replace(settings, read_rate=None, write_rate=None, address_rate=None)  # one person makes all models
    platform = Platform(unhurried, engine_sql)
    with platform.transaction(SYSTEM) as ctx:
        person = User(login="designer", name="d", password_hash=hash_password(PASSWORD), created_at=ctx.clock.now())
        ctx.session.add(person)
        ctx.session.flush()
        identity.grant(ctx, person, Role.DESIGNER, None)
    yield Browser(create_app(platform)).log_in("designer")
    with engine_sql.begin() as connection:
        empty(connection)


@pytest.mark.parametrize("case", cases(), ids=lambda case: str(case["id"]))
def test_behaves_as_the_vendor_says(case: dict[str, Any], designer: Browser) -> None:
    play(case, OverHttp(designer))
