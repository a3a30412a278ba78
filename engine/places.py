"""Names of elements that lie in another definition than the instance's own: ``17#review`` is ``review`` in definition 17.

Ids of two files may be equal; so whatever a called process of another file reports or saves carries its definition's id.
"""

from __future__ import annotations

SEPARATOR = "#"


def prefix_of(definition_id: str) -> str:
    """What every id of that definition begins with."""
    return f"{definition_id}{SEPARATOR}"


def split(element_id: str) -> tuple[str | None, str]:
    """(definition id, id in its file); the definition is None for an element of the instance's own definition."""
    definition_id, separator, plain = element_id.partition(SEPARATOR)
    return (definition_id, plain) if separator else (None, element_id)
