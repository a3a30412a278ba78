from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text

from bootstrap.container import Platform
from domain.actors import SYSTEM
from domain.identity import service as identity
from domain.identity import sessions
from domain.identity.idempotency import IdempotencyKey
from domain.identity.models import LoginSession
from domain.outbox import retention, work
from domain.outbox.work import NewWork
from scheduler import housekeeping


def test_expired_sessions_go_and_live_ones_stay(platform: Platform) -> None:
    with platform.transaction(SYSTEM) as ctx:
        user = identity.register_user(ctx, "someone", "测试", "Lianban-2026")
        old, _ = sessions.open_session(ctx, user, timedelta(hours=1))
        live, _ = sessions.open_session(ctx, user, timedelta(hours=1))
        row = ctx.session.get_one(LoginSession, sessions.digest(old))
        row.expires_at = datetime.now(UTC) - timedelta(seconds=1)
    assert housekeeping.run(platform)
    with platform.transaction(SYSTEM) as ctx:
        assert ctx.session.scalars(select(LoginSession.token_hash)).all() == [sessions.digest(live)]


def test_one_node_at_a_time(platform: Platform) -> None:
    with platform.transaction(SYSTEM) as ctx:
        assert (
            ctx.session.connection().exec_driver_sql(f"select pg_try_advisory_xact_lock({housekeeping.LOCK})").scalar()
        )
        assert not housekeeping.run(platform)
    assert housekeeping.run(platform)


def test_finished_work_goes_after_a_while_and_what_is_open_or_failed_stays(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "MOST", 3)
    states = ("done", "pending", "cancelled", "failed", "held", "promoted", "done", "done")
    with platform.transaction(SYSTEM) as ctx:
        work.add(ctx, [NewWork("test.good", state, ctx.clock.now()) for state in states])
        ctx.session.execute(
            text("update work set state = ref, created_at = created_at - interval '40 days', done_at = created_at")
        )
        ctx.session.execute(text("update work set done_at = now() - interval '40 days' where id < 8"))
        work.add(ctx, [NewWork("test.good", "new", ctx.clock.now())])
        ctx.session.execute(text("update work set state = 'done' where ref = 'new'"))
    assert housekeeping.run(platform)
    with platform.transaction(SYSTEM) as ctx:
        kept = ctx.session.execute(text("select ref from work order by id")).scalars().all()
    assert kept == ["pending", "failed", "held", "promoted", "done", "new"]


def test_answers_of_old_requests_are_forgotten(platform: Platform) -> None:
    with platform.transaction(SYSTEM) as ctx:
        for key, days in (("old-request", 3), ("new-request", 1)):
            at = ctx.clock.now() - timedelta(days=days)
            ctx.session.add(IdempotencyKey(user_id=1, key=key, request_digest="", status=200, body=b"", created_at=at))
    assert housekeeping.run(platform)
    with platform.transaction(SYSTEM) as ctx:
        assert ctx.session.scalars(select(IdempotencyKey.key)).all() == ["new-request"]


def test_old_records_of_calls_and_deliveries_go_and_lost_calls_are_told(platform: Platform) -> None:
    call = (
        "insert into http_calls (element_id, key, method, host, path, state, sent_bytes, started_at)"
        " values (:name, 'k', 'GET', 'h:443', '/', :state, 0, now() - make_interval(days => :days))"
    )
    delivery = (
        "insert into deliveries (target, channel, case_no, template, state, attempts, created_at, due_at)"
        " values (:name, 'email', '', 't', :state, 0, now() - make_interval(days => :days), now())"
    )
    with platform.transaction(SYSTEM) as ctx:
        for name, state, days in (("old", "answered", 181), ("new", "answered", 179), ("lost", "running", 1)):
            ctx.session.execute(text(call), {"name": name, "state": state, "days": days})
        for name, state, days in (("old", "sent", 181), ("new", "failed", 179), ("waits", "queued", 181)):
            ctx.session.execute(text(delivery), {"name": name, "state": state, "days": days})
    assert housekeeping.run(platform)
    with platform.transaction(SYSTEM) as ctx:
        kept = ctx.session.execute(text("select element_id, state from http_calls order by id")).all()
        left = ctx.session.execute(text("select target from deliveries order by id")).scalars().all()
    assert [tuple(row) for row in kept] == [("new", "answered"), ("lost", "abandoned")]
    assert left == ["new", "waits"]
