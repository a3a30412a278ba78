"""Numbers (DOMAIN §3.6): 办件编号, 业务协同编号, 查询码, 文书编号. Running parts come from counter rows under lock.

The case number is a strategy: an item with an official 31-digit 实施编码 numbers as found in practice (43 characters), any other
provisionally from region, organisation and item.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from domain.clock import CHINA
from domain.sites.models import Counter, Site
from domain.statements import Statement

IMPLEMENTATION_CODE_LENGTH = 31
QUERY_CODE_DIGITS = 12
ORG_TAIL = 8


class NumberedItem(Protocol):
    """What numbering needs to know of an item."""

    @property
    def no(self) -> int:
        """Number in the plan."""

    @property
    def implementation_code(self) -> str | None:
        """实施编码 when official."""


_TAKE = Statement(
    insert(Counter)
    .values(name=bindparam("name"), period=bindparam("period"), value=1)
    .on_conflict_do_update(index_elements=["name", "period"], set_={"value": Counter.value + 1})
    .returning(Counter.value)
)
CaseNumbering = Callable[[Session, NumberedItem, Site, str], str]


def take(session: Session, name: str, period: str) -> int:
    """The next number of a series, from 1. The series' row stays locked until the transaction ends, so there are no gaps."""
    [(value,)] = _TAKE.rows(session, {"name": name, "period": period})
    return int(value)


def case_number(session: Session, item: NumberedItem, site: Site, at: datetime) -> str:
    """A new 办件编号 of a leg at ``site``, dated by the civil day of ``at``."""
    strategy = _official if len(item.implementation_code or "") == IMPLEMENTATION_CODE_LENGTH else _provisional
    return strategy(session, item, site, _day(at))


def is_provisional(case_no: str) -> bool:
    """Whether a number was made without an official 实施编码."""
    return len(case_no) < IMPLEMENTATION_CODE_LENGTH + len("20260101") + 4


def collab_number(session: Session, item: NumberedItem, site: Site, at: datetime) -> str:
    """A new 业务协同编号, made by the main site: region, organisation, day, item, six-digit serial."""
    prefix = f"{site.region_code[:6]}{_tail(site)}"
    serial = take(session, f"collab:{prefix}", _day(at))
    return f"{prefix}{_day(at)}{item.no:02d}{serial:06d}"


def query_code(is_taken: Callable[[str], bool] = lambda _: False) -> str:
    """A new 查询码: twelve digits from the system's randomness."""
    while True:
        code = f"{secrets.randbelow(10**QUERY_CODE_DIGITS):0{QUERY_CODE_DIGITS}d}"
        if not is_taken(code):
            return code


def document_number(session: Session, site: Site, word: str, at: datetime) -> str:
    """A new 文书编号 such as 砚公户迁〔2026〕12号: 机关代字, 文书代字, year, running number per unit and year."""
    prefix = f"{site.document_word or site.short_name}{word}"
    year = _day(at)[:4]
    return f"{prefix}〔{year}〕{take(session, f'document:{prefix}', year)}号"


def order_number(session: Session, site: Site, letter: str, at: datetime) -> str:
    """A new 监察编号 of an urge or supervision order: region, letter, day, serial."""
    prefix = f"{site.region_code[:6]}{letter}"
    return f"{prefix}{_day(at)}{take(session, f'order:{prefix}', _day(at)):05d}"


def _official(session: Session, item: NumberedItem, site: Site, day: str) -> str:
    del site
    return f"{item.implementation_code}{day}{take(session, f'case:{item.implementation_code}', day):04d}"


def _provisional(session: Session, item: NumberedItem, site: Site, day: str) -> str:
    prefix = f"{site.region_code[:6]}{_tail(site)}{item.no:02d}"
    return f"{prefix}{day}{take(session, f'case:{prefix}', day):04d}"


def _tail(site: Site) -> str:
    """The end of the organisation's 统一社会信用代码; a site without one stands under its own number."""
    return site.uscc[-ORG_TAIL:] if site.uscc else f"{site.id:0{ORG_TAIL}d}"


def _day(at: datetime) -> str:
    return at.astimezone(CHINA).strftime("%Y%m%d")
