"""A leg under lock with its case and site, as rooms below the cases see it; what comes is a :class:`domain.cases.rows.LegRow`.

What is set on them is written back at the end of the step.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol


class LockedSite(Protocol):
    """The site where the leg runs."""

    id: int
    code: str
    name: str
    region_code: str
    province_code: str


class LockedCase(Protocol):
    """The leg's case."""

    id: int
    case_no: str
    collab_no: str
    query_code: str
    item_code: str
    definition_id: int
    main_site_id: int
    partner_code: str
    applicant_user_id: int | None
    flags: list[Any]
    submitted_at: datetime
    accepted_at: datetime | None
    legal_due_at: datetime | None
    promise_due_at: datetime | None


class LockedLeg(Protocol):
    """A site's part of a case. ``role``: main, partner or observer; ``version`` counts its steps."""

    id: int
    case_id: int
    site_id: int
    role: str
    case_no: str
    status: str
    version: int

    @property
    def case(self) -> LockedCase:
        """Its case."""

    @property
    def site(self) -> LockedSite:
        """Its site."""

    @property
    def variables(self) -> dict[str, Any]:
        """The process variables, once the engine has run."""

    @property
    def application(self) -> dict[str, Any]:
        """What this leg may see of the application."""
