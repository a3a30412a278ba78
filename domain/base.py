"""Tables' common ground: naming, time, sealed (encrypted) columns."""

from __future__ import annotations

import hashlib
import hmac
import os
from datetime import datetime
from typing import Any

import orjson
import zstandard
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import BigInteger, DateTime, LargeBinary, MetaData
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """All tables of the product."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012 -- SQLAlchemy reads this as a plain class attribute
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
        int: BigInteger,
        bytes: LargeBinary,
    }


class Seal:
    """Encryption at rest (AES-256-GCM) and the blind index (HMAC-SHA-256) under one deployment key.

    Sealed bytes are ``version(1) | nonce(12) | ciphertext+tag`` over zstd-compressed content.
    """

    _VERSION = b"\x01"
    _NONCE_BYTES = 12

    def __init__(self, key: bytes) -> None:
        self._aead = AESGCM(hashlib.sha256(b"seal" + key).digest())
        self._blind = hashlib.sha256(b"blind" + key).digest()

    def seal(self, content: bytes) -> bytes:
        """Compress and encrypt."""
        nonce = os.urandom(self._NONCE_BYTES)
        packed = zstandard.ZstdCompressor(level=3).compress(content)
        return self._VERSION + nonce + self._aead.encrypt(nonce, packed, self._VERSION)

    def unseal(self, sealed: bytes) -> bytes:
        """Decrypt and decompress. Raises ``cryptography.exceptions.InvalidTag`` when altered or under another key."""
        start = 1 + self._NONCE_BYTES
        packed = self._aead.decrypt(sealed[1:start], sealed[start:], sealed[:1])
        return zstandard.ZstdDecompressor().decompress(packed)

    def blind(self, value: str) -> str:
        """A keyed fingerprint for exact search (32 hex digits)."""
        return hmac.new(self._blind, value.strip().upper().encode(), hashlib.sha256).hexdigest()[:32]


class _Key:
    """The process's seal, set once by the container at start (a column type cannot be handed a dependency)."""

    seal: Seal | None = None


def set_seal(seal: Seal) -> None:
    """Install the deployment's seal for sealed columns."""
    _Key.seal = seal


def find_seal() -> Seal | None:
    """The installed seal, if there is one."""
    return _Key.seal


def get_seal() -> Seal:
    """The installed seal. Raises ``RuntimeError`` when the container was not built."""
    if _Key.seal is None:
        msg = "no seal installed: build the platform container first"
        raise RuntimeError(msg)
    return _Key.seal


class SealedJSON(TypeDecorator[Any]):
    """JSON that is encrypted at rest: personal data."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any | None, dialect: Dialect) -> bytes | None:
        """Seal on the way in."""
        del dialect
        return None if value is None else get_seal().seal(orjson.dumps(value))

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any | None:
        """Unseal on the way out."""
        del dialect
        return None if value is None else orjson.loads(get_seal().unseal(value))


class SealedBytes(TypeDecorator[bytes]):
    """Bytes that are encrypted at rest: engine state, files."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        """Seal on the way in."""
        del dialect
        return None if value is None else get_seal().seal(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        """Unseal on the way out."""
        del dialect
        return None if value is None else get_seal().unseal(value)
