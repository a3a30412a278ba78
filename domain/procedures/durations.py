"""时耗监测 (R-03.8): how long a case was in whose hands, by kind of work and site. The parts add up to the whole.

Every second from submission to the end belongs to exactly one part: to a stop of the clock, else to the work that was open then
(a partner's verification before the main site's review), else to the way between the sites.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

STOPPED: Final = "STOPPED"
TRANSFER: Final = "TRANSFER"
REVIEW: Final = "REVIEW"
VERIFY: Final = "VERIFY"
DELIVER: Final = "DELIVER"
APPLICANT: Final = "APPLICANT"
ORDER: Final = (STOPPED, VERIFY, REVIEW, DELIVER, APPLICANT, TRANSFER)
"""Of several things that go on at once the first here has the time."""


@dataclass(frozen=True, slots=True)
class Span:
    """Something that went on from ``since`` to ``until`` (None: it still does) at a site."""

    kind: str
    site_id: int
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Part:
    """The time of one kind at one site, in seconds."""

    kind: str
    site_id: int
    seconds: int


def divide(spans: Sequence[Span], since: datetime, until: datetime, idle_site: int) -> list[Part]:
    """The parts of the time from ``since`` to ``until``, which they add up to; what nothing covers is the way between the sites."""
    edges = {since, until}
    for span in spans:
        edges |= {moment for moment in (span.since, span.until or until) if since < moment < until}
    times = sorted(edges)
    total: dict[tuple[str, int], int] = {}
    whole = 0
    for number, begin in enumerate(times[:-1]):
        finish = times[number + 1]
        owner = _owner(spans, begin, finish, until, idle_site)
        # Whole seconds are counted from the beginning, so that rounding never makes the parts differ from the whole.
        passed = int((finish - since).total_seconds())
        total[owner] = total.get(owner, 0) + passed - whole
        whole = passed
    return sorted((Part(kind, site, seconds) for (kind, site), seconds in total.items()), key=_place)


def covered(spells: Iterable[tuple[datetime, datetime | None]], since: datetime, until: datetime) -> int:
    """How many seconds of the time from ``since`` to ``until`` lie in any of the spells (begin, end; None: not over)."""
    seconds, reached = 0.0, since
    for begin, end in sorted((max(begin, since), min(end or until, until)) for begin, end in spells):
        if end > max(begin, reached):
            seconds += (end - max(begin, reached)).total_seconds()
            reached = end
    return int(seconds)


def _owner(
    spans: Sequence[Span], begin: datetime, finish: datetime, until: datetime, idle_site: int
) -> tuple[str, int]:
    open_then = [span for span in spans if span.since <= begin and (span.until or until) >= finish]
    if not open_then:
        return TRANSFER, idle_site
    first = min(open_then, key=lambda span: (ORDER.index(span.kind), span.since, span.site_id))
    return first.kind, first.site_id


def _place(part: Part) -> tuple[int, int]:
    return ORDER.index(part.kind), part.site_id
