from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from threading import Barrier
from typing import Any

from sqlalchemy import select

from bootstrap.container import Platform
from domain.actors import SYSTEM
from domain.certificates import service as certificates
from domain.certificates.errors import ValidCertificateExists
from domain.certificates.models import Certificate
from domain.registrations import service as registrations
from domain.registrations.models import Registration
from domain.registrations.service import RegistrationState
from domain.sites import numbering
from domain.sites import service as sites
from domain.sites.models import Site

PERSON = {"idNo": "532622198502030000", "name": "测试父"}
AT_ONCE = 4


@dataclass
class Tried:
    won: int = 0
    refused: int = 0


def race(platform: Platform, act: Any, refusal: type[Exception]) -> Tried:
    """The same act by several connections at the same moment."""
    gate, tried = Barrier(AT_ONCE), Tried()

    def one(number: int) -> None:
        gate.wait()
        try:
            with platform.transaction(SYSTEM) as ctx:
                act(ctx, number)
        except refusal:
            tried.refused += 1
        else:
            tried.won += 1

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(one, range(AT_ONCE)))
    return tried


def places(platform: Platform) -> None:
    with platform.transaction(SYSTEM) as ctx:
        sites.register_regions(ctx, [("530000", "云南省", None)])
        for number in range(AT_ONCE):
            sites.register_site(ctx, f"site{number}", "530000", "water", f"机构{number}", f"机构{number}")


def test_of_several_issues_at_once_one_wins(platform: Platform) -> None:
    places(platform)

    def issue(ctx: Any, number: int) -> None:
        site = sites.get_site(ctx, f"site{number}")
        certificates.register(ctx, site, "water-safety-B", PERSON, {}, valid_until=date(2030, 1, 1))

    tried = race(platform, issue, ValidCertificateExists)
    assert (tried.won, tried.refused) == (1, AT_ONCE - 1)
    with platform.transaction(SYSTEM) as ctx:
        assert len(ctx.session.scalars(select(Certificate)).all()) == 1


def test_nobody_is_registered_twice_at_once(platform: Platform) -> None:
    places(platform)

    def register(ctx: Any, number: int) -> None:
        registrations.register(ctx, sites.get_site(ctx, f"site{number}"), PERSON)

    tried = race(platform, register, RegistrationState)
    assert (tried.won, tried.refused) == (1, AT_ONCE - 1)
    with platform.transaction(SYSTEM) as ctx:
        assert len(ctx.session.scalars(select(Registration)).all()) == 1


def test_numbers_are_given_once_and_without_gaps(platform: Platform) -> None:
    places(platform)
    given: list[str] = []

    def number_it(ctx: Any, _: int) -> None:
        site = ctx.session.scalars(select(Site).where(Site.code == "site0")).one()
        given.append(numbering.document_number(ctx.session, site, "收", ctx.clock.now()))

    race(platform, number_it, RuntimeError)
    assert sorted(int(text.rsplit("〕", 1)[1].removesuffix("号")) for text in given) == [1, 2, 3, 4]
