"""Who came to a window for a case, and how the clerk knew who it was."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, SealedJSON


class WindowVisit(Base):
    """An identity check at a window. Until ``ends_at`` its clerk may act for the applicant in this case; the record names the visit.

    ``appeared``: who came; ``paper``: what was seen. ``agent`` (sealed): {name, idNo} of a guardian or agent.
    """

    __tablename__ = "window_visits"
    __table_args__ = (Index("ix_window_visits_case", "case_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    clerk_id: Mapped[int]
    clerk_name: Mapped[str] = mapped_column(String(80))
    appeared: Mapped[str] = mapped_column(String(20))
    paper: Mapped[str] = mapped_column(String(20))
    agent: Mapped[Any | None] = mapped_column(SealedJSON("window_visits.agent"))
    at: Mapped[datetime]
    ends_at: Mapped[datetime]
