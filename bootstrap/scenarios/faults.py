"""What is wrong with a scenario file or what did not happen as expected, always with file and line, in two languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bootstrap.errors import BootstrapError


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to correct. ``line`` is 1-based; ``place`` names the step and the key, e.g. ``steps[3].expect.status``."""

    file: Path
    line: int
    place: str
    zh: str
    en: str

    def told(self) -> str:
        """``file:line: place`` and the two sentences."""
        where = f" {self.place}" if self.place else ""
        return f"{self.file}:{self.line}:{where}\n    {self.zh}\n    {self.en}"


class ScenarioUnreadable(BootstrapError):
    """A scenario file cannot be read: every fault with its line."""

    code = "scenario-unreadable"
    exit_code = 2

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(
            f"场景文件有 {len(faults)} 处需要修改：\n" + "\n".join(fault.told() for fault in faults),
            f"{len(faults)} places of the scenario files need correction (listed above).",
            next_zh="写法见 docs/scenarios.md。",
            next_en="How to write it: docs/scenarios.md.",
        )
        self.faults = tuple(faults)


class ScenarioFailed(BootstrapError):
    """Scenarios of a model that is to be deployed do not pass."""

    code = "scenario-failed"
    exit_code = 7
