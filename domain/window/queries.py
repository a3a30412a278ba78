"""What a window finds: cases that were handed in there, what waits for their applicants, who was identified when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import load_only

from domain import reach
from domain.actors import Role
from domain.applications import queries as applications
from domain.applications.queries import MyLine
from domain.base import get_seal
from domain.cases.models import Case, Task
from domain.cases.search import EXACT
from domain.context import Context
from domain.identity import functions
from domain.identity.models import User
from domain.window.models import WindowVisit
from domain.window.service import READ

MOST = 50
"""A window looks a case up or sees what waits; it does not page through years."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitLine:
    """An identity check, without the person's numbers."""

    id: int
    clerk_name: str
    appeared: str
    paper: str
    at: datetime
    ends_at: datetime


def sites_of(ctx: Context) -> list[int]:
    """The sites at whose window the actor serves."""
    return [
        site
        for site in ctx.actor.site_ids
        if ctx.actor.has(Role.RECV_CLERK, site) and functions.may(ctx.actor, READ, site_id=site)
    ]


def list_waiting(ctx: Context) -> list[MyLine]:
    """Open cases of the actor's windows in which the applicant has something to do, newest first."""
    waits = exists(
        select(Task.id).where(Task.case_id == Case.id, Task.state == "open", Task.role == str(Role.APPLICANT))
    )
    return _lines(ctx, waits, Case.closed_at.is_(None))


def find_cases(ctx: Context, words: str) -> list[MyLine]:
    """Cases of the actor's windows by 办件编号, 业务协同编号, 查询码 or the applicant's whole ID number (blind index), newest first."""
    wanted = words.strip()
    by_number = or_(Case.case_no == wanted, Case.collab_no == wanted, Case.query_code == wanted)
    if not EXACT.fullmatch(wanted):
        return _lines(ctx, by_number)
    people = select(User.id).where(User.id_no_blind.in_(get_seal().blinds(wanted.upper())))
    return _lines(ctx, or_(by_number, Case.applicant_user_id.in_(people)))


def list_visits(ctx: Context, case_id: int) -> list[VisitLine]:
    """The identity checks of a case, newest first."""
    rows = ctx.session.scalars(
        select(WindowVisit).where(WindowVisit.case_id == case_id).order_by(WindowVisit.id.desc()).limit(MOST)
    )
    return [
        VisitLine(
            id=row.id,
            clerk_name=row.clerk_name,
            appeared=row.appeared,
            paper=row.paper,
            at=row.at,
            ends_at=row.ends_at,
        )
        for row in rows
    ]


def _lines(ctx: Context, *conditions: ColumnElement[bool]) -> list[MyLine]:
    """Within the actor's windows. By the platform: a window that runs no leg of the case sees no task and no clock of it."""
    mine = Case.window_site_id.in_(sites_of(ctx))
    query = (
        select(Case)
        .options(load_only(*applications.LINE_COLUMNS))
        .where(mine, Case.applicant_user_id.is_not(None), *conditions)
        .order_by(Case.id.desc())
        .limit(MOST)
    )
    with reach.for_platform(ctx.session):
        return applications.lines_of(ctx, ctx.session.scalars(query).all())
