"""A worker of the queue that forgets no notice, and what the workers of one process have in common: one ear and one heartbeat.

The library's worker listens and beats by itself, each over a connection of its own, and forgets a notice that comes while it fetches:
it would have to poll often. These are told by one listener, so that polling is only a last resort.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import procrastinate
import psycopg
from procrastinate.manager import get_channel_for_queues
from procrastinate.worker import Worker
from psycopg import sql

BEATS: Final = 4
"""Heartbeats within the time after which a silent worker counts as dead."""
NEVER_SECONDS: Final = 10 * 366 * 24 * 3600
"""For duties of the library's worker that are done here for all together, or not needed (jobs of ours are not aborted)."""
_BEAT: Final = "update procrastinate_workers set last_heartbeat = now() where id = any(%(ids)s) returning id"


class PromptWorker(Worker):
    """Fetches until it finds nothing and nobody has told it of a job meanwhile."""

    def __init__(self, app: procrastinate.App, **options: Any) -> None:
        super().__init__(
            app, listen_notify=False, update_heartbeat_interval=NEVER_SECONDS, abort_job_polling_interval=NEVER_SECONDS, **options
        )  # fmt: skip
        self._told = False

    def tell(self) -> None:
        """There may be a job."""
        self._told = True
        self._new_job_event.set()

    async def _fetch_and_process_jobs(self) -> None:
        self._told = True
        while self._told and not self._stop_event.is_set():
            self._told = False
            await super()._fetch_and_process_jobs()  # type: ignore[no-untyped-call]  # the library's


class Pruned(Exception):
    """Another node took this process for dead and its workers off the list: they must start anew."""


async def beat(app: procrastinate.App, workers: Mapping[str, PromptWorker], silence: float) -> None:
    """Say again and again that all workers live, in one statement. Raises :class:`Pruned`."""
    while True:
        await asyncio.sleep(silence / BEATS)
        ids = [worker.worker_id for worker in workers.values() if worker.worker_id is not None]
        if len(await app.connector.execute_query_all_async(_BEAT, ids=ids)) < len(ids):
            raise Pruned


async def listen(address: str, options: Mapping[str, Any], workers: Mapping[str, PromptWorker]) -> None:
    """Tell each worker of the jobs in its queue (``workers`` by queue), over one connection. Ends only by an exception.

    The event loop watches the socket: the driver's own generator of notices wakes up ten times a second for nothing.
    """
    channels = {channel: worker for queue, worker in workers.items() for channel in get_channel_for_queues([queue])}
    loop = asyncio.get_running_loop()
    broken: asyncio.Future[None] = loop.create_future()
    async with await psycopg.AsyncConnection.connect(address, autocommit=True, **options) as connection:
        for channel in channels:
            await connection.execute(sql.SQL("listen {}").format(sql.Identifier(channel)))

        line = connection.fileno()

        def hear() -> None:
            try:
                connection.pgconn.consume_input()
                while (notice := connection.pgconn.notifies()) is not None:
                    channels[notice.relname.decode()].tell()
            except Exception as error:  # noqa: BLE001 -- whatever it is: the task fails with it, and all start anew
                loop.remove_reader(line)
                if not broken.done():  # the node may be ending already
                    broken.set_exception(error)

        loop.add_reader(line, hear)
        try:
            for worker in workers.values():  # of what came before anybody listened
                worker.tell()
            await broken
        finally:
            loop.remove_reader(line)
