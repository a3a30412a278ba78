"""``lianban sites``: partners of other deployments, and the signing keys of our own sites (docs/security.md)."""

from __future__ import annotations

import click
from sqlalchemy import select

from bootstrap.commands.definitions import opened_platform
from bootstrap.commands.surface import json_option, local_time, print_json, print_table
from bootstrap.waking import promote
from domain.actors import SYSTEM
from domain.sites import keys
from domain.sites.models import Site
from domain.sites.service import get_site
from domain.trust import key_change, partner_line


@click.group()
def sites() -> None:
    """机构: addresses and keys of partners in other deployments; changing the signing key of a site of ours."""


@sites.command("list")
@json_option
def list_command(as_json: bool) -> None:
    """All sites with the fingerprints of their keys."""
    with opened_platform() as platform, platform.transaction(SYSTEM) as ctx:
        rows = [
            {
                "code": site.code,
                "name": site.name,
                "local": site.is_local,
                "key": keys.fingerprint(site.public_key) if site.public_key else "",
                "publicKey": site.public_key or "",
                "endpoint": site.endpoint or "",
                "pins": site.endpoint_pins,
            }
            for site in ctx.session.scalars(select(Site).order_by(Site.code))
        ]
    if as_json:
        print_json(rows)
        return
    print_table(
        ["机构 site", "名称 name", "", "公钥指纹 key", "地址 endpoint", "证书指纹 pins"],
        [
            (row["code"], row["name"], "本平台 here" if row["local"] else "", row["key"], row["endpoint"], row["pins"])
            for row in rows
        ],
    )


@sites.command("partner")
@click.argument("code")
@click.option("--endpoint", help="Where its messages go: https://…/api/v1/exchange/messages")
@click.option("--key", help="Its Ed25519 public key (base64), as the partner told it.")
@click.option(
    "--pin", "pins", multiple=True, help="SHA-256 (base64) of its certificate's public key; 'none' takes them off."
)
def partner_command(code: str, endpoint: str | None, key: str | None, pins: tuple[str, ...]) -> None:
    """Set address, key and certificate pins of a partner's site (a site that this deployment does not serve)."""
    with opened_platform() as platform, platform.transaction(SYSTEM) as ctx:
        site = get_site(ctx, code)
        kept = [pin for pin in pins if pin != "none"] if pins else None
        partner_line.set_line(ctx, site, endpoint=endpoint, public_key=key, pins=kept)
        known = keys.fingerprint(site.public_key) if site.public_key else "—"
        click.echo(f"{site.name}：{site.endpoint or '—'}，公钥 key {known}，证书 pins {site.endpoint_pins or '—'}")


@sites.command("rotate-key")
@click.argument("code")
@click.option(
    "--overlap",
    type=click.IntRange(1, key_change.LONGEST),
    default=key_change.OVERLAP,
    show_default=True,
    help="Days that partners take the former key as well.",
)
@click.option("--finish", is_flag=True, help="Use the announced key now, though not every partner has confirmed it.")
def rotate_command(code: str, overlap: int, finish: bool) -> None:
    """Change the signing key of a site: every partner is told first, the new key is used once all of them know it."""
    with opened_platform() as platform:
        with platform.transaction(SYSTEM) as ctx:
            site = get_site(ctx, code)
            if finish:
                key_change.finish(ctx, site)
                going = False
            else:
                going = key_change.begin(ctx, site, overlap_days=overlap).next_key is not None
        promote(platform)
    if going:
        click.echo("已通知伙伴，全部确认后自动启用；进度：lianban sites keys。")
        click.echo("Partners are being told; the key is used once all know it: lianban sites keys.")
    else:
        click.echo("新密钥已启用。The new key is in use.")


@sites.command("keys")
@click.argument("code")
def keys_command(code: str) -> None:
    """The keys of a site, to be told to partners (lianban sites partner CODE --key …), and which partners know the next one."""
    with opened_platform() as platform, platform.transaction(SYSTEM) as ctx:
        state = key_change.state_of(ctx, get_site(ctx, code))
        present = state.site.public_key
        click.echo(f"使用中 in use: {keys.fingerprint(present) if present else '—'}  公钥 public key: {present or '—'}")
        if state.next_key:
            click.echo(f"下一把 next:   {keys.fingerprint(state.next_key)}  公钥 public key: {state.next_key}")
        print_table(
            ["伙伴 partner", "确认 confirmed"],
            [(partner.code, local_time(notice.answered_at)) for notice, partner in state.notices],
        )
        print_table(
            ["以前的 former", "接受至 taken until"],
            [(keys.fingerprint(row.public_key), local_time(row.accepted_until)) for row in state.former],
        )
