"""The nodes of the deployment, for its administrators."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from api.auth import guard
from api.entry import Routes, platform
from api.schemas import Answer, Moment, many
from bootstrap.protection import list_shortcomings
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


class ShortcomingRow(Answer):
    """Something that protects a deployment and is not there, with what to do."""

    code = fields.String(required=True)
    fact = fields.String(required=True)
    fact_en = fields.String(required=True)
    next = fields.String(required=True)
    next_en = fields.String(required=True)


class NodeList(Answer):
    """All nodes, and what this deployment does without by its settings (nothing in a demo or training)."""

    items = many(NodeRow)
    shortcomings = many(ShortcomingRow)


@routes.on("GET", "/admin/nodes", answer=NodeList)
@guard("node:read")
def list_nodes(ctx: Context) -> dict[str, Any]:
    """节点 Who serves this deployment, and when each was last heard of."""
    lacking = [
        {
            "code": each.code,
            "fact": each.fact_zh,
            "fact_en": each.fact_en,
            "next": each.next_zh,
            "next_en": each.next_en,
        }
        for each in list_shortcomings(platform().settings)
    ]
    return {"items": [_row(seen) for seen in queries.list_nodes(ctx)], "shortcomings": lacking}


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
