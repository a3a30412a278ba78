"""What a service task of type ``http`` asks for, read from its arguments and constants.

Names are those of Camunda's HTTP JSON connector where they mean the same; every unknown name is refused, so that a misspelt limit
is not silently ignored.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from urllib.parse import quote, urlencode

import orjson

from domain.connectors import oauth
from domain.connectors.addresses import Place, read_url
from domain.connectors.errors import BadCall
from domain.connectors.wire import Limits

TYPES: Final = ("http", "io.camunda:http-json:1")
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})
ARGUMENTS: Final = frozenset(
    {
        "method",
        "url",
        "pathParameters",
        "queryParameters",
        "headers",
        "body",
        "authentication",
        "connectionTimeoutInSeconds",
        "readTimeoutInSeconds",
        "totalTimeoutInSeconds",
        "maxResponseBytes",
        "idempotencyHeader",
        "clientCertificate",
        "certificateAuthority",
        "ignoreNullValues",
    }
)
IGNORED: Final = frozenset({"writeTimeoutInSeconds", "storeResponse", "skipEncoding", "groupSetCookieHeaders"})
"""Inputs of Camunda's connector that its template always writes; accepted at their defaults and of no effect here."""
HEADERS: Final = frozenset(
    {
        "resultVariable",
        "resultExpression",
        "errorExpression",
        "errorCodes",
        "retryBackoff",
        "priority",
        "elementTemplateId",
        "elementTemplateVersion",
    }
)
AUTHENTICATIONS: Final[Mapping[str, frozenset[str]]] = {
    "noAuth": frozenset(),
    "basic": frozenset({"username", "password"}),
    "bearer": frozenset({"token"}),
    "apiKey": frozenset({"apiKeyLocation", "name", "value"}),
    "hmac": frozenset(
        {"algorithm", "keyId", "secret", "keyHeader", "signatureHeader", "timestampHeader", "nonceHeader", "encoding"}
    ),
    oauth.TYPE: oauth.FIELDS,
}
LONGEST_BODY: Final = 1_000_000
MOST_BYTES: Final = 10_000_000
MOST_SECONDS: Final = 300
MOST_HEADERS: Final = 50
_TOKEN: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_PLACEHOLDER: Final = re.compile(r"\{([A-Za-z][A-Za-z0-9_]{0,59})\}")
_RETRIED: Final = frozenset({408, 425, 429})
_MAPPING: Final = re.compile(r"([1-5](?:\d\d|xx))=(retry|incident|[A-Za-z][A-Za-z0-9_.-]{0,59})")


@dataclass(frozen=True, slots=True)
class Plan:
    """A call as the model wants it, its secrets still references. ``path`` is what may be recorded of the address."""

    method: str
    place: Place
    path: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    authentication: Mapping[str, str] = field(repr=False)
    limits: Limits
    idempotency_header: str
    client_certificate: str
    certificate_authority: str


@dataclass(frozen=True, slots=True)
class Reading:
    """How the answer is read: FEEL texts without ``=``, and statuses that mean something."""

    result_variable: str = ""
    result_expression: str = ""
    error_expression: str = ""
    codes: tuple[tuple[str, str], ...] = ()

    def meaning(self, status: int) -> str | None:
        """``retry``, ``incident``, a BPMN error code, or None for a success. Exact statuses come before classes."""
        found = dict(self.codes)
        own = found.get(str(status)) or found.get(f"{status // 100}xx")
        if own:
            return own
        if 200 <= status < 300:  # noqa: PLR2004 -- success in HTTP
            return None
        return "retry" if status in _RETRIED or status >= 500 else "incident"  # noqa: PLR2004 -- the server's fault


def read(arguments: Mapping[str, Any]) -> Plan:
    """The call. Raises :class:`BadCall` naming the argument, never its value."""
    unknown = sorted(set(arguments) - ARGUMENTS - IGNORED)
    if unknown:
        raise BadCall(f"不认识的参数：{'、'.join(unknown)[:200]}。", f"Unknown arguments: {', '.join(unknown)[:200]}.")
    method = _text(arguments, "method", "GET").upper()
    if method not in METHODS:
        raise _wrong("method")
    authentication = _authentication(arguments.get("authentication"))
    query = _texts(arguments, "queryParameters")
    headers = _headers(arguments)
    body, kind = _body(arguments, headers)
    if body and not any(name.lower() == "content-type" for name in headers):
        headers["Content-Type"] = kind
    template = _text(arguments, "url", "")
    place = read_url(_filled(template, arguments.get("pathParameters"), query))
    header = _text(arguments, "idempotencyHeader", "Idempotency-Key")
    if header and not _TOKEN.fullmatch(header):
        raise _wrong("idempotencyHeader")
    return Plan(
        method,
        place,
        recorded_path(template, place),
        headers,
        body,
        authentication,
        _limits(arguments),
        header,
        _text(arguments, "clientCertificate", ""),
        _text(arguments, "certificateAuthority", ""),
    )


def read_reading(headers: Mapping[str, str]) -> Reading:
    """How the answer is to be read. Raises :class:`BadCall`."""
    unknown = sorted(set(headers) - HEADERS)
    if unknown:
        raise BadCall(
            f"不认识的任务头：{'、'.join(unknown)[:200]}。", f"Unknown task headers: {', '.join(unknown)[:200]}."
        )
    return Reading(
        headers.get("resultVariable", "").strip(),
        headers.get("resultExpression", "").strip().removeprefix("="),
        headers.get("errorExpression", "").strip().removeprefix("="),
        read_codes(headers.get("errorCodes", "")),
    )


def read_codes(text: str) -> tuple[tuple[str, str], ...]:
    """``404=PersonNotFound, 409=incident, 5xx=retry``. Raises :class:`BadCall`."""
    rows = [part.strip() for part in re.split(r"[,;\n]", text) if part.strip()]
    found = [_MAPPING.fullmatch(row) for row in rows]
    if not all(found):
        raise _wrong("errorCodes")
    return tuple((row[1], row[2]) for row in found if row is not None)


def recorded_path(template: str, place: Place) -> str:
    """The path without values: placeholders stay as they are written; pieces that look like data are struck out."""
    head = re.sub(r"^[a-zA-Z]+://[^/?#]*", "", template).partition("?")[0].partition("#")[0] if "{" in template else ""
    pieces = (head or place.target.partition("?")[0]).split("/")
    return "/".join(piece if _PLACEHOLDER.fullmatch(piece) or _is_plain(piece) else "…" for piece in pieces)[:300]


def _is_plain(piece: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9._~-]{0,60}", piece) is not None and not re.search(r"\d{4}", piece)


def _filled(template: str, given: Any, query: Mapping[str, str]) -> str:
    values = given if isinstance(given, Mapping) else {}
    if given is not None and not isinstance(given, Mapping):
        raise _wrong("pathParameters")

    def fill(found: re.Match[str]) -> str:
        value = values.get(found[1])
        if not isinstance(value, str | int) or isinstance(value, bool) or str(value) in {"", ".", ".."}:
            raise BadCall(f"路径参数 {found[1]} 没有可用的值。", f"The path parameter {found[1]} has no usable value.")
        return quote(str(value), safe="")

    url = _PLACEHOLDER.sub(fill, template)
    if query:
        url += ("&" if "?" in url else "?") + urlencode(query)
    return url


def _headers(arguments: Mapping[str, Any]) -> dict[str, str]:
    headers = _texts(arguments, "headers")
    for name, value in headers.items():
        if not _TOKEN.fullmatch(name) or any(sign in value for sign in "\r\n\x00"):
            raise _wrong("headers")
        try:
            value.encode("latin-1")
        except UnicodeEncodeError:
            raise BadCall(f"请求头 {name} 含有非 ASCII 字符。", f"The header {name} is not ASCII.") from None
    if len(headers) > MOST_HEADERS:
        raise _wrong("headers")
    return headers


def _body(arguments: Mapping[str, Any], headers: Mapping[str, str]) -> tuple[bytes, str]:
    body = arguments.get("body")
    if body is None:
        return b"", ""
    kind = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    if isinstance(body, str):
        content, kind = body.encode(), "text/plain; charset=utf-8"
    elif isinstance(body, Mapping) and kind.startswith("application/x-www-form-urlencoded"):
        content = urlencode({name: "" if value is None else value for name, value in body.items()}).encode()
    else:
        if arguments.get("ignoreNullValues") is True and isinstance(body, Mapping):
            body = {name: value for name, value in body.items() if value is not None}
        content, kind = orjson.dumps(body), "application/json"
    if len(content) > LONGEST_BODY:
        raise BadCall(f"请求体超过 {LONGEST_BODY} 字节。", f"The body is longer than {LONGEST_BODY} bytes.")
    return content, kind


def _authentication(given: Any) -> dict[str, str]:
    if given is None:
        return {"type": "noAuth"}
    if not isinstance(given, Mapping) or given.get("type") not in AUTHENTICATIONS:
        raise BadCall(
            f"认证方式应为 {'、'.join(AUTHENTICATIONS)} 之一。",
            f"Authentication is one of {', '.join(AUTHENTICATIONS)}.",
        )
    allowed = AUTHENTICATIONS[given["type"]] | {"type"}
    if set(given) - allowed or not all(isinstance(value, str) for value in given.values()):
        raise _wrong("authentication")
    if given["type"] == oauth.TYPE:
        oauth.check(given)
    return dict(given)


def _limits(arguments: Mapping[str, Any]) -> Limits:
    shipped = Limits()
    connect = _number(arguments, "connectionTimeoutInSeconds", shipped.connect_seconds, MOST_SECONDS)
    read_seconds = _number(arguments, "readTimeoutInSeconds", shipped.read_seconds, MOST_SECONDS)
    total = _number(
        arguments, "totalTimeoutInSeconds", max(shipped.total_seconds, connect + read_seconds), MOST_SECONDS
    )
    return Limits(
        connect, read_seconds, total, int(_number(arguments, "maxResponseBytes", shipped.most_bytes, MOST_BYTES))
    )


def _number(arguments: Mapping[str, Any], name: str, default: float, most: float) -> float:
    value = arguments.get(name)
    if value is None or value == "":
        return default
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise _wrong(name) from None
    if isinstance(value, bool) or not 0 < number <= most:
        raise _wrong(name)
    return number


def _text(arguments: Mapping[str, Any], name: str, default: str) -> str:
    value = arguments.get(name)
    if value is None:
        return default
    if not isinstance(value, str):
        raise _wrong(name)
    return value.strip()


def _texts(arguments: Mapping[str, Any], name: str) -> dict[str, str]:
    """A map of texts, numbers and booleans; what is null is left out."""
    given = arguments.get(name)
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise _wrong(name)
    found = {}
    for key, value in given.items():
        if value is None:
            continue
        if isinstance(value, bool):
            found[str(key)] = "true" if value else "false"
        elif isinstance(value, str | int | float):
            found[str(key)] = str(value)
        else:
            raise _wrong(name)
    return found


def _wrong(name: str) -> BadCall:
    return BadCall(f"参数 {name} 的值不可用。", f"The value of {name} cannot be used.")


RETRY_AFTER_MOST: Final = timedelta(days=1)
