"""Ways to tamper with an evidence package: bytes flipped; events dropped, added, swapped, changed, with or without making hashes anew."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from random import Random

from domain.evidence import primitives, verifier

Entries = list[tuple[str, bytes]]
EVENTS = "record/events.jsonl"
READS = "record/reads.jsonl"


def seeded(seed: int | str) -> Random:
    """The same accidents in every run."""
    return Random(seed)  # noqa: S311 -- no secret is made of it


def flip(package: bytes, random: Random) -> bytes:
    """One bit of one byte, anywhere."""
    at = random.randrange(len(package))
    return package[:at] + bytes([package[at] ^ (1 << random.randrange(8))]) + package[at + 1 :]


def tampered(package: bytes, random: Random, how: str, *, clever: bool) -> bytes:
    """One event of one chain ``how``; ``clever``: hashes after it, the table and the manifest's list are made anew."""
    entries = verifier.read_container(package)
    files = dict(entries)
    name = random.choice([name for name in (EVENTS, READS) if files[name].count(b"\n") > 1])
    lines = files[name].splitlines()
    lines = WAYS[how](lines, random)
    if clever:
        lines = chained(lines)
        files[name.replace(".jsonl", ".csv")] = verifier.table_of(lines)
    files[name] = b"".join(line + b"\n" for line in lines)
    if clever:
        files["manifest.json"] = listed(files)
    return verifier.write_container([(each, files[each]) for each, _ in entries])


def chained(lines: list[bytes]) -> list[bytes]:
    """The same events in a chain of their own."""
    previous, made = b"", []
    for line in lines:
        previous = primitives.sm3(previous + line[65:])
        made.append(previous.hex().encode() + b" " + line[65:])
    return made


def listed(files: dict[str, bytes]) -> bytes:
    """The manifest with the digests of the files as they are now."""
    manifest = json.loads(files["manifest.json"])
    for row in manifest["files"]:
        content = files[row["name"]]
        row |= {
            "sha256": hashlib.sha256(content).hexdigest(),
            "sm3": primitives.sm3(content).hex(),
            "size": len(content),
        }
    return json.dumps(manifest, indent=2, ensure_ascii=False).encode()


def _drop(lines: list[bytes], random: Random) -> list[bytes]:
    at = random.randrange(len(lines))
    return lines[:at] + lines[at + 1 :]


def _cut(lines: list[bytes], random: Random) -> list[bytes]:
    return lines[: random.randrange(len(lines))]


def _add(lines: list[bytes], random: Random) -> list[bytes]:
    at = random.randrange(len(lines) + 1)
    content = json.loads(random.choice(lines)[65:]) | {"kind": "case.forged"}
    canonical = json.dumps(content, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()
    return [*lines[:at], primitives.sm3(canonical).hex().encode() + b" " + canonical, *lines[at:]]


def _swap(lines: list[bytes], random: Random) -> list[bytes]:
    one, other = random.sample(range(len(lines)), 2)
    made = list(lines)
    made[one], made[other] = made[other], made[one]
    return made


def _change(lines: list[bytes], random: Random) -> list[bytes]:
    at = random.randrange(len(lines))
    content = json.loads(lines[at][65:]) | {"actorName": "somebody else"}
    canonical = json.dumps(content, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()
    return [*lines[:at], lines[at][:65] + canonical, *lines[at + 1 :]]


WAYS: dict[str, Callable[[list[bytes], Random], list[bytes]]] = {
    "drop": _drop,
    "cut": _cut,
    "add": _add,
    "swap": _swap,
    "change": _change,
}
