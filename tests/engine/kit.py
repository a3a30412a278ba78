"""Tiny diagrams and a harness to run them: the lines of a process body in, a driver with save and load at every step out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from engine.contract import (
    Advance,
    CalledProcess,
    Decide,
    Environment,
    Expressions,
    OpenTask,
    Parsed,
    Service,
    Severity,
)
from engine.errors import DefinitionRefused
from engine.facade import Engine
from engine.limits import Limits

HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" '
    'xmlns:lianban="https://lianban.org/schema/bpmn/1.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="defs" targetNamespace="t">'
)
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def flow(source: str, target: str, condition: str | None = None, *, id: str | None = None) -> str:
    name = id or f"f_{source}_{target}"
    inner = "" if condition is None else f"<bpmn:conditionExpression>={condition}</bpmn:conditionExpression>"
    inner = inner.replace("<", "&lt;").replace("&lt;bpmn:c", "<bpmn:c").replace("&lt;/bpmn:c", "</bpmn:c")
    return f'<bpmn:sequenceFlow id="{name}" sourceRef="{source}" targetRef="{target}">{inner}</bpmn:sequenceFlow>'


def chain(*ids: str) -> str:
    return "".join(flow(a, b) for a, b in pairwise(ids))


def node(kind: str, id: str, inner: str = "", ext: str = "", **attributes: str) -> str:
    attrs = "".join(f' {k}="{v}"' for k, v in attributes.items())
    extension = f"<bpmn:extensionElements>{ext}</bpmn:extensionElements>" if ext else ""
    return f'<bpmn:{kind} id="{id}"{attrs}>{extension}{inner}</bpmn:{kind}>'


def io(inputs: Mapping[str, str] | None = None, outputs: Mapping[str, str] | None = None) -> str:
    rows = "".join(f'<zeebe:input source="{quote(s)}" target="{t}"/>' for t, s in (inputs or {}).items())
    rows += "".join(f'<zeebe:output source="{quote(s)}" target="{t}"/>' for t, s in (outputs or {}).items())
    return f"<zeebe:ioMapping>{rows}</zeebe:ioMapping>"


def quote(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")


def start(id: str = "start", inner: str = "", ext: str = "", **attributes: str) -> str:
    return node("startEvent", id, inner, ext, **attributes)


def end(id: str = "end", inner: str = "", ext: str = "") -> str:
    return node("endEvent", id, inner, ext)


def user(id: str, inner: str = "", ext: str = "", **attributes: str) -> str:
    form = (
        '<zeebe:userTask/><zeebe:formDefinition formId="form1"/><zeebe:assignmentDefinition candidateGroups="CLERK"/>'
    )
    return node("userTask", id, inner, form + ext, **attributes)


def service(id: str, kind: str, inner: str = "", ext: str = "") -> str:
    return node("serviceTask", id, inner, f'<zeebe:taskDefinition type="{kind}"/>' + ext)


def script(id: str, expression: str, variable: str, inner: str = "") -> str:
    return node(
        "scriptTask", id, inner, f'<zeebe:script expression="={quote(expression)}" resultVariable="{variable}"/>'
    )


def timer(text: str, kind: str = "timeDuration") -> str:
    return f"<bpmn:timerEventDefinition><bpmn:{kind}>{text}</bpmn:{kind}></bpmn:timerEventDefinition>"


def message(ref: str) -> str:
    return f'<bpmn:messageEventDefinition messageRef="{ref}"/>'


def signal(ref: str) -> str:
    return f'<bpmn:signalEventDefinition signalRef="{ref}"/>'


def condition(text: str, **filters: str) -> str:
    ext = "".join(f' {k}="{v}"' for k, v in filters.items())
    told = f"<bpmn:extensionElements><zeebe:conditionalFilter{ext}/></bpmn:extensionElements>" if filters else ""
    inner = f"<bpmn:condition>={quote(text)}</bpmn:condition>"
    return f"<bpmn:conditionalEventDefinition>{told}{inner}</bpmn:conditionalEventDefinition>"


def catch(id: str, definition: str, ext: str = "") -> str:
    return node("intermediateCatchEvent", id, definition, ext)


def throw(id: str, definition: str = "", ext: str = "") -> str:
    return node("intermediateThrowEvent", id, definition, ext)


def boundary(id: str, host: str, definition: str, *, interrupting: bool = True, ext: str = "") -> str:
    return node("boundaryEvent", id, definition, ext, attachedToRef=host, cancelActivity=str(interrupting).lower())


def loop(
    collection: str = "",
    element: str = "",
    out: str = "",
    out_element: str = "",
    *,
    sequential: bool = False,
    condition: str = "",
) -> str:
    attrs = {
        "inputCollection": collection,
        "inputElement": element,
        "outputCollection": out,
        "outputElement": out_element,
    }
    zb = "".join(f' {k}="{quote(v)}"' for k, v in attrs.items() if v)
    stop = f"<bpmn:completionCondition>{quote(condition)}</bpmn:completionCondition>" if condition else ""
    return (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}"><bpmn:extensionElements>'
        f"<zeebe:loopCharacteristics{zb}/></bpmn:extensionElements>{stop}</bpmn:multiInstanceLoopCharacteristics>"
    )


def declare(
    messages: Sequence[str] = (),
    signals: Sequence[str] = (),
    errors: Sequence[str] = (),
    escalations: Sequence[str] = (),
) -> str:
    rows = [f'<bpmn:message id="m_{m}" name="{m}"/>' for m in messages]
    rows += [f'<bpmn:signal id="s_{s}" name="{s}"/>' for s in signals]
    rows += [f'<bpmn:error id="e_{e}" name="{e}" errorCode="{e}"/>' for e in errors]
    rows += [f'<bpmn:escalation id="x_{x}" name="{x}" escalationCode="{x}"/>' for x in escalations]
    return "".join(rows)


def document(*bodies: str, declarations: str = "", ids: Sequence[str] = ("p",)) -> bytes:
    processes = "".join(
        f'<bpmn:process id="{id}" name="{id}" isExecutable="true">{body}</bpmn:process>'
        for id, body in zip(ids, bodies, strict=True)
    )
    return f"{HEAD}{declarations}{processes}</bpmn:definitions>".encode()


class Clock:
    def __init__(self) -> None:
        self.now = START

    @staticmethod
    def schedule(literal: str, now: datetime) -> datetime:
        units = {"S": 1, "M": 60, "H": 3600}
        if literal.startswith("PT"):
            return now + timedelta(seconds=int(literal[2:-1]) * units[literal[-1]])
        if literal.startswith("P"):
            return now + timedelta(days=int(literal[1:-1]))
        if literal.endswith("wd"):
            return now + timedelta(days=int(literal[:-2]))
        return datetime.fromisoformat(literal)


class Driver:
    """Runs one instance of a model; every command works on the saved state only."""

    def __init__(
        self,
        xml: bytes,
        expressions: Expressions,
        *,
        services: Mapping[str, Service] | None = None,
        limits: Limits | None = None,
        decide: Decide | None = None,
    ) -> None:
        self.sources: dict[str, bytes] = {}
        self.others: dict[str, Parsed] = {}
        self.asked: list[CalledProcess] = []
        self.engine = Engine(expressions, source=self.sources.__getitem__, limits=limits)
        self.parsed: Parsed = self.engine.parse(xml)
        self.sources["d1"] = self.parsed.xml
        self.clock = Clock()
        self.services = dict(services or {})
        self.decide = decide
        self.constants: dict[str, Any] = {}
        self.open: dict[str, OpenTask] = {}
        self.waiting: dict[str, set[str]] = {"timers": set(), "subscriptions": set(), "jobs": set(), "incidents": set()}
        self.history: list[tuple[str, str]] = []
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.seq = 0
        self.last: Advance

    @property
    def env(self) -> Environment:
        return Environment(
            now=self.clock.now,
            schedule=self.clock.schedule,
            constants=self.constants,
            services=self.services,
            decide=self.decide,
            find_called=self.find_called,
        )

    def deploy(self, definition_id: str, xml: bytes) -> Driver:
        """Another definition that can be called."""
        self.others[definition_id] = self.engine.parse(xml)
        self.sources[definition_id] = self.others[definition_id].xml
        return self

    def find_called(self, called: CalledProcess) -> str | None:
        """The one deployed last that holds the process (with this tag)."""
        self.asked.append(called)
        for definition_id, parsed in reversed(self.others.items()):
            for process in parsed.model.processes:
                tagged = called.binding != "versionTag" or called.version_tag == process.version_tag
                if process.id == called.process_id and tagged:
                    return definition_id
        return None

    def _took(self, advance: Advance) -> Driver:
        self.last = advance
        for task in advance.closed_tasks:
            del self.open[task.id]
        self.open |= {t.id: t for t in advance.opened_tasks}
        self.history += [(e.element_id, e.kind) for e in advance.history]
        self.sent += [(m.message, dict(m.payload)) for m in advance.messages]
        snapshot = self.engine.inspect("d1", advance.state)
        self._follow("timers", advance.opened_timers, advance.closed_timers, snapshot.timers)
        self._follow(
            "subscriptions", advance.opened_subscriptions, advance.closed_subscriptions, snapshot.subscriptions
        )
        self._follow("jobs", advance.opened_jobs, advance.closed_jobs, snapshot.jobs)
        self._follow("incidents", advance.incidents, advance.resolved_incidents, snapshot.incidents)
        numbers = [e.seq for e in advance.history]
        assert numbers == list(range(self.seq + 1, self.seq + 1 + len(numbers)))
        self.seq += len(numbers)
        assert sorted(t.id for t in snapshot.tasks) == sorted(self.open)
        assert snapshot.active_elements == advance.active_elements
        assert snapshot.ad_hocs == advance.ad_hocs
        return self

    def _follow(self, kind: str, opened: Sequence[Any], closed: Sequence[str], there: Sequence[Any]) -> None:
        """What was opened and not closed is what a look at the state shows."""
        held = self.waiting[kind]
        assert held >= set(closed)
        held -= set(closed)
        assert held.isdisjoint(row.id for row in opened)
        held |= {row.id for row in opened}
        assert held == {row.id for row in there}

    def start(
        self,
        variables: Mapping[str, Any] | None = None,
        *,
        process: str = "p",
        message: str | None = None,
        signal: str | None = None,
        at: str | None = None,
    ) -> Driver:
        self.open.clear()
        self.seq = 0
        for held in self.waiting.values():
            held.clear()
        given = variables or {}
        return self._took(
            self.engine.start("d1", process, self.env, given, message=message, signal=signal, start_event=at)
        )

    def set(self, scope: str | None = None, /, **values: Any) -> Driver:
        return self._took(self.engine.set_variables("d1", self.last.state, values, self.env, scope=scope))

    def resume(self, state: bytes) -> Driver:
        """Go on with a saved state as if this driver had made it."""
        snapshot = self.engine.inspect("d1", state)
        self.open = {t.id: t for t in snapshot.tasks}
        self.waiting = {kind: {row.id for row in getattr(snapshot, kind)} for kind in self.waiting}
        self.seq = json.loads(state)["history"]
        self.last = self.engine.fire_timers("d1", state, self.env)
        return self

    def tasks(self) -> list[str]:
        return sorted(t.element_id for t in self.open.values())

    def task(self, element: str, index: int | None = None) -> OpenTask:
        return next(
            t for t in self.open.values() if t.element_id == element and (index is None or t.loop_index == index)
        )

    def complete(self, element: str, index: int | None = None, /, **data: Any) -> Driver:
        return self._took(
            self.engine.complete_task("d1", self.last.state, self.task(element, index).id, data, self.env)
        )

    def message(self, name: str, key: str | None = None, /, **payload: Any) -> bool:
        advance = self.engine.deliver_message("d1", self.last.state, name, payload, self.env, correlation_key=key)
        if advance is not None:
            self._took(advance)
        return advance is not None

    def signal(self, name: str, **payload: Any) -> bool:
        advance = self.engine.deliver_signal("d1", self.last.state, name, payload, self.env)
        if advance is not None:
            self._took(advance)
        return advance is not None

    def after(self, **delta: int) -> Driver:
        self.clock.now += timedelta(**delta)
        return self._took(self.engine.fire_timers("d1", self.last.state, self.env))

    def job(self, element: str) -> str:
        return next(j.id for j in self.engine.inspect("d1", self.last.state).jobs if j.element_id == element)

    def incidents(self) -> list[tuple[str, str]]:
        return [(i.element_id, i.code) for i in self.engine.inspect("d1", self.last.state).incidents]

    def retry(self) -> Driver:
        incident = self.engine.inspect("d1", self.last.state).incidents[0]
        return self._took(self.engine.retry("d1", self.last.state, incident.id, self.env))

    @property
    def variables(self) -> dict[str, Any]:
        return dict(self.last.variables)

    @property
    def ended(self) -> bool:
        return self.last.ended


Drive = Callable[..., Driver]
"""The fixture ``drive``: makes a driver of a model."""

NO_SOURCE: dict[str, bytes] = {}


def findings(xml: bytes, feel: Expressions, limits: Limits | None = None) -> list[tuple[str, str | None]]:
    """What a model is refused for: rule and element of each error. Every finding has both languages, a hint and its place."""
    with pytest.raises(DefinitionRefused) as refused:
        Engine(feel, source=NO_SOURCE.__getitem__, limits=limits).parse(xml)
    for finding in refused.value.findings:
        assert finding.message_zh
        assert finding.message_en
        assert finding.hint_zh
        assert finding.rule == "badFeel" or "{" not in finding.message_en + finding.message_zh
        assert finding.line or finding.element_id is None
    return [(f.rule, f.element_id) for f in refused.value.findings if f.severity is Severity.ERROR]
