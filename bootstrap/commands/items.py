"""``lianban item``: the service items of this deployment, entered from files, and the processes that serve them (docs/items.md)."""

from __future__ import annotations

from pathlib import Path

import click
from sqlalchemy import select

from bootstrap.commands.definitions import opened_platform
from bootstrap.commands.surface import json_option, print_json, print_table
from bootstrap.errors import BadInput
from bootstrap.item_sources import read_item
from domain.actors import SYSTEM
from domain.applications.guide import is_available
from domain.definitions import offering
from domain.definitions.queries import deployed_keys
from domain.items.models import Item
from domain.registry import catalogue


@click.group()
def item() -> None:
    """事项: enter service items beside those of the plan, and say which deployed process serves one."""


@item.command("list")
@json_option
def list_command(as_json: bool) -> None:
    """All items: where they come from, their process and form, whether they can be applied for."""
    with opened_platform() as platform, platform.transaction(SYSTEM) as ctx:
        deployed = deployed_keys(ctx.session)
        rows = [
            {
                "code": each.code,
                "name": each.name,
                "edition": each.edition,
                "process": each.definition_key or "",
                "form": each.apply_form_id or "",
                "available": is_available(each, deployed),
            }
            for each in ctx.session.scalars(select(Item).order_by(Item.no))
        ]
    if as_json:
        print_json(rows)
        return
    print_table(
        ["编号 code", "名称 name", "版本 edition", "流程 process", "表单 form", "可申请 open"],
        [
            (
                row["code"],
                row["name"],
                row["edition"] or "随产品 shipped",
                row["process"],
                row["form"],
                "是 yes" if row["available"] else "",
            )
            for row in rows
        ],
    )


@item.command("check")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--after", type=click.IntRange(1), help="The edition that FILE changes.")
def check_command(file: Path, after: int | None) -> None:
    """Check FILE (YAML or JSON); changes nothing."""
    with opened_platform() as platform, platform.transaction(SYSTEM) as ctx:
        catalogue.put_item(ctx, read_item(_bytes(file), file.name), after=after, trial=True)
    click.echo("可以登记。The item can be entered.")


@item.command("add")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--after", type=click.IntRange(1), help="The edition that FILE changes; without it the item must be new.")
@click.option("--note", default="", help="What is new.")
def add_command(file: Path, after: int | None, note: str) -> None:
    """Enter the item of FILE (YAML or JSON), or with --after the next edition of one that was entered before."""
    with opened_platform() as platform, platform.transaction(SYSTEM) as ctx:
        content = read_item(_bytes(file), file.name)
        row = catalogue.put_item(ctx, content, after=after, note=note[:300])
        if row is not None and content.get("definitionKey"):
            offering.link(ctx, row.code, content["definitionKey"], content.get("applyFormId"))
        if row is not None:
            click.echo(f"{row.code} {row.name}：第 {row.edition} 版 edition {row.edition}")


@item.command("show")
@click.argument("code")
@click.option("--edition", type=click.IntRange(1), help="Another edition than the newest.")
def show_command(code: str, edition: int | None) -> None:
    """An edition of an own item as JSON: change it and enter it with --after."""
    with opened_platform() as platform, platform.transaction(SYSTEM) as ctx:
        rows = catalogue.list_editions(ctx.session, code)
        found = next((row for row in rows if edition in (None, row.edition)), None)
        if found is None:
            raise BadInput(
                "没有这一版：随产品提供的事项没有登记的版本。",
                "There is no such edition: items of the product were not entered here.",
                next_zh="用 lianban item list 查看。",
                next_en="See lianban item list.",
            )
        print_json(found.content)


@item.command("link")
@click.argument("code")
@click.option("--process", help="Key of a deployed process.")
@click.option("--form", help="Id of the published application form.")
@click.option("--none", "nothing", is_flag=True, help="Take process and form away: it cannot be applied for any more.")
def link_command(code: str, process: str | None, form: str | None, nothing: bool) -> None:
    """Let a deployed process and a published form serve an item from the next application on."""
    if nothing == bool(process or form):
        raise BadInput(
            "请写明 --process 和 --form，或 --none。",
            "Give --process and --form, or --none.",
            next_zh="已发布的流程和表单见设计页面。",
            next_en="The pages of the designers list processes and forms.",
        )
    with opened_platform() as platform, platform.transaction(SYSTEM) as ctx:
        row = offering.link(ctx, code, process, form)
        click.echo(f"{row.code} {row.name}：{row.definition_key or '—'} {row.apply_form_id or ''}")


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise BadInput(
            f"无法读取 {file}：{error.strerror}。",
            f"{file} cannot be read: {error.strerror}.",
            next_zh="请检查路径。",
            next_en="Check the path.",
        ) from None
