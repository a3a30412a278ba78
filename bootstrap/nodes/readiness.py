"""Readiness: does the database answer, is its schema new enough, is the node not about to stop? Answers soon, whatever hangs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import psycopg

from bootstrap.migrations import newest_revision

WAIT_SECONDS: Final = 1.5
"""How long a question waits for the database at most."""
FRESH_SECONDS: Final = 1.0
"""Within this time the last answer holds: many who ask cost one query."""
_PROBE = "select version_num from alembic_version"
_OPTIONS = "-c statement_timeout=1500 -c idle_in_transaction_session_timeout=5000"


@dataclass(frozen=True, slots=True)
class Verdict:
    """``code``: ready, starting, draining, database-away, schema-behind."""

    code: str

    @property
    def ready(self) -> bool:
        """Whether to send work here."""
        return self.code == "ready"


AWAY: Final = Verdict("database-away")
STARTING: Final = Verdict("starting")


class Readiness:
    """Asks over a connection of its own, in a thread of its own: a pool that is used up or a database that hangs delays no answer.

    A schema that is newer than this program is fine (docs/operations.md: upgrades add before they take away).
    """

    def __init__(self, url: str, draining: Callable[[], bool], *, application_name: str = "lianban-health") -> None:
        self._url = url.replace("postgresql+psycopg://", "postgresql://")
        self._draining = draining
        self._name = application_name
        self._needed = newest_revision() or ""
        self._lock = threading.Lock()
        self._answered = threading.Event()
        self._asking: threading.Thread | None = None
        self._last: tuple[float, Verdict] | None = None

    def check(self) -> Verdict:
        """The verdict now; at most WAIT_SECONDS late."""
        if self._draining():
            return Verdict("draining")
        with self._lock:
            if self._fresh():
                return self._verdict()
            if self._asking is None:
                self._answered.clear()
                self._asking = threading.Thread(target=self._ask, name="readiness", daemon=True)
                self._asking.start()
        if not self._answered.wait(WAIT_SECONDS):
            return AWAY
        with self._lock:
            return self._verdict()

    def _fresh(self) -> bool:
        return self._last is not None and time.monotonic() - self._last[0] < FRESH_SECONDS

    def _verdict(self) -> Verdict:
        return self._last[1] if self._last else AWAY

    def _ask(self) -> None:
        try:
            verdict = self._judge()
        except psycopg.Error:
            verdict = AWAY
        with self._lock:
            self._last = (time.monotonic(), verdict)
            self._asking = None
        self._answered.set()

    def _judge(self) -> Verdict:
        with psycopg.connect(
            self._url, autocommit=True, connect_timeout=2, application_name=self._name, options=_OPTIONS
        ) as connection:
            try:
                row = connection.execute(_PROBE).fetchone()
            except psycopg.errors.UndefinedTable:
                return Verdict("schema-behind")
        return Verdict("ready" if row is not None and row[0] >= self._needed else "schema-behind")
