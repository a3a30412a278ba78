"""The first statement of a request: what time it is, who calls, and the claim of the request's idempotency key, in one round trip."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import update
from sqlalchemy.orm import Session

from domain.identity.models import LoginSession
from domain.identity.queries import Login, actor_of, token_digest
from domain.identity.sessions import TOUCH_EVERY
from domain.statements import Statement

# The time is read after the claim, which may have waited for a twin.
_ARRIVE = Statement(
    """
    with visitor as (
        select users.id, users.name, users.login, users.is_applicant, (
            select jsonb_agg(jsonb_build_array(grants.site_id, grants.role, sites.region_code, sites.sector) order by grants.id)
            from grants left join sites on sites.id = grants.site_id where grants.user_id = users.id
        ) as grants, login_sessions.csrf_token, login_sessions.last_seen_at
        from login_sessions join users on users.id = login_sessions.user_id
        where token_hash = %(token)s and expires_at > clock_timestamp() and users.is_active
    ), "offset" as (
        select make_interval(secs => case when %(training)s
            then coalesce((select offset_seconds from training_clock where id = 1), 0) else 0 end) as ahead
    ), claim as (
        insert into idempotency_keys (user_id, key, request_digest, status, body, created_at)
        select visitor.id, %(key)s, %(digest)s, 0, '', clock_timestamp() + ahead from visitor, "offset"
        where %(key)s::varchar is not null
        on conflict do nothing returning true as made
    )
    select (select made from claim), clock_timestamp(), ahead, visitor.* from "offset" left join visitor on true
    """
)


class Visitor(NamedTuple):
    """Somebody with a living session, as the statement tells."""

    id: int
    name: str
    login: str
    is_applicant: bool
    grants: list[Any] | None
    csrf_token: str
    last_seen_at: datetime


@dataclass(slots=True)
class Arrival:
    """A request with a session token and perhaps an idempotency key and its digest; :meth:`meet` fills the rest.

    ``login`` is None when the session is unknown, expired (host time) or the person was deactivated. ``claimed``: the key was free
    and is now this request's (a twin in flight was waited for); a rollback forgets the claim.
    """

    token: str
    lifetime: timedelta
    key: str | None = None
    digest: str | None = None
    login: Login | None = None
    claimed: bool = False

    def meet(self, session: Session, *, training: bool = False) -> datetime:
        """The deployment's time (in training mode by the adjustable clock), and on the way who calls.

        One statement; a second once a minute, which slides the expiry, and a third for supervisors, who watch over a whole region.
        """
        token = token_digest(self.token)
        values = {"token": token, "training": training, "key": self.key, "digest": self.digest}
        [(claimed, host, ahead, *person)] = _ARRIVE.rows(session, values)
        self.claimed = bool(claimed)
        if person[0] is not None:
            visitor = Visitor(*person)
            if host - visitor.last_seen_at >= TOUCH_EVERY:
                seen = {"last_seen_at": host, "expires_at": host + self.lifetime}
                session.execute(update(LoginSession).where(LoginSession.token_hash == token).values(seen))
            self.login = Login(actor_of(session, visitor), visitor.login, visitor.csrf_token)
        moment: datetime = host + ahead
        return moment


def find_login(session: Session, token: str, lifetime: timedelta) -> Login | None:
    """Who holds this session token, if anybody does."""
    arrival = Arrival(token, lifetime)
    arrival.meet(session)
    return arrival.login
