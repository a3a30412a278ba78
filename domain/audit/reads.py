"""Reads of personal data: one call where they happen, one statement at the end of the transaction that answers.

Reads are kept apart from acts (docs/adr): a reader never waits for whoever works on the case, and never holds up work. They are
collected in the session and written before it commits, so that no answer leaves without its record: when the record cannot be
written, the request fails.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson
from sqlalchemy.orm import Session

from domain.actors import Actor, Role
from domain.audit.canonical import read_bytes
from domain.audit.origin import actor_of, origin_of
from domain.context import Context
from domain.statements import Statement

READS: Final = "audit.reads"
"""Key in ``session.info``: reads that were told and are not written yet."""
KINDS: Final[dict[str, tuple[str, str]]] = {
    "case.page": ("查看办件", "Case page"),
    "case.search": ("查询办件", "Search for cases"),
    "case.list": ("导出办件清单", "List of cases exported"),
    "case.letters": ("查看工作联络", "Messages between the sites"),
    "case.export": ("导出存证包", "Evidence package exported"),
    "task.page": ("查看任务", "Task page"),
    "task.search": ("查询任务", "Search for tasks"),
    "my.case": ("本人查看办件", "Own case"),
    "window.case": ("窗口查看办件", "Case at the window"),
    "window.search": ("窗口查询办件", "Search at the window"),
    "my.draft": ("本人查看草稿", "Own draft"),
    "progress.read": ("凭查询码查进度", "Progress by code"),
    "material.file": ("下载材料", "Material downloaded"),
    "document.read": ("查看文书", "Document"),
    "variables.read": ("查看流程变量", "Process variables"),
    "job.variables": ("接口客户端领取任务数据", "Data handed to an API client"),
    "audit.record": ("查看办件审计记录", "Audit record of a case"),
    "audit.search": ("检索审计日志", "Search in the audit log"),
    "staff.list": ("查看人员名单", "List of staff"),
    "delivery.list": ("查看外发通知", "Deliveries of notices"),
    "data.unmasked": ("查看未脱敏信息", "Personal data unmasked"),
    "access.log": ("查看访问记录", "Access log"),
    "person.export": ("导出个人信息", "Export of one person's data"),
    "contact.list": ("查看通讯录", "Contact book"),
    "answer.repeated": ("重新取得先前的应答", "An earlier answer fetched again"),
}
"""Kinds of reads with their names."""
PURPOSES: Final[dict[str, tuple[str, str]]] = {
    "own": ("本人查看", "Own data"),
    "handling": ("办理", "Handling"),
    "supervision": ("监督", "Supervision"),
    "audit": ("审计", "Audit"),
    "operations": ("运维", "Operations"),
    "interface": ("接口调用", "Interface"),
}
"""What reads are for, unless the reader named another purpose."""
FIELDS: Final[dict[str, tuple[str, str]]] = {
    "application": ("申请信息", "application"),
    "received": ("对方共享的信息", "what the partner shared"),
    "materials": ("材料", "materials"),
    "documents": ("文书", "documents"),
    "messages": ("机构间消息", "messages"),
    "registrations": ("登记信息", "registrations"),
    "form": ("任务表单", "task form"),
    "context": ("办理所需信息", "what the task needs"),
    "subject": ("办件摘要", "subject"),
    "status": ("办理状态", "status"),
    "variables": ("流程变量", "process variables"),
    "record": ("操作记录", "record of acts"),
    "reads": ("查看记录", "record of reads"),
    "recipient": ("接收人", "recipient"),
    "name": ("姓名", "name"),
    "officePhone": ("办公电话", "office telephone"),
    "personal": ("个人信息原文", "personal data unmasked"),
    "sensitive": ("敏感个人信息原文", "sensitive personal data unmasked"),
    "everything": ("本人全部信息", "all data of the person"),
    "answer": ("先前应答的内容", "what the earlier answer held"),
}
"""Kinds of data that a read showed."""
_COLUMNS: Final = (
    "case_id, leg_id, site_id, subject_id, kind, purpose, fields, actor_id, actor_name, at, data, origin, canonical"
)
_WRITE: Final = Statement(
    f"insert into audit_reads ({_COLUMNS}) select {_COLUMNS} from json_populate_recordset(null::audit_reads, %(rows)s::json)"  # noqa: S608 -- our own columns
)


def record_read(
    ctx: Context,
    kind: str,
    *,
    case_id: int | None = None,
    leg_id: int | None = None,
    site_id: int | None = None,
    subject_id: int | None = None,
    fields: Sequence[str] = (),
    purpose: str | None = None,
    reason: str = "",
    data: Mapping[str, Any] | None = None,
) -> None:
    """Tell that the actor read personal data; who, for whom, when, from where are taken from ``ctx``.

    ``kind``: one of :data:`KINDS`. ``site_id``: the reader's site (left out: the only one the actor has). ``subject_id``: the user
    whose data it is. ``fields``: kinds of data (``application``, ``materials``, ``idNo``), never values. ``purpose``: left out, what
    the actor's role is for. ``data`` is small and holds no personal data.
    """
    at_site = site_id if site_id is not None else _only_site(ctx.actor)
    more = dict(data or {})
    if reason:
        more["reason"] = reason
    row = {
        "case_id": case_id,
        "leg_id": leg_id,
        "site_id": at_site,
        "subject_id": subject_id,
        "kind": kind,
        "purpose": purpose or purpose_of(ctx, at_site),
        "fields": list(fields),
        **actor_of(ctx),
        "at": ctx.clock.now(),
        "data": more,
        "origin": origin_of(ctx, at_site),
    }
    row["canonical"] = read_bytes(row)
    ctx.session.info.setdefault(READS, []).append(row)


def write_reads(session: Session) -> None:
    """Write what was told: one statement. The container calls it before every commit."""
    rows = session.info.pop(READS, None)
    if rows:
        _WRITE.run(session, {"rows": orjson.dumps(rows, default=_hex).decode()})


def purpose_of(ctx: Context, site_id: int | None) -> str:
    """What the actor's role is for."""
    actor = ctx.actor
    if ctx.origin.client is not None:
        return "interface"
    if actor.is_applicant or not actor.grants:
        return "own"
    held = actor.roles_at(site_id or 0) or frozenset[Role]().union(*actor.grants.values())
    if held & {Role.RECV_CLERK, Role.HANDLER, Role.APPROVER, Role.LIAISON}:
        return "handling"
    if Role.AUDITOR in held:
        return "audit"
    return "supervision" if Role.SUPERVISOR in held else "operations"


def _only_site(actor: Actor) -> int | None:
    sites = [site for site in actor.grants if site]
    return sites[0] if len(sites) == 1 else None


def _hex(value: Any) -> str:
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    raise TypeError(type(value).__name__)
