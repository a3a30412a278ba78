"""A log-in by a provider, from the answer to the session: three steps of :mod:`api.oidc`, the middle one outside of transactions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.dialects.postgresql import insert

from domain.clock import HOST
from domain.context import Context
from domain.errors import DomainError
from domain.federation import spent
from domain.federation.attempts import LIFETIME, Attempt, Found
from domain.federation.directory import Directory
from domain.federation.errors import AttemptSpent, FederationError, ProviderUnusable
from domain.federation.models import ProviderState
from domain.federation.providers import Provider
from domain.identity import login, second_factor
from domain.identity.models import User
from domain.identity.rules import Rules
from domain.identity.sessions import FEDERATED, Level, Must, Proof
from domain.secrets import service as secrets

STRONG: Final = frozenset({"mfa", "otp", "hwk", "swk", "sc", "sms", "tel", "face", "fpt", "iris", "retina", "vbm"})
"""Methods of RFC 8176 that are more than a password: a provider that used one has asked for a second factor."""
FUTURE: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Checked:
    """How a provider did just now; ``error`` None: well."""

    at: datetime
    error: FederationError | None
    keys: int = 0


def spend(ctx: Context, provider: Provider, attempt: Attempt) -> str:
    """First step: the attempt is used up now, whatever comes. Hands back the client's secret.

    Raises :class:`AttemptSpent`, :class:`ProviderUnusable` (no secret).
    """
    if not spent.spend(ctx, "state", attempt.state, HOST.now() + LIFETIME + FUTURE):
        raise AttemptSpent("这次登录已经使用过。", "This log-in was used already.")
    return client_secret(ctx, provider)


def client_secret(ctx: Context, provider: Provider) -> str:
    """The client's secret by its name. Raises :class:`ProviderUnusable`."""
    if not provider.secret:
        return ""
    try:
        return secrets.resolve(ctx, provider.secret, None)
    except DomainError:
        raise ProviderUnusable(
            f"没有登记客户端密钥 {provider.secret}。", f"The client's secret {provider.secret} is not registered."
        ) from None


def proof_of(ctx: Context, user: User, found: Found, rules: Rules) -> Proof:
    """What the log-in proves, and what is left to do: a role that needs a second factor needs it here too, or from the provider."""
    strong = found.level is Level.REAL_PERSON or bool(STRONG & set(found.methods))
    must = None
    if not strong and not user.is_applicant:
        if second_factor.is_confirmed(ctx, user.id):
            must = Must.SECOND_FACTOR
        elif login.owes_second_factor(ctx, user, rules):
            must = Must.ENROL
    return Proof((FEDERATED, *found.methods), level=found.level, must=must, at=found.at)


def look(directory: Directory, provider: Provider) -> Checked:
    """Ask a provider how it is: its addresses and keys, fetched anew. Outside of transactions."""
    directory.forget(provider)
    try:
        keys = directory.keys(provider)
    except FederationError as error:
        return Checked(HOST.now(), error)
    return Checked(HOST.now(), None, len(list(keys)))


def write_state(ctx: Context, provider: Provider, checked: Checked) -> None:
    """Keep how a provider did, for the administrators' page."""
    error = checked.error
    values = {
        "checked_at": checked.at,
        "reachable": error is None,
        "problem": "" if error is None else error.code,
        "note": "" if error is None else (error.fact_zh or error.title_zh)[:300],
        "note_en": "" if error is None else (error.fact_en or error.title_en)[:300],
    }
    fresh: Mapping[str, object] = {"keys_at": checked.at, "key_count": checked.keys} if error is None else {}
    statement = insert(ProviderState).values(provider=provider.key, **{"key_count": 0, **values, **fresh})
    ctx.session.execute(statement.on_conflict_do_update(index_elements=["provider"], set_={**values, **fresh}))
