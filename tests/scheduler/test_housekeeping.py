from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from bootstrap.container import Platform
from domain.actors import SYSTEM
from domain.identity import service as identity
from domain.identity import sessions
from domain.identity.models import LoginSession
from scheduler import housekeeping


def test_expired_sessions_go_and_live_ones_stay(platform: Platform) -> None:
    with platform.transaction(SYSTEM) as ctx:
        user = identity.register_user(ctx, "someone", "测试", "Lianban-2026")
        old, _ = sessions.open_session(ctx, user, timedelta(hours=1))
        live, _ = sessions.open_session(ctx, user, timedelta(hours=1))
        row = ctx.session.get_one(LoginSession, sessions._digest(old))
        row.expires_at = datetime.now(UTC) - timedelta(seconds=1)
    assert housekeeping.run(platform)
    with platform.transaction(SYSTEM) as ctx:
        assert ctx.session.scalars(select(LoginSession.token_hash)).all() == [sessions._digest(live)]


def test_one_node_at_a_time(platform: Platform) -> None:
    with platform.transaction(SYSTEM) as ctx:
        assert (
            ctx.session.connection().exec_driver_sql(f"select pg_try_advisory_xact_lock({housekeeping.LOCK})").scalar()
        )
        assert not housekeeping.run(platform)
    assert housekeeping.run(platform)
