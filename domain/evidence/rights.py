"""Who may take an evidence package out, and what is in it for them (DOMAIN §5.2, §5.4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from domain.actors import Actor, Role
from domain.cases.queries import Frame
from domain.errors import DomainError, Forbidden

SHORTEST_ORDER: Final = 4


@dataclass(frozen=True, slots=True)
class Grant:
    """What an export may hold. ``content``: what the application, messages, documents and materials say, not only their hashes."""

    content: bool
    order_no: str
    site_id: int | None = None


class OrderNumberMissing(DomainError):
    """An auditor exports a case's data only by an order."""

    code = "order-number-missing"
    title_zh = "缺少调取文书编号"
    title_en = "The number of the order is missing"
    next_zh = "请填写调取证据（审计）文书的编号，至少 4 个字。"
    next_en = "Give the number of the order (at least 4 characters) by which the evidence is taken."


def grant_of(actor: Actor, frame: Frame, order_no: str) -> Grant:
    """What the actor may take out. Raises :class:`OrderNumberMissing`, :class:`Forbidden`.

    The approver of the main site: everything. An auditor: everything, with the number of the order. The terminal of the platform
    (``lianban audit export``): the record and hashes, no content.
    """
    order = order_no.strip()
    main = frame.case.main_site_id
    if Role.APPROVER in actor.roles_at(main):
        return Grant(content=True, order_no=order, site_id=main)
    if actor.has(Role.AUDITOR):
        if len(order) < SHORTEST_ORDER:
            raise OrderNumberMissing(
                "审计员导出存证包须填写文书编号。", "An auditor's export needs an order's number.", pointer="/orderNo"
            )
        return Grant(content=True, order_no=order)
    if actor.has(Role.PLATFORM_ADMIN) and not actor.user_id:
        return Grant(content=False, order_no=order)
    raise Forbidden(
        "只有主办机构的审批人和审计员可以导出存证包。", "Only the main site's approvers and auditors export evidence."
    )
