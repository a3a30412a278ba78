"""``lianban deploy``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from bootstrap.commands.surface import json_option, print_json, print_table, show_error
from bootstrap.container import Platform
from bootstrap.database import open_database
from bootstrap.deployment import FileRefused, deploy_paths
from bootstrap.key_ring import require_readable
from bootstrap.migrations import require_current
from bootstrap.scenarios.reports import summary_of
from bootstrap.settings import Settings, parse_database_url
from domain.base import get_seal


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--key", help="Key of the model (for one file); usual: the folder's name.")
@click.option("--note", default="", help="What changed, for the list of versions.")
@click.option("--check", "only_check", is_flag=True, help="Only check: print all findings, change nothing.")
@click.option(
    "--no-test", "untested", metavar="REASON", help="Emergency: publish without scenario tests; the reason is recorded."
)
@click.option(
    "--test-database", metavar="URL", help="An empty database for the scenario tests instead of the throw-away one."
)
@json_option
def deploy(
    paths: tuple[Path, ...],
    key: str | None,
    note: str,
    only_check: bool,
    untested: str | None,
    test_database: str | None,
    as_json: bool,
) -> None:
    """部署: check models, decisions and forms and publish them for NEW cases; running cases keep their version.

    PATHS are .bpmn, .dmn and .form files or folders of them. All or nothing: when one model is refused, nothing changes and
    every finding is printed with element, line and hint. An unchanged file makes no new version.

    Scenario tests (*.scenario.yaml) of the folders run first, on a throw-away database; one that fails refuses the
    deployment.

    \b
      lianban deploy workflows/hukou-join-parents
      lianban deploy --check my-process.bpmn
    """
    from bootstrap.scenarios.gate import record_untested
    from domain.actors import SYSTEM

    try:
        if untested is None:
            _play_scenarios(paths, test_database, quiet=as_json)
        with opened_platform() as platform, platform.transaction(SYSTEM) as ctx:
            done = deploy_paths(ctx, paths, key=key, note=note)
            if untested is not None:
                record_untested(ctx, [one.key for one in done if one.kind == "model"], untested)
            if only_check:
                ctx.session.rollback()
    except FileRefused as error:
        show_findings(error, as_json=as_json)
        raise click.exceptions.Exit(show_error(error)) from None
    rows = [(one.kind, one.key, one.version, str(one.file)) for one in done]
    if as_json:
        print_json([dict(zip(("kind", "key", "version", "file"), row, strict=True)) for row in rows])
    else:
        print_table(["类型 kind", "标识 key", "版本 version", "文件 file"], rows)
        click.echo("检查通过，没有改动 Checked, nothing changed." if only_check else "已部署 Deployed.")


@contextmanager
def opened_platform() -> Iterator[Platform]:
    """The platform for a short command: database started when nobody runs it, closed afterwards."""
    settings = Settings.from_environment()
    with open_database(settings) as database:
        platform = Platform.open(settings, url=database.url)
        try:
            with platform.sql.connect() as connection:
                require_current(connection)
                require_readable(connection, get_seal())
            yield platform
        finally:
            platform.close()


def _play_scenarios(paths: tuple[Path, ...], database: str | None, *, quiet: bool) -> None:
    from bootstrap.scenarios.gate import require_passing

    url = None if database is None else parse_database_url(database)
    tested = require_passing(Settings.from_environment(), [path for path in paths if path.exists()], database=url)
    if tested is not None and not quiet:
        click.echo(summary_of(tested))


def show_findings(error: FileRefused, *, as_json: bool) -> None:
    """Every finding of a refused model, with file, line and hint."""
    if as_json:
        print_json({"file": str(error.file), "findings": error.findings})
        return
    for finding in error.findings:
        click.echo(_sentence(error.file, finding), err=True)


def _sentence(file: Path, finding: Mapping[str, Any]) -> str:
    place = f"{file}:{finding.get('line') or 1}"
    element = finding.get("elementId") or "-"
    head = f"{place}: {finding['severity']} [{finding['rule']}] {element}"
    texts = [f"    {finding['message']} / {finding['messageEn']}"]
    if finding.get("hint"):
        texts.append(f"    → {finding['hint']} / {finding.get('hintEn', '')}")
    return "\n".join([head, *texts])
