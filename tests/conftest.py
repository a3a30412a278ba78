"""What all tests share: one embedded PostgreSQL per session, one migrated database per worker.

- ``pg_admin_url``: the session's server (databases of your own: create and drop them).
- ``pg_url``: this worker's database, migrated to the newest revision.
- ``engine_sql``: an SQLAlchemy engine on it, with the product's own connection settings.
- ``session``: a session inside a transaction that is rolled back after the test (savepoints make commit() harmless).
- ``empty_database``: for tests that really commit (several connections, processes): all tables are emptied afterwards.
- ``demo_template``: the name of a database with the whole demo in it, to be copied (:mod:`tests.support.databases`).
- ``kernel``, ``feel``: this worker's expression kernel, patient because a busy machine must not matter.
- ``chromium``: headless Chromium, for the tests of one module (two live Playwrights in one process exclude each other).
- ``platform``: a :class:`bootstrap.container.Platform` on ``engine_sql`` in training mode; implies ``empty_database``.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import hypothesis
import psycopg
import pytest
import pytest_socket
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import Engine, NullPool, create_engine, event, text
from sqlalchemy.orm import Session

from bootstrap import demo
from bootstrap.container import Platform, make_sql_engine
from bootstrap.migrations import migrate
from bootstrap.postgres import Cluster
from bootstrap.processes import file_lock
from bootstrap.settings import ROOT, Settings
from domain.base import set_seal
from domain.definitions import store
from domain.sealing import Seal
from forms.expressions import FeelExpressions
from forms.kernel import BUNDLE, Kernel
from tests.support import databases
from tests.support.clusters import by_copy
from tests.support.distribution import ByModule, longest_first
from tests.support.economy import economise
from tests.support.emptying import empty
from tests.support.reach_watch import watch

TEST_KEY = b"a key for tests, not for people!"
PATIENT: Any = {
    "lock_timeout": timedelta(seconds=60),
    "statement_timeout": timedelta(seconds=300),
    "idle_transaction_timeout": timedelta(seconds=300),
    "expression_milliseconds": 20_000,
}
"""Limits that a busy machine must not reach; the tests of just these limits have their own."""
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
# The same examples in each run, on whichever machine; HYPOTHESIS_PROFILE=search looks for new ones.
hypothesis.settings.register_profile(
    "same", derandomize=True, database=None, deadline=None, suppress_health_check=list(hypothesis.HealthCheck)
)
hypothesis.settings.register_profile("search", deadline=None, suppress_health_check=list(hypothesis.HealthCheck))
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("browser") or item.get_closest_marker("network"):
            item.add_marker(pytest.mark.allow_hosts(["127.0.0.1", "::1", "localhost"]))
    longest_first(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByModule:
    return ByModule(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """What the process remembers begins anew with each test, before any fixture.

    - A test that put its own ``socket.getaddrinfo`` in place gave the blocked one back after the plugin's clean-up.
    - A command run in this process installs the seal of its own deployment.
    - Databases come and go, and their ids begin at 1 again (or do not: a rolled-back test has drawn some).
    """
    pytest_socket.enable_socket()
    set_seal(Seal(TEST_KEY))
    store.forget()


@pytest.fixture(scope="session", autouse=True)
def economy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        economise(patch)
        patch.setattr(Cluster, "_init", by_copy(tmp_path_factory.mktemp("cluster")))
        yield


@pytest.fixture(scope="session")
def pg_admin_url(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> str:
    own = tmp_path_factory.getbasetemp()
    shared, leader = (own, os.getpid()) if worker_id == "master" else (own.parent, os.getppid())
    with file_lock(shared / "postgres.lock") as lock:
        lock.wait()
        address = shared / "postgres.url"
        if not address.exists():
            address.write_text(_start_keeper(shared / "pg", leader), encoding="ascii")
            _make_template(address.read_text(encoding="ascii"))
        return address.read_text(encoding="ascii")


def _start_keeper(folder: Path, leader: int) -> str:
    log = folder.with_suffix(".log")
    with log.open("wb") as errors:
        keeper = subprocess.Popen(
            [sys.executable, str(Path(__file__).parent / "support" / "keep_postgres.py"), str(folder), str(leader)],
            stdout=subprocess.PIPE,
            stderr=errors,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            start_new_session=True,
        )
    assert keeper.stdout is not None
    with keeper.stdout:
        url = keeper.stdout.readline().decode().strip()
    keeper.returncode = 0  # it ends after us, by itself
    assert url, log.read_text(encoding="utf-8")
    return url


def _make_template(admin_url: str) -> None:
    server = create_engine(admin_url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with server.connect() as admin:
        admin.execute(text(f"create database {databases.SCHEMA}"))
    engine = create_engine(databases.url_of(admin_url, databases.SCHEMA))
    with engine.begin() as connection:
        migrate(connection)
    engine.dispose()


@pytest.fixture(scope="session")
def pg_url(pg_admin_url: str, worker_id: str) -> str:
    return databases.url_of(pg_admin_url, databases.make_once(pg_admin_url, f"lianban_{worker_id}", lambda _: None))


@pytest.fixture(scope="session")
def demo_template(pg_admin_url: str, ordinary_settings: Settings) -> str:
    def fill(url: str) -> None:
        engine = make_sql_engine(ordinary_settings, url)
        store.forget()
        demo.load(Platform(ordinary_settings, engine))
        engine.dispose()

    return databases.make_once(pg_admin_url, "lianban_demo", fill)


@pytest.fixture(scope="session")
def settings(ordinary_settings: Settings) -> Settings:
    """What most tests run with; a module may have others."""
    return ordinary_settings


@pytest.fixture(scope="session")
def ordinary_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = tmp_path_factory.mktemp("home")
    return Settings(
        home=home, training=True, demo=True, one_person_demo=True, data_key=TEST_KEY, secret_key=TEST_KEY, **PATIENT
    )


@pytest.fixture(scope="session")
def engine_sql(pg_url: str, settings: Settings) -> Iterator[Engine]:
    engine = make_sql_engine(settings, pg_url)
    # What a test asks of the tables beside the product sees all; the product tells each of its transactions who acts.
    event.listen(engine, "connect", _see_everything)
    watch(engine)
    yield engine
    engine.dispose()


def _see_everything(connection: psycopg.Connection, _: object) -> None:
    connection.execute("set lianban.scope = 'system'")
    connection.commit()


@pytest.fixture
def session(engine_sql: Engine) -> Iterator[Session]:
    with engine_sql.connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as inner:
            yield inner
        outer.rollback()


@pytest.fixture
def empty_database(engine_sql: Engine) -> Iterator[None]:
    yield
    engine_sql.dispose()  # what a test killed or left half done is no part of the emptying
    with engine_sql.begin() as connection:
        empty(connection)


@pytest.fixture
def platform(engine_sql: Engine, settings: Settings, empty_database: None) -> Platform:
    del empty_database
    return Platform(settings, engine_sql)


@pytest.fixture(scope="session")
def kernel() -> Iterator[Kernel]:
    assert BUNDLE.exists(), "build the kernel first: make build"
    made = Kernel(time_limit_ms=20_000)
    yield made
    made.close()


@pytest.fixture(scope="session")
def feel(kernel: Kernel) -> FeelExpressions:
    return FeelExpressions(kernel)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    path = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
    assert path, "Chromium is missing: run .ci/browser"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"], timeout=240_000)
        yield browser
        browser.close()
