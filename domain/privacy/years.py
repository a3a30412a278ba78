"""Years of keeping, by the calendar of China."""

from __future__ import annotations

from datetime import datetime

from domain.clock import CHINA


def years_after(moment: datetime, years: int) -> datetime:
    """The same day of a later year in China; 29 February becomes 1 March."""
    local = moment.astimezone(CHINA)
    try:
        return local.replace(year=local.year + years)
    except ValueError:
        return local.replace(year=local.year + years, month=3, day=1)


def years_before(moment: datetime, years: int) -> datetime:
    """The same day of an earlier year in China."""
    return years_after(moment, -years)
