"""Two acts in two threads on a real database, stepped to a chosen interleaving.

An act stops before any statement that takes a lock or writes, and before each commit. The director lets one go on and knows from
``pg_blocking_pids`` whether the other waits for it: no schedule depends on how fast the machine is.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine, event, text

Act = Callable[[], Any]
S = TypeVar("S")
COMMIT: Final = "commit"
LOCKING = re.compile(
    r"^\s*(insert|update|delete)\b|\bfor\s+(no\s+key\s+)?(update|share)\b|advisory|\bset\b\s+state\b", re.IGNORECASE
)
STILL_SECONDS: Final = 120
_LOOK_SECONDS: Final = 0.002
_BLOCKED_BY = text("select pg_blocking_pids(:pid)")


@dataclass
class Actor:
    """One act in a thread of its own. ``stops`` are the heads of the statements it came to, and ``commit``."""

    name: str
    act: Act
    stops: list[str] = field(default_factory=list)
    target: int | None = None
    """Number of the stop to wait at; None: run to the end."""
    pid: int = 0
    outcome: Any = None
    is_done: bool = False
    is_stopped: bool = False
    _go: threading.Event = field(default_factory=threading.Event)
    _changed: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self, target: int | None) -> None:
        self.target = target
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self._thread.start()

    def go_on(self) -> None:
        """Run to the end from wherever it stands."""
        self.target = None
        self.is_stopped = False
        self._changed.clear()
        self._go.set()

    def arrive(self, what: str) -> None:
        """Called in the actor's own thread, before a statement or commit."""
        number = len(self.stops)
        self.stops.append(what)
        if self.target is not None and number == self.target:
            self._go.clear()
            self.is_stopped = True
            self._changed.set()
            assert self._go.wait(STILL_SECONDS), f"{self.name} was left standing"

    def stands(self) -> bool:
        """Whether it is at its stop or at its end; waits a moment for a change."""
        self._changed.wait(_LOOK_SECONDS)
        return self.is_done or self.is_stopped

    def join(self) -> None:
        assert self._thread is not None
        self._thread.join(STILL_SECONDS)
        assert not self._thread.is_alive(), f"{self.name} did not end"

    def is_me(self) -> bool:
        return threading.current_thread() is self._thread

    def _run(self) -> None:
        try:
            self.outcome = self.act()
        except Exception as error:  # noqa: BLE001 -- what an act is refused with is its outcome
            self.outcome = error
        finally:
            self.is_done = True
            self._changed.set()


class Director:
    """Steps actors over one SQLAlchemy engine."""

    def __init__(self, sql: Engine) -> None:
        self._sql = sql
        self._cast: list[Actor] = []

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Listen on the engine for as long as the block lasts."""
        event.listen(self._sql, "before_cursor_execute", self._statement)
        event.listen(self._sql, "commit", self._commit)
        try:
            yield
        finally:
            event.remove(self._sql, "before_cursor_execute", self._statement)
            event.remove(self._sql, "commit", self._commit)

    def rehearse(self, act: Act) -> list[str]:
        """Let an act run alone; where it would stop."""
        with self.watching():
            actor = self._hire("alone", act)
            actor.start(None)
            actor.join()
        if isinstance(actor.outcome, Exception):
            raise actor.outcome
        return actor.stops

    def play(self, first: Act, second: Act, stop: int, second_stop: int | None = None) -> Played:
        """The first act goes to its stop, the second as far as it can (or to its own stop), then both to the end."""
        with self.watching():
            one, two = self._hire("first", first), self._hire("second", second)
            one.start(stop)
            self._until(one)
            two.start(second_stop)
            waited = self._until(two, other=one)
            one.go_on()
            if self._until(one, other=two):  # it waits for the second, which stands at its stop
                two.go_on()
                self._until(two)
            two.go_on()
            one.join()
            two.join()
        return Played(one.outcome, two.outcome, waited=waited)

    def _hire(self, name: str, act: Act) -> Actor:
        actor = Actor(name, act)
        self._cast = [*[each for each in self._cast if not each.is_done], actor]
        return actor

    def _until(self, actor: Actor, other: Actor | None = None) -> bool:
        """Wait until the actor stands or ends (False) or waits for a lock of the other (True)."""
        ends = time.monotonic() + STILL_SECONDS
        with self._sql.connect().execution_options(isolation_level="AUTOCOMMIT") as monitor:
            while not actor.stands():
                if other is not None and actor.pid:
                    blockers = monitor.execute(_BLOCKED_BY, {"pid": actor.pid}).scalar_one()
                    if other.pid in blockers and not actor.stands():
                        return True
                assert time.monotonic() < ends, f"{actor.name} goes on for ever after {actor.stops}"
        return False

    def _me(self) -> Actor | None:
        return next((each for each in self._cast if each.is_me()), None)

    def _statement(self, connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        actor = self._me()
        if actor is None:
            return
        actor.pid = connection.connection.dbapi_connection.info.backend_pid  # type: ignore[union-attr]
        if LOCKING.search(statement):
            actor.arrive(" ".join(statement.split())[:60])

    def _commit(self, _: Connection) -> None:
        actor = self._me()
        if actor is not None:
            actor.arrive(COMMIT)


@dataclass(frozen=True)
class Played:
    """What each act got: its value or what it was refused with. ``waited``: the second waited for a lock of the first."""

    first: Any
    second: Any
    waited: bool


def interleavings(
    sql: Engine,
    prepare: Callable[[], S],
    acts: Callable[[S], tuple[Act, Act]],
    *,
    symmetric: bool = False,
) -> Iterator[tuple[S, Any, Any, Played]]:
    """Play two acts in every order that a database can tell apart; yields each situation with the outcomes in the order of ``acts``.

    Each act leads once (``symmetric``: both are the same, one is enough) and is held at each of its stops while the other runs.
    Where the other does not have to wait, it is played again and held before its last commit, so that the leader waits for it.
    Once it waits, it waits at every later stop too, for locks end with the commit: the next stop that is tried is that one.
    """
    director = Director(sql)
    stops = [director.rehearse(acts(prepare())[0])]
    stops.append(stops[0] if symmetric else director.rehearse(acts(prepare())[1]))
    for leader in (0,) if symmetric else (0, 1):
        stop = 0
        while stop < len(stops[leader]):
            waited = False
            for second_stop in (None, len(stops[1 - leader]) - 1):
                if waited:
                    break
                situation = prepare()
                pair = acts(situation)
                played = director.play(pair[leader], pair[1 - leader], stop, second_stop)
                outcomes = (played.first, played.second)
                waited = played.waited
                yield situation, outcomes[leader], outcomes[1 - leader], played
            stop = stops[leader].index(COMMIT, stop + 1) if waited and COMMIT in stops[leader][stop + 1 :] else stop + 1
