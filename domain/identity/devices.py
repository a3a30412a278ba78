"""Browsers a person logged in with before, so that a log-in with another one is told to the person (OWASP ASVS 5.0 6.3.5)."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from typing import Final

from sqlalchemy import delete, select, update

from domain.clock import HOST, Clock
from domain.context import Context
from domain.identity.models import KnownDevice

KEPT: Final = timedelta(days=400)
"""A browser that was not used for so long is a new one (browsers keep no cookie longer, RFC 6265bis)."""
BROWSERS: Final = (
    ("Edg/", "Edge"),
    ("Firefox/", "Firefox"),
    ("MicroMessenger", "微信"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS: Final = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iOS"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)
UNKNOWN: Final = "未知设备"
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{20,60}")


def is_device(text: str) -> bool:
    """Whether a cookie's value can be one of ours."""
    return _TOKEN.fullmatch(text) is not None


def recognise(ctx: Context, user_id: int, device: str, *, clock: Clock = HOST) -> bool:
    """Remember that a person logged in with this browser. True: the person has used others before, and never this one."""
    # With the person in it: two people at one browser leave nothing that belongs together.
    now, hashed = clock.now(), hashlib.sha256(f"{user_id}|{device}".encode()).hexdigest()
    seen = (
        update(KnownDevice)
        .where(KnownDevice.user_id == user_id, KnownDevice.device_hash == hashed)
        .values(last_at=now)
        .returning(KnownDevice.user_id)
    )
    if ctx.session.execute(seen).first() is not None:
        return False
    others = select(KnownDevice.user_id).where(KnownDevice.user_id == user_id).limit(1)
    has_others = ctx.session.scalar(others) is not None
    ctx.session.add(KnownDevice(user_id=user_id, device_hash=hashed, first_at=now, last_at=now))
    ctx.session.flush()
    return has_others


def drop_old(ctx: Context, *, clock: Clock = HOST) -> int:
    """Forget browsers nobody used for a long time. How many."""
    old = delete(KnownDevice).where(KnownDevice.last_at < clock.now() - KEPT)
    return ctx.session.connection().execute(old).rowcount


def describe(user_agent: str) -> str:
    """Browser and system in two words, as people know their devices; nothing of what else the browser says reaches a notice."""
    found = [next((name for part, name in among if part in user_agent), "") for among in (BROWSERS, SYSTEMS)]
    return " · ".join(filter(None, found)) or UNKNOWN
