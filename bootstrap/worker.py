"""One web worker process: loaded by granian after the fork, by name, so that this room does not import the api."""

from __future__ import annotations

import gc
import signal
from collections.abc import Callable
from importlib import import_module
from typing import Any

from bootstrap.logging import configure_logging
from bootstrap.processes import follow_parent
from bootstrap.settings import Settings
from bootstrap.telemetry import tracing

APPLICATION = "api.wsgi"
GARBAGE = 20_000
"""New objects before the collector looks for cycles: a step makes a few thousand, and hardly any are in one."""


def load() -> Callable[..., Any]:
    """The WSGI application of this worker. The worker ends with its server, even when that is killed."""
    follow_parent(signal.SIGKILL)
    settings = Settings.from_environment()
    configure_logging(style=settings.log_format, level=settings.log_level, node=settings.node_name)
    tracing.start(settings, "web")
    application: Callable[..., Any] = import_module(APPLICATION).app
    _settle_memory()
    return application


def _settle_memory() -> None:
    """What the application is made of lives as long as the process: the garbage collector need not look at it with every request."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE, 20, 50)
