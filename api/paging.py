"""Keyset pages: the cursor is opaque and signed, so that nobody can page through what another query would give."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

import flask
import orjson

from api.problems import ApiError, Problem

_TAG_BYTES = 12


class BadCursor(ApiError):
    """The cursor is not one that this list gave."""

    def __init__(self) -> None:
        detail = "翻页参数 after 无效。"
        super().__init__(
            Problem(
                422,
                "bad-cursor",
                detail,
                "The page parameter `after` is not valid.",
                next="请从第一页重新开始。",
                next_en="Start again from the first page.",
                pointer="/query/after",
            )
        )


def encode(key: list[Any] | None, purpose: str = "") -> str | None:
    """The ``next`` of a page that ended at this key."""
    if key is None:
        return None
    content = orjson.dumps(key, option=orjson.OPT_UTC_Z)
    return base64.urlsafe_b64encode(_tag(content, purpose) + content).decode().rstrip("=")


def decode(cursor: str | None, purpose: str = "") -> list[Any] | None:
    """The key inside a cursor. Raises :class:`BadCursor`."""
    if cursor is None:
        return None
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise BadCursor from None
    tag, content = raw[:_TAG_BYTES], raw[_TAG_BYTES:]
    if not hmac.compare_digest(tag, _tag(content, purpose)):
        raise BadCursor
    key: list[Any] = orjson.loads(content)
    return key


def _tag(content: bytes, purpose: str) -> bytes:
    where = purpose or str(flask.request.url_rule)
    key: bytes = flask.current_app.config["SECRET_KEY"]
    return hmac.new(key, b"cursor|" + where.encode() + b"|" + content, hashlib.sha256).digest()[:_TAG_BYTES]
