"""Whether a site may speak for a pool of a case: its key proves who it is, the case's own rows prove its part in it."""

from __future__ import annotations

from typing import cast

from sqlalchemy import Table, select

from domain.cases.rows import LEGS, SITES, CaseRow
from domain.context import Context
from domain.inbox import rejections
from domain.inbox.rejections import Rejected
from domain.outbox.envelope import End
from domain.outbox.models import Message

MESSAGES = cast("Table", Message.__table__)


def require_part(ctx: Context, case: CaseRow, sender: End, *, is_main: bool) -> None:
    """Raise :class:`Rejected` (−50) unless the site runs the sending pool of this case."""
    expected = _site_of(ctx, case, sender.participant, is_main=is_main)
    if expected != sender.site:
        raise Rejected(rejections.NO_RIGHT, "：发送单位不是该办件的这一方", "the sender has no such part in the case")


def _site_of(ctx: Context, case: CaseRow, participant_id: str, *, is_main: bool) -> str | None:
    """Code of the site that runs a pool: its leg here, the case's main site, or the site we asked before."""
    running = select(SITES.c.code).join(LEGS, LEGS.c.site_id == SITES.c.id)
    here = ctx.session.execute(
        running.where(LEGS.c.case_id == case.id, LEGS.c.participant_id == participant_id)
    ).scalar_one_or_none()
    if here is not None:
        return str(here)
    if is_main:
        main = select(SITES.c.code).where(SITES.c.id == case.main_site_id)
        return str(ctx.session.execute(main).scalar_one())
    asked = select(MESSAGES.c.receiver_code).where(
        MESSAGES.c.case_id == case.id,
        MESSAGES.c.direction == "out",
        MESSAGES.c.receiver_participant == participant_id,
    )
    found = ctx.session.execute(asked.order_by(MESSAGES.c.id).limit(1)).scalar_one_or_none()
    return None if found is None else str(found)
