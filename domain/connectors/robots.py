"""Group robots and SMS gateways through ``apprise``: DingTalk, WeCom, Feishu, Lark, generic JSON, …

The library knows each service's payload; the wire is ours. Its plug-ins speak through the module ``requests``, which follows the
environment's proxies, looks any name up and takes an error inside an HTTP 200 for success. Here they get a caller with the same face
that goes by :mod:`domain.connectors.wire`: hosts of known services and of the allow-list alone, pinned addresses, bounded time and size,
and the services' own error codes are read.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from types import SimpleNamespace
from typing import Any, Final
from urllib.parse import unquote, urlencode, urlsplit

import orjson
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC

from domain.clock import HOST
from domain.connectors import hosts, robot_answers
from domain.connectors.addresses import pin, read_url
from domain.connectors.errors import AnswerRefused, BadCall, CallFailed, HostNotAllowed
from domain.connectors.models import AllowedHost
from domain.connectors.wire import Answer, Limits, Request, Trust, exchange
from domain.context import Context
from domain.rates import service as rates
from domain.secrets import service as secrets

PROVIDERS: Final[Mapping[str, tuple[str, str, str]]] = {
    "dingtalk": ("dingtalk", "钉钉群机器人", "DingTalk robot"),
    "wecombot": ("wecombot", "企业微信群机器人", "WeCom robot"),
    "feishu": ("feishu", "飞书群机器人", "Feishu robot"),
    "lark": ("lark", "Lark 群机器人", "Lark robot"),
    "json": ("custom_json", "通用 JSON 接口（内网 http）", "Generic JSON (internal http)"),
    "jsons": ("custom_json", "通用 JSON 接口（https）", "Generic JSON (https)"),
}
"""Scheme of the address → the library's module, and what people call it."""
HOSTS: Final = frozenset({"oapi.dingtalk.com", "qyapi.weixin.qq.com", "open.feishu.cn", "open.larksuite.com"})
"""Fixed hosts of those services: an administrator who enters their robot allows them."""
LIMITS: Final = Limits(total_seconds=20, most_bytes=65_536)
_HOOK: Final = "/open-apis/bot/v2/hook/"
"""Part of the address of a Feishu or Lark robot."""
TO: Final = "{to}"
"""Stands in an SMS gateway's address for the person's number."""


@dataclass(frozen=True, slots=True)
class _Trip:
    """What one delivery may do, and what came of it."""

    site_id: int | None
    entries: Mapping[tuple[str, int], AllowedHost]
    ca_file: str
    proxy: str = field(repr=False)
    secret: str = field(repr=False)
    """Signs messages to Feishu and Lark; empty: they are not signed."""
    failures: list[CallFailed]
    answers: list[Answer]


_TRIP: ContextVar[_Trip] = ContextVar("trip")


def provider_of(address: str) -> str:
    """The scheme of a robot's address. Raises :class:`BadCall` when it is none that we know, or the address is malformed."""
    scheme, separator, _ = address.partition("://")
    if not separator or scheme not in PROVIDERS:
        known = "、".join(f"{name}://" for name in PROVIDERS)
        raise BadCall(f"地址应以 {known} 之一开头。", f"The address begins with one of {known}.", pointer="/address")
    if _plugin(address.replace(TO, "13800000000")) is None:
        raise BadCall("机器人地址的格式不正确。", "The robot's address is malformed.", pointer="/address")
    return scheme


def telling(ctx: Context, address: str, title: str, text: str, *, site_id: int | None) -> Callable[[], None]:
    """A call that tells a robot, to be made outside transactions; its failures are :class:`CallFailed`."""
    entries = {(row.host, row.port): row for row in reversed(hosts.list_hosts(ctx, [site_id] if site_id else []))}
    ca_file, proxy = ctx.outward.ca_file, secrets.of_setting(ctx, ctx.outward.proxy)
    scheme = address.partition("://")[0]

    def call() -> None:
        trip = _Trip(site_id, entries, ca_file, proxy, _secret_of(address), [], [])
        token = _TRIP.set(trip)
        try:
            plugin = _plugin(address)
            if plugin is None:
                raise BadCall("机器人地址的格式不正确。", "The robot's address is malformed.")
            accepted = plugin.notify(body=text, title=title)
        finally:
            _TRIP.reset(token)
        if trip.failures:
            raise trip.failures[0]
        for answer in trip.answers:
            robot_answers.read(scheme, answer)
        if not accepted or not trip.answers:
            raise AnswerRefused("机器人没有接受消息。", "The robot did not take the message.")

    return call


def texting(ctx: Context, gateway: Any, number: str, text: str) -> Callable[[], None]:
    """A call that sends a text message by a gateway whose secret address names the number's place as ``{to}``."""
    address = secrets.resolve(ctx, gateway.secret_name, gateway.site_id)
    return telling(ctx, address.replace(TO, number), "", text, site_id=gateway.site_id)


@lru_cache(maxsize=1)
def _library() -> Any:
    """The library, loaded at first use (it reads its plug-ins slowly), with our caller in the plug-ins that we offer."""
    import apprise

    face = SimpleNamespace(
        post=lambda url, **given: _go("POST", url, **given),
        get=lambda url, **given: _go("GET", url, **given),
        request=_go,
        codes=SimpleNamespace(ok=200, created=201, no_content=204),
        RequestException=_Stopped,
    )
    for module in {row[0] for row in PROVIDERS.values()}:
        plugin: Any = import_module(f"apprise.plugins.{module}")
        plugin.requests = face
    asset = apprise.AppriseAsset(app_id="Lianban", app_desc="Lianban", secure_logging=True)
    return SimpleNamespace(instantiate=apprise.Apprise.instantiate, asset=asset)


def _plugin(address: str) -> Any:
    library = _library()
    plugin = library.instantiate(address, asset=library.asset)
    if plugin is not None:  # tries and pauses are the delivery's: a plug-in that sleeps would hold a worker
        plugin.request_rate_per_sec, plugin.retry = 0, 0
    return plugin


def pace(ctx: Context, address: str) -> float:
    """Take the robot's turn: 0 when it may be told something now, else the seconds to wait; counted for the whole deployment."""
    scheme = address.partition("://")[0]
    if scheme not in robot_answers.PACES:
        return 0.0
    burst, seconds = robot_answers.PACES[scheme]
    return rates.take(ctx.session.connection(), "robot", address, burst, seconds)


def _secret_of(address: str) -> str:
    """The signing secret of a Feishu or Lark robot: ``feishu://SECRET@TOKEN``. (DingTalk's is the library's own affair.)"""
    parts = urlsplit(address)
    return unquote(parts.username or "") if parts.scheme in ("feishu", "lark") else ""


def _signed(body: Any, secret: str) -> Any:
    """A message to Feishu or Lark with its time and signature, which the library does not know: the text is the key, nothing is hashed."""
    if not secret:
        return body
    moment = str(int(HOST.now().timestamp()))  # the service compares it with its own clock: never the training clock
    mac = HMAC(f"{moment}\n{secret}".encode(), hashes.SHA256())
    content = orjson.loads(body)
    return orjson.dumps({"timestamp": moment, "sign": base64.b64encode(mac.finalize()).decode(), **content})


def _unquoted(name: str, value: Any) -> Any:
    """The library quotes DingTalk's signature, which is quoted again with all parameters: the service would not know it."""
    return unquote(value) if name == "sign" and isinstance(value, str) else value


class _Stopped(Exception):
    """What the plug-ins take for a failure of ``requests``."""


def _go(method: str, url: str, **given: Any) -> Any:
    """``requests.request`` as the plug-ins use it."""
    trip = _TRIP.get()
    params = {name: _unquoted(name, value) for name, value in (given.get("params") or {}).items()}
    if params:
        url = f"{url}{'&' if '?' in url else '?'}{urlencode(params)}"
    body = given.get("data") or b""
    if _HOOK in url:
        url, body = url.rstrip("/"), _signed(body, trip.secret)
    try:
        if given.get("auth") or given.get("files"):
            raise BadCall("机器人地址不能带用户名或附件。", "A robot's address carries no user name and no file.")
        place = read_url(url)
        entry = trip.entries.get((place.host, place.port))
        is_known = place.host in HOSTS and place.scheme == "https"
        if entry is None and not is_known:
            raise HostNotAllowed(
                f"主机 {place.host[:120]}:{place.port} 不在白名单中。", "The robot's host is not on the allow-list."
            )
        if place.scheme != "https" and not (entry is not None and entry.is_plain):
            raise HostNotAllowed("该主机只允许用 https 调用。", "This host may be called by https only.")
        internal = entry is not None and entry.is_internal
        address = pin(place.host, place.port, internal=internal)
        answer = exchange(
            Request(
                method,
                place,
                address,
                dict(given.get("headers") or {}),
                body.encode() if isinstance(body, str) else body,
                LIMITS,
                Trust(trip.ca_file),
                place.proxied(trip.proxy, internal=internal),
            )
        )
    except CallFailed as failure:
        trip.failures.append(failure)
        raise _Stopped from None
    trip.answers.append(answer)
    return SimpleNamespace(
        status_code=answer.status,
        content=answer.body,
        text=answer.body.decode(errors="replace"),
        headers=answer.headers,
    )
