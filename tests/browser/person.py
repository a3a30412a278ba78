"""A person at a browser: walks through pages, fills in forms, and refuses pages that are not clean."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, ConsoleMessage, Error, Locator, Request, ViewportSize, expect

from bootstrap.demo.people import PASSWORD
from tests.browser.judging import accessibility_findings

DESKTOP: ViewportSize = {"width": 1366, "height": 768}
PHONE: ViewportSize = {"width": 390, "height": 844}
UNFINISHED = re.compile(r"\{\w+\}|undefined|\[object |NaN")
"""What a page shows when a text, a name or a number is missing."""
WATCH = """
window.violations = [];
document.addEventListener('securitypolicyviolation', (event) => window.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
window.told = [];
new MutationObserver((changes) => changes.forEach((change) => change.addedNodes.forEach((added) => {
  const place = added.closest?.('.ant-message') ?? added.querySelector?.('.ant-message');
  if (place) window.told.push(place.textContent);
}))).observe(document, {childList: true, subtree: true});
"""
"""Violations of the policy, and every message that was shown for some seconds."""
STILL = """() => new Promise((resolve) => {
  let looks = 0;
  const ends = performance.now() + 10000;
  const watch = new MutationObserver(() => { looks = 0; });
  watch.observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
  const moves = (one) => one.playState === 'running' && Number.isFinite(one.effect.getComputedTiming().endTime);
  const look = () => {
    looks = document.getAnimations().some(moves) ? 0 : looks + 1;
    if (looks < 8 && performance.now() < ends) setTimeout(look, 16);
    else { watch.disconnect(); resolve(); }
  };
  look();
})"""
"""Until nothing changes from one look to the next: counted in looks of the page itself, which a busy machine delays as all else."""
PATIENCE_MS = 60_000
"""For everything that is awaited: a busy machine must not matter."""
expect.set_options(timeout=PATIENCE_MS)


class Person:
    """One person with cookies and a window of their own."""

    def __init__(self, browser: Browser, url: str, name: str, *, mobile: bool = False) -> None:
        self.name = name
        self._url = url
        self._mobile = mobile
        size = PHONE if mobile else DESKTOP
        self._context = browser.new_context(viewport=size, locale="zh-CN", timezone_id="Asia/Shanghai")
        self._context.set_default_timeout(PATIENCE_MS)
        self.page = self._context.new_page()
        self.page.add_init_script(WATCH)
        self._said: list[str] = []
        self.page.on("console", self._listen)
        self.page.on("pageerror", lambda error: self._said.append(f"error: {error}"))
        self._asked: set[Request] = set()
        self._answers = 0
        self.page.on("request", self._asks)
        self.page.on("requestfinished", self._answered)
        self.page.on("requestfailed", self._answered)

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._said.append(f"{message.type}: {message.text} {message.location.get('url', '')}")

    def _asks(self, request: Request) -> None:
        self._asked.add(request)

    def _answered(self, request: Request) -> None:
        self._asked.discard(request)
        self._answers += 1

    def close(self) -> None:
        self._context.close()

    # --- walking

    def log_in(self, login: str) -> None:
        """By the list of demo people, on the page that asks for it."""
        self.page.locator(f'[data-login="{login}"]').click()
        expect(self.page.locator(f'[data-login="{login}"]')).to_have_count(0, timeout=PATIENCE_MS)

    def enter(self, login: str, path: str) -> None:
        """Log in beside the pages and open one: who logs in by the page is tested where that is the subject."""
        session = f"{self._url}/api/v1/session"
        token = self._context.request.get(session).json()["csrfToken"]
        answer = self._context.request.post(
            session, data={"login": login, "password": PASSWORD}, headers={"X-CSRF-Token": token}
        )
        assert answer.ok, answer.text()
        self.go(path)

    def go(self, path: str) -> None:
        self._asked.clear()  # what the page before still asked for
        self.page.goto(self._url + path)
        self.rests()

    def rests(self) -> None:
        """Wait until the page is there, asks for nothing more and stands still."""
        end = time.monotonic() + PATIENCE_MS / 1000
        while not self._stands():
            assert time.monotonic() < end, f"{self.name}: {[one.url for one in self._asked]} without answer"
            self.page.wait_for_timeout(20)

    def _stands(self) -> bool:
        self.page.wait_for_load_state("load")
        answers = self._answers
        if self._asked:
            return False
        try:
            self.page.evaluate(STILL)
        except Error:  # it went to another address meanwhile
            return False
        return not self._asked and self._answers == answers

    def has_loaded(self) -> None:
        """Nothing of the page is still on its way."""
        expect(self.page.locator('main [aria-busy="true"]')).to_have_count(0)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).first.click()

    def follow(self, name: str) -> None:
        self.page.get_by_role("link", name=name).first.click()

    def sees(self, text: str) -> None:
        expect(self.page.locator("main")).to_contain_text(text, timeout=PATIENCE_MS)

    def sees_not(self, *texts: str) -> None:
        """The page is complete and none of this stands in it."""
        self.rests()
        self.has_loaded()
        shown = self.page.locator("body").inner_text()
        for text in texts:
            assert text not in shown, f"{self.name} can read {text!r} at {self.page.url}"

    def is_told(self, text: str) -> None:
        """By a message that goes away by itself: it may have gone."""
        end = time.monotonic() + PATIENCE_MS / 1000
        while not any(text in each for each in self.page.evaluate("window.told")):
            assert time.monotonic() < end, f"{self.name} is told {self.page.evaluate('window.told')}, not {text!r}"
            self.page.wait_for_timeout(50)

    @contextmanager
    def abroad_on_a_phone(self) -> Iterator[None]:
        """The page that is open, in English and as narrow as a telephone."""
        self.press("English")
        self.page.set_viewport_size(PHONE)
        self._mobile = True
        yield
        self._mobile = False
        self.page.set_viewport_size(DESKTOP)
        self.press("中文")

    # --- filling in

    def field(self, pointer: str) -> Locator:
        """The control of a value: ``movers/0/name``."""
        return self.page.locator(f'[id$="-{pointer.replace("/", "-")}"]').first

    def write(self, pointer: str, value: str) -> None:
        control = self.field(pointer)
        if control.evaluate("element => element.tagName") == "SELECT":
            control.select_option(value)
        else:
            control.fill(value)

    def choose(self, pointer: str, *options: str) -> None:
        """Radio buttons or check boxes of a question, by what stands beside them."""
        for option in options:
            self.field(pointer).get_by_label(option, exact=True).check()

    def choose_all(self, pointer: str) -> None:
        boxes = self.field(pointer).get_by_role("checkbox")
        expect(boxes.first).to_be_visible()
        for box in boxes.all():
            box.check()

    def tick(self, pointer: str) -> None:
        self.field(pointer).check()

    def region(self, key: str, code: str) -> None:
        """Province, prefecture and county, one after the other."""
        steps = {"province": f"{code[:2]}0000", "prefecture": f"{code[:4]}00", "county": code}
        for level, value in steps.items():
            self.page.locator(f'[id$="-{key}-{level}"]').select_option(value)

    # --- judging

    def finds_page_clean(self, name: str) -> None:
        """Nothing in the console, no CSP violation, no accessibility finding, one heading, no missing text, no sideways scrolling."""
        self.rests()
        expect(self.page.locator("h1")).to_have_count(1)
        self.has_loaded()
        self._keep_picture(name)
        found = accessibility_findings(self.page)
        assert not self._said, f"{name}: the console of {self.page.url} says {self._said}"
        violations = self.page.evaluate("window.violations")
        assert not violations, f"{name}: CSP violations at {self.page.url}: {violations}"
        assert not found, f"{name}: accessibility findings at {self.page.url}: {found}"
        unfinished = UNFINISHED.search(self.page.locator("body").inner_text())
        assert unfinished is None, f"{name}: the page shows {unfinished}"
        if self._mobile:
            wider = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wider <= 0, f"{name}: {wider} px wider than the window"

    def passes_over_refusals(self) -> None:
        """Browsers write every refused request into the console; the ones so far were meant, and what they led to."""
        self.rests()
        self._said = [text for text in self._said if "Failed to load resource" not in text]

    def _keep_picture(self, name: str) -> None:
        folder = os.environ.get("LIANBAN_SCREENSHOTS")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(folder) / f"{name}-{'390' if self._mobile else '1366'}.png", full_page=True)
