"""``lianban administrator``: the first platform administrator of a deployment, and the way back for one who is locked out."""

from __future__ import annotations

from datetime import datetime

import click

from bootstrap.commands.definitions import opened_platform
from bootstrap.commands.surface import filled, local_time
from bootstrap.settings import Settings
from domain.actors import SYSTEM
from domain.identity import founding


@click.group()
def administrator() -> None:
    """平台管理员: make the first one of a deployment, or let one in again who lost password or second factor.

    Both tell a one-time code. Nobody else learns a password: the person sets one with the code on the log-in page.
    """


@administrator.command("create")
@click.argument("login")
@click.option("--name", required=True, callback=filled, help="The person's name, as it stands in the record.")
def create_command(login: str, name: str) -> None:
    """Make the first platform administrator LOGIN. Refused when there is one."""
    settings = Settings.from_environment()
    with opened_platform() as platform, platform.transaction(SYSTEM) as ctx:
        code, ends_at = founding.create_first(ctx, login, name, rules=settings.identity)
    _tell(settings, login, code, ends_at)


@administrator.command("recover")
@click.argument("login")
@click.option("--reason", required=True, callback=filled, help="Why; it goes into the record.")
def recover_command(login: str, reason: str) -> None:
    """Let the platform administrator LOGIN in again: password and second factor are set anew, all log-ins end."""
    settings = Settings.from_environment()
    with opened_platform() as platform, platform.transaction(SYSTEM) as ctx:
        code, ends_at = founding.recover(ctx, login, reason, rules=settings.identity)
    _tell(settings, login, code, ends_at)


def _tell(settings: Settings, login: str, code: str, ends_at: datetime) -> None:
    click.echo(f"一次性代码 one-time code: {code}")
    click.echo(f"账号 account: {login.strip().lower()}，有效至 good until {local_time(ends_at)}")
    click.echo(
        f"请本人打开 {settings.url}/admin/，点“忘记密码？”，用账号和代码设置密码，再登录并绑定动态验证码。\n"
        f"The person opens {settings.url}/admin/, follows the link for a forgotten password, sets one with account and code,"
        " logs in and sets up a second factor."
    )
