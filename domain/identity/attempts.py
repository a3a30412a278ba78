"""Failures in a row, by log-in name and by address: waits that grow. Names are counted whether they exist or not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import case, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from domain.base import get_seal
from domain.clock import HOST, Clock
from domain.context import Context
from domain.identity.models import LoginFailures
from domain.identity.rules import LockOut

KEPT = timedelta(days=7)


class By(StrEnum):
    """What failures are counted by."""

    ACCOUNT = "account"
    ADDRESS = "address"


@dataclass(slots=True)
class Count:
    """One counter under lock (an address's is only read: a whole office must not queue behind one slow check)."""

    by: By
    key: str
    failures: int
    closed_until: datetime | None

    def is_closed(self, now: datetime) -> bool:
        """Whether attempts are refused now."""
        return self.closed_until is not None and self.closed_until > now


def of_account(ctx: Context, login: str, rule: LockOut, *, clock: Clock = HOST) -> Count:
    """The counter of a log-in name, locked until the transaction ends: guesses at one account come one after the other."""
    key, now = _key(By.ACCOUNT, login.strip().lower()), clock.now()
    fresh = insert(LoginFailures).values(kind=By.ACCOUNT, key=key, failures=0, last_at=now)
    again = fresh.on_conflict_do_update(index_elements=["kind", "key"], set_={"kind": fresh.excluded.kind}).returning(
        LoginFailures.failures, LoginFailures.closed_until, LoginFailures.last_at
    )
    return _count(By.ACCOUNT, key, ctx.session.execute(again).one(), rule, now)


def closed_until(ctx: Context, login: str, now: datetime) -> datetime | None:
    """Until when a log-in name is closed, None when it is open; nothing is counted or locked."""
    mine = (LoginFailures.kind == By.ACCOUNT, LoginFailures.key == _key(By.ACCOUNT, login.strip().lower()))
    return ctx.session.scalar(select(LoginFailures.closed_until).where(*mine, LoginFailures.closed_until > now))


def of_address(ctx: Context, address: str, rule: LockOut, *, clock: Clock = HOST) -> Count:
    """The counter of a network address, as it is."""
    key, now = _key(By.ADDRESS, address), clock.now()
    query = select(LoginFailures.failures, LoginFailures.closed_until, LoginFailures.last_at)
    row = ctx.session.execute(query.where(LoginFailures.kind == By.ADDRESS, LoginFailures.key == key)).one_or_none()
    return Count(By.ADDRESS, key, 0, None) if row is None else _count(By.ADDRESS, key, row, rule, now)


def failed(ctx: Context, count: Count, rule: LockOut, *, clock: Clock = HOST) -> timedelta | None:
    """One more failure. Returns for how long the counter is closed now, None when it is not."""
    now = clock.now()
    stands = case((LoginFailures.last_at < now - rule.forgotten, 0), else_=LoginFailures.failures)
    fresh = insert(LoginFailures).values(kind=count.by, key=count.key, failures=1, last_at=now)
    raised = fresh.on_conflict_do_update(index_elements=["kind", "key"], set_={"failures": stands + 1, "last_at": now})
    count.failures = ctx.session.execute(raised.returning(LoginFailures.failures)).scalar_one()
    wait = rule.wait(count.failures)
    if wait is not None:
        count.closed_until = now + wait
        mine = (LoginFailures.kind == count.by, LoginFailures.key == count.key)
        ctx.session.execute(update(LoginFailures).where(*mine).values(closed_until=count.closed_until))
    return wait


def succeeded(ctx: Context, count: Count) -> None:
    """The counter begins anew."""
    if count.failures or count.closed_until:
        forget(ctx, count.by, count.key)


def release(ctx: Context, login: str) -> None:
    """An administrator opens a log-in name that has been closed."""
    forget(ctx, By.ACCOUNT, _key(By.ACCOUNT, login.strip().lower()))


def forget(ctx: Context, by: By, key: str) -> None:
    """Delete one counter."""
    ctx.session.execute(delete(LoginFailures).where(LoginFailures.kind == by, LoginFailures.key == key))


def drop_old(ctx: Context, *, clock: Clock = HOST) -> int:
    """Delete counters nobody added to for a week. How many."""
    old = delete(LoginFailures).where(LoginFailures.last_at < clock.now() - KEPT)
    return ctx.session.connection().execute(old).rowcount


def _count(by: By, key: str, row: Any, rule: LockOut, now: datetime) -> Count:
    failures, closed_until, last_at = row
    if last_at < now - rule.forgotten:
        return Count(by, key, 0, None)
    return Count(by, key, failures, closed_until)


def _key(by: By, value: str) -> str:
    """A keyed fingerprint: people type passwords into the field of the name, and a table of addresses is a trace of people."""
    return get_seal().blind(f"{by}|{value}")
