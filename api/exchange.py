"""Exchange: where other deployments hand in signed messages."""

from __future__ import annotations

from typing import Any

import flask
from marshmallow import fields

from api.auth import public
from api.entry import Routes
from api.limits import EXCHANGE
from api.problems import ApiError, NotJson, Problem
from api.schemas import Answer
from domain import reach
from domain.context import Context
from domain.inbox import service
from domain.trust import receiving

routes = Routes("exchange", "协同交换 Exchange")
SIGNATURE = "X-Lianban-Signature"
KEY = "X-Lianban-Key"


class ReceiptAnswer(Answer):
    """What became of a message: delivered, parked or rejected (with a code of DOMAIN §1.2.5)."""

    message_id = fields.String(required=True)
    state = fields.String(required=True)
    code = fields.String(required=True, allow_none=True)


class NoteAnswer(Answer):
    """What became of a note: a new key that was accepted, or an anchor that was countersigned (or contradicts an earlier one)."""

    kind = fields.String(required=True, metadata={"enum": ["site-key", "anchor"]})
    state = fields.String(required=True, metadata={"enum": ["accepted", "countersigned", "contradicts", "superseded"]})
    key = fields.String(metadata={"description": "site-key: the fingerprint of the key that was accepted."})
    number = fields.Integer(metadata={"description": "anchor: its number, when it was not countersigned."})
    statement = fields.String(metadata={"description": "anchor: canonical JSON, what is signed."})
    signature = fields.String(metadata={"description": "anchor: Ed25519 over the statement, base64."})


class Unsigned(ApiError):
    """A message without signature (401)."""

    def __init__(self) -> None:
        detail = f"缺少签名（请求头 {SIGNATURE}）。"
        super().__init__(
            Problem(
                401,
                "signature-missing",
                detail,
                f"The signature is missing (header {SIGNATURE}).",
                title="缺少签名",
                title_en="Signature missing",
                next="请用发送机构的密钥对原始报文签名。",
                next_en="Sign the raw bytes with the sending site's key.",
            )
        )


@routes.on("POST", "/exchange/messages", answer=ReceiptAnswer, status=202)
@public("exchange:send", csrf=False, rate=EXCHANGE)
def receive(ctx: Context) -> tuple[Any, int]:
    """收报 Take a signed envelope; the same message again gives the first answer."""
    raw, signature = _signed()
    with reach.for_platform(ctx.session):  # the signature says who sends
        receipt = service.receive(ctx, raw, signature)
    return receipt, 200 if receipt.duplicate else 202


@routes.on("POST", "/exchange/notes", answer=NoteAnswer)
@public("exchange:send", csrf=False, rate=EXCHANGE)
def receive_note(ctx: Context) -> dict[str, Any]:
    """互信 A signed note of another deployment: its site's next key, or an anchor to countersign."""
    raw, signature = _signed()
    with reach.for_platform(ctx.session):
        return receiving.receive(ctx, raw, signature)


def _signed() -> tuple[bytes, str]:
    request = flask.request
    if request.mimetype != "application/json":
        raise NotJson
    signature = request.headers.get(SIGNATURE, "")
    if not signature:
        raise Unsigned
    return request.get_data(), signature
