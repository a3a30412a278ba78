"""Names of roles (DOMAIN §5.1)."""

from __future__ import annotations

from typing import Final

from domain.actors import Role

ROLE_NAMES: Final[dict[Role, tuple[str, str]]] = {
    Role.APPLICANT: ("申请人", "Applicant"),
    Role.AGENT: ("帮办代办员", "Agent"),
    Role.RECV_CLERK: ("窗口人员", "Window clerk"),
    Role.HANDLER: ("经办人", "Handler"),
    Role.APPROVER: ("审批人", "Approver"),
    Role.LIAISON: ("联络员", "Liaison"),
    Role.SUPERVISOR: ("督办员", "Supervisor"),
    Role.DESIGNER: ("流程设计员", "Process designer"),
    Role.SITE_ADMIN: ("站点管理员", "Site administrator"),
    Role.PLATFORM_ADMIN: ("平台管理员", "Platform administrator"),
    Role.AUDITOR: ("审计员", "Auditor"),
    Role.SYSTEM: ("系统", "System"),
}
PLATFORM_ROLES: Final = frozenset({Role.DESIGNER, Role.PLATFORM_ADMIN, Role.AUDITOR})
"""Held for the platform and not at a site."""


def role_name(code: str) -> tuple[str, str]:
    """(Chinese, English) name of a role code; an unknown code stands for itself."""
    try:
        return ROLE_NAMES[Role(code)]
    except ValueError:
        return code, code
