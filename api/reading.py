"""Telling the record that a view showed personal data of a case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from domain.audit import service as audit
from domain.base import get_seal
from domain.cases.queries import Frame
from domain.cases.scope import Sight
from domain.context import Context

SHOWN: Final = {
    Sight.FULL: ("application", "materials", "documents", "registrations"),
    Sight.PARTNER: ("received", "materials", "documents", "registrations"),
    Sight.MASKED: ("subject",),
}
"""Kinds of personal data on a case's page, by how much its reader sees; BLIND sees none."""
_PAPERS: Final = frozenset({"materials", "documents", "registrations"})


def case_read(
    ctx: Context,
    frame: Frame,
    kind: str,
    *fields: str,
    data: Mapping[str, Any] | None = None,
) -> None:
    """A page of a case was shown; ``fields`` left out: what its reader sees of a case."""
    shown = fields or SHOWN.get(frame.view.sight, ())
    if not fields and not frame.view.shows_papers:
        shown = tuple(name for name in shown if name not in _PAPERS)
    if not shown:
        return
    own = frame.own
    mine = own if own is not None and own.site_id in frame.view.my_sites else None
    audit.record_read(
        ctx,
        kind,
        case_id=frame.case.id,
        leg_id=mine.id if mine else None,
        site_id=mine.site_id if mine else None,
        subject_id=frame.case.applicant_user_id,
        fields=shown,
        data=data,
    )


def search_read(ctx: Context, kind: str, words: str | None, found: int) -> None:
    """Somebody searched with words: they are kept as a keyed fingerprint only, so that a search for somebody can be proved."""
    if words:
        audit.record_read(ctx, kind, fields=["subject"], data={"words": get_seal().blind(words), "found": found})
