"""Service tasks of type ``http``: prepared with rules and secrets, called outside of locks, read in a second step (docs/connectors.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

import structlog
from sqlalchemy import Table, insert, update

from domain.connectors import answers, breaker, hosts, reading, signing
from domain.connectors.addresses import pin
from domain.connectors.errors import CallFailed, CallUnreachable, TokenRefused, TokenUnavailable
from domain.connectors.models import AllowedHost, HttpCall
from domain.connectors.oauth import Fetch
from domain.connectors.reading import Plan, Reading
from domain.connectors.tokens import Tokens
from domain.connectors.wire import Answer, Request, exchange
from domain.context import Context
from domain.errors import DomainError
from domain.outbox.calls import Failed, JobView, Outcome, Prepared
from domain.secrets import service as secrets

log = structlog.get_logger(__name__)
CALLS: Table = HttpCall.__table__  # type: ignore[assignment]  # declared as FromClause, is a Table
_SERVER_FAULT: Final = 500
_NOT_AUTHORISED: Final = 401


@dataclass(frozen=True, slots=True)
class Made:
    """What came of a call, and the requests for access tokens that it took."""

    result: Answer | CallFailed
    fetches: tuple[Fetch, ...] = ()


@dataclass(frozen=True, slots=True)
class _Try:
    """One try as it is written down and judged."""

    row_id: int
    what: str
    """Method and address as they may be recorded: what an incident is about."""
    who: Mapping[str, Any]
    entries: tuple[tuple[str, int, int], ...]
    """(host, failures to open, pause in seconds): of the host that is called, then of its token endpoint if there is one."""
    reading: Reading


def make_connect() -> Callable[[Context, JobView], Prepared]:
    """The connector, with the access tokens of this process."""
    return partial(connect, Tokens())


def connect(tokens: Tokens, ctx: Context, job: JobView) -> Prepared:
    """Prepare a call. Raises ``Postponed`` (the host is left alone), ``BadCall``, ``HostNotAllowed``, ``SecretMissing``."""
    plan = reading.read(job.arguments)
    how = reading.read_reading(job.headers)
    entry = hosts.require(ctx, plan.place, job.site_id)
    asked = signing.token_entry(ctx, plan, job.site_id)
    call, needs_token = dressed(
        ctx, plan, entry, asked, job.request_key, lambda each: signing.resolver(ctx, each, job.site_id), tokens
    )
    entries = [entry] if asked is None or breaker.name_of(asked) == breaker.name_of(entry) else [entry, asked]
    for each in sorted(entries if needs_token else [entry], key=breaker.name_of):
        breaker.enter(ctx, each)
    who = {
        "site_id": job.site_id,
        "case_id": job.case_id,
        "leg_id": job.leg_id,
        "element_id": job.element_id,
        "key": job.request_key,
    }
    row_id = begin(ctx, plan, entry, **who)
    limits = tuple((breaker.name_of(each), each.failures_to_open, each.pause_seconds) for each in entries)
    what = f"{plan.method} {breaker.name_of(entry)}{plan.path}"
    made = _Try(row_id, what, who, limits, how)
    return Prepared(call, partial(_outcome, made), partial(_abandon, made))


def dressed(
    ctx: Context,
    plan: Plan,
    entry: AllowedHost,
    asked: AllowedHost | None,
    key: str,
    resolver_of: signing.ResolverOf,
    tokens: Tokens,
) -> tuple[Callable[[], Made], bool]:
    """The call with its secrets in it, to be made outside of transactions: it gives what came, and raises nothing.

    ``asked``: the entry of its token endpoint. The second value: whether an access token has to be fetched first.
    """
    resolve = resolver_of(entry)
    place, headers = signing.dress(plan, resolve)
    if plan.idempotency_header:
        headers.setdefault(plan.idempotency_header, key)
    proxy = secrets.of_setting(ctx, ctx.outward.proxy)
    trust = signing.trust(ctx, plan, resolve)
    internal = entry.is_internal
    grant = None if asked is None else signing.grant(ctx, plan, asked, resolver_of(asked), proxy)

    def once(token: str) -> Answer:
        address = pin(place.host, place.port, internal=internal)
        sent = {**headers, "Authorization": f"Bearer {token}"} if token else headers
        road = place.proxied(proxy, internal=internal)
        return exchange(Request(plan.method, place, address, sent, plan.body, plan.limits, trust, road))

    def call() -> Made:
        fetches: list[Fetch] = []
        try:
            token = "" if grant is None else tokens.take(grant, fetches)
            answer = once(token)
            if grant is not None and answer.status == _NOT_AUTHORISED:  # it ended early, or was taken back: once more
                answer = once(tokens.take(grant, fetches, refused=token))
            result: Answer | CallFailed = answer
        except CallFailed as failure:
            result = failure
        except Exception as error:  # noqa: BLE001 -- its text may hold an address or a secret: only the kind is told
            log.warning("call.broken", reason=type(error).__name__)
            result = CallUnreachable("调用中断。", f"The call broke: {type(error).__name__}.")
        return Made(result, tuple(fetches))

    return call, grant is not None and not tokens.has(grant)


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


def note_fetches(ctx: Context, fetches: tuple[Fetch, ...], **who: Any) -> None:
    """Write down the requests for access tokens that a call took."""
    for fetch in fetches:
        ctx.session.execute(
            insert(CALLS).values(
                **who,
                method="POST",
                host=fetch.host,
                path=fetch.path,
                state="failed" if fetch.status is None else "answered",
                status=fetch.status,
                milliseconds=fetch.milliseconds,
                sent_bytes=fetch.sent_bytes,
                received_bytes=fetch.received_bytes,
                error_code=fetch.error_code,
                started_at=ctx.clock.now(),
            )
        )


def _outcome(made: _Try, ctx: Context, done: Made) -> Outcome:
    result = done.result
    _judge(made, ctx, done)
    if isinstance(result, CallFailed):
        end(ctx, made.row_id, state="failed", error_code=result.code)
        return Failed(result.code, f"{made.what}：{result.fact_zh or result.title_zh}", retry=result.is_passing)
    try:
        found = answers.outcome(ctx, result, made.reading)
    except DomainError as error:
        found = Failed(error.code, error.fact_zh, retry=False)
    code = None
    if isinstance(found, Failed):
        code, found = found.code, replace(found, message=f"{made.what}：{found.message}")
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


def _abandon(made: _Try, ctx: Context, done: Made) -> None:
    """The case moved on while the call ran: how the host is doing still counts, the answer does not."""
    _judge(made, ctx, done)
    status = None if isinstance(done.result, CallFailed) else done.result.status
    end(ctx, made.row_id, state="abandoned", status=status)


def _judge(made: _Try, ctx: Context, done: Made) -> None:
    """Tell how the hosts are doing: the one that was called, if it was, and its token endpoint."""
    note_fetches(ctx, done.fetches, **made.who)
    reports: dict[str, bool] = {fetch.host: fetch.is_well for fetch in done.fetches}
    result = done.result
    if not isinstance(result, TokenUnavailable | TokenRefused):
        well = not result.is_passing if isinstance(result, CallFailed) else result.status < _SERVER_FAULT
        reports[made.entries[0][0]] = well
    for host, failures_to_open, pause_seconds in made.entries:
        if host in reports:
            breaker.report(
                ctx, host, well=reports[host], failures_to_open=failures_to_open, pause_seconds=pause_seconds
            )


def end(ctx: Context, row_id: int, **values: Any) -> None:
    """Write down how a call ended."""
    ctx.session.execute(update(CALLS).where(CALLS.c.id == row_id).values(**values))
