"""What the values of a definition's forms are called: what was chosen is told in words, not in codes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.definitions import store
from domain.definitions.models import Definition


class OptionName(NamedTuple):
    """An option in both languages."""

    name: str
    name_en: str


def option_names(session: Session, definition_id: int, key: str) -> dict[str, OptionName]:
    """Names of what the fields called ``key`` offer in the forms of a definition, by value."""
    found: dict[str, OptionName] = {}
    forms = session.scalar(select(Definition.forms).where(Definition.id == definition_id)) or {}
    for form_id, version in forms.items():
        schema = store.load_schema(session, form_id, version)
        for component in _components(schema):
            if component.get("key") == key:
                for option in component.get("values") or ():
                    name = str(option.get("label") or option["value"])
                    found.setdefault(str(option["value"]), OptionName(name, str(option.get("labelEn") or name)))
    return found


def _components(part: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for component in part.get("components") or ():
        yield component
        yield from _components(component)
