"""One HTTP exchange over one connection to a pinned address: no redirects, no cookies, no retries, no environment. By urllib3.

urllib3 and not requests or httpx: its connection class can be handed the address and the name that the certificate must have as two
different things, and it unpacks an answer piece by piece, so that its size can be watched.
"""

from __future__ import annotations

import ssl
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPException  # noqa: TID251 -- this is the connector's module
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from urllib3.connection import HTTPConnection, HTTPSConnection  # noqa: TID251 -- this is the connector's module
from urllib3.exceptions import (  # noqa: TID251
    ConnectTimeoutError,
    DecodeError,
    HTTPError,
    NewConnectionError,
    ReadTimeoutError,
)
from urllib3.util import make_headers  # noqa: TID251

from domain.connectors.addresses import Place
from domain.connectors.deadlines import cut_off
from domain.connectors.errors import (
    AnswerTooLong,
    AnswerUnreadable,
    BadCall,
    CallFailed,
    CallNotTrusted,
    CallTimedOut,
    CallUnreachable,
)

PIECE: Final = 65_536
_GENERATED: Final = frozenset({"host", "content-length", "connection", "transfer-encoding", "accept-encoding"})


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds and bytes that an exchange may take."""

    connect_seconds: float = 5
    read_seconds: float = 10
    total_seconds: float = 30
    most_bytes: int = 1_000_000


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom to believe: private authorities besides the system's; our own certificate with its key (PEM) if the other side wants one."""

    ca_file: str = ""
    ca_pem: str = field(default="", repr=False)
    client_pem: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Request:
    """What goes over the wire."""

    method: str
    place: Place
    address: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)
    limits: Limits = Limits()
    trust: Trust = Trust()
    proxy: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: header names in lower case, the unpacked body, and how long it took."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    milliseconds: int


def exchange(request: Request) -> Answer:
    """Make the call once. Raises a :class:`CallFailed`; its text names no path, header or body."""
    began = time.monotonic()
    connection = _connection(request)
    try:
        with cut_off(request.limits.total_seconds, lambda: connection.sock) as was_cut:
            try:
                return _talk(connection, request, began)
            except (CallFailed, ssl.SSLCertVerificationError):
                raise
            except Exception:  # a cut socket fails in many ways; anything else goes on to be told apart below
                if was_cut.is_set():
                    raise CallTimedOut("总时间已到，对方仍未答完。", "The answer was not complete in time.") from None
                raise
    except CallFailed:
        raise
    except (
        ssl.SSLError,
        ConnectTimeoutError,
        ReadTimeoutError,
        TimeoutError,
        DecodeError,
        HTTPError,
        HTTPException,
        OSError,
        ValueError,
    ) as error:
        raise _told(error) from None
    finally:
        connection.close()


def _talk(connection: HTTPConnection, request: Request, began: float) -> Answer:
    connection.connect()
    connection.timeout = request.limits.read_seconds
    headers = {name: value for name, value in request.headers.items() if name.lower() not in _GENERATED}
    headers |= {"Host": request.place.host_header, "Connection": "close", "Accept-Encoding": "gzip"}
    headers.setdefault("User-Agent", "Lianban")
    connection.request(
        request.method, request.place.target, body=request.body or None, headers=headers, preload_content=False
    )
    response = connection.getresponse()
    body = bytearray()
    while True:
        piece = response.read(PIECE, decode_content=True)
        if not piece:
            break
        body += piece
        if len(body) > request.limits.most_bytes:
            raise AnswerTooLong(
                f"应答超过 {request.limits.most_bytes} 字节。",
                f"The answer is longer than {request.limits.most_bytes} bytes.",
            )
        if time.monotonic() - began > request.limits.total_seconds:
            raise CallTimedOut("总时间已到，对方仍未答完。", "The answer was not complete in time.")
    answered = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status, answered, bytes(body), round((time.monotonic() - began) * 1000))


def _connection(request: Request) -> HTTPConnection:
    place, limits = request.place, request.limits
    if place.scheme == "http":
        return HTTPConnection(request.address, place.port, timeout=limits.connect_seconds)
    context = _context(request.trust)
    if not request.proxy:
        return HTTPSConnection(
            request.address,
            place.port,
            timeout=limits.connect_seconds,
            ssl_context=context,
            server_hostname=place.host,
        )
    proxy = urlsplit(request.proxy)
    if proxy.scheme != "http" or not proxy.hostname:
        raise BadCall("代理地址不正确。", "The proxy's address is wrong.")
    connection = HTTPSConnection(
        proxy.hostname,
        proxy.port or 3128,
        timeout=limits.connect_seconds,
        ssl_context=context,
        server_hostname=place.host,
    )
    login = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}" if proxy.username else None
    connection.set_tunnel(request.address, place.port, headers=make_headers(proxy_basic_auth=login), scheme="http")
    return connection


def _context(trust: Trust) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        if trust.ca_file:
            context.load_verify_locations(cafile=trust.ca_file)
        if trust.ca_pem:
            context.load_verify_locations(cadata=trust.ca_pem)
        if trust.client_pem:
            _load_client(context, trust.client_pem)
    except (ssl.SSLError, OSError, ValueError):
        raise BadCall("证书或私钥无法读取。", "A certificate or key cannot be read.") from None
    return context


def _load_client(context: ssl.SSLContext, pem: str) -> None:
    """OpenSSL takes certificates from files alone: one that only we can read, gone at once."""
    with tempfile.TemporaryDirectory(prefix="lianban-") as folder:  # 0700
        path = Path(folder) / "client.pem"
        path.touch(mode=0o600)
        path.write_text(pem, encoding="ascii")
        context.load_cert_chain(path)


def _told(error: Exception) -> CallFailed:
    refused = isinstance(error, NewConnectionError)  # urllib3 derives it from the one of a time limit
    if isinstance(error, ConnectTimeoutError | ReadTimeoutError | TimeoutError) and not refused:
        return CallTimedOut("对方没有按时应答。", "The other side did not answer in time.")
    if isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError) or "SSL" in type(error).__name__:
        return CallNotTrusted("对方的证书无法核验。", "The certificate cannot be verified.")
    if isinstance(error, DecodeError):
        return AnswerUnreadable("应答的压缩内容已损坏。", "The packed answer is broken.")
    if isinstance(error, ValueError | HTTPException) and not isinstance(error, OSError):
        return AnswerUnreadable("应答不是正确的 HTTP。", "The answer is no proper HTTP.")
    return CallUnreachable("与对方的连接中断或无法建立。", f"No connection: {type(error).__name__}.")
