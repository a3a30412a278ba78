"""What a process remembers of rows that never change: the last things read, by key."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

V = TypeVar("V")
KEPT = 256
"""How many things one memory keeps."""


class Memory(Generic[V]):
    """The last things read, by key; safe for several threads. Only for rows that never change."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._values: OrderedDict[Hashable, V] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, read: Callable[[], V]) -> V:
        """The value, read when it is not known yet."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        value = read()
        with self._lock:
            self._values[key] = value
            while len(self._values) > self._kept:
                self._values.popitem(last=False)
        return value

    def clear(self) -> None:
        """Forget everything (another database is being used)."""
        with self._lock:
            self._values.clear()
