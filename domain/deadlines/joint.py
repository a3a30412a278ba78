"""行政许可法 art. 42: the ordinary and the joint (统一、联合、集中办理) time, chosen by the policy ``clock.jointHandling``."""

from __future__ import annotations

from collections.abc import Mapping

from domain.deadlines import policies


def is_joint(values: Mapping[str, str]) -> bool:
    """Whether the item is handled jointly in the sense of art. 42."""
    return values.get("clock.jointHandling") == "on"


def legal_key(values: Mapping[str, str]) -> str:
    """The policy that the statutory time comes from."""
    return "clock.jointLegal" if is_joint(values) else "clock.legal"


def extension_days(values: Mapping[str, str]) -> int:
    """By how many working days the time may be extended, once."""
    return policies.number(values, "clock.jointExtension" if is_joint(values) else "clock.extension")
