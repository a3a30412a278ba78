"""Deployed versions as the running platform needs them. They never change, so each process keeps what it read."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock
from typing import Any, Generic, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.decisions import store as decisions
from domain.definitions.models import Definition, Form
from domain.errors import NotFound
from engine.contract import Model
from engine.model import from_json

V = TypeVar("V")
KEPT = 256
"""How many models and forms one process remembers."""


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


@dataclass(frozen=True, slots=True)
class Deployed:
    """A deployed version: its number, its model, and which form versions it was deployed with."""

    id: int
    key: str
    version: int
    name: str
    model: Model
    forms: dict[str, int]
    decisions: dict[str, int]


_DEPLOYED: Memory[Deployed] = Memory()
_SCHEMAS: Memory[dict[str, Any]] = Memory()


def forget() -> None:
    """Drop what this process remembers: for a process that changes its database (tests, reset)."""
    decisions.forget()
    _DEPLOYED.clear()
    _SCHEMAS.clear()


def load_xml(session: Session, definition_id: int) -> bytes:
    """The normalised model that runs. Raises :class:`NotFound`."""
    xml = session.execute(select(Definition.xml).where(Definition.id == definition_id)).scalar_one_or_none()
    if xml is None:
        raise NotFound("没有这个流程版本。", "There is no such definition.")
    return xml


def load_definition(session: Session, definition_id: int) -> Deployed:
    """A deployed version. Raises :class:`NotFound`."""

    def read() -> Deployed:
        found = session.get(Definition, definition_id)
        if found is None:
            raise NotFound("没有这个流程版本。", "There is no such definition.")
        model = from_json(found.model)
        return Deployed(found.id, found.key, found.version, found.name, model, dict(found.forms), dict(found.decisions))

    return _DEPLOYED.get(definition_id, read)


def find_latest(session: Session, key: str) -> Deployed | None:
    """The version that serves new cases, if one is deployed."""
    query = select(Definition.id).where(Definition.key == key).order_by(Definition.version.desc()).limit(1)
    found = session.execute(query).scalar_one_or_none()
    return None if found is None else load_definition(session, found)


def load_schema(session: Session, form_id: str, version: int) -> dict[str, Any]:
    """A published form version's schema. Raises :class:`NotFound`."""

    def read() -> dict[str, Any]:
        query = select(Form.schema).where(Form.form_id == form_id, Form.version == version)
        schema: dict[str, Any] | None = session.execute(query).scalar_one_or_none()
        if schema is None:
            raise NotFound("没有这个表单版本。", "There is no such form version.")
        return schema

    return _SCHEMAS.get((form_id, version), read)
