"""Encryption at rest: a ring of keys of which one is active, AES-256-GCM or SM4-GCM, and the blind index for exact search.

Sealed bytes are zstd-compressed content under one of three envelopes; all can be read at once:

====  =======================================================  ==========================================
0x01  ``01 | nonce(12) | ciphertext+tag``                      the first key of a deployment, AES-256-GCM
0x02  ``02 | key id(2) | nonce(12) | ciphertext+tag``          AES-256-GCM
0x03  ``03 | key id(2) | nonce(12) | ciphertext+tag``          SM4-GCM (GB/T 32907)
====  =======================================================  ==========================================

The last two bind the place (``table.column``) as associated data: bytes moved to another column do not open. The row is not bound,
its number is not known when it is written. Programs from before the ring read 0x01 only, which is why a deployment
that has data goes on writing it until its keys are changed for the first time (``lianban keys rotate``).
"""

from __future__ import annotations

import hashlib
import hmac
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import zstandard
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from domain.errors import DomainError, Kind

AES: Final = "AES-256-GCM"
SM4: Final = "SM4-GCM"
ALGORITHMS: Final = (AES, SM4)
FIRST: Final = 0
"""Id of the key that a deployment had before it had a ring; it alone writes envelope 0x01."""
MOST_KEYS: Final = 0xFFFF
LOOK_SECONDS: Final = 5
"""How often a process looks whether the ring was changed; an unknown key makes it look at once."""
_OLD: Final = b"\x01"
_VERSIONS: Final = {AES: b"\x02", SM4: b"\x03"}
_NONCE: Final = 12
_TAG: Final = 16
_LENGTHS: Final = {AES: 32, SM4: 16}
_MARKS: Final = "ghijklmnopqrstuvwxyz"
"""First letter of a blind value from its second version on: no hexadecimal digit, so versions are told apart."""
MOST_BLINDS: Final = len(_MARKS) + 1


class SealError(DomainError):
    """Root of what can be wrong with sealed data."""

    code = "seal-error"
    kind = Kind.BUSY
    title_zh = "加密数据暂时无法读取"
    title_en = "Encrypted data cannot be read now"
    next_zh = "请联系平台管理员：执行 lianban keys status 查看密钥情况。"
    next_en = "Ask the platform's administrator to look at the keys: lianban keys status."


class KeyMissing(SealError):
    """Data was sealed under a key that this process does not have."""

    code = "seal-key-missing"
    title_zh = "缺少解密所需的密钥"
    title_en = "A key for this data is missing"
    next_zh = "请从备份恢复该密钥并核对密钥环（lianban keys status）；没有它，这些数据无法读取。"
    next_en = (
        "Restore that key from a backup and check the ring (lianban keys status): without it this data cannot be read."
    )


class SealBroken(SealError):
    """Sealed bytes do not open: altered, cut, moved from another column, or the key is another one under the same id."""

    code = "seal-broken"
    title_zh = "加密数据未通过完整性校验"
    title_en = "Encrypted data failed its integrity check"
    next_zh = "数据或密钥被改动。请停止写入，用 lianban keys status 核对密钥，并从备份核对数据。"
    next_en = "The data or the key was altered. Stop writing, check the keys (lianban keys status) and the data from a backup."


@dataclass(frozen=True, slots=True)
class SealKey:
    """One key: ``secret`` is its material (at least 32 bytes), from which the working keys are derived."""

    id: int
    algorithm: str
    secret: bytes = field(repr=False)

    @property
    def check(self) -> str:
        """A value that tells one key from another without giving it away (16 hex digits)."""
        return hmac.new(self.secret, b"lianban key check", hashlib.sha256).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys of a deployment: ``active`` seals, all open. ``blinds`` are the secrets of the blind index, oldest first."""

    keys: Mapping[int, SealKey]
    active: int
    blinds: tuple[bytes, ...] = field(repr=False)

    @classmethod
    def single(cls, secret: bytes) -> KeyRing:
        """What a deployment without a ring has: its one key, which everything is derived from."""
        return cls({FIRST: SealKey(FIRST, AES, secret)}, FIRST, (secret,))


class _Working:
    """A key ready for use."""

    def __init__(self, key: SealKey) -> None:
        self.key = key
        if key.id == FIRST:
            self.head = _OLD
            derived = hashlib.sha256(b"seal" + key.secret).digest()
        else:
            self.head = _VERSIONS[key.algorithm] + key.id.to_bytes(2)
            info = f"lianban seal {key.algorithm} {key.id}".encode()
            derived = HKDF(hashes.SHA256(), _LENGTHS[key.algorithm], None, info).derive(key.secret)
        self._aes = AESGCM(derived) if key.algorithm == AES else None
        self._sm4 = None if key.algorithm == AES else algorithms.SM4(derived)

    def bound(self, place: str) -> bytes:
        """The associated data; the first envelope had no place."""
        return self.head if self.key.id == FIRST else self.head + place.encode()

    def encrypt(self, content: bytes, place: str) -> bytes:
        """The envelope of packed content."""
        nonce = os.urandom(_NONCE)
        if self._aes is not None:
            return self.head + nonce + self._aes.encrypt(nonce, content, self.bound(place))
        cipher = Cipher(_given(self._sm4), modes.GCM(nonce)).encryptor()
        cipher.authenticate_additional_data(self.bound(place))
        return self.head + nonce + cipher.update(content) + cipher.finalize() + cipher.tag

    def decrypt(self, sealed: bytes, place: str) -> bytes:
        """The packed content. Raises ``InvalidTag``."""
        start = len(self.head) + _NONCE
        nonce, body = sealed[len(self.head) : start], sealed[start:]
        if len(body) < _TAG:
            raise InvalidTag
        if self._aes is not None:
            return self._aes.decrypt(nonce, body, self.bound(place))
        cipher = Cipher(_given(self._sm4), modes.GCM(nonce, body[-_TAG:])).decryptor()
        cipher.authenticate_additional_data(self.bound(place))
        return cipher.update(body[:-_TAG]) + cipher.finalize()


Refresh = Callable[[], KeyRing | None]
"""Gives the ring anew when it was changed since the last call; None: it was not."""


class Seal:
    """Seals and opens under a ring, and makes blind values. ``refresh`` lets a running process learn new keys."""

    def __init__(self, ring: KeyRing | bytes, refresh: Refresh | None = None) -> None:
        self._refresh = refresh
        self._looked = time.monotonic()
        self._take(KeyRing.single(ring) if isinstance(ring, bytes) else ring)

    def _take(self, ring: KeyRing) -> None:
        self._taken = time.monotonic()
        self.ring = ring
        self._working = {key.id: _Working(key) for key in ring.keys.values()}
        self._active = self._working[ring.active]
        self._blinds = [_blind_key(secret, number) for number, secret in enumerate(ring.blinds)]

    def look(self) -> bool:
        """Take the ring anew if it was changed."""
        self._looked = time.monotonic()
        ring = self._refresh() if self._refresh is not None else None
        if ring is not None:
            self._take(ring)
        return ring is not None

    def settled(self) -> tuple[int, int] | None:
        """Key and version of the blind index that every process over the same ring uses by now; None: the ring was changed just now."""
        self.look()
        long_enough = time.monotonic() - self._taken > 2 * LOOK_SECONDS
        return (self.ring.active, self.blind_version) if long_enough else None

    @property
    def head(self) -> bytes:
        """What bytes sealed under the active key begin with."""
        return self._active.head

    def seal(self, content: bytes, place: str = "") -> bytes:
        """Compress and encrypt for ``place`` (``table.column``)."""
        if self._refresh is not None and time.monotonic() - self._looked > LOOK_SECONDS:
            self.look()
        packed = zstandard.ZstdCompressor(level=3).compress(content)
        return self._active.encrypt(packed, place)

    def unseal(self, sealed: bytes, place: str = "") -> bytes:
        """Decrypt and decompress. Raises :class:`KeyMissing`, :class:`SealBroken`."""
        working = self._find(sealed)
        try:
            packed = working.decrypt(sealed, place)
        except InvalidTag:
            raise SealBroken(
                f"密钥 {working.key.id} 打不开“{place or '—'}”中的一条数据。",
                f"Key {working.key.id} does not open a value of {place or 'a column'}.",
            ) from None
        return zstandard.ZstdDecompressor().decompress(packed)

    def _find(self, sealed: bytes) -> _Working:
        key_id = key_of(sealed)
        working = self._working.get(key_id)
        if working is None and self.look():
            working = self._working.get(key_id)
        if working is None:
            raise KeyMissing(f"没有编号为 {key_id} 的密钥。", f"There is no key with the id {key_id}.")
        if not sealed.startswith(working.head):
            raise SealBroken(
                f"密钥 {key_id} 的算法与数据不一致。", f"Key {key_id} has another algorithm than the data."
            )
        return working

    @property
    def blind_version(self) -> int:
        """The version of new blind values, from 1."""
        return len(self._blinds)

    def blind(self, value: str) -> str:
        """A keyed fingerprint for exact search (32 characters), in the present version."""
        return self.blinds(value)[0]

    def blinds(self, value: str) -> list[str]:
        """The same in every version that may still be stored, the present one first."""
        found = [self.mark(value)]
        for version in range(2, len(self._blinds) + 1):
            found.append(self._next(found[-1], version))
        return found[::-1]

    def raise_blind(self, stored: str) -> str:
        """A stored blind value in the present version. Each version is made from the one before: the value itself is not needed."""
        version = blind_version(stored)
        while version < len(self._blinds):
            version += 1
            stored = self._next(stored, version)
        return stored

    def mark(self, value: str) -> str:
        """A keyed mark that never changes (32 hex digits): for locks, codes and reports, not for columns that are searched."""
        return hmac.new(self._blinds[0], value.strip().upper().encode(), hashlib.sha256).hexdigest()[:32]

    def _next(self, blind: str, version: int) -> str:
        digest = hmac.new(self._blinds[version - 1], blind.encode(), hashlib.sha256).hexdigest()
        return _MARKS[version - 2] + digest[:31]


def is_envelope(stored: bytes) -> bool:
    """Whether bytes begin as one of the envelopes does."""
    return stored[:1] in {_OLD, *_VERSIONS.values()}


def key_of(sealed: bytes) -> int:
    """The id of the key that bytes are sealed under. Raises :class:`SealBroken`."""
    if sealed[:1] == _OLD:
        return FIRST
    if sealed[:1] not in _VERSIONS.values() or len(sealed) < 3 + _NONCE + _TAG:
        raise SealBroken("数据不是本平台的加密格式。", "These bytes were not sealed by this product.")
    return int.from_bytes(sealed[1:3])


def blind_version(stored: str) -> int:
    """The version of a stored blind value."""
    return _MARKS.index(stored[0]) + 2 if stored[:1] in set(_MARKS) else 1


def _blind_key(secret: bytes, number: int) -> bytes:
    if number == 0:
        return hashlib.sha256(b"blind" + secret).digest()
    return HKDF(hashes.SHA256(), 32, None, f"lianban blind {number + 1}".encode()).derive(secret)


def _given(cipher: algorithms.SM4 | None) -> algorithms.SM4:
    if cipher is None:
        raise TypeError("no SM4 key")
    return cipher
