"""Backups of the embedded cluster and going back to a point in time: PostgreSQL's own base backups and archived WAL."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import psycopg

from bootstrap.errors import BackupNotTaken, BackupNotUsable, PostgresNotStarted
from bootstrap.postgres.binaries import Binaries, SystemUser, find_binaries, find_system_user, may_enter
from bootstrap.postgres.cluster import ADMIN, Cluster
from bootstrap.postgres.layout import make_layout

RECOVERY_LIMIT_SECONDS: Final = 24 * 3600
"""A long archive takes long; a server that fell is noticed at once by its process."""
_SETTINGS: Final = ("restore_command", "recovery_target_time", "recovery_target_action")
_POLL_SECONDS: Final = 0.1


def archiving(folder: Path) -> dict[str, str]:
    """Server settings that keep every piece of WAL in ``folder``, at least each minute: what going back to a moment needs."""
    file = f"{folder}/%f"
    copy = f"cp '%p' '{file}.part' && sync '{file}.part' && mv '{file}.part' '{file}'"
    return {
        "archive_mode": "on",
        "archive_timeout": "60",
        "archive_command": f"if test -f '{file}'; then cmp -s '%p' '{file}'; else {copy}; fi",
    }


def make_archive(folder: Path, user: SystemUser | None) -> None:
    """The folder of archived WAL, writable by the server."""
    if "'" in str(folder) or "%" in str(folder):
        raise BackupNotTaken(
            f"归档目录 {folder} 的名称不能含有引号或百分号。",
            f"The archive folder {folder} must have no quote or percent sign.",
        )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if user is not None:
        os.chown(folder, user.uid, user.gid)
        require_way(folder, user)


def require_way(folder: Path, user: SystemUser) -> None:
    """Raise :class:`BackupNotTaken` when the database's system user cannot walk down to a folder: found now, not in a log."""
    if not may_enter(folder, user):
        raise BackupNotTaken(
            f"系统用户 {user.name} 进不了 {folder}。",
            f"The system user {user.name} cannot enter {folder}.",
            next_zh="请换一个目录，或放开上级目录的进入权限。",
            next_en="Choose another folder, or let everybody pass through the folders above it.",
        )


def take(cluster: Cluster, folder: Path, *, bindir: Path | None = None, user_name: str | None = None) -> Path:
    """Copy the running cluster into a new folder below ``folder`` and verify the copy. Returns it."""
    user = find_system_user(user_name)
    binaries = find_binaries(bindir, user)
    target = folder.absolute() / f"base-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    target.mkdir(mode=0o700, parents=True)
    if user is not None:
        os.chown(target, user.uid, user.gid)
        require_way(target, user)
    address = cluster.address()
    where = [f"--host={address.host}", f"--port={address.port}", f"--username={ADMIN}", "--no-password"]
    how = ["--wal-method=stream", "--checkpoint=fast", "--manifest-checksums=SHA256"]
    _run(binaries, user, ["pg_basebackup", f"--pgdata={target}", *where, *how], password=address.password)
    _run(binaries, user, ["pg_verifybackup", "--quiet", str(target)])
    return target


def restore(cluster: Cluster, backup: Path, *, archive: Path | None, until: datetime | None) -> None:
    """Make the cluster of a home from a backup, roll on by the archive (to ``until``), and leave it running.

    Raises :class:`BackupNotUsable` when a cluster is there, the keys are not, or the archive does not reach the moment.
    """
    if cluster.exists():
        raise BackupNotUsable(
            f"{cluster.home} 已有数据库。",
            f"There is a database in {cluster.home}.",
            next_zh="请先把 postgres 目录移到别处，确认恢复结果后再删除。",
            next_en="Move its folder postgres away first; delete it when the restored one is right.",
        )
    if not (cluster.home / "keys" / f"postgres-{ADMIN}").is_file():
        raise BackupNotUsable(
            f"{cluster.home / 'keys'} 里没有密钥。",
            f"There are no keys in {cluster.home / 'keys'}.",
            next_zh="请先恢复 keys 目录：没有它，数据打不开。",
            next_en="Restore the folder keys first: without it the data cannot be opened.",
        )
    if not (backup / "backup_manifest").is_file():
        raise BackupNotUsable(f"{backup} 不是备份。", f"{backup} is no backup.")
    user = find_system_user(cluster.user_name)
    layout = make_layout(cluster.home, user)
    draft = layout.folder / "data.new"
    shutil.rmtree(draft, ignore_errors=True)
    shutil.copytree(backup, draft, symlinks=True)
    _plan(draft, archive, until)
    for path in (draft, *draft.rglob("*")):
        if user is not None:
            os.chown(path, user.uid, user.gid, follow_symlinks=False)
    draft.chmod(0o700)
    draft.rename(layout.data)
    try:
        cluster.start()
        _wait_until_promoted(cluster)
    except (PostgresNotStarted, BackupNotUsable):
        said = _last_words(cluster.log)
        cluster.destroy()  # so that a second try finds the place empty
        raise BackupNotUsable(
            f"归档到不了要恢复的时刻：{said}",
            f"The archive does not reach the moment to go back to: {said}",
            next_zh="请检查 --until 和归档目录。",
            next_en="Check --until and the archive folder.",
        ) from None


def _plan(data: Path, archive: Path | None, until: datetime | None) -> None:
    """What the server shall do at its first start."""
    if archive is None and until is None:
        return  # the backup brings the WAL of its own time
    if archive is None:
        raise BackupNotUsable(
            "回到某一时刻需要归档目录。",
            "Going back to a moment needs the archive folder.",
            next_en="Name it with --archive.",
        )
    lines = [f'restore_command = \'cp "{archive.absolute()}/%f" "%p"\'', "recovery_target_action = 'promote'"]
    if until is not None:
        lines.append(f"recovery_target_time = '{until.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}+00'")
    with (data / "postgresql.auto.conf").open("a", encoding="utf-8") as file:
        file.write("\n".join(["", *lines, ""]))
    (data / "recovery.signal").touch(mode=0o600)


def _wait_until_promoted(cluster: Cluster) -> None:
    deadline = time.monotonic() + RECOVERY_LIMIT_SECONDS
    while time.monotonic() < deadline and cluster.started_here():
        try:
            with cluster.connect() as connection:
                row = connection.execute("select pg_is_in_recovery()").fetchone()
                if row is not None and not row[0]:
                    for name in _SETTINGS:
                        connection.execute(f"alter system reset {name}")
                    return
        except psycopg.OperationalError:
            pass
        time.sleep(_POLL_SECONDS)
    raise BackupNotUsable("恢复没有完成。", "The recovery did not come to its end.")


def _last_words(log: Path) -> str:
    """The last thing that the server said of its own accord (its log holds no statements and no values)."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
    fatal = [line.partition("FATAL:")[2].strip() for line in lines if "FATAL:" in line]
    return fatal[-1] if fatal else "?"


def _run(binaries: Binaries, user: SystemUser | None, command: list[str], *, password: str = "") -> None:
    done = subprocess.run(  # noqa: S603 -- our own binaries and arguments
        [str(binaries.bindir / command[0]), *command[1:]],
        check=False,
        capture_output=True,
        cwd="/",
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC", "PGPASSWORD": password},
        user=user.uid if user else None,
        group=user.gid if user else None,
        extra_groups=[] if user else None,
    )
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines() or [command[0]]
        raise BackupNotTaken(
            f"备份没有完成：{lines[-1]}",
            f"The backup was not completed: {lines[-1]}",
            next_zh="请检查磁盘空间，以及数据库系统用户能否进入备份目录。",
            next_en="Check the disk's space, and that the database's system user may enter the backup's folder.",
        )
