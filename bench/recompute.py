"""What a change of a policy costs that reaches many open cases: its preview, and the dates set anew in batches.

    python -m bench.recompute [--cases 100000] [--done 2000] [--json]

The cases are copies of a real one (an open task, its reminders, a timer that was computed from the policy, two running clocks).
Told is CPU, of this process and of the database, which other load on the machine does not spoil. ``--done`` cases are set anew as well.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import text

from bench import crowd
from bench.stage import ITEM, SITE, as_administrator, cpu_of, prepared
from bootstrap.container import Platform
from bootstrap.postgres import Cluster
from bootstrap.processes import processes_in
from domain.actors import SYSTEM
from domain.cases import runtime
from domain.cases.runtime import NewCase
from domain.deadlines.layers import Place
from domain.definitions import service as definitions
from domain.recomputation import service
from domain.recomputation.policies import Setting, setting
from domain.recomputation.scope import list_cases

MODEL = f"""<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:lianban="https://lianban.org/schema/bpmn/1.0"
 id="bench" targetNamespace="bench">
 <bpmn:collaboration id="c"><bpmn:participant id="pool" name="办理机构" processRef="main">
  <bpmn:extensionElements><lianban:site role="main" source="{SITE}"/></bpmn:extensionElements>
 </bpmn:participant></bpmn:collaboration>
 <bpmn:process id="main" isExecutable="true">
  <bpmn:startEvent id="start"><bpmn:extensionElements>
   <lianban:clock action="start" on="leave"/></bpmn:extensionElements></bpmn:startEvent>
  <bpmn:userTask id="review" name="审查"><bpmn:extensionElements>
   <zeebe:userTask/><zeebe:formDefinition formId="bench-form"/>
   <zeebe:assignmentDefinition candidateGroups="RECV_CLERK"/><lianban:deadline policy="investigate"/>
  </bpmn:extensionElements></bpmn:userTask>
  <bpmn:boundaryEvent id="late" attachedToRef="review" cancelActivity="false"><bpmn:timerEventDefinition id="t">
   <bpmn:timeDuration>=deadlines["investigate"]</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>
  <bpmn:endEvent id="reminded"/><bpmn:endEvent id="done"/>
  <bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="review"/>
  <bpmn:sequenceFlow id="f2" sourceRef="late" targetRef="reminded"/>
  <bpmn:sequenceFlow id="f3" sourceRef="review" targetRef="done"/>
 </bpmn:process></bpmn:definitions>""".encode()
CHANGE = setting(Setting("investigate", Place("site", SITE), "7wd", "本县规定", "增加核查时间", also_open=True))
_MORE = {
    "clocks": {"id": "nextval('clocks_id_seq')", "case_id": "{base} + n"},
    "work": crowd.COPIES["work"]
    | {
        "ref": "case when kind = 'deadline.step' then 'copy-' || ({base} + n) else ref end",
        "due_at": "original.due_at + case when kind = 'deadline.step' then n % 30 * interval '1 day' else n * interval '1 second' end",
    },
}
"""A timer keeps its id, as it stands in the state that is copied along. Steps of ladders fall on ends of days, of which there are few."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--done", type=int, default=2_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lianban-bench-") as folder, prepared(Path(folder)) as (platform, cluster):
        report = measure(platform, cluster, options.cases, options.done)
    print(json.dumps(report) if options.json else told(report))


def measure(platform: Platform, cluster: Cluster, cases: int, done: int) -> dict[str, Any]:
    """The preview over all cases, then the change itself on some of them, case by case as a batch does it."""
    fill(platform, cluster, cases)

    def cpu() -> tuple[float, float]:
        database = sum(cpu_of(each) for each in processes_in(cluster._layout.data))  # noqa: SLF001
        return cpu_of(psutil.Process()), database

    def timed(act: Callable[[], Any]) -> dict[str, Any]:
        before, begun = cpu(), time.perf_counter()
        what = act()
        own, database = (after - earlier for after, earlier in zip(cpu(), before, strict=True))
        return {
            "seconds": round(time.perf_counter() - begun, 1),
            "cpu": round(own, 1),
            "databaseCpu": round(database, 1),
            **what,
        }

    def look() -> dict[str, Any]:
        with platform.transaction(SYSTEM) as ctx:
            found = service.preview(ctx, CHANGE)
            return {name: getattr(found, name) for name in ("cases", "clocks", "tasks", "timers", "steps")}

    def do() -> dict[str, Any]:
        with platform.transaction(SYSTEM) as ctx:
            scope = CHANGE(ctx)
            assert scope is not None
            ids = list_cases(ctx, scope)[:done]
            row = service.begin(ctx, scope, len(ids))
            for part in range(0, len(ids), service.BATCH_SIZE):
                service.do(ctx, row.id, scope, ids[part : part + service.BATCH_SIZE])
            return {"cases": len(ids)}

    return {"preview": timed(look), "change": timed(do)}


def fill(platform: Platform, cluster: Cluster, cases: int) -> None:
    """One real case, and copies of it with their clocks."""
    with platform.transaction(SYSTEM) as ctx:
        definitions.deploy(ctx, ITEM, MODEL)
    with platform.transaction(SYSTEM) as ctx:
        runtime.open_case(ctx, NewCase(ITEM, {"name": "测试"}, None))
    with as_administrator(cluster) as connection:
        original = connection.execute(text("select max(id) from cases")).scalar_one()
        crowd.fill(connection, original, 1, cases, _MORE)


def told(report: dict[str, Any]) -> str:
    """Two lines."""
    look, done = report["preview"], report["change"]
    return (
        f"preview of {look['cases']:,} cases ({look['tasks']:,} tasks, {look['timers']:,} timers, {look['steps']:,} reminders): "
        f"CPU {look['cpu']} s and {look['databaseCpu']} s in the database, {look['seconds']} s on the clock\n"
        f"change of {done['cases']:,} cases: CPU {done['cpu']} s and {done['databaseCpu']} s in the database, "
        f"{done['seconds']} s on the clock"
    )


if __name__ == "__main__":
    main()
