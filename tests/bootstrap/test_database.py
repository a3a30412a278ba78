import pytest
from alembic import command
from pypinyin import Style, lazy_pinyin
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from bootstrap.migrations import configuration, current_revision, newest_revision

NAMES = ["张伟", "李娜", "赵敏", "白海燕", "欧阳锋", "陈建国", "安宁"]


def test_the_migrations_lead_to_the_models(engine_sql: Engine) -> None:
    with engine_sql.connect() as connection:
        assert current_revision(connection) == newest_revision()
        command.check(configuration(connection))


def test_every_migration_can_be_taken_back(pg_admin_url: str) -> None:
    admin = create_engine(pg_admin_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("create database back_and_forth"))
    engine = create_engine(pg_admin_url.rsplit("/", 1)[0] + "/back_and_forth")
    try:
        with engine.begin() as connection:
            command.upgrade(configuration(connection), "head")
        with engine.begin() as connection:
            command.downgrade(configuration(connection), "base")
        with engine.begin() as connection:
            left = connection.execute(
                text("select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace")
            )
            assert left.scalars().all() == ["alembic_version"]
            command.upgrade(configuration(connection), "head")
    finally:
        engine.dispose()
        with admin.connect() as connection:
            connection.execute(text("drop database back_and_forth with (force)"))
        admin.dispose()


def test_parts_of_chinese_words_are_found_by_the_index(session: Session) -> None:
    session.execute(text("set local role none"))
    session.execute(text("create table found_by_part (name text)"))
    session.execute(
        text("insert into found_by_part select '云南省砚山县第' || n || '号居民' from generate_series(1, 20000) n")
    )
    session.execute(text("insert into found_by_part values ('佛山市顺德区公安局'), ('上海市浦东新区')"))
    session.execute(text("create index by_part on found_by_part using gin (name gin_trgm_ops)"))
    session.execute(text("analyze found_by_part"))
    query = "select name from found_by_part where name like '%顺德区公%'"
    assert session.execute(text(query)).scalars().all() == ["佛山市顺德区公安局"]
    session.execute(text("set local enable_seqscan = off"))
    plan = session.execute(text(f"explain (analyze, format json) {query}")).scalar_one()[0]["Plan"]["Plans"][0]
    assert (plan["Node Type"], plan["Index Name"]) == ("Bitmap Index Scan", "by_part")
    assert plan["Actual Rows"] == 1, "the index itself must tell Chinese words apart, not a filter over all rows"


def test_two_characters_are_enough_to_find_a_name(session: Session) -> None:
    session.execute(text("set local role none"))
    session.execute(text("create table short_words (name text)"))
    session.execute(text("insert into short_words values ('张小红'), ('李小明')"))
    assert session.execute(text("select name from short_words where name like '%小红%'")).scalars().all() == ["张小红"]


@pytest.mark.parametrize("collation", [None, "C"])
def test_names_sort_by_pinyin_through_a_sort_key(session: Session, collation: str | None) -> None:
    order = f'sort_key collate "{collation}"' if collation else "sort_key"
    session.execute(text("set local role none"))
    session.execute(text("create table people (name text, sort_key text)"))
    for name in NAMES:
        key = " ".join(lazy_pinyin(name, style=Style.TONE3))
        session.execute(text("insert into people values (:name, :key)"), {"name": name, "key": key})
    by_key = (
        session.execute(
            text(f"select name from people order by {order}")  # noqa: S608 -- one of two constants
        )
        .scalars()
        .all()
    )
    assert by_key == ["安宁", "白海燕", "陈建国", "李娜", "欧阳锋", "张伟", "赵敏"]


def test_the_server_stores_utf8_and_checks_its_pages(session: Session) -> None:
    row = session.execute(
        text(
            "select current_setting('server_encoding'), current_setting('data_checksums'), current_setting('TimeZone')"
        )
    ).one()
    assert tuple(row) == ("UTF8", "on", "UTC")
