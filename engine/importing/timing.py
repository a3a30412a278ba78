"""Timers of other engines: expressions, end dates of cycles, days of the week as Quartz counts them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from engine import cron
from engine.importing import expressions
from engine.importing.vendors import is_vendor
from engine.source.names import local

if TYPE_CHECKING:
    from lxml.etree import _Element

    from engine.importing.report import Report
    from engine.importing.vendors import Part

_DAY = re.compile(r"(?<![/#\d])[1-7](?!\d)")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_DAYS_AT = 5
_SECONDS_FIRST = 6


def timer(owner: _Element, inner: Part, report: Report, *, vendor: bool) -> None:
    """Durations, dates and cycles. Quartz counts the days of the week from 1 (Sunday), we from 0: names say the same in both."""
    for text in inner.element:
        if local(text.tag) not in {"timeDuration", "timeDate", "timeCycle"}:
            continue
        before = (text.text or "").strip()
        if expressions.has_expression(before):
            text.text = report.tried("timer", owner, before, expressions.value)
        elif vendor and local(text.tag) == "timeCycle" and cron.is_cron(before):
            _count_days(owner, text, before, report)
        end = next((k for k in text.attrib if is_vendor(k) and local(k) == "endDate"), None)
        if end is not None:
            _end(owner, text, str(text.get(end)), report)


def _count_days(owner: _Element, text: _Element, before: str, report: Report) -> None:
    fields = before.split()
    if len(fields) < _SECONDS_FIRST:
        return
    fields[_DAYS_AT] = _DAY.sub(lambda found: _DAYS[int(found[0]) - 1], fields[_DAYS_AT])
    after = " ".join(fields)
    if after != " ".join(before.split()):
        text.text = after
        report.converted("timer", owner, before, after)


def _end(owner: _Element, text: _Element, end: str, report: Report) -> None:
    """A repeating interval carries its end itself."""
    cycle = (text.text or "").strip()
    if cycle.endswith(f"/{end}"):
        return
    if cycle.startswith("R") and not expressions.has_expression(end) and cycle.count("/") in {1, 2}:
        text.text = f"{cycle}/{end}"
        report.converted("timer", owner, f"{cycle}, endDate {end}", text.text)
    else:
        report.manual("decide", owner, end, name="endDate")
