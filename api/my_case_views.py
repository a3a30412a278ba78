"""A case's page in plain words, assembled for its applicant, also when the applicant stands at a window."""

from __future__ import annotations

from typing import Any

from api import case_views
from domain.applications import progress, queries
from domain.audit import service as audit
from domain.cases.labels import one_line
from domain.context import Context
from domain.deadlines import queries as deadlines
from domain.documents import queries as documents
from domain.liaison import responsible
from domain.materials import queries as materials


def detail(ctx: Context, mine: queries.MyCase, *, read_as: str = "my.case") -> dict[str, Any]:
    """The page of a case in plain words; who reads it is on record (``read_as``)."""
    audit.record_read(
        ctx,
        read_as,
        case_id=mine.case.id,
        subject_id=mine.case.applicant_user_id,
        fields=["application", "materials", "documents"],
    )
    history = progress.history_of(ctx, mine)
    issued = documents.list_documents(ctx.session, mine.case.id, documents.for_applicant())
    line = {name: getattr(mine.line, name) for name in mine.line.__slots__}
    rights = {name: getattr(mine.rights, name) for name in mine.rights.__slots__}
    return (
        line
        | rights
        | {
            "collab_no": mine.case.collab_no,
            "query_code": mine.case.query_code,
            "flags": mine.flags,
            "received_at": deadlines.received_at(ctx.session, mine.case.id),
            "accepted_at": mine.case.accepted_at,
            "promise": progress.promise_of(ctx, mine),
            "steps": progress.steps_of(ctx, mine, history),
            "events": progress.events_of(mine, history, issued),
            "asked": progress.asked_of(ctx, mine),
            "tasks": [{**task._mapping, "name": one_line(task.name)} for task in mine.tasks],  # noqa: SLF001 -- a row's dict
            "responsible": responsible.list_units(ctx, mine.case, mine.legs, mine.sites),
            "documents": issued,
            "application": mine.case.application,
            "apply_form_id": mine.item.apply_form_id,
            "materials": materials.list_materials(ctx.session, mine.case.id, leg_ids=[None]),
            "certificates": case_views.certificate_rows(ctx, mine.case.id),
        }
    )
