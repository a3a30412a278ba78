"""What came of playing scenarios."""

from __future__ import annotations

from dataclasses import dataclass, field

from bootstrap.scenarios.coverage import ModelCoverage, Visits
from bootstrap.scenarios.documents import told
from bootstrap.scenarios.matching import Mismatch
from bootstrap.scenarios.reading import Scenario, Step


@dataclass(frozen=True, slots=True)
class Failure:
    """The step at which a scenario failed, and everything that was not as expected there."""

    step: Step | None
    line: int
    mismatches: tuple[Mismatch, ...]
    waiting: str = ""
    """What the case waits for now, to help understand."""

    def places(self) -> list[tuple[int, str, Mismatch]]:
        """(line, place in the step, mismatch), in the order of the file."""
        if self.step is None:
            return [(self.line, "", each) for each in self.mismatches]
        step = self.step
        rows = [(step.document.line((*step.place, *each.place)), told(each.place), each) for each in self.mismatches]
        return sorted(rows, key=lambda row: row[0])


@dataclass(slots=True)
class Outcome:
    """One scenario: passed, or failed at a step."""

    scenario: Scenario
    seconds: float = 0.0
    steps: int = 0
    failure: Failure | None = None
    visits: tuple[Visits, ...] = ()
    definition: str = ""
    lines: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether all was as expected."""
        return self.failure is None


@dataclass(slots=True)
class Results:
    """Everything of one run."""

    outcomes: list[Outcome]
    coverage: list[ModelCoverage]
    seconds: float = 0.0

    @property
    def failed(self) -> list[Outcome]:
        """Those that did not pass."""
        return [each for each in self.outcomes if not each.passed]
