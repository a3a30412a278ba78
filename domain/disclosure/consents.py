"""未成年人: the separate consent of a guardian for data of children (个人信息保护法第三十一条), kept with the case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, mapped_column

from domain.audit import service as audit
from domain.base import Base
from domain.clock import CHINA
from domain.context import Context
from domain.deadlines import policies
from domain.errors import DomainError
from forms.definitions import FormField, list_fields

MINOR: Final = "minor"
_ID_LENGTH: Final = 18


class GuardianConsentMissing(DomainError):
    """The form holds data of a child and nobody consented for it separately."""

    code = "guardian-consent"
    title_zh = "缺少监护人的单独同意"
    title_en = "The guardian's separate consent is missing"
    next_zh = "请由监护人阅读并勾选单独同意；不同意则不能提交该未成年人的信息。"
    next_en = "The guardian must read and tick the separate consent; without it the child's data cannot be handed in."


class Consent(Base):
    """What somebody agreed to with an application: ``text`` as it stood in the form, ``people`` how many children it is for."""

    __tablename__ = "consents"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    people: Mapped[int]
    form_id: Mapped[str] = mapped_column(String(80))
    text: Mapped[str] = mapped_column(String(400))
    given_by: Mapped[int | None]
    at_window: Mapped[bool]
    given_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Given:
    """The consent that an application brings."""

    people: int
    form_id: str
    text: str


def required(ctx: Context, schema: Mapping[str, Any], data: Mapping[str, Any]) -> Given | None:
    """The guardian's consent in the data of a form; None when it holds no child's. Raises :class:`GuardianConsentMissing`."""
    limit = int(policies.effective(ctx, "consent.childAge").value)
    today = ctx.clock.now().astimezone(CHINA).date()
    fields = list_fields(schema)
    children = sum(_age(born, today) < limit for born in _births(fields, data))
    if not children:
        return None
    for field in fields:
        if field.own("consent") == MINOR and data.get(str(field.component.get("key"))) is True:
            label = str(field.component.get("label") or "")
            return Given(children, str(schema.get("id") or ""), label[:400])
    where = next((field for field in fields if field.own("consent") == MINOR), None)
    raise GuardianConsentMissing(
        f"申请含有 {children} 名不满 {limit} 周岁未成年人的信息。",
        f"The application holds data of {children} children under {limit}.",
        pointer=f"/data/{where.path}" if where else "/data",
    )


def keep(ctx: Context, case_id: int, given: Given, *, at_window: bool) -> None:
    """Write the consent down with the case."""
    ctx.session.add(
        Consent(
            case_id=case_id,
            kind=MINOR,
            people=given.people,
            form_id=given.form_id,
            text=given.text,
            given_by=ctx.actor.user_id or None,
            at_window=at_window,
            given_at=ctx.clock.now(),
        )
    )
    ctx.session.flush()


def record(ctx: Context, case_id: int, given: Given) -> None:
    """Tell it in the record of the case, once its first step is written."""
    audit.record(ctx, "consent.minor", case_id=case_id, data={"people": given.people})


def list_of(ctx: Context, case_id: int) -> list[Consent]:
    """What was agreed to with a case."""
    return list(ctx.session.scalars(select(Consent).where(Consent.case_id == case_id).order_by(Consent.id)))


def _births(fields: list[FormField], data: Mapping[str, Any]) -> Iterator[date]:
    """The days of birth of the people in the data: from ID numbers."""
    for field in fields:
        if field.own("type") == "idcard":
            for value in _values(data, field.path.replace("[]", "").split(".")):
                born = _born(value)
                if born is not None:
                    yield born


def _values(data: Any, path: list[str]) -> Iterator[Any]:
    if isinstance(data, list):
        for each in data:
            yield from _values(each, path)
    elif not path:
        yield data
    elif isinstance(data, Mapping):
        yield from _values(data.get(path[0]), path[1:])


def _born(value: Any) -> date | None:
    text = str(value or "")
    if len(text) != _ID_LENGTH or not text[6:14].isdigit():
        return None
    try:
        return date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return None


def _age(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
