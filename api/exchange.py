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

routes = Routes("exchange", "协同交换 Exchange")
SIGNATURE = "X-Lianban-Signature"
KEY = "X-Lianban-Key"


class ReceiptAnswer(Answer):
    """What became of a message: delivered, parked or rejected (with a code of DOMAIN §1.2.5)."""

    message_id = fields.String(required=True)
    state = fields.String(required=True)
    code = fields.String(required=True, allow_none=True)


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
    request = flask.request
    if request.mimetype != "application/json":
        raise NotJson
    signature = request.headers.get(SIGNATURE, "")
    if not signature:
        raise Unsigned
    with reach.for_platform(ctx.session):  # the signature says who sends
        receipt = service.receive(ctx, request.get_data(), signature)
    return receipt, 200 if receipt.duplicate else 202
