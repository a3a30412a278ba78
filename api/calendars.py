"""Working calendars: a region's year, its versions, publishing with preview, single days, and what is being set anew."""

from __future__ import annotations

from datetime import date
from typing import Any

from api.auth import guard
from api.calendar_shapes import (
    CalendarAnswer,
    CalendarChangeAnswer,
    CalendarDayAnswer,
    CalendarQuery,
    CalendarVersionList,
    CoverageAnswer,
    DatesPreviewAnswer,
    DayBody,
    DayTry,
    NoticeBody,
    NoticeText,
    PublishYearBody,
    ReadNoticeAnswer,
    ReasonQuery,
    RecomputationAnswer,
    RecomputationList,
    RevertYearBody,
    preview_answer,
)
from api.entry import Routes
from api.problems import ApiError, Problem
from domain.actors import Role
from domain.context import Context
from domain.deadlines import calendar, notices, publishing, queries
from domain.deadlines.models import CalendarVersion, Recomputation
from domain.deadlines.notices import Notice
from domain.errors import Forbidden, NotFound
from domain.recomputation import calendars, coverage, service
from domain.sites import queries as sites

routes = Routes("calendars", "工作日历 Working calendars")
YEARS_AHEAD = 10


class BadDay(ApiError):
    """The address does not name a day (422)."""

    def __init__(self) -> None:
        detail = "日期应写成 2026-05-01。"
        super().__init__(Problem(422, "bad-day", detail, "Write the day as 2026-05-01.", pointer="/path/day"))


@routes.on("GET", "/admin/calendar", answer=CalendarAnswer, query=CalendarQuery)
@guard("calendar:read")
def get_calendar(ctx: Context, query: dict[str, Any]) -> dict[str, Any]:
    """日历 A region's working days of a year, and where they come from."""
    region, year = query["region"], _year(query["year"])
    days = queries.list_days(ctx.session, region, year)
    return {
        "region": region,
        "year": year,
        "provisional": any(day.provisional for day in days),
        "source": _source(ctx, year),
        "workdays": sum(day.is_workday for day in days),
        "may_edit": _may_edit(ctx, region),
        "days": days,
    }


@routes.on("PUT", "/admin/calendar/<region>/<day>", body=DayBody, answer=CalendarDayAnswer)
@guard("calendar:change")
def put_day(ctx: Context, body: dict[str, Any], region: str, day: str) -> Any:
    """调整日历 Override a day of a region (e.g. 州庆); the dates that count it move."""
    when = _day(day)
    _require_region(ctx, region)
    service.change(ctx, calendars.setting_day(region, when, is_workday=body["is_workday"], reason=body["reason"]))
    return next(found for found in queries.list_days(ctx.session, region, when.year) if found.day == when)


@routes.on("DELETE", "/admin/calendar/<region>/<day>", query=ReasonQuery, status=204)
@guard("calendar:change")
def delete_day(ctx: Context, query: dict[str, str], region: str, day: str) -> None:
    """取消调整 Back to the inherited calendar."""
    when = _day(day)
    _require_region(ctx, region)
    service.change(ctx, calendars.removing_day(region, when, query["reason"]))


@routes.on("POST", "/admin/calendar/<region>/<day>/preview", body=DayTry, answer=DatesPreviewAnswer)
@guard("calendar:change")
def preview_day(ctx: Context, body: dict[str, Any], region: str, day: str) -> dict[str, Any]:
    """试算 What setting the day (or taking it back) would move; nothing is changed."""
    when = _day(day)
    _require_region(ctx, region)
    if body["is_workday"] is None:
        return preview_answer(service.preview(ctx, calendars.removing_day(region, when, "")))
    write = calendars.setting_day(region, when, is_workday=body["is_workday"], reason="-")
    return preview_answer(service.preview(ctx, write))


@routes.on("GET", "/admin/calendars/<region>/<int:year>/versions", answer=CalendarVersionList)
@guard("calendar:read")
def list_calendar_versions(ctx: Context, region: str, year: int) -> dict[str, Any]:
    """版本 Every version of the year: who, when, why, and what it changed."""
    rows = publishing.list_versions(ctx, region, _year(year))
    before = [*rows[1:], None][: len(rows)]
    return {"items": [_version(row, older) for row, older in zip(rows, before, strict=True)]}


@routes.on("POST", "/admin/calendars/<region>/<int:year>/reading", body=NoticeText, answer=ReadNoticeAnswer)
@guard("calendar:change")
def read_notice(ctx: Context, body: dict[str, str], region: str, year: int) -> dict[str, Any]:
    """识别通知 Read a notice's text, JSON or CSV, and check it; nothing is stored."""
    del ctx
    return _notice(notices.read(body["text"], _year(year)), region, year)


@routes.on("POST", "/admin/calendars/<region>/<int:year>/check", body=NoticeBody, answer=ReadNoticeAnswer)
@guard("calendar:change")
def check_notice(ctx: Context, body: dict[str, Any], region: str, year: int) -> dict[str, Any]:
    """检查 Check an arrangement; nothing is stored."""
    del ctx
    return _notice(NoticeBody.notice(body), region, _year(year))


@routes.on("POST", "/admin/calendars/<region>/<int:year>/preview", body=NoticeBody, answer=DatesPreviewAnswer)
@guard("calendar:change")
def preview_year(ctx: Context, body: dict[str, Any], region: str, year: int) -> dict[str, Any]:
    """试算 What publishing this year would move; nothing is changed."""
    _require_region(ctx, region)
    write = calendars.publishing_year(region, _year(year), NoticeBody.notice(body), "-", confirmed=True)
    return preview_answer(service.preview(ctx, write))


@routes.on(
    "POST",
    "/admin/calendars/<region>/<int:year>/versions",
    body=PublishYearBody,
    answer=CalendarChangeAnswer,
    status=201,
)
@guard("calendar:change")
def publish_year(ctx: Context, body: dict[str, Any], region: str, year: int) -> dict[str, Any]:
    """发布 Publish the year as a new version; the dates that count on it are set anew."""
    _require_region(ctx, region)
    write = calendars.publishing_year(
        region, _year(year), NoticeBody.notice(body), body["reason"], confirmed=body["confirmed"]
    )
    return {"recomputation": service.change(ctx, write)}


@routes.on(
    "POST", "/admin/calendars/<region>/<int:year>/versions/<int:version>/revert", body=RevertYearBody, answer=CalendarChangeAnswer,
    status=201,
)  # fmt: skip
@guard("calendar:change")
def revert_year(ctx: Context, body: dict[str, str], region: str, year: int, version: int) -> dict[str, Any]:
    """恢复 Bring an old version back as a new one; version 0: the notice that ships with the product."""
    _require_region(ctx, region)
    return {
        "recomputation": service.change(ctx, calendars.reverting_year(region, _year(year), version, body["reason"]))
    }


@routes.on("GET", "/admin/calendar-coverage", answer=CoverageAnswer)
@guard("calendar:read")
def get_coverage(ctx: Context) -> dict[str, Any]:
    """缺少的年度日历 Years without notice and how many dates are provisional by it."""
    return {"items": coverage.list_missing(ctx)}


@routes.on("GET", "/admin/recomputations", answer=RecomputationList)
@guard("calendar:read")
def list_recomputations(ctx: Context) -> dict[str, Any]:
    """重算记录 Dates set anew, with progress."""
    return {"items": service.list_recomputations(ctx)}


@routes.on("GET", "/admin/recomputations/<int:recomputation_id>", answer=RecomputationAnswer)
@guard("calendar:read")
def get_recomputation(ctx: Context, recomputation_id: int) -> Recomputation:
    """重算进度 One of them."""
    return service.get_recomputation(ctx, recomputation_id)


def _version(row: CalendarVersion, older: CalendarVersion | None) -> dict[str, Any]:
    names = (
        "version",
        "in_force",
        "is_withdrawn",
        "number",
        "source",
        "reason",
        "reverts",
        "publisher",
        "published_at",
    )
    changes = publishing.compare([] if older is None else older.days, row.days)
    return {name: getattr(row, name) for name in names} | {"days": len(row.days), "changes": changes}


def _notice(notice: Notice, region: str, year: int) -> dict[str, Any]:
    return {
        "number": notice.number,
        "source": notice.source,
        "holidays": notice.holidays,
        "workdays": sorted(notice.workdays),
        "findings": notices.check(notice, region, year),
    }


def _source(ctx: Context, year: int) -> dict[str, Any]:
    shipped = calendar.is_official(date(year, 7, 1))
    row = next((row for row in publishing.list_versions(ctx, calendar.NATION, year) if row.in_force), None)
    if row is not None and not row.is_withdrawn:
        number, source, version, origin = row.number, row.source, row.version, "published"
    else:
        source = "国务院办公厅节假日安排（随产品提供的 chinesecalendar 数据）" if shipped else ""
        number, version, origin = "", None, "shipped" if shipped else "none"
    overrides = origin == "published" and shipped
    return {"origin": origin, "number": number, "source": source, "version": version, "overrides_shipped": overrides}


def _year(year: int) -> int:
    if not calendar.FIRST_OFFICIAL_YEAR <= year <= calendar.LAST_OFFICIAL_YEAR + YEARS_AHEAD:
        raise NotFound("没有这一年的日历。", "There is no calendar of this year.")
    return year


def _day(text_of_day: str) -> date:
    try:
        return date.fromisoformat(text_of_day)
    except ValueError:
        raise BadDay from None


def _may_edit(ctx: Context, region: str) -> bool:
    """A site's administrator keeps the calendar of the own region; the nation's is the platform's."""
    if ctx.actor.has(Role.PLATFORM_ADMIN):
        return True
    own = sites.sites_by_id(ctx.session, ctx.actor.site_ids).values()
    return any(site.region_code == region and Role.SITE_ADMIN in ctx.actor.roles_at(site.id) for site in own)


def _require_region(ctx: Context, region: str) -> None:
    if not sites.region_exists(ctx.session, region) and region != calendar.NATION:
        raise NotFound("没有这个地区。", "There is no such region.")
    if not _may_edit(ctx, region):
        raise Forbidden("只能调整本机构所在地区的日历。", "You keep the calendar of your own region only.")
