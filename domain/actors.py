"""Who acts: the identity under which a command runs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
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
class Visit:
    """An applicant at a window whose identity was checked: the check's number, and how papers came (``materials.origin``)."""

    id: int
    origin: str = "WINDOW"


@dataclass(frozen=True, slots=True)
class Principal:
    """Whom somebody stands in for (代理), and by which delegation or visit."""

    user_id: int
    name: str
    delegation_id: int | None = None
    visit: Visit | None = None
    """Set where it is the applicant, who stands at a window (窗口代办)."""


@dataclass(frozen=True, slots=True)
class Behalf:
    """代理: somebody's role at a site that the actor may fill now. ``items`` None: for every item. It is never handed on."""

    id: int
    user_id: int
    name: str
    site_id: int
    role: Role
    items: frozenset[str] | None = None

    def covers(self, site_id: int, role: str, item_code: str) -> bool:
        """Whether it is about this role at this site for this item."""
        return self.site_id == site_id and self.role == role and (self.items is None or item_code in self.items)


@dataclass(frozen=True, slots=True)
class Actor:
    """A person (or the system) at work. ``grants`` maps a site id to the roles held there; platform-wide roles sit under site 0.

    ``behalf``: whose roles the person may fill now; ``principal``: this act is done for somebody else, the record names both.
    """

    user_id: int
    name: str
    grants: dict[int, frozenset[Role]] = field(default_factory=dict)
    is_applicant: bool = False
    principal: Principal | None = None
    behalf: tuple[Behalf, ...] = ()

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

    def find_behalf(self, site_id: int, role: str, item_code: str) -> Behalf | None:
        """The delegation under which the actor may fill this role, None when there is none or the role is the actor's own."""
        if role in self.roles_at(site_id):
            return None
        return next((each for each in self.behalf if each.covers(site_id, role, item_code)), None)

    def for_another(self, behalf: Behalf) -> Actor:
        """The same person acting under a delegation: the record reads “李四 代 张三”."""
        principal = Principal(behalf.user_id, behalf.name, behalf.id)
        return replace(self, name=f"{self.name} 代 {behalf.name}", principal=principal)

    def at_window(self, applicant_id: int, applicant: str, visit: Visit) -> Actor:
        """The same person acting for an applicant who stands at the window: the record reads “李四 窗口代 申请人”."""
        return replace(
            self, name=f"{self.name} 窗口代 {applicant}", principal=Principal(applicant_id, applicant, visit=visit)
        )

    def speaks_for(self, applicant_id: int | None) -> bool:
        """Whether what the actor does is done by this applicant: the person, or a clerk for the person at the window."""
        if not applicant_id:
            return False
        served = self.principal if self.is_at_window else None
        return applicant_id == (self.user_id if served is None else served.user_id)

    @property
    def is_at_window(self) -> bool:
        """Whether the actor acts for an applicant at a window."""
        return self.principal is not None and self.principal.visit is not None


SYSTEM = Actor(user_id=0, name="系统", grants={0: frozenset({Role.SYSTEM})})
