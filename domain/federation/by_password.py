"""Whether a person may log in with a password where the deployment has identity providers: administrators always (break-glass)."""

from __future__ import annotations

from typing import Final

from domain.actors import Role
from domain.context import Context
from domain.federation.errors import LocalLoginClosed
from domain.federation.providers import Providers
from domain.identity.models import User
from domain.identity.service import actor_for

ADMINISTRATORS: Final = (Role.PLATFORM_ADMIN, Role.SITE_ADMIN)


def require(ctx: Context, providers: Providers, user: User) -> None:
    """Raises :class:`LocalLoginClosed` for others than administrators where passwords are closed to them."""
    if not providers.only_admins or not providers.of(applicants=user.is_applicant):
        return
    actor = actor_for(ctx.session, user)
    if not any(actor.has(role) for role in ADMINISTRATORS):
        raise LocalLoginClosed("本平台只允许管理员用本地账号登录。", "Only administrators log in with a password here.")
