"""OAuth 2.0 client credentials (RFC 6749 §4.4) for ``http`` tasks: an access token fetched over the guarded wire.

The token endpoint is a place like any other: on the allow-list, its address pinned, and only the secrets that its entry names go there
or sign for it. Authlib forms the request and proves who we are: a secret as Basic or in the body, a signed assertion (RFC 7523), or the
client certificate of the connection (RFC 8705). What is fetched is kept by :mod:`domain.connectors.tokens`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote_plus

import orjson
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_token_request
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from domain.clock import HOST
from domain.connectors.addresses import Place, pin
from domain.connectors.errors import BadCall, CallFailed, TokenRefused, TokenUnavailable
from domain.connectors.wire import Answer, Limits, Request, Trust

TYPE: Final = "oauth-client-credentials-flow"
FIELDS: Final = frozenset(
    {
        "oauthTokenEndpoint",
        "clientId",
        "clientSecret",
        "clientAuthentication",
        "scopes",
        "audience",
        "privateKey",
        "keyId",
        "algorithm",
        "assertionAudience",
    }
)
WAYS: Final[Mapping[str, str]] = {
    "basicAuthHeader": "client_secret_basic",
    "credentialsBody": "client_secret_post",
    "privateKeyJwt": "private_key_jwt",
    "tlsClientCertificate": "none",
}
"""``clientAuthentication`` as Camunda names it (the last two are ours) → how Authlib calls it."""
USUAL_WAY: Final = "basicAuthHeader"
NEEDED: Final = ("oauthTokenEndpoint", "clientId")
PROOFS: Final[Mapping[str, tuple[str, ...]]] = {
    "basicAuthHeader": ("clientSecret",),
    "credentialsBody": ("clientSecret",),
    "privateKeyJwt": ("privateKey",),
    "tlsClientCertificate": (),
}
"""Fields without which no token can be asked for: always, and by the way in which we prove who we are."""
SECRET_FIELDS: Final = frozenset({"clientId", "clientSecret", "privateKey"})
"""What is put in under the entry of the token endpoint, not under that of the host that is called."""
ALGORITHMS: Final[Mapping[str, Any]] = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), RSAKey),
    **dict.fromkeys(("ES256", "ES384", "ES512"), ECKey),
    "EdDSA": OKPKey,
}
USUAL_ALGORITHM: Final = "RS256"
LIMITS: Final = Limits(connect_seconds=5, read_seconds=10, total_seconds=15, most_bytes=65_536)
USUAL_SECONDS: Final = 300
"""How long a token is taken to be good when the answer does not say."""
LONGEST_SECONDS: Final = 86_400
ASSERTION_SECONDS: Final = 120
_GOOD, _FAULT = 200, 500
_PASSING: Final = frozenset({408, 425, 429})
_TOKEN: Final = re.compile(r"[\x21-\x7e]{1,16384}")
_ERROR: Final = re.compile(r"[a-z_]{1,60}")


@dataclass(frozen=True, slots=True)
class Grant:
    """Everything a token is fetched with, secrets put in. ``host`` and ``path`` are what may be recorded."""

    place: Place
    internal: bool
    host: str
    path: str
    way: str
    client_id: str = field(repr=False)
    secret: str = field(repr=False)
    scopes: str = ""
    audience: str = ""
    key_id: str = ""
    algorithm: str = USUAL_ALGORITHM
    assertion_audience: str = ""
    trust: Trust = field(default_factory=Trust)
    proxy: str = field(default="", repr=False)
    site_id: int | None = None

    @property
    def name(self) -> str:
        """What the token is kept under: another secret, scope or site is another token."""
        parts = [
            self.site_id,
            self.url,
            self.way,
            self.client_id,
            self.secret,
            self.scopes,
            self.audience,
            self.key_id,
            self.algorithm,
            self.assertion_audience,
            self.trust.client_pem,
        ]
        return hashlib.sha256(orjson.dumps(parts)).hexdigest()

    @property
    def url(self) -> str:
        """The token endpoint."""
        return f"{self.place.scheme}://{self.place.host_header}{self.place.target}"


@dataclass(frozen=True, slots=True)
class Fetch:
    """One request for a token, as it is recorded; no content."""

    host: str
    path: str
    sent_bytes: int
    status: int | None = None
    milliseconds: int | None = None
    received_bytes: int | None = None
    error_code: str | None = None
    is_well: bool = True
    """Whether the host answered sensibly, also with a refusal of ours."""


def check(given: Mapping[str, str]) -> None:
    """The fields of an authentication of this kind. Raises :class:`BadCall` naming the field, never its value."""
    way = given.get("clientAuthentication", USUAL_WAY)
    needed = (*NEEDED, *PROOFS.get(way, ()))
    for name in sorted(name for name in needed if not given.get(name, "").strip()):
        raise BadCall(f"OAuth 认证缺少 {name}。", f"OAuth lacks {name}.")
    if way not in WAYS:
        raise BadCall(
            f"clientAuthentication 应为 {'、'.join(WAYS)} 之一。", f"clientAuthentication is one of {', '.join(WAYS)}."
        )
    if given.get("algorithm", USUAL_ALGORITHM) not in ALGORITHMS:
        raise BadCall(f"algorithm 应为 {'、'.join(ALGORITHMS)} 之一。", f"algorithm is one of {', '.join(ALGORITHMS)}.")


def fetch(grant: Grant, send: Callable[[Request], Answer], fetches: list[Fetch]) -> tuple[str, float]:
    """One request, added to ``fetches``: (token, seconds it is good for).

    Raises :class:`TokenUnavailable`, :class:`TokenRefused`, :class:`BadCall`.
    """
    headers, body = _request(grant)
    try:
        address = pin(grant.place.host, grant.place.port, internal=grant.internal)
        answer = send(Request("POST", grant.place, address, headers, body, LIMITS, grant.trust, grant.proxy))
    except CallFailed as failure:
        told = failure.fact_zh or failure.title_zh, failure.fact_en or failure.title_en
        fetches.append(
            Fetch(grant.host, grant.path, len(body), error_code=failure.code, is_well=not failure.is_passing)
        )
        kind = TokenUnavailable if failure.is_passing else type(failure)
        raise kind(f"令牌地址 {grant.host}：{told[0]}", f"Token endpoint {grant.host}: {told[1]}") from None
    try:
        found = _read(grant, answer)
    except CallFailed as failure:
        fetches.append(_seen(grant, body, answer, failure.code))
        raise
    fetches.append(_seen(grant, body, answer, None))
    return found


def _seen(grant: Grant, body: bytes, answer: Answer, code: str | None) -> Fetch:
    return Fetch(
        grant.host,
        grant.path,
        len(body),
        answer.status,
        answer.milliseconds,
        len(answer.body),
        code,
        is_well=answer.status < _FAULT,
    )


def _request(grant: Grant) -> tuple[dict[str, str], bytes]:
    more = {"audience": grant.audience} if grant.audience else {}
    form = prepare_token_request("client_credentials", scope=grant.scopes or None, **more)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    _, dressed, body = _client(grant).prepare("POST", grant.url, headers, form)
    return dressed, body.encode()


def _client(grant: Grant) -> ClientAuth:
    way = WAYS[grant.way]
    if way == "private_key_jwt":
        claims = {"exp": int(HOST.now().timestamp()) + ASSERTION_SECONDS}
        header = {"kid": grant.key_id} if grant.key_id else {}
        proof = PrivateKeyJWT(grant.assertion_audience or grant.url, claims, header, grant.algorithm)
        return ClientAuth(grant.client_id, _key(grant), proof)
    if way == "client_secret_basic":
        # RFC 6749 §2.3.1: identifier and secret are form-encoded before they become a user and a password.
        return ClientAuth(quote_plus(grant.client_id), quote_plus(grant.secret), way)
    return ClientAuth(grant.client_id, grant.secret, way)


def _key(grant: Grant) -> Any:
    """A private key: PEM or JWK (JSON)."""
    text = grant.secret.strip()
    try:
        key = ALGORITHMS[grant.algorithm].import_key(orjson.loads(text) if text.startswith("{") else text)
        if key.is_private:
            return key
    except (JoseError, ValueError, TypeError, KeyError):
        pass
    raise BadCall(
        f"私钥无法读取，或不适用于 {grant.algorithm}。",
        f"The private key cannot be read or does not fit {grant.algorithm}.",
    )


def _read(grant: Grant, answer: Answer) -> tuple[str, float]:
    try:
        found = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        found = None
    content = found if isinstance(found, dict) else {}
    if answer.status >= _FAULT or answer.status in _PASSING:
        raise TokenUnavailable(
            f"令牌地址 {grant.host} 返回 HTTP {answer.status}。",
            f"Token endpoint {grant.host} answered with HTTP {answer.status}.",
        )
    if answer.status != _GOOD:
        told = content.get("error")
        error = told if isinstance(told, str) and _ERROR.fullmatch(told) else "?"
        raise TokenRefused(
            f"令牌地址 {grant.host} 返回 {error}（HTTP {answer.status}）。",
            f"Token endpoint {grant.host} answered {error} (HTTP {answer.status}).",
        )
    token, kind = content.get("access_token"), content.get("token_type", "Bearer")
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        raise TokenRefused(
            f"令牌地址 {grant.host} 的应答中没有可用的 access_token。",
            f"The answer of the token endpoint {grant.host} holds no usable access_token.",
        )
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise TokenRefused(
            f"令牌地址 {grant.host} 给出的令牌不是 Bearer 类型。", f"The token of {grant.host} is no bearer token."
        )
    return token, _seconds(content.get("expires_in"))


def _seconds(given: Any) -> float:
    try:
        seconds = float(given)
    except (TypeError, ValueError):
        return USUAL_SECONDS
    return min(seconds, LONGEST_SECONDS) if seconds > 0 else 0
