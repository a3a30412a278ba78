"""Plays the scenarios of items. Those that begin the same way share that way: it is played once, then they part.

What a step does depends on nothing but what was done before, so equal beginnings lead to equal states. Where scenarios part, each
goes on from a savepoint that is taken back afterwards.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import orjson
from sqlalchemy import Connection

from bootstrap.scenarios.matching import Mismatch
from bootstrap.scenarios.outcomes import Failure, Outcome
from bootstrap.scenarios.people import Stumbled
from bootstrap.scenarios.playing import REFUSED, ItemPlayer, play, refusal_zh
from bootstrap.scenarios.reading import Scenario, Step
from bootstrap.scenarios.stage import Stage
from bootstrap.scenarios.world import World


@dataclass(frozen=True, slots=True)
class Member:
    """A scenario with its steps, the implied application included, and what comes of it."""

    scenario: Scenario
    steps: tuple[Step, ...]
    outcome: Outcome


def groups_of(outcomes: Sequence[Outcome]) -> list[list[Member]]:
    """Scenarios that start from the same situation, in the order of the first of each."""
    found: dict[bytes, list[Member]] = {}
    for outcome in outcomes:
        scenario = outcome.scenario
        facts = [
            scenario.item,
            scenario.clock.isoformat(),
            scenario.given,
            scenario.world,
            scenario.row,
            scenario.forms,
        ]
        found.setdefault(orjson.dumps(facts), []).append(Member(scenario, _steps(scenario), outcome))
    return list(found.values())


def play_group(world: World, members: Sequence[Member]) -> None:
    """Play scenarios that start from the same situation on one stage; all they did is taken back."""
    first = members[0].scenario
    with world.stage(first.clock) as (platform, connection):
        try:
            stage = Stage(platform, first)
        except (Stumbled, *REFUSED) as error:
            zh = error.zh if isinstance(error, Stumbled) else refusal_zh(error)
            for member in members:
                fault = (Mismatch(("given",), zh, str(error)),)
                member.outcome.failure = Failure(None, member.scenario.line, fault)
            return
        _Branching(stage, connection).go(members, 0)


def _steps(scenario: Scenario) -> tuple[Step, ...]:
    """An application is made first unless the scenario says when."""
    if any(step.verb == "apply" for step in scenario.steps):
        return scenario.steps
    return (Step("apply", None, None, None, "", "0", scenario.document, scenario.place), *scenario.steps)


class _Branching:
    def __init__(self, stage: Stage, connection: Connection) -> None:
        self._stage = stage
        self._connection = connection
        self._player = ItemPlayer(stage)

    def go(self, members: Sequence[Member], depth: int) -> None:
        """All members have done ``depth`` steps and are in the same state."""
        going = list(members)
        while True:
            for member in going:
                if len(member.steps) == depth:
                    member.outcome.visits = self._player.visits()
            going = [member for member in going if len(member.steps) > depth]
            branches = _by_step(going, depth)
            if len(branches) != 1:
                break
            if not self._step(going, depth):
                return
            depth += 1
        for branch in branches:
            with self._kept():
                if self._step(branch, depth):
                    self.go(branch, depth + 1)

    def _step(self, members: Sequence[Member], depth: int) -> bool:
        """One step for all of them; its time is the first one's. Whether it went as expected."""
        began = time.monotonic()
        mismatches = tuple(play(self._player, members[0].steps[depth]))
        waiting = self._player.waiting() if mismatches else ""
        members[0].outcome.seconds += time.monotonic() - began
        for member in members:
            step = member.steps[depth]
            member.outcome.steps += 1
            if mismatches:
                member.outcome.failure = Failure(step, step.line, mismatches, waiting)
                member.outcome.visits = self._player.visits()
        return not mismatches

    @contextmanager
    def _kept(self) -> Iterator[None]:
        """Whatever happens inside is taken back: in the database and of the stage."""
        stage = self._stage
        before = stage.case_id, stage.network, stage.platform.moment
        savepoint = self._connection.begin_nested()
        try:
            yield
        finally:
            savepoint.rollback()
            stage.case_id, stage.network, stage.platform.moment = before


def _by_step(members: Sequence[Member], depth: int) -> list[list[Member]]:
    """Those whose next step is the same, wherever it is written."""
    found: dict[bytes, list[Member]] = {}
    for member in members:
        step = member.steps[depth]
        said = orjson.dumps([step.verb, step.act, step.expect, step.refused])
        found.setdefault(said, []).append(member)
    return list(found.values())
