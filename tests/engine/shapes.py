"""Random block-structured models, drawn together with what must come of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from tests.engine.compensating import undo
from tests.engine.kit import (
    boundary,
    chain,
    condition,
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

leaf = st.sampled_from(
    [
        ("task",),
        ("timed",),
        ("catch",),
        ("receive",),
        ("wait",),
        ("any",),
        ("both",),
        ("condition",),
        ("quantity", 2),
        ("quantity", 3),
    ]
)


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
        st.tuples(st.just("call"), inner),
        st.tuples(st.just("either"), st.integers(0, 1), st.lists(inner, min_size=2, max_size=2)),
        st.tuples(st.just("undone"), st.integers(1, 3), inner),
        st.tuples(st.just("again"), st.integers(1, 3), inner),
        st.tuples(st.just("some"), st.integers(1, 3), st.lists(inner, min_size=2, max_size=3)),
        st.tuples(st.just("adhoc"), st.booleans(), st.lists(inner, min_size=1, max_size=2)),
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
    """The drawing of a model and what must come of it: how often each task is done.

    ``called`` are the processes that call activities call; ``messages`` how often each message must be taken: those with 0
    are waited for, and never sent.
    """

    parts: list[str] = field(default_factory=list)
    called: dict[str, str] = field(default_factory=dict)
    messages: dict[str, int] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)
    expected: Counter[str] = field(default_factory=Counter)
    number: int = 0
    cancelled: bool = False

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

    def document(self, shape: Any, *, errors: tuple[str, ...] = ()) -> bytes:
        """The whole model with the shape between start and end."""
        first, last = self.draw(shape, 1)
        main = start() + end() + "".join(self.parts) + chain("start", first) + chain(last, "end")
        declared = declare(messages=[*self.messages, "boundary", "handler"], errors=errors)
        return document(main, *self.called.values(), declarations=declared, ids=("p", *self.called))

    def _catch(self, times: int) -> tuple[str, str]:
        name = self.name("m")
        self.messages[name] = times
        self.parts.append(node("intermediateCatchEvent", name, message(f"m_{name}"), io(outputs={name: "=done"})))
        return name, name

    def _receive(self, times: int) -> tuple[str, str]:
        name = self.name("m")
        self.messages[name] = times
        self.parts.append(node("receiveTask", name, ext=io(outputs={name: "=done"}), messageRef=f"m_{name}"))
        return name, name

    def _wait(self, times: int) -> tuple[str, str]:  # noqa: ARG002  # time passes for all
        name = self.name("w")
        self.parts.append(node("intermediateCatchEvent", name, timer("PT1H")))
        return name, name

    def _call(self, shape: Any, times: int) -> tuple[str, str]:
        name = self.name("s")
        outer, self.parts = self.parts, []
        first, last = self.draw(shape, times)
        ends = start(f"{name}_s") + end(f"{name}_e") + chain(f"{name}_s", first) + chain(last, f"{name}_e")
        self.called[f"{name}_p"] = "".join(self.parts) + ends
        self.parts = outer
        self.parts.append(node("callActivity", name, ext=f'<zeebe:calledElement processId="{name}_p"/>'))
        return name, name

    def _either(self, chosen: int, shapes: list[Any], times: int) -> tuple[str, str]:
        """An event-based gateway; the message of one branch only is ever sent."""
        split, join = self.name("g"), self.name("g")
        self.parts.append(node("eventBasedGateway", split) + node("exclusiveGateway", join))
        for index, shape in enumerate(shapes):
            runs = times if index == chosen else 0
            event, _ = self._catch(runs)
            first, last = self.draw(shape, runs)
            self.parts.append(chain(split, event, first) + flow(last, join))
        return split, join

    def _undone(self, steps: int, shape: Any, times: int) -> tuple[str, str]:
        """A transaction that is cancelled when all its steps are done: each is undone once."""
        name = self.name("x")
        outer, self.parts = self.parts, []
        around, self.cancelled = self.cancelled, True
        first, last = self.draw(shape, times)
        self.cancelled = around
        done = [self._task(times)[0] for _ in range(steps)]
        body = "".join(self.parts) + start(f"{name}_s") + end(f"{name}_e", "<bpmn:cancelEventDefinition/>")
        body += chain(f"{name}_s", first) + chain(last, *done, f"{name}_e") + "".join(map(undo, done))
        self.parts = outer
        self.expected.update({f"undo_{each}": times for each in done})
        after = self.name("g")
        cancelled = boundary(f"{name}_c", name, "<bpmn:cancelEventDefinition/>")
        self.parts.append(node("transaction", name, body) + cancelled + node("exclusiveGateway", after))
        self.parts.append(flow(name, after) + flow(f"{name}_c", after))
        return name, after

    def _again(self, rounds: int, shape: Any, times: int) -> tuple[str, str]:
        """A sub-process with a standard loop."""
        name, last = self._sub(shape, times * rounds)
        loop = f'<bpmn:standardLoopCharacteristics loopMaximum="{rounds}"><bpmn:loopCondition>=true</bpmn:loopCondition></bpmn:standardLoopCharacteristics>'
        whole = self.parts[-1]
        self.parts[-1] = whole.removesuffix("</bpmn:subProcess>") + loop + "</bpmn:subProcess>"
        return name, last

    def _any(self, times: int) -> tuple[str, str]:  # noqa: ARG002  # time passes for all
        """An event with two triggers, one of which never comes."""
        name = self.name("v")
        self.messages[name] = 0
        self.parts.append(node("intermediateCatchEvent", name, message(f"m_{name}") + timer("PT1H")))
        return name, name

    def _both(self, times: int) -> tuple[str, str]:
        """An event that needs a message and the time."""
        name, _ = self._catch(times)
        whole = self.parts[-1].replace(
            "<bpmn:intermediateCatchEvent", '<bpmn:intermediateCatchEvent parallelMultiple="true"'
        )
        self.parts[-1] = (
            whole.removesuffix("</bpmn:intermediateCatchEvent>") + timer("PT1H") + "</bpmn:intermediateCatchEvent>"
        )
        return name, name

    def _condition(self, times: int) -> tuple[str, str]:
        """A conditional event waits for what the task beside it writes."""
        split, join, event = self.name("g"), self.name("g"), self.name("q")
        name, _ = self._task(times)
        self.parts.append(node("parallelGateway", split) + node("parallelGateway", join))
        self.parts.append(node("intermediateCatchEvent", event, condition(f"{name} != null")))
        self.parts.append(chain(split, name, join) + chain(split, event, join))
        return split, join

    def _quantity(self, count: int, times: int) -> tuple[str, str]:
        """A task that makes several tokens, and one that takes as many."""
        first, _ = self._task(times)
        self.parts[-1] = self.parts[-1].replace("<bpmn:userTask", f'<bpmn:userTask completionQuantity="{count}"', 1)
        last, _ = self._task(times)
        self.parts[-1] = self.parts[-1].replace("<bpmn:userTask", f'<bpmn:userTask startQuantity="{count}"', 1)
        self.parts.append(flow(first, last))
        return first, last

    def _some(self, needed: int, shapes: list[Any], times: int) -> tuple[str, str]:
        """A complex gateway goes on when some of the branches have come; where all is cancelled afterwards, when all have."""
        split, join = self.name("g"), self.name("g")
        count = len(shapes) if self.cancelled else min(needed, len(shapes))
        start_when = f"<bpmn:activationCondition>=activationCount &gt;= {count}</bpmn:activationCondition>"
        self.parts.append(node("parallelGateway", split) + node("complexGateway", join, start_when))
        for shape in shapes:
            first, last = self.draw(shape, times)
            self.parts.append(flow(split, first) + flow(last, join))
        return split, join

    def _adhoc(self, sequential: bool, shapes: list[Any], times: int) -> tuple[str, str]:
        """Sub-processes that an ad-hoc sub-process starts by itself."""
        name = self.name("s")
        outer, self.parts = self.parts, []
        for shape in shapes:
            self._sub(shape, times)
        body = "".join(self.parts)
        self.parts = outer
        self.parts.append(node("adHocSubProcess", name, body, ordering="Sequential" if sequential else "Parallel"))
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
