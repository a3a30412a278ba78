"""The very bytes that are hashed (docs/evidence.md): JSON with sorted keys, no spaces, UTF-8; times in UTC to the microsecond."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
from cryptography.hazmat.primitives import hashes


def digest(previous: bytes | None, canonical: bytes) -> bytes:
    """SM3 (GB/T 32905) over the previous hash and the canonical bytes."""
    sm3 = hashes.Hash(hashes.SM3())
    sm3.update(previous or b"")
    sm3.update(canonical)
    return sm3.finalize()


def event_bytes(event: Mapping[Any, Any]) -> bytes:
    """An act. Those of a case carry their number; those outside of cases get it when they are sealed."""
    content = {
        "case": event["case_id"],
        "leg": event["leg_id"],
        "site": event["site_id"],
        "kind": event["kind"],
        "element": event["element_id"],
        "actor": event["actor_id"],
        "actorName": event["actor_name"],
        "at": moment(event["at"]),
        "data": event["data"],
    }
    if event["case_id"] is not None:
        content["seq"] = event["seq"]
    if event["origin"] is not None:
        content["origin"] = event["origin"]
    return to_bytes(content)


def read_bytes(read: Mapping[Any, Any]) -> bytes:
    """A read of personal data."""
    return to_bytes(
        {
            "case": read["case_id"],
            "leg": read["leg_id"],
            "site": read["site_id"],
            "subject": read["subject_id"],
            "kind": read["kind"],
            "purpose": read["purpose"],
            "fields": read["fields"],
            "actor": read["actor_id"],
            "actorName": read["actor_name"],
            "at": moment(read["at"]),
            "data": read["data"],
            "origin": read["origin"],
        }
    )


def to_bytes(content: Mapping[str, Any]) -> bytes:
    """Canonical JSON."""
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS)


def moment(at: datetime) -> str:
    """A moment as it stands in canonical bytes."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
