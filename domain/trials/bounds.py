"""How much a designer may try at once. The deployment's settings say so (docs/configuration.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Bounds:
    """``trials`` per owner; of one trial: ``resources`` and their ``bytes``, ``instances``, lines of ``history``.

    ``steps`` bounds the engine's commands that one request may cause (messages to and fro, timers); ``retention`` is how long
    a trial stays after it was used last.
    """

    trials: int = 1_000
    resources: int = 50
    bytes: int = 5_000_000
    instances: int = 1_000
    history: int = 200_000
    steps: int = 1_000
    retention: timedelta = timedelta(days=3)
