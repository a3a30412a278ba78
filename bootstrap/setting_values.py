"""Values of settings, read from text. Each raises :class:`Expected` that says in both languages what was expected."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import TypeAlias

import yaml

from bootstrap.errors import BadSetting
from domain.federation.providers import Providers, read

Rate: TypeAlias = tuple[int, float]
"""How often: so many at once, then one every so many seconds."""
NO_ROLE = "none"
"""For a database where no role can be made: the owner's own connections are bound by the policies."""


class Expected(ValueError):
    """A value cannot be used; ``zh`` and the error's text say what was expected."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh


def path(text: str) -> Path:
    """A folder or file; ``~`` is the home."""
    return Path(text).expanduser().absolute()


def flag(text: str) -> bool:
    """1 or 0."""
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    if text.lower() not in words:
        raise Expected("应为 1 或 0", "1 or 0 expected")
    return words[text.lower()]


def number(low: int, high: int) -> Callable[[str], int]:
    """A whole number within bounds."""

    def parse(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
            raise Expected(f"应为 {low} 到 {high} 的整数", f"a whole number from {low} to {high} expected")
        return int(text)

    return parse


def rate(text: str) -> Rate | None:
    """``600/1200``: 600 at once, then 1,200 a minute; None for ``off``."""
    if text.lower() == "off":
        return None
    found = re.fullmatch(r"([1-9]\d{0,6})/([1-9]\d{0,6})", text)
    if found is None:
        raise Expected(
            "应为“可连续次数/每分钟次数”（如 600/1200）或 off",
            "how many at once, a slash, how many a minute (600/1200), or off, expected",
        )
    return int(found[1]), 60 / int(found[2])


def seconds(low: int, high: int) -> Callable[[str], timedelta]:
    """Whole seconds within bounds."""
    whole = number(low, high)
    return lambda text: timedelta(seconds=whole(text))


def choice(*words: str) -> Callable[[str], str]:
    """One of the words, in any case."""

    def parse(text: str) -> str:
        for word in words:
            if text.lower() == word.lower():
                return word
        raise Expected(f"应为 {'、'.join(words)} 之一", f"one of {', '.join(words)} expected")

    return parse


def some_of(*words: str) -> Callable[[str], tuple[str, ...]]:
    """Some of the words, with commas between; in the order of ``words``."""

    def parse(text: str) -> tuple[str, ...]:
        chosen = [word.strip().lower() for word in text.split(",") if word.strip()]
        if not chosen or not set(chosen) <= set(words):
            raise Expected(
                f"应为 {'、'.join(words)} 中的一个或几个，用逗号分隔",
                f"some of {', '.join(words)} expected, with commas between",
            )
        return tuple(word for word in words if word in chosen)

    return parse


def database_url(text: str) -> str:
    """An address of PostgreSQL, as SQLAlchemy wants it."""
    if not text.startswith(("postgresql://", "postgres://", "postgresql+psycopg://")):
        raise Expected(
            "应为 postgresql://用户:密码@主机:5432/库名 这样的地址",
            "an address like postgresql://user:password@host:5432/name expected",
        )
    return "postgresql+psycopg://" + text.split("://", 1)[1]


def require_bound_role(role: str, *, accepted: bool) -> None:
    """Where people really work, connections that own the tables must be somebody's decision: an owner can lift the policies."""
    if role == NO_ROLE and not accepted:
        raise BadSetting(
            "LIANBAN_DATABASE_ROLE=none 让运行中的程序以表的属主身份连接，属主可以解除行级安全；正式环境不默认接受。",
            "With LIANBAN_DATABASE_ROLE=none what runs connects as the tables' owner, who could lift row-level security: "
            "not in production without being asked for.",
            next_zh="请建立应用角色（见 docs/operations.md）；确实无法建立时，设 LIANBAN_OWNER_ROLE_ACCEPTED=1 表示接受。",
            next_en="Have the role made (docs/operations.md); where that is impossible, accept with LIANBAN_OWNER_ROLE_ACCEPTED=1.",
        )


def role(text: str) -> str:
    """A role of the database, by its plain name."""
    longest = 63
    if not text.isidentifier() or not text.isascii() or text != text.lower() or len(text) > longest:
        raise Expected("应为 lianban_app 这样的名称，或 none", "a plain name like lianban_app, or none, expected")
    return text


def public_url(text: str) -> str:
    """An http(s) address without a slash at the end."""
    if not text.startswith(("http://", "https://")):
        raise Expected("应为 https:// 或 http:// 开头的地址", "an address beginning with https:// or http:// expected")
    return text.rstrip("/")


def scanner(text: str) -> str:
    """The socket of a ClamAV daemon."""
    if not re.fullmatch(r"unix:/.+|tcp:(\[[0-9a-fA-F:]+\]|[^\s:\[\]]+):\d{1,5}", text):
        raise Expected("应为 unix:/路径 或 tcp:主机:端口", "unix:/path or tcp:host:port expected")
    return text


def ratio(text: str) -> float:
    """From 0 to 1."""
    if not re.fullmatch(r"0?\.\d+|[01](\.0*)?", text):
        raise Expected("应为 0 到 1 的数", "a number from 0 to 1 expected")
    return float(text)


def name(text: str) -> str:
    """A short text."""
    longest = 60
    if not 1 <= len(text) <= longest:
        raise Expected(f"应为 1 到 {longest} 个字符", f"1 to {longest} characters expected")
    return text


def token(text: str) -> str:
    """Something hard to guess."""
    shortest = 16
    if len(text) < shortest or not text.isascii() or not text.isprintable() or " " in text:
        raise Expected(
            f"至少 {shortest} 个 ASCII 字符，不含空格", f"at least {shortest} ASCII characters without spaces expected"
        )
    return text


def smtp_url(text: str) -> str:
    """A mail server, or the name of a secret."""
    if not text.startswith(("secret:", "smtps://", "smtp+starttls://", "smtp://")):
        raise Expected(
            "应为 smtps://…、smtp+starttls://…、smtp://… 或 secret:名称",
            "smtps://…, smtp+starttls://…, smtp://… or secret:NAME expected",
        )
    return text


def mail_from(text: str) -> str:
    """Who a mail is from."""
    if "@" not in parseaddr(text)[1] or not text.isprintable():
        raise Expected(
            "应为 联办 <noreply@example.gov.cn> 这样的发件人", "an address like 联办 <noreply@example.gov.cn> expected"
        )
    return text


def proxy(text: str) -> str:
    """A proxy, or the name of a secret."""
    if not text.startswith(("secret:", "http://")):
        raise Expected("应为 http://主机:端口 或 secret:名称", "http://host:port or secret:NAME expected")
    return text


def key(text: str) -> bytes:
    """At least 32 bytes."""
    minimum = 32
    if len(text.encode()) < minimum:
        raise Expected(
            f"至少 {minimum} 字节（可用 openssl rand -base64 48 生成）", f"at least {minimum} bytes expected"
        )
    return text.encode()


def providers(text: str) -> Providers:
    """The file of identity providers (docs/oidc.md), read and checked."""
    try:
        raw = yaml.safe_load(path(text).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise Expected(
            f"文件无法读取（{type(error).__name__}）", f"the file cannot be read ({type(error).__name__})"
        ) from None
    except yaml.YAMLError:
        raise Expected("文件不是 YAML", "the file is not YAML") from None
    return read({} if raw is None else raw)
