"""``lianban audit``: evidence of cases taken out, checked offline; the whole database checked; anchors taken and published."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click
from sqlalchemy import select

from bootstrap.commands.cases import OPERATOR
from bootstrap.commands.definitions import opened_platform
from bootstrap.commands.surface import json_option, local_time, print_json, print_table
from domain.actors import SYSTEM
from domain.audit import anchors, keys, whole
from domain.audit.models import AuditAnchor
from domain.cases import queries
from domain.evidence import package, rights, single, verifier

NOT_WHOLE = 1
UNREADABLE = 2
UNCHECKED = 3


@click.group()
def audit() -> None:
    """存证: take out evidence of a case, check packages offline, check the whole database, publish anchors."""


@audit.command("export")
@click.argument("number")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Where to write it; NUMBER.zip otherwise.")
@click.option("--order", default="", help="Number of the order by which the evidence is taken.")
def export_command(number: str, out: Path | None, order: str) -> None:
    """Write the evidence package of a case: its record, reads, anchors, hashes and signatures.

    From the terminal without what the application, messages and documents say: these are taken out on the case's page by the main
    site's approver, or by an auditor with an order.
    """
    with opened_platform() as platform, platform.transaction(OPERATOR) as ctx:
        frame = queries.get_frame(ctx, number.strip())
        content = package.export(ctx, frame, rights.grant_of(ctx.actor, frame, order))
        name = out or Path(f"{frame.case.case_no}.zip")
    name.write_bytes(content)
    click.echo(f"已导出 Written: {name}（{len(content)} 字节 bytes）")


@audit.command("verify")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=False)
@click.option("--key", "trusted", multiple=True, help="Fingerprint of a published key; only these are trusted then.")
@click.option(
    "--tsa-ca", default="", help="Root certificate (PEM) of the time stamp authority; openssl checks its stamps."
)
@click.option("--database", is_flag=True, help="Check everything in the database instead of a file.")
@click.option(
    "--anchors", "published", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Published anchors."
)
@json_option
def verify_command(
    file: Path | None, trusted: tuple[str, ...], tsa_ca: str, database: bool, published: Path | None, as_json: bool
) -> int:
    """Check a package offline, or the whole database.

    Exit code 1: something was changed, the first thing is named; 3: a time stamp could not be checked.
    """
    if database == (file is not None):
        raise click.UsageError("给出一个文件，或 --database · give a file or --database")
    if database:
        return _verify_database(published, as_json=as_json)
    assert file is not None  # noqa: S101 -- checked above
    try:
        told = verifier.verify(file.read_bytes(), trusted, tsa_ca)
    except verifier.Broken as broken:
        if as_json:
            fault = {
                "file": broken.file,
                "event": broken.event,
                "field": broken.field,
                "zh": broken.zh,
                "en": broken.en,
            }
            print_json({"whole": False, "finding": fault})
        else:
            click.secho("\n".join(broken.lines()), fg="red")
        return NOT_WHOLE
    if as_json:
        print_json(
            {
                "whole": True,
                "caseNo": told["manifest"]["caseNo"],
                **{name: told[name] for name in ("events", "keys", "countersigned", "stamped", "unchecked")},
            }
        )
        return UNCHECKED if told["unchecked"] else 0
    counts = "，".join(f"{name} {count}" for name, count in told["events"].items())
    click.secho(f"校验通过 WHOLE: {told['manifest']['caseNo']}（{counts}）", fg="green")
    click.echo(f"密钥指纹 key fingerprints: {', '.join(told['keys'])}")
    click.echo("\n".join(verifier.beyond(told)))
    return UNCHECKED if told["unchecked"] else 0


def _verify_database(published: Path | None, *, as_json: bool) -> int:
    known = [json.loads(line) for line in published.read_text("utf-8").splitlines()] if published else []
    with opened_platform() as platform, platform.transaction(SYSTEM) as ctx:
        found = whole.verify_all(ctx, known=known)
    if as_json:
        print_json(asdict(found))
        return NOT_WHOLE if found.findings else 0
    click.echo(
        f"办件 cases {found.cases}，其他链 other chains {found.chains}，"
        f"记录 events {found.events}，锚点 anchors {found.anchors}"
    )
    for finding in found.findings:
        click.secho(f"{finding.zh}\n{finding.en}", fg="red")
    if not found.findings:
        click.secho("校验通过 WHOLE", fg="green")
    return NOT_WHOLE if found.findings else 0


@audit.command("anchor")
def anchor_command() -> None:
    """Anchor now what moved since the anchor before (the scheduler does it regularly)."""
    with opened_platform() as platform, platform.transaction(SYSTEM) as ctx:
        anchor = anchors.take(ctx, wait=True)
        told = f"锚点 anchor {anchor.number}（{anchor.leaf_count}）" if anchor else "没有变化 nothing moved"
    click.echo(told)


@audit.command("anchors")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="File for all anchors, one JSON per line.")
def anchors_command(out: Path | None) -> None:
    """Anchors as they are published: keep them where nobody of this platform can change them, and compare with --anchors."""
    with opened_platform() as platform, platform.transaction(SYSTEM) as ctx:
        rows = list(ctx.session.scalars(select(AuditAnchor).order_by(AuditAnchor.number)))
        lines = [json.dumps(anchors.published(row), sort_keys=True) for row in rows]
        shown = [(row.number, local_time(row.at), row.leaf_count, row.hash.hex()[:16]) for row in rows[-20:]]
    if out is not None:
        out.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        click.echo(f"已写入 Written: {out}（{len(lines)}）")
        return
    print_table(["编号 number", "时间 at", "链 chains", "哈希 hash"], shown)


@audit.command("keys")
@click.option("--rotate", is_flag=True, help="Retire the key that signs now and make another.")
def keys_command(rotate: bool) -> None:
    """Fingerprints of the keys that sign anchors and packages: publish them."""
    with opened_platform() as platform, platform.transaction(SYSTEM) as ctx:
        if rotate:
            keys.rotate(ctx)
        else:
            keys.current_key(ctx)
        rows = [
            (key.id, key.public_key.hex(), local_time(key.created_at), local_time(key.retired_at))
            for key in keys.list_keys(ctx)
        ]
    print_table(["指纹 fingerprint", "公钥 public key (Ed25519)", "启用 from", "停用 to"], rows)


@audit.command("verifier")
def verifier_command() -> None:
    """Print verify.py: one file of plain Python that checks packages where this product is not installed."""
    click.echo(single.source(), nl=False)
