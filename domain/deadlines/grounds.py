"""The law behind a change of a date, as people read it (DOMAIN §3.1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

LICENSING: Final = "《行政许可法》"
_ARTICLE_45: Final = frozenset({"HEARING", "BID", "AUCTION", "INSPECT", "TEST", "QUARANTINE", "APPRAISE", "EXPERT"})
_GROUNDS: Final[Mapping[str, str]] = {
    "START": f"{LICENSING}第四十二条：自受理之日起计算",
    "DEEMED": f"{LICENSING}第三十二条：逾期不告知的，自收到申请材料之日起即为受理",
    "SUPPLEMENT": f"{LICENSING}第三十二条：申请材料需要补正",
    "EXTENSION": f"{LICENSING}第四十二条：经负责人批准延长并告知理由",
    "CALENDAR": "国务院办公厅节假日安排；当地依法放假的日子",
}


def of(reason: str) -> str:
    """The ground of a reason; empty for reasons that a local guide allows (their policy names its own source)."""
    if reason in _ARTICLE_45:
        return f"{LICENSING}第四十五条：所需时间不计算在规定的期限内"
    return _GROUNDS.get(reason, "")
