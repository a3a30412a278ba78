"""Random block-structured models, random order of acts: nothing is lost or doubled, and saving changes nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import execution
from engine.contract import Expressions
from engine.spiff.workflow import Instance, Token
from tests.engine.kit import (
    Driver,
    boundary,
    chain,
    declare,
    document,
    end,
    flow,
    io,
    message,
    node,
    start,
    timer,
    user,
)

leaf = st.sampled_from([("task",), ("timed",)])


def blocks(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Blocks of blocks in which every path is taken as often as can be reckoned."""
    return st.one_of(
        st.tuples(st.just("seq"), st.lists(inner, min_size=1, max_size=3)),
        st.tuples(st.just("and"), st.lists(inner, min_size=2, max_size=3)),
        st.tuples(st.just("xor"), st.integers(0, 1), st.lists(inner, min_size=2, max_size=2)),
        st.tuples(st.just("or"), st.lists(st.tuples(st.booleans(), inner), min_size=2, max_size=3)),
        st.tuples(st.just("loop"), st.integers(1, 3), inner),
        st.tuples(st.just("sub"), inner),
        st.tuples(st.just("multi"), st.integers(0, 3), st.booleans()),
    )


def interruptible(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """The same, and sub-processes that messages and errors interrupt."""
    guarded = st.tuples(
        st.just("guarded"), st.booleans(), st.booleans(), st.sampled_from(["", "boundary", "handler"]), inner
    )
    return st.one_of(blocks(inner), guarded)


block = st.recursive(leaf, blocks, max_leaves=8)
wild = st.recursive(leaf, interruptible, max_leaves=8)


@dataclass
class Build:
    """The drawing of a model and what must come of it: how often each task is done."""

    parts: list[str] = field(default_factory=list)
    variables: dict[str, Any] = field(default_factory=dict)
    loops: dict[str, str] = field(default_factory=dict)
    expected: Counter[str] = field(default_factory=Counter)
    number: int = 0

    def name(self, prefix: str) -> str:
        self.number += 1
        return f"{prefix}{self.number}"

    def draw(self, shape: Any, times: int) -> tuple[str, str]:
        """Draw a block; returns its first and last node. ``times`` is how often it will be run."""
        made: tuple[str, str] = getattr(self, f"_{shape[0]}")(*shape[1:], times=times)
        return made

    def _task(self, times: int) -> tuple[str, str]:
        name = self.name("t")
        self.parts.append(user(name, ext=io(outputs={name: "=done"})))
        self.expected[name] += times
        return name, name

    def _timed(self, times: int) -> tuple[str, str]:
        name, _ = self._task(times)
        late = f"{name}_late"
        self.parts.append(
            boundary(late, name, timer("PT1H"), interrupting=False) + end(f"{late}_end") + chain(late, f"{late}_end")
        )
        return name, name

    def _seq(self, shapes: list[Any], times: int) -> tuple[str, str]:
        ends = [self.draw(s, times) for s in shapes]
        for (_, last), (first, _) in pairwise(ends):
            self.parts.append(flow(last, first))
        return ends[0][0], ends[-1][1]

    def _and(self, shapes: list[Any], times: int) -> tuple[str, str]:
        split, join = self.name("g"), self.name("g")
        self.parts.append(node("parallelGateway", split) + node("parallelGateway", join))
        for shape in shapes:
            first, last = self.draw(shape, times)
            self.parts.append(flow(split, first) + flow(last, join))
        return split, join

    def _xor(self, chosen: int, shapes: list[Any], times: int) -> tuple[str, str]:
        split, join = self.name("g"), self.name("g")
        self.variables[split] = chosen
        ends = [self.draw(s, times if i == chosen else 0) for i, s in enumerate(shapes)]
        self.parts.append(
            node("exclusiveGateway", split, default=f"f_{split}_{ends[1][0]}") + node("exclusiveGateway", join)
        )
        self.parts.append(flow(split, ends[0][0], f"{split} = 0") + flow(split, ends[1][0]))
        self.parts += [flow(last, join) for _, last in ends]
        return split, join

    def _or(self, branches: list[tuple[bool, Any]], times: int) -> tuple[str, str]:
        split, join = self.name("g"), self.name("g")
        skip = self.name("n")
        self.parts.append(
            node("inclusiveGateway", split, default=f"f_{split}_{skip}")
            + node("inclusiveGateway", join)
            + node("task", skip)
        )
        self.parts.append(flow(split, skip) + flow(skip, join))
        for index, (taken, shape) in enumerate(branches):
            self.variables[f"{split}_{index}"] = taken
            first, last = self.draw(shape, times if taken else 0)
            self.parts.append(flow(split, first, f"{split}_{index}") + flow(last, join))
        return split, join

    def _loop(self, rounds: int, shape: Any, times: int) -> tuple[str, str]:
        merge, again, count = self.name("g"), self.name("g"), self.name("c")
        first, last = self.draw(shape, times * rounds)
        counter = f'<zeebe:script expression="=if {count} = null or {count} = {rounds} then 1 else {count} + 1" resultVariable="{count}"/>'
        self.parts.append(
            node("exclusiveGateway", merge)
            + node("exclusiveGateway", again, default=f"f_{again}_{merge}")
            + node("scriptTask", count, ext=counter)
        )
        out = self.name("n")
        self.parts.append(
            node("task", out)
            + chain(merge, first)
            + chain(last, count, again, merge)
            + flow(again, out, f"{count} >= {rounds}")
        )
        return merge, out

    def _sub(self, shape: Any, times: int) -> tuple[str, str]:
        name = self.name("s")
        outer, self.parts = self.parts, []
        first, last = self.draw(shape, times)
        body = (
            "".join(self.parts)
            + start(f"{name}_s")
            + end(f"{name}_e")
            + chain(f"{name}_s", first)
            + chain(last, f"{name}_e")
        )
        self.parts = outer
        self.parts.append(node("subProcess", name, body))
        return name, name

    def _guarded(
        self, boundary_interrupts: bool, handler_interrupts: bool, error: str, shape: Any, times: int
    ) -> tuple[str, str]:
        """A sub-process with a boundary message, a message handler and, at its end, an error that one of both kinds catches."""
        name = self.name("s")
        outer, self.parts = self.parts, []
        first, last = self.draw(shape, times)
        ending = end(f"{name}_e", '<bpmn:errorEventDefinition errorRef="e_E"/>' if error else "")
        body = "".join(self.parts) + start(f"{name}_s") + ending + chain(f"{name}_s", first) + chain(last, f"{name}_e")
        self.parts = outer
        body += self._handler(f"{name}_h", message("m_handler"), interrupting=handler_interrupts)
        if error == "handler":
            body += self._handler(f"{name}_x", '<bpmn:errorEventDefinition errorRef="e_E"/>', interrupting=True)
        after = self.name("g")
        self.parts.append(node("subProcess", name, body) + node("exclusiveGateway", after) + flow(name, after))
        self.parts.append(
            boundary(f"{name}_b", name, message("m_boundary"), interrupting=boundary_interrupts) + user(f"{name}_bt")
        )
        self.parts.append(chain(f"{name}_b", f"{name}_bt", after if boundary_interrupts else f"{name}_be"))
        if not boundary_interrupts:
            self.parts.append(end(f"{name}_be"))
        if error == "boundary":
            self.parts.append(
                boundary(f"{name}_err", name, "<bpmn:errorEventDefinition/>") + flow(f"{name}_err", after)
            )
        return name, after

    @staticmethod
    def _handler(name: str, trigger: str, *, interrupting: bool) -> str:
        inner = (
            start(f"{name}s", trigger, isInterrupting=str(interrupting).lower()) + user(f"{name}t") + end(f"{name}e")
        )
        return node("subProcess", name, inner + chain(f"{name}s", f"{name}t", f"{name}e"), triggeredByEvent="true")

    def _multi(self, items: int, sequential: bool, times: int) -> tuple[str, str]:
        name = self.name("t")
        loop = (
            f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}"><bpmn:extensionElements>'
            f'<zeebe:loopCharacteristics inputCollection="={list(range(items))}" inputElement="item" outputCollection="{name}" outputElement="=done"/>'
            "</bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>"
        )
        self.parts.append(user(name, loop))
        self.expected[name] += times * items
        return name, name


def live(d: Driver, variables: dict[str, Any]) -> Instance:
    """The same start, kept in memory."""
    instance = Instance(d.engine._definition("d1"), "p", d.env, d.engine._evaluator, d.engine._limits)
    instance.key = "live"
    execution.begin(instance, None, variables)
    return instance


def waiting(instance: Instance) -> list[Token]:
    return [t for t in instance.tasks.values() if "task" in t.internal_data]


def labels(tokens: list[Token]) -> list[tuple[str, int | None]]:
    return [(t.task_spec.node.id, t.internal_data.get("i")) for t in tokens]


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(shape=block, data=st.data())
def test_nothing_is_lost_or_doubled_with_or_without_saving(shape: Any, data: st.DataObject, feel: Expressions) -> None:
    build = Build()
    first, last = build.draw(shape, 1)
    xml = document(start() + end() + "".join(build.parts) + chain("start", first) + chain(last, "end"))
    d = Driver(xml, feel)
    d.start(build.variables)
    memory = live(d, dict(build.variables))
    done: Counter[str] = Counter()
    step = 0
    while d.open:
        open_ = list(d.open.values())
        assert sorted(map(str, labels(waiting(memory)))) == sorted(str((t.element_id, t.loop_index)) for t in open_)
        pick = data.draw(st.integers(0, len(open_) - 1))
        task = open_[pick]
        step += 1
        if data.draw(st.integers(0, 5)) == 0:
            d.after(hours=2)
            memory.env = d.env
            execution.fire_due(memory)
        done[task.element_id] += 1
        same = next(t for t in waiting(memory) if labels([t])[0] == (task.element_id, task.loop_index))
        d._took(d.engine.complete_task("d1", d.last.state, task.id, {"done": step}, d.env))
        execution.complete(memory, same, {"done": step})
        assert d.variables == memory.task_tree.vars
        assert step < 500
    assert d.ended
    assert memory.completed
    assert len(memory.tasks) == 1
    assert done == +build.expected
    for name, times in build.expected.items():
        assert times == 0 or name in d.variables


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(shape=wild, data=st.data())
def test_interruptions_leave_nothing_behind_with_or_without_saving(
    shape: Any, data: st.DataObject, feel: Expressions
) -> None:
    build = Build()
    first, last = build.draw(shape, 1)
    declared = declare(messages=["boundary", "handler"], errors=["E"])
    d = Driver(
        document(
            start() + end() + "".join(build.parts) + chain("start", first) + chain(last, "end"), declarations=declared
        ),
        feel,
    )
    d.start(build.variables)
    memory = live(d, dict(build.variables))
    for step in range(400):
        assert sorted(map(str, labels(waiting(memory)))) == sorted(
            str((t.element_id, t.loop_index)) for t in d.open.values()
        )
        assert d.variables == memory.task_tree.vars
        if not d.open:
            break
        act = data.draw(st.integers(0, 9)) if step < 40 else 9
        memory.env = d.env
        if act < 2:
            name = ("boundary", "handler")[act]
            assert d.message(name) is execution.deliver(memory, name, {}, None)
        elif act == 2:
            d.after(hours=2)
            memory.env = d.env
            execution.fire_due(memory)
        else:
            open_ = list(d.open.values())
            task = open_[data.draw(st.integers(0, len(open_) - 1))]
            same = next(
                t
                for t in waiting(memory)
                if t.internal_data["task"][0].rpartition("-")[2] == task.id.rpartition("-")[2]
            )
            d._took(d.engine.complete_task("d1", d.last.state, task.id, {"done": step}, d.env))
            execution.complete(memory, same, {"done": step})
    assert d.ended
    assert d.incidents() == []
    assert memory.completed
    assert len(memory.tasks) == 1
    assert not any(d.waiting.values())
