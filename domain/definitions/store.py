"""Deployed versions as the running platform needs them. They never change, so each process keeps what it read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.decisions import store as decisions
from domain.definitions.models import Definition, Form
from domain.errors import NotFound
from domain.memory import Memory
from engine import places
from engine.contract import CalledProcess, Element, Model
from engine.model import from_json


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


class Elements(Mapping[str, Element]):
    """The elements of a definition; under their longer names (:mod:`engine.places`) also those of definitions it calls."""

    def __init__(self, session: Session, own: Mapping[str, Element]) -> None:
        self._session = session
        self._own = own

    def __getitem__(self, element_id: str) -> Element:
        called, plain = places.split(element_id)
        if called is None:
            return self._own[element_id]
        if not called.isdigit():
            raise KeyError(element_id)
        found = load_definition(self._session, int(called)).model.elements[plain]
        prefix = places.prefix_of(called)
        return replace(found, id=element_id, separation=tuple(prefix + each for each in found.separation))

    def __iter__(self) -> Iterator[str]:
        return iter(self._own)

    def __len__(self) -> int:
        return len(self._own)


def load_elements(session: Session, definition_id: int) -> Elements:
    """The elements that a leg of this definition may be at. Raises :class:`NotFound`."""
    return Elements(session, load_definition(session, definition_id).model.elements)


def load_home(session: Session, definition_id: int, element_id: str) -> Deployed:
    """The definition an element of a running leg lies in: the leg's own or a called one. Raises :class:`NotFound`."""
    called, _ = places.split(element_id)
    return load_definition(session, definition_id if called is None else int(called))


def find_called(session: Session, called: CalledProcess) -> str | None:
    """The id of the definition deployed last that holds a called process (of that version tag).

    A deployment is one file here: what is bound to it and not in the file does not exist.
    """
    if called.binding == "deployment":
        return None
    process = {"id": called.process_id}
    if called.binding == "versionTag":
        process["version_tag"] = called.version_tag or ""
    query = select(Definition.id).where(Definition.model["processes"].contains([process]))
    found = session.execute(query.order_by(Definition.id.desc()).limit(1)).scalar_one_or_none()
    return None if found is None else str(found)


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
