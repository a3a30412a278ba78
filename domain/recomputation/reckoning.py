"""Reckoning many dates: the measures of sites and the sums of working days, of which there are few, are remembered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from domain.clock import CHINA
from domain.context import Context
from domain.deadlines import policies
from domain.deadlines.calendar import Calendar, load
from domain.deadlines.counting import due_day
from domain.deadlines.due import Hours, end_of, schedule, workdays_of
from domain.recomputation.reading import Frame, LegFrame
from domain.sites.models import Site


@dataclass(frozen=True, slots=True, eq=False)
class Measure:
    """What dates at a site are reckoned by. There is one for each: it is a key by itself."""

    values: Mapping[str, str]
    calendar: Calendar
    hours: Hours


@dataclass(slots=True)
class Reckoner:
    """Dates by the calendars and policies as they are now."""

    ctx: Context
    measures: dict[tuple[int, str, str, str], Measure] = field(default_factory=dict)
    calendars: dict[str, Calendar] = field(default_factory=dict)
    ends: dict[tuple[str, date, int, Hours], tuple[datetime, bool]] = field(default_factory=dict)
    """(region, day of the run, working days left, hours) → when a clock ends, and whether that is provisional."""
    terms: dict[tuple[str, date, int, Hours], datetime] = field(default_factory=dict)
    """(region, effective start, working days, hours) → when a term ends."""
    starts: dict[tuple[str, date, bool, Hours], date] = field(default_factory=dict)
    """(region, day, after office hours, hours) → the day that counts as the first."""
    literals: dict[str, int | None] = field(default_factory=dict)

    def measure(self, case: Frame, leg: LegFrame | None) -> Measure:
        """Of a leg's site, or of the case as a whole."""
        site_id, role = (case.main_site_id, "main") if leg is None else (leg.site_id, leg.role)
        key = (site_id, role, case.item_code, case.partner_code)
        found = self.measures.get(key)
        if found is None:
            site = self.ctx.session.get_one(Site, site_id)
            partner = policies.partner_at(role, site, case.partner_code)
            values = policies.deadlines_for(self.ctx, site, case.item_code, partner)
            found = self.measures[key] = Measure(values, self.calendar(site.region_code), Hours.of(values))
        return found

    def calendar(self, region_code: str) -> Calendar:
        """The calendar of a region."""
        found = self.calendars.get(region_code)
        if found is None:
            found = self.calendars[region_code] = load(self.ctx.session, region_code)
        return found

    def end(self, region_code: str, since: datetime, left: int, hours: Hours) -> tuple[datetime, bool]:
        """When a clock ends that runs since a moment and has so many working days left, and whether that day is provisional."""
        key = (region_code, since.astimezone(CHINA).date(), left, hours)
        found = self.ends.get(key)
        if found is None:
            calendar = self.calendar(region_code)
            day = due_day(key[1], left, calendar)
            found = self.ends[key] = (end_of(day, hours), calendar.is_provisional(day))
        return found

    def due(self, literal: str, since: datetime, measure: Measure) -> datetime:
        """When a term ends that counts from a moment."""
        if literal not in self.literals:
            self.literals[literal] = workdays_of(literal)
        days, hours, calendar = self.literals[literal], measure.hours, measure.calendar
        if days is None:
            return schedule(literal, since, calendar, hours)
        local = since.astimezone(CHINA)
        received = (calendar.region_code, local.date(), local.time() > hours.office_end, hours)
        start = self.starts.get(received)
        if start is None:
            start = self.starts[received] = calendar.effective_start(since, hours.office_end)
        key = (calendar.region_code, start, days, hours)
        found = self.terms.get(key)
        if found is None:
            found = self.terms[key] = end_of(calendar.add(start, days), hours)
        return found
