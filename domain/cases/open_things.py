"""What a case has open or had: tasks, messages between its legs, incidents. In words, for its page."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, aliased

from domain.cases import advice, labels
from domain.cases.jobs import ServiceJob
from domain.cases.models import IncidentRow, Task
from domain.cases.queries import Frame
from domain.context import Context
from domain.definitions import store
from domain.identity.models import User
from domain.outbox.models import Message

MOST_JOBS = 100


def tasks_of(session: Session, case_id: int) -> list[Any]:
    """All tasks of a case, oldest first, with the names of the staff who has and who completed them; nothing sealed is read.

    An applicant's own tasks name nobody: who reads the case may not be who reads the applicant's name.
    """
    holder, doer = aliased(User), aliased(User)
    return list(
        session.execute(
            select(
                Task.id,
                Task.leg_id,
                Task.site_id,
                Task.element_id,
                Task.name,
                Task.role,
                Task.form_id,
                Task.state,
                Task.due_at,
                Task.opened_at,
                Task.closed_at,
                holder.name.label("assignee_name"),
                doer.name.label("completed_name"),
            )
            .outerjoin(holder, and_(holder.id == Task.assignee_id, ~holder.is_applicant))
            .outerjoin(doer, and_(doer.id == Task.completed_by, ~doer.is_applicant))
            .where(Task.case_id == case_id)
            .order_by(Task.opened_at, Task.id)
        )
    )


def messages_of(ctx: Context, frame: Frame) -> list[dict[str, Any]]:
    """The messages between the legs, each once (as its sender keeps it), without content."""
    rows = ctx.session.execute(
        select(
            Message.id,
            Message.message_id,
            Message.direction,
            Message.name,
            Message.sender_participant,
            Message.receiver_participant,
            Message.state,
            Message.created_at,
        )
        .where(Message.collab_no == frame.case.collab_no)
        .order_by(Message.created_at, Message.id)
    ).all()
    received = {row.message_id: row for row in rows if row.direction == "in"}
    sent = {row.message_id for row in rows if row.direction == "out"}
    model = store.load_definition(ctx.session, frame.case.definition_id).model
    titles = {flow.message: flow.name for flow in model.message_flows if flow.name}
    pools = {pool.id: pool.name for pool in model.participants}
    mine = {leg.participant_id for leg in frame.legs if frame.view.shows_leg(leg.site_id, leg.role)}
    lines = []
    for row in rows:
        if row.direction == "in" and row.message_id in sent:
            continue
        ends = {row.sender_participant, row.receiver_participant}
        if frame.view.is_partner and not ends & mine:
            continue
        state = (
            received[row.message_id].state if row.message_id in received and row.state == "acknowledged" else row.state
        )
        lines.append(
            {
                "id": row.id,
                "name": titles.get(row.name, row.name),
                "message": row.name,
                "from": pools.get(row.sender_participant, row.sender_participant),
                "to": pools.get(row.receiver_participant, row.receiver_participant),
                "state": state,
                "state_name": labels.name_of(labels.MESSAGE_STATES, state),
                "state_name_en": labels.name_en_of(labels.MESSAGE_STATES, state),
                "at": row.created_at,
            }
        )
    return lines


def incidents_of(ctx: Context, frame: Frame) -> list[dict[str, Any]]:
    """The incidents of a case, newest first."""
    elements = store.load_elements(ctx.session, frame.case.definition_id)
    rows = ctx.session.scalars(
        select(IncidentRow).where(IncidentRow.case_id == frame.case.id).order_by(IncidentRow.id.desc())
    )
    return [incident_line(row, elements) for row in rows]


def jobs_of(ctx: Context, frame: Frame) -> list[dict[str, Any]]:
    """The service tasks that other systems do for the case, newest first, without their arguments."""
    elements = store.load_elements(ctx.session, frame.case.definition_id)
    rows = ctx.session.execute(
        select(
            ServiceJob.id,
            ServiceJob.leg_id,
            ServiceJob.element_id,
            ServiceJob.topic,
            ServiceJob.is_call,
            ServiceJob.state,
            ServiceJob.attempts,
            ServiceJob.error_code,
            ServiceJob.created_at,
            ServiceJob.closed_at,
        )
        .where(ServiceJob.case_id == frame.case.id)
        .order_by(ServiceJob.created_at.desc(), ServiceJob.id.desc())
        .limit(MOST_JOBS)
    )
    return [
        {**row, "element_name": labels.one_line(elements[each].name if each in elements else "") or each}
        for row in rows.mappings()
        for each in [row["element_id"]]
    ]


def incident_line(row: IncidentRow, elements: Any) -> dict[str, Any]:
    """An incident in words, with what to do next."""
    element = elements.get(row.element_id)
    told = advice.for_incident(row.code)
    return {
        "id": row.id,
        "leg_id": row.leg_id,
        "element_id": row.element_id,
        "element_name": labels.one_line(element.name if element else "") or row.element_id,
        "code": row.code,
        "message": row.message,
        "attempts": row.attempts,
        "opened_at": row.opened_at,
        "resolved_at": row.resolved_at,
        "next_action": told.zh,
        "next_action_en": told.en,
    }
