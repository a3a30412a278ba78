"""Keys that sign anchors and evidence packages: Ed25519, made on first use, the private part sealed; old public keys stay."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from sqlalchemy import func, select

from domain.audit.models import AuditKey
from domain.audit.service import record
from domain.context import Context

ALGORITHM: Final = "Ed25519"


def current_key(ctx: Context) -> AuditKey:
    """The key that signs now; made when there is none."""
    query = select(AuditKey).where(AuditKey.retired_at.is_(None)).order_by(AuditKey.created_at.desc()).limit(1)
    return ctx.session.scalar(query) or _make(ctx)


def rotate(ctx: Context) -> AuditKey:
    """Retire the key that signs now and make another. What the old one signed stays verifiable with its public part."""
    current_key(ctx).retired_at = _now(ctx)
    return _make(ctx)


def sign(key: AuditKey, content: bytes) -> bytes:
    """The signature (64 bytes) over the very bytes."""
    return Ed25519PrivateKey.from_private_bytes(key.private_key).sign(content)


def fingerprint(public: bytes) -> str:
    """What people compare: the first 32 hex digits of the SHA-256 of the raw public key."""
    return hashlib.sha256(public).hexdigest()[:32]


def list_keys(ctx: Context) -> list[AuditKey]:
    """All keys, oldest first."""
    return list(ctx.session.scalars(select(AuditKey).order_by(AuditKey.created_at)))


def _make(ctx: Context) -> AuditKey:
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    key = AuditKey(
        id=fingerprint(public),
        public_key=public,
        private_key=private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()),
        created_at=_now(ctx),
    )
    ctx.session.add(key)
    ctx.session.flush()
    record(ctx, "audit.key-made", data={"key": key.id})
    return key


def _now(ctx: Context) -> datetime:
    """The database's own time: a training clock must not date signatures."""
    now: datetime = ctx.session.scalar(select(func.clock_timestamp()))  # type: ignore[assignment]  # always a moment
    return now
