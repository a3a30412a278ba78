"""Changes of calendars as :data:`domain.recomputation.service.Write`: a year published or brought back, a day set or taken back."""

from __future__ import annotations

from datetime import date
from typing import Any

from domain.context import Context
from domain.deadlines import publishing
from domain.deadlines.calendar import NATION
from domain.deadlines.notices import Notice
from domain.deadlines.publishing import Effect
from domain.errors import NotFound
from domain.recomputation.scope import Scope
from domain.recomputation.service import Write


def publishing_year(region_code: str, year: int, notice: Notice, reason: str, *, confirmed: bool = False) -> Write:
    """Publish a year of a region."""

    def write(ctx: Context) -> Scope | None:
        row, effect = publishing.publish(ctx, region_code, year, notice, reason, confirmed=confirmed)
        detail = {"region": region_code, "year": year, "version": row.version}
        return _scope(effect, "calendar.published", reason, f"{row.source} {row.number}".strip(), detail)

    return write


def reverting_year(region_code: str, year: int, version: int, reason: str) -> Write:
    """Bring back a version of a year; 0 withdraws it."""

    def write(ctx: Context) -> Scope | None:
        row, effect = publishing.revert(ctx, region_code, year, version, reason)
        cause = "calendar.withdrawn" if row.is_withdrawn else "calendar.published"
        detail = {"region": region_code, "year": year, "version": row.version}
        return _scope(effect, cause, reason, f"{row.source} {row.number}".strip(), detail)

    return write


def setting_day(region_code: str, day: date, *, is_workday: bool, reason: str) -> Write:
    """Set one day of a region."""

    def write(ctx: Context) -> Scope | None:
        effect = publishing.put_day(ctx, region_code, day, is_workday=is_workday, reason=reason)
        detail = {"region": region_code, "day": day.isoformat()}
        return _scope(effect, "calendar.changed", reason, _ground(region_code, reason), detail)

    return write


def removing_day(region_code: str, day: date, reason: str = "") -> Write:
    """Take the override of a day back. Raises :class:`NotFound`."""

    def write(ctx: Context) -> Scope | None:
        effect = publishing.remove_day(ctx, region_code, day)
        if effect is None:
            raise NotFound("这一天没有调整。", "This day has no override.")
        words = reason or f"取消对{day.isoformat()}的日历调整"
        detail = {"region": region_code, "day": day.isoformat()}
        return _scope(effect, "calendar.reverted", words, _ground(region_code, words), detail)

    return write


def _ground(region_code: str, reason: str) -> str:
    return reason if region_code == NATION else f"当地依法放假安排：{reason}"


def _scope(effect: Effect, cause: str, reason: str, ground: str, detail: dict[str, Any]) -> Scope | None:
    scope = Scope.of_calendar(effect, cause, reason, ground, detail)
    return None if scope.is_empty else scope
