"""A message that nobody at the other site reads within the working hours of policy ``liaison.unread`` is passed on (R-03.6)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import select

from domain.actors import Role
from domain.audit import service as audit
from domain.cases.models import Case, Leg
from domain.context import Context
from domain.deadlines import policies
from domain.deadlines.calendar import load
from domain.deadlines.office import Office, after_workhours, workhours_of
from domain.identity import service as identity
from domain.liaison.models import ContactMessage
from domain.notifications import service as notifications
from domain.outbox import work as works
from domain.outbox.models import Work
from domain.outbox.work import NOTICE, NewWork, Postponed
from domain.partners import contacts
from domain.partners.contacts import Reached
from domain.sites.models import Site

KIND: Final = "liaison.unread"
POLICY: Final = "liaison.unread"
DESK: Final = "desk"
"""Told at first to who has the case in hand there; anything else: to the site's 联络员."""


def plan(ctx: Context, case: Case, row: ContactMessage) -> None:
    """Say until when a new message is to be read, and look again then."""
    row.read_by_at = _read_by(ctx, case, row)
    works.add(ctx, [NewWork(KIND, str(row.id), row.read_by_at, case_id=case.id, queue=NOTICE)])


def pass_on(ctx: Context, work: Work) -> None:
    """Job ``liaison.unread``: still unread, so the site's 联络员 gets it; who got it at first already, with the site's administrators.

    Hours are counted anew: when the calendar changed meanwhile the job waits until then (raises ``Postponed``).
    """
    row = ctx.session.get(ContactMessage, int(work.ref), with_for_update=True)
    if row is None or row.read_at is not None or row.passed_at is not None or row.text is None:
        return
    case = ctx.session.get_one(Case, row.case_id)
    until = _read_by(ctx, case, row)
    if until > ctx.clock.now():
        row.read_by_at = until
        raise Postponed(until)
    reached = contacts.reached(ctx, row.to_site_id, case.item_code)
    readers = reached.user_ids if row.told == DESK else _wider(ctx, row, reached)
    row.passed_at, row.passed, row.passed_name = ctx.clock.now(), reached.state, reached.name
    ctx.session.flush()
    _tell(ctx, case, row, readers)


def _wider(ctx: Context, row: ContactMessage, reached: Reached) -> tuple[int, ...]:
    more = [*identity.list_holders(ctx, row.to_site_id, [Role.LIAISON]), *contacts.list_menders(ctx, row.to_site_id)]
    return tuple(dict.fromkeys([*reached.user_ids, *more]))


def _read_by(ctx: Context, case: Case, row: ContactMessage) -> datetime:
    site = ctx.session.get_one(Site, row.to_site_id)
    values = policies.deadlines_for(ctx, site, case.item_code)
    hours = workhours_of(values[POLICY]) or 1  # the policy's unit allows nothing else
    return after_workhours(hours, row.sent_at, load(ctx.session, site.region_code), Office.of(values))


def _tell(ctx: Context, case: Case, row: ContactMessage, readers: tuple[int, ...]) -> None:
    legs = select(Leg.id, Leg.case_no).where(Leg.case_id == case.id, Leg.site_id == row.to_site_id)
    leg = ctx.session.execute(legs.order_by(Leg.id).limit(1)).first()
    names = {site: ctx.session.get_one(Site, site).name for site in (row.from_site_id, row.to_site_id)}
    values = {
        "caseNo": leg.case_no if leg else case.case_no,
        "siteName": names[row.from_site_id],
        "senderName": row.sender_name,
    }
    notifications.send(ctx, readers, KIND, values, case_id=case.id, site_id=row.to_site_id)
    data = {
        "messageId": row.id,
        "fromSite": names[row.from_site_id],
        "toSite": names[row.to_site_id],
        "told": row.passed,
    }
    leg_id = leg.id if leg else None
    audit.record(ctx, "liaison.passed", case_id=case.id, leg_id=leg_id, site_id=row.to_site_id, data=data)
