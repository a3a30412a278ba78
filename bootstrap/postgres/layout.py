"""The folders of an embedded cluster and who owns them."""

from __future__ import annotations

import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from bootstrap.postgres.binaries import SYSTEM_FOLDER, SystemUser, may_enter


@dataclass(frozen=True, slots=True)
class Layout:
    """``LIANBAN_HOME/postgres`` (or, as root under a private folder, a link there) and what lies in it."""

    folder: Path

    @property
    def data(self) -> Path:
        """PostgreSQL's data folder."""
        return self.folder / "data"

    @property
    def port_file(self) -> Path:
        """The port, chosen once."""
        return self.folder / "port"

    @property
    def log(self) -> Path:
        """PostgreSQL's own log: errors without statements and values."""
        return self.folder / "postgres.log"

    def port(self) -> int | None:
        """The port chosen at an earlier start."""
        try:
            return int(self.port_file.read_text(encoding="ascii"))
        except (FileNotFoundError, ValueError):
            return None

    def keep_port(self, port: int) -> None:
        """Remember the port for the next starts and for other processes."""
        draft = self.port_file.with_suffix(".new")
        draft.write_text(str(port), encoding="ascii")
        draft.replace(self.port_file)


def find_layout(home: Path) -> Layout:
    """Where the cluster of ``home`` lies, whether or not it was made yet."""
    return Layout((home / "postgres").resolve())


def make_layout(home: Path, user: SystemUser | None) -> Layout:
    """The cluster's folder, made when missing, owned by ``user``.

    When we are root and the system user cannot walk down to ``home`` (for example under /root), the folder lies in
    ``/var/lib/lianban/clusters`` and ``home/postgres`` is a link to it: modes of folders that are not ours stay as they are.
    """
    folder = home / "postgres"
    home.mkdir(parents=True, exist_ok=True)
    if not folder.exists():
        if user is not None and not may_enter(home, user):
            target = SYSTEM_FOLDER / "clusters" / secrets.token_hex(8)
            target.mkdir(parents=True, mode=0o755)
            folder.unlink(missing_ok=True)  # a link whose target was removed
            folder.symlink_to(target)
        else:
            folder.mkdir()
    layout = Layout(folder.resolve())
    layout.folder.chmod(0o700)
    if user is not None:
        os.chown(layout.folder, user.uid, user.gid)
    return layout


def remove_layout(home: Path) -> None:
    """Delete the cluster of ``home`` with all its data. The caller has stopped the server."""
    folder = home / "postgres"
    target = folder.resolve()
    if target.exists():
        shutil.rmtree(target)
    if folder.is_symlink():
        folder.unlink()
