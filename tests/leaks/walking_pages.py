"""Everybody opens pages in a browser: nothing foreign stands in them, comes over the line for them, or is kept.

``python -m tests.leaks --pages``: somebody of each role opens the pages of the own entry, about a case that is his business and one
that is not. With ``LEAKS_PAGES=all`` everybody opens every page of every entry about every case.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.leaks.pages import ENTRIES, Looking, own_entries, paths_of, routes, served
from tests.leaks.report import note
from tests.leaks.walk import EVERYBODY, Walk

ALL = os.environ.get("LEAKS_PAGES") == "all"
pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(3600 if ALL else 240)]
WALKERS = {
    "anonymous": ("A", "E"), "marked-a": ("A", "E"),
    "yanshan.clerk": ("F", "E"), "yanshan.handler": ("A", "E"), "shunde.approver": ("A", "F"), "guangxi-water.liaison": ("C", "A"),
    "yanshan.agent": ("A", "E"), "platform": ("A", "C"), "yanshan.admin": ("A", "E"), "shunde-supervision.officer": ("A", "C"),
    "auditor": ("A", "C"), "designer": ("A", "C"),
}  # fmt: skip
"""Somebody of each role → cases whose pages are opened: one that is something to this person (if any is) and one that is not."""
RULES = {
    f"/admin{page}"
    for page in ("/policies", "/calendar", "/contracts", "/responsibilities", "/sites", "/partnerships", "/organisations", "/roles", "/nodes", "/clock", "/account", "/providers", "/clients")
}  # fmt: skip
"""Pages about rules and places: the platform's administrator opens them, the others only when everybody walks everywhere."""
EVERYONE = tuple(name for name in EVERYBODY if name != "client")


@pytest.fixture(scope="module")
def looking(walk: Walk, chromium: Browser) -> Iterator[Looking]:
    with served(walk) as (line, address):
        made = Looking(walk, chromium, line, address)
        yield made
        note(made)


@pytest.mark.parametrize("who", EVERYONE if ALL else WALKERS)
def test_pages_show_fetch_and_keep_nothing_foreign(looking: Looking, who: str) -> None:
    walk = looking.walk
    before, leaks, failed = len(walk.leaks), len(looking.leaks), len(looking.failed)
    entries = list(ENTRIES) if ALL else own_entries(who)[:1]
    keys = tuple(walk.world.cases) if ALL else WALKERS[who]
    skipped = set() if ALL or who == "platform" else RULES
    paths = [
        path
        for entry in entries
        for route in routes(entry)
        if route not in skipped
        for path in paths_of(walk, route, keys)
    ]
    looking.person(who, paths)
    assert "\n".join(sorted({*looking.leaks[leaks:], *map(str, walk.leaks[before:])})) == ""
    assert looking.failed[failed:] == []
    assert looking.pages[who] == len(paths)


def test_the_pages_did_show_what_is_theirs_to_show(looking: Looking) -> None:
    """Nobody is kept from leaks by pages that stay empty."""
    relations = looking.walk.oracle.table["relations"]
    shows = {
        who: any(relations[looking.walk.oracle.relation(who, key)]["shows"] for key in looking.walk.world.cases)
        for who in looking.pages
    }
    assert {who for who, some in shows.items() if some and not looking.shown[who]} == set()
