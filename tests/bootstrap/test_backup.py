"""Going back to a moment, rehearsed: base backup, archived WAL, damage, a second cluster as it was before."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from bootstrap.container import Platform, make_sql_engine
from bootstrap.errors import BackupNotTaken, BackupNotUsable
from bootstrap.postgres import Cluster, backup
from bootstrap.postgres.binaries import find_system_user
from bootstrap.settings import Settings
from domain.actors import SYSTEM
from domain.audit import service as audit
from domain.cases.models import Case
from domain.deadlines.models import LadderStep
from domain.definitions import store
from scheduler import jobs
from tests.support import models
from tests.support.clusters import migrated
from tests.support.world import World

pytestmark = [pytest.mark.network, pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture
def disk() -> Iterator[Path]:
    """A folder that the database's system user can reach, also when the tests run as root."""
    folder = Path(tempfile.mkdtemp(prefix="lianban-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def archive(disk: Path) -> Path:
    folder = disk / "archive"
    backup.make_archive(folder, find_system_user(None))
    return folder


@pytest.fixture
def cluster(tmp_path: Path, archive: Path) -> Iterator[Cluster]:
    with migrated(Cluster(tmp_path / "first", durable=False, more=backup.archiving(archive))) as made:
        yield made


@pytest.fixture
def second(tmp_path: Path, cluster: Cluster) -> Iterator[Cluster]:
    home = tmp_path / "second"
    made = Cluster(home, durable=False)
    shutil.copytree(cluster.home / "keys", home / "keys")
    yield made
    made.destroy()


def opened(cluster: Cluster, settings: Settings) -> Platform:
    store.forget()
    return Platform(settings, make_sql_engine(settings, cluster.url()))


def now(platform: Platform) -> datetime:
    with platform.sql.connect() as connection:
        moment: datetime = connection.execute(text("select clock_timestamp()")).scalar_one()
        return moment


def chains(platform: Platform) -> list[bool]:
    with platform.transaction(SYSTEM) as ctx:
        return [audit.verify(ctx, case).verified for case in ctx.session.scalars(select(Case.id))]


def reminders(platform: Platform) -> int:
    with platform.transaction(SYSTEM) as ctx:
        return ctx.session.scalar(select(func.count()).select_from(LadderStep)) or 0


def test_back_to_the_moment_before_the_damage(
    cluster: Cluster, second: Cluster, archive: Path, disk: Path, settings: Settings
) -> None:
    platform = opened(cluster, settings)
    world = World(platform).settle()
    world.deploy(models.simple())
    for number in (1, 2):
        world.submit(subject=f"53262220150601000{number}")
    base = backup.take(cluster, disk / "backups")
    world.submit(subject="532622201506010003")
    moment = now(platform)
    world.pass_time("3wd")
    assert jobs.run_due(platform) > 0
    done = reminders(platform)
    assert done > 0
    world.submit(subject="532622201506010004")
    with platform.sql.begin() as connection:
        connection.execute(text("set local role none"))
        connection.execute(text("update audit_events set canonical = '' where seq = 1"))
    assert chains(platform) == [False] * 4
    platform.close()
    cluster.stop()

    backup.restore(second, base, archive=archive, until=moment)
    again = opened(second, settings)
    assert chains(again) == [True] * 3
    assert reminders(again) == 0
    assert jobs.run_due(again) == 0, "nothing is due at the moment we went back to"
    World(again).pass_time("3wd")
    assert jobs.run_due(again) > 0
    assert reminders(again) == done, "what was done after that moment is done again, once"
    assert jobs.run_due(again) == 0
    assert chains(again) == [True] * 3
    with again.sql.begin() as connection:
        connection.execute(text("set local role none"))
        connection.execute(text("create table still_writable (id int)"))
    again.close()
    second.stop()
    second.start()
    assert second.is_ready()


def test_what_cannot_be_restored_is_told_before_anything_is_touched(
    cluster: Cluster, second: Cluster, archive: Path, disk: Path, tmp_path: Path
) -> None:
    base = backup.take(cluster, disk / "backups")
    with pytest.raises(BackupNotUsable, match="There is a database"):
        backup.restore(cluster, base, archive=archive, until=None)
    with pytest.raises(BackupNotUsable, match="no keys"):
        backup.restore(Cluster(tmp_path / "third"), base, archive=archive, until=None)
    with pytest.raises(BackupNotUsable, match="is no backup"):
        backup.restore(second, disk, archive=archive, until=None)
    with cluster.connect() as connection:
        row = connection.execute("select clock_timestamp() + interval '1 day'").fetchone()
    assert row is not None
    later = row[0]
    assert isinstance(later, datetime)
    with pytest.raises(BackupNotUsable, match="does not reach"):
        backup.restore(second, base, archive=archive, until=later)
    with pytest.raises(BackupNotTaken):
        backup.make_archive(disk / "it's", None)
