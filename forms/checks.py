"""Checks of single values in Python, for API fields; the kernel has the same and tests hold them together.

Sources: GB 11643 (identity number), GB 32100 (unified social credit code), ISO/IEC 7064 MOD 37,36 and GB/T 36901
practice (electronic certificate identifier), Luhn (bank cards), GB/T 2260 (divisions).
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Literal

from stdnum import luhn
from stdnum.iso7064 import mod_37_36

RegionLevel = Literal["province", "prefecture", "county"]

_ID_LENGTH = 18
_IDENTIFIER_LENGTH = 128
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_USCC_CHARS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_PROVINCES = re.compile(r"(1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])[0-9]{4}")
_CERTIFICATE = re.compile(
    r"1\.2\.156\.3005\.2\.([0-9A-Z]{21})\.([0-9A-Z]{6,18})\.([0-9A-Z]{1,32})\.([0-9]{3})\.([0-9A-Z])"
)
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


def find_account_fault(account: str, *, corporate: bool = False) -> str | None:
    """Code of what is wrong with a personal card (16-19 digits, Luhn) or corporate account (8-32 digits), or None."""
    if corporate:
        return None if re.fullmatch(r"[0-9]{8,32}", account) else "account_format"
    if not re.fullmatch(r"[0-9]{16,19}", account):
        return "account_format"
    return None if luhn.is_valid(account) else "account_check"


def find_certificate_fault(identifier: str) -> str | None:
    """Code of what is wrong with an electronic certificate identifier, or None."""
    match = _CERTIFICATE.fullmatch(identifier)
    if match is None or len(identifier) > _IDENTIFIER_LENGTH:
        return "cert_identifier_format"
    return None if mod_37_36.is_valid("".join(match.groups())) else "cert_identifier_check"


def find_region_fault(code: str, level: RegionLevel | None = None) -> str | None:
    """Code of what is wrong with a six-digit division code, or None; codes that left the table stay valid."""
    if not _PROVINCES.fullmatch(code):
        return "region_format"
    found = "province" if code.endswith("0000") else "prefecture" if code.endswith("00") else "county"
    return None if level in (None, found) else "region_level"


def _is_letter(char: str) -> bool:
    # Planes 2 and 3 are Han throughout; Python's tables may be older than a rare character.
    return unicodedata.category(char)[0] in "LM" or "\U00020000" <= char <= "\U0003fffd"


def find_name_fault(name: str, *, shortest: int = 2, longest: int = 50) -> str | None:
    """Code of what is wrong with a person's name, or None: code points are counted, U+00B7 is the middle dot."""
    if not shortest <= len(name) <= longest:
        return "name_length"
    inner = all(_is_letter(char) or _is_selector(char) or char in "\u00b7'- " for char in name[1:])
    if not (_is_letter(name[0]) and inner and (_is_letter(name[-1]) or _is_selector(name[-1]))) or "  " in name:
        return "name_characters"
    return None


def _is_selector(char: str) -> bool:
    return "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"
