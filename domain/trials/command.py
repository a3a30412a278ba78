"""A command on a trial: the lock, the act, everything the act causes, and the history."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from domain.context import Context
from domain.trials import clock
from domain.trials.bounds import Bounds
from domain.trials.run import Run, open_run


@contextmanager
def command(ctx: Context, bounds: Bounds, trial_id: int) -> Iterator[Run]:
    """Locks the trial; when the block is done, what it caused happens and the history is written."""
    run = open_run(ctx, bounds, trial_id)
    yield run
    clock.settle(run)
    run.close()
