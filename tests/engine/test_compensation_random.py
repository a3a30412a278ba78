"""Random nested models, completed in a random order: each completed activity is undone exactly once, in reverse where order counts."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.contract import Expressions
from tests.engine.compensating import CANCEL, compensate, undo
from tests.engine.kit import Driver, chain, document, end, loop, node, start, throw, user
from tests.engine.scoping import sub

RUNS = int(os.environ.get("LIANBAN_TEST_RUNS", "120")) // 2
LONG = settings(
    max_examples=RUNS,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)


@dataclass
class Build:
    """Blocks of one model: each is its XML, first and last node; ``kept`` are the tasks with a handler."""

    draw: st.DrawFn
    ids: count[int] = field(default_factory=count)
    kept: set[str] = field(default_factory=set)

    def block(self, depth: int) -> tuple[str, str, str]:
        kinds = ["task", "task", "many"] + (["sequence", "parallel", "sub", "sub"] if depth else [])
        kind: str = self.draw(st.sampled_from(kinds))
        number = next(self.ids)
        if kind in {"task", "many"}:
            return self._task(f"task{number}", many=kind == "many")
        if kind == "sub":
            xml, first, _ = self.block(depth - 1)
            inner = start(f"begin{number}") + xml + chain(f"begin{number}", first)
            many = loop("=[1, 2]", "one") if self.draw(st.booleans()) else ""
            return node("subProcess", f"scope{number}", many + inner), f"scope{number}", f"scope{number}"
        one, two = self.block(depth - 1), self.block(depth - 1)
        if kind == "sequence":
            return one[0] + two[0] + chain(one[2], two[1]), one[1], two[2]
        fork, join = f"f{number}", f"j{number}"
        gates = node("parallelGateway", fork) + node("parallelGateway", join)
        flows = chain(fork, one[1]) + chain(one[2], join) + chain(fork, two[1]) + chain(two[2], join)
        return gates + one[0] + two[0] + flows, fork, join

    def _task(self, name: str, *, many: bool) -> tuple[str, str, str]:
        xml = user(name, loop("=[1, 2, 3]", "one") if many else "")
        if self.draw(st.booleans()):
            self.kept.add(name)
            xml += undo(name)
        return xml, name, name


def started(d: Driver) -> list[str]:
    return [element for element, kind in d.history if kind == "entered" and element.startswith("undo_")]


def finish(d: Driver, draw: st.DrawFn, *, until: str) -> Counter[str]:
    """Complete open tasks in random order until only ``until`` is open; how often each was completed."""
    done: Counter[str] = Counter()
    while d.tasks() != [until]:
        task = draw(st.sampled_from(sorted((t for t in d.open.values() if t.element_id != until), key=lambda t: t.id)))
        d._took(d.engine.complete_task("d1", d.last.state, task.id, {}, d.env))
        done[task.element_id] += 1
    return done


@LONG
@given(data=st.data())
def test_all_that_was_done_is_undone_once(feel: Expressions, data: st.DataObject) -> None:
    build = Build(data.draw)
    xml, first, last = build.block(3)
    again = throw("t", compensate()) + user("after") + throw("once_more", compensate())
    d = Driver(
        document(
            start()
            + xml
            + user("ask")
            + again
            + end()
            + chain("start", first)
            + chain(last, "ask", "t", "after", "once_more", "end")
        ),
        feel,
    ).start()
    done = finish(d, data.draw, until="ask")
    d.complete("ask")
    wanted = {f"undo_{name}": times for name, times in done.items() if name in build.kept}
    assert Counter(d.tasks()) == Counter(wanted) + (Counter() if wanted else Counter(["after"]))
    assert finish(d, data.draw, until="after") == Counter(wanted)
    d.complete("after")
    assert d.ended


@LONG
@given(data=st.data())
def test_a_cancelled_transaction_undoes_all_that_was_done(feel: Expressions, data: st.DataObject) -> None:
    build = Build(data.draw)
    xml, first, last = build.block(2)
    inner = start("ts") + xml + user("ask") + end("no", CANCEL) + chain("ts", first) + chain(last, "ask", "no")
    tx = node("transaction", "tx", inner) + node("boundaryEvent", "cancelled", CANCEL, attachedToRef="tx")
    d = Driver(
        document(
            start()
            + tx
            + user("good")
            + user("bad")
            + end()
            + chain("start", "tx", "good", "end")
            + chain("cancelled", "bad", "end")
        ),
        feel,
    ).start()
    done = finish(d, data.draw, until="ask")
    d.complete("ask")
    wanted = {f"undo_{name}": times for name, times in done.items() if name in build.kept}
    assert finish(d, data.draw, until="bad") == Counter(wanted)
    assert not any(row.startswith("ask") for row in d.tasks())


@LONG
@given(data=st.data())
def test_a_line_is_undone_in_reverse_also_when_one_waits_for_the_other(feel: Expressions, data: st.DataObject) -> None:
    names = [f"a{n}" for n in range(data.draw(st.integers(1, 5)))]
    split = data.draw(st.integers(0, len(names)))
    inner = (
        "".join(user(n) + undo(n) for n in names[split:]) + chain("is", *names[split:]) if split < len(names) else ""
    )
    outer = "".join(user(n) + undo(n) for n in names[:split])
    nested = sub("s", start("is") + inner) if inner else ""
    line = [*names[:split], *(["s"] if nested else [])]
    ordered = data.draw(st.booleans())
    told = '<lianban:compensation order="sequential"/>' if ordered else ""
    d = Driver(
        document(start() + outer + nested + throw("t", compensate(), told) + end() + chain("start", *line, "t", "end")),
        feel,
    ).start()
    for name in names:
        d.complete(name)
    if ordered:
        for name in reversed(names):
            assert d.tasks() == [f"undo_{name}"]
            d.complete(f"undo_{name}")
    else:
        finish_all = sorted(d.open.values(), key=lambda t: t.id)
        for task in finish_all:
            d._took(d.engine.complete_task("d1", d.last.state, task.id, {}, d.env))
    assert started(d) == [f"undo_{name}" for name in reversed(names)]
    assert d.ended
