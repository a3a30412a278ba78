"""Logging: one JSON line per event in production, readable lines in a terminal. Never personal data."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

SECRETS = frozenset(
    {
        "address",
        "application",
        "body",
        "cookie",
        "csrf_token",
        "data",
        "form",
        "id_no",
        "idNo",
        "mobile",
        "name",
        "password",
        "payload",
        "person",
        "phone",
        "subject",
        "token",
        "variables",
    }
)
"""Keys that may hold personal data or secrets: their values are never written, whoever passes them."""

_QUIET = ("SpiffWorkflow", "spiff", "alembic", "apscheduler", "opentelemetry", "procrastinate", "werkzeug")
"""Libraries that log data of tasks or a line per statement at INFO."""


def configure_logging(*, style: str = "json", level: str = "INFO", node: str = "") -> None:
    """Set up structlog and the standard library's logging for this process, to standard error. ``node`` stands on every line."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        *([_Named(node)] if node else []),
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        withhold,
    ]
    console = style == "console"
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    render: Any = (
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
        if console
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *([] if console else [structlog.processors.format_exc_info]),
                render,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # that a tick was still busy at the next one is no news


class _Named:
    """A structlog processor: adds the node's name."""

    def __init__(self, node: str) -> None:
        self._node = node

    def __call__(self, logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        del logger, method
        event["node"] = self._node
        return event


def withhold(logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: replaces the values of keys that may hold personal data."""
    del logger, method
    for key in event:
        if key in SECRETS:
            event[key] = "[withheld]"
    return event
