"""The inbox of one site's user with a million open and five million done tasks in the database, under row-level security.

    python -m bench.inbox [--open 1000000] [--done 5000000] [--share 1.0] [--rounds 200] [--explain] [--json]

Rows are made by SQL (generate_series); the questions are the product's own (domain.tasks.queries), asked in the product's own
transactions by the role that runs, bound by the policies. ``--share`` is the part of all tasks that lies at the user's own site: with 1
every open task is in the inbox that is read, the worst there is. What is measured is the time between sending a statement and having
its rows, summed over the statements of one question: the database and the way to it, not the web. Later pages are asked for anywhere in
the inbox, by the key of the row before. ``--explain`` prints the plans with buffers, which other work on the machine does not change.
Goals: first page and any later page p95 ≤ 10 ms, counts ≤ 20 ms.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, event, text

from bootstrap.container import Platform
from bootstrap.migrations import migrate
from bootstrap.postgres import Cluster
from bootstrap.settings import Settings
from domain.actors import Actor, Role
from domain.base import get_seal
from domain.tasks.queries import TaskFilter, count_tasks, list_tasks

PAGE = 50
ROLES = (Role.RECV_CLERK, Role.HANDLER, Role.APPROVER)
MINE = 200
"""Open tasks that the user has claimed."""
PER_CASE = 6
SITE, OTHER, USER = 1, 2, 1
_SEED = """
insert into regions (code, name, parent_code) values ('530000', '云南省', null), ('532622', '砚山县', '530000');
insert into sites (id, code, name, short_name, region_code, province_code, sector, phone, address, document_word, is_local,
        created_at)
    select n, 'site-' || n, '机构' || n, '机构' || n, '532622', '530000', 'police', '', '', '', true, now()
    from generate_series(1, 20) n;
insert into users (id, login, name, password_hash, is_applicant, is_active, office_phone, failed_logins, created_at)
    select n, 'u' || n, '经办' || n, '!', false, true, '', 0, now() from generate_series(1, 50) n;
insert into items (code, no, name, name_en, mode, sector, sheet) values ('bench', 1, '测试事项', 'Bench', 'joint', 'police', '{{}}');
insert into definitions (id, key, version, name, source, xml, digest, model, forms, decisions, findings, note, deployed_by, deployed_at)
    values (1, 'bench', 1, 'bench', '', '', '', '{{}}', '{{}}', '{{}}', '[]', '', 1, now());
insert into cases (id, collab_no, case_no, query_code, item_code, definition_id, main_site_id, subject_masked, application, source, status,
        flags, plain_text, plain_text_en, supplement_rounds, past_return, submitted_at, updated_at, audit_seq)
    select n, 'X' || n, 'C' || n, n, 'bench', 1, case when n % 1000 < {share} then {site} else {other} + n % 19 end, '张*', '{sealed}', '2',
        'IN_REVIEW', '[]', '', '', 0, false, now(), now(), 0 from generate_series(1, {cases}) n;
insert into legs (id, case_id, site_id, participant_id, participant_name, process_id, role, definition_id, case_no, status, state,
        variables, active_elements, active_since, visited, taken, version, past_return, is_suspended, suspend_note, started_at,
        updated_at)
    select id, id, main_site_id, 'main', 'main', 'p', 'main', 1, 'L' || id, 'IN_REVIEW', '{sealed}', '{sealed}', '[]', '{{}}', '[]', '[]',
        1, false, false, '', now(), now() from cases;
insert into tasks (id, case_id, leg_id, site_id, element_id, name, role, form_id, state, assignee_id, due_at, opened_at, closed_at,
        completed_by, version)
    select lpad(to_hex(n * 2654435761 % 4294967296), 8, '0') || '-' || n, 1 + n % {cases}, 1 + n % {cases}, cases.main_site_id, 'review',
        '审查', (array['RECV_CLERK', 'HANDLER', 'APPROVER'])[1 + n % 3], '',
        case when n <= {open} then 'open' else 'completed' end,
        case when n <= {mine} then {user} when n <= {open} and n % 10 = 0 then 2 + n % 40 end,
        case when n % 20 <> 0 then now() + ((n * 7919) % 5184000 - 864000) * interval '1 second' end,
        now() - interval '20 days', case when n > {open} then now() - (n % 8640000) * interval '1 second' end,
        case when n > {open} then 1 + n % 50 end, 1
    from generate_series(1, {total}) n join cases on cases.id = 1 + n % {cases};
insert into task_candidates (site_id, role, due_at, task_id, case_id, assignee_id)
    select site_id, role, coalesce(due_at, '9999-12-31T00:00:00Z'), id, case_id, assignee_id from tasks where state = 'open';
"""


def seed(connection: Connection, opened: int, done: int, share: float) -> None:
    """All rows, by SQL; sealed columns hold the same few bytes."""
    sealed = "\\x" + get_seal().seal(b"{}").hex()
    total = opened + done
    statements = _SEED.format(
        share=int(share * 1000), site=SITE, other=OTHER, sealed=sealed, cases=max(1, total // PER_CASE), open=opened, mine=MINE,
        user=USER, total=total,
    )  # fmt: skip
    for statement in statements.split(";\n"):
        if statement.strip():
            connection.exec_driver_sql(statement.replace("%", "%%"))


class Watch:
    """The time that statements take, from sending to having the rows; one sum per question."""

    def __init__(self, platform: Platform) -> None:
        self.seconds = 0.0
        self._began = 0.0
        event.listen(platform.sql, "before_cursor_execute", self._begin)
        event.listen(platform.sql, "after_cursor_execute", self._end)

    def _begin(self, *_: object) -> None:
        self._began = time.perf_counter()

    def _end(self, *_: object) -> None:
        self.seconds += time.perf_counter() - self._began

    @contextmanager
    def question(self, kept: list[float]) -> Iterator[None]:
        self.seconds = 0.0
        yield
        kept.append(self.seconds * 1000)


def measure(platform: Platform, rounds: int) -> dict[str, dict[str, float]]:
    """Milliseconds in the database by question."""
    person = Actor(USER, "经办1", {SITE: frozenset(ROLES)})
    watch, chosen = Watch(platform), random.Random(7)  # noqa: S311 -- which page, not a secret
    keys = _keys(platform, chosen, rounds)

    def ask(view: str, after: list[Any] | None) -> Callable[[Any], object]:
        return lambda ctx: list_tasks(ctx, TaskFilter(view=view), after=after, limit=PAGE)

    questions: dict[str, Callable[[int], Callable[[Any], object]]] = {
        "first page": lambda _: ask("group", None),
        "later page": lambda number: ask("group", keys["group"][number]),
        "my tasks": lambda _: ask("mine", None),
        "done, first page": lambda _: ask("done", None),
        "done, later page": lambda number: ask("done", keys["done"][number]),
        "counts": lambda _: count_tasks,
    }
    figures: dict[str, dict[str, float]] = {}
    for name, question in questions.items():
        taken: list[float] = []
        for number in range(rounds):
            with platform.transaction(person) as ctx, watch.question(taken):
                question(number)(ctx)
        warm = sorted(taken[max(1, rounds // 20) :])
        figures[name] = {
            "p50": statistics.median(warm),
            "p95": warm[int(len(warm) * 0.95)],
            "most": warm[-1],
        }
    return figures


def _keys(platform: Platform, chosen: random.Random, rounds: int) -> dict[str, list[list[Any]]]:
    """Keys anywhere in the inbox and in the done tasks."""
    queries = {
        "group": f"select due_at, task_id from task_candidates where site_id = {SITE} order by due_at, task_id",
        "done": f"select closed_at, id from tasks where completed_by = {USER} and state = 'completed' order by closed_at desc, id desc",
    }
    found: dict[str, list[list[Any]]] = {}
    for name, query in queries.items():
        with platform.on_duty() as connection:
            rows = connection.execute(text(query)).all()
        found[name] = [[row[0].isoformat(), row[1]] for row in (chosen.choice(rows) for _ in range(rounds))]
    return found


def explain(platform: Platform) -> Iterator[str]:
    """The plans of the first page and of the counts, as the user's transaction has them."""
    person = Actor(USER, "经办1", {SITE: frozenset(ROLES)})
    for name in ("first page", "counts", "done"):
        yield f"--- {name}"
        with platform.transaction(person) as ctx:
            connection = ctx.session.connection()
            asked: list[tuple[str, Any]] = []

            def keep(_: object, __: object, statement: str, values: Any, *___: object, kept: list[Any] = asked) -> None:
                kept.append((statement, values))

            event.listen(platform.sql, "before_cursor_execute", keep)
            if name == "counts":
                count_tasks(ctx)
            else:
                list_tasks(ctx, TaskFilter(view="group" if name == "first page" else "done"), after=None, limit=PAGE)
            event.remove(platform.sql, "before_cursor_execute", keep)
            cursor: Any = connection.connection.cursor()
            for statement, values in asked:
                cursor.execute("explain (analyze, buffers, costs off, summary on) " + statement, values)
                yield from (row[0] for row in cursor.fetchall())


def run(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Make everything, ask, remove it."""
    cluster = Cluster(folder / "pg", durable=False)
    cluster.start()
    platform = None
    try:
        owner = create_engine(cluster.url())
        with owner.begin() as connection:
            migrate(connection)
        platform = Platform.open(Settings(home=folder), url=cluster.url(scoped=True))
        began = time.monotonic()
        with owner.begin() as connection:
            seed(connection, options.open, options.done, options.share)
        with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("vacuum (analyze)"))
        owner.dispose()
        made = time.monotonic() - began
        if options.explain:
            for line in explain(platform):
                print(line)
        return {
            "open": options.open,
            "done": options.done,
            "seed_seconds": made,
            "ms": measure(platform, options.rounds),
        }
    finally:
        if platform is not None:
            platform.close()
        cluster.destroy()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--open", type=int, default=1_000_000)
    parser.add_argument("--done", type=int, default=5_000_000)
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--explain", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lianban-inbox-") as folder:
        report = run(Path(folder), options)
    if options.json:
        print(json.dumps(report))
        return
    print(f"{report['open']:,} open, {report['done']:,} done, made in {report['seed_seconds']:.0f} s; milliseconds")
    for name, figures in report["ms"].items():
        print(f"  {name:<18} p50 {figures['p50']:6.2f}   p95 {figures['p95']:6.2f}   most {figures['most']:6.2f}")


if __name__ == "__main__":
    main()
