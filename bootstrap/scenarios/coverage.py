"""Which elements and sequence flows of a model its scenarios reached, pool by pool."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from engine.contract import Model, SequenceFlow

ARROW: Final = " → "


@dataclass(frozen=True, slots=True)
class Visits:
    """What one scenario reached in one process: ids of elements and of sequence flows."""

    process_id: str
    elements: frozenset[str]
    flows: frozenset[str]


@dataclass(slots=True)
class PoolCoverage:
    """One pool: all its parts with names, and those that were reached."""

    process_id: str
    name: str
    elements: dict[str, str]
    flows: dict[str, str]
    reached: set[str] = field(default_factory=set)
    taken: set[str] = field(default_factory=set)

    @property
    def missing_elements(self) -> list[str]:
        """Never entered."""
        return [each for each in self.elements if each not in self.reached]

    @property
    def telling_flows(self) -> list[str]:
        """Never taken although both ends were reached: the others follow from the missing elements."""
        ends = {each: self.flows[each].split(ARROW) for each in self.missing_flows}
        return [each for each, pair in ends.items() if set(pair) <= self.reached]

    @property
    def missing_flows(self) -> list[str]:
        """Never taken."""
        return [each for each in self.flows if each not in self.taken]


@dataclass(slots=True)
class ModelCoverage:
    """A deployed model with its pools."""

    key: str
    name: str
    pools: list[PoolCoverage]
    source: bytes = field(default=b"", repr=False)
    """The model as its designer drew it."""

    @property
    def counts(self) -> tuple[int, int]:
        """(reached, all) of elements and flows together."""
        total = sum(len(pool.elements) + len(pool.flows) for pool in self.pools)
        missing = sum(len(pool.missing_elements) + len(pool.missing_flows) for pool in self.pools)
        return total - missing, total

    @property
    def percent(self) -> float:
        """Of elements and flows together, with one decimal, rounded down so that 100 means all."""
        reached, total = self.counts
        return 100.0 if not total else int(reached * 1000 / total) / 10

    def add(self, visits: Iterable[Visits]) -> None:
        """What another scenario reached."""
        by_process = {pool.process_id: pool for pool in self.pools}
        for visit in visits:
            pool = by_process.get(visit.process_id)
            if pool is not None:
                pool.reached |= visit.elements & pool.elements.keys()
                pool.taken |= visit.flows & pool.flows.keys()

    def as_json(self) -> dict[str, Any]:
        """For scripts: figures and ids."""
        reached, total = self.counts
        return {
            "model": self.key,
            "name": self.name,
            "percent": self.percent,
            "reached": reached,
            "total": total,
            "pools": [
                {
                    "process": pool.process_id,
                    "name": pool.name,
                    "elements": len(pool.elements),
                    "flows": len(pool.flows),
                    "reached": sorted(pool.reached),
                    "taken": sorted(pool.taken),
                    "missingElements": pool.missing_elements,
                    "missingFlows": pool.missing_flows,
                }
                for pool in self.pools
            ],
        }


def of_model(key: str, model: Model, flows: Iterable[SequenceFlow], source: bytes) -> ModelCoverage:
    """Nothing reached yet."""
    names = {pool.process_id: pool.name for pool in model.participants}
    found: dict[str, PoolCoverage] = {}
    for process in model.processes:
        found[process.id] = PoolCoverage(process.id, names.get(process.id) or process.name or process.id, {}, {})
    for element in model.elements.values():
        if element.process_id in found:
            found[element.process_id].elements[element.id] = element.name.replace("\n", "")
    for flow in flows:
        if flow.id and flow.process_id in found:  # the way from a link throw to its catch has no line of its own
            found[flow.process_id].flows[flow.id] = f"{flow.source}{ARROW}{flow.target}"
    return ModelCoverage(key, model.name, list(found.values()), source)
