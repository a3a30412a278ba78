"""How fast the engine steps: state loaded and saved each time, on one core, beside plain SpiffWorkflow in the same run.

    python -m bench.engine [--json]

Figures of a shared machine: use the ratios. "user-steps/s" counts completed user tasks.
"""

from __future__ import annotations

import argparse
import io
import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from engine.contract import Environment
from engine.facade import Engine
from engine.limits import Limits
from forms.expressions import FeelExpressions
from forms.kernel import Kernel

NOW = datetime(2026, 3, 2, tzinfo=UTC)
HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="defs" targetNamespace="t"><bpmn:process id="p" isExecutable="true">'
)
TAIL = "</bpmn:process></bpmn:definitions>"
FORM = '<bpmn:extensionElements><zeebe:formDefinition formId="f"/></bpmn:extensionElements>'
CARRIED = {f"field{n}": f"value {n}" for n in range(20)}


def schedule(literal: str, now: datetime) -> datetime:
    return now + timedelta(days=int(literal[1:-1]))


ENV = Environment(now=NOW, schedule=schedule)


def flow(source: str, target: str, condition: str = "") -> str:
    inner = f"<bpmn:conditionExpression>{condition}</bpmn:conditionExpression>" if condition else ""
    return f'<bpmn:sequenceFlow id="f_{source}_{target}" sourceRef="{source}" targetRef="{target}">{inner}</bpmn:sequenceFlow>'


def user(name: str, inner: str = "") -> str:
    return f'<bpmn:userTask id="{name}" name="{name}">{FORM}{inner}</bpmn:userTask>'


def linear(count: int) -> str:
    names = [f"t{n}" for n in range(count)]
    chain = ["s", *names, "e"]
    flows = "".join(flow(a, b) for a, b in pairwise(chain))
    return HEAD + '<bpmn:startEvent id="s"/><bpmn:endEvent id="e"/>' + "".join(map(user, names)) + flows + TAIL


def medium(feel: bool) -> str:
    """40 user tasks, each with a boundary timer, ten exclusive gateways between them."""
    parts = ['<bpmn:startEvent id="s"/><bpmn:endEvent id="e"/>']
    before = "s"
    mark, false = ("=", "field1 = 1") if feel else ("", "field1 == 1")
    duration = "P30D" if feel else '"P30D"'
    for n in range(40):
        if n % 4 == 3:
            parts.append(
                f'<bpmn:exclusiveGateway id="g{n}" default="f_g{n}_t{n}"/>'
                + flow(before, f"g{n}")
                + flow(f"g{n}", "e", mark + false)
            )
            before = f"g{n}"
        timer = (
            f"<bpmn:timerEventDefinition><bpmn:timeDuration>{duration}</bpmn:timeDuration></bpmn:timerEventDefinition>"
        )
        parts.append(
            user(f"t{n}")
            + f'<bpmn:boundaryEvent id="b{n}" attachedToRef="t{n}" cancelActivity="false">{timer}</bpmn:boundaryEvent>'
        )
        parts.append(f'<bpmn:endEvent id="be{n}"/>' + flow(f"b{n}", f"be{n}") + flow(before, f"t{n}"))
        before = f"t{n}"
    return HEAD + "".join(parts) + flow(before, "e") + TAIL


def loop(parallel: bool) -> str:
    body = user("a") + flow("a", "g")
    if parallel:
        body = (
            '<bpmn:exclusiveGateway id="m"/><bpmn:parallelGateway id="sp"/><bpmn:parallelGateway id="j"/>'
            + user("a") + user("b") + flow("m", "sp") + flow("sp", "a") + flow("sp", "b")
            + flow("a", "j") + flow("b", "j") + flow("j", "g")
        )  # fmt: skip
    first = "m" if parallel else "a"
    return (
        HEAD + '<bpmn:startEvent id="s"/><bpmn:endEvent id="e"/>' + body + f'<bpmn:exclusiveGateway id="g" default="f_g_{first}"/>'
        + flow("s", first) + flow("g", first) + flow("g", "e", "=last") + TAIL
    )  # fmt: skip


def multi() -> str:
    characteristics = (
        "<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements>"
        '<zeebe:loopCharacteristics inputCollection="=items" inputElement="item" outputCollection="out" outputElement="=ok"/>'
        "</bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>"
    )
    return (
        HEAD
        + '<bpmn:startEvent id="s"/><bpmn:endEvent id="e"/>'
        + user("a", characteristics)
        + flow("s", "a")
        + flow("a", "e")
        + TAIL
    )


class Ours:
    """The engine, one instance of one model."""

    def __init__(self, xml: str, kernel: FeelExpressions) -> None:
        self.sources: dict[str, bytes] = {}
        self.engine = Engine(kernel, source=self.sources.__getitem__, limits=Limits(instances=20_000, tokens=30_000))
        self.sources["d"] = self.engine.parse(xml.encode()).xml

    def steps(self, variables: dict[str, Any], data: Callable[[int], dict[str, Any]]) -> Iterator[float]:
        """Complete whatever is open, oldest first; yields the seconds of each step."""
        advance = self.engine.start("d", "p", ENV, variables)
        open_ = [t.id for t in advance.opened_tasks]
        count = 0
        while open_:
            count += 1
            begin = time.perf_counter()
            advance = self.engine.complete_task("d", advance.state, open_.pop(0), data(count), ENV)
            yield time.perf_counter() - begin
            open_ += [t.id for t in advance.opened_tasks]
        assert advance.ended


def stock(xml: str) -> Iterator[float]:
    """Plain SpiffWorkflow doing the same: load, complete, run, save."""
    parser = BpmnParser()
    parser.add_bpmn_io(io.BytesIO(xml.encode()))
    serializer = BpmnWorkflowSerializer()
    workflow = BpmnWorkflow(parser.get_spec("p"), parser.get_subprocess_specs("p"))
    workflow.task_tree.data.update(CARRIED)
    workflow.do_engine_steps()
    state = serializer.serialize_json(workflow)
    while True:
        begin = time.perf_counter()
        workflow = serializer.deserialize_json(state)
        ready = workflow.get_tasks(state=TaskState.READY, manual=True)
        if not ready:
            break
        ready[0].data["done"] = 1
        ready[0].run()
        workflow.do_engine_steps()
        state = serializer.serialize_json(workflow)
        yield time.perf_counter() - begin


def rate(times: list[float]) -> float:
    return len(times) / sum(times)


def best(make: Callable[[], Iterator[float]], rounds: int) -> list[float]:
    """The fastest of some rounds: the machine is shared."""
    return min((list(make()) for _ in range(rounds)), key=sum)


def measure() -> dict[str, Any]:
    kernel = FeelExpressions(Kernel())
    done = {"done": 1}
    found: dict[str, Any] = {}
    for name, ours_xml, stock_xml in (
        ("linear40", linear(40), linear(40)),
        ("medium40", medium(feel=True), medium(feel=False)),
    ):
        ours = Ours(ours_xml, kernel)
        mine = rate(best(lambda ours=ours: ours.steps(dict(CARRIED), lambda _n: done), 5))
        theirs = rate(best(lambda xml=stock_xml: stock(xml), 2))
        found[name] = {"user_steps_per_s": round(mine), "stock": round(theirs), "ratio": round(mine / theirs, 1)}
    times = list(Ours(linear(1100), kernel).steps(dict(CARRIED), lambda _n: done))
    early, late = sorted(times[5:55])[25], sorted(times[1000:1050])[25]
    found["step_after_1000"] = {"early_ms": early * 1e3, "late_ms": late * 1e3, "ratio": round(late / early, 2)}
    times = list(Ours(loop(parallel=False), kernel).steps(dict(CARRIED), lambda n: {"last": n >= 10_000}))
    found["loop_10000"] = {"rounds": len(times), "first_ms": _median(times[:100]), "last_ms": _median(times[-100:])}
    times = list(Ours(loop(parallel=True), kernel).steps(dict(CARRIED), lambda n: {"last": n >= 240}))
    found["parallel_in_loop_120"] = {"first_ms": _median(times[:20]), "last_ms": _median(times[-20:])}
    times = list(Ours(multi(), kernel).steps({"items": list(range(1000))}, lambda _n: {"ok": True}))
    found["multi_instance_1000"] = {"completions": len(times), "median_ms": _median(times), "max_ms": max(times) * 1e3}
    return found


def _median(times: list[float]) -> float:
    return round(sorted(times)[len(times) // 2] * 1e3, 3)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--json", action="store_true", help="machine-readable output")
    found = measure()
    if arguments.parse_args().json:
        print(json.dumps(found))
        return
    for name, values in found.items():
        print(
            f"{name:24}", "  ".join(f"{k}={v:.3f}" if isinstance(v, float) else f"{k}={v}" for k, v in values.items())
        )


if __name__ == "__main__":
    main()
