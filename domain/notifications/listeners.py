"""Facts of a step that people should hear of: a task for the applicant, a task for a partner's desk, the end of a case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.actors import Role
from domain.context import Context
from domain.identity import service as identity
from domain.locked import LockedLeg
from domain.notifications import service


def task_opened(ctx: Context, leg: LockedLeg, task: Mapping[str, Any]) -> None:
    """``task.opened``: the applicant hears of an own task; the liaisons of a partner's site of work that arrived there."""
    role = str(task["role"])
    values = {"caseNo": leg.case_no, "taskName": str(task["name"]).replace("\n", ""), "siteName": leg.site.name}
    if role == Role.APPLICANT:
        owner = leg.case.applicant_user_id
        service.send(
            ctx, [] if owner is None else [owner], "task.applicant", values, case_id=leg.case_id, site_id=leg.site_id
        )
    elif leg.role != "main" and leg.version <= 1:
        readers = identity.list_holders(ctx, leg.site_id, [role, Role.LIAISON])
        service.send(ctx, readers, "task.partner", values, case_id=leg.case_id, site_id=leg.site_id)


def case_closed(ctx: Context, leg: LockedLeg, _: Any) -> None:
    """``case.closed``: the applicant hears of the end and may rate."""
    owner = leg.case.applicant_user_id
    if owner is not None:
        service.send(ctx, [owner], "closed", {"caseNo": leg.case.case_no}, case_id=leg.case_id, site_id=leg.site_id)
