"""One log-in on its way: sent to the provider with PKCE, state and nonce, kept meanwhile in a sealed cookie of the browser.

Nothing is written for an attempt before its answer comes; then its state is spent (:mod:`domain.federation.spent`).
"""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote_plus

import orjson
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from domain.base import get_seal
from domain.federation.directory import GOOD, Directory, Metadata
from domain.federation.errors import (
    AccessDenied,
    AttemptUnknown,
    LevelNotReached,
    ProviderAway,
    ProviderRefused,
    ProviderUnusable,
    WrongIssuer,
)
from domain.federation.levels import level_of, reaches
from domain.federation.providers import Provider
from domain.federation.tokens import Expected, read_id_token
from domain.identity.sessions import Level
from domain.sealing import SealError

PLACE: Final = "cookie.oidc"
LIFETIME: Final = timedelta(minutes=10)
FRESH_SECONDS: Final = 300
"""``max_age`` of a step-up: together with ``prompt=login`` the provider asks anew, and says when it did."""
_BAD_REQUEST, _NOT_ALLOWED = 400, 401
LONGEST_PAGE: Final = 1000
_STATE: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_CODE: Final = re.compile(r"[\x21-\x7e]{1,2000}")
_ERROR: Final = re.compile(r"[a-z_]{1,60}")
_DENIED: Final = frozenset({"access_denied", "consent_required", "login_required", "interaction_required"})
_AWAY: Final = frozenset({"temporarily_unavailable", "server_error"})
_OWN: Final = re.compile(r"/(?!api/|oidc/)[A-Za-z0-9_~!$&'()*+,;=:@%/.-]*(\?[A-Za-z0-9_~!$&'()*+,;=:@%/?.-]*)?")


@dataclass(frozen=True, slots=True)
class Attempt:
    """What the browser carries, sealed. ``session``: number of the session that is stepped up; ``began``: seconds of the host."""

    provider: str
    state: str
    nonce: str
    verifier: str
    return_to: str
    began: int
    level: str = ""
    session: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """Who the provider says it was. ``person`` by our own names of claims; ``hint`` is what ends the provider's session again."""

    issuer: str
    subject: str
    session: str
    person: Mapping[str, str]
    level: Level
    methods: tuple[str, ...]
    at: datetime
    hint: str


def safe_return(text: str, otherwise: str) -> str:
    """A page of ours to come back to: a path with a query and nothing else; anything that is not is replaced."""
    path = text.partition("?")[0]
    if len(text) > LONGEST_PAGE or not _OWN.fullmatch(text) or "//" in path or "/." in path:
        return otherwise
    return text


def begin(
    provider: Provider, return_to: str, now: datetime, *, level: Level = Level.NONE, session: str = ""
) -> Attempt:
    """A new attempt; ``session``: of somebody who is logged in and shall prove more."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    return Attempt(provider.key, state, nonce, verifier, return_to, int(now.timestamp()), str(level), session)


def address(attempt: Attempt, provider: Provider, metadata: Metadata, redirect_uri: str, *, language: str = "") -> str:
    """Where the browser is sent."""
    level = Level(attempt.level)
    more: dict[str, Any] = {
        "nonce": attempt.nonce,
        "code_challenge": create_s256_code_challenge(attempt.verifier),
        "code_challenge_method": "S256",
        "ui_locales": language or None,
        "acr_values": " ".join(provider.acr_values(level)) or None,
    }
    if attempt.session:
        more |= {"prompt": "login", "max_age": FRESH_SECONDS}
    url: str = prepare_grant_uri(
        metadata.authorization,
        provider.client_id,
        "code",
        redirect_uri,
        list(provider.scopes),
        attempt.state,
        **more,
    )
    return url


def seal(attempt: Attempt) -> str:
    """The attempt as a cookie's value."""
    return base64.urlsafe_b64encode(get_seal().seal(orjson.dumps(asdict(attempt)), PLACE)).decode()


def unseal(text: str, state: str, now: datetime) -> Attempt:
    """The attempt that a browser carries. Raises :class:`AttemptUnknown`: none, altered, of another state, or too old."""
    unknown = AttemptUnknown("没有找到这次登录的记录。", "There is no trace of this log-in in the browser.")
    try:
        attempt = Attempt(**orjson.loads(get_seal().unseal(base64.urlsafe_b64decode(text), PLACE)))
    except (ValueError, TypeError, IndexError, SealError):
        raise unknown from None
    if not secrets.compare_digest(attempt.state.encode(), state.encode()):
        raise unknown
    if not 0 <= now.timestamp() - attempt.began + 1 <= LIFETIME.total_seconds():
        raise AttemptUnknown("这次登录已超时。", "This log-in took too long.")
    return attempt


def read_state(answer: Mapping[str, str]) -> str:
    """The state of an answer. Raises :class:`AttemptUnknown`."""
    state = answer.get("state", "")
    if not _STATE.fullmatch(state):
        raise AttemptUnknown("应答中没有登录标识。", "The answer does not say which log-in it belongs to.")
    return state


def read_code(answer: Mapping[str, str], provider: Provider, metadata: Metadata) -> str:
    """The code of an answer to an attempt. Raises :class:`WrongIssuer` (RFC 9207), :class:`AccessDenied`, :class:`ProviderRefused`."""
    issuer = answer.get("iss")
    if issuer != provider.issuer and (issuer is not None or metadata.iss_in_answers):
        raise WrongIssuer("应答的 iss 与所选系统不一致。", "The iss of the answer is not the issuer that was asked.")
    error = answer.get("error", "")
    if error:
        code = error if _ERROR.fullmatch(error) else "?"
        if error in _DENIED:
            raise AccessDenied(f"对方返回：{code}。", f"It said: {code}.")
        if error in _AWAY:
            raise ProviderAway(f"对方返回：{code}。", f"It said: {code}.")
        if error == "unmet_authentication_requirements":
            raise LevelNotReached("对方无法完成所要求的核验。", "It cannot do what was asked for.")
        raise ProviderRefused(f"对方返回：{code}。", f"It said: {code}.")
    code = answer.get("code", "")
    if not _CODE.fullmatch(code):
        raise ProviderRefused("应答中没有授权码。", "The answer holds no code.")
    return code


def finish(
    directory: Directory,
    provider: Provider,
    attempt: Attempt,
    answer: Mapping[str, str],
    redirect_uri: str,
    secret: str,
    now: datetime,
) -> Found:
    """Exchange the code and verify what comes; two or three calls, so outside of any transaction.

    Raises the room's refusals, among them :class:`LevelNotReached`.
    """
    metadata = directory.metadata(provider)
    code = read_code(answer, provider, metadata)
    tokens = _exchange(directory, provider, attempt, code, metadata, redirect_uri, secret)
    access = str(tokens.get("access_token") or "")
    began = datetime.fromtimestamp(attempt.began, UTC)
    expected = Expected(attempt.nonce, access, began if attempt.session else None)
    id_token = tokens.get("id_token")
    if not isinstance(id_token, str):
        raise ProviderRefused("应答中没有身份令牌。", "The answer holds no ID token.")
    claims = read_id_token(directory, provider, id_token, expected, now)
    about = claims
    if provider.userinfo:
        about = {**claims, **_userinfo(directory, provider, metadata, access, claims["sub"])}
    level = level_of(claims, provider.levels)
    if not reaches(level, attempt.level):
        raise LevelNotReached("对方完成的核验等级低于要求。", "It authenticated at a lower level than was asked.")
    seen = claims.get("auth_time")
    personal = set(claims) & set(provider.claims.values())
    return Found(
        issuer=provider.issuer,
        subject=claims["sub"],
        session=claims["sid"] if isinstance(claims.get("sid"), str) else "",
        person=_person(provider, about),
        level=level,
        methods=tuple(str(each)[:40] for each in claims.get("amr") or ())[:10],
        at=min(datetime.fromtimestamp(seen, UTC), now) if isinstance(seen, int | float) and seen > 0 else now,
        hint="" if personal else id_token,
    )


def _exchange(
    directory: Directory,
    provider: Provider,
    attempt: Attempt,
    code: str,
    metadata: Metadata,
    redirect_uri: str,
    secret: str,
) -> dict[str, Any]:
    body = prepare_token_request(
        "authorization_code", redirect_uri=redirect_uri, code=code, code_verifier=attempt.verifier
    )
    # RFC 6749 §2.3.1: identifier and secret are form-encoded before they become a user and a password.
    quoted = (quote_plus(provider.client_id), quote_plus(secret)) if provider.auth_method.endswith("basic") else None
    client = ClientAuth(*(quoted or (provider.client_id, secret)), provider.auth_method)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    url, headers, sent = client.prepare("POST", metadata.token, form, body)
    status, found = directory.call(provider, "POST", url, headers, sent.encode())
    if status == GOOD and isinstance(found, dict):
        return found
    told = found.get("error") if isinstance(found, dict) else None
    error = told if isinstance(told, str) and _ERROR.fullmatch(told) else "?"
    if status == _NOT_ALLOWED or error in ("invalid_client", "unauthorized_client"):
        raise ProviderUnusable(
            "它不接受本平台的客户端凭据。", "It does not accept this deployment's client credentials."
        )
    raise ProviderRefused(f"对方返回：{error}（{status}）。", f"It said: {error} ({status}).")


def _userinfo(
    directory: Directory, provider: Provider, metadata: Metadata, access: str, subject: str
) -> dict[str, Any]:
    if not metadata.userinfo or not access or not access.isascii() or not access.isprintable():
        raise ProviderUnusable(
            "它没有提供用户信息地址或令牌。", "It has no userinfo endpoint, or gave no token for it."
        )
    status, found = directory.call(provider, "GET", metadata.userinfo, {"Authorization": f"Bearer {access}"})
    if status != GOOD or not isinstance(found, dict):
        raise ProviderRefused(f"用户信息无法读取（{status}）。", f"The userinfo cannot be read ({status}).")
    if found.get("sub") != subject:
        raise ProviderRefused("用户信息属于另一个人。", "The userinfo is about somebody else.")
    # What was signed counts: userinfo adds claims of the person, it does not change those of the log-in.
    return {name: value for name, value in found.items() if name in provider.claims.values()}


def _person(provider: Provider, claims: Mapping[str, Any]) -> dict[str, str]:
    found = {name: claims.get(claim) for name, claim in provider.claims.items()}
    return {name: str(value).strip()[:200] for name, value in found.items() if isinstance(value, str | int) and value}
