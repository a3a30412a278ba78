"""Tokens of a provider, verified: ID tokens (OpenID Connect Core §3.1.3.7) and log-out tokens (Back-Channel Logout §2.6).

Authlib checks the claims, joserfc the signature. A key id that is not known leads to one new fetch of the keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jws import JWSRegistry, extract_compact

from domain.federation.directory import Directory
from domain.federation.errors import FederationError, LogoutRefused, TokenRefused
from domain.federation.providers import Provider

LONGEST: Final = 64_000
EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
LOGOUT_SECONDS: Final = 300
"""A log-out token is an order for now: older ones are refused even if they claim to be good for longer."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What an ID token must fit: the nonce of the attempt, the access token beside it, how fresh the log-in must be."""

    nonce: str
    access_token: str = ""
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class LogoutNotice:
    """Whom a log-out token is about: a session of the provider, or all of a subject."""

    issuer: str
    subject: str
    session: str
    jti: str
    ends_at: datetime


def read_id_token(
    directory: Directory, provider: Provider, token: str, expected: Expected, now: datetime
) -> dict[str, Any]:
    """The claims of an ID token that stands up. Raises :class:`TokenRefused` with the name of what is wrong, never its value."""
    header, claims = _decode(directory, provider, token, TokenRefused)
    _check_common(provider, header, claims, expected, now)
    if header.get("typ") not in (None, "JWT", "jwt"):
        raise _refused("typ", TokenRefused)
    if expected.not_before is not None:
        seen = claims.get("auth_time")
        if isinstance(seen, bool) or not isinstance(seen, int | float):
            raise _refused("auth_time", TokenRefused)
        if seen < expected.not_before.timestamp() - provider.times.skew:
            raise _refused("auth_time", TokenRefused)
    if not isinstance(claims["sub"], str) or not 1 <= len(claims["sub"]) <= 255:  # noqa: PLR2004 -- the standard's bound
        raise _refused("sub", TokenRefused)
    return claims


def read_logout_token(directory: Directory, provider: Provider, token: str, now: datetime) -> LogoutNotice:
    """Whom a log-out token is about. Raises :class:`LogoutRefused`."""
    header, claims = _decode(directory, provider, token, LogoutRefused)
    _check_common(provider, header, claims, None, now)
    if header.get("typ") not in (None, "logout+jwt", "JWT"):
        raise _refused("typ", LogoutRefused)
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(EVENT), dict):
        raise _refused("events", LogoutRefused)
    if "nonce" in claims:
        raise _refused("nonce", LogoutRefused)
    subject, session, jti = (claims.get(name, "") for name in ("sub", "sid", "jti"))
    if not all(isinstance(each, str) and len(each) <= 255 for each in (subject, session, jti)):  # noqa: PLR2004 -- as above
        raise _refused("sub", LogoutRefused)
    if not jti or not (subject or session):
        raise _refused("jti" if not jti else "sub", LogoutRefused)
    if claims["iat"] < now.timestamp() - LOGOUT_SECONDS - provider.times.skew:
        raise _refused("iat", LogoutRefused)
    # It cannot come again after that, whatever its own end is: iat is too old then.
    ends_at = now + timedelta(seconds=LOGOUT_SECONDS + 2 * provider.times.skew)
    return LogoutNotice(provider.issuer, subject, session, jti, ends_at)


def _decode(
    directory: Directory, provider: Provider, token: str, refusal: type[FederationError]
) -> tuple[Mapping[str, Any], dict[str, Any]]:
    if not token.isascii() or len(token) > LONGEST:
        raise _refused("form", refusal)
    registry = JWSRegistry(algorithms=list(provider.algorithms), strict_check_header=False)
    try:
        header = extract_compact(token.encode(), registry=registry).headers()
        if header.get("alg") not in provider.algorithms:
            raise _refused("alg", refusal)
        try:
            found = jwt.decode(token, directory.keys(provider), registry=registry)
        except InvalidKeyIdError:
            renewed = directory.renewed_keys(provider)
            if renewed is None:
                raise
            found = jwt.decode(token, renewed, registry=registry)
    except InvalidKeyIdError:
        raise _refused("kid", refusal) from None
    except (JoseError, ValueError, TypeError, KeyError):
        raise _refused("signature", refusal) from None
    return found.header, dict(found.claims)


def _check_common(
    provider: Provider, header: Mapping[str, Any], claims: dict[str, Any], expected: Expected | None, now: datetime
) -> None:
    refusal = LogoutRefused if expected is None else TokenRefused
    options = {
        "iss": {"essential": True, "value": provider.issuer},
        "aud": {"essential": True, "value": provider.client_id},
        "exp": {"essential": True},
        "iat": {"essential": True},
    }
    params: dict[str, Any] = {"client_id": provider.client_id}
    if expected is not None:
        params |= {"nonce": expected.nonce, "access_token": expected.access_token}
        if not expected.nonce:
            raise _refused("nonce", refusal)
    else:
        claims = {"sub": "", **claims}  # a log-out token may name a session alone
    try:
        CodeIDToken(claims, header, options, params).validate(now=int(now.timestamp()), leeway=provider.times.skew)
    except JoseError as error:
        raise _refused(getattr(error, "claim", "") or "claims", refusal) from None
    except (TypeError, ValueError):
        raise _refused("claims", refusal) from None


def _refused(what: str, refusal: type[FederationError]) -> FederationError:
    return refusal(f"未通过核验的部分：{what[:40]}。", f"What did not stand up: {what[:40]}.")
