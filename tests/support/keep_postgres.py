"""Runs the test session's PostgreSQL until the process that leads the session ends, however it ends.

usage: keep_postgres.py FOLDER PID   (prints the administrator's address when ready)
"""

import sys
from pathlib import Path

import psutil

from bootstrap.postgres import Cluster


def main() -> None:
    folder, pid = Path(sys.argv[1]), int(sys.argv[2])
    leader = psutil.Process(pid)
    # No vacuum: rows lie in the order in which they were written, and plans do not change while tests run.
    cluster = Cluster(folder, durable=False, more={"autovacuum": "off", "wal_level": "minimal", "max_wal_senders": "0"})
    cluster.start()
    print(cluster.url("postgres", admin=True), flush=True)  # noqa: T201 -- the answer to the session
    sys.stdout.close()
    try:
        leader.wait()
    finally:
        cluster.destroy()


if __name__ == "__main__":
    main()
