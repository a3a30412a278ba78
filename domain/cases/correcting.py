"""Correcting variables of a leg that something failed in: by the administrator of its site, with a reason, sealed in the record.

An administrator reads no case content (DOMAIN §5.2): names, types and masked values only. What was and what is written in its place
goes into the record sealed, so that it can be proved and nobody reads it in passing.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from domain.actors import Role
from domain.audit import service as audit
from domain.base import get_seal
from domain.cases import environment, incidents, rows, runtime
from domain.cases import service as cases
from domain.cases.errors import refusals
from domain.cases.models import IncidentRow
from domain.cases.projection import Cause
from domain.cases.rows import LegRow
from domain.context import Context
from domain.errors import Conflict, DomainError, Forbidden, NotFound
from engine import places
from engine.contract import Advance, Environment, Variables
from engine.facade import Engine
from forms.kernel import Expression

MOST_BYTES = 32_768
"""All new values of one correction together, as JSON."""
KEPT_BYTES = 16_384
"""A larger value is kept in the record by its digest."""
PLACE = "audit_events.data"
"""Where the sealed values of a correction lie."""
MASKED_DEPTH = 4
MASKED_ENTRIES = 50
SHOWN_NUMBER = 1_000_000
"""Larger numbers may be somebody's: a telephone or an account."""
FLOW_FAULTS = frozenset({"noFlowTaken", "conditionNotBoolean"})


class NothingFailed(Conflict):
    """Only a leg with an open incident is corrected from outside."""

    code = "no-open-incident"
    title_zh = "该分办件没有未处理的异常"
    title_en = "The leg has no open incident"
    next_zh = "请刷新异常列表；没有异常的办件按流程办理。"
    next_en = "Reload the list of incidents; a case without incident goes on by its process."


class CorrectionRefused(DomainError):
    """The values cannot be written; the fact says why."""

    code = "correction-refused"
    title_zh = "不能这样更正"
    title_en = "This correction is not possible"
    next_zh = "只能更正已有的变量，或出错表达式提到的变量。"
    next_en = "Only variables that exist, or that the failing expression names, can be corrected."


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable as an administrator sees it. ``named``: the failing expression mentions it; it may be missing (type ``missing``)."""

    name: str
    type: str
    masked: Any
    named: bool


@dataclass(frozen=True, slots=True)
class Correctable:
    """A leg's variables where something failed; ``version`` is the leg's."""

    leg_id: int
    version: int
    variables: list[Variable]


def list_variables(ctx: Context, leg_id: int, incident_row_id: int | None = None) -> Correctable:
    """The variables of the process, or those visible where the incident is, masked; what the failing expression names comes first.

    Raises :class:`NotFound`, :class:`Forbidden`, :class:`NothingFailed`.
    """
    leg = rows.lock_leg(ctx, leg_id)
    audit.record_read(
        ctx,
        "variables.read",
        case_id=leg.case_id,
        leg_id=leg.id,
        site_id=leg.site_id,
        subject_id=leg.case.applicant_user_id,
        fields=["variables"],
        data={"masked": True},
    )
    failed = _open_incidents(ctx, leg)
    at = _chosen(failed, incident_row_id)
    named = _named(ctx, leg, failed if at is None else [at])
    values = _values(ctx, leg, at)
    found = [Variable(name, type_of(value), mask(value), name in named) for name, value in values.items()]
    found += [Variable(name, "missing", None, named=True) for name in named if name not in values]
    return Correctable(leg.id, leg.version, sorted(found, key=lambda each: (not each.named, each.name)))


def correct(
    ctx: Context,
    leg_id: int,
    values: Mapping[str, Any],
    reason: str,
    *,
    incident_row_id: int | None = None,
    version: int | None = None,
) -> LegRow:
    """Write variables in one step, then try again what failed (when an incident is given and still open).

    Raises :class:`NotFound`, :class:`Forbidden`, :class:`NothingFailed`, :class:`CorrectionRefused`, and what the steps refuse.
    """
    leg = rows.lock_leg(ctx, leg_id)
    failed = _open_incidents(ctx, leg)
    if not reason.strip():
        raise CorrectionRefused("请写明更正的理由。", "Say why the data is corrected.", pointer="/reason")
    at = _chosen(failed, incident_row_id)
    before = _values(ctx, leg, at)
    _require_correctable(values, {*before, *_named(ctx, leg, failed if at is None else [at])})
    place = None if at is None or not _is_engines(at) else at.incident_id

    def command(engine: Engine, definition_id: str, state: bytes, env: Environment) -> Advance:
        return engine.set_variables(definition_id, state, values, env, incident=place)

    data = {"names": sorted(values), "reason": reason.strip(), "sealed": _sealed(before, values)}
    cause = Cause("data.corrected", at.element_id if at else None, data)
    leg = runtime.step(ctx, leg, command, cause=cause, expected_version=version)
    if at is not None:
        ctx.session.refresh(at)
        if at.resolved_at is None:
            leg = cases.retry_incident(ctx, at.id)
    return leg


def open_correction(data: Mapping[str, Any]) -> dict[str, Any]:
    """What a ``data.corrected`` event keeps sealed: name → [before, after]; a large value as its size and SHA-256."""
    opened: dict[str, Any] = orjson.loads(get_seal().unseal(base64.b64decode(data["sealed"]), PLACE))
    return opened


def type_of(value: Any) -> str:
    """Its JSON type."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "object" if isinstance(value, Mapping) else "list"


def mask(value: Any, depth: int = 0) -> Any:
    """The shape of a value without what it says: texts keep their first character, large numbers nothing."""
    if isinstance(value, str):
        return value[:1] + "*" * min(max(len(value) - 1, 1), 20) if value else ""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        return value if abs(value) < SHOWN_NUMBER else "*******"
    if depth >= MASKED_DEPTH:
        return "…"
    if isinstance(value, Mapping):
        return {name: mask(value[name], depth + 1) for name in list(value)[:MASKED_ENTRIES]}
    return [mask(each, depth + 1) for each in list(value)[:MASKED_ENTRIES]]


def _open_incidents(ctx: Context, leg: LegRow) -> Sequence[IncidentRow]:
    if Role.SITE_ADMIN not in ctx.actor.roles_at(leg.site_id):
        raise Forbidden("只有该机构的管理员可以更正。", "Only the administrator of that site may correct it.")
    found = incidents.list_open(ctx, leg.id)
    if not found:
        raise NothingFailed("只有出现异常的分办件可以更正数据。", "Only a leg that something failed in is corrected.")
    return found


def _chosen(failed: Sequence[IncidentRow], row_id: int | None) -> IncidentRow | None:
    if row_id is None:
        return None
    for each in failed:
        if each.id == row_id:
            return each
    raise NotFound("该分办件没有这个未处理的异常。", "The leg has no such open incident.")


def _is_engines(incident: IncidentRow) -> bool:
    """The engine waits there; others are the platform's own (messages, work, signals)."""
    return incident.work_id is None and ":" not in incident.incident_id


def _values(ctx: Context, leg: LegRow, at: IncidentRow | None) -> Variables:
    place = None if at is None or not _is_engines(at) else at.incident_id
    with refusals():
        return ctx.engine.read_variables(str(leg.definition_id), leg.state, incident=place)


def _named(ctx: Context, leg: LegRow, failed: Sequence[IncidentRow]) -> set[str]:
    """The variables that the failing expressions read: the one the incident quotes, or the conditions of the flows that it chose among."""
    sources: list[str] = []
    for incident in failed:
        if incident.code in FLOW_FAULTS:
            called, plain = places.split(incident.element_id)
            flows = ctx.engine.sequence_flows(called or str(leg.definition_id))
            sources += [flow.condition for flow in flows if flow.source == plain and flow.condition]
        elif incident.message.endswith("]"):
            parts = [match.end() for match in re.finditer(r" \[", incident.message)]
            sources += [incident.message[start:-1] for start in parts]
    found = ctx.forms.parse([Expression(source.removeprefix("=").strip()) for source in sources]) if sources else []
    names = {name for each in found if each.error is None for name in each.names}
    return names - set(environment.CONSTANTS)


def _require_correctable(values: Mapping[str, Any], known: set[str]) -> None:
    for name in values:
        if name not in known or name in environment.CONSTANTS:
            raise CorrectionRefused(
                f"变量“{name}”不存在，出错的表达式也没有提到它。",
                f"The variable '{name}' does not exist, nor does the failing expression name it.",
                pointer=f"/values/{name}",
            )
    if len(orjson.dumps(dict(values))) > MOST_BYTES:
        raise CorrectionRefused(
            f"一次更正的数据不能超过 {MOST_BYTES // 1024} KB。",
            f"The values of one correction are at most {MOST_BYTES // 1024} KB.",
            pointer="/values",
        )


def _sealed(before: Variables, values: Mapping[str, Any]) -> str:
    pairs = {name: [_kept(before.get(name)), _kept(value)] for name, value in values.items()}
    return base64.b64encode(get_seal().seal(orjson.dumps(pairs), PLACE)).decode()


def _kept(value: Any) -> Any:
    text = orjson.dumps(value)
    return value if len(text) <= KEPT_BYTES else {"bytes": len(text), "sha256": hashlib.sha256(text).hexdigest()}
