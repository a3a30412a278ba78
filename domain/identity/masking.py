"""Masks (DOMAIN §5.4): what lists, pages and other units read instead of personal data."""

from __future__ import annotations

import re

_TOWNSHIP = re.compile(r"^.*?(?:街道|乡|镇)")
_DIGITS = re.compile(r"\d{6,}")
_COUNTY = re.compile(r"^.*(?:县|自治县|市辖区|区|旗|市)")


def mask_name(name: str) -> str:
    """Two characters: 张*; more: 张*三 with the middle hidden. Names with a middle dot or Latin letters keep the first character."""
    text = name.strip()
    if not text:
        return ""
    if len(text) <= 2 or "·" in text or text.isascii():  # noqa: PLR2004 -- a family and a one-character given name
        return text[0] + "*"
    return text[0] + "*" * (len(text) - 2) + text[-1]


def mask_list_name(name: str) -> str:
    """For lists: the first character only (张*)."""
    return name.strip()[:1] + "*" if name.strip() else ""


def mask_id_no(number: str, *, public: bool = False) -> str:
    """公民身份号码: first and last four, on public pages three."""
    keep = 3 if public else 4
    text = number.strip()
    if len(text) <= 2 * keep:
        return "*" * len(text)
    return text[:keep] + "*" * (len(text) - 2 * keep) + text[-keep:]


def mask_mobile(number: str) -> str:
    """138****5678."""
    text = number.strip()
    return f"{text[:3]}****{text[-4:]}" if len(text) >= 11 else "*" * len(text)  # noqa: PLR2004 -- a mobile number


def mask_address(address: str) -> str:
    """To the township; without one, to the county; otherwise hidden."""
    for pattern in (_TOWNSHIP, _COUNTY):
        if found := pattern.match(address.strip()):
            return found[0] + "****"
    return "****" if address.strip() else ""


def mask_number(number: str) -> str:
    """Certificates, household numbers, bank accounts: the last four."""
    text = number.strip()
    return "*" * max(len(text) - 4, 0) + text[-4:] if len(text) > 4 else "*" * len(text)  # noqa: PLR2004 -- last four


def mask_text(message: str) -> str:
    """What another system says went wrong: long numbers (identity cards, telephones) are struck out."""
    return _DIGITS.sub("***", message)
