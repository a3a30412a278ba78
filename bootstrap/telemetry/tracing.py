"""Traces: request → transaction → engine command and SQL; job → the same, linked to what caused it.

Off unless LIANBAN_OTLP_ENDPOINT is set; then the only cost of :func:`span` is a comparison. Nothing else of the house imports
OpenTelemetry. Attributes come from :data:`ALLOWED`, SQL is written without values, exceptions with their type alone: no personal
data leaves in a trace.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Engine as SqlEngine
from sqlalchemy import event

from bootstrap.settings import Settings

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span, Tracer

ALLOWED: Final = frozenset(
    {
        "db.query.text",
        "db.system.name",
        "http.request.method",
        "http.response.status_code",
        "http.route",
        "lianban.case",
        "lianban.request_id",
        "lianban.work.kind",
        "lianban.work.queue",
    }
)
"""Every attribute that may stand in a trace."""
_PARENT: Final = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
_NOTHING: Final[AbstractContextManager[None]] = nullcontext()
_SPAN: Final = "_lianban_span"
_FLUSH_MILLISECONDS: Final = 2000
_EXPORT_SECONDS: Final = 5


class _State:
    """The process's provider and tracer; None while traces are off."""

    provider: TracerProvider | None = None
    tracer: Tracer | None = None


def start(settings: Settings, role: str) -> None:
    """Send traces from now on, when the settings say where to. Call it once per process, after it was forked or spawned."""
    if settings.otlp_endpoint is None or _State.provider is not None:
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

    facts = {
        "service.name": "lianban",
        "service.version": version("lianban"),
        "service.instance.id": settings.node_name,
        "lianban.role": role,
    }
    sampler = ParentBased(TraceIdRatioBased(settings.trace_ratio))
    provider = TracerProvider(sampler=sampler, resource=Resource(facts))
    exporter = OTLPSpanExporter(f"{settings.otlp_endpoint}/v1/traces", timeout=_EXPORT_SECONDS)
    provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=_FLUSH_MILLISECONDS))
    _State.provider, _State.tracer = provider, provider.get_tracer("lianban")


def stop() -> None:
    """Send what is left and be off again."""
    if _State.provider is not None:
        _State.provider.shutdown()
    _State.provider = _State.tracer = None


def is_on() -> bool:
    """Whether traces are kept in this process."""
    return _State.tracer is not None


def span(name: str, *, parent: str = "", server: bool = False, **attributes: Any) -> AbstractContextManager[None]:
    """A part of the work, as a span below the current one. ``attributes``: names of ALLOWED with _ for the dots.

    ``parent``: a W3C traceparent from outside; ``server``: this process answers a caller.
    """
    if _State.tracer is None:
        return _NOTHING
    return _span(_State.tracer, name, parent, server, attributes)


@contextmanager
def _span(tracer: Tracer, name: str, parent: str, server: bool, attributes: dict[str, Any]) -> Iterator[None]:
    from opentelemetry.trace import SpanKind, StatusCode, set_span_in_context

    found = _remote(parent)
    with tracer.start_as_current_span(
        name,
        context=set_span_in_context(found) if found is not None else None,
        kind=SpanKind.SERVER if server else SpanKind.INTERNAL,
        record_exception=False,  # its text may name a person
        set_status_on_exception=False,
    ) as current:
        describe(**attributes)
        try:
            yield
        except Exception as error:  # whatever it is goes on its way: the span only says what kind it was
            current.set_status(StatusCode.ERROR, type(error).__name__)
            raise


def here() -> Span | None:
    """The current span, for something that is learnt of it further down; None while traces are off."""
    if _State.tracer is None:
        return None
    from opentelemetry.trace import get_current_span

    return get_current_span()


def describe(where: Span | None = None, **attributes: Any) -> None:
    """Add attributes to a span (the current one); a name outside ALLOWED is a programming error."""
    current = where or here()
    if current is None:
        return
    for name, value in attributes.items():
        dotted = _dotted(name)
        if value is not None:
            current.set_attribute(dotted, value)


def _dotted(name: str) -> str:
    for allowed in ALLOWED:
        if allowed.replace(".", "_") == name:
            return allowed
    raise ValueError(name)


def caused_by(where: Span | None, trace: str | None, **attributes: Any) -> None:
    """The work of a span was caused by a command of another trace, whose context was stored."""
    if where is None:
        return
    found = _remote(trace or "")
    if found is not None:
        where.add_link(found.get_span_context())
    describe(where, **attributes)


def current_trace() -> str:
    """The current span's context as a W3C traceparent; empty while traces are off."""
    if _State.tracer is None:
        return ""
    from opentelemetry.trace import get_current_span

    context = get_current_span().get_span_context()
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}" if context.is_valid else ""


def _remote(parent: str) -> Span | None:
    match = _PARENT.fullmatch(parent)
    if match is None:
        return None
    from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags

    trace_id, span_id, flags = (int(part, 16) for part in match.groups())
    context = SpanContext(trace_id, span_id, is_remote=True, trace_flags=TraceFlags(flags))
    return NonRecordingSpan(context) if context.is_valid else None


def observe_sql(sql: SqlEngine) -> SqlEngine:
    """A span for each statement, with its text and without its values; nothing when traces are off."""
    tracer = _State.tracer
    if tracer is None:
        return sql
    from opentelemetry.trace import SpanKind, StatusCode, get_current_span

    @event.listens_for(sql, "before_cursor_execute")
    def _sent(
        _connection: object, _cursor: object, statement: str, _values: object, context: object, _many: object
    ) -> None:
        if get_current_span().is_recording():
            started = tracer.start_span(f"SQL {statement.split(None, 1)[0].upper()}", kind=SpanKind.CLIENT)
            started.set_attributes({"db.system.name": "postgresql", "db.query.text": statement})
            setattr(context, _SPAN, started)

    @event.listens_for(sql, "after_cursor_execute")
    def _answered(
        _connection: object, _cursor: object, _text: str, _values: object, context: object, _many: object
    ) -> None:
        started: Span | None = context.__dict__.pop(_SPAN, None)
        if started is not None:
            started.end()

    @event.listens_for(sql, "handle_error")
    def _failed(error: Any) -> None:
        started: Span | None = getattr(error.execution_context, "__dict__", {}).pop(_SPAN, None)
        if started is not None:
            started.set_status(StatusCode.ERROR, type(error.original_exception).__name__)
            started.end()

    return sql
