"""The list of cases: filters, search in Chinese and by number, pages that cost the same in small and large sites."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    CompoundSelect,
    bindparam,
    column,
    exists,
    func,
    lateral,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import aliased, load_only

from domain.actors import Role
from domain.base import get_seal
from domain.cases import scope
from domain.cases.models import Case, CaseSubject, Leg
from domain.cases.queries import LIST_COLUMNS, CaseLine, access_is_over, lines_of
from domain.context import Context
from domain.deadlines.queries import DueState, horizon
from domain.identity.models import User
from domain.items.models import Item

EXACT = re.compile(r"\d{17}[\dXx]|[A-Za-z0-9()（）-]{15,64}")
"""What could be an ID or certificate number: it is looked up by its blind index, never as text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What a list of cases is narrowed to."""

    q: str | None = None
    item: str | None = None
    status: str | None = None
    site_id: int | None = None
    sites: frozenset[int] | None = None
    """Of the actor's sites only these (None: all of them)."""
    state: str = "open"
    due: DueState | None = None


def list_cases(
    ctx: Context, wanted: Filter, *, before_id: int | None, limit: int
) -> tuple[list[CaseLine], list[Any] | None]:
    """Cases newest first within the actor's scope: (lines, key of the next page or None).

    ``open`` and ``closed`` go by the leg of the actor's site; for who sees everything, by the case.
    """
    everywhere = scope.sees_everywhere(ctx.actor) and wanted.site_id is None and wanted.sites is None
    page = _page_everywhere if everywhere else _page_of_sites
    ids = page(ctx, wanted, before_id, limit + 1)
    cases = ctx.session.scalars(
        select(Case)
        .options(load_only(*LIST_COLUMNS, raiseload=True))
        .where(Case.id.in_(ids[:limit]))
        .order_by(Case.id.desc())
    ).all()
    return lines_of(ctx, cases), [ids[limit - 1]] if len(ids) > limit else None


def _page_everywhere(ctx: Context, wanted: Filter, before_id: int | None, limit: int) -> list[int]:
    query = select(Case.id).where(*_conditions(ctx, wanted)).order_by(Case.id.desc()).limit(limit)
    if wanted.state != "all":
        query = query.where(Case.closed_at.is_(None) if wanted.state == "open" else Case.closed_at.is_not(None))
    if before_id is not None:
        query = query.where(Case.id < before_id)
    return list(ctx.session.scalars(query))


def _page_of_sites(ctx: Context, wanted: Filter, before_id: int | None, limit: int) -> list[int]:
    """Per site at most ``limit`` rows from its index, merged and cut again, as in the inbox."""
    sites = [wanted.site_id] if scope.sees_everywhere(ctx.actor) else list(scope.sites_of(ctx.actor))
    sites = [site for site in sites if site is not None and wanted.site_id in (None, site)]
    sites = [site for site in sites if wanted.sites is None or site in wanted.sites]
    if not sites:
        return []
    site = func.unnest(bindparam("sites", sites, ARRAY(BigInteger))).table_valued(column("id", BigInteger))
    site = site.render_derived(name="s")
    leg = aliased(Leg)
    inner: Any = (
        select(leg.case_id)
        .join(Case, Case.id == leg.case_id)
        .where(leg.site_id == site.c.id, *_conditions(ctx, wanted))
        .order_by(leg.case_id.desc())
        .limit(limit)
        .correlate(site)
    )
    if wanted.state != "all":
        inner = inner.where(leg.ended_at.is_(None) if wanted.state == "open" else leg.ended_at.is_not(None))
    if before_id is not None:
        inner = inner.where(leg.case_id < before_id)
    page = lateral(inner).alias("page")
    query = (
        select(page.c.case_id)
        .select_from(site.join(page, literal(value=True)))
        .distinct()
        .order_by(page.c.case_id.desc())
        .limit(limit)
    )
    return list(ctx.session.scalars(query))


def matches_text(ctx: Context, text: str) -> ColumnElement[bool]:
    """Cases with this text in a number, the masked subject or the item's name; an ID or certificate number only exactly.

    Parts of text are found by trigram indices (Chinese too), the exact ones by their blind index; one small statement for
    the items. Who may not read the subject does not find by it; only desks and supervisors find by an ID number, partners while
    their access lasts. Each role counts for its own sites: who works at one and administers another finds there as administrators do.
    """
    wanted, actor = text.strip(), ctx.actor
    part = "%" + wanted.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    reading = scope.sites_of(actor, scope.DESK | scope.MASKED)
    everywhere = actor.has(Role.AUDITOR) or (bool(reading) and reading == scope.sites_of(actor))
    # By a function of the tables' owner: under row-level security no index serves a comparison that might tell of foreign rows.
    # It gives ids only, and the condition stands in a query that sees the actor's cases only.
    found = [select(func.lianban_cases_with(part, everywhere))]
    if reading and not everywhere:
        named = select(func.lianban_cases_with(part, literal(value=True)))
        found.append(select(Case.id).where(Case.id.in_(named), _at(reading)))
    desks = scope.sites_of(actor, scope.DESK | {Role.SUPERVISOR})
    if EXACT.fullmatch(wanted) and desks:
        blinds = get_seal().blinds(wanted)
        people = select(User.id).where(User.id_no_blind.in_(blinds))
        theirs = (
            select(CaseSubject.case_id)
            .where(CaseSubject.blind.in_(blinds))
            .union(select(Case.id).where(Case.applicant_user_id.in_(people)))
        )
        mine = () if desks == scope.sites_of(actor) else (_at(desks),)
        found.append(select(Case.id).where(Case.id.in_(theirs), Case.id.not_in(_closed_to(ctx, theirs)), *mine))
    condition = Case.id.in_(found[0].union(*found[1:]))
    items = ctx.session.scalars(select(Item.code).where(Item.name.ilike(part))).all()
    return or_(condition, Case.item_code.in_(items)) if items else condition


def _at(sites: Sequence[int]) -> ColumnElement[bool]:
    """Cases with a leg at one of these sites."""
    leg = aliased(Leg)
    return exists(select(leg.id).where(leg.case_id == Case.id, leg.site_id.in_(sites)).correlate(Case))


def _closed_to(ctx: Context, found: CompoundSelect[Any]) -> list[int]:
    """Of these cases, those whose content the actor's sites may not read any more (DOMAIN §5.3).

    What was shared does not confirm a person's number after the access has ended.
    """
    sites = scope.sites_of(ctx.actor, scope.DESK)  # a supervisor follows the region's cases as long as they are kept
    if not sites:
        return []
    rows = ctx.session.execute(
        select(Case.id, Case.item_code, func.max(Leg.ended_at))
        .join(Leg, Leg.case_id == Case.id)
        .where(Case.id.in_(found), Case.main_site_id.not_in(sites), Leg.site_id.in_(sites))
        .group_by(Case.id)
        .having(func.count() == func.count(Leg.ended_at))
    )
    return [case_id for case_id, item, at in rows if at is not None and access_is_over(ctx, item, at)]


def _conditions(ctx: Context, wanted: Filter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.item:
        conditions.append(Case.item_code == wanted.item)
    if wanted.status:
        conditions.append(exists(select(Leg.id).where(Leg.case_id == Case.id, Leg.status == wanted.status)))
    if wanted.due and wanted.due is not DueState.NONE:
        low, high = horizon(ctx).bounds(wanted.due)
        if low is not None:
            conditions.append(Case.promise_due_at >= low)
        if high is not None:
            conditions.append(Case.promise_due_at <= high)
    if wanted.q:
        conditions.append(matches_text(ctx, wanted.q))
    return conditions
