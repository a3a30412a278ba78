"""``lianban keys``: the keys that personal data is sealed under, changed without stopping anything (docs/privacy.md)."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from bootstrap.commands.definitions import opened_platform
from bootstrap.commands.surface import json_option, local_time, print_json, print_table
from bootstrap.container import Platform
from bootstrap.errors import BadInput
from bootstrap.key_ring import Listed, RingFile, shown
from bootstrap.settings import Settings
from bootstrap.waking import promote
from domain.actors import SYSTEM
from domain.base import get_seal
from domain.context import Context
from domain.resealing import ending, retiring
from domain.resealing import service as resealing
from domain.resealing.models import Resealing
from domain.sealing import ALGORITHMS

KINDS = ("file", "secret", "command")
SOURCE = "file:NAME, secret:NAME or command:PROGRAM …; usual: a new file under LIANBAN_HOME/keys."


@click.group()
def keys() -> None:
    """密钥: show and change the keys of personal data; nodes go on reading and writing meanwhile."""


@keys.command("status")
@click.option("--count/--no-count", default=True, help="Count the values under each key (reads the sealed columns).")
@json_option
def status_command(count: bool, as_json: bool) -> None:
    """The keys on the ring, what lies under which, and how far sealing anew has come."""
    ring = RingFile(Settings.from_environment())
    listed = ring.listed()
    with opened_platform() as platform, platform.transaction(SYSTEM) as ctx:
        held = resealing.census(ctx) if count else []
        run, parts = resealing.list_parts(ctx)
        done = sum(part.finished_at is not None for part in parts)
        broken = sum(part.broken for part in parts)
        waits = _waits(ctx, run) if run is not None and run.finished_at is None else []
    if as_json:
        print_json(
            {
                "active": listed.active,
                "keys": [shown(entry) for entry in listed.keys],
                "blinds": [shown(entry) for entry in listed.blinds],
                "held": [{"place": each.place, "key": each.key, "values": each.values} for each in held],
                "resealing": None
                if run is None
                else {
                    "startedAt": run.started_at,
                    "finishedAt": run.finished_at,
                    "columns": len(parts),
                    "done": done,
                    "waitsFor": waits,
                },
                "broken": broken,
            }
        )
        return
    _print_keys(listed, held if count else None)
    if run is not None:
        _print_progress(run, f"{done}/{len(parts)}", broken, waits)
    _print_left(held, run)


@keys.command("rotate")
@click.option("--source", default="", help=f"Where the new key comes from: {SOURCE}")
@click.option("--algorithm", type=click.Choice(ALGORITHMS), help="Usual: LIANBAN_SEAL_ALGORITHM.")
@click.option("--blind", is_flag=True, help="Change the key of the blind index (search by ID number) instead.")
@click.option(
    "--prepare", is_flag=True, help="Only put the key on the ring: hand it to the other machines, then activate it."
)
def rotate_command(source: str, algorithm: str | None, blind: bool, prepare: bool) -> None:
    """A new key: new data is sealed under it at once, what lies there in the background. Old keys stay on the ring.

    All nodes must run this version of the product. Nodes that share LIANBAN_HOME/keys learn of the key within seconds.
    """
    if source and source.partition(":")[0] not in KINDS:
        raise BadInput(
            f"不认识的密钥来源“{source.partition(':')[0]}”。",
            f"{source.partition(':')[0]!r} is no source of a key.",
            next_zh="可用 file:名称、secret:名称 或 command:程序；不写 --source 则在 LIANBAN_HOME/keys 下新建。",
            next_en="Use file:NAME, secret:NAME or command:PROGRAM; without --source a new file is made in LIANBAN_HOME/keys.",
        )
    settings = Settings.from_environment()
    with opened_platform() as platform:
        ring, now = RingFile(settings), datetime.now(UTC).isoformat(timespec="seconds")
        if blind:
            entry = ring.add_blind(source, now)
        else:
            entry = ring.add(source, algorithm or settings.seal_algorithm, now)
            if not prepare:
                ring.activate(entry.id)
        click.echo(f"密钥 key {entry.id}（{entry.algorithm}）校验 check {entry.check}")
        if prepare and not blind:
            click.echo(
                "尚未启用。请把 keys 目录同步到各节点，再执行 lianban keys activate。"
                " Not in use yet: bring the folder keys to every node, then run lianban keys activate."
            )
            return
        _begin(platform, "rotate")


@keys.command("activate")
@click.argument("number", type=int)
def activate_command(number: int) -> None:
    """Seal under key NUMBER from now on, and what lies there in the background."""
    with opened_platform() as platform:
        RingFile(Settings.from_environment()).activate(number)
        _begin(platform, "activate")


@keys.command("rewrap")
def rewrap_command() -> None:
    """Seal everything under the present key, in the background; also goes on where an earlier run stopped."""
    with opened_platform() as platform:
        _begin(platform, "rewrap")


@keys.command("retire")
@click.argument("number", type=int)
def retire_command(number: int) -> None:
    """Take the former key NUMBER off the ring, once nothing is sealed with it any more. Backups made before still need it."""
    ring = RingFile(Settings.from_environment())
    with opened_platform() as platform:
        get_seal().look()
        listed = ring.listed()
        if number not in {entry.id for entry in listed.keys} - {listed.active}:
            ring.retire(number)  # tells which ids there are
        with platform.transaction(SYSTEM) as ctx:
            retiring.require_unused(ctx, number)
            retiring.record(ctx, number)
        entry = ring.retire(number)
    blind = any(each.source == entry.source for each in (*ring.listed().blinds, *ring.listed().keys))
    source = shown(entry)["source"]
    click.echo(f"密钥 key {number}（{source}）已移出密钥环 is off the ring")
    click.echo(
        f"{source} 仍在使用（盲索引或其他密钥），请勿删除。 {source} is still needed (blind index or another key): keep it."
        if blind
        else f"请把 {source} 与此前的备份一起保存，备份到期后再销毁。"
        f" Keep {source} with the backups made so far, and destroy it when they expire."
    )


def _begin(platform: Platform, reason: str) -> None:
    get_seal().look()
    with platform.transaction(SYSTEM) as ctx:
        resealing.begin(ctx, reason)
    promote(platform)
    click.echo(
        "后台任务正在逐批重新加密；进度：lianban keys status。"
        " Background work seals the data anew, batch by batch; see lianban keys status."
    )


def _print_keys(listed: Listed, held: list[resealing.Held] | None) -> None:
    """``held`` None: nothing was counted."""
    counted = held or []
    total = {
        entry.id: sum(each.values for each in counted if each.key == entry.id and _sealed(each))
        for entry in listed.keys
    }
    print_table(
        ["密钥 key", "算法 algorithm", "来源 source", "校验 check", "数据 values", ""],
        [
            (
                entry.id,
                entry.algorithm,
                shown(entry)["source"],
                entry.check or "—",
                "—" if held is None else total[entry.id],
                "使用中 in use" if entry.id == listed.active else "",
            )
            for entry in listed.keys
        ],
    )
    old = sum(each.values for each in counted if not each.present and not _sealed(each))
    version = len(listed.blinds)
    click.echo(f"盲索引 blind index: 第 {version} 版 version {version}" + (f"，旧版 older {old}" if old else ""))


def _print_progress(run: Resealing, done: str, broken: int, waits: list[str]) -> None:
    end = f"完成 finished {local_time(run.finished_at)}" if run.finished_at else done
    told = f"，打不开 broken {broken}" if broken else ""
    click.echo(f"重新加密 sealing anew: {local_time(run.started_at)} → {end}{told}")
    for each in waits:
        click.echo(f"  等待 waits for {each}")


def _print_left(held: list[resealing.Held], run: Resealing | None) -> None:
    """What lies under former keys though nothing goes on any more."""
    left = [each for each in held if not each.present]
    if left and (run is None or run.finished_at is not None):
        where = ", ".join(f"{each.place} {each.values}" for each in left)
        click.echo(
            f"仍用旧密钥：{where}。请执行 lianban keys rewrap。"
            f" Still under former keys: {where}. Run lianban keys rewrap."
        )


def _waits(ctx: Context, run: Resealing) -> list[str]:
    """What keeps sealing anew from ending beside the rows themselves."""
    found = [
        f"节点 node {told.name} ({told.role}): {'密钥 key ' + str(told.key[0]) if told.key else '正在获知 learning'}"
        for told in ending.list_unaware(ctx, run)
    ]
    if run.fence is not None and ending.waits_for_transactions(ctx, run.fence):
        found.append("较早开始的事务 transactions that began before")
    return found


def _sealed(held: resealing.Held) -> bool:
    return held.place not in resealing.BLIND
