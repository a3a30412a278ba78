"""How a partner's site is reached and known: address, public key, certificate pins; entered here and compared by telephone."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from domain.audit import service as audit
from domain.context import Context
from domain.errors import Conflict, DomainError
from domain.sites import keys
from domain.sites.models import Site
from domain.trust import key_change

KEY_BYTES: Final = 32
MOST_PINS: Final = 4
"""Of the column's width."""
LOOPBACK: Final = "127.0.0.1"


class SiteServedHere(Conflict):
    """The site is no partner's."""

    code = "site-served-here"
    title_zh = "该机构由本平台服务"
    title_en = "The site is served here"
    next_zh = "本平台机构的密钥用“更换签名密钥”更换，不登记地址。"
    next_en = "The key of a site of ours is changed, not entered; it has no address."


class BadLine(DomainError):
    """Address, key or pin cannot be used."""

    code = "partner-line-refused"
    title_zh = "伙伴机构的登记不符合要求"
    title_en = "The partner's entry is not usable"
    next_zh = "请伙伴执行 lianban sites keys 机构代码，把显示的公钥告诉您，并当面或电话核对指纹。"
    next_en = (
        "Have the partner run lianban sites keys CODE and tell you the public key; compare fingerprints by telephone."
    )


def set_line(
    ctx: Context,
    site: Site,
    *,
    endpoint: str | None = None,
    public_key: str | None = None,
    pins: Sequence[str] | None = None,
) -> None:
    """Change what is given of a partner's site; an empty ``pins`` takes them off. Raises :class:`BadLine`, :class:`SiteServedHere`."""
    if site.is_local:
        raise SiteServedHere(f"{site.name}由本平台服务。", f"The site {site.code} is served here.")
    if endpoint is not None:
        site.endpoint = _checked_address(endpoint)
    if public_key and public_key != site.public_key:
        _checked(public_key, "/publicKey")
        if site.public_key is not None:  # not taken any more, but what it signed is still proved with it
            key_change.keep_former(ctx, site, site.public_key, ctx.clock.now())
        site.public_key = public_key
    if pins is not None:
        if len(pins) > MOST_PINS:
            raise BadLine(f"证书指纹最多 {MOST_PINS} 个。", f"There are at most {MOST_PINS} pins.", pointer="/pins")
        site.endpoint_pins = ",".join(_checked(pin, f"/pins/{number}") for number, pin in enumerate(pins))
    ctx.session.flush()
    data = {"site": site.code, "endpoint": site.endpoint or "", "pins": site.endpoint_pins}
    data["key"] = keys.fingerprint(site.public_key) if site.public_key else ""
    audit.record(ctx, "site.partner-set", data=data)


def _checked_address(endpoint: str) -> str | None:
    if not endpoint:
        return None
    try:
        address = urlsplit(endpoint)
        host = address.hostname
    except ValueError:
        host = None
    if not host or (address.scheme != "https" and host != LOOPBACK) or address.username is not None:
        raise BadLine("地址须以 https:// 开头。", "The endpoint must begin with https://.", pointer="/endpoint")
    return endpoint


def _checked(text: str, pointer: str) -> str:
    try:
        whole = len(base64.b64decode(text, validate=True)) == KEY_BYTES
    except (ValueError, binascii.Error):
        whole = False
    if not whole:
        raise BadLine(
            f"密钥和指纹是 {KEY_BYTES} 字节的 base64。",
            f"A key or pin is {KEY_BYTES} bytes as base64.",
            pointer=pointer,
        )
    return text
