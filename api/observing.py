"""What the API tells of itself: readiness, figures of requests, and one line of the log for each request."""

from __future__ import annotations

import os
from contextlib import ExitStack
from time import perf_counter
from typing import Any

import flask
import structlog

from bootstrap.container import Platform
from bootstrap.nodes.folder import is_draining
from bootstrap.nodes.readiness import Readiness
from bootstrap.telemetry import metrics, tracing
from bootstrap.telemetry.exposition import metrics_probe
from domain.audit.service import CASE

_log = structlog.get_logger(__name__)
_PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
_REFUSED = frozenset({401, 403, 429})


def register(app: flask.Flask, platform: Platform) -> None:
    """Measure every request from before its first hook to after its last."""
    settings = platform.settings
    url = platform.sql.url.render_as_string(hide_password=False)
    app.extensions["lianban-readiness"] = Readiness(url, lambda: is_draining(settings.run_folder))
    parent = os.getppid() if settings.run_folder else os.getpid()
    app.extensions["lianban-metrics"] = metrics_probe(settings, url, settings.run_folder, root_pid=parent)
    platform.after_commit.append(_remember_case)
    app.before_request(_begin)
    app.after_request(_end)
    app.teardown_request(_leave)


def _remember_case(info: dict[str, Any]) -> None:
    """The line of the log names the case by its internal id, which tells nobody anything."""
    if (case_id := info.get(CASE)) is not None:
        structlog.contextvars.bind_contextvars(case=case_id)
        tracing.describe(lianban_case=case_id)


def _begin() -> None:
    flask.g.began = perf_counter()
    metrics.HTTP_IN_PROGRESS.inc()
    if tracing.is_on():
        _trace()


def _trace() -> None:
    """The request's span, open until the request is torn down. A caller's trace is joined only behind a trusted proxy."""
    request = flask.request
    route = request.url_rule.rule if request.url_rule else "unmatched"
    method = request.method if request.method in metrics.METHODS else metrics.OTHER
    trusted = flask.current_app.extensions["lianban"].settings.trusted_proxies
    parent = request.headers.get("traceparent", "") if trusted else ""
    flask.g.trace = ExitStack()
    flask.g.trace.enter_context(
        tracing.span(f"{method} {route}", parent=parent, server=True, http_request_method=method, http_route=route)
    )


def _end(response: flask.Response) -> flask.Response:
    request, seconds = flask.request, perf_counter() - flask.g.began
    route = request.url_rule.rule if request.url_rule else None
    trace = {"trace": tracing.current_trace()[3:35]} if "trace" in flask.g else {}
    if trace:
        tracing.describe(http_response_status_code=response.status_code, lianban_request_id=flask.g.get("request_id"))
    metrics.request_answered(request.method, route, response.status_code, seconds)
    # Who was turned away, by the number of the account: whoever looks for attempts finds them in the log.
    login = flask.g.get("login") if response.status_code in _REFUSED else None
    who = {"user": login.actor.user_id} if login else {}
    if route not in _PROBES:
        # The template, never the address: that may hold numbers that belong to people.
        _log.info(
            "request",
            method=request.method,
            route=route,
            status=response.status_code,
            ms=round(seconds * 1000, 1),
            **who,
        )
    return response


def _leave(error: BaseException | None) -> None:
    del error
    metrics.HTTP_IN_PROGRESS.dec()
    if "trace" in flask.g:
        flask.g.pop("trace").close()
