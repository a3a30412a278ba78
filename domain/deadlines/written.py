"""A stop of a clock is told in writing before it holds (行政许可法 art. 32 and 45): which document, and that it is new."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import DateTime, column, select, table, update

from domain.context import Context
from domain.deadlines.errors import StopNeedsNotice
from domain.deadlines.models import ClockEvent

NOTICES: Final = {"SUPPLEMENT": "YCGZ"}
"""The written notice behind a stop; every other reason is told by 特别程序告知书, which says how long."""
SPECIAL_NOTICE: Final = "TBCX"
TITLES: Final = {
    "YCGZ": ("一次性告知书", "the one-time notice"),
    "TBCX": ("特别程序告知书", "the notice of a special procedure"),
}
FRESH: Final = timedelta(days=1)
"""A notice stops the clock when it is given, not at some later time."""
_DOCUMENTS = table(
    "documents",
    *(column(name) for name in ("id", "case_id", "leg_id", "code")),
    column("issued_at", DateTime(timezone=True)),
)


def require(ctx: Context, case_id: int, leg_id: int, reason: str, now: datetime) -> int:
    """The document that tells of this stop: just issued in this leg, and not yet used for another. Raises :class:`StopNeedsNotice`."""
    code = NOTICES.get(reason, SPECIAL_NOTICE)
    used = select(ClockEvent.document_id).where(
        ClockEvent.case_id == case_id, ClockEvent.action == "stop", ClockEvent.document_id.is_not(None)
    )
    mine: tuple[Any, ...] = (_DOCUMENTS.c.case_id == case_id, _DOCUMENTS.c.leg_id == leg_id, _DOCUMENTS.c.code == code)
    query = select(_DOCUMENTS.c.id).where(*mine, _DOCUMENTS.c.issued_at > now - FRESH, _DOCUMENTS.c.id.not_in(used))
    found: int | None = ctx.session.scalar(query.order_by(_DOCUMENTS.c.id.desc()).limit(1))
    if found is None:
        zh, en = TITLES[code]
        raise StopNeedsNotice(f"没有出具《{zh}》，不能停止计时。", f"Without {en} the clock does not stop.")
    return found


def link(ctx: Context, case_id: int, actions: Iterable[str], document_id: int) -> None:
    """A document that tells of a change made just before (延期办理通知书): the events of that change name it."""
    open_ = (ClockEvent.case_id == case_id, ClockEvent.action.in_(list(actions)), ClockEvent.document_id.is_(None))
    ctx.session.flush()
    ctx.session.execute(
        update(ClockEvent).where(*open_).values(document_id=document_id),
        execution_options={"synchronize_session": False},
    )
