"""How a further edition of a data contract comes about (DOMAIN §5.3).

Drafted → compared with the newest one → approved by an administrator of one site of each side → in force from a day. Cases that began
before keep the edition they began under (:mod:`domain.items.contracts`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, time
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.audit import service as audit
from domain.clock import CHINA
from domain.context import Context
from domain.errors import NotFound
from domain.identity import functions
from domain.items import contracts
from domain.items.contracts import SIDES
from domain.items.models import DataContract
from domain.items.queries import get_item
from domain.partners import agreed, openings
from domain.partners.errors import ContractRefused, DraftChanged, NotYours
from domain.partners.models import ContractDraft
from domain.sites import service as sites
from domain.sites.models import Site

SIDE_NAMES: Final = {"main": ("主办方", "the lead side"), "partner": ("协办方", "the partner side")}
EMPTY: Final[Mapping[str, Any]] = {"basis": "", "messages": [], "documents": []}
"""What crosses before there is a first edition."""


def find_draft(session: Session, item_code: str, *, lock: bool = False) -> ContractDraft | None:
    """The item's open draft."""
    query = select(ContractDraft).where(ContractDraft.item_code == item_code, ContractDraft.state == "open")
    return session.scalar(query.with_for_update().execution_options(populate_existing=True) if lock else query)


def put_draft(
    ctx: Context,
    item_code: str,
    content: Mapping[str, Any],
    *,
    note: str,
    in_force_on: date,
    based_on: int,
    revision: int = 0,
) -> ContractDraft:
    """Draw up the next edition, or change the open draft (``revision``: the one that was read, 0: there was none).

    A change takes back all approvals. Raises :class:`ContractRefused`, :class:`DraftChanged`, ``NotFound``, ``FunctionRefused``.
    """
    functions.require(ctx.actor, "contract:draft")
    item = get_item(ctx.session, item_code)
    agreed.require_sound(content, {row["code"] for row in item.sheet.get("materials", ())})
    row = find_draft(ctx.session, item_code, lock=True)
    present = newest(ctx.session, item_code)
    _require_same(row.revision if row else 0, revision)
    _require_same(present.version if present else 0, based_on)
    if present is not None and not agreed.differences(present.content, content):
        raise ContractRefused(
            "草案与最新版本没有差别。", "The draft is the same as the newest edition.", pointer="/content"
        )
    if row is None:
        row = ContractDraft(item_code=item_code, revision=0, approvals=[])
        ctx.session.add(row)
    row.content, row.note, row.in_force_on, row.based_on = dict(content), note.strip(), in_force_on, based_on
    row.revision, row.approvals = row.revision + 1, []
    row.drafted_by, row.drafted_at = ctx.actor.user_id, ctx.clock.now()
    ctx.session.flush()
    _record(ctx, "contract.drafted", row, None)
    return row


def approve(
    ctx: Context, item_code: str, site_id: int, side: str, *, revision: int, acts: Collection[str]
) -> DataContract | None:
    """One side agrees, by an administrator of one of its sites. The second side's approval publishes: the new edition, else None.

    ``acts``: the sides on which the site acts (:func:`domain.definitions.sides.sides_of`).
    Raises :class:`NotYours`, :class:`DraftChanged`, :class:`ContractRefused`, ``NotFound``, ``FunctionRefused``.
    """
    row, site = _for_decision(ctx, item_code, site_id, revision, acts)
    if side not in acts:
        zh, en = SIDE_NAMES[side]
        raise NotYours(
            f"{site.name}在该事项中不是{zh}。", f"{site.code} does not act on {en} of this item.", pointer="/side"
        )
    if row.drafted_by == ctx.actor.user_id or any(
        each["userId"] == ctx.actor.user_id or each["siteId"] == site_id for each in row.approvals
    ):
        raise NotYours("起草人、已批准的人和机构不能再批准。", "Who drew it up or has approved cannot approve (again).")
    if any(each["side"] == side for each in row.approvals):
        raise NotYours("这一方已经批准。", "This side has approved already.")
    day = ctx.clock.now().astimezone(CHINA).date()
    if not openings.is_open(openings.in_force(ctx.session, item_code, day), site.region_code):
        raise NotYours("该事项没有对贵机构所在地区开通。", "The item is not opened for the region of this site.")
    approval = {"side": side, "siteId": site_id, "userId": ctx.actor.user_id, "at": ctx.clock.now().isoformat()}
    row.approvals = [*row.approvals, approval]
    _record(ctx, "contract.approved", row, site_id, {"side": side})
    return _publish(ctx, row) if {each["side"] for each in row.approvals} == set(SIDES) else None


def refuse(ctx: Context, item_code: str, site_id: int, reason: str, *, revision: int, acts: Collection[str]) -> None:
    """One side does not agree: the draft is closed with the reason. Raises as :func:`approve`."""
    row, _ = _for_decision(ctx, item_code, site_id, revision, acts)
    _close(ctx, row, "dropped", reason)
    _record(ctx, "contract.refused", row, site_id, {"reason": reason.strip()})


def drop(ctx: Context, item_code: str) -> None:
    """Whoever draws up editions takes the draft back. Raises ``NotFound``, ``FunctionRefused``."""
    functions.require(ctx.actor, "contract:draft")
    row = _get(ctx, item_code)
    _close(ctx, row, "dropped", "")
    _record(ctx, "contract.dropped", row, None)


def newest(session: Session, item_code: str) -> DataContract | None:
    """The newest edition, in force or coming."""
    return next(iter(contracts.list_versions(session, item_code)), None)


def _for_decision(
    ctx: Context, item_code: str, site_id: int, revision: int, acts: Collection[str]
) -> tuple[ContractDraft, Site]:
    functions.require(ctx.actor, "contract:approve", site_id=site_id)
    site = sites.get_site_by_id(ctx, site_id)
    if not acts:
        raise NotYours(
            f"{site.name}不参与该事项的协同办理。", f"{site.code} takes no part in this item.", pointer="/siteId"
        )
    row = _get(ctx, item_code)
    _require_same(row.revision, revision)
    present = newest(ctx.session, item_code)
    _require_same(present.version if present else 0, row.based_on)
    return row, site


def _get(ctx: Context, item_code: str) -> ContractDraft:
    row = find_draft(ctx.session, item_code, lock=True)
    if row is None:
        raise NotFound("这个事项没有待批准的数据契约草案。", "This item has no open draft of a data contract.")
    return row


def _publish(ctx: Context, row: ContractDraft) -> DataContract:
    begins = datetime.combine(row.in_force_on, time(), CHINA)
    made = contracts.publish(ctx, row.item_code, row.content, note=row.note, in_force_from=begins)
    _close(ctx, row, "published", "")
    _record(
        ctx, "contract.published", row, None, {"version": made.version, "inForceFrom": made.in_force_from.isoformat()}
    )
    return made


def _close(ctx: Context, row: ContractDraft, state: str, note: str) -> None:
    row.state, row.closed_at, row.closing_note = state, ctx.clock.now(), note.strip()
    ctx.session.flush()


def _require_same(present: int, read: int) -> None:
    if present != read:
        raise DraftChanged(
            f"您看到的是第 {read} 稿（版），现在是第 {present} 稿（版）。",
            f"You read number {read}; it is {present} by now.",
        )


def _record(
    ctx: Context, kind: str, row: ContractDraft, site_id: int | None, more: Mapping[str, Any] | None = None
) -> None:
    facts = {"itemCode": row.item_code, "revision": row.revision, "basedOn": row.based_on}
    audit.record(ctx, kind, site_id=site_id, data=facts | dict(more or {}))
