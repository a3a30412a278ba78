"""One person's rights: a copy of everything (个人信息保护法第四十五条), deletion (第四十七条) with the reason of each refusal."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, select

from domain.applications.models import ApplicationDraft
from domain.audit import reads
from domain.audit import service as audit
from domain.cases.models import Case
from domain.channels.models import PersonChannel
from domain.context import Context
from domain.disclosure import consents
from domain.disclosure.queries import list_looks
from domain.documents import queries as documents
from domain.documents.models import Document
from domain.errors import Conflict
from domain.identity import sessions
from domain.identity.models import KnownDevice, User
from domain.items.models import Item
from domain.items.queries import ItemNames
from domain.materials.models import File, Material
from domain.notifications.models import Notification
from domain.privacy import holds, retention
from domain.window import queries as window

MOST_BYTES: Final = 300_000_000
"""Of all files in a copy; what is larger is listed without its content."""
OPEN, FOR_EVER, KEPT, HELD, ERASED = "open", "for-ever", "kept", "held", "erased"
CLOSED_NAME: Final = "已注销"


@dataclass(frozen=True, slots=True)
class CaseFate:
    """Why a case of the person stays, and until when: open, for-ever, kept (``until``), held."""

    case_no: str
    item_name: str
    item_name_en: str
    why: str
    until: datetime | None
    source: str


@dataclass(frozen=True, slots=True)
class Deleted:
    """What deletion of a person did: drafts and addresses are gone; each case that stays has its reason."""

    drafts: int
    channels: int
    account_closed: bool
    cases: list[CaseFate]


@dataclass(frozen=True, slots=True)
class CopiedFile:
    """A file of the copy: where it lies in it. ``content`` None: too large together with the others."""

    path: str
    content: bytes | None


def copy_of(ctx: Context) -> tuple[dict[str, Any], list[CopiedFile]]:
    """Everything about the actor: account, addresses, drafts, cases with documents and materials, consents, who looked."""
    user = ctx.session.get_one(User, ctx.actor.user_id)
    cases, files, room = [], [], MOST_BYTES
    own = select(Case).where(Case.applicant_user_id == user.id).order_by(Case.id)
    for case in ctx.session.scalars(own):
        cases.append(_case(ctx, case))
        found, room = _files(ctx, case, room)
        files += found
    drafts = ctx.session.scalars(select(ApplicationDraft).where(ApplicationDraft.user_id == user.id)).all()
    channels = ctx.session.scalars(select(PersonChannel).where(PersonChannel.user_id == user.id)).all()
    notices = ctx.session.scalars(
        select(Notification).where(Notification.user_id == user.id).order_by(Notification.id)
    ).all()
    reads.record_read(ctx, "person.export", subject_id=user.id, fields=["everything"])
    audit.record(ctx, "person.exported", data={"userId": user.id, "cases": len(cases), "files": len(files)})
    return {
        "madeAt": ctx.clock.now().isoformat(),
        "account": {"login": user.login, "name": user.name, "person": user.person, "createdAt": user.created_at},
        "addresses": [
            {"channel": row.channel, "address": row.address, "consentAt": row.consent_at} for row in channels
        ],
        "drafts": [{"item": row.item_code, "data": row.data, "updatedAt": row.updated_at} for row in drafts],
        "cases": cases,
        "looks": [{name: getattr(look, name) for name in look.__slots__} for look in list_looks(ctx)],
        "notices": [{"at": row.created_at, "title": row.title, "text": row.text} for row in notices],
    }, files


def fates(ctx: Context) -> list[CaseFate]:
    """For each case of the actor why it cannot be deleted now."""
    rows = ctx.session.execute(
        select(Case, Item.name, Item.name_en)
        .join(Item, Item.code == Case.item_code)
        .where(Case.applicant_user_id == ctx.actor.user_id)
        .order_by(Case.id)
    )
    return [_fate(ctx, row.Case, ItemNames(row.name, row.name_en)) for row in rows]


def erase(ctx: Context) -> Deleted:
    """Drafts and addresses go at once; without cases the account too. Cases go when their time is over (:mod:`.retention`)."""
    user = ctx.session.get_one(User, ctx.actor.user_id, with_for_update=True)
    if not user.is_applicant:
        raise Conflict("工作人员账号由管理员停用。", "An account of staff is closed by its administrator.")
    drafts = len(
        ctx.session.scalars(
            delete(ApplicationDraft).where(ApplicationDraft.user_id == user.id).returning(ApplicationDraft.id)
        ).all()
    )
    channels = len(
        ctx.session.scalars(
            delete(PersonChannel).where(PersonChannel.user_id == user.id).returning(PersonChannel.id)
        ).all()
    )
    cases = fates(ctx)
    if not cases:
        _close(ctx, user)
    audit.record(ctx, "person.erased", data={"userId": user.id, "drafts": drafts, "casesKept": len(cases)})
    return Deleted(drafts, channels, not cases, cases)


def _close(ctx: Context, user: User) -> None:
    """The account without a person: nobody can log in to it, nothing finds it by an ID number."""
    ctx.session.execute(delete(Notification).where(Notification.user_id == user.id, Notification.case_id.is_(None)))
    ctx.session.execute(delete(KnownDevice).where(KnownDevice.user_id == user.id))
    user.login, user.name, user.person, user.id_no_blind = f"closed-{secrets.token_hex(8)}", CLOSED_NAME, None, None
    user.password_hash, user.is_active = "", False
    ctx.session.flush()
    sessions.close_sessions_of(ctx, user.id)


def _fate(ctx: Context, case: Case, item: ItemNames) -> CaseFate:
    rule, until = retention.rule_of(ctx, case), retention.kept_until(ctx, case)
    if case.closed_at is None:
        return CaseFate(case.case_no, *item, OPEN, None, "")
    if holds.find_of(ctx, case.id) is not None:
        return CaseFate(case.case_no, *item, HELD, None, "")
    return CaseFate(case.case_no, *item, FOR_EVER if until is None else KEPT, until, rule.source)


def _case(ctx: Context, case: Case) -> dict[str, Any]:
    sheets = ctx.session.scalars(
        select(Document).where(Document.case_id == case.id, documents.for_applicant()).order_by(Document.id)
    )
    return {
        "caseNo": case.case_no,
        "collabNo": case.collab_no,
        "item": case.item_code,
        "status": case.status,
        "result": case.result_code,
        "submittedAt": case.submitted_at,
        "closedAt": case.closed_at,
        "application": case.application,
        "documents": [
            {"title": row.title, "number": row.number, "issuedAt": row.issued_at, "content": row.content}
            for row in sheets
        ],
        "consents": [
            {"text": row.text, "people": row.people, "givenAt": row.given_at} for row in consents.list_of(ctx, case.id)
        ],
        "windowVisits": [
            {"at": row.at, "appeared": row.appeared, "paper": row.paper} for row in window.list_visits(ctx, case.id)
        ],
    }


def _files(ctx: Context, case: Case, room: int) -> tuple[list[CopiedFile], int]:
    query = (
        select(Material.code, File)
        .join(File, File.id == Material.file_id)
        .where(Material.case_id == case.id, Material.leg_id.is_(None))
        .order_by(Material.id)
    )
    found = []
    for number, row in enumerate(ctx.session.execute(query), start=1):
        file: File = row.File
        name = "".join(sign if sign.isalnum() or sign in "._-" else "_" for sign in file.name)[-80:]
        path = f"files/{case.case_no}/{row.code}-{number}-{name}"
        room -= file.size
        found.append(CopiedFile(path, file.content if room >= 0 else None))
    return found, max(room, 0)
