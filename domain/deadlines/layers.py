"""The layers of a policy: set, taken back, kept within the bounds of law and sense, with their whole history."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from domain.audit import service as audit
from domain.context import Context
from domain.deadlines import policies, rules
from domain.deadlines.calendar import Calendar
from domain.deadlines.due import is_duration, schedule, told, workdays_of
from domain.deadlines.errors import BadPolicyValue, UnknownPolicy
from domain.deadlines.models import Policy, PolicyVersion
from domain.deadlines.office import workhours_of
from domain.deadlines.policies import LAYER_NAMES, LAYERS, Entry
from domain.errors import NotFound
from domain.sites.models import Site

_TEXT: Final = re.compile(r"^[^\x00-\x1f]{1,60}$")
_CHOICES: Final = frozenset({"WAIT_AND_ESCALATE", "PROCEED_WITH_SHARED_DATA", "EXTEND_ART42"})
_LEVELS: Final = frozenset({"none", "real-name", "real-person"})
_YARDSTICK: Final = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Place:
    """A layer of a policy: ``scope`` platform, province, site, item or partner; what it refers to; for which item."""

    scope: str
    ref: str = ""
    item_code: str = ""


@dataclass(frozen=True, slots=True)
class Layer:
    """A value that is set in a layer; ``wins``: it is the effective one. ``shipped`` comes with the product."""

    place: Place
    value: str
    source: str
    since: datetime | None
    by: str
    reason: str
    shipped: bool
    wins: bool


@dataclass(frozen=True, slots=True)
class Bound:
    """A value may be at most (or must be below) another policy's, or at most a number of the law."""

    key: str
    other: str
    strict: bool
    most: str
    source: str


@lru_cache(maxsize=1)
def bounds() -> tuple[Bound, ...]:
    """The bounds of ``data/bounds.json``, each with its source."""
    raw = json.loads((Path(__file__).parent / "data" / "bounds.json").read_text(encoding="utf-8"))
    return tuple(
        Bound(row["key"], row.get("atMost") or row.get("below", ""), "below" in row, row.get("max", ""), row["source"])
        for row in raw
    )


def put(
    ctx: Context, key: str, value: str, source: str, *, scope: str, scope_ref: str = "", item_code: str = "",
    reason: str = "", also_open: bool = False,
) -> None:  # fmt: skip
    """Set a layer's value. Raises :class:`UnknownPolicy`, :class:`BadPolicyValue` (unit, bounds, source, layer)."""
    entry = _entry(key)
    check_unit(entry, value)
    if not source.strip():
        raise BadPolicyValue("没有写明依据。", "The source is missing.", pointer="/source")
    place = Place(scope, scope_ref, item_code)
    _check_place(ctx, place)
    now, words = ctx.clock.now(), source.strip()[:300]
    fields = {"key": key, "scope": place.scope, "scope_ref": place.ref, "item_code": place.item_code}
    changed = {"value": value, "source": words, "updated_at": now}
    statement = insert(Policy).values(**fields, **changed)
    ctx.session.execute(statement.on_conflict_do_update(index_elements=list(fields), set_=changed))
    rules.forget(ctx.session)
    _check_bounds(ctx, key)
    _keep(ctx, fields, value, words, reason, also_open=also_open)


def take_back(ctx: Context, key: str, place: Place, *, reason: str = "", also_open: bool = False) -> None:
    """Take a layer's value back: the layer beneath counts again. Raises :class:`NotFound`, :class:`BadPolicyValue`."""
    _entry(key)
    mine = (
        Policy.key == key,
        Policy.scope == place.scope,
        Policy.scope_ref == place.ref,
        Policy.item_code == place.item_code,
    )
    if ctx.session.execute(delete(Policy).where(*mine).returning(Policy.id)).scalar_one_or_none() is None:
        raise NotFound("这一层没有设定值。", "This layer has no value.")
    rules.forget(ctx.session)
    _check_bounds(ctx, key)
    fields = {"key": key, "scope": place.scope, "scope_ref": place.ref, "item_code": place.item_code}
    _keep(ctx, fields, None, "", reason, also_open=also_open)


def list_layers(
    ctx: Context, site: Site | None = None, item: str | None = None, partner: Site | None = None
) -> dict[str, list[Layer]]:
    """Every policy's layers at a place, the most specific (effective) first; all that it overrides beneath."""
    rows = list(ctx.session.scalars(select(Policy)))
    last = _newest_versions(ctx)
    codes = ("" if site is None else site.province_code, "" if site is None else site.code, item)
    found: dict[str, list[Layer]] = {}
    for entry in policies.shipped().values():
        ranked = [(_weight(row), _layer(row, last)) for row in rows if row.key == entry.key]
        ranked = [each for each in ranked if _applies(each[1].place, codes, "" if partner is None else partner.code)]
        ranked += _shipped(entry, item)
        ranked.sort(key=lambda each: each[0], reverse=True)
        found[entry.key] = [
            Layer(row.place, row.value, row.source, row.since, row.by, row.reason, row.shipped, wins=number == 0)
            for number, (_, row) in enumerate(ranked)
        ]
    return found


def list_history(ctx: Context, key: str) -> Sequence[PolicyVersion]:
    """Every change of a policy's values, newest first. Raises :class:`UnknownPolicy`."""
    _entry(key)
    return list(
        ctx.session.scalars(select(PolicyVersion).where(PolicyVersion.key == key).order_by(PolicyVersion.id.desc()))
    )


def check_unit(entry: Entry, value: str) -> None:
    """Raises :class:`BadPolicyValue` for a value that does not have the policy's unit."""
    checks: dict[str, Callable[[], bool]] = {
        "wd": lambda: workdays_of(value) is not None,
        "wh": lambda: workhours_of(value) is not None,
        "duration": lambda: is_duration(value),
        "number": lambda: value.isascii() and value.isdigit(),
        "switch": lambda: value in {"on", "off"},
        "time": lambda: value == "24:00" or bool(time.fromisoformat(value)) or value == "00:00",
        "choice": lambda: value in _CHOICES,
        "level": lambda: value in _LEVELS,
        "list": lambda: bool(re.fullmatch(r"[A-Z_]+(,[A-Z_]+)*", value)),
    }
    try:
        good = checks.get(entry.unit, lambda: bool(_TEXT.match(value)))()
    except ValueError:
        good = False
    if not good:
        raise BadPolicyValue(
            f"“{entry.name}”的取值不符合单位“{entry.unit}”。",
            f"The value of '{entry.key}' does not fit its unit '{entry.unit}'.",
            pointer="/value",
        )


def _check_place(ctx: Context, place: Place) -> None:
    if place.scope not in LAYERS or (place.scope in {"province", "site", "partner"}) != bool(place.ref):
        raise BadPolicyValue("层级或其对象不正确。", "The layer or what it refers to is wrong.", pointer="/scope")
    if place.scope == "item" and not place.item_code:
        raise BadPolicyValue("没有写明事项。", "The item is missing.", pointer="/itemCode")
    column = Site.province_code if place.scope == "province" else Site.code
    known = not place.ref or ctx.session.scalar(select(Site.id).where(column == place.ref).limit(1)) is not None
    if not known:
        raise BadPolicyValue("没有这个机构或省份。", "There is no such site or province.", pointer="/scopeRef")


def _check_bounds(ctx: Context, key: str) -> None:
    """After the change, at every place where a layer of the two policies may tell them apart."""
    for bound in bounds():
        if key not in {bound.key, bound.other}:
            continue
        keys = [each for each in (bound.key, bound.other) if each]
        rows = list(ctx.session.scalars(select(Policy).where(Policy.key.in_(keys))))
        for codes, partner in _places(ctx, rows, keys):
            value = _value_at(bound.key, rows, codes, partner)
            limit = bound.most or _value_at(bound.other, rows, codes, partner)
            if exceeds(value, limit, strict=bound.strict):
                raise _out_of_bounds(bound, value, limit, codes)


def exceeds(value: str, limit: str, *, strict: bool) -> bool:
    """Whether a term is longer than the limit (``strict``: or as long); terms of different kinds are not compared."""
    one, other = workdays_of(value), workdays_of(limit)
    if one is not None and other is not None:
        return one >= other if strict else one > other
    if one is None and other is None and is_duration(value) and is_duration(limit):
        ends = [schedule(each, _YARDSTICK, Calendar()) for each in (value, limit)]
        return ends[0] >= ends[1] if strict else ends[0] > ends[1]
    return False


Codes = tuple[str, str, str | None]


def _places(ctx: Context, rows: Iterable[Policy], keys: Iterable[str]) -> Iterable[tuple[Codes, str]]:
    listed = list(rows)
    refs = {row.scope_ref for row in listed if row.scope == "site"}
    provinces = {row.scope_ref for row in listed if row.scope == "province"}
    at = [("", ""), *((province, "") for province in sorted(provinces))]
    known = ctx.session.execute(select(Site.province_code, Site.code).where(Site.code.in_(refs)))
    at += [(row.province_code, row.code) for row in known]
    items = {row.item_code for row in listed if row.item_code}
    items |= {code for key in keys for code in policies.shipped()[key].items}
    partners = {row.scope_ref for row in listed if row.scope == "partner"}
    for province, site in at:
        for item in (None, *sorted(items)):
            for partner in ("", *sorted(partners)):
                yield (province, site, item), partner


def _value_at(key: str, rows: Iterable[Policy], codes: Codes, partner: str) -> str:
    here = [row for row in rows if row.key == key and _applies(_place(row), codes, partner)]
    return policies.winner(policies.shipped()[key], codes[2], here)[1]


def _applies(place: Place, codes: Codes, partner: str) -> bool:
    province, site, item = codes
    wanted = {"province": province, "site": site, "partner": partner}.get(place.scope, "")
    return (not place.ref or place.ref == wanted) and (not place.item_code or place.item_code == item)


def _out_of_bounds(bound: Bound, value: str, limit: str, codes: Codes) -> BadPolicyValue:
    entry = policies.shipped()[bound.key]
    other = policies.shipped().get(bound.other)
    where = "、".join(part for part in (codes[1] or codes[0], codes[2] or "") if part)
    zh = f"“{entry.name}”{told(value)[0]}{'应当短于' if bound.strict else '不得超过'}" + (
        f"“{other.name}”{told(limit)[0]}" if other else told(limit)[0]
    )
    en = f"'{bound.key}' ({value}) must be {'below' if bound.strict else 'at most'} {bound.other or limit} ({limit})."
    return BadPolicyValue(f"{zh}{f'（{where}）' if where else ''}。依据：{bound.source}。", en, pointer="/value")


def _keep(
    ctx: Context, fields: Mapping[str, str], value: str | None, source: str, reason: str, *, also_open: bool
) -> None:
    who = {"changed_by": ctx.actor.user_id or None, "changer": ctx.actor.name[:60], "changed_at": ctx.clock.now()}
    told_why = reason.strip()[:300]
    same = [getattr(PolicyVersion, name) == text for name, text in fields.items()]
    newest = select(PolicyVersion.value).where(*same).order_by(PolicyVersion.id.desc()).limit(1)
    before = ctx.session.scalar(newest)
    ctx.session.add(PolicyVersion(**fields, value=value, source=source, reason=told_why, also_open=also_open, **who))
    ctx.session.flush()
    data: dict[str, Any] = {
        **fields,
        "from": before,
        "value": value,
        "source": source,
        "reason": told_why,
        "alsoOpen": also_open,
    }
    audit.record(ctx, "policy.changed", data=data)


def _newest_versions(ctx: Context) -> dict[tuple[str, Place], PolicyVersion]:
    rows = ctx.session.scalars(select(PolicyVersion).order_by(PolicyVersion.id))
    return {(row.key, Place(row.scope, row.scope_ref, row.item_code)): row for row in rows}


def _layer(row: Policy, last: Mapping[tuple[str, Place], PolicyVersion]) -> Layer:
    place = _place(row)
    version = last.get((row.key, place))
    by, reason = ("", "") if version is None else (version.changer, version.reason)
    return Layer(place, row.value, row.source, row.updated_at, by, reason, shipped=False, wins=False)


def _shipped(entry: Entry, item: str | None) -> list[tuple[tuple[int, int, int], Layer]]:
    found = [((0, 0, 0), Layer(Place("platform"), entry.value, entry.source, None, "", "", shipped=True, wins=False))]
    if item is not None and item in entry.items:
        value, source = entry.items[item]
        own = Layer(Place("item", "", item), value, source, None, "", "", shipped=True, wins=False)
        found.append(((LAYERS.index("item"), 1, 0), own))
    return found


def _weight(row: Policy) -> tuple[int, int, int]:
    return LAYERS.index(row.scope), int(bool(row.item_code)), 1


def _place(row: Policy) -> Place:
    return Place(row.scope, row.scope_ref, row.item_code)


def _entry(key: str) -> Entry:
    entry = policies.shipped().get(key)
    if entry is None:
        raise UnknownPolicy(f"没有时限规则“{key[:60]}”。", f"There is no policy '{key[:60]}'.", pointer="/key")
    return entry


__all__ = [
    "LAYER_NAMES",
    "Bound",
    "Layer",
    "Place",
    "bounds",
    "exceeds",
    "list_history",
    "list_layers",
    "put",
    "take_back",
]
