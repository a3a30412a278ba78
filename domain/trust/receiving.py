"""Notes of other deployments: read, believed or not, and answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from domain.context import Context
from domain.trust import countersigning, key_change, notes
from domain.trust.errors import NoteUnreadable
from domain.trust.notes import Note

_KINDS: Final[Mapping[str, Callable[[Context, Note], dict[str, Any]]]] = {
    key_change.KIND: key_change.accept,
    countersigning.KIND: countersigning.give,
}


def receive(ctx: Context, raw: bytes, signature: str) -> dict[str, Any]:
    """The answer to a note. Raises :class:`NoteUnreadable`, :class:`domain.trust.errors.NoteRefused`."""
    note = notes.read(ctx, raw, signature)
    act = _KINDS.get(note.kind)
    if act is None:
        raise NoteUnreadable("不认识的互信报文种类。", "The kind of note is not known.")
    return act(ctx, note)
