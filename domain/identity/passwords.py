"""Pass words: argon2id."""

from __future__ import annotations

from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from domain.errors import DomainError

_HASHER = PasswordHasher()
SHORTEST = 8
LONGEST = 128
"""Longer input is refused before hashing, so that it cannot be used to burn time."""


class WeakPassword(DomainError):
    """Too short or too long to be a pass word."""

    code = "weak-password"
    title_zh = "密码不符合要求"
    title_en = "The password does not meet the rules"
    next_zh = f"请使用 {SHORTEST} 至 {LONGEST} 个字符。"
    next_en = f"Use {SHORTEST} to {LONGEST} characters."


def hash_password(password: str) -> str:
    """The argon2id hash to store. Raises :class:`WeakPassword`."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise WeakPassword("密码长度不符合要求。", "The length of the password is out of bounds.", pointer="/password")
    return _HASHER.hash(password)


def matches(stored: str, password: str) -> bool:
    """Whether the password fits the hash; a broken hash fits nothing."""
    if len(password) > LONGEST:
        return False
    try:
        return _HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def waste_time(password: str) -> None:
    """Take as long as a check does, so that unknown log-ins cannot be told from known ones."""
    matches(_nobody(), password)


@lru_cache(maxsize=1)
def _nobody() -> str:
    return _HASHER.hash("nobody has this password")
