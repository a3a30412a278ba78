"""The inbox of one site's user with a million open and five million done tasks in the database, under row-level security.

    python -m bench.inbox [--open 1000000] [--done 5000000] [--share 1.0] [--rounds 200] [--explain] [--json]

Rows are made by SQL, without checks and before the indices; the questions are the product's own (domain.tasks.queries), asked in the
product's own transactions by the role that runs, bound by the policies. ``--share`` is the part of all tasks that lies at the user's own
site: with 1 every open task is in the inbox that is read, the worst there is. The earliest quarter of the open tasks is claimed by
others: a page must not wade through it. What is measured is the time between sending a statement and having its rows, summed over the
statements of one question: the database and the way to it, not the web. Later pages are asked for anywhere in the inbox, by the key of
the row before. Pages touched and the server's own time are told beside it, which other work on the machine hardly changes; ``--explain``
prints the plans. Goals: first page and any later page p95 ≤ 10 ms, counts ≤ 20 ms.
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

from sqlalchemy import Connection, NullPool, create_engine, event, text

from bootstrap.container import Platform
from bootstrap.migrations import migrate
from bootstrap.postgres import Cluster
from bootstrap.settings import Settings
from domain.actors import Actor, Role
from domain.base import get_seal
from domain.deadlines.queries import DueState
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
    select n, 'X' || n, 'C' || n, n, 'bench', 1, {site_of_case}, '张*', '{sealed}', '2',
        'IN_REVIEW', '[]', '', '', 0, false, now(), now(), 0 from (select generate_series(1::bigint, {cases})) made(n);
insert into legs (id, case_id, site_id, participant_id, participant_name, process_id, role, definition_id, case_no, status, state,
        variables, active_elements, active_since, visited, taken, version, past_return, is_suspended, suspend_note, started_at,
        updated_at)
    select id, id, main_site_id, 'main', 'main', 'p', 'main', 1, 'L' || id, 'IN_REVIEW', '{sealed}', '{sealed}', '[]', '{{}}', '[]', '[]',
        1, false, false, '', now(), now() from cases;
insert into tasks (id, case_id, leg_id, site_id, element_id, name, role, form_id, state, assignee_id, due_at, opened_at, closed_at,
        completed_by, version)
    select lpad(to_hex(n * 2654435761 % 4294967296), 8, '0') || '-' || n, 1 + n % {cases}, 1 + n % {cases}, {site_of_task}, 'review',
        '审查', (array['RECV_CLERK', 'HANDLER', 'APPROVER'])[1 + n % 3], '',
        case when n <= {open} then 'open' else 'completed' end,
        case when n <= {mine} then {user} when n <= {open} and (n % 10 = 0 or n <= {open} / 4) then 2 + n % 40 end,
        case when n <= {open} / 4 then now() - interval '30 days' + n * interval '1 second'
            when n % 20 <> 0 then now() + ((n * 7919) % 5184000 - 864000) * interval '1 second' end,
        now() - interval '20 days', case when n > {open} then now() - (n % 8640000) * interval '1 second' end,
        case when n > {open} then 1 + n % 50 end, 1
    from (select generate_series(1::bigint, {total})) made(n) order by 1;
insert into task_candidates (site_id, role, due_at, task_id, case_id, assignee_id)
    select site_id, role, coalesce(due_at, '9999-12-31T00:00:00Z'), id, case_id, assignee_id from tasks where state = 'open'
    order by 1, 2, 3, 4;
insert into ladder_steps (number, case_id, leg_id, task_id, site_id, kind, level, source, rule, alert_type, responsible, due_at, raised_at,
        note)
    select 'S' || row_number() over (), case_id, leg_id, id, site_id, 'URGE', 1, 'deadline', '', '', '', due_at, now(), ''
    from tasks where due_at < now() and state = 'open';
insert into notifications (user_id, case_id, template, title, text, created_at, read_at)
    select 1 + n % 50, 1 + n % {cases}, '', '提醒', '请及时办理', now(), case when n % 100 <> 0 then now() end
    from (select generate_series(1::bigint, {opened_tenth})) made(n);
"""
_ROOM = """
set session_replication_role = replica;
set maintenance_work_mem = '512MB';
set work_mem = '256MB';
set synchronous_commit = off;
"""
"""Rows are copied as they are: nothing checks them one by one, and indices are made when all are there."""
_INDICES = """
select indexrelid::regclass::text, pg_get_indexdef(indexrelid) from pg_index join pg_class on pg_class.oid = indrelid
where relname in ('cases', 'legs', 'tasks', 'task_candidates', 'ladder_steps', 'notifications')
    and not exists (select from pg_constraint where conindid = indexrelid)
"""


def seed(connection: Connection, opened: int, done: int, share: float) -> None:
    """All rows, by SQL; sealed columns hold the same few bytes. A quarter of the open tasks, the earliest, is with other people."""
    sealed = "\\x" + get_seal().seal(b"{}").hex()
    total = opened + done
    cases = max(1, total // PER_CASE)
    at_own = f"case when {{0}} % 1000 < {int(share * 1000)} then {SITE} else {OTHER} + {{0}} % 19 end"
    statements = _SEED.format(
        site_of_case=at_own.format("n"), site_of_task=at_own.format(f"(1 + n % {cases})"), sealed=sealed, cases=cases,
        open=opened, mine=MINE, user=USER, total=total, opened_tenth=opened // 10,
    )  # fmt: skip
    for statement in _ROOM.split(";\n"):
        if statement.strip():
            connection.exec_driver_sql(statement)
    indices = connection.exec_driver_sql(_INDICES.replace("%", "%%")).all()
    for name, _ in indices:
        connection.exec_driver_sql(f"drop index {name}")
    for statement in statements.split(";\n"):
        if statement.strip():
            connection.exec_driver_sql(statement.replace("%", "%%"))
    for _, made in indices:
        connection.exec_driver_sql(made.replace("%", "%%"))


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


def questions(keys: dict[str, list[list[Any]]]) -> dict[str, Callable[[int], Callable[[Any], object]]]:
    """What is asked, by name; the number of the round chooses the page."""

    def ask(view: str, after: list[Any] | None, **more: Any) -> Callable[[Any], object]:
        return lambda ctx: list_tasks(ctx, TaskFilter(view=view, **more), after=after, limit=PAGE)

    return {
        "first page": lambda _: ask("group", None),
        "later page": lambda number: ask("group", keys["group"][number]),
        "overdue": lambda _: ask("group", None, due=DueState.OVERDUE),
        "my tasks": lambda _: ask("mine", None),
        "done, first page": lambda _: ask("done", None),
        "done, later page": lambda number: ask("done", keys["done"][number]),
        "counts": lambda _: count_tasks,
    }


def measure(platform: Platform, rounds: int) -> dict[str, dict[str, float]]:
    """Milliseconds in the database by question, and what the plans touch."""
    person = Actor(USER, "经办1", {SITE: frozenset(ROLES)})
    watch = Watch(platform)
    keys = _keys(platform, random.Random(7), rounds)  # noqa: S311 -- which page, not a secret
    figures: dict[str, dict[str, float]] = {}
    for name, question in questions(keys).items():
        taken: list[float] = []
        for number in range(rounds):
            with platform.transaction(person) as ctx, watch.question(taken):
                question(number)(ctx)
        warm = sorted(taken[max(1, rounds // 20) :])
        figures[name] = {"p50": statistics.median(warm), "p95": warm[int(len(warm) * 0.95)], "most": warm[-1]}
        figures[name] |= buffers(platform, question(0))
    return figures


def _keys(platform: Platform, chosen: random.Random, rounds: int) -> dict[str, list[list[Any]]]:
    """Keys anywhere in the inbox and in the done tasks."""
    queries = {
        "group": f"select due_at, task_id from task_candidates where site_id = {SITE} and assignee_id is null order by due_at, task_id",
        "done": f"select closed_at, id from tasks where completed_by = {USER} and state = 'completed' order by closed_at desc, id desc",
    }
    found: dict[str, list[list[Any]]] = {}
    for name, query in queries.items():
        with platform.on_duty() as connection:
            rows = connection.execute(text(query)).all()
        found[name] = [[row[0].isoformat(), row[1]] for row in (chosen.choice(rows) for _ in range(rounds))]
    return found


def asked(platform: Platform, question: Callable[[Any], object]) -> Iterator[tuple[str, dict[str, Any], list[str]]]:
    """Every statement of a question with its plan, as the user's transaction has it: the figures and the lines."""
    person = Actor(USER, "经办1", {SITE: frozenset(ROLES)})
    with platform.transaction(person) as ctx:
        kept: list[tuple[str, Any]] = []

        def keep(_: object, __: object, statement: str, values: Any, *___: object) -> None:
            kept.append((statement, values))

        event.listen(platform.sql, "before_cursor_execute", keep)
        question(ctx)
        event.remove(platform.sql, "before_cursor_execute", keep)
        cursor: Any = ctx.session.connection().connection.cursor()
        for statement, values in kept:
            cursor.execute("explain (analyze, buffers, format json) " + statement, values)
            told = cursor.fetchone()[0][0]
            cursor.execute("explain (analyze, buffers, costs off, summary on) " + statement, values)
            yield statement, told, [row[0] for row in cursor.fetchall()]


def buffers(platform: Platform, question: Callable[[Any], object]) -> dict[str, float]:
    """Pages that a question touches and milliseconds by the server's own clock: what other work on the machine does not change."""
    plans = [told for _, told, _ in asked(platform, question)]
    touched = sum(told["Plan"]["Shared Hit Blocks"] + told["Plan"]["Shared Read Blocks"] for told in plans)
    planning = sum(told["Planning Time"] for told in plans)
    return {
        "statements": len(plans),
        "pages": touched,
        "ms": sum(told["Execution Time"] for told in plans),
        "planningMs": planning,
    }


def explain(platform: Platform) -> Iterator[str]:
    """The plans of all questions."""
    keys = _keys(platform, random.Random(7), 1)  # noqa: S311 -- which page, not a secret
    for name, question in questions(keys).items():
        for _, _, lines in asked(platform, question(0)):
            yield f"--- {name}"
            yield from lines


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
        # Checks are the administrator's to set aside.
        filling = create_engine(cluster.url(admin=True), poolclass=NullPool)
        with filling.begin() as connection:
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
        print(
            f"  {name:<18} p50 {figures['p50']:6.2f}   p95 {figures['p95']:6.2f}   most {figures['most']:6.2f}"
            f"   {figures['statements']:.0f} statements, {figures['pages']:.0f} pages, {figures['ms']:.2f} ms by the server"
            f" and {figures['planningMs']:.2f} of planning"
        )


if __name__ == "__main__":
    main()
