"""Telling people on the platform: texts by template, one row per reader. Texts never carry personal data of others."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Table, insert, update

from domain import reach
from domain.context import Context
from domain.errors import DomainError, NotFound
from domain.identity import service as identity
from domain.identity.queries import without_account
from domain.locked import LockedLeg
from domain.notifications.models import Notification

LONGEST_TITLE = 200
LONGEST_TEXT = 600


class UnknownTemplate(DomainError):
    """No notice has this template."""

    code = "unknown-template"
    title_zh = "没有这个通知模板"
    title_en = "There is no such template"
    next_zh = "请流程设计员改用已有的通知模板，重新部署。"
    next_en = "Let the process designer use a template that is there and deploy again."


@lru_cache(maxsize=1)
def templates() -> Mapping[str, tuple[str, str]]:
    """Template → (title, text); ``{name}`` stands for a value."""
    raw = json.loads((Path(__file__).parent / "data" / "templates.json").read_text(encoding="utf-8"))
    return {key: (value["title"], value["text"]) for key, value in raw.items()}


@lru_cache(maxsize=1)
def at_window() -> Mapping[str, str]:
    """Template → the text for applicants who cannot log in: what is to be done is done at the window."""
    raw = json.loads((Path(__file__).parent / "data" / "templates.json").read_text(encoding="utf-8"))
    return {key: value["window"] for key, value in raw.items() if "window" in value}


@dataclass(frozen=True, slots=True)
class Outside:
    """What may leave the platform of a notice: its category, and a title and sentence with no more of the case than its number."""

    category: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Sent:
    """A notice that was written: ``ids`` of the rows by reader; ``site_id`` the site it is about, where one is known."""

    template: str
    case_id: int | None
    case_no: str
    site_id: int | None
    ids: Mapping[int, int]


@lru_cache(maxsize=1)
def outsides() -> Mapping[str, Outside]:
    """Template → what is told outside the platform."""
    raw = json.loads((Path(__file__).parent / "data" / "templates.json").read_text(encoding="utf-8"))
    return {
        key: Outside(
            value.get("category", "progress"),
            *value.get("outside", ("有新通知", "办件 {caseNo} 有新通知，请登录查看。")),
        )
        for key, value in raw.items()
    }


def send(
    ctx: Context,
    readers: Iterable[int],
    template: str,
    values: Mapping[str, Any],
    *,
    case_id: int | None = None,
    site_id: int | None = None,
) -> int:
    """Write a notice for each reader once: one statement. How many. Raises :class:`UnknownTemplate`.

    ``site_id``: the site whose staff it concerns; its rules and its robots count for what goes out of the platform.
    """
    if template not in templates():
        raise UnknownTemplate(f"没有通知模板“{template[:40]}”。", f"There is no template '{template[:40]}'.")
    title, text = templates()[template]
    known = _Blank({key: str(value) for key, value in values.items()})
    everybody = list(dict.fromkeys(readers))
    served = without_account(ctx.session, everybody) if template in at_window() else frozenset()
    rows = [
        {
            "user_id": reader,
            "case_id": case_id,
            "template": template,
            "title": title.format_map(known)[:LONGEST_TITLE],
            "text": (at_window()[template] if reader in served else text).format_map(known)[:LONGEST_TEXT],
            "created_at": ctx.clock.now(),
        }
        for reader in everybody
    ]
    if rows:
        model: Table = Notification.__table__  # type: ignore[assignment]  # declared as FromClause, is a Table
        # Within a step the case is held; otherwise it is the platform that tells others something.
        with reach.for_platform(ctx.session) if case_id is None else nullcontext():
            ids = ctx.session.execute(insert(model).returning(model.c.user_id, model.c.id), rows).all()
            if ctx.handlers.spread_notice is not None:
                spread = Sent(template, case_id, known["caseNo"], site_id, {row.user_id: row.id for row in ids})
                ctx.handlers.spread_notice(ctx, spread)
    return len(rows)


def notify(ctx: Context, leg: LockedLeg, job: Any) -> Mapping[str, Any]:
    """Service ``notify``: to ``applicant`` or the holders of a role at the leg's site; arguments to, template, data."""
    from engine.contract import ServiceError

    arguments = job.arguments
    to, template = str(arguments.get("to", "")), str(arguments.get("template", ""))
    if template not in templates():
        raise ServiceError("unknown-template", f"there is no template '{template[:40]}'")
    if to == "applicant":
        owner = leg.case.applicant_user_id
        readers = [] if owner is None else [owner]
    else:
        readers = identity.list_holders(ctx, leg.site_id, [to])
    given = arguments.get("data")
    values = {**(given if isinstance(given, dict) else {}), "caseNo": leg.case.case_no, "siteName": leg.site.name}
    return {"count": send(ctx, readers, template, values, case_id=leg.case_id, site_id=leg.site_id)}


def mark_read(ctx: Context, notification_id: int) -> None:
    """The reader has seen it. Raises :class:`NotFound` for another person's notice."""
    done = ctx.session.execute(
        update(Notification)
        .where(Notification.id == notification_id, Notification.user_id == ctx.actor.user_id)
        .values(read_at=ctx.clock.now())
        .returning(Notification.id)
    )
    if done.scalar_one_or_none() is None:
        raise NotFound("没有这条通知。", "There is no such notice.")


class _Blank(dict[str, str]):
    """A value that was not given leaves its place empty."""

    def __missing__(self, key: str) -> str:
        del key
        return ""
