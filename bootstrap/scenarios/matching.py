"""Comparing what was expected with what is there; a difference names its place and both sides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from bootstrap.scenarios.documents import Steps
from domain.clock import CHINA

LONGEST = 300
"""Characters of a value that a report shows."""


@dataclass(frozen=True, slots=True)
class Mismatch:
    """``place`` is inside ``expect``; ``wanted`` and ``found`` are ready to be shown."""

    place: Steps
    zh: str
    en: str
    wanted: str = ""
    found: str = ""


def shown(value: Any) -> str:
    """A value as people write it."""
    if isinstance(value, str):
        text = value
    elif isinstance(value, list | tuple) and all(isinstance(each, str) for each in value):
        text = "[" + ", ".join(value) + "]"
    else:
        text = orjson.dumps(value, default=str).decode()
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def equal(place: Steps, wanted: Any, found: Any, what: str) -> Iterator[Mismatch]:
    """Exactly the same."""
    if wanted != found:
        yield Mismatch(place, f"{what}不符", f"{place[-1]} differs", shown(wanted), shown(found))


def same_set(place: Steps, wanted: Sequence[str], found: Sequence[str], what: str) -> Iterator[Mismatch]:
    """The same entries as often, in any order."""
    missing, left = [], list(found)
    for each in wanted:
        if each in left:
            left.remove(each)
        else:
            missing.append(each)
    if missing or left:
        zh = "；".join([*([f"缺少 {shown(missing)}"] if missing else []), *([f"多出 {shown(left)}"] if left else [])])
        en = "; ".join(
            [*([f"missing {shown(missing)}"] if missing else []), *([f"not expected {shown(left)}"] if left else [])]
        )
        yield Mismatch(place, f"{what}不符：{zh}", f"{place[-1]} differ: {en}", shown(list(wanted)), shown(list(found)))


def among(place: Steps, wanted: Sequence[str], found: Sequence[str], what: str) -> Iterator[Mismatch]:
    """Each is there."""
    missing = [each for each in wanted if each not in found]
    if missing:
        zh, en = f"{what}缺少 {shown(missing)}", f"{place[-1]} lack {shown(missing)}"
        yield Mismatch(place, zh, en, shown(list(wanted)), shown(list(found)))


def none_of(place: Steps, unwanted: Sequence[str], found: Sequence[str], what: str) -> Iterator[Mismatch]:
    """None is there."""
    there = [each for each in unwanted if each in found]
    if there:
        zh, en = f"{what}不应有 {shown(there)}", f"{place[-1]} must not hold {shown(there)}"
        yield Mismatch(place, zh, en, "—", shown(list(found)))


def in_order(place: Steps, wanted: Sequence[str], found: Sequence[str], what: str) -> Iterator[Mismatch]:
    """Each is there, in this order; others may stand between."""
    rest = iter(found)
    for each in wanted:
        if each not in rest:
            zh = f"{what}里没有（或顺序不对）：{each}"
            yield Mismatch(
                place,
                zh,
                f"{place[-1]} lack (or have in another order): {each}",
                shown(list(wanted)),
                shown(list(found)),
            )
            return


def contained(place: Steps, wanted: Any, found: Any) -> Iterator[Mismatch]:
    """What is written is there: of mappings the keys that are written, of lists every entry, of the rest equality."""
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        for key, value in wanted.items():
            yield from contained((*place, key), value, found.get(key))
    elif isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        for number, (one, other) in enumerate(zip(wanted, found, strict=True)):
            yield from contained((*place, number), one, other)
    elif wanted != found or isinstance(wanted, bool) != isinstance(found, bool):
        yield Mismatch(place, "值不符", "the value differs", shown(wanted), shown(found))


def texts(place: Steps, row: Mapping[str, Any], found: str) -> Iterator[Mismatch]:
    """``contains`` and ``lacks`` of a text."""
    for word in row.get("contains", ()):
        if str(word) not in found:
            yield Mismatch(
                (*place, "contains"), f"没有出现“{word}”", f"{word!r} does not appear", str(word), shown(found)
            )
    for word in row.get("lacks", ()):
        if str(word) in found:
            yield Mismatch((*place, "lacks"), f"不应出现“{word}”", f"{word!r} appears", "—", str(word))


def walk(value: Any, path: str) -> Any:
    """``feedback.refusals.0.name`` in nested data; None where it ends."""
    for part in path.split("."):
        if isinstance(value, Mapping):
            value = value.get(part)
        elif isinstance(value, Sequence) and not isinstance(value, str) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value


def moment(found: datetime | None, like: str) -> str | None:
    """A moment written as precisely as it is expected: a day, or a day with minutes."""
    if found is None:
        return None
    local = found.astimezone(CHINA)
    return f"{local:%Y-%m-%dT%H:%M}" if "T" in like else f"{local:%Y-%m-%d}"
