"""Years of a region's calendar as versions: published by a notice or decree, compared, brought back, withdrawn (R-14.4).

Versions are only added; the newest is in force. Nothing here moves a date: :mod:`domain.recomputation` does.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select, update

from domain.audit import service as audit
from domain.context import Context
from domain.deadlines import notices
from domain.deadlines.calendar import NATION, Calendar, forget, load
from domain.deadlines.errors import NothingToRevert, NoticeRefused
from domain.deadlines.models import CalendarDay, CalendarVersion
from domain.deadlines.notices import Finding, Notice

LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class Difference:
    """A day that two versions see differently; None: the version does not name it."""

    day: date
    before: bool | None
    after: bool | None
    name: str


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change of a calendar does to the region's days: which are worked or not now, and whether the year became certain."""

    region_code: str
    days: tuple[date, ...]
    settled_years: tuple[int, ...] = ()

    @property
    def first(self) -> date | None:
        """The first day that counts otherwise than before."""
        years = [date(year, 1, 1) for year in self.settled_years]
        return min([*self.days, *years], default=None)

    @property
    def last(self) -> date | None:
        """The last such day."""
        years = [date(year, 12, 31) for year in self.settled_years]
        return max([*self.days, *years], default=None)


def publish(
    ctx: Context, region_code: str, year: int, notice: Notice, reason: str, *, confirmed: bool = False
) -> tuple[CalendarVersion, Effect]:
    """A new version of the region's year, in force at once. Raises :class:`NoticeRefused` with the findings."""
    findings = notices.check(notice, region_code, year)
    if any(finding.severity == "error" for finding in findings) or (findings and not confirmed):
        raise refusal(findings)
    days = notices.entries(notice)
    return _add(ctx, region_code, year, days, reason, number=notice.number.strip(), source=notice.source.strip())


def revert(ctx: Context, region_code: str, year: int, version: int, reason: str) -> tuple[CalendarVersion, Effect]:
    """Bring the days of a version back as a new version; version 0 withdraws the year (the shipped notice counts again).

    Raises :class:`NothingToRevert`.
    """
    versions = list_versions(ctx, region_code, year)
    current = next((row for row in versions if row.in_force), None)
    if current is None or current.version == version or (version == 0 and current.is_withdrawn):
        raise NothingToRevert("这个版本正在使用，或者没有可以恢复的版本。", "It is in force, or there is none.")
    if version == 0:
        return _add(ctx, region_code, year, [], reason, withdrawn=True)
    old = next((row for row in versions if row.version == version), None)
    if old is None:
        raise NothingToRevert(f"没有第 {version} 版。", f"There is no version {version}.")
    return _add(
        ctx, region_code, year, old.days, reason, number=old.number, source=old.source,
        withdrawn=old.is_withdrawn, reverts=version,
    )  # fmt: skip


def list_versions(ctx: Context, region_code: str, year: int) -> Sequence[CalendarVersion]:
    """All versions of a region's year, newest first."""
    mine = select(CalendarVersion).where(CalendarVersion.region_code == region_code, CalendarVersion.year == year)
    return list(ctx.session.scalars(mine.order_by(CalendarVersion.version.desc())))


def compare(before: Collection[Mapping[str, Any]], after: Collection[Mapping[str, Any]]) -> list[Difference]:
    """The days that two versions see differently, in order."""
    old = {row["day"]: row for row in before}
    new = {row["day"]: row for row in after}
    found = []
    for day in sorted(old.keys() | new.keys()):
        was, now = old.get(day), new.get(day)
        if was is None or now is None or was["isWorkday"] != now["isWorkday"]:
            name = str((now or was or {}).get("name", ""))
            found.append(
                Difference(
                    date.fromisoformat(day),
                    None if was is None else bool(was["isWorkday"]),
                    None if now is None else bool(now["isWorkday"]),
                    name,
                )
            )
    return found


def put_day(ctx: Context, region_code: str, day: date, *, is_workday: bool, reason: str) -> Effect:
    """Set a day of a region by hand (``CN`` for all), above every published year of that region."""
    before = load(ctx.session, region_code)
    row = ctx.session.get(CalendarDay, (region_code, day))
    was = None if row is None else row.is_workday
    if row is None:
        row = CalendarDay(region_code=region_code, day=day)
        ctx.session.add(row)
    row.is_workday, row.reason = is_workday, reason.strip()[:200]
    ctx.session.flush()
    data = {"region": region_code, "day": day.isoformat(), "from": was, "isWorkday": is_workday, "reason": row.reason}
    audit.record(ctx, "calendar.changed", data=data)
    return _effect(ctx, before, day.year)


def remove_day(ctx: Context, region_code: str, day: date) -> Effect | None:
    """Take a day's override back; None when there is none."""
    before = load(ctx.session, region_code)
    row = ctx.session.get(CalendarDay, (region_code, day))
    if row is None:
        return None
    was = row.is_workday
    ctx.session.delete(row)
    ctx.session.flush()
    audit.record(ctx, "calendar.reverted", data={"region": region_code, "day": day.isoformat(), "from": was})
    return _effect(ctx, before, day.year)


def refusal(findings: Sequence[Finding]) -> NoticeRefused:
    """The findings as a problem."""
    listed = [finding for finding in findings if finding.severity == "error"] or list(findings)
    zh = "".join(finding.text for finding in listed[:5])
    return NoticeRefused(zh, " ".join(finding.text_en for finding in listed[:5]), pointer="/holidays")


def _add(
    ctx: Context, region_code: str, year: int, days: list[Any], reason: str, *, number: str = "", source: str = "",
    withdrawn: bool = False, reverts: int | None = None,
) -> tuple[CalendarVersion, Effect]:  # fmt: skip
    before = load(ctx.session, region_code)
    mine = (CalendarVersion.region_code == region_code, CalendarVersion.year == year)
    # Two who publish at once follow each other.
    ctx.session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"calendar:{region_code}:{year}"))))
    newest = ctx.session.scalar(select(func.max(CalendarVersion.version)).where(*mine)) or 0
    ctx.session.execute(update(CalendarVersion).where(*mine, CalendarVersion.in_force).values(in_force=False))
    row = CalendarVersion(
        region_code=region_code,
        year=year,
        version=newest + 1,
        in_force=True,
        is_withdrawn=withdrawn,
        number=number[:80],
        source=source[:300],
        days=days,
        reason=reason.strip()[:LONGEST_REASON],
        reverts=reverts,
        published_by=ctx.actor.user_id or None,
        publisher=ctx.actor.name[:60],
        published_at=ctx.clock.now(),
    )
    ctx.session.add(row)
    ctx.session.flush()
    data = {"region": region_code, "year": year, "version": row.version, "number": row.number, "reason": row.reason}
    audit.record(ctx, "calendar.withdrawn" if withdrawn else "calendar.published", data=data)
    return row, _effect(ctx, before, year)


def _effect(ctx: Context, before: Calendar, year: int) -> Effect:
    forget(ctx.session)
    after = load(ctx.session, before.region_code)
    first = date(year, 1, 1) - notices.BESIDE
    days = [first + timedelta(days=n) for n in range(366 + 2 * notices.BESIDE.days)]
    changed = tuple(day for day in days if before.is_workday(day) != after.is_workday(day))
    middle = date(year, 7, 1)
    turned = before.is_provisional(middle) != after.is_provisional(middle)
    return Effect(before.region_code, changed, (year,) if turned and before.region_code == NATION else ())
