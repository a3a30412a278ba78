"""What a certificate may become: vouchers (DOMAIN §1.2.7) and safety certificates with their operations (§1.3.1)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from stdnum.iso7064 import mod_37_36

VALID, SUSPENDED, REVOKED, CANCELLED, LAPSED, LEAVING, STRIPPED = "01", "02", "03", "04", "05", "06", "07"
ISSUED, USED, VOID, EXPIRED, REISSUED = "ISSUED", "USED", "VOID", "EXPIRED", "REISSUED"

SAFETY: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    (VALID, VALID): ("09", "02"),
    (VALID, SUSPENDED): ("03",),
    (SUSPENDED, VALID): ("06",),
    (VALID, REVOKED): ("05",),
    (VALID, CANCELLED): ("05",),
    (VALID, STRIPPED): ("05",),
    (SUSPENDED, REVOKED): ("05",),
    (SUSPENDED, CANCELLED): ("05",),
    (SUSPENDED, STRIPPED): ("05",),
    (VALID, LAPSED): ("04",),
    (SUSPENDED, LAPSED): ("04",),
    (VALID, LEAVING): ("05",),
    (LEAVING, VALID): ("10",),
    (LEAVING, CANCELLED): ("05",),
    (LEAVING, LAPSED): ("04",),
}
"""(from, to) → operations that do it, the usual one first."""

VOUCHER: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    (ISSUED, USED): ("USE",),
    (ISSUED, VOID): ("VOID",),
    (ISSUED, EXPIRED): ("EXPIRE",),
    (ISSUED, REISSUED): ("REISSUE",),
    # Past its date: settled late after review, taken back by a restoration, or issued anew (DOMAIN §1.2.1).
    (EXPIRED, USED): ("USE",),
    (EXPIRED, VOID): ("VOID",),
    (EXPIRED, REISSUED): ("REISSUE",),
}
STATE_NAMES: Final[Mapping[str, tuple[str, str]]] = {
    VALID: ("有效", "valid"),
    SUSPENDED: ("暂扣", "suspended"),
    REVOKED: ("撤销", "revoked"),
    CANCELLED: ("注销", "cancelled"),
    LAPSED: ("失效", "lapsed"),
    LEAVING: ("办理转出", "being transferred out"),
    STRIPPED: ("吊销", "stripped"),
    "99": ("其他", "other"),
    ISSUED: ("已签发", "issued"),
    USED: ("已缴销", "used"),
    VOID: ("已作废", "void"),
    EXPIRED: ("已过期", "expired"),
    REISSUED: ("已换发", "issued anew"),
}


@dataclass(frozen=True, slots=True)
class CertificateKind:
    """A kind of certificate. ``family`` is voucher or safety; ``remind`` a policy, ``type_code`` the 21 characters of the identifier."""

    code: str
    name: str
    name_en: str
    family: str
    word: str
    remind: str | None
    type_code: str | None

    @property
    def first_state(self) -> str:
        """The state when issued."""
        return ISSUED if self.family == "voucher" else VALID

    @property
    def end_state(self) -> str:
        """The state when its date has passed."""
        return EXPIRED if self.family == "voucher" else LAPSED

    def operations(self, before: str, after: str) -> tuple[str, ...]:
        """The operations from one state to another; empty when it is not allowed."""
        return (VOUCHER if self.family == "voucher" else SAFETY).get((before, after), ())


@lru_cache(maxsize=1)
def kinds() -> Mapping[str, CertificateKind]:
    """All kinds by code."""
    raw = json.loads((Path(__file__).parent / "data" / "kinds.json").read_text(encoding="utf-8"))
    return {
        code: CertificateKind(
            code, row["name"], row["nameEn"], row["family"], row["word"], row.get("remind"), row.get("typeCode")
        )
        for code, row in raw.items()
    }


ROOT: Final = "1.2.156.3005.2"
"""Root of electronic certificate identifiers (GB/T 36904)."""


def make_identifier(type_code: str, issuer_code: str, serial: str, version: str = "001") -> str:
    """电子证照标识 with its ISO 7064 MOD 37,36 check character over all parts without dots."""
    check = mod_37_36.calc_check_digit(f"{type_code}{issuer_code}{serial}{version}")
    return f"{ROOT}.{type_code}.{issuer_code}.{serial}.{version}.{check}"
