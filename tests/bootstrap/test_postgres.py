import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from bootstrap.errors import BadSetting, PostgresNotFound, PostgresNotStarted, PostgresTooOld
from bootstrap.postgres import Cluster, find_binaries
from bootstrap.postgres.binaries import find_system_user
from bootstrap.postgres.layout import find_layout
from bootstrap.processes import processes_in
from bootstrap.settings import ROOT, Settings
from tests.support.clusters import by_initdb

pytestmark = [pytest.mark.network, pytest.mark.slow, pytest.mark.timeout(600)]

OWNER = """
import sys, time
from pathlib import Path
from bootstrap.postgres import Cluster
cluster = Cluster(Path(sys.argv[1]))
cluster.start()
print("up", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    made = Cluster(tmp_path / "home")
    yield made
    made.destroy()


def count(cluster: Cluster) -> int:
    with cluster.connect("lianban") as connection:
        connection.execute("create table if not exists kept (id int)")
        connection.execute("insert into kept values (1)")
        row = connection.execute("select count(*) from kept").fetchone()
    assert row is not None
    return int(str(row[0]))


def main_process(cluster: Cluster) -> psutil.Process:
    found = cluster._adopted()
    assert found is not None
    return found


def test_it_starts_stops_and_keeps_its_port_and_rows(cluster: Cluster) -> None:
    assert cluster.start()
    port = find_layout(cluster.home).port()
    assert count(cluster) == 1
    assert not cluster.start(), "a running server is used as it is"
    cluster.stop()
    assert not cluster.is_running()
    assert cluster.start()
    assert find_layout(cluster.home).port() == port
    assert count(cluster) == 2


def test_committed_rows_survive_kill_9_of_the_server(cluster: Cluster) -> None:
    cluster.start()
    count(cluster)
    main_process(cluster).kill()
    assert cluster.start(), "at once, while the dead server's children may still be there"
    assert count(cluster) == 2


def test_the_server_ends_with_its_owner_even_after_kill_9(cluster: Cluster) -> None:
    with owner_of(cluster.home) as owner:
        server = main_process(cluster)
        owner.kill()
    server.wait(60)
    assert cluster.start()
    assert count(cluster) == 1


def owner_of(home: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(home)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    return process


def test_a_server_that_another_process_started_can_be_used_and_stopped(cluster: Cluster) -> None:
    with owner_of(cluster.home) as owner:
        assert cluster.is_running()
        assert not cluster.start()
        assert count(cluster) == 1
        cluster.stop()
        assert not processes_in(find_layout(cluster.home).data)
        owner.kill()


def test_a_pid_file_that_names_a_living_stranger_is_no_server(cluster: Cluster) -> None:
    cluster.start()
    lock = find_layout(cluster.home).data / "postmaster.pid"
    lines = lock.read_text(encoding="ascii").splitlines()
    cluster.stop()
    with subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE) as stranger:
        lock.write_text("\n".join([str(stranger.pid), *lines[1:], ""]), encoding="ascii")
        assert cluster.start()
        assert count(cluster) == 1
        assert stranger.poll() is None, "the stranger was left alone"
        stranger.kill()


def test_another_server_on_the_port_is_not_mistaken_for_ours(cluster: Cluster, tmp_path: Path) -> None:
    cluster.start()
    cluster.stop()
    other = Cluster(tmp_path / "other")
    other.start()
    try:
        port = find_layout(other.home).port()
        assert port is not None
        find_layout(cluster.home).keep_port(port)
        assert not cluster.is_running()
        assert cluster.start()
        assert find_layout(cluster.home).port() != port
    finally:
        other.destroy()


def test_keys_that_do_not_fit_the_data_are_named_and_nothing_is_left_running(cluster: Cluster) -> None:
    cluster.start()
    cluster.stop()
    (cluster.home / "keys" / "postgres-postgres").unlink()
    with pytest.raises(PostgresNotStarted) as caught:
        cluster.start()
    assert "keys" in caught.value.next_en
    assert not processes_in(find_layout(cluster.home).data)


def test_data_of_another_major_version_is_refused(cluster: Cluster) -> None:
    cluster.start()
    cluster.stop()
    (find_layout(cluster.home).data / "PG_VERSION").write_text("14\n", encoding="ascii")
    with pytest.raises(PostgresTooOld):
        cluster.start()


def test_an_interrupted_initdb_leaves_nothing_that_looks_like_a_cluster(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Cluster, "_init", by_initdb)
    cluster.start()
    cluster.stop()
    layout = find_layout(cluster.home)
    layout.data.rename(layout.folder / "data.new")
    assert not cluster.exists()
    assert cluster.start()
    assert count(cluster) == 1


def test_passwords_are_needed_and_kept_private(cluster: Cluster) -> None:
    cluster.start()
    port = find_layout(cluster.home).port()
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(host="127.0.0.1", port=port, user="postgres", dbname="postgres", password="guess")
    for key in (cluster.home / "keys").iterdir():
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
    with cluster.connect() as connection:
        methods = connection.execute("select distinct auth_method from pg_hba_file_rules").fetchall()
        assert methods == [("scram-sha-256",)]
        assert connection.execute("show listen_addresses").fetchone() == ("127.0.0.1",)


def test_the_server_never_runs_as_root_and_private_folders_stay_private(tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    cluster = Cluster(private / "home")
    cluster.start()
    try:
        user = find_system_user(None)
        assert (user is not None) == (os.geteuid() == 0)
        assert main_process(cluster).uids().real == (user.uid if user else os.geteuid()) != 0
        assert stat.S_IMODE(private.stat().st_mode) == 0o700
        assert (private / "home" / "postgres").is_symlink() == (user is not None)
        assert count(cluster) == 1
        target = (private / "home" / "postgres").resolve()
    finally:
        cluster.destroy()
    assert not target.exists()
    assert not (private / "home" / "postgres").is_symlink()


def test_a_folder_without_binaries_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(PostgresNotFound, match=str(tmp_path)):
        find_binaries(tmp_path, None)


def test_the_log_holds_no_values(cluster: Cluster) -> None:
    cluster.start()
    with cluster.connect("lianban") as connection:
        connection.execute("create table people (id_no text unique)")
        connection.execute("insert into people values (%s)", ("secret-value",))
        with pytest.raises(psycopg.Error):
            connection.execute("insert into people values (%s)", ("secret-value",))
    cluster.stop()
    log = find_layout(cluster.home).log.read_text(encoding="utf-8")
    assert "people_id_no_key" in log
    assert "secret-value" not in log


def test_misspelt_settings_are_refused() -> None:
    with pytest.raises(BadSetting, match="LIANBAN_DATABSE_URL"):
        Settings.from_environment({"LIANBAN_DATABSE_URL": "x"})
