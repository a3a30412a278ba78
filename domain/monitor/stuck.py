"""Things that do not move, in words: whom each waits for, since when, why, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from domain.cases import advice, labels
from domain.cases.jobs import ServiceJob
from domain.cases.queries import CaseLine, lines_by_id
from domain.clock import CHINA
from domain.context import Context
from domain.deadlines import policies
from domain.deadlines.calendar import NATION, load
from domain.deadlines.due import schedule
from domain.deadlines.queries import Begun, Due, horizon, latest_ladder
from domain.definitions import store
from domain.identity.queries import names_of
from domain.jobs import attending
from domain.monitor.queries import StuckThing
from domain.sites.models import Site
from domain.sites.queries import sites_by_id
from domain.tasks.lines import LadderMark

_TEXTS = {
    "incident": ("“{what}”出错：{detail}", "“{what}” failed: {detail}"),
    "message": ("发给协办地的消息“{detail}”未获确认", "The message “{detail}” was not acknowledged"),
    "overdue": ("“{what}”已超过时限", "“{what}” is overdue"),
    "supplement": ("申请人未在期限内完成“{what}”", "The applicant did not do “{what}” in time"),
    "suspended": ("办件已暂停：{detail}", "Suspended: {detail}"),
    "external": (
        "等待外部系统办理“{what}”（{detail}）{quiet}",
        "Waiting for another system: “{what}” ({detail}){quiet_en}",
    ),
    "unclaimed": ("“{what}”无人签领", "Nobody has claimed “{what}”"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitsFor:
    """Who has to act."""

    site_name: str
    what: str
    role: str | None
    role_name: str | None
    role_name_en: str | None
    person: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StuckLine:
    """One line of the list."""

    case_no: str
    item_name: str
    item_name_en: str
    subject: str
    waits_for: WaitsFor
    since: datetime
    since_workdays: int
    reason: str
    reason_text: str
    reason_text_en: str
    due_at: datetime | None
    due: Due
    ladder: LadderMark | None
    suggestion: str
    suggestion_en: str
    incident_id: int | None
    leg_id: int | None


def lines_of(ctx: Context, things: Sequence[StuckThing]) -> list[StuckLine]:
    """The lines of a page."""
    cases = lines_by_id(ctx, {thing.case_id for thing in things})
    sites = sites_by_id(ctx.session, {thing.site_id for thing in things if thing.site_id})
    people = names_of(ctx.session, {thing.assignee_id for thing in things if thing.assignee_id})
    task_ids = [thing.ref for thing in things if thing.reason in ("overdue", "supplement", "unclaimed")]
    marks = latest_ladder(ctx.session, task_ids)
    quiet = _quiet(ctx, [thing for thing in things if thing.reason == "external"])
    lines = []
    for thing in things:
        if thing.case_id not in cases:
            continue
        line, definition_id = cases[thing.case_id]
        site = sites.get(thing.site_id or 0)
        mark = marks.get(thing.ref)
        waits = WaitsFor(
            site_name=site.name if site else "",
            what=_what(ctx, thing, definition_id),
            role=thing.role,
            role_name=labels.name_of(labels.ROLES, thing.role) or None,
            role_name_en=labels.name_en_of(labels.ROLES, thing.role) or None,
            person=people.get(thing.assignee_id or 0),
        )
        lines.append(
            _line(
                ctx,
                thing,
                line,
                waits,
                site,
                LadderMark.of(mark) if mark else None,
                quiet.get(thing.ref, ("", "")),
            )
        )
    return lines


def _quiet(ctx: Context, things: Sequence[StuckThing]) -> dict[str, tuple[str, str]]:
    """For external tasks: since when nobody has asked for the topic, in both languages, by the task's id."""
    if not things:
        return {}
    refs = [thing.ref for thing in things]
    fetched = set(ctx.session.scalars(select(ServiceJob.id).where(ServiceJob.id.in_(refs), ~ServiceJob.is_call)))
    asked = attending.last_asked(ctx, {thing.detail for thing in things})
    pause = policies.effective(ctx, "external.quiet").value
    late = schedule("-" + pause, ctx.clock.now(), load(ctx.session, NATION))
    told = {}
    for thing in things:
        if thing.ref not in fetched:
            continue  # the platform calls for it itself
        at = attending.asked_at(asked, thing.detail, thing.site_id or 0)
        if at is None:
            told[thing.ref] = ("，从未有客户端领取该主题", "; no client has ever asked for this topic")
        elif at < late:
            minutes = int((ctx.clock.now() - at).total_seconds() // 60)
            told[thing.ref] = (
                f"，已有 {minutes} 分钟没有客户端领取该主题",
                f"; no client has asked for this topic for {minutes} minutes",
            )
    return told


def _line(
    ctx: Context,
    thing: StuckThing,
    line: CaseLine,
    waits: WaitsFor,
    place: Site | None,
    ladder: LadderMark | None,
    quiet: tuple[str, str],
) -> StuckLine:
    told = advice.for_stuck(thing.reason)
    words = {"what": waits.what, "detail": thing.detail, "quiet": quiet[0], "quiet_en": quiet[1]}
    text, text_en = (each.format(**words) for each in _TEXTS[thing.reason])
    begun = Begun(thing.since, place, line.item_code) if place and thing.reason == "unclaimed" else None
    region = place.region_code if place else NATION
    today, since = ctx.clock.now().astimezone(CHINA).date(), thing.since.astimezone(CHINA).date()
    return StuckLine(
        case_no=line.case_no,
        item_name=line.item_name,
        item_name_en=line.item_name_en,
        subject=line.subject,
        waits_for=waits,
        since=thing.since,
        since_workdays=load(ctx.session, region).used(since, today),
        reason=thing.reason,
        reason_text=text,
        reason_text_en=text_en,
        due_at=thing.due_at,
        due=horizon(ctx).judge(thing.due_at, region, begun),
        ladder=ladder,
        suggestion=told.zh,
        suggestion_en=told.en,
        incident_id=int(thing.ref) if thing.reason == "incident" else None,
        leg_id=thing.leg_id,
    )


def _what(ctx: Context, thing: StuckThing, definition_id: int) -> str:
    """The step that waits: the task's name or the element's."""
    if thing.reason in ("overdue", "supplement", "unclaimed"):
        return labels.one_line(thing.detail)
    elements = store.load_elements(ctx.session, definition_id)
    element = elements.get(thing.element_id or "")
    return labels.one_line(element.name if element else "") or thing.element_id or "恢复办理"
