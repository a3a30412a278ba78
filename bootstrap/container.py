"""The container: what one process of the platform is made of, built once; and the only place that commits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import orjson
import psycopg
from sqlalchemy import Connection, create_engine, select
from sqlalchemy import Engine as SqlEngine
from sqlalchemy.exc import DBAPIError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, configure_mappers

from bootstrap.clock import DatabaseClock, First, read_database_time
from bootstrap.database import locate_database
from bootstrap.decisions import EngineDecisions
from bootstrap.errors import PostgresNotReachable
from bootstrap.expressions import EngineExpressions
from bootstrap.key_ring import open_ring
from bootstrap.keys import read_or_create_key
from bootstrap.numbers import drawing
from bootstrap.rates import Take, sharing
from bootstrap.setting_values import NO_ROLE
from bootstrap.settings import Settings
from bootstrap.telemetry import metrics, tracing
from bootstrap.wiring import make_handlers
from domain import changes, reach
from domain.actors import Actor
from domain.audit.reads import write_reads
from domain.audit.service import RECORDED
from domain.base import set_seal
from domain.clock import Clock
from domain.context import Context, Draw, Handlers, Origin, Outward
from domain.definitions.models import Definition
from domain.errors import Busy
from domain.federation.directory import Directory
from domain.identity.functions import install
from domain.identity.overriding import read_overrides
from domain.materials.scanning import Scanner
from domain.trials import resources as trials

if TYPE_CHECKING:
    from engine.facade import Engine
    from engine.limits import Limits
    from forms.kernel import Kernel

POOL_WAIT_SECONDS = 5
CONNECT_SECONDS = 10
DEAD_PEER = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 20_000}
"""A database whose machine or network is gone is noticed within half a minute, not after the kernel's two hours."""

AfterCommit = Callable[[dict[str, Any]], None]


@dataclass
class Platform:
    """One process's platform. Build it after a fork; the V8 isolate and the database pool belong to the process.

    ``after_commit`` are called with ``session.info`` after each commit; an entry point hangs its nudges there
    (for example: promote work that this step made due now). What they raise does not undo the commit.
    """

    settings: Settings
    sql: SqlEngine
    handlers: Handlers = field(default_factory=make_handlers)
    after_commit: list[AfterCommit] = field(default_factory=list)

    @classmethod
    def open(cls, settings: Settings, *, url: str | None = None) -> Platform:
        """Wire a platform over the database at ``url`` (or the deployment's own, which must be running)."""
        set_seal(open_ring(settings).seal())
        configure_mappers()  # a fifth of a second that the first request, or the first timers of a burst, would wait for
        install(read_overrides(settings.role_overrides))
        from bootstrap.telemetry.observed import observe_pool

        return cls(settings, observe_pool(make_sql_engine(settings, url or locate_database(settings))))

    def close(self) -> None:
        """Give the database connections back."""
        self.sql.dispose()

    @cached_property
    def forms(self) -> Kernel:
        """The FEEL and form kernel: one V8 isolate per process, made on first use."""
        from bootstrap.telemetry.observed import ObservedKernel

        limit = self.settings
        return ObservedKernel(
            time_limit_ms=limit.expression_milliseconds,
            memory_limit_mb=limit.expression_megabytes,
            limits={
                "steps": limit.expression_steps,
                "depth": limit.expression_depth,
                "items": limit.expression_items,
                "text": limit.expression_characters,
            },
        )

    @cached_property
    def scanner(self) -> Scanner | None:
        """Who looks for malware in uploads; None when the deployment has nobody."""
        chosen = self.settings
        return Scanner(chosen.scanner, chosen.scanner_timeout.total_seconds()) if chosen.scanner else None

    @cached_property
    def engine(self) -> Engine:
        """The workflow engine over the kernel's expressions."""
        from bootstrap.telemetry.observed import ObservedEngine

        return ObservedEngine(
            EngineExpressions(self.forms),
            source=self._model_source,
            limits=self._limits(),
            decisions=EngineDecisions(self.forms),
        )

    def _limits(self) -> Limits:
        from engine.limits import Limits

        settings = self.settings
        return Limits(
            document_bytes=settings.engine_document_bytes,
            steps=settings.engine_steps,
            call_depth=settings.engine_call_depth,
            instances=settings.engine_instances,
            tokens=settings.engine_tokens,
            value_bytes=settings.engine_value_bytes,
            state_bytes=settings.engine_state_bytes,
        )

    def _model_source(self, definition_id: str) -> bytes:
        """The normalised model of a version or of a trial; the engine asks once per process and keeps it."""
        if definition_id.startswith(trials.PREFIX):
            with Session(self.sql) as session:
                return trials.get_xml(session, definition_id)
        with self.sql.connect() as connection:
            xml: bytes = connection.execute(
                select(Definition.xml).where(Definition.id == int(definition_id))
            ).scalar_one()
            return xml

    @cached_property
    def outward(self) -> Outward:
        """How calls leave the deployment, by its settings."""
        settings = self.settings
        return Outward(
            public_url=settings.url,
            smtp_url=settings.smtp_url or "",
            mail_from=settings.mail_from or "",
            proxy=settings.http_proxy or "",
            ca_file=str(settings.http_ca_file or ""),
            find_secret=settings.find_secret,
        )

    @cached_property
    def origin(self) -> Origin:
        """This node, for the record."""
        return Origin(node=self.settings.node_name[:60])

    @cached_property
    def federation(self) -> Directory:
        """What identity providers publish, remembered in this process."""
        return Directory(ca_file=self.outward.ca_file)

    @cached_property
    def draw(self) -> Draw | None:
        """Numbers that may have gaps, outside of the step; None: inside it."""
        return drawing(self.sql)

    @cached_property
    def take_token(self) -> Take:
        """Rate limits that all processes of the deployment share."""
        return sharing(self.sql)

    @contextmanager
    def on_duty(self) -> Iterator[Connection]:
        """A bare connection for a duty of the platform itself, in a transaction of its own: it sees everything."""
        with self.sql.begin() as connection:
            connection.execute(reach.DUTY)
            yield connection

    @property
    def one_person(self) -> bool:
        """Whether one person may design and publish the same model: only where people practise, and only by a setting of its own."""
        settings = self.settings
        return settings.one_person_demo and (settings.demo or settings.training)

    @property
    def secret_key(self) -> bytes:
        """What signs cookies and links."""
        return self.settings.secret_key or read_or_create_key(self.settings.keys, "secret")

    @contextmanager
    def transaction(self, actor: Actor, *, request_id: str = "", first: First | None = None) -> Iterator[Context]:
        """One command: commits at the end of the block, rolls back on any exception.

        ``first`` is its first statement, when that finds out who acts: the caller then tells the database (:func:`domain.reach.tell`),
        and until then nothing of any case is seen. Otherwise the database is told of ``actor``.

        Raises :class:`domain.errors.Busy` when another step holds the lock, :class:`PostgresNotReachable` when the database is away.
        """
        with tracing.span("transaction"):
            yield from self._transaction(actor, request_id, first)

    def _transaction(self, actor: Actor, request_id: str, first: First | None) -> Iterator[Context]:
        session = Session(self.sql, expire_on_commit=False)
        try:
            clock = self.clock_from(self._begin(session, first or partial(_time_for, reach.of(actor))))
            yield Context(
                session=session,
                actor=actor,
                engine=self.engine,
                forms=self.forms,
                clock=clock,
                handlers=self.handlers,
                request_id=request_id,
                outward=self.outward,
                origin=self.origin,
                trace=tracing.current_trace(),
                draw=self.draw,
                one_person=self.one_person,
            )
            write_reads(session)
            session.commit()
        except (OperationalError, PoolTimeout) as error:
            refusal = _refusal(error)
            metrics.TRANSACTIONS.labels("busy" if isinstance(refusal, Busy) else "database-away").inc()
            raise refusal from error
        except InternalError as error:
            if isinstance(error.orig, psycopg.errors.IdleInTransactionSessionTimeout):
                raise Busy(
                    "本次操作停顿过久，已被取消。", "This step stood still for too long and was cancelled."
                ) from error
            raise
        finally:
            session.close()
        metrics.TRANSACTIONS.labels("committed").inc()
        metrics.AUDIT_EVENTS.inc(session.info.get(RECORDED, 0))
        for call in self.after_commit:
            call(dict(session.info))

    def _begin(self, session: Session, first: First) -> datetime:
        """The first statement, which tells the time. A connection that died in the pool is replaced, once, before anything happened."""
        try:
            return first(session, training=self.settings.training)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            session.rollback()
            return first(session, training=self.settings.training)

    def clock_from(self, moment: datetime) -> Clock:
        """The clock of a transaction that began at ``moment`` by the database."""
        return DatabaseClock(moment)


def _time_for(whose: reach.Reach, session: Session, *, training: bool) -> datetime:
    return read_database_time(session, whose, training=training)


def make_sql_engine(settings: Settings, url: str) -> SqlEngine:
    """The pool of one process: every connection bounded in lock, statement and idle time, UTC, no JIT, and by row-level security."""
    limits = {
        "lock_timeout": settings.lock_timeout,
        "statement_timeout": settings.statement_timeout,
        "idle_in_transaction_session_timeout": settings.idle_transaction_timeout,
    }
    options = [f"-c {name}={int(value.total_seconds() * 1000)}" for name, value in limits.items()]
    if settings.database_role != NO_ROLE:
        options.append(f"-c role={settings.database_role}")
    engine = create_engine(
        url,
        pool_size=settings.pool_size,
        max_overflow=settings.pool_overflow,
        pool_timeout=POOL_WAIT_SECONDS,
        hide_parameters=True,  # values of a failed statement are personal data and must not reach a log
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=orjson.loads,
        connect_args={
            "options": " ".join([*options, "-c jit=off", "-c timezone=UTC"]),
            "application_name": "lianban",
            "connect_timeout": CONNECT_SECONDS,
            **DEAD_PEER,
        },
    )
    changes.watch(engine)
    return engine


def _refusal(error: Exception) -> Exception:
    cause = getattr(error, "orig", None)
    if isinstance(
        cause,
        psycopg.errors.LockNotAvailable | psycopg.errors.DeadlockDetected | psycopg.errors.QueryCanceled,
    ):
        return Busy("另一个步骤正在处理同一办件。", "Another step is working on the same case.")
    return PostgresNotReachable(
        "数据库暂时无法连接，刚才的操作没有生效。",
        "The database cannot be reached now; nothing was changed.",
        next_zh="请稍候重试。",
        next_en="Try again shortly.",
    )
