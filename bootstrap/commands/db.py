"""``lianban db``: the schema and the embedded PostgreSQL."""

from __future__ import annotations

import secrets
import subprocess
import sys
from pathlib import Path

import click
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.engine import make_url

from bootstrap.commands.surface import json_option, phase, print_json, print_table, read_moment
from bootstrap.database import cluster_of, destroy_database, open_database
from bootstrap.errors import BadInput
from bootstrap.migrations import current_revision, load_shipped, make_revision, migrate, newest_revision
from bootstrap.postgres import backup
from bootstrap.settings import Settings


@click.group()
def db() -> None:
    """数据库: migrate the schema, look at the database, start over.

    By default the product runs its own PostgreSQL under LIANBAN_HOME; LIANBAN_DATABASE_URL names another (15 or newer).
    """


@db.command("migrate")
def migrate_command() -> None:
    """Bring schema and catalogue of items to this version. Safe to repeat; nodes that start together wait for each other."""
    settings = Settings.from_environment()
    with (
        open_database(settings) as database,
        create_engine(database.owner_url, poolclass=NullPool).begin() as connection,
    ):
        before = current_revision(connection)
        migrate(connection, role=settings.database_role)
        items = load_shipped(connection)
        after = current_revision(connection)
    click.echo(f"数据库结构已是最新 Schema is current: {before or '∅'} → {after}；事项 items {items}")


@db.command("status")
@json_option
def status_command(as_json: bool) -> None:
    """Where the database is, its version and schema revision."""
    settings = Settings.from_environment()
    with open_database(settings) as database, create_engine(database.url, poolclass=NullPool).connect() as connection:
        facts = {
            "address": make_url(database.url).render_as_string(hide_password=True),
            "embedded": database.cluster is not None,
            "home": str(settings.home),
            "server": connection.execute(text("show server_version")).scalar_one(),
            "size": connection.execute(
                text("select pg_size_pretty(pg_database_size(current_database()))")
            ).scalar_one(),
            "revision": current_revision(connection),
            "newest": newest_revision(),
        }
    if as_json:
        print_json(facts)
    else:
        print_table(["项目 fact", "值 value"], list(facts.items()))


@db.command("backup")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def backup_command(folder: Path) -> None:
    """Copy the embedded database into a new folder below FOLDER and verify the copy; the platform goes on meanwhile.

    With LIANBAN_ARCHIVE_FOLDER set you can later go back to any moment after this copy: lianban db restore.
    Keep LIANBAN_HOME/keys elsewhere: without it no backup can be read.
    """
    settings = Settings.from_environment()
    _refuse_to_copy_foreign(settings)
    with open_database(settings) as database:
        assert database.cluster is not None  # noqa: S101 -- the foreign one was refused
        made = backup.take(database.cluster, folder, bindir=settings.postgres_bindir, user_name=settings.postgres_user)
    click.echo(f"已备份并核对 Backup made and verified: {made}")


@db.command("restore")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option("--until", help="Go back to this moment, e.g. 2026-03-02T09:00 (Chinese time unless it has an offset).")
@click.option("--archive", type=click.Path(path_type=Path, file_okay=False), help="Default: LIANBAN_ARCHIVE_FOLDER.")
def restore_command(folder: Path, until: str | None, archive: Path | None) -> None:
    """Make the embedded database from the backup FOLDER, roll on by the archive, stop at a moment.

    LIANBAN_HOME must hold the keys and no database. Nothing in the backup or the archive is changed.
    """
    settings = Settings.from_environment()
    _refuse_to_copy_foreign(settings)
    moment = None if until is None else read_moment(until)
    cluster = cluster_of(settings)
    with phase("恢复 restoring"):
        backup.restore(cluster, folder, archive=archive or settings.archive_folder, until=moment)
        cluster.stop()
    click.echo("已恢复 Restored. 请先核对，再启动 lianban serve · check it before you start lianban serve.")


@db.command("reset")
@click.option("--yes", is_flag=True, help="Do not ask.")
def reset_command(yes: bool) -> None:
    """Delete ALL data of the embedded database. Never touches a database named by LIANBAN_DATABASE_URL."""
    settings = Settings.from_environment()
    refuse_foreign_database(settings)
    if not yes:
        click.confirm(f"删除 {settings.home} 下的全部数据？Delete all data under {settings.home}?", abort=True)
    reset(settings)
    click.echo("已清空 All data deleted.")


@db.command("revision")
@click.argument("message")
def revision_command(message: str) -> None:
    """For developers: write the next migration from the difference between the models and a freshly migrated database."""
    with open_database(Settings.from_environment()) as database:
        server = make_url(database.cluster.url("postgres", admin=True) if database.cluster else database.url)
        name = f"lianban_scratch_{secrets.token_hex(4)}"
        owner = create_engine(server, isolation_level="AUTOCOMMIT")
        with owner.connect() as connection:
            connection.execute(text(f"create database {name}"))
        scratch = create_engine(server.set(database=name))
        try:
            with scratch.begin() as connection:
                migrate(connection)
                path = make_revision(connection, message)
        finally:
            scratch.dispose()
            with owner.connect() as connection:
                connection.execute(text(f"drop database {name}"))
            owner.dispose()
    for arguments in (["check", "--fix", "--quiet", "--exit-zero"], ["format", "--quiet"]):
        subprocess.run([sys.executable, "-m", "ruff", *arguments, path], check=False)  # noqa: S603 -- tidy, if ruff is there
    click.echo(path)


def _refuse_to_copy_foreign(settings: Settings) -> None:
    """Backup and restore are for the embedded database only."""
    if settings.database_url:
        raise BadInput(
            "已设置 LIANBAN_DATABASE_URL：外部数据库用它自己的工具备份和恢复。",
            "LIANBAN_DATABASE_URL is set: back up and restore that database with its own tools.",
            next_zh="例如 pgBackRest、Barman 或云备份；见 docs/operations.md“备份与恢复”。",
            next_en="For example pgBackRest, Barman, the cloud's backup; see docs/operations.md.",
        )


def refuse_foreign_database(settings: Settings) -> None:
    """Starting over is for the embedded database only."""
    if settings.database_url:
        raise BadInput(
            "已设置 LIANBAN_DATABASE_URL：lianban 不会清空外部数据库。",
            "LIANBAN_DATABASE_URL is set: lianban does not empty a database that is not its own.",
            next_zh="请由数据库管理员清空，或取消该设置。",
            next_en="Have its administrator empty it, or unset the variable.",
        )


def reset(settings: Settings) -> None:
    """Stop the embedded server and delete its data. Waits for other commands to end, then gives up with an error."""
    with phase("清空数据 deleting all data"):
        destroy_database(
            settings, on_wait=lambda: click.echo("等待另一个 lianban 结束 waiting for another lianban … ", nl=False)
        )
