"""材料的保存期限: copies of identity cards, photographs, bank cards … need not be kept as long as the case that they were handed in for.

What a material is, is told by its name in the item (``data/material_classes.json``); how long each class is kept by policy, with its
source, per item and site. 0: as long as the case. The entry of the material, its state and the SHA-256 of the file stay.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Final

from sqlalchemy import exists, select, update
from sqlalchemy.orm import aliased

from domain.audit import service as audit
from domain.cases.models import Case, Task
from domain.context import Context
from domain.deadlines import policies
from domain.disclosure import service as disclosure
from domain.items.models import Item
from domain.materials.models import File, Material
from domain.privacy import holds
from domain.privacy.models import LegalHold
from domain.privacy.years import years_after, years_before
from domain.sites.models import Site

AS_THE_CASE: Final = 0
PHOTO: Final = "photo"
MOST: Final = 1000
ERASED_NAME: Final = "已删除"
_FILE: Final = Path(__file__).parent / "data" / "material_classes.json"


@dataclass(frozen=True, slots=True)
class MaterialClass:
    """A class of materials: what its names look like, and the policy that says for how many years it is kept."""

    key: str
    name: str
    name_en: str
    policy: str
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class MaterialRule:
    """How long a class of an item's materials is kept (0: as the case), with the source and the materials it is about."""

    item_code: str
    item_name: str
    kind: MaterialClass
    years: int
    source: str
    materials: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class DueMaterial:
    """A file whose time is over, or will be. ``held``: why it stays nevertheless."""

    id: int
    case_no: str
    item_name: str
    code: str
    name: str
    kind: MaterialClass
    closed_at: datetime
    due_at: datetime
    held: str
    source: str


@cache
def classes() -> tuple[MaterialClass, ...]:
    """The classes in the order in which names are compared; a name that fits none is kept with its case."""
    rows = json.loads(_FILE.read_text(encoding="utf-8"))
    return tuple(
        MaterialClass(row["key"], row["name"], row["nameEn"], row["policy"], re.compile(row["names"])) for row in rows
    )


def class_of(name: str) -> MaterialClass | None:
    """The class of a material by its name."""
    return next((each for each in classes() if each.pattern.search(name)), None)


def list_rules(ctx: Context, site: Site | None = None) -> list[MaterialRule]:
    """For each item the classes of its materials, how long they are kept at a site, and why."""
    found = []
    for item in ctx.session.scalars(select(Item).order_by(Item.no)):
        by_class: dict[str, list[tuple[str, str]]] = {}
        for entry in item.sheet.get("materials") or ():
            kind = class_of(str(entry.get("name", "")))
            if kind is not None:
                by_class.setdefault(kind.key, []).append((str(entry["code"]), str(entry["name"])))
        values = policies.all_effective(ctx, site, item.code) if by_class else {}
        for kind in classes():
            if kind.key in by_class:
                value = values[kind.policy]
                named = tuple(by_class[kind.key])
                found.append(MaterialRule(item.code, item.name, kind, int(value.value), value.source, named))
    return found


def list_due(ctx: Context, site_id: int, *, ahead: timedelta = timedelta(0)) -> list[DueMaterial]:
    """Files of closed cases led by the site whose class has passed its time, or will before ``ahead`` has passed, the oldest first."""
    holds.require_keeper(ctx, site_id)
    now, found = ctx.clock.now(), []
    hold = select(LegalHold.reason).where(LegalHold.case_id == Case.id, holds.in_force(now)).limit(1)
    for rule in list_rules(ctx, ctx.session.get(Site, site_id)):
        if rule.years == AS_THE_CASE:
            continue
        rows = ctx.session.execute(
            select(Material.id, Case.case_no, Material.code, Material.name, Case.closed_at, hold.scalar_subquery())
            .join(Case, Case.id == Material.case_id)
            .join(File, File.id == Material.file_id)
            .where(
                Case.main_site_id == site_id,
                Case.item_code == rule.item_code,
                Case.closed_at <= years_before(now + ahead, rule.years),
                Case.erased_at.is_(None),
                Material.code.in_([code for code, _ in rule.materials]),
                File.size > 0,
            )
            .order_by(Case.closed_at, Material.id)
            .limit(MOST)
        )
        found += [
            DueMaterial(
                row[0],
                row[1],
                rule.item_name,
                row[2],
                row[3],
                rule.kind,
                row[4],
                years_after(row[4], rule.years),
                row[5] or "",
                rule.source,
            )
            for row in rows
        ]
    return sorted(found, key=lambda each: each.due_at)[:MOST]


def erase(ctx: Context, material_id: int) -> bool:
    """Empty the file of one material that is still due and not held; False: it stays."""
    material = ctx.session.get(Material, material_id, with_for_update=True, populate_existing=True)
    case = ctx.session.get(Case, material.case_id, with_for_update=True) if material is not None else None
    if material is None or case is None or material.file_id is None or not _is_due(ctx, case, material):
        return False
    other = aliased(Material)
    elsewhere = select(exists().where(other.file_id == material.file_id, other.case_id != case.id))
    if ctx.session.scalar(elsewhere):
        return False
    gone = {"content": b"", "size": 0, "sealed_name": ERASED_NAME, "plain_name": ""}
    ctx.session.execute(update(File).where(File.id == material.file_id).values(gone))
    ctx.session.execute(update(Material).where(Material.file_id == material.file_id).values(note=""))
    audit.record(ctx, "material.erased", case_id=case.id, site_id=case.main_site_id, data={"code": material.code})
    return True


def kind_of(ctx: Context, item_code: str, code: str) -> MaterialClass | None:
    """The class of an item's material by its code."""
    item = ctx.session.get(Item, item_code)
    entries = (item.sheet.get("materials") or ()) if item is not None else ()
    return class_of(next((str(entry.get("name", "")) for entry in entries if entry.get("code") == code), ""))


def is_masked(ctx: Context, file_id: str) -> bool:
    """Whether a file is a photograph of a person that the actor sees blurred only (DOMAIN §5.4).

    Clear for the applicant and who uploaded it, for who has taken a task of the case, and after asking to see.
    """
    rows = ctx.session.execute(
        select(Material.code, Case.id, Case.item_code, Case.applicant_user_id, File.uploaded_by)
        .join(Case, Case.id == Material.case_id)
        .join(File, File.id == Material.file_id)
        .where(Material.file_id == file_id)
    ).all()
    photographs = [
        row for row in rows if (kind := kind_of(ctx, row.item_code, row.code)) is not None and kind.key == PHOTO
    ]
    me = ctx.actor.user_id
    if not photographs or any(me in {row.applicant_user_id, row.uploaded_by} for row in photographs):
        return False
    cases = {row.id for row in photographs}
    people = {me} | ({ctx.actor.principal.user_id} if ctx.actor.principal is not None else set())
    task = select(Task.id).where(Task.case_id.in_(cases), Task.state == "open", Task.assignee_id.in_(people)).limit(1)
    return ctx.session.scalar(task) is None and all(disclosure.find_current(ctx, case) is None for case in cases)


def _is_due(ctx: Context, case: Case, material: Material) -> bool:
    kind = kind_of(ctx, case.item_code, material.code)
    if kind is None or case.closed_at is None or case.erased_at is not None:
        return False
    site = ctx.session.get(Site, case.main_site_id)
    years = int(policies.effective(ctx, kind.policy, site, case.item_code).value)
    is_over = years != AS_THE_CASE and years_after(case.closed_at, years) <= ctx.clock.now()
    return is_over and holds.find_of(ctx, case.id) is None
