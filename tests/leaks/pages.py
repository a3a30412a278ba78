"""People look at pages in a browser: what stands there, what came over the line for it, what may be downloaded, what the browser keeps.

Each answer that a page asks for is looked through as in the walk over the API. What stands in the page must be something that one of
*these* answers may bring: a page that shows what another one fetched would be found.
"""

from __future__ import annotations

import os
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from typing import Any
from urllib.parse import unquote

from playwright.sync_api import Browser, Error, Page
from werkzeug.serving import make_server

from bootstrap.settings import ROOT
from tests.leaks.marks import Level
from tests.leaks.oracle import Leak
from tests.leaks.walk import API, PARAMETER, Walk, operations, unpacked
from tests.leaks.world import APPLICANTS, PLATFORM, STAFF

ENTRIES = {"portal": "", "staff": "/staff", "admin": "/admin", "designer": "/designer"}
"""Entry → where its pages begin."""
ROUTE = re.compile(r"""<Route path="([^"*]+)"|\bto: '(/[^']*)'""")
IMPORTED = re.compile(r"from '\./pages/")
REST_SECONDS, PATIENCE_SECONDS = 0.12, 15.0
SIZE: Any = {"width": 1366, "height": 768}
LOOK = """() => ({
  words: document.documentElement.outerHTML
    + [...document.querySelectorAll('input, textarea, select')].map((each) => each.value).join('\\n'),
  addresses: [location.href, document.title, ...performance.getEntriesByType('resource').map((each) => each.name)].join('\\n'),
  kept: JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, history.state]),
  links: [...document.querySelectorAll('a[href^="/api/"]')].map((each) => each.getAttribute('href')),
})"""
GO = "(path) => { history.pushState(null, '', path); dispatchEvent(new PopStateEvent('popstate')); }"
FETCH = "(links) => Promise.all(links.map((link) => fetch(link).then((answer) => answer.arrayBuffer()).then(() => 1)))"


def routes(entry: str) -> list[str]:
    """The pages of an entry, as its source lists them."""
    name = entry.capitalize()
    source = (ROOT / "web" / "src" / entry / f"{name}App.tsx").read_text(encoding="utf-8")
    found = list(dict.fromkeys(one or other for one, other in ROUTE.findall(source)))
    assert len(found) >= len(IMPORTED.findall(source)), f"{name}App.tsx names its pages in a way that is not read here"
    return [ENTRIES[entry] + path for path in found]


@dataclass(slots=True)
class Answered:
    """An answer that left the server: the operation, its address with what was sent, and all of its words."""

    operation: str
    asked: str
    words: str


class Line:
    """Between browser and application: keeps every answer of the API, and knows whether one is still awaited."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self._app = app
        self._lock = threading.Lock()
        self._open = 0
        self._last = 0.0
        self.answers: list[Answered] = []
        patterns = [(PARAMETER.sub("[^/]+", each.path), each) for each in operations()]
        self._known = [(re.compile(pattern), each.method, each.name) for pattern, each in patterns]

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        with self._lock:
            self._open += 1
        told: list[str] = []

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            told.append(status + "\n" + "\n".join(f"{n}: {v}" for n, v in headers if n.lower() != "set-cookie"))
            return start_response(status, headers, *more)

        try:
            found = self._app(environ, start)
            body = b"".join(found)
            if close := getattr(found, "close", None):
                close()
        finally:
            with self._lock:
                self._open, self._last = self._open - 1, time.monotonic()
        path, query = environ["PATH_INFO"], environ.get("QUERY_STRING", "")
        if path.startswith(API):
            name = self._operation(environ["REQUEST_METHOD"], path.removeprefix(API))
            asked = unquote(f"{path}?{query}")
            self.answers.append(Answered(name, asked, told[-1] + "\n" + unpacked(body, 0)))
        return [body]

    def _operation(self, method: str, path: str) -> str:
        found = [name for pattern, known, name in self._known if known == method and pattern.fullmatch(path)]
        return min(found, key=lambda name: name.count("{"), default=f"{method} {path}")

    def rests(self) -> bool:
        with self._lock:
            return not self._open and time.monotonic() - self._last > REST_SECONDS


@dataclass
class Looking:
    """The walk through the pages of everybody, and what was found."""

    walk: Walk
    chromium: Browser
    line: Line
    address: str
    leaks: list[str] = field(default_factory=list)
    pages: Counter[str] = field(default_factory=Counter)
    """Who → pages looked at."""
    answers: int = 0
    shown: Counter[str] = field(default_factory=Counter)
    """Who → marks that stood in pages."""
    failed: list[str] = field(default_factory=list)

    @cached_property
    def bundles(self) -> dict[str, str]:
        """Bundle → one of its operations: all of a bundle are judged alike."""
        by_bundle = self.walk.oracle.table["operations"]
        return {bundle: names[0] for bundle, names in by_bundle.items() if names}

    def person(self, who: str, paths: Iterable[str]) -> None:
        """Somebody opens these pages one after the other; those of one entry without loading it anew."""
        cookies: Any = [
            {"name": cookie.key, "value": cookie.value, "url": self.address}
            for cookie in self.walk.browser(who).client._cookies.values()
        ]
        context = self.chromium.new_context(viewport=SIZE, locale="zh-CN", timezone_id="Asia/Shanghai")
        context.add_cookies(cookies)
        page = context.new_page()
        try:
            for entry, own in groupby(paths, key=entry_of):
                self.line.answers.clear()
                for number, path in enumerate(own):
                    if number:
                        self.line.answers.clear()
                        page.evaluate(GO, path)
                    else:
                        page.goto(self.address + path)
                    self._look(who, page, path, entry)
        finally:
            context.close()

    def _look(self, who: str, page: Page, path: str, entry: str) -> None:
        self._settle(page)
        before = page.evaluate(LOOK)
        words = [before["words"]]
        for tab in page.locator('[role="tab"][aria-selected="false"]').all()[:8]:
            try:
                tab.click(timeout=1000)
            except Error:
                continue  # behind a window that the page opened, or gone
            self._settle(page)
            words.append(page.evaluate(LOOK)["words"])
        found = page.evaluate(LOOK)
        if found["links"]:
            page.evaluate(FETCH, sorted(set(found["links"]))[:20])
            self._settle(page)
        if folder := os.environ.get("LIANBAN_SCREENSHOTS"):
            page.screenshot(path=f"{folder}/{who}{path.replace('/', '_')}.png")
        self.pages[who] += 1
        self._judge(who, path, "\n".join(words), found)
        del entry

    def _settle(self, page: Page) -> None:
        """Until nothing is awaited and nothing is being drawn."""
        end = time.monotonic() + PATIENCE_SECONDS
        page.wait_for_timeout(40)
        while not self.line.rests() or page.locator('main [aria-busy="true"], main .ant-spin-spinning').count():
            if time.monotonic() > end:
                self.failed.append(f"{page.url}: it does not come to rest")
                return
            page.wait_for_timeout(30)

    def _judge(self, who: str, path: str, words: str, found: dict[str, str]) -> None:
        ledger, oracle = self.walk.world.ledger, self.walk.oracle
        answers = list(self.line.answers)
        self.answers += len(answers)
        for answer in answers:
            self.walk.look(who, answer.operation, answer.words, answer.asked)
            self.failed += [f"{who} {answer.operation}: {answer.words[:3]}"] if answer.words[:1] == "5" else []
        shown = ledger.shown(words)
        self.shown[who] += sum(level > Level.NOTHING for level in shown.values())
        # Who is logged in stands in the frame of every page; the entry asks for it once, when it is loaded.
        operations_shown = {answer.operation for answer in answers} | {"GET /session"}
        bundles = {oracle.bundle_of.get(operation, "nothing") for operation in operations_shown} | {"nothing"}
        each = [
            {_anywhere(leak) for leak in oracle.beyond(ledger, who, self.bundles[bundle], shown, path)}
            for bundle in bundles
        ]
        self.leaks += [f"{path}: {leak}" for leak in set.intersection(*each)]
        for place in ("addresses", "kept"):
            marks = ledger.shown(found[place])
            self.leaks += [
                f"{path}: {place}: {who} {mark.thing}.{mark.field}" for mark in marks if mark.kind not in IDENTIFIERS
            ]


IDENTIFIERS = {"frame", "messages", "steps", "partner-steps", "own-steps", "paper-no", "shared-paper-no"}
"""What an address or a title may name: numbers of things, nothing that a person typed or is."""


def _anywhere(leak: Leak) -> Leak:
    return Leak(leak.who, leak.relation, "page", leak.thing, leak.field, leak.kind, leak.shown, Level.NOTHING)


def entry_of(path: str) -> str:
    return next((name for name, start in ENTRIES.items() if start and path.startswith(start)), "portal")


def own_entries(who: str) -> list[str]:
    """Where somebody works: the first is the own one."""
    if who in APPLICANTS or who == "anonymous":
        return ["portal"]
    role = STAFF[who][1] if who in STAFF else PLATFORM[who]
    return {
        "SITE_ADMIN": ["admin", "staff"],
        "SUPERVISOR": ["admin", "staff"],
        "PLATFORM_ADMIN": ["admin"],
        "AUDITOR": ["admin"],
        "DESIGNER": ["designer"],
        "AGENT": ["portal", "staff"],
    }.get(role, ["staff"])


def paths_of(walk: Walk, route: str, keys: Iterable[str]) -> list[str]:
    """The addresses of a page: of a case for each of these cases, else one."""
    names = re.findall(r":(\w+)", route)
    if not names:
        return [route]
    if "/trials/" in route:
        return []  # a trial knows no case
    about = "caseNo" in names or "/my" in route or "/tasks" in route
    if not about:
        others = {
            "code": "hukou-join-parents",
            "key": walk.value("key"),
            "id": walk.value("version_id"),
            "number": walk.value("number"),
        }
        return [_filled(route, others)]
    found = []
    for key in keys:
        places = walk.world.cases[key].places
        parts = {
            "caseNo": places["case_no"],
            "taskId": places["task_id"],
            "id": places["task_id" if "/tasks" in route else "document_id"],
        }
        if all(parts[name] for name in names):
            found.append(_filled(route, {name: parts[name][0] for name in names}))
    return found


def _filled(route: str, values: dict[str, str]) -> str:
    return re.sub(r":(\w+)", lambda each: values[each[1]], route)


@contextmanager
def served(walk: Walk) -> Iterator[tuple[Line, str]]:
    """The application on 127.0.0.1."""
    line = Line(walk.world.app)
    http = make_server("127.0.0.1", 0, line, threaded=True)
    thread = threading.Thread(target=http.serve_forever, name="pages", daemon=True)
    thread.start()
    yield line, f"http://127.0.0.1:{http.server_port}"
    http.shutdown()
    thread.join()
    http.server_close()
