"""One attempt at a piece of work, as figures and traces see it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter
from typing import Any, Protocol

from bootstrap.telemetry import metrics, tracing


class WorkLike(Protocol):
    """A row of work."""

    @property
    def kind(self) -> str: ...  # noqa: D102

    @property
    def queue(self) -> str: ...  # noqa: D102

    @property
    def due_at(self) -> datetime: ...  # noqa: D102

    @property
    def trace(self) -> str | None: ...  # noqa: D102


@dataclass(slots=True)
class Attempt:
    """What becomes of it: the job that runs it says so. Nothing is counted of work that somebody else did meanwhile."""

    kind: str = ""
    queue: str = ""
    outcome: str = ""
    due_at: datetime | None = None
    span: Any = None
    seconds: float = 0.0

    def claimed(self, work: WorkLike) -> None:
        """It is ours to do."""
        self.kind, self.queue, self.due_at = work.kind, work.queue, work.due_at
        tracing.caused_by(self.span, work.trace, lianban_work_kind=work.kind, lianban_work_queue=work.queue)

    def done(self, now: datetime) -> None:
        """It was done, now by the deployment's clock."""
        self.outcome = "done"
        if self.due_at is not None:
            metrics.JOB_LATENESS.labels(self.queue).observe(max(0.0, (now - self.due_at).total_seconds()))


@contextmanager
def attempt(known: Collection[str]) -> Iterator[Attempt]:
    """Measure one attempt; kinds outside ``known`` are counted together."""
    seen, began = Attempt(), perf_counter()
    with metrics.in_progress(metrics.JOBS_IN_PROGRESS), tracing.span("job"):
        seen.span = tracing.here()
        yield seen
    seen.seconds = perf_counter() - began
    count(seen, known)


def count(seen: Attempt, known: Collection[str]) -> None:
    """Count an attempt whose outcome is known: at its end, or when the transaction that it shared with others is committed."""
    if seen.kind and seen.outcome:
        metrics.job_attempted(seen.kind, seen.queue, seen.outcome, seen.seconds, known=known)
