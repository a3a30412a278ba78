"""The entry point of every API request: one transaction, the actor, the guard, CSRF, idempotency, ETag.

``Routes`` is flask-smorest's blueprint with this entry around each view. A view without a guard cannot be declared.
Views are called as ``view(ctx, [query], [body], **path)`` and return what the answer's schema dumps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import flask
from flask_smorest import Blueprint
from marshmallow import Schema

from api import auth, idempotency, recording
from api.bodies import StrictParser
from api.limits import ADDRESS, BAD_TOKEN, READ, WRITE, Buckets
from api.places import Places
from bootstrap.container import Platform
from domain import reach
from domain.actors import Actor
from domain.clients import service as clients
from domain.clients.scopes import Client, Scope
from domain.context import Context
from domain.identity.arrivals import Arrival
from domain.identity.queries import Login

P = ParamSpec("P")
R = TypeVar("R")

ANONYMOUS = Actor(user_id=0, name="")
"""A visitor: no grants, no cases."""


class Unguarded(TypeError):
    """A view was declared without ``@guard`` or ``@public``."""


class Again(Exception):
    """Let go of transaction and connection, ``wait``, and enter once more (long polling, calls to the outside, a scan)."""

    def __init__(self, wait: Callable[[], object]) -> None:
        super().__init__()
        self.wait = wait


class Routes(Blueprint):  # type: ignore[misc]  # flask-smorest ships no types
    """The routes of one noun, below /api/v1."""

    ARGUMENTS_PARSER = StrictParser()

    def __init__(self, name: str, description: str) -> None:
        super().__init__(name, __name__, url_prefix="/api/v1", description=description)

    def on(
        self,
        method: str,
        rule: str,
        *,
        answer: type[Schema] | Schema | None = None,
        body: type[Schema] | None = None,
        query: type[Schema] | None = None,
        status: int = 200,
        content_type: str | None = None,
    ) -> Callable[[Callable[P, R]], Callable[P, R]]:
        """Declare a route: what it takes, what it answers; the view itself stays a plain function."""

        def decorate(view: Callable[P, R]) -> Callable[P, R]:
            access = auth.access_of(view)
            if access is None:
                raise Unguarded(f"{view.__module__}.{view.__name__} has neither @guard nor @public")
            inner: Any = view
            if body is not None:
                inner = self.arguments(body(), location="json")(inner)
            if query is not None:
                inner = self.arguments(query(), location="query")(inner)
            inner = self.response(status, answer, content_type=content_type)(inner)
            self.add_url_rule(rule, view.__name__, _enter(inner, access), methods=[method])
            return view

        return decorate


def platform() -> Platform:
    """This process's platform."""
    found: Platform = flask.current_app.extensions["lianban"]
    return found


def _enter(view: Callable[..., Any], access: auth.Access) -> Callable[..., flask.Response]:
    @wraps(view)
    def entry(**path: Any) -> flask.Response:
        turn = _enter_person if access.scope is None else _enter_client
        _buckets().take(ADDRESS, auth.caller(None))
        while True:
            try:
                return _conditional(turn(view, access, path))
            except Again as later:
                places: Places = flask.current_app.extensions["lianban-places"]
                with places.left():
                    later.wait()

    entry.access = access  # type: ignore[attr-defined]  # for the test over the url map
    return entry


def _buckets() -> Buckets:
    found: Buckets = flask.current_app.extensions["lianban-limits"]
    return found


def _enter_person(view: Callable[..., Any], access: auth.Access, path: dict[str, Any]) -> flask.Response:
    """A request of somebody with a session, or of a visitor."""
    own, token = platform(), auth.session_token()
    attempt = idempotency.Attempt.of_request() if token and access.remember else None
    arrival = _arrival(token, attempt) if token else None
    first = arrival.enter if arrival else None
    with own.transaction(ANONYMOUS, request_id=flask.g.request_id, first=first) as visit:
        login = _admit(arrival.login if arrival else None, access)
        if arrival is not None:
            arrival.reaches(visit.session, reach.of(login.actor) if login else reach.NOBODY)
        ctx = _as_person(visit, login) if login else visit
        if attempt is None or arrival is None or login is None:
            return _done(view, ctx, path)
        if not arrival.claimed:
            return attempt.replay(ctx)
        response = _done(view, ctx, path)
        attempt.finish(ctx, response)
        return response


def _enter_client(view: Callable[..., Any], access: auth.Access, path: dict[str, Any]) -> flask.Response:
    """A request of an API client."""
    scope = access.scope
    if scope is None:
        raise Unguarded(view.__name__)
    with platform().transaction(ANONYMOUS, request_id=flask.g.request_id) as visit:
        client = _admit_client(visit, access, scope)
        reach.tell(visit.session, client.reach)
        ctx = replace(visit, actor=client.actor, origin=replace(visit.origin, client=client.id))
        return _done(view, ctx, path)


def _done(view: Callable[..., Any], ctx: Context, path: dict[str, Any]) -> flask.Response:
    """The view's answer; a command that recorded nothing itself is recorded."""
    response = flask.make_response(view(ctx, **path))
    recording.record_command(ctx, path, response)
    return response


def _as_person(visit: Context, login: Login) -> Context:
    """The request as its person's; the record names the log-in by its number, which stays when its token changes."""
    return replace(visit, actor=login.actor, origin=replace(visit.origin, session=str(login.number)))


def _admit_client(ctx: Context, access: auth.Access, scope: Scope) -> Client:
    """Who holds the token of an Authorization header; cookies count for nothing here."""
    flask.g.login = None
    buckets = _buckets()
    client = clients.find_by_token(ctx.session, auth.bearer_token())
    if client is None:
        buckets.take(BAD_TOKEN, auth.caller(None))
        raise auth.TokenRefused
    if access.rate is not None and "client" not in flask.g:
        buckets.take(access.rate, f"client:{client.id}")
    if scope not in client.scopes:
        raise auth.ScopeMissing(scope)
    flask.g.client = client
    return client


def _arrival(token: str, attempt: idempotency.Attempt | None) -> Arrival:
    lifetime = platform().settings.session_idle
    if attempt is None:
        return Arrival(token, lifetime)
    return Arrival(token, lifetime, attempt.key, attempt.digest)


def _admit(login: Login | None, access: auth.Access) -> Login | None:
    """Who is let in as whom. Somebody with half a log-in is a visitor where visitors may enter, and refused elsewhere."""
    entered = "login" in flask.g
    flask.g.login = login
    if not entered:
        usual = READ if flask.request.method in auth.SAFE_METHODS else WRITE
        _buckets().take(access.rate or usual, auth.caller(login))
    owed = None if login is None or login.must in access.while_owing else login.must
    if owed is not None and not access.anonymous:
        raise auth.DutyOpen(owed)
    if not access.allows(login):
        raise auth.NotLoggedIn if login is None else auth.RoleMissing(access.functions)
    if access.csrf and flask.request.method not in auth.SAFE_METHODS:
        auth.check_csrf(login)
    if owed is not None:
        flask.g.login = login = None
    if access.recent:
        auth.require_recent()
    return login


def _conditional(response: flask.Response) -> flask.Response:
    """Answers of GET carry an ETag (the view's own or one over the body) and honour If-None-Match."""
    if flask.request.method not in ("GET", "HEAD") or response.status_code != 200:  # noqa: PLR2004
        response.headers.setdefault("Cache-Control", "no-store")
        return response
    if "ETag" not in response.headers and not response.is_streamed:
        response.add_etag()
    response.headers.setdefault("Cache-Control", "no-cache" if flask.g.login is None else "private, no-store")
    response.make_conditional(flask.request)
    return response
