"""Random block-structured models, random order of acts: nothing is lost or doubled, and saving changes nothing."""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import execution
from engine.contract import Expressions, OpenTask
from engine.spiff.workflow import Instance, Token
from tests.engine.kit import Driver
from tests.engine.shapes import Build, block, wild


def live(d: Driver, variables: dict[str, Any]) -> Instance:
    """The same start, kept in memory."""
    instance = Instance(d.engine._library.get("d1"), "p", d.env, d.engine.evaluator, d.engine._limits)
    instance.key = "live"
    execution.begin(instance, None, variables)
    return instance


def waiting(instance: Instance) -> list[Token]:
    return [t for t in instance.tasks.values() if "task" in t.internal_data]


def labels(tokens: list[Token]) -> list[tuple[str, int | None]]:
    return [(t.task_spec.node.id, t.internal_data.get("i")) for t in tokens]


RUNS = int(os.environ.get("LIANBAN_TEST_RUNS", "120"))
"""How many models each test draws; 10,000 were run once for docs/conformance.md."""
LONG = settings(
    max_examples=RUNS,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)


class Twins:
    """An instance that is saved and loaded at every step, and the same one kept in memory: they must never differ."""

    def __init__(self, xml: bytes, feel: Expressions, variables: dict[str, Any]) -> None:
        self.saved = Driver(xml, feel)
        self.saved.start(variables)
        self.live = live(self.saved, dict(variables))

    def compare(self) -> None:
        open_ = sorted(str((t.element_id, t.loop_index)) for t in self.saved.open.values())
        assert sorted(map(str, labels(waiting(self.live)))) == open_
        assert self.saved.variables == self.live.task_tree.vars

    def complete(self, task: OpenTask, data: dict[str, Any]) -> None:
        number = task.id.rpartition("-")[2]
        same = next(t for t in waiting(self.live) if t.internal_data["task"][0].rpartition("-")[2] == number)
        d = self.saved
        d._took(d.engine.complete_task("d1", d.last.state, task.id, data, d.env))
        self.live.env = d.env
        execution.complete(self.live, same, data)

    def message(self, name: str, payload: dict[str, Any]) -> bool:
        self.live.env = self.saved.env
        heard = self.saved.message(name, None, **payload)
        assert execution.deliver(self.live, name, payload, None) is heard
        return heard

    def pass_time(self) -> None:
        self.saved.after(hours=2)
        self.live.env = self.saved.env
        execution.fire_due(self.live)

    def move(self) -> None:
        """To a version that says the same: nothing may open, close or change."""
        d = self.saved
        d.sources["same"] = d.sources["d1"]
        d._took(d.engine.move("d1", d.last.state, "same", {}, d.env))
        assert (d.last.opened_tasks, d.last.closed_tasks, d.last.history) == ((), (), ())
        assert (d.last.opened_timers, d.last.closed_timers) == ((), ())
        assert (d.last.opened_subscriptions, d.last.closed_subscriptions) == ((), ())

    def assert_over(self) -> None:
        assert self.saved.ended
        assert self.saved.incidents() == []
        assert self.live.completed
        assert len(self.live.tasks) == 1
        assert not any(self.saved.waiting.values())


@LONG
@given(shape=block, data=st.data())
def test_nothing_is_lost_or_doubled_with_or_without_saving(shape: Any, data: st.DataObject, feel: Expressions) -> None:
    build = Build()
    twins = Twins(build.document(shape), feel, build.variables)
    d = twins.saved
    done: Counter[str] = Counter()
    taken: Counter[str] = Counter()
    for step in range(1, 500):
        twins.compare()
        if d.ended:
            break
        heard = sorted(
            {s.message for s in d.engine.inspect("d1", d.last.state).subscriptions if build.messages[s.message]}
        )
        acts: list[Any] = [*d.open.values(), *heard, None]
        act = acts[data.draw(st.integers(0, len(acts) - 1))]
        if data.draw(st.integers(0, 4)) == 0:
            twins.move()
        if act is None:
            twins.pass_time()
        elif isinstance(act, str):
            assert twins.message(act, {"done": step})
            taken[act] += 1
        else:
            done[act.element_id] += 1
            twins.complete(act, {"done": step})
    twins.assert_over()
    assert done == +build.expected
    assert taken == +Counter(build.messages)
    for name, times in [*build.expected.items(), *build.messages.items()]:
        assert times == 0 or name in d.variables or name.startswith("undo_")


@LONG
@given(shape=wild, data=st.data())
def test_interruptions_leave_nothing_behind_with_or_without_saving(
    shape: Any, data: st.DataObject, feel: Expressions
) -> None:
    build = Build()
    twins = Twins(build.document(shape, errors=("E",)), feel, build.variables)
    d = twins.saved
    names = ["boundary", "handler", *build.messages]
    for step in range(600):
        twins.compare()
        if d.ended:
            break
        act = data.draw(st.integers(0, 9)) if step < 40 else 5 + step % 5  # at last everything is done
        if act == 4:
            twins.move()
        elif act < 3:
            twins.message(names[data.draw(st.integers(0, len(names) - 1))], {"done": step})
        elif act == 3:
            twins.pass_time()
        elif act == 9 and step >= 40:
            twins.pass_time()
            for name in build.messages:
                twins.message(name, {"done": step})
        elif d.open:
            open_ = list(d.open.values())
            twins.complete(open_[data.draw(st.integers(0, len(open_) - 1))], {"done": step})
    twins.assert_over()
