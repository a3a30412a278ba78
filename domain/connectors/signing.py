"""How a call proves who sends it: secrets put in at the last moment, and only those that the host's entry names."""

from __future__ import annotations

import base64
import re
import secrets as randomness
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final
from urllib.parse import urlencode

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC

from domain.clock import HOST
from domain.connectors import hosts, oauth
from domain.connectors.addresses import Place, read_url
from domain.connectors.errors import BadCall, HostNotAllowed
from domain.connectors.models import AllowedHost
from domain.connectors.reading import Plan, recorded_path
from domain.connectors.wire import Trust
from domain.context import Context
from domain.secrets import service as secrets

_INSIDE: Final = re.compile(r"\{\{\s*secrets\.([A-Z][A-Z0-9_]{1,59})\s*\}\}")
_ALGORITHMS: Final[Mapping[str, Callable[[], hashes.HashAlgorithm]]] = {"SM3": hashes.SM3, "SHA256": hashes.SHA256}
HEADERS: Final = {
    "keyHeader": "X-App-Id",
    "timestampHeader": "X-Timestamp",
    "nonceHeader": "X-Nonce",
    "signatureHeader": "X-Signature",
}
"""The headers of a signed call, by the field that renames each."""
Resolve = Callable[[str], str]
ResolverOf = Callable[[AllowedHost], Resolve]
"""Who puts secrets in for calls to an entry's host."""


def resolver(ctx: Context, entry: AllowedHost, site_id: int | None) -> Resolve:
    """Puts secrets in place of references: of the whole text, or of ``{{secrets.NAME}}`` inside it."""

    def value_of(name: str) -> str:
        if name not in entry.secrets:
            raise HostNotAllowed(
                f"白名单没有允许把密钥 {name} 发往 {entry.host}。",
                f"The secret {name} may not be sent to {entry.host}.",
            )
        return secrets.resolve(ctx, name, site_id)

    def resolve(text: str) -> str:
        name = secrets.find_name(text)
        return value_of(name) if name is not None else _INSIDE.sub(lambda found: value_of(found[1]), text)

    return resolve


def dress(plan: Plan, resolve: Resolve) -> tuple[Place, dict[str, str]]:
    """The address and headers with authentication in them. Raises ``SecretMissing``, :class:`HostNotAllowed`, :class:`BadCall`."""
    headers = {name: resolve(value) for name, value in plan.headers.items()}
    given = plan.authentication
    place = plan.place
    match given["type"]:
        case "basic":
            pair = f"{resolve(given.get('username', ''))}:{resolve(given.get('password', ''))}"
            headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        case "bearer":
            headers["Authorization"] = "Bearer " + resolve(given.get("token", ""))
        case "apiKey":
            place = _with_key(place, headers, given, resolve)
        case "hmac":
            headers |= _signed(plan, given, resolve)
    if any(sign in value for value in headers.values() for sign in "\r\n\x00") or not all(map(_fits, headers.values())):
        raise BadCall("密钥含有请求头不允许的字符。", "A secret has signs that no header may have.")
    return place, headers


def token_entry(ctx: Context, plan: Plan, site_id: int | None) -> AllowedHost | None:
    """The entry under which the call's token endpoint is asked; None: the call needs no token. Raises :class:`HostNotAllowed`."""
    if plan.authentication["type"] != oauth.TYPE:
        return None
    return hosts.require(ctx, _token_place(plan), site_id)


def grant(ctx: Context, plan: Plan, entry: AllowedHost, resolve: Resolve, proxy: str) -> oauth.Grant:
    """What a token is fetched with; ``entry`` and ``resolve`` are of the token endpoint's host.

    Raises ``SecretMissing``, :class:`HostNotAllowed`, :class:`BadCall`.
    """
    given, place = plan.authentication, _token_place(plan)
    way = given.get("clientAuthentication", oauth.USUAL_WAY)
    certificate = plan.client_certificate
    if way == "tlsClientCertificate" and not certificate:
        raise BadCall("用证书证明身份时要填写 clientCertificate。", "Give clientCertificate to prove who we are by it.")
    if way != "tlsClientCertificate" and not _may_go(certificate, entry):
        certificate = ""  # it belongs to the host that is called alone
    authority = plan.certificate_authority if _may_go(plan.certificate_authority, entry) else ""
    return oauth.Grant(
        place=place,
        internal=entry.is_internal,
        host=f"{entry.host}:{entry.port}",
        path=recorded_path("", place),
        way=way,
        client_id=resolve(given["clientId"]),
        secret=resolve(given.get("privateKey" if way == "privateKeyJwt" else "clientSecret", "")),
        scopes=given.get("scopes", "").strip(),
        audience=given.get("audience", "").strip(),
        key_id=given.get("keyId", "").strip(),
        algorithm=given.get("algorithm", oauth.USUAL_ALGORITHM),
        assertion_audience=given.get("assertionAudience", "").strip(),
        trust=Trust(
            ctx.outward.ca_file, resolve(authority) if authority else "", resolve(certificate) if certificate else ""
        ),
        proxy=place.proxied(proxy, internal=entry.is_internal),
        site_id=entry.site_id,
    )


def _token_place(plan: Plan) -> Place:
    return read_url(plan.authentication["oauthTokenEndpoint"])


def _may_go(reference: str, entry: AllowedHost) -> bool:
    name = secrets.find_name(reference)
    return name is None or name in entry.secrets


def trust(ctx: Context, plan: Plan, resolve: Resolve) -> Trust:
    """Whom the call believes: private authorities, and our own certificate, by secrets."""
    return Trust(
        ctx.outward.ca_file,
        resolve(plan.certificate_authority) if plan.certificate_authority else "",
        resolve(plan.client_certificate) if plan.client_certificate else "",
    )


def _with_key(place: Place, headers: dict[str, str], given: Mapping[str, str], resolve: Resolve) -> Place:
    name, value = given.get("name", ""), resolve(given.get("value", ""))
    if not name:
        raise BadCall("没有写明 API Key 的名称。", "The API key has no name.")
    if given.get("apiKeyLocation", "headers") == "query":
        joint = "&" if "?" in place.target else "?"
        return replace(place, target=f"{place.target}{joint}{urlencode({name: value})}")
    headers[name] = value
    return place


def _signed(plan: Plan, given: Mapping[str, str], resolve: Resolve) -> dict[str, str]:
    """HMAC over method, path with query, key id, timestamp (ms), nonce and the body's digest, one a line (docs/connectors.md)."""
    algorithm = _ALGORITHMS.get(given.get("algorithm", "SM3"))
    if algorithm is None or given.get("encoding", "hex") not in {"hex", "base64"}:
        raise BadCall(
            "签名算法应为 SM3 或 SHA256，编码应为 hex 或 base64。", "Sign with SM3 or SHA256, as hex or base64."
        )
    digest = hashes.Hash(algorithm())
    digest.update(plan.body)
    key_id = resolve(given.get("keyId", ""))
    # The other side compares it with its own clock: never the training clock.
    moment = str(int(HOST.now().timestamp() * 1000))
    nonce = randomness.token_hex(16)
    text = "\n".join([plan.method, plan.place.target, key_id, moment, nonce, digest.finalize().hex()])
    mac = HMAC(resolve(given.get("secret", "")).encode(), algorithm())
    mac.update(text.encode())
    raw = mac.finalize()
    signature = raw.hex() if given.get("encoding", "hex") == "hex" else base64.b64encode(raw).decode()
    values = {"keyHeader": key_id, "timestampHeader": moment, "nonceHeader": nonce, "signatureHeader": signature}
    return {given.get(name, usual): values[name] for name, usual in HEADERS.items()}


def _fits(value: str) -> bool:
    try:
        value.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return True
