"""When workers last asked for a topic."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base


class TopicFetch(Base):
    """A client asked for a topic's tasks, whether there were any or not: somebody is attending to it."""

    __tablename__ = "topic_fetches"

    topic: Mapped[str] = mapped_column(String(200), primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("api_clients.id"), primary_key=True)
    at: Mapped[datetime]
