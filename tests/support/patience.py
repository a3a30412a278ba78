"""Waiting for what other threads and processes do. Limits only bound a hang: no test is about how fast a machine is."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

PATIENCE_SECONDS: Final = 120.0
_LOOK_SECONDS: Final = 0.02


def until(fact: Callable[[], object], what: str | Callable[[], object]) -> None:
    """Look again and again until it is so; ``what`` has not come about when it never is."""
    ends = time.monotonic() + PATIENCE_SECONDS
    pause = threading.Event()
    while not fact():
        assert time.monotonic() < ends, what() if callable(what) else what
        pause.wait(_LOOK_SECONDS)
