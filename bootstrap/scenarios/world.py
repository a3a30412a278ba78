"""The throw-away world of scenario tests: a database of their own, the demo's places and people, a clock that only they move.

Every scenario runs inside one transaction that is rolled back: nothing it does outlives it, and no other scenario sees it.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, NullPool, create_engine, exists, func, select, text
from sqlalchemy.orm import Session

from bootstrap.container import Platform, make_sql_engine
from bootstrap.database import check_server, open_database
from bootstrap.demo.loading import load_world
from bootstrap.demo.people import DESKS, id_number
from bootstrap.deployment import deploy_paths
from bootstrap.errors import BootstrapError
from bootstrap.migrations import migrate
from bootstrap.scenarios.item_file import ItemFile
from bootstrap.scenarios.reading import MONDAY
from bootstrap.settings import Settings
from bootstrap.wiring import make_handlers
from domain import reach
from domain.actors import SYSTEM
from domain.base import find_seal, set_seal
from domain.cases.models import Case
from domain.certificates import service as certificates
from domain.clock import CHINA, FixedClock
from domain.context import Context
from domain.deadlines.models import CalendarDay
from domain.definitions import store
from domain.definitions.models import Definition
from domain.identity import service as identity
from domain.items.models import Item
from domain.registrations import service as registrations
from domain.sealing import Seal
from domain.sites import service as sites

KEY: Final = b"scenario tests hold invented people only"
NO_PASSWORD: Final = "!"  # noqa: S105 -- a hash that no password has
"""Nobody logs in to a scenario."""
FOLDER: Final = "testing"
"""Where under LIANBAN_HOME the throw-away PostgreSQL lies."""


class NotThrowAway(BootstrapError):
    """A database that holds cases is not for tests."""

    code = "database-holds-cases"
    exit_code = 2


class StagePlatform(Platform):
    """A platform over one connection whose transaction is never committed; its clock stands until it is moved."""

    moment: datetime

    @classmethod
    def on(cls, settings: Settings, connection: Any, moment: datetime) -> StagePlatform:
        """``connection``: of the scenario, or an engine while the world is made.

        Nothing is called: what a connector or a worker would do is said by the scenario's step ``job``.
        """
        platform = cls(settings, connection, replace(make_handlers(), calls={}))
        platform.moment = moment
        return platform

    def clock_from(self, moment: datetime) -> FixedClock:
        """The standing clock."""
        del moment
        return FixedClock(self.moment)

    @property
    def draw(self) -> None:
        """Numbers are taken in the scenario's own transaction, and taken back with it."""

    def _model_source(self, definition_id: str) -> bytes:
        query = select(Definition.xml).where(Definition.id == int(definition_id))
        with Session(self.sql) as session:
            xml: bytes = session.execute(query).scalar_one()
            return xml


class World:
    """The demo's places and people on a database that is thrown away. Deploy what is to be tested, then open stages."""

    def __init__(self, settings: Settings, sql: Engine) -> None:
        self._settings = replace(settings, training=True, demo=True)
        self._sql = sql
        self._kernel: Any = None
        self._engine: Any = None

    def make(self) -> None:
        """Fill. Raises :class:`NotThrowAway`."""
        with self._sql.begin() as connection:
            connection.execute(reach.DUTY)
            if connection.execute(select(exists(select(Case.id)))).scalar():
                raise NotThrowAway(
                    "该数据库中有办件，不能用来测试。",
                    "The database holds cases; it is not for tests.",
                    next_zh="请用专门的空数据库，或不写 --database（自动建立一次性数据库）。",
                    next_en="Name an empty database of its own, or leave --database out (a throw-away one is made).",
                )
        load_world(self._platform(self._sql, MONDAY))

    def deploy(self, folder: Path, item: ItemFile | None) -> None:
        """Deploy a folder's models and forms; an item that the catalogue does not know is entered."""
        with self._platform(self._sql, MONDAY).transaction(SYSTEM) as ctx:
            alone = len(list(folder.rglob("*.bpmn"))) == 1
            deploy_paths(ctx, [folder], key=item.key if item is not None and alone else None)
            if item is not None and ctx.session.get(Item, item.key) is None:
                last = ctx.session.scalar(select(func.max(Item.no))) or 0
                ctx.session.add(
                    Item(
                        code=item.key,
                        no=last + 1,
                        name=item.name,
                        name_en=item.name,
                        mode="多地联办",
                        definition_key=item.key,
                        apply_form_id=item.apply_form,
                        sheet={},
                    )
                )

    @contextmanager
    def stage(self, moment: datetime) -> Iterator[tuple[StagePlatform, Connection]]:
        """A platform for scenarios and its connection (for savepoints); all they do is taken back at the end."""
        with self._sql.connect() as connection, connection.begin() as outer:
            connection.execute(text("set local idle_in_transaction_session_timeout = 0"))
            with connection.begin_nested():  # sessions on this connection then work with savepoints
                yield self._platform(connection, moment), connection
            outer.rollback()

    def _platform(self, sql: Engine | Connection, moment: datetime) -> StagePlatform:
        """One V8 isolate and one cache of parsed models for all scenarios."""
        platform = StagePlatform.on(self._settings, sql, moment)
        if self._kernel is None:
            self._kernel = platform.forms
        platform.__dict__["forms"] = self._kernel
        return platform


@contextmanager
def open_world(settings: Settings, *, database: str | None = None, server: str | None = None) -> Iterator[World]:
    """A world on a throw-away database: of our own PostgreSQL under LIANBAN_HOME, or ``database``, or a new one on ``server``.

    The deployment's data is never touched: another server, another database, another key.
    """
    before = find_seal()
    set_seal(Seal(KEY))
    store.forget()
    try:
        with _database(settings, database, server) as url:
            owner = create_engine(url)
            with owner.begin() as connection:
                migrate(connection, role=settings.database_role)
            owner.dispose()
            engine = make_sql_engine(settings, url)
            try:
                world = World(settings, engine)
                world.make()
                yield world
            finally:
                engine.dispose()
    finally:
        store.forget()
        if before is not None:
            set_seal(before)


@contextmanager
def _database(settings: Settings, database: str | None, server: str | None) -> Iterator[str]:
    if database is not None:
        check_server(database)
        yield database
    elif server is not None:
        with _scratch(server) as url:
            yield url
    else:
        own = replace(settings, home=settings.home / FOLDER, database_url=None)
        with open_database(own) as opened:
            assert opened.cluster is not None  # noqa: S101 -- no URL is set
            with _scratch(opened.cluster.url("postgres", admin=True)) as url:
                yield url


@contextmanager
def _scratch(server: str) -> Iterator[str]:
    """A new database on the server, dropped at the end; what a killed run left behind is dropped first."""
    name = f"lianban_test_{secrets.token_hex(6)}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with admin.connect() as connection:
        for left in connection.scalars(text(_ABANDONED)).all():
            connection.execute(text(f'drop database if exists "{left}"'))
        connection.execute(text(f"create database {name}"))
    try:
        yield server.rsplit("/", 1)[0] + "/" + name
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"drop database {name} with (force)"))


_ABANDONED: Final = """
    select d.datname from pg_database d
    where d.datname like 'lianban\\_test\\_%' and (pg_stat_file('base/' || d.oid || '/PG_VERSION')).modification < now() - interval '1 day'
    and not exists (select from pg_stat_activity a where a.datname = d.datname)
"""


def populate(ctx: Context, world: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """What a scenario wants beside the demo: sites, applicants, registrations, certificates, days. Invented people only."""
    for row in world.get("sites", ()):
        _site(ctx, row)
    for row in world.get("applicants", ()):
        person = {"idNo": id_number(row["region"], row["birth"].replace("-", "")), "mobile": "13800000099"}
        identity.register_user(
            ctx, row["login"], row["name"], "", is_applicant=True, person=person, password_hash=NO_PASSWORD
        )
    for row in world.get("registered", ()):
        number = id_number(row["region"], row["birth"].replace("-", ""))
        person = {"idNo": number, "name": row["name"], "address": row.get("address", ""), "houseNo": "000000009"}
        registrations.register(ctx, sites.get_site(ctx, row["site"]), person)
    for row in world.get("certificates", ()):
        _certificate(ctx, row)
    for row in world.get("calendar", ()):
        day = datetime.fromisoformat(row["day"]).date()
        ctx.session.merge(CalendarDay(region_code=row["region"], day=day, is_workday=row["work"], reason="场景"))


def _site(ctx: Context, row: Mapping[str, Any]) -> None:
    """A site with one person for each role, as in the demo: ``<login>.clerk``, ``<login>.handler`` …"""
    site = sites.register_site(ctx, row["code"], row["region"], row["sector"], row["name"], row["name"])
    for desk, role in DESKS:
        login = f"{row['login']}.{desk}"
        user = identity.register_user(ctx, login, f"{row['name']}{desk}"[:60], "", password_hash=NO_PASSWORD)
        identity.grant(ctx, user, role, site)


def _certificate(ctx: Context, row: Mapping[str, Any]) -> None:
    holder = identity.find_user(ctx, row["holder"])
    if holder is None or not holder.person:
        raise BootstrapError(f"没有申请人 {row['holder']}。", f"There is no applicant {row['holder']}.")
    today = ctx.clock.now().astimezone(CHINA).date()
    certificates.register(
        ctx,
        sites.get_site(ctx, row["site"]),
        row["kind"],
        {"idNo": holder.person["idNo"], "name": holder.name},
        row.get("data", {}),
        valid_until=today + timedelta(days=row["days"]),
        state=row.get("state", "01"),
    )
