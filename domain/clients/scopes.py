"""What API clients may do, and who they are while they do it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from domain.actors import Actor
from domain.reach import EVERYTHING, Reach


class Scope(StrEnum):
    """Rights of a token; every route for clients names the one it needs."""

    EXTERNAL_TASKS = "external-tasks"
    """Fetch, complete and fail external tasks of the client's topics."""


@dataclass(frozen=True, slots=True)
class Client:
    """A client that was let in. ``site_id`` None: all sites; ``items`` None: cases of every item."""

    id: int
    name: str
    site_id: int | None
    scopes: frozenset[str]
    topics: tuple[str, ...]
    items: frozenset[str] | None = None

    @property
    def actor(self) -> Actor:
        """Who acts in the record."""
        return Actor(user_id=0, name=f"接口：{self.name}")

    @property
    def reach(self) -> Reach:
        """What it may see: its site's, or (registered by the platform's administrator) every site's."""
        return EVERYTHING if self.site_id is None else Reach((self.site_id,))

    def allows(self, topic: str) -> bool:
        """Whether it may have this topic's tasks."""
        return any(covers(pattern, topic) for pattern in self.topics)


def covers(pattern: str, topic: str) -> bool:
    """``tax.check`` covers itself, ``tax.*`` all that begin with ``tax.``, ``*`` everything."""
    return topic.startswith(pattern[:-1]) if pattern.endswith("*") else topic == pattern
