"""The figures of a process. Labels come from known sets only, so that their number stays bounded and no data leaks into them.

In a node of several processes each keeps its figures in the run folder (Prometheus' multi-process mode); ``exposition`` adds
them up. That is decided when the library is imported, by the environment that ``settings.share_run_folder`` sets.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Final

from prometheus_client import Counter, Gauge, Histogram

REQUEST_BUCKETS: Final = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)
STEP_BUCKETS: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5)
LATENESS_BUCKETS: Final = (0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 300, 3600)
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER: Final = "other"

HTTP_REQUESTS: Final = Counter("lianban_http_requests", "Requests answered.", ["method", "route", "status"])
HTTP_SECONDS: Final = Histogram(
    "lianban_http_request_duration_seconds", "Time to answer a request.", ["method", "route"], buckets=REQUEST_BUCKETS
)
HTTP_IN_PROGRESS: Final = Gauge(
    "lianban_http_requests_in_progress", "Requests being answered now.", multiprocess_mode="livesum"
)
STEPS: Final = Counter("lianban_engine_commands", "Engine commands by outcome.", ["command", "outcome"])
STEP_SECONDS: Final = Histogram(
    "lianban_engine_command_duration_seconds", "Time of an engine command.", ["command"], buckets=STEP_BUCKETS
)
KERNEL_CALLS: Final = Counter("lianban_kernel_calls", "Calls of the expression and form kernel.", ["operation"])
KERNEL_SECONDS: Final = Counter(
    "lianban_kernel_seconds", "Time spent in the expression and form kernel.", ["operation"]
)
TRANSACTIONS: Final = Counter("lianban_transactions", "Transactions by outcome.", ["outcome"])
CONNECTIONS: Final = Gauge(
    "lianban_database_connections_used", "Database connections in use now.", multiprocess_mode="livesum"
)
AUDIT_EVENTS: Final = Counter("lianban_audit_events", "Records written to the audit chains.")
JOBS: Final = Counter("lianban_jobs", "Attempts at due work by outcome.", ["kind", "queue", "outcome"])
JOB_SECONDS: Final = Histogram(
    "lianban_job_duration_seconds", "Time of an attempt at due work.", ["queue"], buckets=REQUEST_BUCKETS
)
JOB_LATENESS: Final = Histogram(
    "lianban_job_lateness_seconds", "From when work was due to when it was done.", ["queue"], buckets=LATENESS_BUCKETS
)
JOBS_IN_PROGRESS: Final = Gauge("lianban_jobs_in_progress", "Jobs being done now.", multiprocess_mode="livesum")

OUTCOMES: Final = ("done", "put-off", "retry", "failed")
"""Of a job: done; not counted as an attempt (busy, too early); failed and tried again later; failed for good."""


def request_answered(method: str, route: str | None, status: int, seconds: float) -> None:
    """A request was answered. ``route`` is the template of the address, None when no route knows it."""
    method = method if method in METHODS else OTHER
    route = route or "unmatched"
    HTTP_REQUESTS.labels(method, route, str(status)).inc()
    HTTP_SECONDS.labels(method, route).observe(seconds)


def job_attempted(kind: str, queue: str, outcome: str, seconds: float, *, known: Collection[str]) -> None:
    """A job was attempted; kinds that are not ``known`` are counted together."""
    JOBS.labels(kind if kind in known else OTHER, queue, outcome).inc()
    JOB_SECONDS.labels(queue).observe(seconds)


@contextmanager
def in_progress(gauge: Gauge) -> Iterator[None]:
    """Count what is being done now."""
    gauge.inc()
    try:
        yield
    finally:
        gauge.dec()


@contextmanager
def command(name: str, refusals: tuple[type[Exception], ...]) -> Iterator[None]:
    """Measure one engine command. ``refusals`` are the errors that say no; any other failed."""
    began = perf_counter()
    outcome = "failed"
    try:
        yield
        outcome = "done"
    except refusals:
        outcome = "refused"
        raise
    finally:
        STEPS.labels(name, outcome).inc()
        STEP_SECONDS.labels(name).observe(perf_counter() - began)
