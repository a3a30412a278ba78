"""Traces: request → transaction → engine command → SQL, and job → the same. Off unless LIANBAN_OTLP_ENDPOINT is set."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

_NOTHING: AbstractContextManager[None] = nullcontext()


def span(name: str) -> AbstractContextManager[None]:
    """A part of the work, as a span below the current one."""
    del name
    return _NOTHING
