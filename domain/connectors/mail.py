"""E-mail by SMTP (standard library): implicit TLS or required STARTTLS, verified certificates, multipart text and HTML.

A message is built from stable parts alone: a second try of the same delivery is the same message byte for byte, with the same
Message-ID, so that mail servers and people recognise it.
"""

from __future__ import annotations

import hashlib
import html
import re
import smtplib
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from domain.connectors.deadlines import cut_off
from domain.connectors.errors import MailNotConfigured, MailRefused, MailUnreachable
from domain.context import Context
from domain.secrets import service as secrets

_ADDRESS: Final = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)
LONGEST_ADDRESS: Final = 254
LONGEST_SUBJECT: Final = 200
LONGEST_TEXT: Final = 20_000
PORTS: Final[Mapping[str, int]] = {"smtps": 465, "smtp+starttls": 587, "smtp": 25}
STEP_SECONDS: Final = 10
WHOLE_SECONDS: Final = 30
_PERMANENT: Final = 500
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class Road:
    """How mail leaves this deployment."""

    mode: str
    host: str
    port: int
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: str = ""

    @property
    def domain(self) -> str:
        """The part after @ of the sender."""
        return parseaddr(self.sender)[1].rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Mail:
    """One message to one address. ``key`` is stable for the delivery; ``unsubscribe`` is a link that ends such mail."""

    to: str = field(repr=False)
    subject: str
    text: str = field(repr=False)
    key: str
    at: datetime
    unsubscribe: str = ""


def is_address(text: str) -> bool:
    """Whether this is an e-mail address that we write to."""
    return len(text) <= LONGEST_ADDRESS and _ADDRESS.fullmatch(text) is not None


def mask_address(address: str) -> str:
    """An address as it may be shown to its owner."""
    name, _, domain = address.rpartition("@")
    return f"{name[:2]}***@{domain}"


def find_road(ctx: Context) -> Road:
    """The deployment's SMTP server, its secrets resolved now. Raises :class:`MailNotConfigured`, ``SecretMissing``."""
    parts, sender = urlsplit(secrets.of_setting(ctx, ctx.outward.smtp_url)), ctx.outward.mail_from
    if parts.scheme not in PORTS or not parts.hostname or not sender:
        raise MailNotConfigured
    password = secrets.of_setting(ctx, unquote(parts.password or ""))
    port = parts.port or PORTS[parts.scheme]
    return Road(
        parts.scheme, parts.hostname, port, sender, unquote(parts.username or ""), password, ctx.outward.ca_file
    )


def post(road: Road, mail: Mail) -> None:
    """Hand the message to the server. Raises :class:`MailRefused`, :class:`MailUnreachable`; the text of neither holds an address."""
    if not is_address(mail.to):
        raise MailRefused("邮箱地址不正确。", "The address is no e-mail address.")
    if road.user and road.mode == "smtp" and road.host not in _LOOPBACK:
        raise MailRefused("不加密的连接不能登录邮件服务器。", "There is no log-in over a plain connection.")
    message = compose(road, mail)
    try:
        _hand_over(road, mail.to, message)
    except smtplib.SMTPRecipientsRefused as error:
        raise _of_code(next(iter(error.recipients.values()))[0]) from None
    except smtplib.SMTPNotSupportedError:
        raise MailRefused("邮件服务器不支持所需的加密或登录。", "The server lacks TLS or log-in.") from None
    except smtplib.SMTPResponseException as error:
        raise _of_code(error.smtp_code) from None
    except ssl.SSLError:
        raise MailRefused("邮件服务器的证书无法核验。", "The server's certificate cannot be verified.") from None
    except (smtplib.SMTPException, OSError) as error:
        raise MailUnreachable(
            "邮件服务器没有正常应答。", f"The mail server did not answer: {type(error).__name__}."
        ) from None


def compose(road: Road, mail: Mail) -> bytes:
    """The message's bytes: the same for the same mail."""
    digest = hashlib.sha256(mail.key.encode()).hexdigest()[:32]
    message = EmailMessage(policy=SMTP)
    name, address = parseaddr(road.sender)
    message["From"] = Address(display_name=name, addr_spec=address)
    message["To"] = mail.to
    message["Subject"] = one_line(mail.subject)[:LONGEST_SUBJECT]
    message["Date"] = format_datetime(mail.at)
    message["Message-ID"] = f"<{digest}@{road.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    if mail.unsubscribe:
        message["List-Unsubscribe"] = f"<{mail.unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    text = mail.text[:LONGEST_TEXT]
    message.set_content(text)
    message.add_alternative(_page(text), subtype="html")
    message.set_boundary(f"=_{digest}")
    return message.as_bytes()


def one_line(text: str) -> str:
    """Without control characters: nobody writes a second header through a subject."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


class _Known:
    """In ``held`` before it connects: a greeting that never ends is cut off too."""

    def __init__(self, held: list[Any], **place: Any) -> None:
        held.append(self)
        super().__init__(**place)


class _Line(_Known, smtplib.SMTP):
    """A plain line, at first."""


class _SealedLine(_Known, smtplib.SMTP_SSL):
    """TLS from the beginning."""


def _hand_over(road: Road, to: str, message: bytes) -> None:
    context = _tls(road)
    held: list[smtplib.SMTP] = []
    place: dict[str, Any] = {
        "host": road.host,
        "port": road.port,
        "local_hostname": road.domain,
        "timeout": STEP_SECONDS,
    }
    with cut_off(WHOLE_SECONDS, lambda: held[0].sock if held else None):
        if road.mode == "smtps":
            server: smtplib.SMTP = _SealedLine(held, **place, context=context)
        else:
            server = _Line(held, **place)
        try:
            if road.mode == "smtp+starttls":
                server.starttls(context=context)
            if road.user:
                server.login(road.user, road.password)
            server.sendmail(parseaddr(road.sender)[1], [to], message)
        except BaseException:
            server.close()
            raise
        with suppress(smtplib.SMTPException, OSError):  # it was taken; how the server says goodbye does not matter
            server.quit()
        server.close()


def _tls(road: Road) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if road.ca_file:
        context.load_verify_locations(cafile=road.ca_file)
    return context


def _of_code(code: int) -> MailRefused | MailUnreachable:
    if code >= _PERMANENT:
        return MailRefused(f"邮件服务器拒收（{code}）。", f"The mail server refused ({code}).")
    return MailUnreachable(f"邮件服务器要求稍后再试（{code}）。", f"The mail server asks to try again ({code}).")


def _page(text: str) -> str:
    lines = "".join(f"<p>{_linked(line)}</p>" for line in text.splitlines() if line.strip())
    return f'<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"></head><body>{lines}</body></html>'


def _linked(line: str) -> str:
    shown = html.escape(line)
    return re.sub(r"https?://[^\s<>\"']+", lambda found: f'<a href="{found[0]}">{found[0]}</a>', shown)
