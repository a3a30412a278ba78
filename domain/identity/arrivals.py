"""The first statement of a request: what time it is, who calls, and the claim of the request's idempotency key, in one round trip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import func, update
from sqlalchemy.orm import Session

from domain.actors import Role
from domain.identity.models import LoginSession, open_name
from domain.identity.queries import Login, actor_of
from domain.identity.sessions import TOUCH_EVERY, Must, digest
from domain.reach import Reach, Values, tell
from domain.statements import Statement

# The time is read after the claim, which may have waited for a twin.
_WHO = """
    with "offset" as (
        select make_interval(secs => case when %(training)s
            then coalesce((select offset_seconds from training_clock where id = 1), 0) else 0 end) as ahead
    ), visitor as (
        select users.id, coalesce(convert_to(nullif(users.name, ''), 'UTF8'), users.sealed_name) as name,
            users.login, users.is_applicant, (
            select jsonb_agg(jsonb_build_array(grants.site_id, grants.role, sites.region_code, sites.sector) order by grants.id)
            from grants left join sites on sites.id = grants.site_id where grants.user_id = users.id
        ) as grants, (
            select jsonb_agg(jsonb_build_array(delegations.id, delegations.site_id, delegations.role, delegations.items,
                principal.id, encode(coalesce(convert_to(nullif(principal.name, ''), 'UTF8'), principal.sealed_name), 'hex'))
                order by delegations.id)
            from delegations join users principal on principal.id = delegations.delegator_id and principal.is_active
            cross join "offset"
            where delegations.delegate_id = users.id and delegations.state = 'accepted' and delegations.ended_at is null
            and delegations.starts_at <= clock_timestamp() + ahead and delegations.ends_at > clock_timestamp() + ahead
            and exists (select 1 from grants held where held.user_id = principal.id
                and held.site_id = delegations.site_id and held.role = delegations.role)
            and exists (select 1 from grants works where works.user_id = users.id and works.site_id = delegations.site_id)
        ) as delegations, login_sessions.csrf_token, login_sessions.last_seen_at, login_sessions.number,
            coalesce(login_sessions.authenticated_at, login_sessions.created_at) as authenticated_at,
            login_sessions.level, login_sessions.methods, login_sessions.must
        from login_sessions join users on users.id = login_sessions.user_id
        where token_hash = %(token)s and expires_at > clock_timestamp() and users.is_active
    ), claim as (
        insert into idempotency_keys (user_id, key, request_digest, status, body, created_at)
        select visitor.id, %(key)s, %(digest)s, 0, '', clock_timestamp() + ahead from visitor, "offset"
        where %(key)s::varchar is not null
        on conflict do nothing returning true as made
    )
    select (select made from claim), clock_timestamp(), ahead, {told} visitor.* from "offset" left join visitor on true {held}
    """
_TOLD = """
    set_config('lianban.sites', coalesce(held.sites::text, ''), true),
    set_config('lianban.user', coalesce(visitor.id::text, ''), true),
    set_config('lianban.scope', case when held.operates then 'operator' when held.watches then 'auditor' else '' end, true),
    """
_HELD = f"""
    left join lateral (
        select array_agg(distinct site_id order by site_id) filter (where site_id is not null) as sites,
            bool_or(role = '{Role.PLATFORM_ADMIN}') as operates, bool_or(role = '{Role.AUDITOR}') as watches
        from grants where grants.user_id = visitor.id
    ) held on true
    """  # noqa: S608 -- constants
_LOOK = Statement(_WHO.format(told="", held=""))
_ARRIVE = Statement(_WHO.format(told=_TOLD, held=_HELD))
"""Also tells the database how far the person's own roles reach. Only :func:`domain.reach.of` knows how far that really is: what was told
is compared with it before anything else happens (:meth:`Arrival.reaches`)."""


class Visitor(NamedTuple):
    """Somebody with a living session, as the statement tells."""

    id: int
    name: str
    login: str
    is_applicant: bool
    grants: list[Any] | None
    delegations: list[Any] | None
    csrf_token: str
    last_seen_at: datetime
    number: UUID
    authenticated_at: datetime
    level: str
    methods: list[str]
    must: str | None


@dataclass(slots=True)
class Arrival:
    """A request with a session token and perhaps an idempotency key and its digest; :meth:`meet` fills the rest.

    ``lifetime`` is the idle limit.
    ``login`` is None when the session is unknown, expired (host time) or the person was deactivated. ``claimed``: the key was free
    and is now this request's (a twin in flight was waited for); a rollback forgets the claim.
    """

    token: str
    lifetime: timedelta
    key: str | None = None
    digest: str | None = None
    login: Login | None = None
    claimed: bool = False
    _told: Values | None = field(default=None, init=False)

    def enter(self, session: Session, *, training: bool = False) -> datetime:
        """As :meth:`meet`, for the transaction of the person's own request: the database is told on the way how far it reaches."""
        [(claimed, host, ahead, sites, user, scope, *person)] = _ARRIVE.rows(session, self._values(training))
        self._told = {"sites": sites, "user": user, "scope": scope}
        return self._met(session, claimed, host, ahead, person)

    def reaches(self, session: Session, whose: Reach) -> None:
        """See to it that the transaction reaches exactly so far: a further statement only where the first one told otherwise.

        That is so for who supervises a region, and for somebody who is treated as a visitor.
        """
        if whose.values() != self._told:
            tell(session, whose)

    def meet(self, session: Session, *, training: bool = False) -> datetime:
        """The deployment's time (in training mode by the adjustable clock), and on the way who calls.

        One statement; a second once a minute, which slides the idle end (not while a duty is open), and a third for supervisors,
        who watch over a whole region.
        """
        [(claimed, host, ahead, *person)] = _LOOK.rows(session, self._values(training))
        return self._met(session, claimed, host, ahead, person)

    def _values(self, training: bool) -> dict[str, object]:
        return {"token": digest(self.token), "training": training, "key": self.key, "digest": self.digest}

    def _met(
        self, session: Session, claimed: bool | None, host: datetime, ahead: timedelta, person: list[Any]
    ) -> datetime:
        self.claimed = bool(claimed)
        if person[0] is not None:
            visitor = _visitor(person)
            if visitor.must is None and host - visitor.last_seen_at >= TOUCH_EVERY:
                end = host + self.lifetime
                seen = {"last_seen_at": host, "expires_at": func.least(end, func.coalesce(LoginSession.ends_at, end))}
                session.execute(update(LoginSession).where(LoginSession.token_hash == digest(self.token)).values(seen))
            self.login = login_of(session, visitor, host)
        moment: datetime = host + ahead
        return moment


def login_of(session: Session, visitor: Visitor, host: datetime) -> Login:
    """The log-in that a row of the statement describes; ``host``: the host's time."""
    return Login(
        actor=actor_of(session, visitor),
        login=visitor.login,
        csrf_token=visitor.csrf_token,
        number=visitor.number,
        authenticated_at=visitor.authenticated_at,
        authenticated_for=host - visitor.authenticated_at,
        level=visitor.level,
        methods=tuple(visitor.methods),
        must=None if visitor.must is None else Must(visitor.must),
    )


def _visitor(person: Sequence[Any]) -> Visitor:
    """The row with its names opened, which this bare statement gives as they lie in the database."""
    found = Visitor(*person)
    behalf = [[*entry[:-1], open_name(bytes.fromhex(entry[-1]))] for entry in found.delegations or ()]
    return found._replace(name=open_name(person[1]), delegations=behalf)


def login_now(session: Session, row: LoginSession, *, training: bool) -> Login:
    """Who a session that was opened or changed in this transaction belongs to."""
    values = {"token": row.token_hash, "training": training, "key": None, "digest": None}
    [(_, host, _, *person)] = _LOOK.rows(session, values)
    return login_of(session, _visitor(person), host)


def find_login(session: Session, token: str, lifetime: timedelta) -> Login | None:
    """Who holds this session token, if anybody does."""
    arrival = Arrival(token, lifetime)
    arrival.meet(session)
    return arrival.login
