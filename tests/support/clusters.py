"""A cluster as ``initdb`` makes it, made once: every further one of the worker is a copy with the same password."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine

from bootstrap.keys import write_whole
from bootstrap.migrations import migrate
from bootstrap.postgres import Cluster
from bootstrap.postgres.binaries import Binaries
from bootstrap.postgres.cluster import ADMIN
from bootstrap.postgres.layout import Layout

by_initdb = Cluster._init
"""As the product does it; for the tests of just that."""


def by_copy(folder: Path) -> Callable[[Cluster, Binaries, Layout], None]:
    """What takes the place of :data:`by_initdb`; the first goes to ``folder``."""
    original, passwords = folder / "data", list[str]()

    def make(cluster: Cluster, binaries: Binaries, layout: Layout) -> None:
        secret = cluster.home / "keys" / f"postgres-{ADMIN}"
        if not passwords:
            by_initdb(cluster, binaries, layout)
            passwords.append(secret.read_text("ascii"))
            _copy(layout.data, original)
            return
        if not secret.exists():
            secret.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_whole(secret, passwords[0])
        if secret.read_text("ascii") == passwords[0]:
            _copy(original, layout.data)
        else:
            by_initdb(cluster, binaries, layout)

    return make


def _copy(source: Path, target: Path) -> None:
    subprocess.run(["/bin/cp", "-a", str(source), str(target)], check=True)  # with owner and modes


@contextmanager
def migrated(cluster: Cluster) -> Iterator[Cluster]:
    """Started, with the newest schema; destroyed at the end."""
    cluster.start()
    sql = create_engine(cluster.url())
    with sql.begin() as connection:
        migrate(connection)
    sql.dispose()
    yield cluster
    cluster.destroy()
