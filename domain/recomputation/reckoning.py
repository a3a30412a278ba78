"""Reckoning many dates: the measures of sites and the sums of working days, of which there are few, are remembered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from domain.clock import CHINA
from domain.context import Context
from domain.deadlines import policies
from domain.deadlines.calendar import Calendar, load
from domain.deadlines.due import Hours, end_of, schedule, workdays_of
from domain.sites.models import Site


@dataclass(frozen=True, slots=True)
class Measure:
    """What dates at a site are reckoned by."""

    values: Mapping[str, str]
    calendar: Calendar
    hours: Hours


@dataclass(slots=True)
class Reckoner:
    """Dates by the calendars and policies as they are now."""

    ctx: Context
    measures: dict[tuple[int, str, str], Measure] = field(default_factory=dict)
    sums: dict[tuple[str, date, int], date] = field(default_factory=dict)
    sites: dict[int, Site] = field(default_factory=dict)

    def measure(self, case: Any, leg: Any | None) -> Measure:
        """Of a leg's site, or of the case as a whole."""
        site_id, role = (case.main_site_id, "main") if leg is None else (leg.site_id, leg.role)
        site = self.sites.get(site_id) or self.ctx.session.get_one(Site, site_id)
        self.sites[site_id] = site
        partner = policies.partner_at(role, site, case.partner_code)
        key = (site_id, case.item_code, "" if partner is None else partner.code)
        if key not in self.measures:
            values = policies.deadlines_for(self.ctx, site, case.item_code, partner)
            self.measures[key] = Measure(values, load(self.ctx.session, site.region_code), Hours.of(values))
        return self.measures[key]

    def add(self, calendar: Calendar, since: datetime, days: int) -> date:
        """The day that many working days after a moment's day."""
        key = (calendar.region_code, since.astimezone(CHINA).date(), days)
        if key not in self.sums:
            self.sums[key] = calendar.add(key[1], days)
        return self.sums[key]

    def due(self, literal: str, since: datetime, measure: Measure) -> datetime:
        """When a term ends that counts from a moment."""
        days = workdays_of(literal)
        if days is None:
            return schedule(literal, since, measure.calendar, measure.hours)
        start = measure.calendar.effective_start(since, measure.hours.office_end)
        key = (measure.calendar.region_code, start, days)
        if key not in self.sums:
            self.sums[key] = measure.calendar.add(start, days)
        return end_of(self.sums[key], measure.hours)
