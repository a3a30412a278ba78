"""How long an exception from one person, one role may last: policy ``role.exceptionLongest`` of the site."""

from __future__ import annotations

from datetime import date
from typing import Final

from domain.clock import CHINA
from domain.context import Context
from domain.deadlines import policies
from domain.deadlines.calendar import NATION, load
from domain.deadlines.due import schedule
from domain.sites.models import Site

POLICY: Final = "role.exceptionLongest"


def latest_end(ctx: Context, site: Site | None) -> date:
    """The last day that an exception given today may have."""
    now = ctx.clock.now()
    region = NATION if site is None else site.region_code
    value = policies.effective(ctx, POLICY, site).value
    return schedule(value, now, load(ctx.session, region)).astimezone(CHINA).date()
