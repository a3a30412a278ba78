"""Traces: request → transaction → engine command → SQL, and job → the same. Off unless LIANBAN_OTLP_ENDPOINT is set."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

_NOTHING: AbstractContextManager[None] = nullcontext()


def span(name: str) -> AbstractContextManager[None]:
    """A part of the work, as a span below the current one."""
    del name
    return _NOTHING


def caused_by(trace: str | None, **attributes: str) -> None:
    """The current span was caused by another trace, whose context was stored."""
    del trace, attributes
