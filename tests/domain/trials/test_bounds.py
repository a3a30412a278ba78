"""What a trial may cost: steps, instances, resources, trials of a person, history, time without use."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.clock import FixedClock
from domain.context import Context
from domain.errors import NotFound
from domain.trials import queries, service
from domain.trials.bounds import Bounds
from domain.trials.errors import TrialLimitReached, TrialStepsExceeded
from domain.trials.resources import Given
from domain.trials.routing import Incoming
from domain.trials.service import NewTrial
from tests.engine import kit
from tests.support.world import World

ROUND = kit.document(
    kit.start("s", kit.message("m_PING"))
    + kit.throw("again", kit.message("m_PING"))
    + kit.end()
    + kit.chain("s", "again", "end"),
    declarations=kit.declare(messages=["PING"]),
)
PLAIN = kit.document(kit.start() + kit.user("work") + kit.end() + kit.chain("start", "work", "end"))


@contextmanager
def command(world: World, later: timedelta = timedelta(0)) -> Iterator[Context]:
    with world.platform.transaction(world.people["clerk"]) as ctx:
        yield replace(ctx, clock=FixedClock(ctx.clock.now() + later))


def made(world: World, model: bytes, bounds: Bounds | None = None) -> int:
    with command(world) as ctx:
        new = NewTrial(resources=[Given("m.bpmn", model.decode())])
        return service.create(ctx, bounds or Bounds(), new).id


def test_messages_that_go_round_are_stopped_and_nothing_stays(world: World) -> None:
    trial = made(world, ROUND)
    with pytest.raises(TrialStepsExceeded), command(world) as ctx:
        service.send_message(ctx, Bounds(steps=20), trial, Incoming(name="PING", payload={}))
    with command(world) as ctx:
        assert queries.picture(ctx, trial).instances == []
        assert [event.kind for event in queries.history(ctx.session, trial)] == ["deployed"]


def test_instances_resources_trials_and_history_are_bounded(world: World) -> None:
    trial = made(world, PLAIN)
    with command(world) as ctx:
        service.start(ctx, Bounds(), trial, "p", {})
    with pytest.raises(TrialLimitReached), command(world) as ctx:
        service.start(ctx, Bounds(instances=1), trial, "p", {})
    with pytest.raises(TrialLimitReached), command(world) as ctx:
        service.start(ctx, Bounds(history=5), trial, "p", {})
    with pytest.raises(TrialLimitReached), command(world) as ctx:
        service.add_resources(ctx, Bounds(resources=1), trial, [Given("n", PLAIN.decode())])
    with pytest.raises(TrialLimitReached), command(world) as ctx:
        service.add_resources(ctx, Bounds(bytes=10), trial, [Given("n", PLAIN.decode())])
    with pytest.raises(TrialLimitReached):
        made(world, PLAIN, Bounds(trials=1))


def test_a_trial_that_nobody_uses_goes(world: World) -> None:
    trial = made(world, PLAIN, Bounds(retention=timedelta(days=1)))
    with command(world, timedelta(hours=20)) as ctx:
        service.start(ctx, Bounds(retention=timedelta(days=1)), trial, "p", {})
    with command(world, timedelta(hours=30)) as ctx:
        assert service.drop_expired(ctx) == 0
        assert queries.get_trial(ctx, trial).id == trial
    with pytest.raises(NotFound), command(world, timedelta(hours=45)) as ctx:
        queries.get_trial(ctx, trial)
    with command(world, timedelta(hours=45)) as ctx:
        assert service.drop_expired(ctx) == 1
