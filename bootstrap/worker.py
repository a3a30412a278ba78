"""One web worker process: loaded by granian after the fork, by name, so that this room does not import the api."""

from __future__ import annotations

import signal
from collections.abc import Callable
from importlib import import_module
from typing import Any

from bootstrap.logging import configure_logging
from bootstrap.processes import follow_parent, settle_memory
from bootstrap.settings import Settings
from bootstrap.telemetry import tracing

APPLICATION = "api.wsgi"


def load() -> Callable[..., Any]:
    """The WSGI application of this worker. The worker ends with its server, even when that is killed."""
    follow_parent(signal.SIGKILL)
    settings = Settings.from_environment()
    configure_logging(style=settings.log_format, level=settings.log_level, node=settings.node_name)
    tracing.start(settings, "web")
    application: Callable[..., Any] = import_module(APPLICATION).app
    settle_memory()
    return application
