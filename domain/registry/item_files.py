"""What a file of a service item may say, shaped as the items that come with the product; every fault with its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from domain.errors import DomainError, FieldError

CODE: Final = re.compile(r"[a-z][a-z0-9-]{2,59}")
SECTOR: Final = re.compile(r"[a-z][a-z0-9-]{0,39}")
MATERIAL: Final = re.compile(r"M[1-9][0-9]?")
MODES: Final = ("ONLINE", "FULL_ONLINE", "REMOTE_RELAY", "MULTI_SITE")
NEEDS: Final = ("必要", "情形")
SOURCES: Final = ("UPLOAD", "SHARED", "SYSTEM")
MOST, MOST_WORDS, NAME, LONG = 60, 1000, 200, 2000
_TEXTS: Final = (
    "leadUnit",
    "coopUnit",
    "scenario",
    "applicants",
    "itemType",
    "decider",
    "routing",
    "result",
    "delivery",
    "due",
    "modeZh",
)
_GUIDE_TEXTS: Final = ("audience", "fees", "delivery", "result")
IGNORED: Final = frozenset({"no", "available"})
"""Of a file that was taken from the product: the place in the list is given here, and what is deployed says what can be applied for."""

Check = Callable[["Faults", Any, str], None]


class ItemRefused(DomainError):
    """The file of an item cannot be used; ``errors`` name every place."""

    code = "item-refused"
    title_zh = "事项文件不符合要求"
    title_en = "The file of the item cannot be used"
    next_zh = "请按指出的位置改正后再试；格式见 docs/items.md。"
    next_en = "Correct the places that are named and try again; the format stands in docs/items.md."


class Faults:
    """Collects what is wrong."""

    def __init__(self) -> None:
        self.found: list[FieldError] = []

    def add(self, place: str, code: str, zh: str, en: str) -> None:
        """One thing more."""
        self.found.append(FieldError(place or "/", code, zh, en))

    def mapping(self, value: Any, place: str, checks: Mapping[str, Check], needed: Collection[str]) -> None:
        """An object with these members and no others."""
        if not isinstance(value, Mapping):
            self.add(place, "not-object", "应为对象。", "An object is expected.")
            return
        for key in sorted(set(needed) - set(value)):
            self.add(f"{place}/{key}", "required", "必须填写。", "It is required.")
        for key, part in value.items():
            if key in checks:
                checks[key](self, part, f"{place}/{key}")
            else:
                self.add(f"{place}/{key}", "unknown", "不认识这一项。", "This member is not known.")


def require_sound(content: Any, deadlines: Collection[str]) -> None:
    """Raise :class:`ItemRefused` with the place of everything that is wrong. ``deadlines``: the policies that a guide may name."""
    faults = Faults()
    faults.mapping(content, "", _item(deadlines), ("code", "name", "nameEn", "mode", "sector", "guide", "materials"))
    if isinstance(content, Mapping) and isinstance(content.get("materials"), list):
        _once([row.get("code") for row in content["materials"] if isinstance(row, Mapping)], "/materials", faults)
    if faults.found:
        first = faults.found[0]
        raise ItemRefused(
            f"共 {len(faults.found)} 处错误，第一处在 {first.pointer}：{first.message_zh}",
            f"{len(faults.found)} faults, the first at {first.pointer}: {first.message_en}",
            pointer=first.pointer,
            errors=tuple(faults.found),
        )


def _once(codes: list[Any], place: str, faults: Faults) -> None:
    for number, code in enumerate(codes):
        if code in codes[:number]:
            faults.add(f"{place}/{number}/code", "twice", "编号重复。", "The code is there twice.")


def _text(low: int, high: int) -> Check:
    def check(faults: Faults, value: Any, place: str) -> None:
        if not isinstance(value, str) or not low <= len(value.strip()) <= high:
            faults.add(place, "length", f"应为 {low} 至 {high} 个字的文字。", f"A text of {low} to {high} characters.")

    return check


def _matching(pattern: re.Pattern[str], zh: str, en: str) -> Check:
    def check(faults: Faults, value: Any, place: str) -> None:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            faults.add(place, "pattern", zh, en)

    return check


def _one_of(words: Collection[str]) -> Check:
    def check(faults: Faults, value: Any, place: str) -> None:
        if value not in words:
            listed = ", ".join(words)
            faults.add(place, "choice", f"应为 {listed} 之一。", f"It is one of {listed}.")

    return check


def _flag(faults: Faults, value: Any, place: str) -> None:
    if not isinstance(value, bool):
        faults.add(place, "boolean", "应为 true 或 false。", "It is true or false.")


def _any(faults: Faults, value: Any, place: str) -> None:
    del faults, value, place


def _or_null(check: Check) -> Check:
    def with_null(faults: Faults, value: Any, place: str) -> None:
        if value is not None:
            check(faults, value, place)

    return with_null


def _list(check: Check, most: int = MOST) -> Check:
    def each(faults: Faults, value: Any, place: str) -> None:
        if not isinstance(value, list) or len(value) > most:
            faults.add(place, "not-list", f"应为至多 {most} 项的列表。", f"A list of at most {most} is expected.")
            return
        for number, part in enumerate(value):
            check(faults, part, f"{place}/{number}")

    return each


def _one_or_many(faults: Faults, value: Any, place: str) -> None:
    """An answer of a question, or several."""
    answer = _text(1, 40)
    (answer if isinstance(value, str) else _list(answer, 10))(faults, value, place)


def _object(checks: Mapping[str, Check], needed: Collection[str]) -> Check:
    def check(faults: Faults, value: Any, place: str) -> None:
        faults.mapping(value, place, checks, needed)

    return check


def _words(faults: Faults, value: Any, place: str) -> None:
    """A dictionary of texts: Chinese to English, or the columns of a table of the sheet."""
    fits = isinstance(value, Mapping) and len(value) <= MOST_WORDS
    if not fits or not all(isinstance(part, str) and len(part) <= LONG for pair in value.items() for part in pair):
        faults.add(place, "not-object", "应为文字对文字的对照表。", "An object of texts is expected.")


def _item(deadlines: Collection[str]) -> dict[str, Check]:
    texts: dict[str, Check] = dict.fromkeys(_TEXTS, _text(0, LONG))
    slug = _matching(CODE, "用小写字母、数字和连字符，3 至 60 位。", "Lower-case letters, digits, hyphens; 3 to 60.")
    return {
        **texts,
        **dict.fromkeys(IGNORED, _any),
        "code": slug,
        "name": _text(1, NAME),
        "nameEn": _text(1, NAME),
        "mode": _one_of(MODES),
        "sector": _matching(SECTOR, "用小写字母、数字和连字符。", "Lower-case letters, digits, hyphens."),
        "definitionKey": _or_null(_text(1, 60)),
        "applyFormId": _or_null(_text(1, 80)),
        "lanes": _list(_text(1, NAME)),
        "timers": _list(_words),
        "fields": _list(_words, 300),
        "english": _words,
        "materials": _list(_material(), 99),
        "guide": _guide(deadlines),
    }


def _material() -> Check:
    code = _matching(MATERIAL, "编号为 M1 至 M99。", "The code is M1 to M99.")
    checks: dict[str, Check] = {
        "code": code,
        "name": _text(1, NAME),
        "form": _text(0, NAME),
        "need": _one_of(NEEDS),
        "needIf": _or_null(
            _matching(re.compile(r"=.{1,500}", re.DOTALL), "以 = 开头的条件。", "A condition begins with =.")
        ),
        "source": _one_of(SOURCES),
        "gap": _or_null(_text(0, NAME)),
        "promise": _flag,
        "partner": _flag,
        "note": _or_null(_text(0, LONG)),
        "accept": _or_null(
            _matching(re.compile(r"\.[a-z0-9]{1,5}(,\.[a-z0-9]{1,5}){0,19}"), "如 .pdf,.jpg。", "As .pdf,.jpg.")
        ),
    }
    return _object(checks, ("code", "name", "need", "source"))


def _guide(deadlines: Collection[str]) -> Check:
    text = _text(1, LONG)
    step = _object({"title": _text(1, NAME), "text": _text(0, LONG), "site": _text(0, NAME)}, ("title",))
    deadline = _object({"key": _one_of(deadlines), "name": _text(0, NAME), "text": _text(0, LONG)}, ("key",))
    option = _object({"value": _text(1, 40), "label": _text(1, NAME)}, ("value", "label"))
    question = {
        "id": _text(1, 40),
        "question": _text(1, LONG),
        "options": _list(option, MOST),
        "failsWhen": _one_or_many,
        "explanation": _text(0, LONG),
    }
    checks: dict[str, Check] = dict.fromkeys(_GUIDE_TEXTS, _text(0, LONG))
    checks |= {
        "conditions": _list(text),
        "steps": _list(step),
        "legalBasis": _list(text),
        "deadlines": _list(deadline),
        "selfCheck": _list(_object(question, ("id", "question", "options"))),
    }
    return _object(checks, ("steps", "legalBasis"))
