"""Sound documents made unsound: bytes flipped, cut, doubled and swapped; elements moved, repeated, nested and emptied; values bent."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from typing import Any

from lxml import etree

ODD_TEXTS = (
    "",
    "\u0000",
    "\u202e",
    "'; drop table cases; --",
    "${7*7}",
    "=1/0",
    "../../etc/passwd",
    "%s%n",
    "é" * 5000,
    "\ud83d",
)
ODD_VALUES: tuple[Any, ...] = (
    None, True, -1, 0, 2**63, 1e308, "", [], {}, [[[[]]]], "\u0000", "9" * 400, {"$ref": "#"}, "2026-02-30", "ＡＢＣ",
)  # fmt: skip


def bytes_of(sound: bytes, seed: int) -> bytes:
    """One to eight places of a file are changed."""
    chance = random.Random(seed)  # noqa: S311 -- no secret is made of it
    made = bytearray(sound)
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(made) or 1)
        length = chance.randint(1, 64)
        match chance.randrange(5):
            case 0:
                made[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del made[at : at + length]
            case 2:
                made[at:at] = made[at : at + length] * chance.randint(1, 50)
            case 3:
                made[at:at] = chance.randbytes(length)
            case _:
                del made[at:]
        if not made:
            made = bytearray(b"\x00")
    return bytes(made)


def xml_of(sound: bytes, seed: int) -> bytes:
    """One to six elements or attributes of a model are changed; the result is well-formed."""
    chance = random.Random(seed)  # noqa: S311 -- no secret is made of it
    root = etree.fromstring(sound)
    for _ in range(chance.randint(1, 6)):
        inner = [element for element in root.iter() if isinstance(element.tag, str) and element is not root]
        if not inner:
            break
        _bend(chance, inner)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _bend(chance: random.Random, inner: list[etree._Element]) -> None:
    one, other = chance.choice(inner), chance.choice(inner)
    parent = one.getparent()
    assert parent is not None
    match chance.randrange(7):
        case 0:
            parent.remove(one)
        case 1:
            parent.insert(chance.randrange(len(parent) + 1), copy.deepcopy(one))
        case 2 if other is not one and one not in other.iterancestors():
            other.append(one)
        case 3 if one.attrib:
            del one.attrib[chance.choice(list(one.attrib))]
        case 4 if one.attrib and other.attrib:
            one.attrib[chance.choice(list(one.attrib))] = chance.choice(list(other.attrib.values()))
        case 5:
            one.text = chance.choice(["", "nowhere", "=", "=1+", "=" + "(" * 500, "R/PT0S", "PT-1H", "9" * 200])
        case _:
            one.tag = chance.choice(inner).tag


def json_of(sound: Any, seed: int) -> Any:
    """One to four values of a document are bent, left out, repeated or buried."""
    chance = random.Random(seed)  # noqa: S311 -- no secret is made of it
    made = copy.deepcopy(sound)
    for _ in range(chance.randint(1, 4)):
        places = list(_places(made))
        if not places:
            break
        holder, key = chance.choice(places)
        match chance.randrange(5):
            case 0:
                del holder[key]
            case 1:
                holder[key] = chance.choice(ODD_VALUES)
            case 2:
                holder[key] = [holder[key]] * chance.randint(2, 40)
            case 3 if isinstance(holder[key], str):
                holder[key] = chance.choice(ODD_TEXTS[:-1])
            case _:
                for _ in range(chance.choice([1, 5, 200])):
                    holder[key] = {"a": holder[key]}
    return made


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(value, dict):
        for key, inner in list(value.items()):
            yield value, key
            yield from _places(inner)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield value, index
            yield from _places(inner)
