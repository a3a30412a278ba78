"""The engine, the kernel and the database pool as this process runs them: the same, with their work measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from time import perf_counter
from typing import Any, Final

from sqlalchemy import Engine as SqlEngine
from sqlalchemy import event

from bootstrap.telemetry import metrics, tracing
from engine.errors import EngineError
from engine.facade import Engine
from forms.kernel import Kernel

COMMANDS: Final = (
    "start",
    "complete_task",
    "complete_job",
    "fail_job",
    "throw_error",
    "throw_task_error",
    "throw_task_escalation",
    "retry",
    "fire_timers",
    "deliver_message",
    "deliver_signal",
    "activate",
    "cancel",
    "move",
    "set_variables",
)
"""Commands that change an instance."""


class ObservedEngine(Engine):
    """The engine with its commands counted, timed and traced."""


class ObservedKernel(Kernel):
    """The kernel with its calls counted and timed."""

    def call(self, operation: str, request: Mapping[str, Any]) -> Any:
        """As the kernel does."""
        began = perf_counter()
        try:
            return super().call(operation, request)
        finally:
            metrics.KERNEL_CALLS.labels(operation).inc()
            metrics.KERNEL_SECONDS.labels(operation).inc(perf_counter() - began)


def observe_pool(sql: SqlEngine) -> SqlEngine:
    """Count connections in use; trace statements."""

    @event.listens_for(sql, "checkout")
    def _taken(*_: object) -> None:
        metrics.CONNECTIONS.inc()

    @event.listens_for(sql, "checkin")
    def _given_back(*_: object) -> None:
        metrics.CONNECTIONS.dec()

    return tracing.observe_sql(sql)


def _observed(name: str) -> Callable[..., Any]:
    plain: Callable[..., Any] = getattr(Engine, name)

    @wraps(plain)
    def run(self: Engine, *args: Any, **kwargs: Any) -> Any:
        with metrics.command(name, (EngineError,)), tracing.span(f"engine {name}"):
            return plain(self, *args, **kwargs)

    return run


for _name in COMMANDS:
    setattr(ObservedEngine, _name, _observed(_name))
