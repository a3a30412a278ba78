"""Which sessions here hang on a provider's log-in, and ending them together: from here, and by the provider's notice."""

from __future__ import annotations

from uuid import UUID

from authlib.oauth2.rfc6749.parameters import add_params_to_uri
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from domain.audit import service as audit
from domain.context import Context
from domain.federation import spent
from domain.federation.attempts import Found
from domain.federation.directory import Metadata
from domain.federation.errors import LogoutRefused
from domain.federation.links import Owner, blind
from domain.federation.models import FederatedSession
from domain.federation.providers import Provider
from domain.federation.tokens import LogoutNotice
from domain.identity.models import LoginSession


def note(ctx: Context, number: UUID, provider: Provider, owner: Owner, found: Found) -> None:
    """The session hangs on this log-in from now on; a newer one at the same provider takes its place."""
    values = {
        "issuer": found.issuer,
        "link_id": owner.link.id,
        "subject_blind": blind(found.issuer, "sub", found.subject),
        "sid_blind": blind(found.issuer, "sid", found.session) if found.session else None,
        "hint": found.hint or None,
    }
    statement = insert(FederatedSession).values(number=number, provider=provider.key, **values)
    ctx.session.execute(statement.on_conflict_do_update(index_elements=["number", "provider"], set_=values))


def find(ctx: Context, number: UUID) -> FederatedSession | None:
    """What a session hangs on."""
    return ctx.session.scalar(select(FederatedSession).where(FederatedSession.number == number).limit(1))


def logout_address(provider: Provider, metadata: Metadata, hint: str, back: str) -> str | None:
    """Where the browser ends the provider's session too (RP-Initiated Logout); None: the provider has no such address."""
    if not metadata.end_session:
        return None
    given = {"client_id": provider.client_id, "post_logout_redirect_uri": back} | (
        {"id_token_hint": hint} if hint else {}
    )
    address: str = add_params_to_uri(metadata.end_session, list(given.items()))
    return address


def end_by_notice(ctx: Context, notice: LogoutNotice) -> int:
    """End what a verified notice names, all sessions of the subject or those of one session. How many.

    Raises :class:`LogoutRefused` for a notice that came before.
    """
    if not spent.spend(ctx, "logout", f"{notice.issuer}|{notice.jti}", notice.ends_at):
        raise LogoutRefused("这份退出通知已经用过。", "This notice was used before.")
    mine = [FederatedSession.issuer == notice.issuer]
    if notice.session:
        mine.append(FederatedSession.sid_blind == blind(notice.issuer, "sid", notice.session))
    if notice.subject:
        mine.append(FederatedSession.subject_blind == blind(notice.issuer, "sub", notice.subject))
    numbers = select(FederatedSession.number).where(*mine)
    gone = ctx.session.execute(
        delete(LoginSession).where(LoginSession.number.in_(numbers)).returning(LoginSession.user_id)
    ).scalars()
    users = sorted(set(gone.all()))
    for user_id in users:
        audit.record(ctx, "session.ended-by-provider", data={"user": user_id})
    return len(users)
