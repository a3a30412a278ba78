"""One POST to another deployment: https (http only on this machine), no redirects, no proxy of the environment, the certificate pinned.

A pin is the SHA-256 of the public key (SubjectPublicKeyInfo, DER) of the receiver's certificate, base64, as in ``openssl x509 -pubkey``.
It is asked for besides the usual check of the certificate, before anything is sent.
"""

from __future__ import annotations

import base64
import hashlib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection  # noqa: TID251 -- this is the delivery module
from typing import Final
from urllib.parse import unquote, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from domain.errors import Conflict

TIMEOUT_SECONDS: Final = 10
LONGEST_ANSWER: Final = 65_536


class ReceiverUnreachable(Conflict):
    """The other deployment did not take the message; it is tried again."""

    code = "receiver-unreachable"
    title_zh = "接收方暂时无法送达"
    title_en = "The receiver cannot be reached"
    next_zh = "平台会自动重试；持续失败时请核对对方的接口地址、证书和网络。"
    next_en = "It is tried again by itself; if it keeps failing check the endpoint, its certificate and the network."


class ReceiverNotTrusted(ReceiverUnreachable):
    """Whoever answers at the receiver's address has another key than the one that was agreed."""

    code = "receiver-not-trusted"
    title_zh = "接收方的证书与约定不符"
    title_en = "The receiver's certificate is not the agreed one"
    next_zh = "请与对方核对证书公钥指纹，再用 lianban sites partner 更新。"
    next_en = "Compare the fingerprint with the partner, then set it with lianban sites partner."


@dataclass(frozen=True, slots=True)
class Line:
    """How a partner is reached: ``pins`` of its certificate (none: any that is valid), private authorities, a proxy."""

    endpoint: str
    pins: tuple[str, ...] = ()
    ca_file: str = ""
    proxy: str = field(default="", repr=False)


def pin_of(certificate: bytes) -> str:
    """The pin of a certificate (DER)."""
    key = x509.load_der_x509_certificate(certificate).public_key()
    return base64.b64encode(
        hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()
    ).decode()


def post_bytes(line: Line, raw: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
    """Status and body of the answer. Raises :class:`ReceiverUnreachable`, :class:`ReceiverNotTrusted`."""
    address = urlsplit(line.endpoint)
    if address.scheme != "https" and (address.scheme, address.hostname) != ("http", "127.0.0.1"):
        raise ReceiverUnreachable("接收方地址不是 https。", "The receiver's endpoint is not https.")
    connection = _connection(line, address.hostname or "", address.port)
    target = (address.path or "/") + (f"?{address.query}" if address.query else "")
    try:
        connection.connect()
        _check_pin(connection, line.pins)
        connection.request("POST", target, body=raw, headers={"Content-Type": "application/json", **headers})
        answer = connection.getresponse()
        return answer.status, answer.read(LONGEST_ANSWER)
    except (OSError, HTTPException, ValueError) as error:
        raise ReceiverUnreachable(
            "接收方没有正常应答。", f"The receiver did not answer: {type(error).__name__}."
        ) from error
    finally:
        connection.close()


def _connection(line: Line, host: str, port: int | None) -> HTTPConnection:
    if line.endpoint.startswith("http:"):
        return HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
    context = ssl.create_default_context(cafile=line.ca_file or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if line.ca_file:
        context.load_default_certs()
    if not line.proxy:
        return HTTPSConnection(host, port, timeout=TIMEOUT_SECONDS, context=context)
    proxy = urlsplit(line.proxy)
    connection = HTTPSConnection(proxy.hostname or "", proxy.port or 3128, timeout=TIMEOUT_SECONDS, context=context)
    login = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}" if proxy.username else ""
    headers = {"Proxy-Authorization": "Basic " + base64.b64encode(login.encode()).decode()} if login else {}
    connection.set_tunnel(host, port or 443, headers=headers)
    return connection


def _check_pin(connection: HTTPConnection, pins: tuple[str, ...]) -> None:
    if not pins:
        return
    certificate = connection.sock.getpeercert(binary_form=True) if isinstance(connection.sock, ssl.SSLSocket) else None
    if certificate is None or pin_of(certificate) not in pins:
        raise ReceiverNotTrusted(
            "接收方证书的公钥与登记的指纹不符，没有发送。",
            "The key of the receiver's certificate is not the pinned one; nothing was sent.",
        )
