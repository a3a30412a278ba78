"""Messages to people, read."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.notifications.models import Notification


def list_notifications(session: Session, user_id: int, *, before_id: int | None, limit: int) -> list[Notification]:
    """A person's messages, newest first; one more than ``limit`` when there are more."""
    query = (
        select(Notification).where(Notification.user_id == user_id).order_by(Notification.id.desc()).limit(limit + 1)
    )
    if before_id is not None:
        query = query.where(Notification.id < before_id)
    return list(session.scalars(query))
