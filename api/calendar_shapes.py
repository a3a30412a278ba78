"""What goes in and out at working calendars and at dates that are set anew."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from api.schemas import Answer, CamelSchema, Moment, many, text
from domain.deadlines import calendar, notices
from domain.deadlines.notices import Notice, Span
from domain.recomputation.service import Line, Preview

KINDS = ["work", "rest", "holiday", "adjusted", "override"]


class CalendarDayAnswer(Answer):
    """A day: kind is work, rest, holiday, adjusted (调休上班) or override (set by hand)."""

    day = fields.Date(required=True)
    is_workday = fields.Boolean(required=True)
    kind = fields.String(required=True, metadata={"enum": KINDS})
    name = fields.String(required=True)
    reason = fields.String(required=True)
    set_by = fields.String(required=True)
    provisional = fields.Boolean(required=True)


class CalendarSource(Answer):
    """Where the nation's year comes from: published (a version here), shipped (with the product) or none."""

    origin = fields.String(required=True, metadata={"enum": ["published", "shipped", "none"]})
    number = fields.String(required=True)
    source = fields.String(required=True)
    version = fields.Integer(required=True, allow_none=True)
    overrides_shipped = fields.Boolean(required=True)


class CalendarAnswer(Answer):
    """A year of a region's calendar; provisional when no official notice covers it."""

    region = fields.String(required=True)
    year = fields.Integer(required=True)
    provisional = fields.Boolean(required=True)
    source = fields.Nested(CalendarSource, required=True)
    workdays = fields.Integer(required=True)
    may_edit = fields.Boolean(required=True)
    days = many(CalendarDayAnswer)


class DifferenceAnswer(Answer):
    """A day that the version sees otherwise than the one before; null: not named there."""

    day = fields.Date(required=True)
    before = fields.Boolean(required=True, allow_none=True)
    after = fields.Boolean(required=True, allow_none=True)
    name = fields.String(required=True)


class CalendarVersionAnswer(Answer):
    """A published version of a region's year."""

    version = fields.Integer(required=True)
    in_force = fields.Boolean(required=True)
    is_withdrawn = fields.Boolean(required=True)
    number = fields.String(required=True)
    source = fields.String(required=True)
    reason = fields.String(required=True)
    reverts = fields.Integer(required=True, allow_none=True)
    publisher = fields.String(required=True)
    published_at = Moment(required=True)
    days = fields.Integer(required=True)
    changes = many(DifferenceAnswer)


class CalendarVersionList(Answer):
    """All versions, newest first."""

    items = many(CalendarVersionAnswer)


class DateMoveAnswer(Answer):
    """A date that would move. What: clock, task, timer or step; label is the clock's kind, the task's or the timer's name."""

    case_no = fields.String(required=True)
    site_name = fields.String(required=True)
    what = fields.String(required=True, metadata={"enum": ["clock", "task", "timer", "step"]})
    label = fields.String(required=True)
    before = Moment(required=True, allow_none=True)
    after = Moment(required=True, allow_none=True)
    overdue = fields.Boolean(required=True)


class CaseTally(Answer):
    """A name and a number of cases."""

    name = fields.String(required=True)
    cases = fields.Integer(required=True)


class DatesPreviewAnswer(Answer):
    """What a change would move: counts, the first dates, and the worst: those that become overdue by it."""

    reached_cases = fields.Integer(required=True)
    cases = fields.Integer(required=True)
    clocks = fields.Integer(required=True)
    tasks = fields.Integer(required=True)
    timers = fields.Integer(required=True)
    steps = fields.Integer(required=True)
    overdue = fields.Integer(required=True)
    fires_now = fields.Integer(required=True, metadata={"description": "timers whose moment has passed by the move"})
    promises_later = fields.Integer(required=True)
    promises_earlier = fields.Integer(required=True)
    at_once = fields.Boolean(required=True)
    rows = many(DateMoveAnswer)
    worst = many(DateMoveAnswer)
    by_item = many(CaseTally)
    by_site = many(CaseTally)


class RecomputationAnswer(Answer):
    """Dates being set anew, or done; null id when the change reaches no case."""

    id = fields.Integer(required=True)
    cause = fields.String(required=True)
    reason = fields.String(required=True)
    total_cases = fields.Integer(required=True)
    done_cases = fields.Integer(required=True)
    moved_clocks = fields.Integer(required=True)
    moved_tasks = fields.Integer(required=True)
    moved_timers = fields.Integer(required=True)
    moved_steps = fields.Integer(required=True)
    starter = fields.String(required=True)
    started_at = Moment(required=True)
    finished_at = Moment(required=True, allow_none=True)


class RecomputationList(Answer):
    """The newest first."""

    items = many(RecomputationAnswer)


class CalendarChangeAnswer(Answer):
    """What came of a change: the dates it sets anew, null when it reaches none."""

    recomputation = fields.Nested(RecomputationAnswer, required=True, allow_none=True)


class NoticeFindingAnswer(Answer):
    """An error (cannot be published) or a warning (to be confirmed)."""

    severity = fields.String(required=True, metadata={"enum": ["error", "warning"]})
    code = fields.String(required=True)
    text = fields.String(required=True)
    text_en = fields.String(required=True)


class HolidayAnswer(Answer):
    """A holiday."""

    name = fields.String(required=True)
    first = fields.Date(required=True)
    last = fields.Date(required=True)


class ReadNoticeAnswer(Answer):
    """A notice as it was understood, with what the checks found."""

    number = fields.String(required=True)
    source = fields.String(required=True)
    holidays = many(HolidayAnswer)
    workdays = fields.List(fields.Date(), required=True)
    findings = many(NoticeFindingAnswer)


class MissingYearAnswer(Answer):
    """A year without notice, and the open dates that rest on an assumption."""

    year = fields.Integer(required=True)
    clocks = fields.Integer(required=True)
    tasks = fields.Integer(required=True)
    dates = fields.Integer(required=True)
    starts_at = fields.Date(required=True)


class CoverageAnswer(Answer):
    """Years that somebody must publish."""

    items = many(MissingYearAnswer)


class CalendarQuery(CamelSchema):
    """Whose calendar, which year."""

    region = text(2, 12, required=False, load_default=calendar.NATION)
    year = fields.Integer(required=True)


class DayBody(CamelSchema):
    """Whether offices work that day, and why."""

    is_workday = fields.Boolean(required=True)
    reason = text(1, 200)


class DayTry(CamelSchema):
    """Whether offices would work that day; null: the override is taken back."""

    is_workday = fields.Boolean(required=True, allow_none=True)


class ReasonQuery(CamelSchema):
    """Why; shown to the applicants whose date moves."""

    reason = text(0, 300, required=False, load_default="")


class HolidayBody(CamelSchema):
    """A holiday."""

    name = text(1, 60)
    first = fields.Date(required=True)
    last = fields.Date(required=True)


class NoticeBody(CamelSchema):
    """The year's arrangement."""

    number = text(0, 80, required=False, load_default="")
    source = text(0, 300, required=False, load_default="")
    holidays = fields.List(
        fields.Nested(HolidayBody), required=True, validate=validate.Length(max=60, error="length|0|60")
    )
    workdays = fields.List(fields.Date(), required=True, validate=validate.Length(max=60, error="length|0|60"))

    @staticmethod
    def notice(body: dict[str, Any]) -> Notice:
        """As the domain knows it."""
        spans = tuple(Span(row["name"].strip(), row["first"], row["last"]) for row in body["holidays"])
        return Notice(spans, tuple(body["workdays"]), body["number"], body["source"])


class PublishYearBody(NoticeBody):
    """With the reason that applicants read, and whether warnings were confirmed."""

    reason = text(1, 300)
    confirmed = fields.Boolean(load_default=False)


class NoticeText(CamelSchema):
    """The notice's own text, JSON or CSV."""

    text = text(1, notices.LONGEST_TEXT)


class RevertYearBody(CamelSchema):
    """Why an old version comes back."""

    reason = text(1, 300)


def preview_answer(found: Preview) -> dict[str, Any]:
    """A preview as it goes out."""
    answer = {name: getattr(found, name) for name in Preview.__dataclass_fields__}
    answer["rows"], answer["worst"] = [_move(line) for line in found.rows], [_move(line) for line in found.worst]
    answer["by_item"] = [{"name": name, "cases": number} for name, number in found.by_item]
    answer["by_site"] = [{"name": name, "cases": number} for name, number in found.by_site]
    return answer


def _move(line: Line) -> dict[str, Any]:
    return {
        "case_no": line.case_no,
        "site_name": line.site_name,
        "what": line.move.kind,
        "label": line.label,
        "before": line.move.before,
        "after": line.move.after,
        "overdue": line.overdue,
    }
