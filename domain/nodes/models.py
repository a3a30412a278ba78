"""Nodes: one row per running process tree that serves pages or does work; written by the node itself every few seconds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base


class Node(Base):
    """A running node. ``role``: web, scheduler, worker. ``started_at`` and ``heartbeat_at`` are the host's real time in UTC.

    They are read from the database's clock, never from the adjustable one. ``skew_ms``: how far the host's clock is ahead of
    the database's; ``busy`` of ``capacity`` threads or jobs are at work. The row goes when the node stops in order; that of a
    node that fell stays, silent, for a day. ``key_id`` and ``blind_version``: what all its processes seal with; null while they
    learn of a change. ``written_in``: the transaction (xid8) of the last heartbeat.
    """

    __tablename__ = "nodes"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    role: Mapped[str] = mapped_column(String(12))
    version: Mapped[str] = mapped_column(String(40))
    pid: Mapped[int]
    queues: Mapped[list[Any]]
    started_at: Mapped[datetime]
    heartbeat_at: Mapped[datetime]
    is_draining: Mapped[bool] = mapped_column(default=False)
    busy: Mapped[int] = mapped_column(default=0)
    capacity: Mapped[int] = mapped_column(default=0)
    skew_ms: Mapped[int] = mapped_column(default=0)
    key_id: Mapped[int | None]
    blind_version: Mapped[int | None]
    written_in: Mapped[int | None]
