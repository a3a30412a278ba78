"""The second wall: what a transaction sees when nobody's query asks for less (docs/visibility.md)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from sqlalchemy import Connection, Engine, create_engine, delete, text, update
from sqlalchemy.exc import DatabaseError, ProgrammingError

from bootstrap.container import Platform, make_sql_engine
from bootstrap.errors import RowSecurityOff
from bootstrap.row_security import refuse_unbound, require_bound, secure
from bootstrap.settings import Settings
from domain import reach, row_policies
from domain.actors import SYSTEM, Actor, Role
from domain.applications.models import ApplicationDraft
from domain.cases import events
from domain.cases.models import Case, CaseSubject, Leg, Task
from domain.changes import ChangeMissed
from domain.errors import NotFound
from domain.materials.models import Material
from domain.metadata import metadata
from domain.row_policies import TABLES, TableClass
from tests.support import models
from tests.support.world import World

GUARDED = sorted(name for name, rule in TABLES.items() if rule.is_guarded)
CONTENT = ("cases", "legs", "tasks", "task_candidates", "audit_events", "work")


@pytest.fixture
def bound(settings: Settings, pg_url: str) -> Iterator[Engine]:
    """Connections as the product makes them: nobody is told of beforehand."""
    engine = make_sql_engine(settings, pg_url)
    yield engine
    engine.dispose()


@pytest.fixture
def product(settings: Settings, bound: Engine) -> Platform:
    """The product without the tests' own oracle beside it (``tests/support/reach_watch.py``), which would be the first to fail."""
    return Platform(settings, bound)


@pytest.fixture
def world(platform: Platform) -> World:
    made = World(platform).settle()
    made.deploy(models.joint())
    made.submit()
    return made


@contextmanager
def told(engine: Engine, whose: reach.Reach | None = None) -> Iterator[Connection]:
    with engine.connect() as connection:
        if whose is not None:
            for name, value in whose.values().items():
                setting = {"name": f"lianban.{name}", "value": value}
                connection.execute(text("select set_config(:name, :value, true)"), setting)
        yield connection
        connection.rollback()


def seen(connection: Connection, table: str) -> int:
    return int(connection.execute(text(f"select count(*) from {table}")).scalar_one())  # noqa: S608 -- our own names


def test_every_table_has_a_class() -> None:
    assert set(TABLES) == set(metadata.tables)


def test_tables_of_cases_and_persons_are_guarded_and_others_are_not() -> None:
    guarded = {TableClass.CASE, TableClass.PERSON, TableClass.REGISTER}
    assert [name for name, rule in TABLES.items() if rule.is_guarded != (rule.kind in guarded)] == []


def test_a_table_that_knows_a_case_is_guarded() -> None:
    knows = {name for name, table in metadata.tables.items() if {"case_id", "leg_id"} & set(table.columns.keys())}
    assert knows - set(GUARDED) == set()


def test_what_partners_are_told_is_one_list() -> None:
    assert set(row_policies.TOLD_TO_PARTNERS) == events.COARSE | events.ARROWS


def test_policies_stand_on_exactly_the_guarded_tables(engine_sql: Engine) -> None:
    with engine_sql.connect() as connection:
        query = text("select relname from pg_class where relrowsecurity and relkind = 'r'")
        assert sorted(connection.scalars(query)) == GUARDED


def test_the_role_that_runs_owns_nothing(bound: Engine) -> None:
    with told(bound) as connection:
        owned = text(
            "select count(*) from pg_class where relowner = current_user::regrole and relkind in ('r', 'S', 'v')"
        )
        assert connection.execute(owned).scalar_one() == 0
        assert connection.execute(text("select row_security_active('cases')")).scalar_one()


def test_a_transaction_that_was_told_nothing_sees_nothing(bound: Engine, world: World) -> None:
    assert world.count("cases") == 1
    with told(bound) as connection:
        assert {table: seen(connection, table) for table in GUARDED} == dict.fromkeys(GUARDED, 0)


def test_what_one_transaction_was_told_the_next_on_its_connection_does_not_know(bound: Engine, world: World) -> None:
    site = world.case().main_site_id
    with bound.connect() as connection:
        connection.execute(text("select set_config('lianban.sites', :sites, true)"), {"sites": f"{{{site}}}"})
        assert seen(connection, "cases") == 1
        connection.commit()
        assert seen(connection, "cases") == 0
        connection.rollback()


def test_a_site_sees_its_cases_and_another_site_nothing(bound: Engine, world: World) -> None:
    main = world.case().main_site_id
    with told(bound, reach.Reach((main,))) as connection:
        assert all(seen(connection, table) > 0 for table in ("cases", "legs", "tasks", "audit_events"))
    with told(bound, reach.Reach((main + 1000,), user_id=999)) as connection:
        assert {table: seen(connection, table) for table in GUARDED} == dict.fromkeys(GUARDED, 0)


def test_an_applicant_sees_the_own_case_and_another_applicant_nothing(bound: Engine, world: World) -> None:
    with told(bound, reach.Reach(user_id=world.people["applicant"].user_id)) as connection:
        assert seen(connection, "cases") == 1
        assert connection.execute(text("select count(*) from tasks where role <> 'APPLICANT'")).scalar_one() == 0
    with told(bound, reach.Reach(user_id=world.people["stranger"].user_id)) as connection:
        assert seen(connection, "cases") == 0


def test_watchers_see_frames_and_no_content(bound: Engine, world: World) -> None:
    with world.platform.transaction(SYSTEM) as ctx:
        case = ctx.session.query(Case).one()
        ctx.session.add(
            Material(
                case_id=case.id, code="M1", name="申请表", is_required=True, state="MISSING", updated_at=ctx.clock.now()
            )
        )
    for role in (Role.AUDITOR, Role.PLATFORM_ADMIN):
        watcher = reach.of(Actor(77, "看", {0: frozenset({role})}))
        with told(bound, watcher) as connection:
            assert seen(connection, "cases") == 1
            assert seen(connection, "materials") == seen(connection, "documents") == seen(connection, "files") == 0


def test_nobody_writes_into_a_foreign_case(bound: Engine, world: World) -> None:
    case, main = world.case(), world.case().main_site_id
    with told(bound, reach.Reach((main + 1000,), user_id=999)) as connection:
        assert connection.execute(text("update cases set status = 'CLOSED'")).rowcount == 0
        assert connection.execute(text("delete from tasks")).rowcount == 0
        with pytest.raises(ProgrammingError, match="row-level security"):
            connection.execute(
                text("insert into case_subjects (case_id, kind, blind, is_open) values (:id, 'x', 'y', true)"),
                {"id": case.id},
            )


def test_the_record_is_only_added_to(bound: Engine, world: World) -> None:
    del world
    with told(bound, reach.EVERYTHING) as connection:
        sealed = connection.execute(text("update audit_events set kind = 'x' where hash is not null"))
        assert sealed.rowcount == 0
    for table in ("audit_events", "audit_reads"):
        with told(bound, reach.EVERYTHING) as connection, pytest.raises(ProgrammingError, match="permission denied"):
            connection.execute(text(f"delete from {table}"))  # noqa: S608 -- our own names


def test_a_step_holds_its_case_and_no_other(world: World) -> None:
    task = world.task("prepare")
    clerk = world.people["clerk"]
    with world.platform.transaction(clerk) as ctx:
        assert ctx.session.get(Task, task.id) is not None
        held = text("select current_setting('lianban.cases', true)")
        assert ctx.session.execute(held).scalar_one() == ""
        reach.hold(ctx.session, task.case_id)
        assert ctx.session.execute(held).scalar_one() == f"{{{task.case_id}}}"
        with pytest.raises(NotFound):
            reach.hold(ctx.session, task.case_id + 1000)
        assert ctx.session.execute(held).scalar_one() == f"{{{task.case_id}}}"


def test_the_platform_acts_in_a_part_of_a_transaction_only(world: World) -> None:
    with world.platform.transaction(world.people["stranger"]) as ctx:
        assert ctx.session.query(Leg).count() == 0
        with reach.for_platform(ctx.session):
            assert ctx.session.query(Leg).count() == 1
        assert ctx.session.query(Leg).count() == 0


def test_a_part_that_failed_leaves_nothing_to_be_written_for_the_platform(world: World) -> None:
    foreign = CaseSubject(case_id=world.case().id, kind="x", blind="y", is_open=True)
    with world.platform.transaction(world.people["stranger"]) as ctx:
        with suppress(ValueError), reach.for_platform(ctx.session):
            ctx.session.add(foreign)
            raise ValueError
        with pytest.raises(ProgrammingError, match="row-level security"):
            ctx.session.flush()
        ctx.session.rollback()


def test_a_change_by_key_hits_its_rows_or_fails(world: World, product: Platform) -> None:
    case, task = world.case(), world.task("prepare")
    by_key = update(Task).where(Task.id == task.id).values(name="x")
    several = update(Task).where(Task.id.in_([task.id, task.id])).values(name="x")
    for statement in (by_key, several, delete(Case).where(Case.id == case.id)):
        with pytest.raises(ChangeMissed), product.transaction(world.people["stranger"]) as ctx:
            ctx.session.execute(statement)
    for statement in (by_key, several):
        with product.transaction(world.people["clerk"]) as ctx:
            ctx.session.execute(statement)
    assert world.task("prepare").name == "x"


def test_what_was_loaded_is_deleted_or_the_deletion_fails(world: World, product: Platform) -> None:
    applicant, stranger = world.people["applicant"], world.people["stranger"]
    with product.transaction(applicant) as ctx:
        now, item = ctx.clock.now(), world.case().item_code
        values = {"item_code": item, "data": {}, "materials": [], "updated_at": now, "expires_at": now}
        ctx.session.add(ApplicationDraft(user_id=applicant.user_id, **values))
    with product.transaction(stranger) as ctx:
        with reach.for_platform(ctx.session):
            found = ctx.session.query(ApplicationDraft).one()
        draft_id = found.id
        ctx.session.delete(found)
        with pytest.raises(ChangeMissed):
            ctx.session.flush()
        ctx.session.rollback()
    own = delete(ApplicationDraft).where(ApplicationDraft.user_id == applicant.user_id)
    with pytest.raises(DatabaseError, match="the own rows"), product.transaction(stranger) as ctx:
        ctx.session.execute(own)
    with product.transaction(applicant) as ctx:
        assert ctx.session.execute(own.returning(ApplicationDraft.id)).all() == [(draft_id,)]


def test_a_change_by_conditions_needs_to_reach_all_that_they_mean(world: World, product: Platform) -> None:
    task = world.task("prepare")
    every = update(Task).where(Task.case_id == task.case_id, Task.state == "open").values(name="y")
    for who in ("clerk", "stranger"):
        with pytest.raises(DatabaseError, match="a held case"), product.transaction(world.people[who]) as ctx:
            ctx.session.execute(every)
    with product.transaction(world.people["clerk"]) as ctx:
        reach.hold(ctx.session, task.case_id)
        ctx.session.execute(every)
    assert world.task("prepare").name == "y"


def test_a_table_made_anew_is_secured_again(pg_url: str) -> None:
    owner = create_engine(pg_url)
    with owner.connect() as connection:
        connection.execute(text("alter table ratings disable row level security"))
        secure(connection, "lianban_app")
        query = text("select relrowsecurity from pg_class where oid = 'ratings'::regclass")
        assert connection.execute(query).scalar_one()
        connection.rollback()
    owner.dispose()


def test_securing_again_changes_nothing_and_an_unbound_role_is_refused(pg_url: str) -> None:
    owner = create_engine(pg_url)
    with owner.begin() as connection:
        before = connection.scalars(text("select oid from pg_policy order by oid")).all()
        secure(connection, "lianban_app")
        assert connection.scalars(text("select oid from pg_policy order by oid")).all() == before
    with owner.connect() as connection, pytest.raises(RowSecurityOff):
        require_bound(connection)
    with pytest.raises(RowSecurityOff):
        refuse_unbound(owner)
    owner.dispose()


def test_a_node_starts_while_the_database_is_away() -> None:
    nowhere = create_engine("postgresql+psycopg://nobody@127.0.0.1:1/none")
    refuse_unbound(nowhere)
    assert nowhere.pool.checkedout() == 0  # type: ignore[attr-defined]  # a queue pool
    nowhere.dispose()
