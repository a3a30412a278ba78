"""What an applicant may ask while waiting (DOMAIN §1.2.4): how it goes (进度询问) before the promised date, 催办 after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, select

from domain.clock import CHINA
from domain.context import Context
from domain.deadlines import places, policies
from domain.deadlines.calendar import load
from domain.deadlines.due import told
from domain.deadlines.errors import UrgeTooEarly
from domain.deadlines.models import LadderStep
from domain.sites.models import Site

INQUIRE: Final = "INQUIRE"
"""A question in good time: the office reads it and answers it, nothing is held against it."""
URGE: Final = "URGE"
APPLICANT: Final = "applicant"
_WORDS: Final = {INQUIRE: ("询问一次进度", "ask how it goes"), URGE: ("催办一次", "urge")}


@dataclass(frozen=True, slots=True)
class Asking:
    """What the applicant would send now, INQUIRE or URGE; ``refusal``: why that is not possible yet."""

    kind: str
    refusal: UrgeTooEarly | None


def find_asking(ctx: Context, case_id: int) -> Asking:
    """By the promised date (one that stands still has not passed); each kind once in ``urge.applicantInterval``."""
    frame = places.get_frame(ctx, case_id)
    now = ctx.clock.now()
    kind = URGE if frame.promise_due_at is not None and now > frame.promise_due_at else INQUIRE
    newest = select(LadderStep.raised_at).where(*_mine(case_id), LadderStep.kind == kind)
    last = ctx.session.scalar(newest.order_by(LadderStep.raised_at.desc()).limit(1))
    if last is None:
        return Asking(kind, None)
    site = ctx.session.get_one(Site, frame.main_site_id)
    values = policies.deadlines_for(ctx, site, frame.item_code, policies.partner_at("main", site, frame.partner_code))
    interval = policies.number(values, "urge.applicantInterval")
    passed = load(ctx.session, site.region_code).used(last.astimezone(CHINA).date(), now.astimezone(CHINA).date())
    if passed >= interval:
        return Asking(kind, None)
    zh, en = _WORDS[kind]
    return Asking(
        kind, UrgeTooEarly(f"每 {interval} 个工作日可以{zh}。", f"You may {en} once every {told(f'{interval}wd')[1]}.")
    )


def list_asked(ctx: Context, case_id: int) -> Sequence[LadderStep]:
    """What the applicant asked so far, with the answers, newest first."""
    return ctx.session.scalars(select(LadderStep).where(*_mine(case_id)).order_by(LadderStep.id.desc())).all()


def _mine(case_id: int) -> tuple[ColumnElement[bool], ...]:
    return LadderStep.case_id == case_id, LadderStep.source == APPLICANT
