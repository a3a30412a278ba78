"""Signing keys of sites: Ed25519. The public key stands on the site; a local site's private key lies sealed in ``site_keys``.

A key pair per site and not per deployment: a site that moves to another deployment takes its key along, and a message proves
which site sent it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from sqlalchemy import select

from domain.context import Context
from domain.errors import Conflict
from domain.sites.models import FormerSiteKey, Site, SiteKey


class NoSigningKey(Conflict):
    """The site has no private key here: it is not served by this deployment."""

    code = "no-signing-key"
    title_zh = "该机构不能在此签发消息"
    title_en = "This site cannot sign here"
    next_zh = "请由该机构所在的平台发送。"
    next_en = "Send from the deployment that serves the site."


def create_key(ctx: Context, site: Site) -> None:
    """Give a local site its key pair; a site that has one keeps it."""
    if ctx.session.get(SiteKey, site.id) is not None:
        return
    raw, site.public_key = make_pair()
    ctx.session.add(SiteKey(site_id=site.id, private_key=raw, created_at=ctx.clock.now()))
    ctx.session.flush()


def make_pair() -> tuple[bytes, str]:
    """A new private key (raw) and its public key (base64)."""
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()), base64.b64encode(public).decode()


def fingerprint(public_key: str) -> str:
    """What people compare: the first 32 hex digits of the SHA-256 of the raw key."""
    return hashlib.sha256(base64.b64decode(public_key)).hexdigest()[:32]


def sign(ctx: Context, site_id: int, content: bytes) -> str:
    """The site's signature over the very bytes, base64. Raises :class:`NoSigningKey`."""
    row = ctx.session.get(SiteKey, site_id)
    if row is None:
        raise NoSigningKey("这里没有该机构的签名密钥。", "There is no signing key of this site here.")
    return sign_with(row.private_key, content)


def sign_with(private_key: bytes, content: bytes) -> str:
    """The signature of a raw private key over the very bytes, base64."""
    return base64.b64encode(Ed25519PrivateKey.from_private_bytes(private_key).sign(content)).decode()


def verify_of(ctx: Context, site: Site, content: bytes, signature: str) -> bool:
    """Whether the site signed the bytes: with its key, or with a former one whose time is not over."""
    if site.public_key and verify(site.public_key, content, signature):
        return True
    former = select(FormerSiteKey.public_key).where(
        FormerSiteKey.site_id == site.id, FormerSiteKey.accepted_until > ctx.clock.now()
    )
    return any(verify(key, content, signature) for key in ctx.session.scalars(former))


def verify(public_key: str, content: bytes, signature: str) -> bool:
    """Whether the signature (base64) over the bytes is by the key (base64); malformed input is no signature."""
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key, validate=True))
        key.verify(base64.b64decode(signature, validate=True), content)
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return True
