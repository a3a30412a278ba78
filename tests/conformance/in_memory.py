"""The engine with a clock, many instances, jobs done at once and logged, messages to one receiver and signals to all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from engine.contract import Advance, Environment, Expressions, Job, Model, ProcessInfo, Service, Start
from engine.errors import DefinitionRefused, EngineError
from engine.facade import Engine
from tests.conformance.steps import Failed, Refused
from tests.engine.kit import START, Clock


class Jobs(Mapping[str, Service]):
    """Does every job at once with an empty result."""

    def __init__(self) -> None:
        self.done: list[Job] = []

    def _do(self, job: Job) -> Mapping[str, Any]:
        self.done.append(job)
        return {}

    def __getitem__(self, kind: str) -> Service:
        return self._do

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


@dataclass
class Running:
    """An instance and what its last command said."""

    definition: str
    last: Advance
    tasks: dict[str, str] = field(default_factory=dict)


class InMemory:
    """A :class:`tests.conformance.steps.Product`."""

    def __init__(self, expressions: Expressions) -> None:
        self.sources: dict[str, bytes] = {}
        self.engine = Engine(expressions, source=self.sources.__getitem__)
        self.models: dict[str, Model] = {}
        self.where: dict[str, str] = {}
        self.instances: dict[str, Running] = {}
        self.timer_starts: list[tuple[datetime, str, Start]] = []
        self.clock = Clock()
        self.jobs = Jobs()
        assert self.clock.now == START

    @property
    def env(self) -> Environment:
        return Environment(now=self.clock.now, schedule=self.clock.schedule, services=self.jobs)

    # -- commands ------------------------------------------------------------------------------------

    def deploy(self, models: Sequence[bytes]) -> None:
        for number, xml in enumerate(models):
            try:
                parsed = self.engine.parse(self.engine.convert(xml).xml, written=xml)
            except DefinitionRefused as error:
                raise Refused(str(error)) from error
            name = f"d{number}"
            self.sources[name] = parsed.xml
            self.models[name] = parsed.model
            for process in parsed.model.processes:
                self.where[process.id] = name
                for start in process.starts:
                    if start.kind == "timer":
                        self.timer_starts.append((self.clock.schedule(start.value, self.clock.now), process.id, start))

    def start(self, process: str, variables: Mapping[str, Any]) -> str:
        if process not in self.where:
            raise Failed(f"no process: {process}")
        info = self._process(process)
        if info.none_start:
            return self._begin(process, variables, strict=True)
        if len({each.element_id for each in info.starts}) != 1:
            raise Failed(f"no none start: {process}")
        return self._begin(process, variables, strict=True, start_event=info.starts[0].element_id)

    def complete(self, task: str, variables: Mapping[str, Any], *, every: bool) -> None:
        found = [(i, t) for i, r in self.instances.items() for t, element in r.tasks.items() if element == task]
        if not found:
            raise Failed(f"no open task {task}")
        for name, task_id in found if every else found[:1]:
            running = self.instances[name]
            if task_id in running.tasks:
                self._took(
                    name,
                    self.engine.complete_task(running.definition, running.last.state, task_id, variables, self.env),
                    strict=True,
                )

    def message(self, name: str) -> bool:
        for handle, running in list(self.instances.items()):
            if not running.last.ended:
                advance = self.engine.deliver_message(running.definition, running.last.state, name, {}, self.env)
                if advance is not None:
                    self._took(handle, advance)
                    return True
        for process in list(self.where):
            if name in self._process(process).message_starts:
                self._begin(process, {}, message=name)
                return True
        return False

    def signal(self, name: str) -> None:
        self._broadcast(name, {})

    def advance(self, seconds: float) -> None:
        self.clock.now += timedelta(seconds=seconds)
        for due in sorted((row for row in self.timer_starts if row[0] <= self.clock.now), key=lambda row: row[0]):
            self.timer_starts.remove(due)
            self._begin(due[1], {}, start_event=due[2].element_id)
        for handle, running in list(self.instances.items()):
            if not running.last.ended:
                self._took(handle, self.engine.fire_timers(running.definition, running.last.state, self.env))

    def set(self, variables: Mapping[str, Any]) -> None:
        handle, running = next((h, r) for h, r in self.instances.items() if not r.last.ended)
        self._took(handle, self.engine.set_variables(running.definition, running.last.state, variables, self.env))

    # -- looks ---------------------------------------------------------------------------------------

    def tasks(self, instance: str | None = None) -> list[str]:
        chosen = self.instances.values() if instance is None else [self.instances[instance]]
        return [element for running in chosen for element in running.tasks.values()]

    def ended(self, instance: str | None = None) -> bool:
        chosen = self.instances.values() if instance is None else [self.instances[instance]]
        return all(running.last.ended for running in chosen)

    def log(self) -> list[str]:
        return [job.element_id for job in self.jobs.done]

    # -- inside --------------------------------------------------------------------------------------

    def _process(self, process: str) -> ProcessInfo:
        return next(p for p in self.models[self.where[process]].processes if p.id == process)

    def _begin(self, process: str, variables: Mapping[str, Any], *, strict: bool = False, **at: str) -> str:
        handle = f"i{len(self.instances) + 1}"
        try:
            advance = self.engine.start(self.where[process], process, self.env, variables, **at)
        except EngineError as error:
            raise Failed(str(error)) from error
        self.instances[handle] = Running(self.where[process], advance)
        self._took(handle, advance, strict=strict)
        return handle

    def _took(self, handle: str, advance: Advance, *, strict: bool = False) -> None:
        running = self.instances[handle]
        running.last = advance
        for task in advance.closed_tasks:
            running.tasks.pop(task.id, None)
        running.tasks |= {task.id: task.element_id for task in advance.opened_tasks}
        if strict and advance.incidents:
            raise Failed(", ".join(f"{i.element_id}: {i.code}" for i in advance.incidents))
        for out in advance.signals:
            self._broadcast(out.signal, out.payload, besides=handle)
        for message in advance.messages:
            self.message(message.message)

    def _broadcast(self, name: str, payload: Mapping[str, Any], besides: str | None = None) -> None:
        for handle, running in list(self.instances.items()):
            if handle != besides and not running.last.ended:
                advance = self.engine.deliver_signal(running.definition, running.last.state, name, payload, self.env)
                if advance is not None:
                    self._took(handle, advance)
        for process in list(self.where):
            if name in self._process(process).signal_starts:
                self._begin(process, payload, signal=name)
