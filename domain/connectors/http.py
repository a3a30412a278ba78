"""Service tasks of type ``http``: prepared with rules and secrets, called outside of locks, read in a second step (docs/connectors.md)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import structlog
from sqlalchemy import Table, insert, update

from domain.connectors import answers, breaker, hosts, reading, signing
from domain.connectors.addresses import pin
from domain.connectors.errors import CallFailed, CallUnreachable
from domain.connectors.models import AllowedHost, HttpCall
from domain.connectors.reading import Plan, Reading
from domain.connectors.wire import Answer, Request, exchange
from domain.context import Context
from domain.errors import DomainError
from domain.outbox.calls import Failed, JobView, Outcome, Prepared
from domain.secrets import service as secrets

log = structlog.get_logger(__name__)
CALLS: Table = HttpCall.__table__  # type: ignore[assignment]  # declared as FromClause, is a Table
_SERVER_FAULT: Final = 500


@dataclass(frozen=True, slots=True)
class _Try:
    """One try as it is written down and judged."""

    row_id: int
    host: str
    failures_to_open: int
    pause_seconds: int
    reading: Reading


def connect(ctx: Context, job: JobView) -> Prepared:
    """Prepare a call. Raises ``Postponed`` (the host is left alone), ``BadCall``, ``HostNotAllowed``, ``SecretMissing``."""
    plan = reading.read(job.arguments)
    how = reading.read_reading(job.headers)
    entry = hosts.require(ctx, plan.place, job.site_id)
    breaker.enter(ctx, entry)
    call = dressed(ctx, plan, entry, job.request_key, signing.resolver(ctx, entry, job.site_id))
    row_id = begin(
        ctx,
        plan,
        entry,
        site_id=job.site_id,
        case_id=job.case_id,
        leg_id=job.leg_id,
        element_id=job.element_id,
        key=job.request_key,
    )
    made = _Try(row_id, breaker.name_of(entry), entry.failures_to_open, entry.pause_seconds, how)
    return Prepared(call, partial(_outcome, made), partial(_abandon, made))


def dressed(
    ctx: Context, plan: Plan, entry: AllowedHost, key: str, resolve: signing.Resolve
) -> Callable[[], Answer | CallFailed]:
    """The call with its secrets in it, to be made outside of transactions: it gives what came, and raises nothing."""
    place, headers = signing.dress(plan, resolve)
    if plan.idempotency_header:
        headers.setdefault(plan.idempotency_header, key)
    proxy = ctx.outward.proxy
    name = secrets.find_name(proxy)
    proxy = secrets.resolve(ctx, name, None) if name is not None else proxy
    trust = signing.trust(ctx, plan, resolve)
    internal = entry.is_internal

    def call() -> Answer | CallFailed:
        try:
            address = pin(place.host, place.port, internal=internal)
            direct = internal or place.scheme == "http"
            return exchange(
                Request(plan.method, place, address, headers, plan.body, plan.limits, trust, "" if direct else proxy)
            )
        except CallFailed as failure:
            return failure
        except Exception as error:  # noqa: BLE001 -- its text may hold an address or a secret: only the kind is told
            log.warning("call.broken", reason=type(error).__name__)
            return CallUnreachable("调用中断。", f"The call broke: {type(error).__name__}.")

    return call


def begin(ctx: Context, plan: Plan, entry: AllowedHost, **who: Any) -> int:
    """Write down that a call begins; ``who`` are columns of the record. Gives the record's id."""
    row_id: int = ctx.session.execute(
        insert(CALLS)
        .values(
            **who,
            method=plan.method,
            host=breaker.name_of(entry),
            path=plan.path,
            state="running",
            sent_bytes=len(plan.body),
            started_at=ctx.clock.now(),
        )
        .returning(CALLS.c.id)
    ).scalar_one()
    return row_id


def _outcome(made: _Try, ctx: Context, result: Any) -> Outcome:
    judge = partial(
        breaker.report, ctx, made.host, failures_to_open=made.failures_to_open, pause_seconds=made.pause_seconds
    )
    if isinstance(result, CallFailed):
        judge(well=not result.is_passing)
        end(ctx, made.row_id, state="failed", error_code=result.code)
        return Failed(result.code, result.fact_zh or result.title_zh, retry=result.is_passing)
    judge(well=result.status < _SERVER_FAULT)
    try:
        found = answers.outcome(ctx, result, made.reading)
    except DomainError as error:
        found = Failed(error.code, error.fact_zh, retry=False)
    code = found.code if isinstance(found, Failed) else None
    end(
        ctx,
        made.row_id,
        state="answered",
        status=result.status,
        milliseconds=result.milliseconds,
        received_bytes=len(result.body),
        error_code=code,
    )
    return found


def _abandon(made: _Try, ctx: Context, result: Any) -> None:
    """The case moved on while the call ran: how the host is doing still counts, the answer does not."""
    well = not result.is_passing if isinstance(result, CallFailed) else result.status < _SERVER_FAULT
    breaker.report(ctx, made.host, well=well, failures_to_open=made.failures_to_open, pause_seconds=made.pause_seconds)
    end(ctx, made.row_id, state="abandoned", status=None if isinstance(result, CallFailed) else result.status)


def end(ctx: Context, row_id: int, **values: Any) -> None:
    """Write down how a call ended."""
    ctx.session.execute(update(CALLS).where(CALLS.c.id == row_id).values(**values))
