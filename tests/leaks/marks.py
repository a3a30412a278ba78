"""Marks: values that pass every check of the forms and occur nowhere else, and what is left of them behind a mask."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import IntEnum
from itertools import count

from stdnum.iso7064 import mod_11_2

RARE = (
    "侉倬偾匦卟卺喟嗌嗥嘀嘧噔噻囗垛垴堙夼妊妫姣嘭嫘孪宓尕峭崧彘徂徭忝怛恁恧恽戬挝揸搛摅杪枋桧榛槎檫毂毽汞洌洳浼涸淝渥溟漩濑爿牯狄猁猥獍珉琮瑜璐瓤甙畿疣疹痖痱瘗瘰癖皑眭"
    "矧硭碜磉祓祷竺笙笺筝箔箴篦粼糠纰绉绱缃缔缣罟羝翩耔耪肱胙胫脞膘臁舁芎苤茇荞菰葑葳蒡蓍蓼蔹蕨薤藜虼蚜蚵蛑蛲蜍蜩蝽螬蟓蠛袤袼裥褒襞觏詈谫赊赜趼跛跽踬蹲轫辄逋逵遢邋郅郦酗酯醅醭"
)
"""Characters that no text of the product has. A name begins with one of them (what a mask leaves) and hides another."""
REGIONS = ("532622", "440606", "451002", "310115", "533103", "441881", "450981", "310118", "110101", "330106")
WORD = re.compile(r"[0-9A-Za-z*][0-9A-Za-z*_-]{3,}")
TOKEN = re.compile(r"zq[a-z]{6}")
_RARE = re.compile(f"[{RARE}]")


class Level(IntEnum):
    """How much of a value is shown."""

    NOTHING = 0
    MASKED = 1
    CLEAR = 2


@dataclass(frozen=True, slots=True)
class Mark:
    """A value in one field of one thing. ``clear``: each shows all of it; ``masked``: each shows that there is a value."""

    thing: str
    field: str
    kind: str
    clear: tuple[str, ...]
    masked: tuple[str, ...] = ()


@dataclass
class Ledger:
    """All marks, and what of them a text shows."""

    marks: list[Mark] = field(default_factory=list)
    _words: dict[str, list[tuple[Mark, Level]]] = field(default_factory=dict)
    _parts: dict[str, list[tuple[Mark, Level]]] = field(default_factory=dict)
    """Of values that are no plain word: looked for as they stand."""

    def add(self, mark: Mark) -> None:
        self.marks.append(mark)
        for values, level in ((mark.clear, Level.CLEAR), (mark.masked, Level.MASKED)):
            for value in values:
                plain = WORD.fullmatch(value) or value in RARE
                (self._words if plain else self._parts).setdefault(value, []).append((mark, level))

    def of(self, thing: str) -> list[Mark]:
        return [mark for mark in self.marks if mark.thing == thing]

    def shown(self, text: str) -> dict[Mark, Level]:
        """Every mark of which the text shows something, and how much."""
        found: dict[Mark, Level] = {}
        for value in self._values(text):
            for mark, level in self._words.get(value, ()):
                found[mark] = max(level, found.get(mark, Level.NOTHING))
        for value, known in self._parts.items():
            if value in text:
                for mark, level in known:
                    found[mark] = max(level, found.get(mark, Level.NOTHING))
        return found

    def sharing(self, mark: Mark, level: Level) -> set[Mark]:
        """The marks that the same values stand for: a person's number is the account's and the application's."""
        values = mark.clear if level is Level.CLEAR else mark.masked
        known = (self._words.get(value) or self._parts.get(value, ()) for value in values)
        return {other for found in known for other, at in found if at is level}

    @staticmethod
    def _values(text: str) -> Iterator[str]:
        for word in set(WORD.findall(text)):
            yield word
            if "-" in word or "_" in word:
                yield from re.split(r"[-_]", word)
        yield from set(TOKEN.findall(text))
        yield from set(_RARE.findall(text))


class Mint:
    """Makes values, each once."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._rare = iter(RARE)
        self._number = count(1)
        self._ends: set[str] = set()

    def token(self, thing: str, name: str, kind: str) -> str:
        """A word for a free text."""
        value = "zq" + _letters(next(self._number))
        self.ledger.add(Mark(thing, name, kind, (value,)))
        return value

    def name(self, thing: str, name: str, kind: str) -> str:
        """A person's name of three characters: the first shows behind a mask, the second never."""
        first, second = next(self._rare), next(self._rare)
        self.ledger.add(Mark(thing, name, kind, (second,), (first,)))
        return f"{first}{second}三"

    def id_no(self, thing: str, name: str, kind: str, year: int) -> str:
        """An ID number that belongs to nobody (sequence 000), with its first and last four together met once."""
        day = date(year, 1, 3)
        while True:
            for region in REGIONS:
                body = f"{region}{day:%Y%m%d}000"
                number = body + mod_11_2.calc_check_digit(body)
                ends = number[:4] + number[-4:]
                if ends not in self._ends and f"{number[:3]}{number[-3:]}" not in self._ends:
                    self._ends |= {ends, f"{number[:3]}{number[-3:]}"}
                    masked = (number[:4] + "*" * 10 + number[-4:], number[:3] + "*" * 12 + number[-3:])
                    self.ledger.add(Mark(thing, name, kind, (number,), masked))
                    return number
            day += timedelta(days=17)

    def mobile(self, thing: str, name: str, kind: str) -> str:
        """A mobile number; the last four are met once."""
        value = f"1990000{next(self._number):04d}"
        self.ledger.add(Mark(thing, name, kind, (value,), (f"199****{value[-4:]}",)))
        return value

    def number(self, thing: str, name: str, kind: str) -> str:
        """A household or certificate number of nine digits: a mask leaves the last four."""
        value = f"70660{next(self._number):04d}"
        self.ledger.add(Mark(thing, name, kind, (value,), (f"*****{value[-4:]}",)))
        return value

    def address(self, thing: str, name: str, kind: str) -> str:
        """An address: a mask leaves the township."""
        town, house = next(self._rare), "zq" + _letters(next(self._number))
        self.ledger.add(Mark(thing, name, kind, (house,), (town,)))
        return f"{town}洲镇{house}号"

    def known(self, thing: str, name: str, kind: str, values: Iterable[str], masked: Iterable[str] = ()) -> None:
        """Values that the product made: numbers of cases, certificates, documents."""
        clear = tuple(dict.fromkeys(value for value in values if value))
        if clear:
            self.ledger.add(Mark(thing, name, kind, clear, tuple(masked)))


def _letters(number: int) -> str:
    """Six letters that count up."""
    text = ""
    for _ in range(6):
        number, rest = divmod(number, 26)
        text = chr(97 + rest) + text
    return text
