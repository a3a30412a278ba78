"""“为什么是这一天”: how a concrete date came about, step by step, so that anybody can count it again.

From when it counts, every day between with its number or why it is not counted, which days are only assumed, and which policy in
which layer gave the number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import column, select, table

from domain.clock import CHINA
from domain.context import Context
from domain.deadlines import policies
from domain.deadlines.calendar import FRIDAY, Calendar, load
from domain.deadlines.counting import RUNNING
from domain.deadlines.due import Hours, end_of, schedule, workdays_of
from domain.deadlines.models import ClockRow
from domain.deadlines.policies import Value
from domain.errors import NotFound
from domain.sites.models import Region, Site

LONGEST: Final = 800
"""Days that are listed at most: no term in working days is longer."""
_TASKS = table(
    "tasks",
    *(column(name) for name in ("id", "case_id", "leg_id", "policy", "due_literal", "due_at", "opened_at", "role")),
)
_LEGS = table("legs", column("id"), column("site_id"), column("role"))
_CASES = table("cases", column("id"), column("item_code"), column("main_site_id"), column("partner_code"))


@dataclass(frozen=True, slots=True)
class CountedDay:
    """A day between start and end. ``number`` is its place in the count, None for a day that is not counted.

    ``kind``: work, adjusted (调休上班), weekend, holiday (a notice's day off), local (a rest day of the region, or its workday).
    """

    day: date
    number: int | None
    kind: str
    name: str
    name_en: str
    provisional: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a date was reckoned. ``due_at`` is what stands in the case, ``computed_at`` what the steps lead to now.

    ``start_moved`` is REST_DAY or AFTER_HOURS when the count begins on a later day than ``started_at``. Terms that are no working
    days (``PT4H``, ``P40D``, a date) have no ``days``. A clock that stopped before counts ``used_before`` days of its ``total``.
    """

    literal: str
    region_code: str
    region_name: str
    started_at: datetime
    effective_start: date
    start_moved: str
    start_name: str
    start_name_en: str
    office_end: str
    workdays: int | None
    total: int | None
    used_before: int
    extended: int
    days: tuple[CountedDay, ...]
    provisional: bool
    due_at: datetime | None
    computed_at: datetime
    policy: Value | None

    @property
    def agrees(self) -> bool:
        """Whether the steps lead to the date that stands; otherwise it was set by values of that time."""
        return self.due_at is None or self.due_at == self.computed_at


def explain(
    ctx: Context,
    literal: str,
    started_at: datetime,
    region_code: str,
    *,
    hours: Hours | None = None,
    due_at: datetime | None = None,
    policy: Value | None = None,
) -> Explanation:
    """Explain a date reckoned from ``literal`` (``5wd``, ``PT4H``, a date) at ``started_at`` by the region's calendar."""
    hours = hours or Hours()
    calendar = load(ctx.session, region_code)
    workdays = workdays_of(literal)
    local = started_at.astimezone(CHINA)
    begun, moved, name = local.date(), "", ("", "")
    days: tuple[CountedDay, ...] = ()
    computed = schedule(literal, started_at, calendar, hours)
    if workdays is not None:
        begun = calendar.effective_start(started_at, hours.office_end)
        if begun != local.date():
            rest = not calendar.is_workday(local.date())
            moved, name = ("REST_DAY", calendar.name_of(local.date())) if rest else ("AFTER_HOURS", name)
        days = count(calendar, begun, computed.astimezone(CHINA).date())
    region = ctx.session.get(Region, region_code)
    return Explanation(
        literal=literal,
        region_code=region_code,
        region_name=region.name if region else "全国",
        started_at=started_at,
        effective_start=begun,
        start_moved=moved,
        start_name=name[0],
        start_name_en=name[1],
        office_end=hours.office_end.isoformat("minutes"),
        workdays=workdays,
        total=workdays,
        used_before=0,
        extended=0,
        days=days,
        provisional=any(day.provisional for day in days),
        due_at=due_at,
        computed_at=computed,
        policy=policy,
    )


def count(calendar: Calendar, after: date, until: date) -> tuple[CountedDay, ...]:
    """The days after ``after`` up to and with ``until``: the counted ones have their number."""
    found: list[CountedDay] = []
    number = 0
    for ahead in range(1, min((until - after).days, LONGEST) + 1):
        day = after + timedelta(days=ahead)
        works = calendar.is_workday(day)
        number += works
        name, name_en = calendar.name_of(day)
        kind = kind_of(calendar, day)
        found.append(CountedDay(day, number if works else None, kind, name, name_en, calendar.is_provisional(day)))
    return tuple(found)


def kind_of(calendar: Calendar, day: date) -> str:
    """work, adjusted, weekend, holiday, or local when the region differs from the nation that day."""
    mark = calendar.marks.get(day)
    if mark is not None and (mark.year is None or mark.region_code != "CN"):
        return "local"
    weekday = day.isoweekday() <= FRIDAY
    if calendar.is_workday(day):
        return "work" if weekday else "adjusted"
    return "holiday" if weekday or calendar.name_of(day)[0] else "weekend"


def explain_clock(ctx: Context, clock: ClockRow) -> Explanation | None:
    """Explain the date of a clock of a case, a leg or a task; None while it does not run (it has no date then)."""
    if clock.running_since is None or clock.state != RUNNING:
        return None
    site, item_code, partner = _place_of(ctx, clock)
    values = policies.all_effective(ctx, site, item_code, partner)
    hours, value = _hours(values), values.get(clock.policy)
    left = clock.total_days - clock.used_days
    # ``running_since`` is the effective start already: nothing moves it again, whatever the hour of a resumption.
    calendar, since = load(ctx.session, clock.region_code), clock.running_since.astimezone(CHINA).date()
    found = explain(ctx, f"{max(left, 0)}wd", clock.running_since, clock.region_code, hours=hours, policy=value)
    until = calendar.add(since, left)
    days = count(calendar, since, until)
    return replace(
        found,
        literal=f"{clock.total_days}wd",
        effective_start=since,
        start_moved="",
        start_name="",
        start_name_en="",
        total=clock.total_days,
        used_before=clock.used_days,
        extended=clock.extended_days,
        days=days,
        provisional=any(day.provisional for day in days),
        due_at=clock.due_at,
        computed_at=end_of(until, hours),
    )


def explain_task(ctx: Context, task_id: str) -> Explanation | None:
    """Explain the date of a task by the calendar of the site that must act; None without a date. Raises :class:`NotFound`."""
    row = ctx.session.execute(
        select(_TASKS, _LEGS.c.site_id, _LEGS.c.role.label("leg_role"), _CASES.c.item_code, _CASES.c.partner_code)
        .join(_LEGS, _LEGS.c.id == _TASKS.c.leg_id)
        .join(_CASES, _CASES.c.id == _TASKS.c.case_id)
        .where(_TASKS.c.id == task_id)
    ).one_or_none()
    if row is None:
        raise NotFound("没有这个任务。", "There is no such task.")
    if row.due_at is None:
        return None
    site = ctx.session.get_one(Site, row.site_id)
    partner = policies.partner_at(row.leg_role, site, row.partner_code)
    values = policies.all_effective(ctx, site, row.item_code, partner)
    own = ctx.session.scalar(select(ClockRow).where(ClockRow.task_id == task_id))
    if own is not None:
        return explain_clock(ctx, own)
    value = values.get(row.policy) if row.policy else None
    literal = row.due_literal or (value.value if value else row.due_at.astimezone(CHINA).isoformat())
    return explain(ctx, literal, row.opened_at, site.region_code, hours=_hours(values), due_at=row.due_at, policy=value)


def _place_of(ctx: Context, clock: ClockRow) -> tuple[Site, str, policies.Coded | None]:
    """The site that must act, the item, and the partner whose agreement counts."""
    case = ctx.session.execute(
        select(_CASES.c.item_code, _CASES.c.main_site_id, _CASES.c.partner_code).where(_CASES.c.id == clock.case_id)
    ).one()
    leg = ctx.session.execute(
        select(_LEGS.c.site_id, _LEGS.c.role)
        .outerjoin(_TASKS, _TASKS.c.leg_id == _LEGS.c.id)
        .where((_LEGS.c.id == clock.leg_id) if clock.leg_id else (_TASKS.c.id == clock.task_id))
        .limit(1)
    ).one_or_none()
    site = ctx.session.get_one(Site, case.main_site_id if leg is None else leg.site_id)
    role = "main" if leg is None else leg.role
    return site, case.item_code, policies.partner_at(role, site, case.partner_code)


def _hours(values: Mapping[str, Value]) -> Hours:
    return Hours.of({key: each.value for key, each in values.items() if key.startswith("calendar.")})
