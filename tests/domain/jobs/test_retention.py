"""Ended service jobs go after a while; open ones and those with an incident stay."""

from datetime import timedelta

from sqlalchemy import select, update

from domain.actors import SYSTEM
from domain.cases.jobs import ServiceJob
from domain.jobs import retention
from domain.jobs.models import TopicFetch
from tests.support.external import ask
from tests.support.world import World


def test_what_ended_long_ago_goes(world: World) -> None:
    job = ask(world)
    with world.platform.transaction(SYSTEM) as ctx:
        now = ctx.clock.now()
        for state, kept in (("open", 1), ("failed", 1), ("done", 0)):
            ended = now - timedelta(days=40)
            ctx.session.execute(update(ServiceJob).where(ServiceJob.id == job.id).values(state=state, closed_at=ended))
            assert retention.drop_ended(ctx, now - timedelta(days=50)) == 0
            assert retention.drop_ended(ctx, now - timedelta(days=30)) == 1 - kept
            assert len(ctx.session.scalars(select(ServiceJob.id)).all()) == kept
        assert ctx.session.scalars(select(TopicFetch)).all() == []
