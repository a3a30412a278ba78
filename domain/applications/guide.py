"""办事指南: an item as citizens read it, with every time limit and where it comes from."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, Final

from domain.cases import labels
from domain.context import Context
from domain.deadlines import policies
from domain.deadlines.due import told, workdays_of
from domain.items.english import in_english
from domain.items.models import Item
from domain.partners import openings

PROMISE = "clock.promise"
SHOWN_DEADLINES = ("acceptNotice", "clock.legal", PROMISE, "supplement.applicant", "delivery")
"""The time limits a guide shows when its sheet names no others."""
_MATERIAL = re.compile(r"^(M\d+)\s+(.*)$", re.DOTALL)
_EVIDENCE = re.compile(r"\s*\[[^\]]*\]")


def is_available(item: Item, deployed: Collection[str]) -> bool:
    """Whether it can be applied for here: its process is deployed and it has a form."""
    return item.definition_key in deployed and item.apply_form_id is not None


def summary(
    ctx: Context, item: Item, deployed: Collection[str], restricted: Collection[str] | None = None
) -> dict[str, Any]:
    """An item's line in the catalogue. ``restricted``: the items that are open to some regions only (None: asked for)."""
    available = is_available(item, deployed)
    promise = policies.effective(ctx, PROMISE, None, item.code).value if available else ""
    return {
        "code": item.code,
        "no": item.no,
        "name": item.name,
        "name_en": item.name_en,
        "mode": item.mode,
        "mode_name": labels.name_of(labels.MODES, item.mode),
        "mode_name_en": labels.name_en_of(labels.MODES, item.mode),
        "lead_unit": str(item.sheet.get("leadUnit", "")),
        "available": available,
        "restricted": item.code in (openings.restricted_items(ctx) if restricted is None else restricted),
        "sector": item.sector,
        "promise_days": workdays_of(promise),
    }


TRANSLATED: Final = frozenset({"scenario", "lead_unit", "guide", "materials", "self_check"})
CODES: Final = frozenset({"code", "key", "value", "id", "need_if", "source", "accept", "fails_when", "gap"})
"""Members that programs read, or that pages have words of their own for."""


def detail(ctx: Context, item: Item, deployed: Collection[str], *, english: bool = False) -> dict[str, Any]:
    """The item with guide, materials and self-check; ``english``: texts in English where there is one."""
    told = _detail(ctx, item, deployed, english=english)
    if not english:
        return told
    own = item.sheet.get("english")
    return {key: _english(value, own) if key in TRANSLATED else value for key, value in told.items()}


def _english(value: Any, own: object) -> Any:
    if isinstance(value, str):
        return in_english(value, own)
    if isinstance(value, list):
        return [_english(each, own) for each in value]
    if isinstance(value, dict):
        return {key: part if key in CODES else _english(part, own) for key, part in value.items()}
    return value


def _detail(ctx: Context, item: Item, deployed: Collection[str], *, english: bool) -> dict[str, Any]:
    sheet = item.sheet
    guide: Mapping[str, Any] = sheet.get("guide") or {}
    return summary(ctx, item, deployed) | {
        "scenario": str(sheet.get("scenario", "")),
        "guide": {
            "audience": str(guide.get("audience") or sheet.get("applicants", "")),
            "conditions": list(guide.get("conditions", ())),
            "steps": [_step(step) for step in guide.get("steps", ())],
            "fees": str(guide.get("fees", "")),
            "delivery": str(guide.get("delivery") or sheet.get("delivery", "")),
            "result": str(guide.get("result") or sheet.get("result", "")),
            "legal_basis": list(guide.get("legalBasis", ())),
            "deadlines": _deadlines(ctx, item, guide, english=english),
        },
        "materials": [material(entry) for entry in sheet.get("materials", ())],
        "apply_form_id": item.apply_form_id,
        "self_check": [_question(entry) for entry in guide.get("selfCheck") or sheet.get("selfCheck") or ()],
    }


def material(entry: Mapping[str, Any]) -> dict[str, Any]:
    """A material of the sheet; sheets that were not worked out yet carry the code inside the name (“M5 …”)."""
    name = str(entry.get("name", ""))
    found = _MATERIAL.match(name)
    form = str(entry.get("form", ""))
    return {
        "code": str(entry.get("code") or (found[1] if found else "")),
        "name": found[2] if found and not entry.get("code") else name,
        "form": form,
        "need": str(entry.get("need", "")),
        "need_if": entry.get("needIf"),
        "gap": entry.get("gap"),
        "note": _EVIDENCE.sub("", str(entry.get("note") or "")) or None,
        "source": str(entry.get("source") or _source(form)),
        "accept": entry.get("accept"),
    }


def _source(form: str) -> str:
    if form.startswith("系统生成"):
        return "SYSTEM"
    return "SHARED" if form.startswith(("数据共享", "本地库")) else "UPLOAD"


def _step(step: Any) -> dict[str, str]:
    if not isinstance(step, Mapping):
        return {"title": str(step), "text": "", "site": ""}
    return {key: str(step.get(key, "")) for key in ("title", "text", "site")}


def _question(entry: Mapping[str, Any]) -> dict[str, Any]:
    """A question before applying; in the sheet one answer that ends it may stand alone."""
    ends = entry.get("failsWhen") or ()
    return {
        "id": str(entry.get("id", "")),
        "question": str(entry.get("question", "")),
        "options": [{"value": str(each["value"]), "label": str(each["label"])} for each in entry.get("options", ())],
        "fails_when": [ends] if isinstance(ends, str) else list(ends),
        "explanation": str(entry.get("explanation", "")),
    }


def _deadlines(ctx: Context, item: Item, guide: Mapping[str, Any], *, english: bool) -> list[dict[str, str]]:
    named = {str(entry["key"]): entry for entry in guide.get("deadlines", ()) if entry.get("key")}
    values = policies.all_effective(ctx, None, item.code)
    rows = []
    for key in named or SHOWN_DEADLINES:
        if key not in values:
            continue
        value = values[key]
        entry = named.get(key, {})
        rows.append(
            {
                "key": key,
                "name": value.name_en if english else str(entry.get("name") or value.name),
                "value": value.value,
                "text": told(value.value)[1] if english else str(entry.get("text") or told(value.value)[0]),
                "source": value.source,
            }
        )
    return rows
