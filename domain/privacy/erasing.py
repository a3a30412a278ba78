"""Taking the personal data out of one closed case. What stays: numbers, dates, states, the masked subject, the record with its chain.

The record never held personal data; the values of corrections in it are sealed and stay, because a link taken out of a chain breaks it.
Certificates and registrations are the authority's own books and have their own keeping.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, null, select, update

from domain.applications.models import Rating
from domain.audit import service as audit
from domain.cases.jobs import ServiceJob
from domain.cases.models import Case, CaseSubject, Leg, Task
from domain.context import Context
from domain.documents.models import Document
from domain.liaison.models import ContactMessage
from domain.materials.models import File, Material, SupplementNotice
from domain.outbox.models import Message
from domain.window.models import WindowVisit

GONE: dict[str, Any] = {}


def erase_case(ctx: Context, case: Case) -> None:
    """Empty everything sealed of a closed case that is locked; files are emptied, their SHA-256 stays."""
    own = case.id
    files = select(Material.file_id).where(Material.case_id == own, Material.file_id.is_not(None))
    shared = select(Material.file_id).where(Material.case_id != own, Material.file_id.is_not(None))
    run = ctx.session.execute
    gone = {"content": b"", "size": 0, "sealed_name": "已删除", "plain_name": ""}
    run(update(File).where(File.id.in_(files), File.id.not_in(shared)).values(gone))
    run(update(Material).where(Material.case_id == own).values(note=""))
    run(update(SupplementNotice).where(SupplementNotice.case_id == own).values(entries=[], new_fact=null()))
    run(update(Document).where(Document.case_id == own).values(content=GONE))
    run(update(Message).where(Message.case_id == own).values(payload=GONE, raw=null()))
    run(update(Task).where(Task.case_id == own).values(context=null(), draft=null()))
    run(
        update(ServiceJob)
        .where(ServiceJob.leg_id.in_(select(Leg.id).where(Leg.case_id == own)))
        .values(arguments=GONE, trouble=null())
    )
    run(update(Leg).where(Leg.case_id == own).values(state=b"", variables=GONE, received=null()))
    run(update(ContactMessage).where(ContactMessage.case_id == own).values(text=null()))
    run(update(Rating).where(Rating.case_id == own).values(comment=null()))
    run(update(WindowVisit).where(WindowVisit.case_id == own).values(agent=null()))
    run(delete(CaseSubject).where(CaseSubject.case_id == own))
    case.application, case.applicant_user_id, case.erased_at = GONE, None, ctx.clock.now()
    ctx.session.flush()
    audit.record(ctx, "data.erased", case_id=own, site_id=case.main_site_id)
