"""Checks of single values that do not come by a form; the kernel has the same and tests hold them together.

Sources: GB 11643 (identity number), GB 32100 (unified social credit code).
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date

_ID_LENGTH = 18
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_USCC_CHARS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
#: White space of ECMAScript, which both sides take out of codes.
_SPACE = re.compile("[\t\n\x0b\x0c\r \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]+")


def normalise_code(text: str) -> str:
    """Full-width forms to ASCII, white space out, upper case: how people type codes and how they are kept."""
    return _SPACE.sub("", unicodedata.normalize("NFKC", text)).upper()


def find_idcard_fault(number: str, today: date) -> str | None:
    """Code of what is wrong with an 18-character identity number, or None. Region digits are not looked up."""
    if len(number) != _ID_LENGTH:
        return "idcard_length"
    if not re.fullmatch(r"[1-9][0-9]{16}[0-9X]", number):
        return "idcard_format"
    try:
        birth = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return "idcard_birth"
    if birth > today:
        return "idcard_birth_future"
    total = sum(weight * int(digit) for weight, digit in zip(_ID_WEIGHTS, number, strict=False))
    return None if _ID_CHECKS[total % 11] == number[17] else "idcard_check"


def find_uscc_fault(code: str) -> str | None:
    """Code of what is wrong with a unified social credit code, or None."""
    if not re.fullmatch(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}", code):
        return "uscc_format"
    total = sum(weight * _USCC_CHARS.index(char) for weight, char in zip(_USCC_WEIGHTS, code, strict=False))
    return None if _USCC_CHARS[(31 - total % 31) % 31] == code[17] else "uscc_check"


def find_mobile_fault(number: str) -> str | None:
    """Code of what is wrong with a mobile number of the mainland, or None."""
    return None if re.fullmatch(r"1[3-9][0-9]{9}", number) else "mobile_format"
