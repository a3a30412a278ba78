"""What the columns of the spreadsheets are called and what may stand in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from stdnum.cn import uscc as usccs

from domain.actors import Role
from domain.identity.roles import ROLE_NAMES

PHONE: Final = re.compile(r"^[0-9+() -]{3,40}$")
_YES_NO: Final = {"是": True, "yes": True, "y": True, "否": False, "no": False, "n": False}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: key, names, whether it must be filled, a reading of the text (``ValueError``: a pair of sentences), an example."""

    key: str
    zh: str
    en: str
    required: bool = False
    read: Callable[[str], Any] = str
    example: str = ""
    longest: int = 200

    @property
    def heading(self) -> str:
        """What stands in the first row; an asterisk: must be filled."""
        return f"{self.zh} {self.en}{' *' if self.required else ''}"

    def value(self, text: str) -> Any:
        """The value of a cell. Raises ``ValueError`` with (Chinese, English)."""
        if not text and self.required:
            raise ValueError("必填。", "It must be filled in.")
        if len(text) > self.longest:
            raise ValueError(f"超过 {self.longest} 字。", f"Longer than {self.longest} characters.")
        return self.read(text)


def phone(text: str) -> str:
    """A telephone number."""
    if text and not PHONE.match(text):
        raise ValueError(
            "电话号码只含数字、空格、括号、加号和连字符。", "A phone number has digits, spaces, ()+- only."
        )
    return text


def yes(text: str) -> bool:
    """是 or 否."""
    found = _YES_NO.get(text.lower())
    if found is None:
        raise ValueError("请填“是”或“否”。", "Yes or no is expected.")
    return found


def region(text: str) -> str:
    """Six digits of GB/T 2260."""
    if text and not re.fullmatch(r"[0-9]{6}", text):
        raise ValueError("行政区划代码为 6 位数字。", "A region code has six digits.")
    return text


def uscc(text: str) -> str:
    """统一社会信用代码 with its check character."""
    if text and not usccs.is_valid(text):
        raise ValueError("统一社会信用代码不正确。", "The uniform social credit code is wrong.")
    return str(usccs.compact(text)) if text else ""


def day(text: str) -> date | None:
    """A date as 2026-01-31."""
    if not text:
        return None
    try:
        return date.fromisoformat(text.replace("/", "-"))
    except ValueError:
        raise ValueError("日期格式为 2026-01-31。", "A date is written 2026-01-31.") from None


def codes(text: str) -> list[str]:
    """Several codes, parted by commas, semicolons or spaces."""
    return [part for part in re.split(r"[\s,，;；、]+", text) if part]


def role(text: str) -> Role:
    """A role by its code or Chinese name."""
    names: Mapping[str, Role] = {names[0]: code for code, names in ROLE_NAMES.items()}
    found = names.get(text) or next((code for code in Role if code == text.upper()), None)
    if found is None or found is Role.SYSTEM:
        raise ValueError("没有这个角色。", "There is no such role.")
    return found
