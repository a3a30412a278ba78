"""Four persons walk through the main pages: what stands there, in the addresses and in what the browser keeps, is theirs to see."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser
from werkzeug.serving import make_server

from tests.leaks.oracle import NUMBERS, Leak
from tests.leaks.walk import Walk

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(180)]
SIZE: Any = {"width": 1366, "height": 768}
SHOWN = """() => ({
  words: document.documentElement.outerHTML
    + [...document.querySelectorAll('input, textarea, select')].map((each) => each.value).join('\\n'),
  addresses: [location.href, document.title, ...performance.getEntriesByType('resource').map((each) => each.name)].join('\\n'),
  kept: JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, history.state]),
})"""
PAGES = {
    "marked-a": ("/my", "/my/{A}", "/my/{B}", "/privacy", "/account"),
    "yanshan.handler": ("/staff/", "/staff/cases", "/staff/cases/{A}", "/staff/cases/{B}", "/staff/cases/{C}"),
    "shunde.liaison": ("/staff/cases/{A}", "/staff/cases/{E}"),
    "platform": ("/admin/", "/admin/cases/{A}", "/admin/messages"),
}
"""Who → pages; in braces the number of a case."""


@pytest.fixture
def address(walk: Walk) -> Iterator[str]:
    http = make_server("127.0.0.1", 0, walk.world.app, threaded=True)
    thread = threading.Thread(target=http.serve_forever, name="pages", daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{http.server_port}"
    http.shutdown()
    thread.join()
    http.server_close()


def test_pages_show_and_keep_nothing_foreign(walk: Walk, address: str, chromium: Browser) -> None:
    found: list[str] = []
    looked = 0
    numbers = {key: thing.places["case_no"][0] for key, thing in walk.world.cases.items()}
    for who, pages in PAGES.items():
        cookies: Any = [
            {"name": cookie.key, "value": cookie.value, "url": address}
            for cookie in walk.browser(who).client._cookies.values()
        ]
        context = chromium.new_context(viewport=SIZE, locale="zh-CN", timezone_id="Asia/Shanghai")
        context.add_cookies(cookies)
        page = context.new_page()
        for path in pages:
            page.goto(address + path.format(**numbers))
            page.wait_for_load_state("networkidle")
            shown = page.evaluate(SHOWN)
            found += [f"{path}: {leak}" for leak in _leaks(walk, who, shown["words"])]
            for place in ("addresses", "kept"):
                marks = walk.world.ledger.shown(shown[place])
                found += [f"{path}: {place}: {mark.thing}.{mark.field}" for mark in marks if mark.kind not in NUMBERS]
            looked += len(walk.world.ledger.shown(shown["words"]))
        context.close()
    assert sorted(set(found)) == []
    assert looked > 20, "the pages show what is theirs to show"


def _leaks(walk: Walk, who: str, words: str) -> list[str]:
    """What a page shows and no function may show this person."""
    functions = {names[0] for names in walk.oracle.table["operations"].values() if names}
    ledger = walk.world.ledger
    every = [{_anywhere(leak) for leak in walk.oracle.leaks(ledger, who, function, words)} for function in functions]
    return [str(leak) for leak in set.intersection(*every)]


def _anywhere(leak: Leak) -> Leak:
    return Leak(leak.who, leak.relation, "page", leak.thing, leak.field, leak.kind, leak.shown, leak.allowed.NOTHING)
