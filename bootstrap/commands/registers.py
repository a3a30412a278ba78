"""``lianban registers``: household registrations and certificates that sites hold before their first case."""

from __future__ import annotations

from pathlib import Path

import click

from bootstrap import registers as books
from bootstrap.commands.definitions import opened_platform
from bootstrap.errors import BadInput
from domain.actors import SYSTEM
from domain.sheets.files import write_csv
from domain.sites.service import get_site

_KIND = click.Choice(sorted(books.REGISTERS))


@click.group()
def registers() -> None:
    """户籍与证照底册: take what a site's own registers hold into the platform, from a spreadsheet.

    Moving a person's household registration, or a certificate, begins with its entry at the old site.
    """


@registers.command("template")
@click.argument("kind", type=_KIND)
def template_command(kind: str) -> None:
    """Print the headings and an example (CSV)."""
    click.echo(write_csv(books.REGISTERS[kind].template).decode("utf-8-sig"), nl=False)


@registers.command("load")
@click.argument("kind", type=_KIND)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--site", "code", required=True, help="Code of the site whose register it is, e.g. 440606-police.")
@click.option("--check", "only_check", is_flag=True, help="Only check the file; change nothing.")
def load_command(kind: str, file: Path, code: str, only_check: bool) -> None:
    """Add the rows of FILE (.csv, .xlsx) to a site's register: all of them or none; what is known already stays."""
    try:
        content = file.read_bytes()
    except OSError:
        raise BadInput(
            f"无法读取文件 {file}。",
            f"The file {file} cannot be read.",
            next_zh="请核对路径。",
            next_en="Check the path.",
        ) from None
    with opened_platform() as platform, platform.transaction(SYSTEM) as ctx:
        added, known = books.load(ctx, kind, get_site(ctx, code), content)
        if only_check:
            ctx.session.rollback()
    if only_check:
        click.echo(f"检查通过，没有改动 Checked, nothing changed: 新增 new {added}，已有 known {known}")
    else:
        click.echo(f"已载入 Loaded: 新增 new {added}，已有 known {known}。请删除该文件 · delete the file now: {file}")
