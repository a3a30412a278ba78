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

from api import auth, idempotency
from api.bodies import StrictParser
from api.limits import Buckets
from bootstrap.container import Platform
from domain.actors import Actor
from domain.context import Context
from domain.identity import queries as identity

P = ParamSpec("P")
R = TypeVar("R")

ANONYMOUS = Actor(user_id=0, name="")
"""A visitor: no grants, no cases."""


class Unguarded(TypeError):
    """A view was declared without ``@guard`` or ``@public``."""


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
                inner = self.arguments(body, location="json")(inner)
            if query is not None:
                inner = self.arguments(query, location="query")(inner)
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
        with platform().transaction(ANONYMOUS, request_id=flask.g.request_id) as visit:
            login = _admit(visit, access)
            ctx = replace(visit, actor=login.actor) if login else visit
            attempt = idempotency.Attempt.of_request() if login else None
            response = attempt.begin(ctx) if attempt else None
            if response is None:
                response = flask.make_response(view(ctx, **path))
                if attempt:
                    ctx.session.flush()
                    attempt.finish(ctx, response)
        return _conditional(response)

    entry.access = access  # type: ignore[attr-defined]  # for the test over the url map
    return entry


def _admit(ctx: Context, access: auth.Access) -> identity.Login | None:
    token = auth.session_token()
    login = identity.find_login(ctx.session, token, platform().settings.session_lifetime) if token else None
    flask.g.login = login
    if access.rate is not None:
        buckets: Buckets = flask.current_app.extensions["lianban-limits"]
        buckets.take(access.rate, auth.caller(login))
    if not access.allows(login):
        raise auth.NotLoggedIn if login is None else auth.RoleMissing
    if access.csrf and flask.request.method not in auth.SAFE_METHODS:
        auth.check_csrf(login)
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
