"""Pass words: argon2id hashes, and what may not be one (OWASP ASVS 5.0 V6.2: length, known and guessable ones; no composition rules)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from domain.errors import DomainError
from domain.identity.rules import APPLICANT_LENGTH, USUAL, HashCost

SHORTEST: Final = APPLICANT_LENGTH
LONGEST: Final = 128
"""Longer input is refused before hashing, so that it cannot be used to burn time."""
_ROWS: Final = (
    "1234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb",
)
_SHORTEST_WORD: Final = 4
_LONGEST_PERIOD: Final = 4


class WeakPassword(DomainError):
    """Too short, too long, known, guessable, or used before; the fact says which."""

    code = "weak-password"
    title_zh = "密码不符合要求"
    title_en = "The password does not meet the rules"
    next_zh = f"请换一个密码，最长 {LONGEST} 个字符；不要求大小写或符号，几个互不相关的词就很好。"
    next_en = f"Choose another one of up to {LONGEST} characters; no capitals or symbols are asked for, a few unrelated words do well."


def hash_password(password: str, cost: HashCost = USUAL) -> str:
    """The argon2id hash to store. Raises :class:`WeakPassword` for a length that no rule allows."""
    _require_length(password, SHORTEST)
    return _hasher(cost).hash(password)


def matches(stored: str, password: str) -> bool:
    """Whether the password fits the hash; a broken hash fits nothing."""
    if len(password) > LONGEST:
        return False
    try:
        return _hasher(USUAL).verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(stored: str, cost: HashCost) -> bool:
    """Whether a hash was made at another cost than is set now."""
    try:
        return _hasher(cost).check_needs_rehash(stored)
    except InvalidHashError:
        return False


def waste_time(password: str, cost: HashCost = USUAL) -> None:
    """Take as long as a check does, so that unknown log-ins cannot be told from known ones."""
    matches(_nobody(cost), password)


def require_good(password: str, *, shortest: int, own: Sequence[str], context: Sequence[str]) -> None:
    """Raise :class:`WeakPassword` for what is short, known, guessable, or holds the person's own or the platform's words."""
    _require_length(password, shortest)
    folded = password.casefold()
    for word in own:
        if len(word) > 1 and word.casefold() in folded:
            raise _weak("密码不能包含用户名或姓名。", "The password must not contain the login or the name.")
    for word in context:
        if word.casefold() in folded:
            raise _weak(f"密码不能包含“{word}”。", f"The password must not contain '{word}'." if word.isascii() else "")
    if is_guessable(folded):
        raise _weak("该密码太常见或太容易猜到。", "This password is known or easy to guess.")


def is_guessable(folded: str) -> bool:
    """Known ones, two of them in a row, something repeated, or a row of keys, alphabet or digits."""
    known = _known()
    if folded in known:
        return True
    pieces = range(_SHORTEST_WORD, len(folded) - _SHORTEST_WORD + 1)
    if any(folded[:cut] in known and folded[cut:] in known for cut in pieces):
        return True
    if any(folded == (folded[:n] * len(folded))[: len(folded)] for n in range(1, _LONGEST_PERIOD + 1)):
        return True
    return any(folded in row * 3 or folded in row[::-1] * 3 for row in _ROWS)


def _require_length(password: str, shortest: int) -> None:
    if not shortest <= len(password) <= LONGEST:
        raise _weak(
            f"密码应有 {shortest} 至 {LONGEST} 个字符。", f"The password must have {shortest} to {LONGEST} characters."
        )


def _weak(fact: str, fact_en: str) -> WeakPassword:
    return WeakPassword(fact, fact_en, pointer="/password")


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    """30,000 passwords from breaches, as the list of zxcvbn has them."""
    return frozenset(FREQUENCY_LISTS["passwords"])


@lru_cache(maxsize=8)
def _hasher(cost: HashCost) -> PasswordHasher:
    return PasswordHasher(time_cost=cost.passes, memory_cost=cost.memory_kib, parallelism=cost.lanes)


@lru_cache(maxsize=8)
def _nobody(cost: HashCost) -> str:
    return _hasher(cost).hash("nobody has this password")
