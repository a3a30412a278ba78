"""Calendars as the expression kernel reads them: per year the days that are not as their weekday says (docs/dialect.md, working days).

``{"region": "532622", "years": {"2026": "0101010202140216…"}}``: month and day of each exception in order. A year that nobody gave
notice of is not there and is Monday to Friday.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import cached_property, lru_cache, partial
from typing import TYPE_CHECKING, Any, Final

from domain.deadlines import rules
from domain.deadlines.calendar import (
    FIRST_OFFICIAL_YEAR,
    FRIDAY,
    LAST_OFFICIAL_YEAR,
    NATION,
    Calendar,
    load,
    official_workday,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

SITE: Final = "workCalendar"
"""The name of the acting site's calendar in expressions."""
COUNTRY: Final = "nationalCalendar"
"""The name of the nation's calendar in expressions."""


class Handed(Mapping[str, Any]):
    """A calendar for expressions, read when the first of them asks: a step without working days costs nothing more."""

    def __init__(self, read: Callable[[], Mapping[str, Any]]) -> None:
        self._read = read

    @cached_property
    def _value(self) -> Mapping[str, Any]:
        return self._read()

    def __getitem__(self, key: str) -> Any:
        return self._value[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._value)

    def __len__(self) -> int:
        return len(self._value)


def calendars(session: Session, region_code: str) -> dict[str, Handed]:
    """The constants of expressions that hold calendars: the acting site's and the nation's."""
    return {SITE: Handed(partial(_kept, session, region_code)), COUNTRY: Handed(partial(_kept, session, NATION))}


def packed(calendar: Calendar) -> dict[str, Any]:
    """A calendar in the kernel's shape, with all years that notices or overrides are known for."""
    years = {day.year for day in calendar.overrides} | calendar.published
    days = {year: set(_official(year)) for year in range(FIRST_OFFICIAL_YEAR, LAST_OFFICIAL_YEAR + 1)}
    days.update({year: set() for year in years if year in calendar.published or year not in days})
    for day, works in calendar.overrides.items():
        (days[day.year].discard if works == _weekday(day) else days[day.year].add)(day)
    return {
        "region": calendar.region_code,
        "years": {str(year): "".join(f"{day:%m%d}" for day in sorted(days[year])) for year in sorted(days)},
    }


def _kept(session: Session, region_code: str) -> Mapping[str, Any]:
    """Built once per edition of the rules."""
    kept: Mapping[str, Any] = rules.remembered(
        session, ("calendar.handed", region_code), lambda: packed(load(session, region_code))
    )
    return kept


@lru_cache(maxsize=64)
def _official(year: int) -> frozenset[date]:
    """The exceptions of a shipped notice."""
    first = date(year, 1, 1)
    days = (first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days))
    return frozenset(day for day in days if official_workday(day) != _weekday(day))


def _weekday(day: date) -> bool:
    return day.isoweekday() <= FRIDAY
