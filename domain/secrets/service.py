"""Secrets by reference: kept sealed, resolved only at the moment of a call, never part of variables, records, logs or errors.

A reference is ``secret:NAME`` (``secrets.NAME`` of a FEEL-minded author, and Camunda's ``{{secrets.NAME}}``, mean the same).
A name is looked up at the site that acts, then on the platform, then in ``LIANBAN_HOME/secrets/NAME`` and ``LIANBAN_SECRET_NAME``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, delete, or_, select

from domain.actors import Role
from domain.audit import service as audit
from domain.context import Context
from domain.errors import DomainError, Forbidden, NotFound
from domain.secrets.models import Secret

NAME: Final = re.compile(r"[A-Z][A-Z0-9_]{1,59}")
_REFERENCE: Final = re.compile(
    r"(?:secret:|secrets\.)([A-Z][A-Z0-9_]{1,59})|\{\{\s*secrets\.([A-Z][A-Z0-9_]{1,59})\s*\}\}"
)
LONGEST: Final = 16_384
"""Bytes of a secret: room for a client certificate with its key."""


class SecretMissing(DomainError):
    """A call names a secret that is kept nowhere it may be taken from."""

    code = "secret-missing"
    title_zh = "没有这个密钥"
    title_en = "There is no such secret"
    next_zh = "请管理员在“外部连接”中登记该密钥，然后重试作业。"
    next_en = "Ask an administrator to register the secret, then retry the job."


class BadSecret(DomainError):
    """A name or a value that cannot be kept."""

    code = "bad-secret"
    title_zh = "密钥不能保存"
    title_en = "The secret cannot be kept"
    next_zh = "名称用大写字母、数字和下划线，以字母开头；内容不能为空，不超过 16384 字节。"
    next_en = (
        "A name has capital letters, digits and underscores and begins with a letter; a value has 1 to 16384 bytes."
    )


@dataclass(frozen=True, slots=True)
class SecretRow:
    """What people may see of a secret: never anything of its value."""

    id: int
    site_id: int | None
    name: str
    note: str
    changed_at: datetime
    changed_by: str


def find_name(text: str) -> str | None:
    """The name in a reference; None when the text is none."""
    found = _REFERENCE.fullmatch(text.strip())
    return None if found is None else found[1] or found[2]


def names_in(text: str) -> list[str]:
    """The names of all references that a text holds."""
    return [found[1] or found[2] for found in _REFERENCE.finditer(text)]


def references_in(text: str) -> list[str]:
    """All references that a text holds, as they are written."""
    return [found[0] for found in _REFERENCE.finditer(text)]


def keeps(ctx: Context, site_id: int | None) -> bool:
    """Whether the actor does: a site's administrator what belongs to the own site, the platform's everything."""
    own = site_id is not None and ctx.actor.has(Role.SITE_ADMIN, site_id)
    return own or ctx.actor.has(Role.PLATFORM_ADMIN) or ctx.actor.has(Role.SYSTEM)


def require_keeper(ctx: Context, site_id: int | None) -> None:
    """Raise :class:`Forbidden` unless the actor :func:`keeps` what belongs there."""
    if not keeps(ctx, site_id):
        raise Forbidden("只能管理本机构的外部连接。", "You keep the connections of your own site only.")


def put(ctx: Context, name: str, value: str, *, site_id: int | None, note: str = "") -> SecretRow:
    """Keep a secret or replace its value. Raises :class:`BadSecret`, :class:`Forbidden`."""
    require_keeper(ctx, site_id)
    if not NAME.fullmatch(name):
        raise BadSecret("密钥名称不正确。", "The name of the secret is wrong.", pointer="/name")
    if not value.strip() or len(value.encode()) > LONGEST or "\x00" in value:
        raise BadSecret("密钥内容为空或过长。", "The value is empty or too long.", pointer="/value")
    row = ctx.session.scalar(select(Secret).where(Secret.name == name, _of(site_id)).with_for_update())
    now = ctx.clock.now()
    if row is None:
        row = Secret(site_id=site_id, name=name, created_at=now)
        ctx.session.add(row)
    row.value, row.note = value.encode(), note[:200]
    row.changed_at, row.changed_by = now, ctx.actor.name
    ctx.session.flush()
    audit.record(ctx, "secret.changed", site_id=site_id, data={"name": name})
    return _shown(row)


def remove(ctx: Context, secret_id: int) -> None:
    """Forget a secret; calls that name it stop with an incident. Raises :class:`NotFound`, also for another site's."""
    row = ctx.session.get(Secret, secret_id)
    if row is None or not keeps(ctx, row.site_id):
        raise NotFound("没有这个密钥。", "There is no such secret.")
    ctx.session.execute(delete(Secret).where(Secret.id == secret_id))
    audit.record(ctx, "secret.removed", site_id=row.site_id, data={"name": row.name})


def list_secrets(ctx: Context, site_ids: Iterable[int] | None) -> list[SecretRow]:
    """Secrets of these sites and the names of the platform's (None: all), without their values."""
    columns = (Secret.id, Secret.site_id, Secret.name, Secret.note, Secret.changed_at, Secret.changed_by)
    query = select(*columns).order_by(Secret.site_id.nulls_first(), Secret.name)
    if site_ids is not None:
        query = query.where(or_(Secret.site_id.is_(None), Secret.site_id.in_(list(site_ids))))
    return [SecretRow(*row) for row in ctx.session.execute(query)]


def is_known(ctx: Context, name: str, site_id: int | None) -> bool:
    """Whether a call of the site would find the secret."""
    query = select(Secret.id).where(Secret.name == name, or_(Secret.site_id.is_(None), _of(site_id))).limit(1)
    return ctx.session.execute(query).first() is not None or ctx.outward.find_secret(name) is not None


def resolve(ctx: Context, name: str, site_id: int | None) -> str:
    """The value, for the call that is about to be made. Raises :class:`SecretMissing`."""
    query = (
        select(Secret.value)
        .where(Secret.name == name, or_(Secret.site_id.is_(None), _of(site_id)))
        .order_by(Secret.site_id.nulls_last())
        .limit(1)
    )
    found = ctx.session.execute(query).scalar_one_or_none()
    value = ctx.outward.find_secret(name) if found is None else found.decode()
    if value is None:
        raise SecretMissing(f"没有登记密钥 {name}。", f"The secret {name} is not registered.")
    return value


def of_setting(ctx: Context, text: str) -> str:
    """What a setting of the platform stands for: the secret that it names, else the text itself. Raises :class:`SecretMissing`."""
    name = find_name(text)
    return text if name is None else resolve(ctx, name, None)


def _of(site_id: int | None) -> ColumnElement[bool]:
    return Secret.site_id.is_(None) if site_id is None else Secret.site_id == site_id


def _shown(row: Secret) -> SecretRow:
    return SecretRow(row.id, row.site_id, row.name, row.note, row.changed_at, row.changed_by)
