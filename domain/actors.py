"""Who acts: the identity under which a command runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """Roles of DOMAIN §5.1."""

    APPLICANT = "APPLICANT"
    AGENT = "AGENT"
    RECV_CLERK = "RECV_CLERK"
    HANDLER = "HANDLER"
    APPROVER = "APPROVER"
    LIAISON = "LIAISON"
    SUPERVISOR = "SUPERVISOR"
    DESIGNER = "DESIGNER"
    SITE_ADMIN = "SITE_ADMIN"
    PLATFORM_ADMIN = "PLATFORM_ADMIN"
    AUDITOR = "AUDITOR"
    SYSTEM = "SYSTEM"


@dataclass(frozen=True, slots=True)
class Principal:
    """Whom somebody stands in for (代理), and by which delegation."""

    user_id: int
    name: str
    delegation_id: int | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """A person (or the system) at work. ``grants`` maps a site id to the roles held there; platform-wide roles sit under site 0.

    ``principal``: this person acts for somebody else now; the record names both.
    """

    user_id: int
    name: str
    grants: dict[int, frozenset[Role]] = field(default_factory=dict)
    is_applicant: bool = False
    principal: Principal | None = None

    @property
    def site_ids(self) -> tuple[int, ...]:
        """Sites where this actor holds any role."""
        return tuple(sorted(site for site in self.grants if site))

    def roles_at(self, site_id: int) -> frozenset[Role]:
        """Roles at one site."""
        return self.grants.get(site_id, frozenset())

    def has(self, role: Role, site_id: int | None = None) -> bool:
        """Whether the role is held (at the site, or anywhere when no site is named)."""
        if site_id is not None:
            return role in self.roles_at(site_id)
        return any(role in roles for roles in self.grants.values())


SYSTEM = Actor(user_id=0, name="系统", grants={0: frozenset({Role.SYSTEM})})
