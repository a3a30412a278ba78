"""``lianban demo | serve | web | scheduler | worker``: running the platform."""

from __future__ import annotations

import dataclasses
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from importlib import import_module
from pathlib import Path
from typing import NoReturn

import click
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import OperationalError

from bootstrap.commands.db import refuse_foreign_database, reset
from bootstrap.commands.surface import phase
from bootstrap.container import Platform, make_sql_engine
from bootstrap.database import Database, locate_database, own_database
from bootstrap.errors import BadInput, PortTaken
from bootstrap.key_ring import open_ring, require_readable
from bootstrap.logging import configure_logging
from bootstrap.migrations import load_shipped, migrate, refuse_behind, require_current
from bootstrap.nodes.folder import is_draining, run_folder
from bootstrap.nodes.health import Probe, alive, health_port, readiness_probe
from bootstrap.nodes.node import run_node
from bootstrap.nodes.pages import PagesAnswer
from bootstrap.nodes.readiness import Readiness
from bootstrap.processes import port_is_free, settle_memory
from bootstrap.row_security import refuse_unbound, require_bound
from bootstrap.settings import Settings, parse_queues, share_run_folder
from bootstrap.settings_file import write_settings_file
from bootstrap.supervisor import Child, Supervisor, lianban
from bootstrap.telemetry import tracing
from bootstrap.telemetry.exposition import metrics_probe

READY_PATH = "/readyz"
_PROBE_SECONDS = 2.0
_PORT_SECONDS, _PORT_LOOK_SECONDS = 5.0, 0.1


@click.command()
@click.option("--reset", "start_over", is_flag=True, help="Delete the demo's data first.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port on 127.0.0.1 (kept for the next start).")
def demo(start_over: bool, port: int | None) -> None:
    """演示: everything on this machine, with demo sites, people, workflows and an adjustable clock.

    Starts PostgreSQL, makes the tables, loads what is missing of the demo, serves the pages and prints address and
    log-ins. Ctrl-C stops all of it; the data stays for the next time.
    """
    settings = Settings.from_environment()
    refuse_foreign_database(settings)
    lines = {
        "LIANBAN_TRAINING": "1",
        "LIANBAN_DEMO": "1",
        "LIANBAN_ONE_PERSON_DEMO": "1",
        "LIANBAN_LOG_FORMAT": "console",
        "LIANBAN_LOG_LEVEL": "WARNING",
    }
    if port:
        lines["LIANBAN_PORT"] = str(port)
    click.secho("联办演示环境 Lianban demo", bold=True)
    if start_over:
        reset(settings)
    write_settings_file(settings.file, lines)
    settings = Settings.from_environment()
    if port:
        settings = dataclasses.replace(settings, port=port)
    _run(settings, prepare=_prepare_demo)


@click.command()
def serve() -> None:
    """服务: the platform of this deployment: web workers, scheduler and (unless LIANBAN_DATABASE_URL is set) PostgreSQL.

    One process tree: Ctrl-C or SIGTERM stops it, a child that falls is started again.
    """
    _run(Settings.from_environment(), prepare=_prepare_serve)


@click.command()
def web() -> None:
    """Only the web workers (granian), for a node behind a load balancer. The database must be running."""
    from bootstrap.nodes.web import serve_web

    settings = Settings.from_environment()
    configure_logging(style=settings.log_format, level=settings.log_level, node=settings.node_name)
    engine = make_sql_engine(settings, locate_database(settings))
    refuse_unbound(engine)
    engine.dispose()
    with run_folder(settings) as folder:
        share_run_folder(folder)
        threads = settings.web_workers * settings.web_threads
        with run_node(
            settings,
            "web",
            url=locate_database(settings),
            folder=folder,
            capacity=threads,
            several=True,
            started=PagesAnswer(settings),
        ) as node:
            serve_web(settings, node.drain)


@click.command()
def scheduler() -> None:
    """Only the background work: promotes what is due and does it (timers, messages, services). Any number of nodes may run it."""
    settings = Settings.from_environment()
    _require_schema(settings)
    if _several(settings):
        _supervise(settings, _background(settings, "scheduler"))
    _work("scheduler", settings, ticks=True)


@click.command()
@click.option("--queues", help="Which queues, comma between them (default: LIANBAN_QUEUES, else all).")
@click.option("--concurrency", type=click.IntRange(1, 256), help="Jobs at once in each queue.")
def worker(queues: str | None, concurrency: int | None) -> None:
    """Only does work that schedulers hand out: for machines of their own, for example for slow services.

    At least one node of the deployment must run serve or scheduler.
    """
    settings = Settings.from_environment()
    if queues is not None:
        settings = dataclasses.replace(settings, queues=parse_queues(queues))
    if concurrency is not None:
        settings = dataclasses.replace(settings, job_concurrency=concurrency, service_concurrency=concurrency)
    _require_schema(settings)
    if _several(settings):
        limit = [] if concurrency is None else ["--concurrency", str(concurrency)]
        _supervise(settings, _background(settings, "worker", "--queues", ",".join(settings.queues), *limit))
    _work("worker", settings, ticks=False)


def _require_schema(settings: Settings) -> None:
    """Work done on tables that are not there would fail again and again, and become incidents. Raises :class:`SchemaNotCurrent`."""
    if settings.run_folder is not None:
        return  # a part of a node that was asked already
    engine = make_sql_engine(settings, locate_database(settings))
    try:
        refuse_behind(engine)
    finally:
        engine.dispose()


def _several(settings: Settings) -> bool:
    """Whether this process is to start the node's processes, not to be one of them."""
    return settings.worker_processes > 1 and settings.run_folder is None


def _background(settings: Settings, first: str, *options: str) -> list[Child]:
    """The processes of a node's background work: one may promote, the others only work."""
    more = (f"worker-{number}" for number in range(2, settings.worker_processes + 1))
    return [Child(first, lianban(first, *options)), *(Child(name, lianban("worker", *options)) for name in more)]


def _supervise(settings: Settings, children: list[Child]) -> NoReturn:
    """Be the parent of a node of several processes that work: watches them, answers for their health, ends with them."""
    configure_logging(style=settings.log_format, level=settings.log_level, node=settings.node_name)
    with run_folder(settings) as folder, health_port(settings, _probes(settings, locate_database(settings), folder)):
        code = Supervisor(settings, children, folder=folder).run()
    sys.exit(code)


def _work(role: str, settings: Settings, *, ticks: bool) -> None:
    """A node that does work until a signal: it takes no more then, ends what it has begun, and goes."""
    main = import_module("scheduler.main")
    configure_logging(style=settings.log_format, level=settings.log_level, node=settings.node_name)
    ending = threading.Event()
    tracing.start(settings, role)
    platform = Platform.open(main.with_connections(settings, None))
    refuse_unbound(platform.sql)
    with (
        closing(platform),
        run_folder(settings) as folder,
        run_node(
            settings,
            role,
            url=platform.sql.url.render_as_string(hide_password=False),
            folder=folder,
            capacity=sum(main.threads_of(settings).values()),
            queues=settings.queues,
        ) as node,
    ):

        def leave(*_: object) -> None:
            node.drain()
            ending.set()

        for sign in (signal.SIGINT, signal.SIGTERM):
            signal.signal(sign, leave)
        settle_memory()
        main.run(platform, ending, ticks=ticks)
    tracing.stop()


def _run(settings: Settings, *, prepare: Callable[[Settings, Database], None]) -> None:
    configure_logging(style=settings.log_format, level=settings.log_level, node=settings.node_name)
    _wait_for_port(settings)
    waiting = "等待另一个 lianban 命令结束 … waiting for another lianban command to end"
    with phase("数据库 database"):
        opened = own_database(settings, on_wait=lambda: click.echo(waiting))
        database = opened.__enter__()
    try:
        prepare(settings, database)
        began = time.monotonic()

        def announce() -> bool:
            if not answers(settings):
                return False
            click.echo(f"  网页服务 pages … {time.monotonic() - began:.1f} s")
            _welcome(settings)
            if not settings.demo and not has_administrator(database.url):
                click.secho(
                    "  还没有管理员：在另一个终端执行 lianban administrator create 账号 --name 姓名", fg="yellow"
                )
                click.secho("  No administrator yet: run lianban administrator create LOGIN --name NAME", fg="yellow")
            return True

        children = [Child("web", lianban("web")), *_background(settings, "scheduler")]
        with run_folder(settings) as folder:
            probes = _probes(settings, database.url, folder, PagesAnswer(settings))
            with health_port(settings, probes):
                code = Supervisor(settings, children, database.cluster, on_ready=announce, folder=folder).run()
    finally:
        with phase("停止 stopping"):
            opened.__exit__(None, None, None)
    sys.exit(code)


def _wait_for_port(settings: Settings) -> None:
    """Raises :class:`PortTaken` when somebody keeps it; web workers whose parent was killed leave it in a moment."""
    ends = time.monotonic() + _PORT_SECONDS
    while not port_is_free(settings.port, settings.host):
        if time.monotonic() > ends:
            raise PortTaken(
                f"端口 {settings.port} 已被占用。",
                f"Port {settings.port} is in use.",
                next_zh="请结束占用它的程序，或用 --port / LIANBAN_PORT 换一个端口。",
                next_en="Stop the program that uses it, or choose another with --port or LIANBAN_PORT.",
            )
        time.sleep(_PORT_LOOK_SECONDS)


def _probes(settings: Settings, url: str, folder: Path, started: Callable[[], bool] = lambda: True) -> dict[str, Probe]:
    """The whole tree answers for its health on one port: the children's figures lie in ``folder``."""
    return {
        "/healthz": alive,
        "/readyz": readiness_probe(Readiness(url, lambda: is_draining(folder)), started),
        "/metrics": metrics_probe(settings, url, folder, root_pid=os.getpid()),
    }


def _prepare_serve(settings: Settings, database: Database) -> None:
    """The embedded database is ours to migrate; another one is migrated by its administrator's decision."""
    if database.cluster is not None:
        owner = create_engine(database.owner_url)
        with owner.begin() as connection, phase("数据表 tables"):
            migrate(connection, role=settings.database_role)
            load_shipped(connection)
        owner.dispose()
    engine = make_sql_engine(settings, database.url)
    try:
        with engine.connect() as connection:
            if database.cluster is None:
                require_current(connection)
            require_bound(connection)
            require_readable(connection, open_ring(settings).seal())
    finally:
        engine.dispose()


def _prepare_demo(settings: Settings, database: Database) -> None:
    _prepare_serve(settings, database)
    if not (settings.web_dist / "portal.html").is_file():
        raise BadInput(
            "网页还没有构建。",
            "The web pages are not built.",
            next_zh="请执行 make build（make demo 会自动完成）。",
            next_en="Run make build (make demo does it by itself).",
        )
    from bootstrap import demo as data

    with phase("演示数据 demo data"):
        platform = Platform.open(settings, url=database.url)
        data.load(platform)
        data.load_pages(platform)
        platform.close()


def answers(settings: Settings) -> bool:
    """Whether the pages are ready: one bare HTTP request to our own port."""
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104 -- a comparison
    try:
        with socket.create_connection((host, settings.port), timeout=_PROBE_SECONDS) as probe:
            probe.sendall(f"GET {READY_PATH} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            return probe.recv(64).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def has_administrator(url: str) -> bool:
    """Whether somebody administers the platform already; a database that does not answer is not asked further."""
    engine = create_engine(url, poolclass=NullPool)
    with suppress(OperationalError), engine.connect() as connection:
        found = text("select 1 from grants where role = 'PLATFORM_ADMIN' and site_id is null limit 1")
        return connection.execute(found).scalar() is not None
    return True


def _welcome(settings: Settings) -> None:
    click.echo()
    click.secho(f"  {settings.url}", bold=True, fg="green")
    pages = {
        "/": "群众办事 portal",
        "/staff/": "工作人员 staff",
        "/designer/": "流程设计 designer",
        "/admin/": "运行监督 admin",
    }
    for path, name in pages.items():
        click.echo(f"    {settings.url}{path:<12} {name}")
    if settings.demo:
        from bootstrap.demo import print_logins

        print_logins()
    click.echo()
    click.echo("  按 Ctrl-C 停止 · Ctrl-C stops everything")
