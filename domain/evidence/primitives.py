"""SM3 and Ed25519 with nothing but Python: for whoever checks a package without our product (see :func:`domain.evidence.single.source`)."""

from __future__ import annotations

import hashlib
import struct
from typing import TYPE_CHECKING, Any, Tuple

if TYPE_CHECKING:
    from collections.abc import Callable

Point = Tuple[int, int, int, int]
UNREADABLE = (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError, struct.error)


def sm3_factory() -> Callable[[], Any]:
    """SM3 (GB/T 32905) of OpenSSL where it has it, else our own; both have update, digest, hexdigest."""
    try:
        hashlib.new("sm3")
    except ValueError:
        return OwnSm3
    return hashlib.new("sm3").copy


class OwnSm3:
    """SM3 in plain Python, for an OpenSSL without it: slow and right."""

    def __init__(self) -> None:
        self.content = b""

    def update(self, more: bytes) -> None:
        """More content."""
        self.content += more

    def hexdigest(self) -> str:
        """The hash in hex."""
        return self.digest().hex()

    def digest(self) -> bytes:
        """The hash."""
        size = len(self.content)
        padded = self.content + b"\x80" + b"\0" * ((55 - size) % 64) + struct.pack(">Q", size * 8)
        v = [0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600, 0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E]
        for start in range(0, len(padded), 64):
            v = [a ^ b for a, b in zip(v, _sm3_block(v, padded[start : start + 64]))]
        return struct.pack(">8I", *v)


def _left(x: int, n: int) -> int:
    n %= 32
    return ((x << n) | (x >> (32 - n))) & 0xFFFFFFFF if n else x


def _sm3_block(v: list[int], block: bytes) -> list[int]:
    w = list(struct.unpack(">16I", block))
    for j in range(16, 68):
        x = w[j - 16] ^ w[j - 9] ^ _left(w[j - 3], 15)
        w.append(x ^ _left(x, 15) ^ _left(x, 23) ^ _left(w[j - 13], 7) ^ w[j - 6])
    a, b, c, d, e, f, g, h = v
    for j in range(64):
        ss1 = _left((_left(a, 12) + e + _left(0x79CC4519 if j < 16 else 0x7A879D8A, j)) & 0xFFFFFFFF, 7)
        ff = a ^ b ^ c if j < 16 else (a & b) | (a & c) | (b & c)
        gg = e ^ f ^ g if j < 16 else (e & f) | (~e & 0xFFFFFFFF & g)
        t1 = (ff + d + (ss1 ^ _left(a, 12)) + (w[j] ^ w[j + 4])) & 0xFFFFFFFF
        t2 = (gg + h + ss1 + w[j]) & 0xFFFFFFFF
        a, b, c, d, e, f, g, h = t1, a, _left(b, 9), c, t2 ^ _left(t2, 9) ^ _left(t2, 17), e, _left(f, 19), g
    return [a, b, c, d, e, f, g, h]


def sm3(content: bytes) -> bytes:
    """SM3 of the content."""
    h = sm3_factory()()
    h.update(content)
    found: bytes = h.digest()
    return found


P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def _add(p: Point, q: Point) -> Point:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def _times(n: int, p: Point) -> Point:
    q: Point = (0, 1, 1, 0)
    while n:
        if n & 1:
            q = _add(q, p)
        p, n = _add(p, p), n >> 1
    return q


def _point(raw: bytes) -> Point:
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * ROOT % P
    if y >= P or (x * x - x2) % P or (x == 0 and sign):
        raise ValueError("no point of the curve")
    x = P - x if x & 1 != sign else x
    return (x, y, 1, x * y % P)


BASE = (15112221349535400772501151409588531511454012693041857206046113283949847762202, 4 * pow(5, P - 2, P) % P)


def signed(public: bytes, content: bytes, signature: bytes) -> bool:
    """Whether an Ed25519 signature (RFC 8032) over the content is by the key; plain Python, some milliseconds."""
    try:
        if len(public) != 32 or len(signature) != 64:
            return False
        key, r, s = _point(public), _point(signature[:32]), int.from_bytes(signature[32:], "little")
    except UNREADABLE:
        return False
    if s >= Q:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + content).digest(), "little") % Q
    one = _times(s, (*BASE, 1, BASE[0] * BASE[1] % P))
    two = _add(r, _times(k, key))
    return (one[0] * two[2] - two[0] * one[2]) % P == 0 and (one[1] * two[2] - two[1] * one[2]) % P == 0
