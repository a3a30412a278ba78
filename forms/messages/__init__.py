"""Texts of form errors in Chinese and English, from the catalogue the browser uses too."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

import orjson

Locale = Literal["zh", "en"]

_FOLDER = Path(__file__).parent
_LEVELS: dict[str, dict[str, str]] = {
    "zh": {"province": "省", "prefecture": "市", "county": "县（区）"},
    "en": {"province": "province", "prefecture": "prefecture", "county": "county"},
}
_FALLBACK = {"zh": "不符合填写规则", "en": "Breaks a rule of the form"}


@cache
def catalogue(locale: Locale) -> Mapping[str, str]:
    """All texts of a language by code; `{name}` stands for a parameter."""
    texts: dict[str, str] = orjson.loads((_FOLDER / f"{locale}.json").read_bytes())
    return texts


def is_code(code: str) -> bool:
    """Whether the catalogue has a text for the code."""
    return code in catalogue("zh")


def text_of(code: str, params: Mapping[str, Any], locale: Locale) -> str:
    """What to tell the person: a text of the form itself where it brings one, else that of the catalogue."""
    own = params.get("text") if locale == "zh" else params.get("textEn", params.get("text"))
    if isinstance(own, str) and own:
        return own
    text = catalogue(locale).get(code)
    if text is None or code == "rule_broken":
        return _FALLBACK[locale]
    values = {name: _LEVELS[locale].get(str(value), str(value)) for name, value in params.items()}
    return re.sub(r"\{(\w+)\}", lambda match: values.get(match[1], match[0]), text)
