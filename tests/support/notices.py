"""Written notices, made directly in the tables: a stop of a clock needs one."""

from sqlalchemy import func, select

from domain.cases.rows import LegRow
from domain.context import Context
from domain.documents.models import Document


def give_notice(ctx: Context, leg: LegRow, code: str = "YCGZ") -> Document:
    """A 告知书 of the leg, issued now."""
    number = ctx.session.scalar(select(func.count()).select_from(Document)) or 0
    notice = Document(
        case_id=leg.case_id,
        leg_id=leg.id,
        site_id=leg.site_id,
        code=code,
        title="告知书",
        number=f"砚公户告〔2026〕{number + 1}号",
        content={},
        issued_at=ctx.clock.now(),
    )
    ctx.session.add(notice)
    ctx.session.flush()
    return notice
