"""The year's notice of days off (国务院办公厅关于部分节假日安排的通知): read from a form, JSON, CSV or its own sentences, and checked."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from domain.deadlines.calendar import FRIDAY, NATION
from domain.deadlines.errors import NoticeUnreadable

LONGEST_TEXT: Final = 20_000
MOST_DAYS: Final = 200
LONGEST_SPAN: Final = 16
"""Days of one holiday; the longest so far had nine."""
BESIDE: Final = timedelta(days=7)
"""How far a notice reaches into the years beside it (元旦 that begins in December)."""
_DATE = re.compile(r"(?:(?P<year>\d{4})\s*年)?\s*(?:(?P<month>\d{1,2})\s*月)?\s*(?P<day>\d{1,2})\s*日")
_REST_WORDS: Final = frozenset({"休", "放假", "休息", "off", "rest", "holiday", "false", "0"})
_WORK_WORDS: Final = frozenset({"班", "上班", "调休", "调休上班", "work", "workday", "true", "1"})


@dataclass(frozen=True, slots=True)
class Span:
    """A holiday: its name, its first and last day off."""

    name: str
    first: date
    last: date

    def days(self) -> Iterable[date]:
        """Its days; of one that is far too long only so many."""
        return (self.first + timedelta(days=n) for n in range(min((self.last - self.first).days + 1, MOST_DAYS)))


@dataclass(frozen=True, slots=True)
class Notice:
    """Days off and 调休 workdays of a year, as published."""

    holidays: tuple[Span, ...]
    workdays: tuple[date, ...]
    number: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong (``error``: cannot be published) or unlikely (``warning``: to be confirmed) with a notice."""

    severity: str
    code: str
    text: str
    text_en: str


@lru_cache(maxsize=1)
def festivals() -> dict[str, Any]:
    """The days off by law: names with their days, and the law (``data/festivals.json``)."""
    found: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "festivals.json").read_text(encoding="utf-8"))
    return found


def entries(notice: Notice) -> list[dict[str, Any]]:
    """The days of a notice as a version keeps them: [{day, isWorkday, name}] in order."""
    found = {day: (False, span.name) for span in notice.holidays for day in span.days()}
    found |= {day: (True, _nearest(notice, day)) for day in notice.workdays}
    return [{"day": day.isoformat(), "isWorkday": works, "name": name} for day, (works, name) in sorted(found.items())]


def read(text: str, year: int) -> Notice:
    """A notice from JSON, CSV (``day,kind,name``) or the sentences of the notice itself. Raises :class:`NoticeUnreadable`."""
    if len(text) > LONGEST_TEXT:
        raise NoticeUnreadable("文本太长。", "The text is too long.", pointer="/text")
    stripped = text.strip().lstrip("\ufeff")
    try:
        if stripped.startswith("{"):
            notice = _from_json(json.loads(stripped), year)
        elif re.match(r"^\D{0,40}\d{4}-\d{2}-\d{2}\s*[,;\t]", stripped):
            notice = _from_csv(stripped)
        else:
            notice = _from_sentences(stripped, year)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise _unreadable() from None
    if not notice.holidays and not notice.workdays:
        raise _unreadable()
    return notice


def check(notice: Notice, region_code: str, year: int) -> list[Finding]:
    """Everything that is wrong or unlikely, errors first."""
    findings = [*_check_days(notice, year), *_check_doubles(notice)]
    if not notice.number.strip() or not notice.source.strip():
        findings.append(Finding("error", "source-missing", "没有写明文号和来源。", "Number or source is missing."))
    if region_code == NATION:
        findings += _check_nation(notice, year)
    elif not notice.holidays and not notice.workdays:
        findings.append(Finding("error", "empty", "没有任何日期。", "There is no day in it."))
    return sorted(findings, key=lambda finding: finding.severity != "error")


def _check_days(notice: Notice, year: int) -> Iterable[Finding]:
    first, last = date(year, 1, 1) - BESIDE, date(year, 12, 31) + BESIDE
    for span in notice.holidays:
        if span.last < span.first or (span.last - span.first).days >= LONGEST_SPAN:
            zh = f"“{span.name}”的起止日期不合理（{span.first} 至 {span.last}）。"
            yield Finding("error", "span", zh, f"{span.first} to {span.last} is no sensible holiday.")
        elif not first <= span.first <= span.last <= last or not {span.first.year, span.last.year} & {year}:
            zh = f"“{span.name}”不在 {year} 年内（{span.first} 至 {span.last}）。"
            yield Finding("error", "outside", zh, f"{span.first} to {span.last} is not in {year}.")
        if not span.name.strip():
            yield Finding(
                "error", "unnamed", f"{span.first} 的假期没有名称。", f"The holiday of {span.first} has no name."
            )
    for day in notice.workdays:
        if not first <= day <= last:
            yield Finding("error", "outside", f"上班日 {day} 不在 {year} 年内。", f"{day} is not in {year}.")


def _check_doubles(notice: Notice) -> Iterable[Finding]:
    listed = Counter(day for span in notice.holidays for day in span.days())
    listed.update(notice.workdays)
    for day in sorted(day for day, times in listed.items() if times > 1)[:10]:
        yield Finding("error", "duplicate", f"{day} 出现了不止一次。", f"{day} is listed more than once.")


def _check_nation(notice: Notice, year: int) -> Iterable[Finding]:
    for day in notice.workdays:
        if day.isoweekday() <= FRIDAY:
            zh = f"{day} 本来就是工作日（周一至周五），不需要调休上班。"
            yield Finding("error", "weekday", zh, f"{day} is a working day already.")
    law = festivals()
    off = sum(day.isoweekday() <= FRIDAY and day.year == year for span in notice.holidays for day in span.days())
    net = off - sum(day.year == year for day in notice.workdays)
    low, high = law["plausible"]["least"], law["plausible"]["most"]
    if not low <= net <= high:
        zh = f"全年放假净占用 {net} 个周一至周五（放假 {off} 天，调休上班 {off - net} 天），通常在 {low} 至 {high} 之间，请核对。"
        en = f"The year takes {net} weekdays net ({off} off, {off - net} made up); {low} to {high} is usual."
        yield Finding("warning", "total", zh, en)
    names = "".join(span.name for span in notice.holidays)
    for festival in law["festivals"]:
        if festival["name"].removesuffix("节") not in names:
            zh = f"没有“{festival['name']}”（{law['source']}）。"
            yield Finding("warning", "festival-missing", zh, f"{festival['nameEn']} is missing.")


def _from_json(data: Any, year: int) -> Notice:
    if "years" in data:
        data = data["years"][str(year)]
    spans = tuple(
        Span(str(row["name"])[:60], date.fromisoformat(row["from"]), date.fromisoformat(row.get("to", row["from"])))
        for row in data["holidays"][:MOST_DAYS]
    )
    days = data.get("adjustedWorkdays", data.get("workdays", []))
    workdays = tuple(date.fromisoformat(day) for day in days[:MOST_DAYS])
    return Notice(spans, workdays, str(data.get("number", ""))[:80], str(data.get("source", ""))[:300])


def _from_csv(text: str) -> Notice:
    rests: list[tuple[date, str]] = []
    works: list[date] = []
    sample = text.splitlines()[0]
    delimiter = next((mark for mark in "\t;," if mark in sample), ",")
    for number, row in enumerate(csv.reader(io.StringIO(text), delimiter=delimiter)):
        cells = [cell.strip() for cell in row]
        if not any(cells):
            continue
        if number == 0 and not cells[0][:4].isdigit():
            continue
        kind = cells[1].lower()
        if kind in _WORK_WORDS:
            works.append(date.fromisoformat(cells[0]))
        elif kind in _REST_WORDS:
            rests.append((date.fromisoformat(cells[0]), cells[2][:60] if len(cells) > 2 else ""))  # noqa: PLR2004
        else:
            raise ValueError(kind)
        if len(rests) + len(works) > MOST_DAYS:
            raise ValueError(number)
    return Notice(tuple(_joined(sorted(rests))), tuple(works))


def _joined(rests: list[tuple[date, str]]) -> Iterable[Span]:
    """Days in a row with one name are one holiday."""
    current: Span | None = None
    for day, name in rests:
        if current and current.name == name and day - current.last == timedelta(days=1):
            current = Span(name, current.first, day)
            continue
        if current:
            yield current
        current = Span(name, day, day)
    if current:
        yield current


def _from_sentences(text: str, year: int) -> Notice:
    """“二、春节：2月15日（周日）至23日（周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。”"""
    spans: list[Span] = []
    works: list[date] = []
    name = ""
    number = re.search(r"国办发明电〔\d{4}〕\d+号", text)
    for sentence in re.split(r"[。\n；;]", text):
        plain = re.sub(r"[（(][^）)]*[）)]", "", sentence)
        if named := re.search(
            r"(?:[一二三四五六七八九十]+、)?\s*([^\d：:，。、]{2,5}(?:、[^\d：:，。]{2,5})?)[：:]", plain
        ):
            name = named[1]
        # 元旦 that begins in December, written without its year, begins in the year before.
        days = _dates(plain, year - 1 if name.startswith("元旦") and plain.split("月")[0].endswith("12") else year)
        if "放假" in plain and days:
            spans.append(Span(name, days[0], days[-1]))
        elif "上班" in plain:
            works += days
    return Notice(tuple(spans[:MOST_DAYS]), tuple(works[:MOST_DAYS]), number[0] if number else "")


def _dates(sentence: str, year: int) -> list[date]:
    """The dates of a sentence: a later one without year or month takes that of the one before."""
    found: list[date] = []
    at_year, month = year, 0
    for part in _DATE.finditer(sentence):
        before = month
        month = int(part["month"] or month)
        at_year = int(part["year"]) if part["year"] else at_year + (found != [] and month < before)
        found.append(date(at_year, month, int(part["day"])))
    return found


def _nearest(notice: Notice, day: date) -> str:
    """The holiday that a 调休 workday makes up for: the nearest one."""
    spans = [span for span in notice.holidays if span.name]
    if not spans:
        return ""
    return min(spans, key=lambda span: min(abs((span.first - day).days), abs((day - span.last).days))).name


def _unreadable() -> NoticeUnreadable:
    return NoticeUnreadable(
        "没有认出放假安排。",
        "No arrangement of days off was recognised.",
        pointer="/text",
    )
