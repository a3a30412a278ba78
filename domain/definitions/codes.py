"""Code tables a model may name: statuses, results, documents (codes.json), and the states of a partner's leg."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

PARTNER_STATES: Final[Mapping[str, tuple[str, str]]] = {
    "RECEIVED": ("已收到协同请求", "Request received"),
    "SIGNED_IN": ("已签收", "Signed in"),
    "VERIFYING": ("核验中", "Verifying"),
    "OBJECTED": ("已提出异议", "Objected"),
    "ANSWERED": ("异议已答复", "Objection answered"),
    "AGREED": ("已同意", "Agreed"),
    "MOVED_OUT_PENDING": ("迁出待落户", "Moved out, settlement pending"),
    "CLOSED_SETTLED": ("已落户办结", "Settled and closed"),
    "REFUSED": ("不予办理", "Refused"),
    "CANCELLED": ("已撤回", "Cancelled"),
    "RESTORED": ("已恢复", "Restored"),
    "FROZEN": ("办理转出中", "Being transferred out"),
    "TRANSFERRED_OUT": ("已转出", "Transferred out"),
}
"""Sub-case states of DOMAIN §1.2.7 (item 2) and §1.3.3 (item 12)."""
FLAGS: Final[Mapping[str, tuple[str, str]]] = {
    "EXTENDED": ("已延期", "Extended"),
    "EVALUATED": ("已评价", "Rated"),
    "INTERIM_APPROVED": ("已准予迁入（待迁出）", "Move-in approved, move-out pending"),
    "GAP": ("容缺受理", "Accepted with promised items"),
    "PARTIAL": ("部分人员办结", "Granted for some of the persons"),
    "DEEMED_ACCEPTED": ("视为受理", "Deemed accepted"),
    "SHARED_DATA": ("按共享数据办理", "Handled on shared data"),
    "SUPERVISION_RED": ("电子监察红灯", "Red in electronic supervision"),
}
"""Milestones beside the status (DOMAIN §3.7) that models set: they exclude nothing."""
PLATFORM_FLAGS: Final = frozenset({"ACCEPTED_ON_RECEIPT", "SPECIAL"})
"""Milestones that only the platform sets."""


@dataclass(frozen=True, slots=True)
class Codes:
    """What codes.json holds, by code: Chinese names."""

    statuses: Mapping[str, str]
    results: Mapping[str, str]
    documents: Mapping[str, str]


@lru_cache(maxsize=1)
def codes() -> Codes:
    """The tables shipped with the product."""
    raw = json.loads((Path(__file__).parent / "codes.json").read_text(encoding="utf-8"))
    return Codes(
        *({row["code"]: row["zh"] for row in raw[name]} for name in ("caseStatus", "resultCode", "documents")),
    )


def status_name(code: str) -> str:
    """The Chinese name of a case status or a partner leg's state; the code itself when unknown."""
    partner = PARTNER_STATES.get(code)
    return codes().statuses.get(code) or (partner[0] if partner else code)
