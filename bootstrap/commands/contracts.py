"""``lianban contract``: data contracts and their editions."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import click
import orjson

from bootstrap.commands.definitions import opened_platform
from bootstrap.commands.surface import json_option, local_time, print_json, print_table
from bootstrap.errors import BadInput
from domain.actors import SYSTEM
from domain.clock import CHINA
from domain.context import Context
from domain.items import contracts
from domain.items.queries import get_item
from domain.partners import agreed, editions
from domain.partners.agreed import Difference

LARGEST = 1024 * 1024
"""Bytes of a file with a contract."""
SENDERS = {"main": "主办 → 协办", "partner": "协办 → 主办", "": ""}
KINDS = {"added": "增加 added", "removed": "删去 removed", "changed": "修改 changed"}


@click.group()
def contract() -> None:
    """数据契约: what may cross between the sites of an item; draw up and compare editions.

    An edition is approved on the pages, by an administrator of one site of each side: never from the command line.
    """


@contract.command("list")
@json_option
def list_command(as_json: bool) -> None:
    """The contracts in force."""
    with opened_platform() as platform, platform.transaction(SYSTEM) as ctx:
        rows = contracts.list_contracts(ctx.session, ctx.clock.now())
        facts = [
            (row.item_code, row.version, local_time(row.in_force_from), len(row.content["messages"])) for row in rows
        ]
    if as_json:
        print_json([dict(zip(("item", "version", "inForceFrom", "messages"), row, strict=True)) for row in facts])
        return
    print_table(["事项 item", "版本 edition", "生效 in force from", "消息 messages"], facts)


@contract.command("show")
@click.argument("item")
@click.option("--edition", type=click.IntRange(1), help="Another edition than the newest.")
def show_command(item: str, edition: int | None) -> None:
    """An edition as JSON: take it as the ground of the next one."""
    with opened_platform() as platform, platform.transaction(SYSTEM) as ctx:
        rows = contracts.list_versions(ctx.session, get_item(ctx.session, item).code)
        found = next((row for row in rows if edition in (None, row.version)), None)
        if found is None:
            raise BadInput(
                "没有这一版数据契约。",
                "There is no such edition.",
                next_zh="用 lianban contract list 查看。",
                next_en="See lianban contract list.",
            )
        print_json(found.content)


@contract.command("diff")
@click.argument("item")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
def diff_command(item: str, file: Path, as_json: bool) -> None:
    """Check FILE and compare it with the newest edition; changes nothing."""
    with opened_platform() as platform, platform.transaction(SYSTEM) as ctx:
        content = _read(file)
        sheet = get_item(ctx.session, item).sheet
        agreed.require_sound(content, {row["code"] for row in sheet.get("materials", ())})
        _print(_differences(ctx, item, content), as_json=as_json)


@contract.command("draft")
@click.argument("item")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--from", "day", required=True, type=click.DateTime(["%Y-%m-%d"]), help="The day from which it is to be in force."
)
@click.option("--note", required=True, help="What changes and why, for those who approve.")
@json_option
def draft_command(item: str, file: Path, day: datetime, note: str, as_json: bool) -> None:
    """Put FILE up as the next edition: administrators of one site of each side then approve it on the page 数据契约.

    An open draft is replaced, and its approvals are taken back.
    """
    with opened_platform() as platform, platform.transaction(SYSTEM) as ctx:
        content = _read(file)
        open_one = editions.find_draft(ctx.session, item)
        newest = editions.newest(ctx.session, item)
        row = editions.put_draft(
            ctx,
            item,
            content,
            note=note,
            in_force_on=day.replace(tzinfo=CHINA).date(),
            based_on=newest.version if newest else 0,
            revision=open_one.revision if open_one else 0,
        )
        revision, found = row.revision, _differences(ctx, item, content)
    _print(found, as_json=as_json)
    if not as_json:
        click.echo(f"草案第 {revision} 稿，等待双方批准 draft {revision} waits for both sides")


def _differences(ctx: Context, item: str, content: dict[str, Any]) -> list[Difference]:
    newest = editions.newest(ctx.session, item)
    return agreed.differences(newest.content if newest else editions.EMPTY, content)


def _read(file: Path) -> dict[str, Any]:
    try:
        raw = file.read_bytes()
        content = orjson.loads(raw) if len(raw) <= LARGEST else None
    except (OSError, orjson.JSONDecodeError):
        content = None
    if not isinstance(content, dict):
        raise BadInput(
            f"文件 {file} 不是数据契约（JSON 对象，至多 1 MiB）。",
            f"The file {file} is no data contract (a JSON object of at most 1 MiB).",
            next_zh="用 lianban contract show 事项 取得现行版本，在其上修改。",
            next_en="Begin with lianban contract show ITEM.",
        )
    return content


def _print(found: list[Difference], *, as_json: bool) -> None:
    if as_json:
        names = ("what", "kind", "subject", "message", "sender", "before", "after", "widens")
        print_json([{name: getattr(each, name) for name in names} for each in found])
        return
    rows = [
        (("+ " if each.widens else "") + KINDS[each.kind], each.what, each.message, SENDERS[each.sender], each.subject)
        for each in found
    ]
    print_table(["变化 change", "对象 what", "消息 message", "方向 direction", "内容 subject"], rows)
