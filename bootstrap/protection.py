"""What a deployment in earnest must not do without, and what it does without: refused at the start, or told where its nodes are listed."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final

import structlog
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from bootstrap.errors import BadSetting, DatabaseNotEncrypted
from bootstrap.settings import Settings

log = structlog.get_logger(__name__)
ENCRYPTED: Final = frozenset({"require", "verify-ca", "verify-full"})
"""Ways to connect (``sslmode``) that never fall back to plain text."""


@dataclass(frozen=True, slots=True)
class Shortcoming:
    """Something that protects a deployment and is not there, with what to do, in both languages."""

    code: str
    fact_zh: str
    fact_en: str
    next_zh: str
    next_en: str


UNSCANNED: Final = Shortcoming(
    "uploads-not-scanned",
    "上传的材料没有查毒。",
    "Uploaded materials are not scanned for malware.",
    "请安装 ClamAV，并设置 LIANBAN_SCANNER。",
    "Install ClamAV and set LIANBAN_SCANNER.",
)
PLAIN_DATABASE: Final = Shortcoming(
    "database-not-encrypted",
    "到数据库的连接没有加密（已由 LIANBAN_DATABASE_PLAIN 接受）。",
    "The connection to the database is not encrypted (accepted by LIANBAN_DATABASE_PLAIN).",
    "请在数据库上启用 TLS，在地址中加 sslmode=verify-full，并去掉 LIANBAN_DATABASE_PLAIN。",
    "Let the database speak TLS, add sslmode=verify-full to its address and drop LIANBAN_DATABASE_PLAIN.",
)
UNVERIFIED_DATABASE: Final = Shortcoming(
    "database-not-verified",
    "到数据库的连接已加密，但没有核对它的证书（sslmode=require）。",
    "The connection to the database is encrypted, but its certificate is not checked (sslmode=require).",
    "请用 sslmode=verify-full 和 sslrootcert。",
    "Use sslmode=verify-full and sslrootcert.",
)
PLAIN_PAGES: Final = Shortcoming(
    "pages-not-https",
    "网页地址不是 https：登录信息可能被截取。",
    "The pages' address is not https: log-ins can be overheard.",
    "请在反向代理上启用 TLS，并设置 LIANBAN_PUBLIC_URL=https://…。",
    "Let the reverse proxy speak TLS and set LIANBAN_PUBLIC_URL=https://….",
)


def is_earnest(settings: Settings) -> bool:
    """Whether real people's data is expected here: neither a demo nor training."""
    return not (settings.demo or settings.training)


def require_encrypted_database(settings: Settings) -> None:
    """Refuse to send personal data to a database over a network in plain text.

    The embedded database, Unix sockets and loopback are exempt, so are demo and training, and whoever sets LIANBAN_DATABASE_PLAIN.
    Raises :class:`DatabaseNotEncrypted`, naming the variable.
    """
    if not is_earnest(settings) or settings.database_plain:
        return
    for variable, url in _addresses(settings):
        if _is_plain(_mode(variable, url)):
            raise DatabaseNotEncrypted(
                f"{variable} 指向另一台主机，但没有要求加密（sslmode）。",
                f"{variable} names another host without asking for encryption (sslmode).",
                next_zh="请在地址后加 ?sslmode=verify-full&sslrootcert=…；网络本身已加密且可信时，可设 LIANBAN_DATABASE_PLAIN=1。",
                next_en="Add ?sslmode=verify-full&sslrootcert=…; where the network is encrypted and trusted: LIANBAN_DATABASE_PLAIN=1.",
            )


def list_shortcomings(settings: Settings) -> list[Shortcoming]:
    """What this deployment does without; nothing in a demo or training."""
    if not is_earnest(settings):
        return []
    modes = [_mode(variable, url) for variable, url in _addresses(settings)]
    found = {
        UNSCANNED: settings.scanner is None,
        PLAIN_DATABASE: any(_is_plain(mode) for mode in modes),
        UNVERIFIED_DATABASE: "require" in modes,
        PLAIN_PAGES: not settings.url.startswith("https://"),
    }
    return [shortcoming for shortcoming, is_so in found.items() if is_so]


def warn(settings: Settings) -> None:
    """A line of the log for each shortcoming, when a node starts."""
    for each in list_shortcomings(settings):
        log.warning("protection.missing", code=each.code, fact=each.fact_en, remedy=each.next_en)


def _addresses(settings: Settings) -> list[tuple[str, str]]:
    named = {
        "LIANBAN_DATABASE_URL": settings.database_url,
        "LIANBAN_DATABASE_OWNER_URL": settings.database_owner_url,
    }
    return [(variable, url) for variable, url in named.items() if url]


def _is_plain(mode: str | None) -> bool:
    return mode is not None and mode not in ENCRYPTED


def _mode(variable: str, url: str) -> str | None:
    """The ``sslmode`` of an address; None when all its hosts are this machine."""
    try:
        parts = conninfo_to_dict(url.replace("postgresql+psycopg://", "postgresql://", 1))
    except ProgrammingError:
        raise BadSetting(
            f"设置 {variable} 不是数据库地址。",
            f"The value of {variable} is not an address of a database.",
            next_zh="请按 docs/configuration.md 的说明修改。",
            next_en="Correct it as docs/configuration.md says.",
        ) from None
    hosts = str(parts.get("hostaddr") or parts.get("host") or "").split(",")
    return None if all(_is_here(host) for host in hosts) else str(parts.get("sslmode") or "prefer")


def _is_here(host: str) -> bool:
    """A Unix socket (a folder, or nothing) or loopback."""
    if not host or host.startswith(("/", "@")) or host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
