"""The run folder: small files that the processes of one node share while it runs. Nothing in it outlives the node."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bootstrap.settings import Settings

_DRAINING = "draining"


@contextmanager
def run_folder(settings: Settings) -> Iterator[Path]:
    """The folder that our parent gave us, or a new one that goes at the end of the block."""
    if settings.run_folder is not None:
        settings.run_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        yield settings.run_folder
        return
    folder = Path(tempfile.mkdtemp(prefix="lianban-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def start_draining(folder: Path) -> bool:
    """Tell all processes of the node that it is about to stop. False when that was said before."""
    try:
        (folder / _DRAINING).touch(mode=0o600, exist_ok=False)
    except FileExistsError:
        return False
    return True


def is_draining(folder: Path | None) -> bool:
    """Whether the node is about to stop."""
    return folder is not None and (folder / _DRAINING).exists()
