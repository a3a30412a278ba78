"""One run: read the files, make the world if an item needs one, play, add up what was reached."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import structlog
from sqlalchemy import select

from bootstrap.scenarios import coverage, item_file, reading
from bootstrap.scenarios.branching import Member, groups_of, play_group
from bootstrap.scenarios.coverage import ModelCoverage
from bootstrap.scenarios.faults import ScenarioUnreadable
from bootstrap.scenarios.model_files import Models
from bootstrap.scenarios.outcomes import Outcome, Results
from bootstrap.scenarios.processes import play_process
from bootstrap.scenarios.reading import Scenario
from bootstrap.scenarios.world import World, open_world
from bootstrap.settings import Settings
from domain.actors import SYSTEM
from domain.definitions import queries as definitions
from domain.definitions import store
from domain.items.models import Item
from forms.kernel import Kernel

Told = Callable[[Outcome], None]


@dataclass(frozen=True, slots=True)
class Choice:
    """Which scenarios are to be played. ``stop``: at the first that fails."""

    tags: Sequence[str] = ()
    text: str = ""
    stop: bool = False


def run(
    settings: Settings,
    paths: Sequence[Path],
    choice: Choice = Choice(),
    *,
    database: str | None = None,
    server: str | None = None,
    told: Told = lambda _: None,
) -> Results:
    """Play the scenarios of files and folders. ``told`` hears of each as it ends.

    ``database``: an empty one of the caller's; ``server``: where a new one is made and dropped (administrator's address).
    Raises :class:`ScenarioUnreadable`, ``NotThrowAway``, and what the deployment of the models under test refuses.
    """
    began = time.monotonic()
    scenarios = reading.select(reading.read(reading.find(paths)), tags=choice.tags, text=choice.text)
    with ExitStack() as stack:
        stack.enter_context(structlog.testing.capture_logs())
        world = None
        if any(scenario.item for scenario in scenarios):
            world = stack.enter_context(open_world(settings, database=database, server=server))
        results = _Run(world, told).play(scenarios, stop=choice.stop)
    results.seconds = time.monotonic() - began
    return results


class _Run:
    def __init__(self, world: World | None, told: Told) -> None:
        self._world = world
        self._told = told
        self._coverage: dict[str, ModelCoverage] = {}
        self._keys: dict[str, str] = {}
        self._models: Models | None = None

    def play(self, scenarios: Sequence[Scenario], *, stop: bool) -> Results:
        self._deploy(scenarios)
        outcomes = [Outcome(scenario) for scenario in scenarios]
        shared = [] if stop else groups_of([outcome for outcome in outcomes if outcome.scenario.item])
        by_first = {id(group[0].outcome): group for group in shared}
        done: set[int] = set()
        for number, outcome in enumerate(outcomes):
            if id(outcome) not in done:
                done |= self._play(outcome, by_first.get(id(outcome), []))
            self._told(outcome)
            if stop and not outcome.passed:
                return Results(outcomes[: number + 1], list(self._coverage.values()))
        return Results(outcomes, list(self._coverage.values()))

    def _play(self, outcome: Outcome, group: Sequence[Member]) -> set[int]:
        """Play one scenario, or the group whose first it is. Returns which are done."""
        if not outcome.scenario.item or self._world is None:
            began = time.monotonic()
            self._plain(outcome.scenario, outcome)
            outcome.seconds = time.monotonic() - began
            return {id(outcome)}
        members = group or groups_of([outcome])[0]
        play_group(self._world, members)
        for member in members:
            self._coverage[member.scenario.item].add(member.outcome.visits)
        return {id(member.outcome) for member in members}

    def _deploy(self, scenarios: Sequence[Scenario]) -> None:
        """Each folder with scenarios of items once; then the models behind the items are known."""
        if self._world is None:
            return
        for folder in dict.fromkeys(scenario.file.parent for scenario in scenarios if scenario.item):
            self._world.deploy(folder, item_file.find(folder))
        with self._world.stage(reading.MONDAY) as (platform, _), platform.transaction(SYSTEM) as ctx:
            for scenario in scenarios:
                if not scenario.item or scenario.item in self._coverage:
                    continue
                key = ctx.session.scalar(select(Item.definition_key).where(Item.code == scenario.item))
                found = store.find_latest(ctx.session, key) if key else None
                if found is None:
                    fault = scenario.document.fault(
                        ("item",),
                        f"事项“{scenario.item}”没有部署的流程（场景文件要放在模型所在的目录）。",
                        f"The item {scenario.item!r} has no deployed model (keep the scenarios in the model's folder).",
                    )
                    raise ScenarioUnreadable([fault])
                flows = platform.engine.sequence_flows(str(found.id))
                self._coverage[scenario.item] = coverage.of_model(
                    found.key, found.model, flows, definitions.get_version_source(ctx.session, found.id)
                )

    def _plain(self, scenario: Scenario, outcome: Outcome) -> None:
        if self._models is None:
            self._models = Models(Kernel())
        play_process(self._models, scenario, outcome)
        key = outcome.definition
        if key not in self._coverage:
            self._coverage[key] = self._models.coverage(key)
        self._coverage[key].add(outcome.visits)
