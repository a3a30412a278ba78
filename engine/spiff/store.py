"""The tokens of an instance by id. A saved token stays a row until somebody asks for it: a step touches only a few of many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from engine.spiff.workflow import Token

Row = list[Any]
"""``[id, element, parent, state, memory, variables]`` as it is saved."""

ELEMENT, PARENT, STATE, MEMORY = 1, 2, 3, 4
_EMPTY: Mapping[str, Any] = {}


class TokenStore(dict[str, Any]):
    """Spiff's dictionary of tasks; ``wake`` makes a token of a row."""

    def __init__(self, wake: Callable[[Row], Token]) -> None:
        super().__init__()
        self._wake = wake

    def __getitem__(self, key: str) -> Token:
        found = super().__getitem__(key)
        return self._wake(found) if type(found) is list else found

    def get(self, key: str, default: Any = None) -> Any:
        """The token, made from its row when needed."""
        found = super().get(key, default)
        return self._wake(found) if type(found) is list else found

    def values(self) -> Any:
        """All tokens, made from their rows when needed."""
        return [self[key] for key in self]

    def memory(self, key: str) -> Mapping[str, Any]:
        """What the token remembers, without making it."""
        item = super().__getitem__(key)
        return (item[MEMORY] or _EMPTY) if type(item) is list else item.internal_data

    def memories(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """(id, memory) of every token, without making any."""
        for key, item in self.items():
            yield key, (item[MEMORY] or _EMPTY) if type(item) is list else item.internal_data

    def holding(self, name: str) -> list[str]:
        """Ids of the tokens whose memory holds ``name``."""
        return [key for key, memory in self.memories() if name in memory]

    def rows(self) -> list[Row]:
        """All tokens as rows."""
        return [item if type(item) is list else item.row() for item in super().values()]
