"""Values in scenarios: FEEL behind ``=``, files behind ``upload``, and the facts that FEEL may read."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select

from bootstrap.demo.certificates import CERTIFICATES, GUANGXI_BUILDER, YUNNAN_BUILDER, DemoEmployer
from bootstrap.demo.households import CHILDREN
from bootstrap.demo.people import APPLICANTS, id_number
from bootstrap.scenarios.people import Stumbled
from domain.certificates.models import Certificate
from domain.clock import CHINA
from domain.context import Context
from forms.errors import FormsError
from forms.expressions import FeelExpressions
from forms.kernel import Kernel

PAPER: Final = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
"""An empty PDF: what is handed in unless the name says a picture."""
PICTURE: Final = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
"""A picture of one point."""
Upload = Callable[[str], Mapping[str, Any]]
"""File name → the file as a form's file picker keeps it."""


def resolve(kernel: Kernel, value: Any, facts: Mapping[str, Any], upload: Upload | None = None) -> Any:
    """The value with every ``=expression`` evaluated (one call) and every ``{upload: name}`` handed in.

    ``==text`` is the text ``=text``. Raises :class:`Stumbled` naming the expression.
    """
    sources: list[str] = []
    _collect(value, sources)
    answers: list[Any] = []
    if sources:
        try:
            answers = FeelExpressions(kernel).evaluate(sources, facts)
        except FormsError as error:
            source = getattr(error, "source", "")
            raise Stumbled(f"表达式无法计算：{source}", f"The expression cannot be evaluated: {error}") from None
    return _replace(value, iter(answers), upload)


def is_plain(value: Any) -> bool:
    """Whether it stands for itself: nothing to evaluate, to hand in or to take a mark from."""
    if isinstance(value, Mapping):
        return "upload" not in value and all(is_plain(key) and is_plain(inner) for key, inner in value.items())
    if isinstance(value, list):
        return all(is_plain(inner) for inner in value)
    return not (isinstance(value, str) and value.startswith("="))


def _collect(value: Any, sources: list[str]) -> None:
    if _is_expression(value):
        sources.append(value)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            _collect(key, sources)
            _collect(inner, sources)
    elif isinstance(value, list):
        for inner in value:
            _collect(inner, sources)


def _is_expression(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("=") and not value.startswith("==")


def _replace(value: Any, answers: Any, upload: Upload | None) -> Any:
    if _is_expression(value):
        return next(answers)
    if isinstance(value, str) and value.startswith("=="):
        return value[1:]
    if isinstance(value, Mapping):
        if upload is not None and set(value) == {"upload"}:
            return upload(str(value["upload"]))
        return {_replace(key, answers, None): _replace(inner, answers, upload) for key, inner in value.items()}
    if isinstance(value, list):
        return [_replace(inner, answers, upload) for inner in value]
    return value


def content_of(name: str) -> bytes:
    """What stands in an uploaded file of this name."""
    return PICTURE if name.lower().endswith((".png", ".jpg", ".jpeg")) else PAPER


def invented(ctx: Context, world: Mapping[str, Any]) -> dict[str, Any]:
    """The invented people and things of the demo and of the scenario, by name."""
    people = {person.login: _person(person.name, person.id_no, person.mobile) for person in APPLICANTS}
    people |= {
        row["login"]: _person(row["name"], id_number(row["region"], row["birth"].replace("-", "")), "13800000099")
        for row in world.get("applicants", ())
    }
    children = [
        {
            "name": child.name,
            "idNo": child.id_no,
            "site": child.site_code,
            "address": child.address,
            "parent": child.parent,
            "sex": _sex(child.id_no),
        }
        for child in CHILDREN
    ]
    children += [
        {
            "name": row["name"],
            "idNo": number,
            "site": row["site"],
            "address": row.get("address", ""),
            "parent": "",
            "sex": _sex(number),
        }
        for row in world.get("registered", ())
        for number in [id_number(row["region"], row["birth"].replace("-", ""))]
    ]
    held = _certificates(ctx, {person.id_no: person.login for person in APPLICANTS})
    by_holder: dict[str, dict[str, Any]] = {}
    for row in held:
        by_holder.setdefault(row["holder"], {}).setdefault(row["kind"].rpartition("-")[2], row)
    return {
        "people": people,
        "children": children,
        "child": {row["name"]: row for row in children},
        "employers": {"guangxi": _employer(GUANGXI_BUILDER), "yunnan": _employer(YUNNAN_BUILDER)},
        "certificates": held,
        "certificate": by_holder,
    }


def clock_facts(now: datetime) -> dict[str, Any]:
    """``now()`` and ``today()`` of FEEL, and ``today`` as text."""
    local = now.astimezone(CHINA).replace(microsecond=0)
    return {"now": local, "today": local.date().isoformat()}


def _person(name: str, id_no: str, mobile: str) -> dict[str, str]:
    return {"name": name, "idNo": id_no, "mobile": mobile, "sex": _sex(id_no)}


def _sex(id_no: str) -> str:
    """GB/T 2261.1 code: the last but one digit is odd for men."""
    return "1" if int(id_no[16]) % 2 else "2"


def _employer(employer: DemoEmployer) -> dict[str, str]:
    return {"name": employer.name, "uscc": employer.uscc}


def _certificates(ctx: Context, logins: Mapping[str, str]) -> list[dict[str, Any]]:
    kinds = {entry.kind for entry in CERTIFICATES}
    rows = ctx.session.scalars(select(Certificate).order_by(Certificate.id)).all()
    return [
        {
            "kind": row.kind,
            "number": row.number,
            "identifier": row.identifier,
            "state": row.state,
            "validUntil": None if row.valid_until is None else row.valid_until.isoformat(),
            "holder": logins.get(str(row.holder[0].get("idNo")), ""),
        }
        for row in rows
        if row.kind in kinds or row.case_id is not None
    ]
