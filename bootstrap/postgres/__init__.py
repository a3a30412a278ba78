"""The embedded PostgreSQL: real server binaries under our own small supervisor."""

from bootstrap.postgres.binaries import Binaries, find_binaries
from bootstrap.postgres.cluster import Cluster

__all__ = ["Binaries", "Cluster", "find_binaries"]
