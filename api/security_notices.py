"""What a person is told about the own log-in as it happens: a new device, password, second factor, what administrators did to it."""

from __future__ import annotations

import secrets
from typing import Any, Final

import flask

from api import auth
from domain.clock import CHINA, HOST
from domain.context import Context
from domain.identity import devices
from domain.identity.sessions import coarse_address
from domain.notifications import service as notices

DEVICE_COOKIE: Final = "lianban_device"
"""A random number that tells a browser the person used before from a new one; it opens nothing."""


def tell(ctx: Context, user_id: int, template: str, **values: Any) -> None:
    """A notice to one person; ``at`` is now, by the host's clock."""
    at = f"{HOST.now().astimezone(CHINA):%Y-%m-%d %H:%M}"
    notices.send(ctx, [user_id], template, {"at": at, "name": ctx.actor.name, **values})


def note_device(ctx: Context, user_id: int) -> None:
    """After every complete log-in: remember the browser, and tell the person when it is a new one."""
    device = auth.get_cookie(DEVICE_COOKIE)
    if not devices.is_device(device):
        device = secrets.token_urlsafe(24)
    auth.set_cookie(DEVICE_COOKIE, device, max_age=int(devices.KEPT.total_seconds()))
    if devices.recognise(ctx, user_id, device):
        request = flask.request
        described = devices.describe(request.headers.get("User-Agent", ""))
        tell(
            ctx,
            user_id,
            "security.new-device",
            device=described,
            address=coarse_address(request.remote_addr or "") or "未知",
        )
