"""Timer cycles as cron expressions: five fields as in Unix, or six (seven with the year) as in Spring and Quartz, seconds first.

Days of the week are names, or numbers from 0 (Sunday, also 7). With five fields a restricted day of month and day of week are
alternatives, as in Unix; with seconds both must hold, as in Spring. ``L``, ``15W`` and ``FRI#2`` work, ``5L`` means the last Friday.
Times are those of the environment's zone.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo

from croniter import CroniterError, croniter

FIELD = re.compile(r"(?:[\d*?,/#-]|(?<![A-Z])[A-Z]{3}(?![A-KM-Z])|L-?|(?<=\d)W)+", re.IGNORECASE)
MACROS = frozenset({"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"})
LAST = re.compile(r"^(?P<day>[0-7]|[A-Z]{3})L$", re.IGNORECASE)
DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
UNIX_FIELDS = 5
YEAR_FIELDS = 7
LONGEST = 120
SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)


def is_cron(text: str) -> bool:
    """Whether the text looks like a cron expression (it may still be a wrong one)."""
    return text.startswith("@") or len(text.split()) >= UNIX_FIELDS


def is_valid(text: str) -> bool:
    """Whether the expression can be read and ever falls due."""
    fields = text.split()
    if len(text) > LONGEST:
        return False
    if text.startswith("@"):
        return text in MACROS
    if not UNIX_FIELDS <= len(fields) <= YEAR_FIELDS or not all(FIELD.fullmatch(field) for field in fields):
        return False
    try:
        next_after(text, SOME_DAY, UTC)
    except ValueError:
        return False
    return True


def _last(found: re.Match[str]) -> str:
    """``5L`` and ``FRIL`` as croniter writes them: ``L5``."""
    day = found["day"].upper()
    return f"L{DAYS.index(day)}" if day in DAYS else f"L{day}"


def next_after(text: str, moment: datetime, zone: tzinfo) -> datetime:
    """The next time after ``moment``. Raises ValueError when there is none or the text is no cron expression."""
    fields = text.split()
    with_seconds = len(fields) > UNIX_FIELDS
    if with_seconds:
        fields[5] = LAST.sub(_last, fields[5])
    try:
        found: datetime = croniter(
            " ".join(fields), moment.astimezone(zone), second_at_beginning=True, day_or=not with_seconds
        ).get_next(datetime)
    except (CroniterError, ValueError, TypeError, KeyError, OverflowError) as error:
        raise ValueError(str(error)) from error
    return found.astimezone(UTC)
