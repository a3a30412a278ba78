"""Does a completion cost the same whatever there is already: ``bench.complete_task --flat``.

Two ratios, each of one run. *Long*: one instance whose task comes back 500 times, its first completions against its last.
*Crowd*: the same instances beside 1,000 and beside 100,000 open cases, which are copies of one real case, row by row.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, text

from bench.stage import process, settle

LOOP = "bench-loop"
LOOPING = process(
    LOOP,
    "再来",
    "结束",
    """  <bpmn:exclusiveGateway id="again" default="back"/>
  <bpmn:endEvent id="done"><bpmn:extensionElements><lianban:result code="0"/></bpmn:extensionElements></bpmn:endEvent>
  <bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="review"/>
  <bpmn:sequenceFlow id="f2" sourceRef="review" targetRef="again"/>
  <bpmn:sequenceFlow id="back" sourceRef="again" targetRef="review"/>
  <bpmn:sequenceFlow id="toEnd" sourceRef="again" targetRef="done">
   <bpmn:conditionExpression>=decision = "REFUSE"</bpmn:conditionExpression></bpmn:sequenceFlow>""",
)
COMPLETIONS = 500
EARLY, LATE = slice(10, 60), slice(450, 500)
BASE = 10_000_000
"""Ids of copies lie above those of real rows."""
COPIES: dict[str, dict[str, str]] = {
    "cases": {
        "id": "{base} + n",
        "collab_no": "'C' || ({base} + n)",
        "case_no": "'N' || ({base} + n)",
        "query_code": "'Q' || ({base} + n)",
    },
    "legs": {"id": "{base} + n", "case_id": "{base} + n", "case_no": "'N' || ({base} + n)"},
    "tasks": {"id": "'copy-' || ({base} + n)", "case_id": "{base} + n", "leg_id": "{base} + n"},
    "task_candidates": {
        "case_id": "{base} + n",
        "task_id": "'copy-' || ({base} + n)",
        "due_at": "original.due_at + n * interval '1 second'",
    },
    "work": {
        "id": "nextval('work_id_seq')",
        "case_id": "{base} + n",
        "leg_id": "{base} + n",
        "ref": "case when kind = 'deadline.step' then 'copy-' || ({base} + n) else ref || n end",
        "due_at": "original.due_at + interval '1 day' + n * interval '1 second'",
    },
    "audit_events": {"id": "nextval('audit_events_id_seq')", "case_id": "{base} + n", "leg_id": "{base} + n"},
}
"""Table → the columns of a copy that differ from the original's; ``n`` counts copies."""


def fill(
    connection: Connection, case_id: int, first: int, last: int, more: Mapping[str, dict[str, str]] | None = None
) -> None:
    """Copies ``first`` to ``last`` of an open case with one open task; statistics are up to date afterwards.

    ``connection``: the administrator's. ``more``: further tables, with what differs in a copy.
    """
    for table, differing in {**COPIES, **(more or {})}.items():
        columns = connection.execute(
            text("select column_name from information_schema.columns where table_name = :table"), {"table": table}
        ).scalars()
        names = list(columns)
        values = [differing.get(name, f"original.{name}").format(base=BASE) for name in names]
        key = "id" if table == "cases" else "case_id"
        connection.execute(
            text(
                f"insert into {table} ({', '.join(names)}) select {', '.join(values)}"
                f" from {table} original, generate_series(cast(:first as int), cast(:last as int)) n where original.{key} = :case"
            ),
            {"first": first, "last": last, "case": case_id},
        )
    made = connection.execute(text("select count(*) from cases where id > :base"), {"base": BASE}).scalar_one()
    assert made == last, f"{made} copies instead of {last}"
    settle(connection)


def whole_reads(connection: Connection, rows: int) -> dict[str, int]:
    """How often each table of at least so many rows was read from end to end so far: a statement of the hot path has no index."""
    found = connection.execute(
        text(
            "select stats.relname, stats.seq_scan from pg_stat_user_tables stats"
            " join pg_class on pg_class.oid = stats.relid where pg_class.reltuples >= :rows"
        ),
        {"rows": rows},
    )
    return {str(table): int(times) for table, times in found}


def long(complete: Callable[[str], str], task: str, cpu: Callable[[], float]) -> dict[str, float]:
    """Complete the task that comes back; milliseconds early and late, by the clock and by CPU of server and database."""
    times: list[float] = []
    used: list[float] = []
    for _ in range(COMPLETIONS):
        before, begun = cpu(), time.perf_counter()
        following = complete(task)
        times.append(time.perf_counter() - begun)
        used.append(cpu() - before)
        task = following
    early, late = (statistics.median(times[part]) * 1000 for part in (EARLY, LATE))
    early_cpu, late_cpu = (statistics.fmean(used[part]) * 1000 for part in (EARLY, LATE))
    return {
        "earlyP50Ms": round(early, 1),
        "lateP50Ms": round(late, 1),
        "ratio": round(late / early, 2),
        "earlyCpuMs": round(early_cpu, 1),
        "lateCpuMs": round(late_cpu, 1),
        "cpuRatio": round(late_cpu / early_cpu, 2),
    }


def crowded(few: dict[str, Any], many: dict[str, Any]) -> dict[str, Any]:
    """The two runs side by side."""
    return {
        "few": few,
        "many": many,
        "ratio": round(many["p50Ms"] / few["p50Ms"], 2),
        "cpuRatio": round(many["perInstance"]["cpuMs"] / few["perInstance"]["cpuMs"], 2),
    }
