"""The model and decision files that scenarios of plain processes play: parsed once in a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, TypeVar

from bootstrap.decisions import EngineDecisions
from bootstrap.expressions import EngineExpressions
from bootstrap.scenarios import coverage
from bootstrap.scenarios.coverage import ModelCoverage
from bootstrap.scenarios.faults import Fault, ScenarioUnreadable
from bootstrap.scenarios.reading import Scenario
from engine.contract import Decide, Model
from engine.decisions.contract import DecisionPlan
from engine.errors import DefinitionRefused
from engine.facade import Engine
from forms.kernel import Kernel

MODEL: Final = ".bpmn"
DECISIONS: Final = ".dmn"
P = TypeVar("P")


class Models:
    """The model files of a run, parsed once. ``engine`` runs them by file name."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self._sources: dict[str, bytes] = {}
        self._models: dict[str, Model] = {}
        self._decisions: dict[Path, dict[str, tuple[DecisionPlan, str]]] = {}
        self.engine = Engine(
            EngineExpressions(kernel), source=self._sources.__getitem__, decisions=EngineDecisions(kernel)
        )

    def find(self, scenario: Scenario) -> str:
        """The id of the scenario's model. Raises :class:`ScenarioUnreadable` when it cannot be read or is refused."""
        path = self._file(scenario)
        key = str(path)
        if key not in self._sources:
            parsed = self._parsed(path, self.engine.parse)
            self._sources[key], self._models[key] = parsed.xml, parsed.model
        if scenario.process not in {process.id for process in self._models[key].processes}:
            known = "、".join(process.id for process in self._models[key].processes)
            fault = scenario.document.fault(
                ("process",),
                f"{path.name} 里没有流程“{scenario.process}”（有：{known}）。",
                f"{path.name} holds no process {scenario.process!r}.",
            )
            raise ScenarioUnreadable([fault])
        return key

    def decide(self, key: str, now: str) -> Decide | None:
        """What makes the decisions of business rule tasks: those of the DMN files beside the model."""
        folder = Path(key).parent
        if folder not in self._decisions:
            self._decisions[folder] = {
                info.id: (parsed.plan, info.key)
                for file in sorted(folder.glob(f"*{DECISIONS}"))
                for parsed in [self._parsed(file, self.engine.parse_decisions)]
                for info in (*parsed.model.decisions, *parsed.model.services)
            }
        known = self._decisions[folder]
        return self.engine.decider(lambda called: known.get(called.decision_id), now=now)

    def coverage(self, key: str) -> ModelCoverage:
        """Nothing reached yet."""
        return coverage.of_model(
            Path(key).stem, self._models[key], self.engine.sequence_flows(key), Path(key).read_bytes()
        )

    def process_of(self, key: str) -> Mapping[str, str]:
        """Element or flow → its process."""
        places = {element.id: element.process_id for element in self._models[key].elements.values()}
        return places | {flow.id: flow.process_id for flow in self.engine.sequence_flows(key)}

    @staticmethod
    def _parsed(path: Path, parse: Callable[[bytes], P]) -> P:
        """Raises :class:`ScenarioUnreadable` with the first error of the file."""
        try:
            return parse(path.read_bytes())
        except DefinitionRefused as error:
            worst = next(row for row in error.findings if row.severity == "error")
            text = f"{worst.message_zh}（{worst.element_id or ''} {worst.hint_zh}）"
            fault = Fault(path, worst.line or 1, worst.element_id or "", text, worst.message_en)
            raise ScenarioUnreadable([fault]) from None

    @staticmethod
    def _file(scenario: Scenario) -> Path:
        folder = scenario.file.parent
        name = scenario.model
        found = sorted(folder.glob(f"*{MODEL}")) if not name else [folder / name]
        inside = ".." not in Path(name).parts and not Path(name).is_absolute()
        if len(found) != 1 or not found[0].is_file() or not inside:
            zh = f"没有模型文件“{name}”。" if name else f"目录里有 {len(found)} 个模型，请用 model 指明文件名。"
            en = (
                f"There is no model {name!r}."
                if name
                else f"The folder holds {len(found)} models; name one with model."
            )
            raise ScenarioUnreadable([scenario.document.fault(("model",), zh, en)])
        return found[0]
