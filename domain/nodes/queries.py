"""The nodes of the deployment as administrators see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select

from domain.context import Context
from domain.nodes.models import Node
from domain.nodes.service import SILENT

SKEW_WARNING_MS: Final = 1000
"""Due work is decided by the database's clock, so skew harms nothing; more than this says that the host's clock is not kept."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A node and how long ago it was heard of, in seconds. ``state``: up, draining, silent."""

    node: Node
    silent_seconds: int
    state: str
    skewed: bool


def list_nodes(ctx: Context) -> list[Seen]:
    """All nodes, by name and role."""
    now: datetime = ctx.session.execute(select(func.clock_timestamp())).scalar_one()
    rows = ctx.session.scalars(select(Node).order_by(Node.name, Node.role, Node.started_at, Node.id))
    return [_seen(node, now) for node in rows]


def all_run(ctx: Context, version: str) -> bool:
    """Whether every node that was heard of lately runs this version of the product."""
    recent = func.clock_timestamp() - SILENT
    other = select(Node.id).where(Node.version != version, Node.heartbeat_at > recent).limit(1)
    return ctx.session.scalar(other) is None


@dataclass(frozen=True, slots=True)
class Told:
    """A living node and what it says that it seals with (None: it is learning of a change, or cannot read the key)."""

    name: str
    role: str
    key: tuple[int, int] | None
    written_in: int


def list_told(ctx: Context) -> list[Told]:
    """The nodes that were heard of lately. One that is silent writes nothing before it looked for its keys anew."""
    recent = func.clock_timestamp() - SILENT
    rows = ctx.session.scalars(select(Node).where(Node.heartbeat_at > recent).order_by(Node.name, Node.role))
    return [
        Told(
            row.name,
            row.role,
            None if row.key_id is None or row.blind_version is None else (row.key_id, row.blind_version),
            row.written_in or 0,
        )
        for row in rows
    ]


def _seen(node: Node, now: datetime) -> Seen:
    silence = now - node.heartbeat_at
    state = "silent" if silence > SILENT else "draining" if node.is_draining else "up"
    return Seen(node, max(0, round(silence.total_seconds())), state, abs(node.skew_ms) > SKEW_WARNING_MS)
