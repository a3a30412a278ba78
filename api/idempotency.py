"""Idempotency-Key: the same POST sent again gets the first answer again; nothing happens twice, and that it was shown is on record."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

import flask
from sqlalchemy import LargeBinary, bindparam, select, update

from api.problems import ApiError, BadRequest, Problem
from api.recording import TOLD
from domain.audit.reads import record_read
from domain.base import get_seal
from domain.context import Context
from domain.identity.idempotency import IdempotencyKey
from domain.statements import Statement

HEADER = "Idempotency-Key"
_FORM = re.compile(r"[\x21-\x7e]{8,80}")
_FINISH = Statement(
    update(IdempotencyKey)
    .where(IdempotencyKey.user_id == bindparam("caller"), IdempotencyKey.key == bindparam("own_key"))
    .values(status=bindparam("status"), body=bindparam("body", type_=LargeBinary), location=bindparam("location", None))
)


class IdempotencyKeyReused(ApiError):
    """The key was used for another request."""

    def __init__(self) -> None:
        super().__init__(
            Problem(
                422,
                "idempotency-key-reused",
                "这个 Idempotency-Key 已用于另一个请求。",
                "This Idempotency-Key was used for another request.",
                title="幂等键重复使用",
                title_en="Idempotency key reused",
                next="请为新的请求生成新的键。",
                next_en="Make a new key for a new request.",
            )
        )


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request with a key, inside its transaction: a rollback forgets it, so that a failed request may be repeated."""

    key: str
    digest: str

    @classmethod
    def of_request(cls) -> Attempt | None:
        """The attempt of this request, None without the header."""
        key = flask.request.headers.get(HEADER)
        if key is None or flask.request.method != "POST":
            return None
        if not _FORM.fullmatch(key):
            raise BadRequest(
                "bad-idempotency-key",
                "Idempotency-Key 应为 8 至 80 个可见的 ASCII 字符。",
                "Idempotency-Key must be 8 to 80 visible ASCII characters.",
            )
        request = flask.request
        content = b"|".join((request.method.encode(), request.path.encode(), request.get_data(cache=True)))
        return cls(key, hashlib.sha256(content).hexdigest())

    def replay(self, ctx: Context) -> flask.Response:
        """The remembered answer: the key could not be claimed at the :class:`~domain.identity.arrivals.Arrival`, so it was used before."""
        known = ctx.session.execute(
            select(
                IdempotencyKey.request_digest, IdempotencyKey.status, IdempotencyKey.body, IdempotencyKey.location
            ).where(IdempotencyKey.user_id == ctx.actor.user_id, IdempotencyKey.key == self.key)
        ).one()
        if known.request_digest != self.digest:
            raise IdempotencyKeyReused
        if known.body:
            path = {name: str(value) for name, value in (flask.request.view_args or {}).items() if name in TOLD}
            record_read(ctx, "answer.repeated", fields=["answer"], data={"command": flask.request.endpoint, **path})
        response = flask.Response(known.body, status=known.status, mimetype="application/json")
        if known.location:
            response.headers["Location"] = known.location
        response.headers["Idempotency-Replayed"] = "true"
        return response

    def finish(self, ctx: Context, response: flask.Response) -> None:
        """Remember the answer."""
        values = {
            "caller": ctx.actor.user_id,
            "own_key": self.key,
            "status": response.status_code,
            "body": get_seal().seal(response.get_data(), "idempotency_keys.body"),
            "location": response.headers.get("Location"),
        }
        _FINISH.run(ctx.session, values)
