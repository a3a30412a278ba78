"""The Flask application over a platform: extensions, routes, headers, errors. One per worker process."""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection
from functools import partial
from importlib import import_module
from typing import Any

import flask
import structlog
from flask_smorest import Api
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter

from api import files, observing, oidc, openapi, pages, problems
from api.bodies import OrjsonProvider
from api.draining import Draining
from api.limits import Buckets, set_rate
from api.places import Places
from api.waiting import Waiters
from bootstrap.container import Platform
from bootstrap.nodes.folder import is_draining
from domain.actors import SYSTEM
from domain.jobs.external import Want, list_waiting

NOUNS = (
    "role_matrix",
    "people",
    "leaving",
    "partners",
    "contact_book",
    "liaison",
    "spreadsheets",
    "session",
    "account",
    "accounts",
    "delegations",
    "providers",
    "catalogue",
    "files",
    "applications",
    "window",
    "notifications",
    "tasks",
    "cases",
    "course",
    "ladder",
    "disclosure",
    "privacy",
    "why",
    "ad_hocs",
    "case_time",
    "documents",
    "definitions",
    "imports",
    "decisions",
    "moves",
    "trials",
    "monitor",
    "evidence",
    "work",
    "corrections",
    "jobs",
    "external_tasks",
    "api_clients",
    "administration",
    "calendars",
    "channels",
    "connections",
    "call_trials",
    "policies",
    "contracts",
    "nodes",
    "set_up",
    "site_keys",
    "item_register",
    "clock",
    "exchange",
)
"""The modules that hold routes, in the order of the API description."""

_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


class RowNumber(IntegerConverter):
    """A number in an address: no larger than a row's can be, so that the database is not asked what it cannot hold."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max": 2**63 - 1, **kwargs})


def create_app(platform: Platform, *, buckets: Buckets | None = None) -> flask.Flask:
    """The WSGI application. Call it after a fork: ``platform`` holds connections and an isolate."""
    app = flask.Flask("lianban", static_folder=None)
    settings = platform.settings
    app.json = OrjsonProvider(app)
    app.config.update(
        SECRET_KEY=platform.secret_key,
        SESSION_COOKIE_SECURE=settings.url.startswith("https://"),
        PUBLIC_URL=settings.public_url,
        STEP_UP_AGE=settings.step_up_age,
        HSTS=settings.hsts,
        MAX_CONTENT_LENGTH=settings.max_body_bytes,
        PROVIDE_AUTOMATIC_OPTIONS=False,
        PROPAGATE_EXCEPTIONS=False,
        **openapi.CONFIGURATION,
    )
    app.extensions["lianban"] = platform
    app.extensions["lianban-limits"] = buckets or Buckets(
        platform.take_token, settings={name: set_rate(name, *rate) for name, rate in settings.rates.items()}
    )
    observing.register(app, platform)
    app.extensions["lianban-waiters"] = waiters = Waiters(
        partial(_look, platform), settings.poll_waiters, ending=lambda: is_draining(settings.run_folder)
    )
    platform.after_commit.append(waiters.committed)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    most = 2 * max(settings.max_body_bytes, settings.max_file_bytes)
    app.wsgi_app = Draining(app.wsgi_app, most)  # type: ignore[method-assign]
    app.wsgi_app = app.extensions["lianban-places"] = Places(app.wsgi_app, settings.web_threads)  # type: ignore[method-assign]
    app.before_request(_begin)
    app.before_request(files.widen_uploads)
    app.after_request(_finish)
    problems.register(app)
    register_routes(app)
    oidc.register(app)
    pages.register(app)
    return app


def _look(platform: Platform, wants: Collection[Want]) -> set[Want]:
    with platform.transaction(SYSTEM) as ctx:
        return list_waiting(ctx, wants)


def register_routes(app: flask.Flask) -> Api:
    """Every route of the API."""
    app.url_map.converters["int"] = RowNumber
    api = openapi.DescribedApi(app)
    for noun in NOUNS:
        module: Any = import_module(f"api.{noun}")
        api.register_blueprint(module.routes)
    return api


def _begin() -> None:
    given = flask.request.headers.get("X-Request-Id", "")
    flask.g.request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=flask.g.request_id)
    if "\x00" in flask.request.path or b"%00" in flask.request.query_string:
        raise problems.BadRequest(
            "invalid-text", "地址中含有空字符。", "The address holds a NUL character, which cannot be stored."
        )


def _finish(response: flask.Response) -> flask.Response:
    headers = response.headers
    wanted = {"X-Request-Id": flask.g.get("request_id", ""), **pages.SECURITY_HEADERS}
    if flask.current_app.config["SESSION_COOKIE_SECURE"]:
        wanted["Strict-Transport-Security"] = flask.current_app.config["HSTS"]
    # Looked through once: every look-up of one header goes through all of them.
    there = {name.lower() for name, _ in headers}
    for name, value in wanted.items():
        if name.lower() not in there:
            headers.add(name, value)
    return response
