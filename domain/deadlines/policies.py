"""Effective values of all numbers that come from law, plan or our defaults (DOMAIN appendix B); :mod:`layers` changes them.

Layers, the most specific wins: platform → province → site → item → partner. What ships with the product is the platform
layer (and, per item, the item layer) in ``data/policies.json``, each value with its source; administrators add rows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Protocol

from sqlalchemy import Row, bindparam, or_, select
from sqlalchemy.orm import Session

from domain.context import Context
from domain.deadlines import rules
from domain.deadlines.due import told, workdays_of
from domain.deadlines.errors import UnknownPolicy
from domain.deadlines.models import Policy
from domain.locked import LockedLeg

LAYERS: Final = ("platform", "province", "site", "item", "partner")
LAYER_NAMES: Final = {
    "platform": ("平台", "platform"),
    "province": ("省级", "province"),
    "site": ("机构", "site"),
    "item": ("事项", "item"),
    "partner": ("协办地", "partner"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A policy as shipped: what it means, its unit and its default."""

    key: str
    name: str
    name_en: str
    unit: str
    value: str
    source: str
    items: Mapping[str, tuple[str, str]]


class Coded(Protocol):
    """What names a partner: a site, or only its code."""

    @property
    def code(self) -> str:
        """The site's code."""


class Place(Coded, Protocol):
    """Where a policy holds: a site in its province."""

    @property
    def province_code(self) -> str:
        """The province's code."""


@dataclass(frozen=True, slots=True)
class Partner:
    """The site a case is handled with, by its code."""

    code: str


def partner_at(role: str, site: Coded, partner_code: str) -> Coded | None:
    """Whose agreement counts in a leg: in a partner's leg that site's, in the main leg that of the site the case is handled with."""
    if role != "main":
        return site
    return Partner(partner_code) if partner_code else None


def partner_of(leg: LockedLeg) -> Coded | None:
    """Whose agreement counts in a leg under lock."""
    return partner_at(leg.role, leg.site, leg.case.partner_code)


@dataclass(frozen=True, slots=True)
class Value:
    """An effective value: where it comes from and in which layer it was set, with the sentence the screen shows."""

    key: str
    name: str
    name_en: str
    unit: str
    value: str
    source: str
    layer: str
    explanation: str
    explanation_en: str


@lru_cache(maxsize=1)
def shipped() -> Mapping[str, Entry]:
    """The policies of the product by key."""
    raw = json.loads((Path(__file__).parent / "data" / "policies.json").read_text(encoding="utf-8"))
    return {
        row["key"]: Entry(
            row["key"],
            row["name"],
            row["nameEn"],
            row["unit"],
            row["value"],
            row["source"],
            {code: (own["value"], own["source"]) for code, own in row.get("items", {}).items()},
        )
        for row in raw
    }


def effective(
    ctx: Context, key: str, site: Place | None = None, item: str | None = None, partner: Coded | None = None
) -> Value:
    """One effective value for work at ``site`` in ``item`` for/with ``partner``. Raises :class:`UnknownPolicy`."""
    if key not in shipped():
        raise UnknownPolicy(f"没有时限规则“{key[:60]}”。", f"There is no policy '{key[:60]}'.")
    return all_effective(ctx, site, item, partner)[key]


def all_effective(
    ctx: Context, site: Place | None = None, item: str | None = None, partner: Coded | None = None
) -> dict[str, Value]:
    """Every policy with its effective value, in shipped order; one statement."""
    rows = _rows(ctx.session, site, item, partner)
    return {entry.key: _resolve(entry, item, rows.get(entry.key, ())) for entry in shipped().values()}


def deadlines_for(
    ctx: Context, site: Place | None = None, item: str | None = None, partner: Coded | None = None
) -> dict[str, str]:
    """``deadlines`` of the expressions (docs/dialect.md): policy key → effective literal; read once per edition of the rules."""

    def read() -> dict[str, str]:
        rows = _rows(ctx.session, site, item, partner)
        return {entry.key: winner(entry, item, rows.get(entry.key, ()))[1] for entry in shipped().values()}

    places = None if site is None else (site.code, site.province_code)
    what = ("deadlines", places, item, None if partner is None else partner.code)
    return dict(rules.remembered(ctx.session, what, read))


def of_leg(ctx: Context, leg: LockedLeg) -> dict[str, str]:
    """``deadlines`` of a leg under lock: its site, its item, the agreement with the partner of its case."""
    return deadlines_for(ctx, leg.site, leg.case.item_code, partner_of(leg))


def number(values: Mapping[str, str], key: str) -> int:
    """A value that is a plain number or a number of working days."""
    days = workdays_of(values[key])
    return int(values[key]) if days is None else days


_LAYERS_OF = select(Policy.key, Policy.scope, Policy.item_code, Policy.value, Policy.source).where(
    or_(
        Policy.scope.in_(("platform", "item")),
        (Policy.scope == "province") & (Policy.scope_ref == bindparam("province")),
        (Policy.scope == "site") & (Policy.scope_ref == bindparam("site")),
        (Policy.scope == "partner") & (Policy.scope_ref == bindparam("partner")),
    ),
    or_(Policy.item_code == "", Policy.item_code == bindparam("item")),
)
"""Built once: this is read in every step of every case. Layers below a place always name it, so '' matches none."""


def _rows(session: Session, site: Place | None, item: str | None, partner: Coded | None) -> dict[str, list[Row[Any]]]:
    places = {
        "province": "" if site is None else site.province_code,
        "site": "" if site is None else site.code,
        "partner": "" if partner is None else partner.code,
        "item": item or "",
    }
    found: dict[str, list[Any]] = {}
    for row in session.execute(_LAYERS_OF, places):
        found.setdefault(row[0], []).append(row)
    return found


def winner(entry: Entry, item: str | None, rows: Iterable[Any]) -> tuple[str, str, str]:
    """Layer, value and source of the most specific layer."""
    candidates: list[tuple[tuple[int, int, int], str, str, str]] = [((0, 0, 0), "platform", entry.value, entry.source)]
    if item is not None and item in entry.items:
        own = entry.items[item]
        candidates.append(((LAYERS.index("item"), 1, 0), "item", own[0], own[1]))
    for row in rows:
        weight = (LAYERS.index(row.scope), int(bool(row.item_code)), 1)
        candidates.append((weight, row.scope, row.value, row.source))
    _, layer, value, source = max(candidates)
    return layer, value, source


def _resolve(entry: Entry, item: str | None, rows: Iterable[Row[Any]]) -> Value:
    layer, value, source = winner(entry, item, rows)
    words, words_en = told(value)
    return Value(
        entry.key,
        entry.name,
        entry.name_en,
        entry.unit,
        value,
        source,
        layer,
        f"{LAYER_NAMES[layer][0]}一级设定：{words}。依据：{source}",
        f"Set at the {LAYER_NAMES[layer][1]} layer: {words_en}. Source: {source}",
    )
