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
from sqlalchemy import NullPool, create_engine, text
from werkzeug.serving import make_server

from api.app import create_app
from bootstrap import demo, training
from bootstrap.container import Platform, make_sql_engine
from bootstrap.settings import Settings
from domain.actors import SYSTEM
from scheduler import jobs
from tests.browser.person import Person


@dataclass(frozen=True, slots=True)
class Deployment:
    """A running deployment in demo and training mode."""

    url: str
    platform: Platform

    def settle(self) -> int:
        """Do everything that is due, such as carrying messages between the sites."""
        return jobs.run_due(self.platform)

    def pass_time(self, amount: str) -> None:
        """Move the training clock and do what became due."""
        with self.platform.transaction(SYSTEM) as ctx:
            training.advance(ctx, amount)
        self.settle()


@pytest.fixture(scope="module")
def deployment(pg_admin_url: str, pg_url: str, settings: Settings, worker_id: str) -> Iterator[Deployment]:
    assert (settings.web_dist / "portal.html").is_file(), "the pages are not built: run `make build`"
    name = f"lianban_browser_{worker_id}"
    server = create_engine(pg_admin_url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with server.connect() as admin:
        admin.execute(text(f"create database {name} template lianban_template"))
    engine = make_sql_engine(settings, pg_url.rsplit("/", 1)[0] + "/" + name)
    platform = Platform(settings, engine)
    demo.load(platform)
    port = urlsplit(settings.public_url or "").port or 0
    http = make_server("127.0.0.1", port, create_app(platform), threaded=True)
    thread = threading.Thread(target=http.serve_forever, name="pages", daemon=True)
    thread.start()
    yield Deployment(f"http://127.0.0.1:{http.server_port}", platform)
    http.shutdown()
    thread.join()
    http.server_close()
    engine.dispose()
    with server.connect() as admin:
        admin.execute(text(f"drop database {name} with (force)"))


@pytest.fixture
def as_person(chromium: Browser, deployment: Deployment) -> Iterator[Callable[..., Person]]:
    people: list[Person] = []

    def open_browser(name: str, *, mobile: bool = False) -> Person:
        people.append(Person(chromium, deployment.url, name, mobile=mobile))
        return people[-1]

    yield open_browser
    for person in people:
        person.close()
