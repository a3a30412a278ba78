"""One embedded PostgreSQL cluster: made once, started, watched, stopped.

What it may trust: a connection whose ``data_directory`` is ours, never a process id from a file.
"""

from __future__ import annotations

import locale
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from bootstrap.errors import PostgresNotStarted, PostgresTooOld
from bootstrap.keys import read_or_create_secret
from bootstrap.postgres.binaries import Binaries, find_binaries, find_system_user
from bootstrap.postgres.layout import Layout, find_layout, make_layout, remove_layout
from bootstrap.processes import die_with_parent, free_port, port_is_free, processes_in

ADMIN = "postgres"
APPLICATION = "lianban"
"""The application's database, and the role that owns it and its tables."""
SCOPED = "lianban_app"
"""The role of everything that runs: bound by row-level security, owner of nothing."""
START_LIMIT_SECONDS = 600
"""A crash recovery may take minutes; a dead server is noticed at once by its process, not by this limit."""
STOP_LIMIT_SECONDS = 60
_POLL_SECONDS = 0.05
_BUILTIN_LOCALE_SINCE = 17
_UTF8_LOCALES = ("C.UTF-8", "C.utf8", "en_US.UTF-8", "zh_CN.UTF-8", "UTF-8")

_SERVER_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "120",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
    "random_page_cost": "1.1",  # solid state disks; with 4 the planner shuns indices
    "logging_collector": "off",
    "log_statement": "none",
    "log_min_error_statement": "panic",  # a statement carries personal data
    "log_error_verbosity": "terse",  # so does "failing row contains"
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}


@dataclass(frozen=True, slots=True)
class Address:
    """Host, port and password of the cluster's administrator."""

    host: str
    port: int
    password: str = field(repr=False)


class Cluster:
    """The embedded cluster under ``home``. ``durable=False`` (tests) trades crash safety for speed; ``more`` are server settings."""

    def __init__(
        self,
        home: Path,
        *,
        bindir: Path | None = None,
        user: str | None = None,
        durable: bool = True,
        more: Mapping[str, str] | None = None,
    ) -> None:
        self.home = home
        self.user_name = user
        self._bindir = bindir
        self._more = dict(more or {})
        self._durable = durable
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, database: str = APPLICATION, *, admin: bool = False, scoped: bool = False) -> str:
        """Address for SQLAlchemy and psycopg: of the tables' owner, or of the role that runs. The cluster must have been started once."""
        role = ADMIN if admin else SCOPED if scoped else APPLICATION
        return f"postgresql+psycopg://{role}:{self._password(role)}@127.0.0.1:{self._layout.port()}/{database}"

    def address(self) -> Address:
        """Where the administrator's tools log in. The cluster must have been started once."""
        return Address("127.0.0.1", self._layout.port() or 0, self._password(ADMIN))

    @property
    def log(self) -> Path:
        """PostgreSQL's own log."""
        return self._layout.log

    def is_running(self) -> bool:
        """Whether a server on our data folder answers now."""
        return self._ask_data_directory() == self._layout.data

    def is_ready(self) -> bool:
        """Whether the application can log in to its database (shortly after the server answers, at the very first start)."""
        if not self.is_running():
            return False
        try:
            psycopg.connect(self.url(scoped=True).replace("+psycopg", ""), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def started_here(self) -> bool:
        """Whether the server is our child and alive."""
        return self._process is not None and self._process.poll() is None

    def exists(self) -> bool:
        """Whether the cluster was made."""
        return (self._layout.data / "PG_VERSION").is_file()

    def start(self) -> bool:
        """Make the cluster when missing and see that it runs. True when this call started the server."""
        if self.exists() and self.is_running():
            return False
        user = find_system_user(self.user_name)
        binaries = find_binaries(self._bindir, user)
        layout = make_layout(self.home, user)
        self._clear_what_a_crash_left(layout)
        if not self.exists():
            self._init(binaries, layout)
        self._check_version(binaries, layout)
        self._spawn(binaries, layout)
        self._wait_until_ready(layout)
        self._make_application_database()
        return True

    def stop(self) -> None:
        """Stop the server, whoever started it: open transactions are rolled back, clients disconnected."""
        for sign in (signal.SIGINT, signal.SIGQUIT):
            process = self._process or self._adopted()
            if process is not None:
                with suppress(ProcessLookupError, psutil.NoSuchProcess):
                    process.send_signal(sign)
            if self._is_gone(time.monotonic() + STOP_LIMIT_SECONDS):
                break
        self._process = None

    def _is_gone(self, deadline: float) -> bool:
        """Wait until no process works in the data folder (a zombie that somebody else must collect does not count)."""
        while processes_in(self._layout.data):
            if time.monotonic() > deadline:
                return False
            if self._process is not None:
                self._process.poll()
            time.sleep(_POLL_SECONDS)
        return self._process is None or self._process.wait(STOP_LIMIT_SECONDS) is not None

    def destroy(self) -> None:
        """Stop the server and delete all data."""
        self.stop()
        remove_layout(self.home)

    @contextmanager
    def connect(self, database: str = "postgres") -> Iterator[psycopg.Connection[tuple[object, ...]]]:
        """An autocommit connection as the cluster's administrator."""
        with psycopg.connect(
            host="127.0.0.1",
            port=self._layout.port(),
            user=ADMIN,
            password=self._password(ADMIN),
            dbname=database,
            connect_timeout=5,
            autocommit=True,
        ) as connection:
            yield connection

    @property
    def _layout(self) -> Layout:
        return find_layout(self.home)

    def _password(self, role: str) -> str:
        return read_or_create_secret(self.home / "keys", f"postgres-{role}")

    def _ask_data_directory(self) -> Path | None:
        if self._layout.port() is None:
            return None
        try:
            with self.connect() as connection:
                row = connection.execute("show data_directory").fetchone()
        except psycopg.OperationalError as error:
            if self.started_here() and "password authentication failed" in str(error):
                raise self._not_started(self._layout) from None
            return None
        return Path(str(row[0])).resolve() if row else None

    def _adopted(self) -> psutil.Process | None:
        """The server's main process when an earlier process of ours left it: by its folder, not by a pid file."""
        inside = processes_in(self._layout.data)
        pids = {process.pid for process in inside}
        for process in inside:
            with suppress(psutil.NoSuchProcess):  # a worker of it may end while we look
                if process.ppid() not in pids:
                    return process
        return None

    def _clear_what_a_crash_left(self, layout: Layout) -> None:
        """Wait for a server that is going down, then delete a lock file that nobody can be behind."""
        deadline = time.monotonic() + STOP_LIMIT_SECONDS
        while processes_in(layout.data):
            if self.is_running():
                return
            if time.monotonic() > deadline:
                raise PostgresNotStarted(
                    f"有进程仍在使用数据目录 {layout.data}，但不接受连接。",
                    f"A process still uses the data folder {layout.data} but accepts no connection.",
                    next_zh=f"请查看 {layout.log}，结束该进程后重试。",
                    next_en=f"See {layout.log}, end that process and try again.",
                )
            time.sleep(_POLL_SECONDS)
        if self._process is not None:
            self._process.wait(STOP_LIMIT_SECONDS)
            self._process = None
        (layout.data / "postmaster.pid").unlink(missing_ok=True)
        for left in layout.folder.glob(".s.PGSQL.*.lock"):
            left.unlink()

    def _init(self, binaries: Binaries, layout: Layout) -> None:
        """Make the cluster beside its final place, so that a killed initdb leaves nothing that looks like one."""
        draft = layout.folder / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        secret = layout.folder / "password.new"
        secret.touch(mode=0o600)
        secret.write_text(self._password(ADMIN), encoding="ascii")
        user = find_system_user(self.user_name)
        if user is not None:
            shutil.chown(secret, user.uid, user.gid)
        command = [
            str(binaries.bindir / "initdb"),
            f"--pgdata={draft}",
            f"--username={ADMIN}",
            f"--pwfile={secret}",
            "--auth=scram-sha-256",
            "--data-checksums",
            "--encoding=UTF8",
            *_locale_options(binaries),
            *([] if self._durable else ["--no-sync"]),
        ]
        try:
            done = self._run_as_user(command, layout)
        finally:
            secret.unlink()
        if done.returncode:
            raise PostgresNotStarted(
                f"无法建立数据目录 {layout.data}：{_last_line(done.stderr)}",
                f"The data folder {layout.data} could not be made: {_last_line(done.stderr)}",
                next_zh="请检查磁盘空间和目录权限。",
                next_en="Check disk space and the folder's permissions.",
            )
        draft.rename(layout.data)

    def _run_as_user(self, command: list[str], layout: Layout) -> subprocess.CompletedProcess[bytes]:
        user = find_system_user(self.user_name)
        return subprocess.run(  # noqa: S603 -- our own binaries and arguments
            command,
            check=False,
            capture_output=True,
            cwd=layout.folder,
            env=_environment(layout),
            user=user.uid if user else None,
            group=user.gid if user else None,
            extra_groups=[] if user else None,
        )

    def _check_version(self, binaries: Binaries, layout: Layout) -> None:
        made_by = (layout.data / "PG_VERSION").read_text(encoding="ascii").strip()
        if made_by != str(binaries.major):
            raise PostgresTooOld(
                f"数据目录由 PostgreSQL {made_by} 建立，现有程序是 {binaries.version}。",
                f"The data folder was made by PostgreSQL {made_by}; the server here is {binaries.version}.",
                next_zh="请用旧版本 pg_dump 导出，再用新版本导入；见 docs/operations.md。",
                next_en="Dump it with the old version and restore it with the new one; see docs/operations.md.",
            )

    def _spawn(self, binaries: Binaries, layout: Layout) -> None:
        port = layout.port()
        if port is None or not port_is_free(port):
            port = free_port()
            layout.keep_port(port)
        settings = {**_SERVER_SETTINGS, **self._more, "port": str(port)}
        if not self._durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        user = find_system_user(self.user_name)
        with layout.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 -- our own binaries and arguments
                [str(binaries.bindir / "postgres"), "-D", str(layout.data), *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=layout.folder,
                env=_environment(layout),
                user=user.uid if user else None,
                group=user.gid if user else None,
                extra_groups=[] if user else None,
                start_new_session=True,  # Ctrl-C reaches us, and we stop it in order
                preexec_fn=die_with_parent(signal.SIGINT),  # noqa: PLW1509 -- one system call, see there
            )

    def _wait_until_ready(self, layout: Layout) -> None:
        process = self._process
        deadline = time.monotonic() + START_LIMIT_SECONDS
        while process is not None and process.poll() is None and time.monotonic() < deadline:
            if self.is_running():
                return
            time.sleep(_POLL_SECONDS)
        raise self._not_started(layout)

    def _not_started(self, layout: Layout) -> PostgresNotStarted:
        self.stop()
        log = layout.log.read_bytes() if layout.log.exists() else b""
        return PostgresNotStarted(
            f"PostgreSQL 没有启动：{_last_line(log)}",
            f"PostgreSQL did not start: {_last_line(log)}",
            next_zh=f"详情见 {layout.log}。如果是密码错误，说明 {self.home / 'keys'} 与数据目录不配套，请恢复备份。",
            next_en=f"See {layout.log}. A wrong password means that {self.home / 'keys'} is not the data's: restore it.",
        )

    def _make_application_database(self) -> None:
        with self.connect() as connection:
            for role in (APPLICATION, SCOPED):
                if not connection.execute("select 1 from pg_roles where rolname = %s", (role,)).fetchone():
                    connection.execute(
                        sql.SQL("create role {} login password {}").format(
                            sql.Identifier(role), sql.Literal(self._password(role))
                        )
                    )
            # So that whoever is given the owner's address (LIANBAN_DATABASE_URL) runs as the other role too.
            connection.execute(sql.SQL("grant {} to {}").format(sql.Identifier(SCOPED), sql.Identifier(APPLICATION)))
            if not connection.execute("select 1 from pg_database where datname = %s", (APPLICATION,)).fetchone():
                connection.execute(
                    sql.SQL("create database {} owner {}").format(
                        sql.Identifier(APPLICATION), sql.Identifier(APPLICATION)
                    )
                )


def _locale_options(binaries: Binaries) -> list[str]:
    """Byte order for sorting; a UTF-8 character type, for with a plain C one ``pg_trgm`` sees no Chinese at all."""
    builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return [
        "--locale=C",
        f"--lc-ctype={_utf8_locale()}",
        *(builtin if binaries.major >= _BUILTIN_LOCALE_SINCE else []),
    ]


def _utf8_locale() -> str:
    """A UTF-8 character type that this machine has."""
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        for name in _UTF8_LOCALES:
            with suppress(locale.Error):
                locale.setlocale(locale.LC_CTYPE, name)
                return name
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    raise PostgresNotStarted(
        "这台机器没有 UTF-8 语言环境，中文检索无法工作。",
        "This machine has no UTF-8 locale; searching Chinese text would not work.",
        next_zh="请安装语言环境 C.UTF-8 或 zh_CN.UTF-8（例如 apt-get install locales）后重试。",
        next_en="Install the locale C.UTF-8 or zh_CN.UTF-8 (for example apt-get install locales), then try again.",
    )


def _environment(layout: Layout) -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "HOME": str(layout.folder), "LC_ALL": "C", "TZ": "UTC"}


def _last_line(output: bytes) -> str:
    lines = [line for line in output.decode(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else ""
