"""What may be shown, from ``expected.json``: knows roles, sites and rules, and nothing of the product's own code."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.leaks.cases import Thing
from tests.leaks.marks import Ledger, Level, Mark
from tests.leaks.world import DELEGATE, MOVE_ITEM, PLATFORM, STAFF

LEVELS = {"nothing": Level.NOTHING, "masked": Level.MASKED, "clear": Level.CLEAR}
DESK = {"RECV_CLERK", "HANDLER", "APPROVER"}
REGION = slice(0, 6)
NUMBERS = {"frame", "messages", "steps", "partner-steps", "own-steps"}
"""What a log or a plain column may hold: identifiers, nothing that a person typed or is."""


@dataclass(frozen=True, slots=True)
class Leak:
    """More was shown than may be."""

    who: str
    relation: str
    function: str
    thing: str
    field: str
    kind: str
    shown: Level
    allowed: Level

    def __str__(self) -> str:
        return (
            f"{self.function}: {self.who} ({self.relation}) saw {self.thing}.{self.field} [{self.kind}] {self.shown.name},"
            f" allowed {self.allowed.name}"
        )


def told(leaks: Iterable[Leak | str]) -> str:
    """All of them, a line each."""
    return "\n".join(sorted({str(leak) for leak in leaks}))


class Oracle:
    """The table, asked."""

    def __init__(self, cases: dict[str, Thing] | None = None) -> None:
        self.table: dict[str, Any] = json.loads((Path(__file__).parent / "expected.json").read_text(encoding="utf-8"))
        self.cases = cases or {}
        self.unmasked: set[tuple[str, str]] = set()
        """(log-in, case): was given the right to read it for ten minutes."""

    @cached_property
    def bundle_of(self) -> dict[str, str]:
        """Function → which kinds of fields it may bring."""
        return {name: bundle for bundle, names in self.table["operations"].items() for name in names}

    def relation(self, who: str, thing: str) -> str:
        """What somebody is to a case, a person's account, or a site."""
        case = self.cases.get(thing)
        if case is not None:
            return _to_case(who, case)
        if thing in STAFF or not thing[:1].isdigit():
            return "self" if who == thing else "other person"
        return _to_site(who, thing)

    def allowed(self, who: str, function: str, mark: Mark) -> Level:
        """How much of a mark this function may show this person."""
        shows = self.table["relations"][self.relation(who, mark.thing)]["shows"]
        bundle = self.bundle_of.get(function, "nothing")
        level = LEVELS[shows.get(mark.kind, "nothing")] if mark.kind in self.table["bundles"][bundle] else Level.NOTHING
        level = max(level, self._extra("public", bundle, mark))
        if who == "platform":
            level = max(level, self._extra("keeper", bundle, mark))
        case = self.cases.get(mark.thing)
        if case is not None:
            if who in case.authors:
                level = max(level, self._extra("holder", bundle, mark))
            if (who, case.key) in self.unmasked:
                level = max(level, self._extra("unmasked", bundle, mark))
            if _to_case(who, case) == "main desk":
                level = max(level, self._extra("letters", bundle, mark))
            if who == "auditor" or (_to_case(who, case) == "main desk" and STAFF[who][1] == "APPROVER"):
                level = max(level, self._extra("export", bundle, mark))
        return level

    def _extra(self, name: str, bundle: str, mark: Mark) -> Level:
        more = self.table[name]
        return LEVELS[more["shows"].get(mark.kind, "nothing")] if bundle == more["functions"] else Level.NOTHING

    def leaks(self, ledger: Ledger, who: str, function: str, text: str, asked: str = "") -> list[Leak]:
        """What an answer shows and may not. ``asked``: what stood in the request, which is no news to who sent it."""
        return self.beyond(ledger, who, function, ledger.shown(text), asked)

    def beyond(
        self, ledger: Ledger, who: str, function: str, shown: Mapping[Mark, Level], asked: str = ""
    ) -> list[Leak]:
        """The same of what was found in an answer."""
        known = ledger.shown(asked) if shown and asked else {}
        found = []
        for mark, level in shown.items():
            if known.get(mark, Level.NOTHING) >= level:
                continue
            much = level if mark.masked else min(level, Level.MASKED)
            if much <= self.allowed(who, function, mark):
                continue
            if any(much <= self.allowed(who, function, other) for other in ledger.sharing(mark, level)):
                continue
            allowed = self.allowed(who, function, mark)
            found.append(
                Leak(who, self.relation(who, mark.thing), function, mark.thing, mark.field, mark.kind, much, allowed)
            )
        return found


def _to_case(who: str, case: Thing) -> str:  # noqa: PLR0911 -- a table of who is what
    if who in PLATFORM:
        return {"platform": "platform", "auditor": "auditor", "designer": "designer"}[who]
    if who in ("anonymous", "client"):
        return who
    if who not in STAFF:
        return "applicant" if who == case.applicant else "other applicant"
    site, role = STAFF[who]
    if role == "AGENT":
        return "agent"
    if role == "SUPERVISOR":
        regions = {place[REGION] for place in (case.main, case.partner) if place}
        return "supervisor" if site[REGION] in regions else "neighbour"
    if site not in (case.main, case.partner):
        return "neighbour"
    part = "desk" if role in DESK else "liaison" if role == "LIAISON" else "admin"
    if site == case.main:
        return f"main {part}"
    if case.ended and part != "admin":
        return "partner, ended"
    if who == DELEGATE and case.item == MOVE_ITEM:
        return "partner delegate"
    return f"partner {part}"


def _to_site(who: str, site: str) -> str:
    if who in ("auditor", "platform"):
        return "record keeper"
    if who not in STAFF:
        return "other site"
    own, role = STAFF[who]
    if own == site:
        return "own site" if role in ("LIAISON", "SITE_ADMIN") else "own desk"
    return "watching" if role in ("LIAISON", "SUPERVISOR") else "other site"
