"""Plays a scenario of a plain process directly on the engine: no sites, no people, no database."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from bootstrap.scenarios import matching, values
from bootstrap.scenarios.coverage import Visits
from bootstrap.scenarios.documents import Steps
from bootstrap.scenarios.matching import Mismatch
from bootstrap.scenarios.model_files import Models
from bootstrap.scenarios.outcomes import Outcome
from bootstrap.scenarios.people import Stumbled
from bootstrap.scenarios.playing import follow
from bootstrap.scenarios.reading import Scenario, Step, find_moment
from domain.clock import CHINA
from domain.deadlines import handed
from domain.deadlines.calendar import Calendar
from domain.deadlines.due import schedule
from engine.contract import Advance, Environment, Job, Service, ServiceError, Snapshot, Variables

AT: Final[Steps] = ("expect",)
MOST_FIRES: Final = 5_000


@dataclass
class ProcessPlayer:
    """One instance of one process."""

    models: Models
    key: str
    scenario: Scenario
    now: datetime
    state: bytes = b""
    path: list[str] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    sent: list[tuple[str, Variables]] = field(default_factory=list)
    signals: list[str] = field(default_factory=list)

    def do(self, step: Step) -> None:
        """One verb."""
        verbs: Mapping[str, Callable[[Any], None]] = {
            "start": self._start,
            "complete": self._complete,
            "job": self._job,
            "message": self._message,
            "signal": self._signal,
            "retry": self._retry,
            "advance": self._advance,
            "clock": self._clock,
        }
        if step.verb in verbs:
            if step.verb != "start" and not self.state:
                raise Stumbled("流程还没有开始（start）。", "The process has not begun (start).")
            verbs[step.verb](step.act)

    def check(self, expect: Mapping[str, Any]) -> list[Mismatch]:
        """Look at the instance; open incidents that nobody expects are a mismatch as well."""
        if not self.state:
            return [Mismatch(AT, "流程还没有开始", "the process has not begun")] if expect else []
        look = self._look()
        found = [] if "incidents" in expect else list(_incidents(self, look, (), (*AT, "incidents")))
        for key, wanted in expect.items():
            check = CHECKS.get(key)
            if check is None:
                found.append(Mismatch((*AT, key), f"{key} 只用于 item 的场景", f"{key}: for scenarios of an item only"))
            else:
                resolved = wanted if key == "holds" else self.value(wanted)
                found += check(self, look, resolved, (*AT, key))
        return found

    def waiting(self) -> str:
        """Where its tokens are."""
        if not self.state:
            return "未开始 not begun"
        look = self._look()
        return "已结束 ended" if look.ended else matching.shown(list(look.active_elements))

    def visits(self) -> tuple[Visits, ...]:
        """Which way it went."""
        places = self.models.process_of(self.key)
        ids = {places[each] for each in (*self.path, *self.taken) if each in places}
        return tuple(
            Visits(
                process,
                frozenset(each for each in self.path if places.get(each) == process),
                frozenset(each for each in self.taken if places.get(each) == process),
            )
            for process in sorted(ids)
        )

    def value(self, written: Any) -> Any:
        """A written value with its expressions evaluated; they see the variables."""
        variables = dict(self._look().variables) if self.state else {}
        facts = {**variables, **values.clock_facts(self.now), "row": dict(self.scenario.row)}
        return values.resolve(self.models.kernel, written, facts)

    # -- acting ---------------------------------------------------------------------------------------

    def _start(self, act: Mapping[str, Any] | None) -> None:
        own = act or {}
        given = {**self.scenario.given.get("variables", {}), **own.get("variables", {})}
        engine, env = self.models.engine, self._environment()
        self._take(engine.start(self.key, self.scenario.process, env, self.value(given), message=own.get("message")))

    def _complete(self, act: Mapping[str, Any]) -> None:
        element, _, action = str(act["task"]).strip().partition(" ")
        look = self._look()
        task = next((task for task in look.tasks if task.element_id == element), None)
        if task is None:
            waiting = matching.shown([task.element_id for task in look.tasks])
            raise Stumbled(
                f"没有等待办理的任务“{element}”，现在等待：{waiting}。",
                f"There is no open task {element!r}; open: {waiting}.",
            )
        forms = self.scenario.forms
        usual = forms.get(str(act["task"]).strip(), forms.get(element, {}))
        data = {**usual, **forms.get(act.get("use", ""), {}), **act.get("data", {})}
        action = act.get("action", action.strip())
        filled = self.value({key: value for key, value in data.items() if value is not None})
        if action:
            filled["action"] = action
        self._take(self.models.engine.complete_task(self.key, self.state, task.id, filled, self._environment()))

    def _job(self, act: Mapping[str, Any]) -> None:
        engine, env = self.models.engine, self._environment()
        jobs = self._look().jobs
        job = next((job for job in jobs if act["element"] in {job.element_id, job.type}), None)
        if job is None:
            waiting = matching.shown([each.element_id for each in jobs])
            raise Stumbled(
                f"没有等待的服务“{act['element']}”（有：{waiting}）。", f"No service {act['element']!r} waits."
            )
        if "error" in act:
            self._take(
                engine.throw_error(self.key, self.state, job.id, act["error"], env, self.value(act.get("result", {})))
            )
        elif "fails" in act:
            self._take(engine.fail_job(self.key, self.state, job.id, act["fails"], act["fails"], env))
        else:
            self._take(engine.complete_job(self.key, self.state, job.id, self.value(act.get("result", {})), env))

    def _message(self, act: Mapping[str, Any]) -> None:
        heard = self.models.engine.deliver_message(
            self.key,
            self.state,
            act["name"],
            self.value(act.get("payload", {})),
            self._environment(),
            correlation_key=act.get("key"),
        )
        if heard is None:
            raise Stumbled(f"没有人等待消息“{act['name']}”。", f"Nobody waits for the message {act['name']!r}.")
        self._take(heard)

    def _signal(self, act: Mapping[str, Any]) -> None:
        payload = self.value(act.get("payload", {}))
        heard = self.models.engine.deliver_signal(self.key, self.state, act["name"], payload, self._environment())
        if heard is None:
            raise Stumbled(f"没有人等待信号“{act['name']}”。", f"Nobody waits for the signal {act['name']!r}.")
        self._take(heard)

    def _retry(self, element: str) -> None:
        incident = next((each for each in self._look().incidents if each.element_id == element), None)
        if incident is None:
            raise Stumbled(f"“{element}”没有异常。", f"There is no incident at {element!r}.")
        self._take(self.models.engine.retry(self.key, self.state, incident.id, self._environment()))

    def _advance(self, act: Mapping[str, Any]) -> None:
        dues = [timer.due_at for timer in self._look().timers]
        if act["time"] == "next":
            if not dues:
                raise Stumbled("没有等待的定时器。", "No timer waits.")
            self._go(max(self.now, min(dues)))
            return
        calendar = Calendar(act["calendar"]) if "calendar" in act else Calendar()
        self._go(schedule(act["time"], self.now, calendar) + timedelta(seconds=1))

    def _clock(self, text: str) -> None:
        moment = find_moment(text, self.now)
        if moment is None or moment < self.now:
            raise Stumbled(f"时钟不能设为“{text}”。", f"The clock cannot go to {text!r}.")
        self._go(moment)

    def _go(self, target: datetime) -> None:
        for _ in range(MOST_FIRES):
            look = self._look()
            due = min((timer.due_at for timer in look.timers), default=None)
            if look.ended or due is None or due > target:
                self.now = target
                return
            self.now = max(self.now, due)
            self._take(self.models.engine.fire_timers(self.key, self.state, self._environment()))
        raise Stumbled("定时器没有尽头。", "Timers fire without end.")

    def _take(self, advance: Advance) -> None:
        self.state = advance.state
        for event in advance.history:
            if event.kind == "entered":
                self.path.append(event.element_id)
            elif event.kind == "taken":
                self.taken.add(event.element_id)
        self.sent += [(message.message, message.payload) for message in advance.messages]
        self.signals += [signal.signal for signal in advance.signals]

    def _look(self) -> Snapshot:
        return self.models.engine.inspect(self.key, self.state, self._environment())

    def _environment(self) -> Environment:
        services = {kind: _service(answer) for kind, answer in self.scenario.given.get("services", {}).items()}
        return Environment(
            now=self.now,
            schedule=lambda literal, now: schedule(literal, now, Calendar()),
            zone=CHINA,
            constants={"now": self.now.isoformat(), handed.SITE: _CALENDAR},
            services=services,
            decide=self.models.decide(self.key, self.now.isoformat()),
        )


_CALENDAR = handed.Handed(lambda: handed.packed(Calendar()))
"""The nation's notices as shipped."""


def _service(answer: Mapping[str, Any]) -> Service:
    def serve(_: Job) -> Variables:
        if "error" in answer:
            raise ServiceError(answer["error"], answer["error"], bpmn_error=answer["error"])
        if "fails" in answer:
            raise ServiceError(answer["fails"], answer["fails"])
        result: Variables = answer.get("result", {})
        return result

    return serve


def play_process(models: Models, scenario: Scenario, outcome: Outcome) -> None:
    """One scenario on a fresh instance; it is started first unless it says how itself."""
    key = models.find(scenario)
    outcome.definition = key
    player = ProcessPlayer(models, key, scenario, scenario.clock)
    steps = scenario.steps
    if not any(step.verb == "start" for step in steps):
        steps = (Step("start", None, None, None, "", "0", scenario.document, scenario.place), *steps)
    follow(player, steps, outcome)
    outcome.visits = player.visits()


def _ended(player: ProcessPlayer, look: Snapshot, wanted: bool, place: Steps) -> Iterator[Mismatch]:
    if look.ended != wanted:
        zh = "流程是否结束不符"
        yield Mismatch(place, zh, "whether the process ended differs", str(wanted).lower(), player.waiting())


def _tasks(player: ProcessPlayer, look: Snapshot, wanted: Sequence[str], place: Steps) -> Iterator[Mismatch]:
    del player
    yield from matching.same_set(place, wanted, [task.element_id for task in look.tasks], "等待办理的任务")


def _some_tasks(player: ProcessPlayer, look: Snapshot, wanted: Sequence[str], place: Steps) -> Iterator[Mismatch]:
    del player
    yield from matching.among(place, wanted, [task.element_id for task in look.tasks], "等待办理的任务")


def _no_tasks(player: ProcessPlayer, look: Snapshot, wanted: Sequence[str], place: Steps) -> Iterator[Mismatch]:
    del player
    yield from matching.none_of(place, wanted, [task.element_id for task in look.tasks], "等待办理的任务")


def _jobs(player: ProcessPlayer, look: Snapshot, wanted: Sequence[str], place: Steps) -> Iterator[Mismatch]:
    del player
    yield from matching.same_set(place, wanted, [job.element_id for job in look.jobs], "等待的服务")


def _variables(player: ProcessPlayer, look: Snapshot, wanted: Mapping[str, Any], place: Steps) -> Iterator[Mismatch]:
    del player
    for path, value in wanted.items():
        yield from matching.contained((*place, path), value, matching.walk(look.variables, path))


def _messages(player: ProcessPlayer, look: Snapshot, wanted: Sequence[Any], place: Steps) -> Iterator[Mismatch]:
    del look
    names = [name for name, _ in player.sent]
    yield from matching.in_order(place, [row["name"] for row in wanted], names, "发出的消息")
    for number, row in enumerate(wanted):
        mine = [payload for name, payload in player.sent if name == row["name"]]
        if "times" in row:
            yield from matching.equal((*place, number, "times"), row["times"], len(mine), "消息份数")
        if mine:
            yield from matching.contained((*place, number, "payload"), row.get("payload", {}), dict(mine[-1]))


def _signals(player: ProcessPlayer, look: Snapshot, wanted: Sequence[str], place: Steps) -> Iterator[Mismatch]:
    del look
    yield from matching.in_order(place, wanted, player.signals, "发出的信号")


def _incidents(player: ProcessPlayer, look: Snapshot, wanted: Sequence[str], place: Steps) -> Iterator[Mismatch]:
    del player
    if sorted(wanted) != sorted(each.element_id for each in look.incidents):
        found = [f"{each.element_id}: {each.code} {each.message}" for each in look.incidents]
        yield Mismatch(place, "异常不符", "incidents differ", matching.shown(list(wanted)), matching.shown(found))


def _path(player: ProcessPlayer, look: Snapshot, wanted: Sequence[str], place: Steps) -> Iterator[Mismatch]:
    del look
    yield from matching.in_order(place, wanted, player.path, "路径")


def _not_visited(player: ProcessPlayer, look: Snapshot, wanted: Sequence[str], place: Steps) -> Iterator[Mismatch]:
    del look
    yield from matching.none_of(place, wanted, player.path, "路径")


def _holds(player: ProcessPlayer, look: Snapshot, wanted: Sequence[str], place: Steps) -> Iterator[Mismatch]:
    del look
    for number, source in enumerate(wanted):
        if player.value(source if source.startswith("=") else f"={source}") is not True:
            yield Mismatch((*place, number), f"不成立：{source}", f"does not hold: {source}", "true", "false")


CHECKS: Final[Mapping[str, Callable[[ProcessPlayer, Snapshot, Any, Steps], Iterator[Mismatch]]]] = {
    "ended": _ended,
    "tasks": _tasks,
    "someTasks": _some_tasks,
    "noTasks": _no_tasks,
    "jobs": _jobs,
    "variables": _variables,
    "messages": _messages,
    "signals": _signals,
    "incidents": _incidents,
    "path": _path,
    "notVisited": _not_visited,
    "holds": _holds,
}
