"""Models of other engines: converted to our dialect with a report, checked as a deployment would be; nothing is kept."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from domain.context import Context
from domain.definitions import queries, service
from domain.definitions.errors import DefinitionRefused
from engine.errors import DefinitionRefused as EngineRefusal
from engine.importing.report import Change

_ENCODING = re.compile(r"""^(\s*<\?xml[^>]*?)\s+encoding\s*=\s*["'](?!utf-8["'])[^"']*["']""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Imported:
    """A converted model, whose it was, what changed, the forms made from form fields, and what a check says now."""

    xml: bytes
    dialect: str
    changes: list[dict[str, Any]]
    forms: Mapping[str, Mapping[str, Any]]
    checked: service.Checked


def convert(ctx: Context, source: bytes) -> Imported:
    """Convert and check. Raises :class:`DefinitionRefused` when the bytes are no BPMN at all."""
    try:
        made = ctx.engine.convert(source)
    except EngineRefusal as error:
        raise DefinitionRefused([service.to_row(finding) for finding in error.findings]) from None
    changes = [change_row(change) for change in made.changes]
    return Imported(made.xml, made.dialect, changes, made.forms, service.check(ctx, made.xml, written=source))


def plain(ctx: Context, version_id: int, keep: Collection[str] = ()) -> bytes:
    """A version without our extensions and those of other engines. Raises NotFound."""
    return ctx.engine.plain(queries.get_version_source(ctx.session, version_id), keep=keep)


def as_bytes(xml: str) -> bytes:
    """A model that came as text: what its head says of an encoding is no longer true."""
    return _ENCODING.sub(r"\1", xml.lstrip("\ufeff"), count=1).encode()


def change_row(change: Change) -> dict[str, Any]:
    """A line of the report as it is stored and shown."""
    return {
        "element_id": change.element_id,
        "line": change.line,
        "kind": change.kind.value,
        "what": change.what,
        "before": change.before,
        "after": change.after,
        "message": change.message_zh,
        "message_en": change.message_en,
    }
