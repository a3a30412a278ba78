"""Which database this process uses, and for how long the embedded one must run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg
from sqlalchemy.exc import OperationalError

from bootstrap.errors import BootstrapError, PostgresBusy, PostgresNotReachable, PostgresTooOld, SchemaNotCurrent
from bootstrap.postgres import Cluster
from bootstrap.postgres.backup import archiving, make_archive
from bootstrap.postgres.binaries import OLDEST_MAJOR, find_system_user
from bootstrap.processes import file_lock
from bootstrap.protection import require_encrypted_database
from bootstrap.settings import Settings

_WAIT_SECONDS = 60
_POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Database:
    """An address that answers. ``cluster`` is None when the database is not ours to start and stop.

    ``url`` is for what runs, ``owner_url`` for who makes and changes tables.
    """

    url: str = field(repr=False)
    owner_url: str = field(repr=False)
    cluster: Cluster | None = None


def cluster_of(settings: Settings) -> Cluster:
    """The embedded cluster of this deployment (not started)."""
    more = {}
    if settings.archive_folder is not None:
        make_archive(settings.archive_folder, find_system_user(settings.postgres_user))
        more = archiving(settings.archive_folder)
    return Cluster(settings.home, bindir=settings.postgres_bindir, user=settings.postgres_user, more=more)


def locate_database(settings: Settings) -> str:
    """The address for a process that a running ``lianban serve`` started: nothing is started here."""
    if settings.database_url:
        require_encrypted_database(settings)
        return settings.database_url
    cluster = cluster_of(settings)
    if not cluster.exists():
        raise PostgresNotReachable(
            "数据库尚未建立。",
            "The database was not made yet.",
            next_zh="请先运行 lianban serve 或 lianban demo。",
            next_en="Run lianban serve or lianban demo first.",
        )
    return cluster.url(scoped=True)


@contextmanager
def open_database(settings: Settings) -> Iterator[Database]:
    """The database for a short command: starts the embedded one when nobody runs it, and then stops it again.

    A running ``serve`` is used as it is. Commands that overlap share one server; who started it waits for the others.
    """
    if settings.database_url:
        yield _external(settings, settings.database_url)
        return
    cluster = cluster_of(settings)
    locks = settings.home / "locks"
    with file_lock(locks / "postgres-owner") as own:
        with file_lock(locks / "postgres-users", shared=True) as join:
            join.wait()
            owner = own.try_now()
            if owner:
                cluster.start()
            else:
                _wait_for(cluster.is_ready)
            try:
                yield Database(cluster.url(scoped=True), cluster.url(), cluster)
            except BaseException:
                if owner:
                    cluster.stop()
                raise
        if owner:
            with file_lock(locks / "postgres-users") as alone:
                alone.wait()
                cluster.stop()


def _external(settings: Settings, url: str) -> Database:
    """The database that the settings name, once it was found fit."""
    require_encrypted_database(settings)
    check_server(url)
    return Database(url, settings.database_owner_url or url)


@contextmanager
def own_database(settings: Settings, *, on_wait: Callable[[], None]) -> Iterator[Database]:
    """The database for ``serve``: waits until no command owns the embedded one, owns it, stops it at the end."""
    if settings.database_url:
        yield _external(settings, settings.database_url)
        return
    cluster = cluster_of(settings)
    with _ownership(settings, on_wait):
        try:
            cluster.start()
            yield Database(cluster.url(scoped=True), cluster.url(), cluster)
        finally:
            cluster.stop()


def destroy_database(settings: Settings, *, on_wait: Callable[[], None]) -> None:
    """Delete the embedded database with all data, once nobody uses it. Raises :class:`PostgresBusy` when somebody goes on."""
    with _ownership(settings, on_wait):
        cluster_of(settings).destroy()


@contextmanager
def _ownership(settings: Settings, on_wait: Callable[[], None]) -> Iterator[None]:
    with file_lock(settings.home / "locks" / "postgres-owner") as own:
        if not own.try_now():
            on_wait()
            _wait_for(own.try_now)
        yield


def check_server(url: str) -> None:
    """Refuse a server that does not answer or is older than we can use. The password never shows."""
    try:
        with psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://"), connect_timeout=10) as connection:
            version = connection.info.server_version // 10000
    except psycopg.OperationalError as error:
        raise PostgresNotReachable(
            f"连接不上 LIANBAN_DATABASE_URL 指定的数据库：{_first_line(error)}",
            f"The database of LIANBAN_DATABASE_URL does not answer: {_first_line(error)}",
            next_zh="请检查地址、用户名、密码和网络。",
            next_en="Check the address, user, password and network.",
        ) from None
    if version < OLDEST_MAJOR:
        raise PostgresTooOld(
            f"数据库是 PostgreSQL {version}，至少需要 {OLDEST_MAJOR}。",
            f"The database is PostgreSQL {version}; at least {OLDEST_MAJOR} is needed.",
        )


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__


def _wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _WAIT_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise PostgresBusy(
                "另一个 lianban 进程正在使用内置数据库，等待超时。",
                "Another lianban process holds the embedded database; waiting for it took too long.",
                next_zh="请先结束另一个 lianban serve / demo，再重试。",
                next_en="Stop the other lianban serve or demo, then try again.",
            )
        time.sleep(_POLL_SECONDS)


def refused_connection(error: OperationalError) -> BootstrapError:
    """What a database that turned a command away means; nothing of the server's words is told, they may hold an address or a name."""
    words = str(error.orig)
    if "role" in words and "does not exist" in words:
        return SchemaNotCurrent(
            "数据库里还没有应用角色或账号：可能还没有执行过迁移，或地址中的账号不对。",
            "The database does not know the application's role or the account: it was not migrated yet, or the address names another.",
            next_zh="请执行 lianban db migrate，并核对 LIANBAN_DATABASE_URL（见 docs/operations.md“外部数据库”）。",
            next_en="Run lianban db migrate and check LIANBAN_DATABASE_URL (docs/operations.md, “Your own database”).",
        )
    return PostgresNotReachable(
        "数据库连接不上，或连接中断。",
        "The database cannot be reached, or the connection broke.",
        next_zh="请检查数据库是否在运行、LIANBAN_DATABASE_URL 是否正确，再执行一次；没有做到一半的改动。",
        next_en="See whether it runs and LIANBAN_DATABASE_URL is right, then try again; nothing was done by halves.",
    )
