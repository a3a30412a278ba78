"""Numbers (DOMAIN §3.6): 办件编号, 业务协同编号, 查询码, 文书编号. Running parts come from rows of ``counters``.

文书编号, 监察编号 and certificates run without gaps: the row stays locked until the step commits, and a step that fails gives its number
back. A step takes them under the lock of its site, so that two steps that want several never wait for each other in a circle.
办件编号 and 业务协同编号 only have to be unique and to grow: they are drawn in a transaction of their own (:data:`domain.context.Draw`), so
that cases opened at one site at the same moment do not wait for each other's commit. An opening that fails leaves a gap.

The case number is a strategy: an item with an official 31-digit 实施编码 numbers as found in practice (43 characters), any other
provisionally from region, organisation and item.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from domain.clock import CHINA
from domain.context import Context
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


NUMBERS_LOCK = 4707
"""First key of the advisory locks of sites; the second is the site's number."""
_TAKE = Statement(
    insert(Counter)
    .values(name=bindparam("name"), period=bindparam("period"), value=1)
    .on_conflict_do_update(index_elements=["name", "period"], set_={"value": Counter.value + 1})
    .returning(Counter.value)
)
_TAKE_AT_SITE = Statement(
    f"""
    with held as materialized (select pg_advisory_xact_lock({NUMBERS_LOCK}, %(site)s))
    insert into counters as c (name, period, value) select %(name)s, %(period)s, 1 from held
    on conflict (name, period) do update set value = c.value + 1 returning value
    """  # noqa: S608 -- a number of ours
)


def take(session: Session, site: Site, name: str, period: str) -> int:
    """The next number of a series of ``site``, from 1, without gaps: its row stays locked until the transaction ends."""
    [(value,)] = _TAKE_AT_SITE.rows(session, {"site": site.id, "name": name, "period": period})
    return int(value)


def case_number(ctx: Context, item: NumberedItem, site: Site, at: datetime) -> str:
    """A new 办件编号 of a leg at ``site``, dated by the civil day of ``at``."""
    prefix = case_prefix(item, site)
    [serial] = _draw(ctx, [(f"case:{prefix}", _day(at))])
    return f"{prefix}{_day(at)}{serial:04d}"


def opening_numbers(ctx: Context, item: NumberedItem, site: Site, at: datetime) -> tuple[str, str]:
    """A new 办件编号 and 业务协同编号. The latter is made by the main site: region, organisation, day, item, six-digit serial."""
    prefix, shared, day = case_prefix(item, site), f"{site.region_code[:6]}{_tail(site)}", _day(at)
    serial, joint = _draw(ctx, [(f"case:{prefix}", day), (f"collab:{shared}", day)])
    return f"{prefix}{day}{serial:04d}", f"{shared}{day}{item.no:02d}{joint:06d}"


def case_prefix(item: NumberedItem, site: Site) -> str:
    """What stands before day and serial of a 办件编号: the official code, or region, organisation and item."""
    if len(item.implementation_code or "") == IMPLEMENTATION_CODE_LENGTH:
        return str(item.implementation_code)
    return f"{site.region_code[:6]}{_tail(site)}{item.no:02d}"


def is_provisional(case_no: str) -> bool:
    """Whether a number was made without an official 实施编码."""
    return len(case_no) < IMPLEMENTATION_CODE_LENGTH + len("20260101") + 4


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
    return f"{prefix}〔{year}〕{take(session, site, f'document:{prefix}', year)}号"


def order_number(session: Session, site: Site, letter: str, at: datetime) -> str:
    """A new 监察编号 of an urge or supervision order: region, letter, day, serial."""
    prefix = f"{site.region_code[:6]}{letter}"
    return f"{prefix}{_day(at)}{take(session, site, f'order:{prefix}', _day(at)):05d}"


def _draw(ctx: Context, series: Sequence[tuple[str, str]]) -> list[int]:
    """Numbers that may have gaps; in the step itself, in the order of their names, where it cannot be outside."""
    drawn = ctx.draw(series) if ctx.draw is not None else None
    if drawn is not None:
        return drawn
    taken = {each: _TAKE.rows(ctx.session, {"name": each[0], "period": each[1]})[0][0] for each in sorted(series)}
    return [int(taken[each]) for each in series]


def _tail(site: Site) -> str:
    """The end of the organisation's 统一社会信用代码; a site without one stands under its own number."""
    return site.uscc[-ORG_TAIL:] if site.uscc else f"{site.id:0{ORG_TAIL}d}"


def _day(at: datetime) -> str:
    return at.astimezone(CHINA).strftime("%Y%m%d")
