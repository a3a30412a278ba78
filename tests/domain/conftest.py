"""What tests of the domain's nouns share: a fixed clock, a context on the rolled-back session, two sites in two provinces."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from sqlalchemy.orm import Session

from domain.actors import SYSTEM
from domain.clock import FixedClock
from domain.context import Context, Handlers
from domain.identity import service as identity
from domain.identity.models import User
from domain.sites import service as sites
from domain.sites.models import Site

ContextFor = Callable[[User], Context]


@pytest.fixture
def clock() -> FixedClock:
    """Monday 2026-03-02, ten o'clock in China: a plain working day."""
    return FixedClock(datetime(2026, 3, 2, 2, 0, tzinfo=UTC))


@pytest.fixture
def ctx(session: Session, clock: FixedClock) -> Context:
    """A command's context as the system; engine and kernel are absent: nouns that need them say so."""
    missing = cast("Any", None)
    return Context(session=session, actor=SYSTEM, engine=missing, forms=missing, clock=clock, handlers=Handlers())


@pytest.fixture
def regions(ctx: Context) -> None:
    """The regions of two counties, with their parents."""
    sites.register_regions(
        ctx,
        [
            ("530000", "云南省", None),
            ("532600", "文山壮族苗族自治州", "530000"),
            ("532622", "砚山县", "532600"),
            ("440000", "广东省", None),
            ("440600", "佛山市", "440000"),
            ("440606", "顺德区", "440600"),
        ],
    )


@pytest.fixture
def main_site(ctx: Context, regions: None) -> Site:
    """A police station in Yunnan."""
    del regions
    return sites.register_site(
        ctx,
        "test-yanshan-police",
        "532622",
        "police",
        "砚山县公安局",
        "砚山公安",
        document_word="砚公户",
        phone="0876-0000000",
    )


@pytest.fixture
def partner_site(ctx: Context, regions: None) -> Site:
    """A police station in Guangdong."""
    del regions
    return sites.register_site(
        ctx, "test-shunde-police", "440606", "police", "佛山市公安局顺德分局", "顺德公安", document_word="顺公户"
    )


@pytest.fixture
def context_for(ctx: Context) -> ContextFor:
    """The same context under another person."""

    def of(user: User) -> Context:
        return replace(ctx, actor=identity.actor_for(ctx.session, user))

    return of
