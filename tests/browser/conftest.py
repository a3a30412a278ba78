"""A whole deployment with the demo in it, served on 127.0.0.1, and people with browsers.

- ``deployment``: platform on a database of its own, its pages and API on ``deployment.url``; ``deployment.settle()`` does the work that is due.
- ``as_person``: opens a browser of one person's own (cookies, window) that notes every console error and CSP violation.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser
from werkzeug.serving import make_server

from api.app import create_app
from bootstrap import training
from bootstrap.container import Platform, make_sql_engine
from bootstrap.settings import Settings
from domain.actors import SYSTEM
from scheduler import jobs
from tests.browser.person import Person
from tests.support.databases import copied


@dataclass(frozen=True, slots=True)
class Deployment:
    """A running deployment in demo and training mode."""

    url: str
    platform: Platform

    def settle(self) -> int:
        """Do everything that is due, such as carrying messages between the sites; what met somebody's step, again."""
        done = jobs.run_due(self.platform)
        while self._puts_off():
            threading.Event().wait(0.1)
            done += jobs.run_due(self.platform)
        return done

    def _puts_off(self) -> bool:
        soonest = jobs.next_due(self.platform)
        with self.platform.transaction(SYSTEM) as ctx:
            return soonest is not None and soonest <= ctx.clock.now() + jobs.BUSY_PAUSE

    def pass_time(self, amount: str) -> None:
        """Move the training clock and do what became due."""
        with self.platform.transaction(SYSTEM) as ctx:
            training.advance(ctx, amount)
        self.settle()


@pytest.fixture(scope="module")
def deployment(pg_admin_url: str, demo_template: str, settings: Settings, worker_id: str) -> Iterator[Deployment]:
    assert (settings.web_dist / "portal.html").is_file(), "the pages are not built: run `make build`"
    with copied(pg_admin_url, f"lianban_browser_{worker_id}", template=demo_template) as url:
        engine = make_sql_engine(settings, url)
        platform = Platform(settings, engine)
        port = urlsplit(settings.public_url or "").port or 0
        http = make_server("127.0.0.1", port, create_app(platform), threaded=True)
        thread = threading.Thread(target=http.serve_forever, name="pages", daemon=True)
        thread.start()
        yield Deployment(f"http://127.0.0.1:{http.server_port}", platform)
        http.shutdown()
        thread.join()
        http.server_close()
        engine.dispose()


@pytest.fixture
def as_person(chromium: Browser, deployment: Deployment) -> Iterator[Callable[..., Person]]:
    people: list[Person] = []

    def open_browser(name: str, *, mobile: bool = False) -> Person:
        people.append(Person(chromium, deployment.url, name, mobile=mobile))
        return people[-1]

    yield open_browser
    for person in people:
        person.close()
