"""Parsed definitions by id: what was read once need not be read again; the least recently used go first."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING

from engine import places
from engine.source import pipeline
from engine.spiff.parser import read_definition

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.limits import Limits
    from engine.spiff.definition import Definition


class Library:
    """Definitions as their own instances run them, and as instances of others call them. Safe for several threads."""

    def __init__(self, source: Callable[[str], bytes], limits: Limits) -> None:
        self._source = source
        self._limits = limits
        self._definitions: OrderedDict[str, Definition] = OrderedDict()
        self._lock = Lock()

    def get(self, definition_id: str, *, called: bool = False) -> Definition:
        """A definition; what is not known yet is asked of ``source``."""
        key = places.prefix_of(definition_id) if called else definition_id
        with self._lock:
            found = self._definitions.get(key)
            if found is not None:
                self._definitions.move_to_end(key)
                return found
        return self._keep(definition_id, self._source(definition_id), called=called)

    def learn(self, definition_id: str, xml: bytes) -> None:
        """Know a definition before ``source`` can give it."""
        self._keep(definition_id, xml, called=False)
        self._keep(definition_id, xml, called=True)

    def _keep(self, definition_id: str, xml: bytes, *, called: bool) -> Definition:
        key = places.prefix_of(definition_id) if called else definition_id
        made = read_definition(pipeline.reread(xml, self._limits), definition_id, called=called)
        made.others = self._called
        with self._lock:
            self._definitions[key] = made
            while len(self._definitions) > self._limits.cached_definitions:
                self._definitions.popitem(last=False)
        return made

    def _called(self, definition_id: str) -> Definition:
        """A definition as instances of others call it: its elements say that they are from there."""
        return self.get(definition_id, called=True)
