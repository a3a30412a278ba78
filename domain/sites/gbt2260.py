"""行政区划代码 (GB/T 2260) as python-stdnum ships it: the provinces, prefectures and counties that exist now."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files
from typing import Final

SOURCE: Final = "python-stdnum: stdnum/cn/loc.dat (GB/T 2260)"
_LINE: Final = re.compile(r'^\s*(\d{2}|\d{4}) (?:province|county)="([^"]*)"')
_PERIOD: Final = re.compile(r"^\[(\d{0,4})-(\d{0,4})\]")


@lru_cache(maxsize=1)
def current_regions() -> tuple[tuple[str, str, str | None], ...]:
    """(code, name, parent) of every region that was not dissolved, parents first."""
    found: dict[str, str] = {}
    province = ""
    for line in (files("stdnum.cn") / "loc.dat").read_text(encoding="utf-8").splitlines():
        match = _LINE.match(line)
        if match is None:
            continue
        code, told = match.groups()
        if len(code) == 2:  # noqa: PLR2004 -- a province is two digits
            province = code
            found[f"{province}0000"] = _present(told) or told
        elif (name := _present(told)) is not None:
            found[f"{province}{code}"] = name
    rows = [(code, name, _parent(code, found)) for code, name in found.items()]
    return tuple(sorted(rows, key=lambda row: (_depth(row[0]), row[0])))


def _present(told: str) -> str | None:
    """The name that is valid now; None when the region is gone."""
    for part in told.split(","):
        period = _PERIOD.match(part)
        if period is None:
            return part.strip()
        if not period[2]:
            return part[period.end() :].strip()
    return None


def _parent(code: str, known: dict[str, str]) -> str | None:
    if code.endswith("0000"):
        return None
    prefecture = f"{code[:4]}00"
    return prefecture if code != prefecture and prefecture in known else f"{code[:2]}0000"


def _depth(code: str) -> int:
    return 0 if code.endswith("0000") else 1 if code.endswith("00") else 2
