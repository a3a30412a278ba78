"""时间戳: a time stamp authority (RFC 3161) says when an anchor was there. Off unless LIANBAN_TSA_URL is set.

Only the SHA-256 of the anchor's statement goes out. The answer is kept whole; it is believed when it answers our request (digest, nonce)
and, with LIANBAN_TSA_CA, when that authority's certificate signed it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)
from sqlalchemy import select

from domain.audit.models import AuditAnchor
from domain.context import Context
from domain.errors import Conflict
from domain.outbox.posting import Line, post_bytes

QUERY, REPLY = "application/timestamp-query", "application/timestamp-reply"
GRANTED = 0


class StampRefused(Conflict):
    """The authority did not stamp, or its stamp is not for what was asked."""

    code = "time-stamp-refused"
    title_zh = "时间戳不可用"
    title_en = "The time stamp is not usable"
    next_zh = "请核对 LIANBAN_TSA_URL 和 LIANBAN_TSA_CA。"
    next_en = "Check LIANBAN_TSA_URL and LIANBAN_TSA_CA."


@dataclass(frozen=True, slots=True)
class Authority:
    """Where stamps come from, and the root that must have signed them (PEM; none: any)."""

    url: str
    ca_file: Path | None = None


def stamp(authority: Authority, statement: bytes, *, tls_ca_file: str = "", proxy: str = "") -> bytes:
    """The authority's answer (DER) about a statement, checked. To be called outside of transactions.

    Raises :class:`domain.outbox.posting.ReceiverUnreachable`, :class:`StampRefused`.
    """
    asking = TimestampRequestBuilder().data(statement).hash_algorithm(HashAlgorithm.SHA256)
    request = asking.nonce(nonce=True).cert_request(cert_request=True).build()
    digest = hashlib.sha256(statement).digest()
    line = Line(authority.url, ca_file=tls_ca_file, proxy=proxy)
    status, body = post_bytes(line, request.as_bytes(), {"Content-Type": QUERY, "Accept": REPLY})
    if status != 200:  # noqa: PLR2004 -- the one status of an answer
        raise StampRefused("时间戳服务没有应答。", f"The authority answered with status {status}.")
    try:
        answer = decode_timestamp_response(body)
        if answer.status != GRANTED:
            raise StampRefused("时间戳服务拒绝了请求。", f"The authority refused: status {answer.status}.")
        told = answer.tst_info
        if told.message_imprint.message != digest or told.nonce != request.nonce:
            raise StampRefused("时间戳不是对本次请求的应答。", "The stamp answers another request.")
        if authority.ca_file is not None:
            roots = x509.load_pem_x509_certificates(authority.ca_file.read_bytes())
            checking = VerifierBuilder.from_request(request)
            for root in roots:
                checking = checking.add_root_certificate(root)
            checking.build().verify(answer, digest)
    except (ValueError, VerificationError) as error:
        raise StampRefused("时间戳无法核对。", f"The stamp cannot be checked: {type(error).__name__}.") from None
    return body


def find_unstamped(ctx: Context) -> tuple[int, bytes] | None:
    """Number and statement of the newest anchor, unless it has its stamp."""
    row = ctx.session.execute(
        select(AuditAnchor.number, AuditAnchor.statement, AuditAnchor.timestamp_token)
        .order_by(AuditAnchor.number.desc())
        .limit(1)
    ).first()
    return None if row is None or row[2] is not None else (row[0], bytes(row[1]))


def keep(ctx: Context, number: int, token: bytes) -> None:
    """Keep the stamp of an anchor."""
    anchor = ctx.session.scalars(select(AuditAnchor).where(AuditAnchor.number == number).with_for_update()).one()
    anchor.timestamp_token = token
    ctx.session.flush()
