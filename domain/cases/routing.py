"""Which site runs a pool: from the model's ``lianban:site``, and for a reply from what is already known of the case."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.cases.errors import SiteUnresolved
from domain.cases.rows import LEGS, LegRow
from domain.context import Context
from domain.outbox.models import Message
from domain.sites.models import Site
from domain.sites.queries import find_site
from engine.contract import Model, Participant
from forms.kernel import Expression, plain

S = TypeVar("S")
CODE = re.compile(r"^[\w.-]{1,40}$")
"""What may be a site's code."""


def participant_of(model: Model, participant_id: str) -> Participant:
    """A pool of the model. Raises :class:`SiteUnresolved`."""
    for participant in model.participants:
        if participant.id == participant_id:
            return participant
    raise SiteUnresolved("流程中没有这个参与方。", "The model has no such pool.")


def main_participant(model: Model) -> Participant:
    """The pool where the application is received. Raises :class:`SiteUnresolved`."""
    executable = [pool for pool in model.participants if pool.process_id is not None]
    for participant in executable:
        if participant.role == "main":
            return participant
    raise SiteUnresolved("流程没有主办方泳池。", "The model has no main pool.")


def resolve_site(
    ctx: Context, participant: Participant, data: Mapping[str, Any], find: Callable[[Session, str], S | None]
) -> S:
    """The site of a pool from the application (main) or the opening message (partner), found by its code.

    Raises :class:`SiteUnresolved`.
    """
    source = participant.site_source
    site = None if source.startswith("=") else find(ctx.session, source)
    if site is None:
        site = find(ctx.session, _code(ctx, source, data))
    if site is None:
        raise SiteUnresolved(
            f"参与方“{participant.name}”没有对应的办理机构。", f"No site is known for the pool '{participant.name}'."
        )
    return site


def expected_partner(ctx: Context, model: Model, application: Mapping[str, Any]) -> str:
    """The code of the site that the first partner pool names by what was applied for; empty when that is not known yet."""
    participant = first_partner(model)
    if participant is None or not participant.site_source:
        return ""
    code = _code(ctx, participant.site_source, application)
    if not code and find_site(ctx.session, participant.site_source) is not None:
        code = participant.site_source
    return code if CODE.match(code) else ""


def first_partner(model: Model) -> Participant | None:
    """The pool whose site counts as the one a case is handled with."""
    return next((each for each in model.participants if each.role == "partner"), None)


def _code(ctx: Context, source: str, data: Mapping[str, Any]) -> str:
    context = {**data, "application": data, "payload": data}
    answer = ctx.forms.evaluate([Expression(source.removeprefix("="))], context)[0]
    value = None if answer.error else plain(answer.value)
    return "" if value is None else str(value)


def receiver_site(ctx: Context, leg: LegRow, participant: Participant, payload: Mapping[str, Any]) -> Site:
    """Where a message to another pool of the case goes: its running leg, whom we exchanged messages with, or the model."""
    running = select(LEGS.c.site_id).where(LEGS.c.case_id == leg.case_id, LEGS.c.participant_id == participant.id)
    known = ctx.session.execute(select(Site).where(Site.id == running.scalar_subquery())).scalar_one_or_none()
    if known is not None:
        return known
    if participant.role == "main":
        return ctx.session.get_one(Site, leg.case.main_site_id)
    sent = (
        select(Message.receiver_code)
        .where(Message.case_id == leg.case_id, Message.receiver_participant == participant.id)
        .where(Message.direction == "out")
        .order_by(Message.id)
        .limit(1)
    )
    known = ctx.session.execute(select(Site).where(Site.code == sent.scalar_subquery())).scalar_one_or_none()
    return known or resolve_site(ctx, participant, payload, find_site)
