"""窗口代办: what a clerk does for an applicant who stands at the window where the case was handed in (DOMAIN §5.2, R-09.3).

Each act runs under the clerk's own account with the applicant as principal, after an identity check that is on record
(:class:`~domain.window.models.WindowVisit`). What the process makes of it is the same as of the applicant's own act in the portal.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import select

from domain import reach
from domain.actors import Role, Visit
from domain.audit import service as audit
from domain.cases import labels, rows
from domain.cases import service as cases
from domain.cases.models import Case, Task
from domain.channels import people, rules
from domain.channels.people import OwnChannel
from domain.context import Context
from domain.deadlines import ladder, policies
from domain.deadlines.calendar import NATION, load
from domain.deadlines.due import schedule
from domain.documents import queries as documents
from domain.documents import service as issuing
from domain.documents.models import Document
from domain.errors import NotFound
from domain.identity import functions
from domain.identity import service as identity
from domain.materials import service as materials
from domain.tasks import service as tasks
from domain.tasks.service import Completed
from domain.window.errors import IdentityNotChecked, SignatureMissing, WhoCameIncomplete
from domain.window.models import WindowVisit

APPLICANT: Final = "APPLICANT"
PAPER, FILE = materials.AT_WINDOW
"""How papers came to the window (``materials.origin``)."""
READ, ANSWER, WITHDRAW, URGE = (
    "application.edit:read",
    "application.edit:edit",
    "application.submit:withdraw",
    "urge:send",
)
"""The functions of the matrix that let a window clerk do this on behalf (DOMAIN §5.2)."""
SMS: Final = "sms"
DELIVERY_PROOF: Final = "SDHZ"
SIGNED, SIGNED_NAME = "CXSQ", "撤件申请书（申请人签名）"
"""The scan of a signed withdrawal, among the case's materials."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the clerk saw: who came, which paper, the applicant's number on it; of a guardian or agent also name and number."""

    appeared: str
    paper: str
    id_no: str
    agent_name: str = ""
    agent_id_no: str = ""


@dataclass(frozen=True, slots=True)
class Served:
    """A case at its own window: the context under which the applicant's acts are done there, the case, the identity check."""

    ctx: Context
    case: Case
    applicant_id: int
    visit: WindowVisit


def get_case(ctx: Context, case_no: str, function: str = READ) -> Case:
    """A case that was handed in at a window of the actor's, held for this transaction. Raises :class:`NotFound` for any other.

    Another site's clerk, the partner's too, does not find it here.
    """
    found = select(Case).where(
        (Case.case_no == case_no) | (Case.collab_no == case_no), Case.window_site_id.is_not(None)
    )
    case = ctx.session.scalar(found)
    if (
        case is None
        or case.applicant_user_id is None
        or not ctx.actor.has(Role.RECV_CLERK, case.window_site_id)
        or not functions.may(ctx.actor, function, site_id=case.window_site_id)
    ):
        raise NotFound("本窗口没有收过这个办件。", "This window did not take such a case.")
    reach.hold(ctx.session, case.id)
    return case


def identify(ctx: Context, case_no: str, seen: Seen) -> WindowVisit | None:
    """Record who came and what was seen; None when the number is not the applicant's, which is recorded too.

    Raises :class:`WhoCameIncomplete`.
    """
    case = get_case(ctx, case_no)
    if seen.appeared != APPLICANT and not (seen.agent_name.strip() and seen.agent_id_no.strip()):
        raise WhoCameIncomplete("没有填写到场人的姓名或证件号码。", "Name or number is missing.", pointer="/agentName")
    told = {"appeared": seen.appeared, "paper": seen.paper}
    if not _is_number_of(ctx, case, seen.id_no):
        audit.record(ctx, "window.refused", case_id=case.id, site_id=case.window_site_id, data=told)
        return None
    now = ctx.clock.now()
    length = policies.effective(ctx, "window.visit", None, case.item_code).value
    agent = None if seen.appeared == APPLICANT else {"name": seen.agent_name.strip(), "idNo": seen.agent_id_no.strip()}
    visit = WindowVisit(
        case_id=case.id,
        site_id=case.window_site_id,
        clerk_id=ctx.actor.user_id,
        clerk_name=ctx.actor.name,
        appeared=seen.appeared,
        paper=seen.paper,
        agent=agent,
        at=now,
        ends_at=schedule(length, now, load(ctx.session, NATION)),
    )
    ctx.session.add(visit)
    ctx.session.flush()
    data = {**told, "visit": visit.id}
    audit.record(ctx, "window.identified", case_id=case.id, site_id=case.window_site_id, data=data)
    return visit


def serve(ctx: Context, case_no: str, function: str, *, origin: str = "WINDOW") -> Served:
    """The case for an act of the applicant's. Raises :class:`IdentityNotChecked` without a check by this clerk that still counts."""
    case = get_case(ctx, case_no, function)
    visit = find_visit(ctx, case.id)
    if visit is None or case.applicant_user_id is None:
        raise IdentityNotChecked("还没有核验到场人的身份，或者核验已过有效时间。", "No identity check counts now.")
    actor = ctx.actor.at_window(case.applicant_user_id, audit.APPLICANT_NAME, Visit(visit.id, origin))
    return Served(replace(ctx, actor=actor), case, case.applicant_user_id, visit)


def find_visit(ctx: Context, case_id: int) -> WindowVisit | None:
    """The newest identity check of the actor in a case, while it counts."""
    mine = (WindowVisit.case_id == case_id, WindowVisit.clerk_id == ctx.actor.user_id)
    newest = select(WindowVisit).where(*mine, WindowVisit.ends_at > ctx.clock.now())
    return ctx.session.scalar(newest.order_by(WindowVisit.id.desc()).limit(1))


def get_task(ctx: Context, case_no: str, task_id: str) -> Served:
    """An applicant's task of a case at this window, to read and fill in. Raises :class:`NotFound`."""
    served = serve(ctx, case_no, ANSWER)
    _require_task(served, task_id)
    return served


def save_draft(ctx: Context, case_no: str, task_id: str, data: Mapping[str, Any]) -> None:
    """Keep what was typed so far; the applicant finds it also in the portal."""
    served = get_task(ctx, case_no, task_id)
    tasks.save_draft(served.ctx, task_id, data)


def answer(
    ctx: Context,
    case_no: str,
    task_id: str,
    data: Mapping[str, Any],
    action: str | None,
    version: int | None,
    *,
    origin: str,
) -> Completed:
    """Complete an applicant's task (补正, 确认, 说明) with the same checks as in the portal. ``origin``: how papers were handed in."""
    served = serve(ctx, case_no, ANSWER, origin=origin)
    _require_task(served, task_id)
    return tasks.complete(served.ctx, task_id, data, action, version)


def withdraw(ctx: Context, case_no: str, reason: str, *, file_id: str | None, is_kept: bool) -> None:
    """撤件 with the applicant's signature: its scan (a file that the clerk uploaded) or the signed paper, which is kept.

    Raises :class:`SignatureMissing` and what the case refuses.
    """
    served = serve(ctx, case_no, WITHDRAW, origin=PAPER)
    if file_id is None and not is_kept:
        raise SignatureMissing("没有签名的撤件申请书。", "There is no signed withdrawal.", pointer="/fileId")
    if file_id is not None:
        materials.keep_signed(served.ctx, served.case.id, SIGNED, SIGNED_NAME, file_id, origin=PAPER)
    audit.record(
        served.ctx,
        "window.signed",
        case_id=served.case.id,
        site_id=served.case.window_site_id,
        data={"scanned": file_id is not None},
    )
    cases.withdraw(served.ctx, served.case.id, reason)


def urge(ctx: Context, case_no: str, note: str) -> None:
    """催办 by the applicant, by the applicant's rules."""
    served = serve(ctx, case_no, URGE)
    ladder.urge(served.ctx, served.case.id, None, note)


def hand_over(ctx: Context, case_no: str, document_id: int) -> Document:
    """当面送达: a document is given to who stands at the window; its 送达回证 is made for signing. Raises :class:`NotFound`."""
    served = serve(ctx, case_no, ANSWER)
    sheet = documents.get_document(ctx.session, served.case.id, document_id, documents.for_applicant())
    leg = rows.lock_main_leg(ctx, served.case.id)
    delivered = {
        "mode": "WINDOW",
        "at": ctx.clock.now().isoformat(),
        "receiver": labels.name_of(labels.APPEARED, served.visit.appeared),
        "papers": f"{sheet.title}（{sheet.number}）",
        "seen": labels.name_of(labels.IDENTITY_PAPERS, served.visit.paper),
    }
    proof = issuing.issue(served.ctx, leg, DELIVERY_PROOF, to="applicant", variables={"delivered": delivered})
    audit.record(
        served.ctx,
        "window.delivered",
        case_id=served.case.id,
        site_id=served.case.window_site_id,
        data={"title": sheet.title, "documentId": document_id, "proofId": proof.id},
    )
    return proof


def offer_sms(ctx: Context, case_no: str, mobile: str, *, consent: bool) -> None:
    """Keep the applicant's mobile number for notices, with consent; a code goes there that the applicant tells the clerk."""
    served = serve(ctx, case_no, ANSWER)
    wanted = [category.key for category in rules.categories()]
    with reach.for_platform(ctx.session):  # the applicant's own address, given in person
        people.put(served.ctx, SMS, mobile, wanted, consent=consent)


def confirm_sms(ctx: Context, case_no: str, code: str) -> bool:
    """Whether the code was right; from then on notices go there. A wrong one is counted: the caller commits before it refuses."""
    served = serve(ctx, case_no, ANSWER)
    with reach.for_platform(ctx.session):
        return people.confirm(served.ctx, SMS, code)


def end_sms(ctx: Context, case_no: str) -> None:
    """The applicant wants no messages any more."""
    served = serve(ctx, case_no, ANSWER)
    with reach.for_platform(ctx.session):
        people.remove(served.ctx, SMS)


def get_sms(ctx: Context, case: Case, visit: int) -> OwnChannel:
    """The applicant's mobile number for notices, masked, and whether messages can be sent here at all."""
    actor = ctx.actor.at_window(case.applicant_user_id or 0, audit.APPLICANT_NAME, Visit(visit))
    own = people.list_own(replace(ctx, actor=actor))
    return next(channel for channel in own if channel.channel == SMS)


def _require_task(served: Served, task_id: str) -> None:
    theirs = select(Task.id).where(Task.id == task_id, Task.case_id == served.case.id, Task.role == str(Role.APPLICANT))
    if served.ctx.session.scalar(theirs) is None:
        raise NotFound("没有这个任务。", "There is no such task.")


def _is_number_of(ctx: Context, case: Case, id_no: str) -> bool:
    person = identity.get_user(ctx, case.applicant_user_id or 0).person or {}
    known = str(person.get("idNo") or "").strip().upper()
    return bool(known) and hmac.compare_digest(known.encode(), id_no.strip().upper().encode())
