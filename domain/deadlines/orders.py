"""催办单 and 督办单: the printable document of an urge or supervision order, issued through the platform's document handler."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from domain.context import Context
from domain.deadlines.models import LadderStep
from domain.deadlines.places import Place
from engine.contract import Effect

DOCUMENTS: Final = {"URGE": ("CBD", "urge"), "SUPERVISE": ("DBD", "supervision")}
"""Kind of step → document code, and the variable its builder reads."""


@dataclass(frozen=True, slots=True)
class OrderedLeg:
    """The leg an order is about, as far as its document goes: no process variable and no word of the application."""

    id: int
    case_id: int
    site_id: int
    case_no: str
    case: Place
    role: str = "order"
    status: str = ""
    variables: dict[str, Any] = field(default_factory=dict)
    application: dict[str, Any] = field(default_factory=dict)


def issue(ctx: Context, place: Place, row: LadderStep) -> None:
    """Issue the document of a step; reminders and conferences have none. Both sites may read it."""
    handler = ctx.handlers.effects.get("document")
    if handler is None or row.kind not in DOCUMENTS:
        return
    code, name = DOCUMENTS[row.kind]
    leg = OrderedLeg(place.leg_id, place.case_id, place.site_id, place.case_no, place)
    handler(ctx, leg, Effect("document", "enter", {"code": code, "to": "partner"}), {name: _content(place, row)})


def _content(place: Place, row: LadderStep) -> Mapping[str, Any]:
    return {
        "number": row.number,
        "rule": row.rule,
        "alertType": row.alert_type,
        "taskName": place.task_name.replace("\n", ""),
        "due": None if row.due_at is None else row.due_at.isoformat(),
        "ask": row.note or "请尽快办理并答复。",
        "responsible": row.responsible,
        "answerDue": None if row.answer_due_at is None else row.answer_due_at.isoformat(),
    }
