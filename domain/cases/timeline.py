"""The joint timeline: one lane per site, events from the record of the case, messages as arrows between lanes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from domain.audit.models import AuditEvent
from domain.cases import events, labels
from domain.cases.queries import Frame
from domain.context import Context
from domain.definitions import store
from domain.definitions.store import Elements
from engine.contract import Element, Model

MAX_EVENTS = 2000
"""A timeline shows at most the newest so many events; the record keeps all."""


@dataclass(frozen=True, slots=True)
class Lane:
    """A site's lane."""

    leg_id: int
    site_name: str
    role: str
    role_name: str
    role_name_en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened, in words. Messages carry both ends."""

    id: int
    at: datetime
    leg_id: int | None
    kind: str
    title: str
    title_en: str
    actor_name: str
    element_id: str | None
    element_name: str | None
    tone: str
    data: dict[str, Any] = field(default_factory=dict)
    from_leg_id: int | None = None
    to_leg_id: int | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """Lanes (lead site first) and events, oldest first."""

    lanes: list[Lane]
    events: list[Event]


def get_timeline(ctx: Context, frame: Frame) -> Timeline:
    """The timeline as its reader may see it: a partner reads its own leg, messages to and from it, and when the case began and ended."""
    model = store.load_definition(ctx.session, frame.case.definition_id).model
    lanes = [
        Lane(leg.id, frame.sites[leg.site_id].name, leg.role, *labels.names_of(labels.LEG_ROLES, leg.role))
        for leg in frame.legs
    ]
    newest = (
        select(
            AuditEvent.id,
            AuditEvent.at,
            AuditEvent.leg_id,
            AuditEvent.kind,
            AuditEvent.actor_name,
            AuditEvent.element_id,
            AuditEvent.data,
        )
        .where(AuditEvent.case_id == frame.case.id, AuditEvent.kind.not_in(events.SILENT))
        .order_by(AuditEvent.seq.desc())
        .limit(MAX_EVENTS)
    )
    rows = reversed(ctx.session.execute(newest).all())
    elements = store.load_elements(ctx.session, frame.case.definition_id)
    told = (_event(frame, model, elements, row) for row in rows)
    return Timeline(lanes, [event for event in told if _shown(frame, event)])


def _event(frame: Frame, model: Model, elements: Elements, row: Any) -> Event:
    element = elements.get(row.element_id) if row.element_id else None
    told = events.tell(
        row.kind, row.data, _names(frame, model, row.data) | _pressed(element, row.data) | _chosen(elements, row.data)
    )
    start, end = _ends(frame, row)
    return Event(
        id=row.id,
        at=row.at,
        leg_id=row.leg_id,
        kind=row.kind,
        title=told.title,
        title_en=told.title_en,
        actor_name="" if row.kind in events.ANONYMOUS else row.actor_name,
        element_id=row.element_id,
        element_name=labels.one_line(element.name) or None if element else None,
        tone=told.tone,
        data=_safe(row.data),
        from_leg_id=start,
        to_leg_id=end,
    )


def _names(frame: Frame, model: Model, data: Mapping[str, Any]) -> dict[str, str]:
    """Words for the codes inside an event: the message's and the other site's name."""
    message = data.get("name")
    flow = next((each for each in model.message_flows if each.message == message), None)
    other = data.get("to") or data.get("from")
    leg = frame.leg_of(str(other)) if other else None
    participant = next((each for each in model.participants if each.id == other), None)
    site = frame.sites[leg.site_id].short_name if leg else (participant.name if participant else "")
    name = str(message or "")
    return {"message": (flow.name if flow else "") or name, "message_en": name, "site": site}


def _pressed(element: Element | None, data: Mapping[str, Any]) -> dict[str, str]:
    """The name of the button that was pressed."""
    pressed = next((each for each in element.actions if each.value == data.get("action")), None) if element else None
    return {"action": pressed.name if pressed else "", "action_en": pressed.name_en if pressed else ""}


def _chosen(elements: Elements, data: Mapping[str, Any]) -> dict[str, str]:
    """The names of the elements that somebody started."""
    ids = data.get("elements") or ()
    return {"elements": "、".join(labels.one_line(elements[each].name) or each for each in ids if each in elements)}


def _ends(frame: Frame, row: Any) -> tuple[int | None, int | None]:
    """Both ends of a message, once for each: where it was sent, or where it came in from another deployment."""
    sender = frame.leg_of(str(row.data.get("from", "")))
    if row.kind == "signal.received" and sender is not None:
        return sender.id, row.leg_id
    if row.kind not in events.ARROWS:
        return None, None
    receiver = frame.leg_of(str(row.data.get("to", "")))
    if row.kind == "message.sent":
        return row.leg_id, receiver.id if receiver else None
    return (None, row.leg_id) if sender is None else (None, None)


def _shown(frame: Frame, event: Event) -> bool:
    if not frame.view.is_partner:
        return True
    mine = {leg.id for leg in frame.legs if frame.view.shows_leg(leg.site_id, leg.role)}
    return bool(mine & {event.leg_id, event.from_leg_id, event.to_leg_id}) or event.kind in events.COARSE


def _safe(data: Mapping[str, Any]) -> dict[str, Any]:
    """What a page may need beyond the title."""
    return {key: value for key, value in data.items() if key in events.SHOWN_DATA}


def kinds_known(kinds: Iterable[str]) -> list[str]:
    """Which of these kinds have no words yet (for the test that holds the record and this page together)."""
    return sorted(set(kinds) - set(events.TOLD) - events.SILENT)
