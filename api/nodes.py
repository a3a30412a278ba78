"""The nodes of the deployment, for its administrators."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from api.auth import guard
from api.entry import Routes
from api.schemas import Answer, Moment, many
from domain.context import Context
from domain.nodes import queries
from domain.nodes.queries import Seen

routes = Routes("nodes", "节点 Nodes")


class NodeRow(Answer):
    """A running node: busy of capacity threads or jobs, its clock's distance from the database's, when it was last heard of."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    role = fields.String(required=True, metadata={"enum": ["web", "scheduler", "worker"]})
    version = fields.String(required=True)
    queues = fields.List(fields.String(), required=True, metadata={"description": "Empty: all."})
    state = fields.String(required=True, metadata={"enum": ["up", "draining", "silent"]})
    started_at = Moment(required=True)
    heartbeat_at = Moment(required=True)
    silent_seconds = fields.Integer(required=True)
    busy = fields.Integer(required=True)
    capacity = fields.Integer(required=True)
    skew_ms = fields.Integer(required=True)
    skewed = fields.Boolean(required=True)


class NodeList(Answer):
    """All nodes."""

    items = many(NodeRow)


@routes.on("GET", "/admin/nodes", answer=NodeList)
@guard("node:read")
def list_nodes(ctx: Context) -> dict[str, Any]:
    """节点 Who serves this deployment, and when each was last heard of."""
    return {"items": [_row(seen) for seen in queries.list_nodes(ctx)]}


def _row(seen: Seen) -> dict[str, Any]:
    node = seen.node
    return {
        "id": node.id,
        "name": node.name,
        "role": node.role,
        "version": node.version,
        "queues": node.queues,
        "state": seen.state,
        "started_at": node.started_at,
        "heartbeat_at": node.heartbeat_at,
        "silent_seconds": seen.silent_seconds,
        "busy": node.busy,
        "capacity": node.capacity,
        "skew_ms": node.skew_ms,
        "skewed": seen.skewed,
    }
