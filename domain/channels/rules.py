"""Which notices go where: category × channel, quiet hours, merging, tries. Shipped value → platform → site; the most specific wins."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert

from domain.audit import service as audit
from domain.channels.errors import BadRule
from domain.channels.models import ChannelRule
from domain.clock import CHINA
from domain.context import Context
from domain.secrets.service import require_keeper

CHANNELS: Final = ("email", "sms", "robot")
_QUIET: Final = re.compile(r"off|([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d")
_MINUTES: Final = re.compile(r"\d{1,4}")
_DOMAINS: Final = re.compile(r"none|[a-z0-9.-]+\.[a-z]{2,}(,[a-z0-9.-]+\.[a-z]{2,})*")
_PAUSES: Final = re.compile(r"\d{1,4}(,\d{1,4}){0,9}")


@dataclass(frozen=True, slots=True)
class Rule:
    """An effective value: ``layer`` is shipped, platform or site; ``source`` says why, what a person wrote in both as it was written."""

    key: str
    name: str
    name_en: str
    value: str
    layer: str
    source: str
    source_en: str


@dataclass(frozen=True, slots=True)
class Category:
    """A sort of notice that people may want or not."""

    key: str
    name: str
    name_en: str


@lru_cache(maxsize=1)
def _data() -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = json.loads((Path(__file__).parent / "data" / "rules.json").read_text(encoding="utf-8"))
    return loaded


@lru_cache(maxsize=1)
def categories() -> tuple[Category, ...]:
    """All categories, in the order of screens."""
    return tuple(Category(row["key"], row["name"], row["nameEn"]) for row in _data()["categories"])


@lru_cache(maxsize=1)
def shipped() -> Mapping[str, Rule]:
    """The product's own rules by key: ``<category>.<channel>`` on/off, quiet, digest, retry."""
    found = {
        row["key"]: Rule(
            row["key"], row["name"], row["nameEn"], row["value"], "shipped", row["source"], row["sourceEn"]
        )
        for row in _data()["settings"]
    }
    for row in _data()["categories"]:
        for channel in CHANNELS:
            key = f"{row['key']}.{channel}"
            found[key] = Rule(
                key, row["name"], row["nameEn"], row[channel], "shipped", _data()["source"], _data()["sourceEn"]
            )
    return found


def effective(ctx: Context, site_id: int | None) -> dict[str, Rule]:
    """Every rule as it counts for a site (None: the platform); one statement."""
    own = ChannelRule.site_id.is_(None) if site_id is None else ChannelRule.site_id == site_id
    query = (
        select(ChannelRule).where(or_(ChannelRule.site_id.is_(None), own)).order_by(ChannelRule.site_id.nulls_first())
    )
    rules = dict(shipped())
    for row in ctx.session.scalars(query):
        known = rules.get(row.key)
        if known is not None:
            layer = "platform" if row.site_id is None else "site"
            rules[row.key] = Rule(row.key, known.name, known.name_en, row.value, layer, row.reason, row.reason)
    return rules


def put(ctx: Context, key: str, value: str, reason: str, *, site_id: int | None) -> None:
    """Set a site's or the platform's value. Raises :class:`BadRule`, ``Forbidden``."""
    require_keeper(ctx, site_id)
    if key not in shipped():
        raise BadRule(f"没有规则“{key[:40]}”。", f"There is no rule '{key[:40]}'.", pointer="/key")
    forms = {"quiet": _QUIET, "digest": _MINUTES, "retry": _PAUSES, "mail.domains": _DOMAINS}
    if not forms.get(key, re.compile("on|off")).fullmatch(value):
        raise BadRule(f"“{value[:40]}”不是该规则的取值。", "The value does not fit the rule.", pointer="/value")
    if not reason.strip():
        raise BadRule("没有写明理由。", "The reason is missing.", pointer="/reason")
    values = {
        "value": value,
        "reason": reason.strip()[:300],
        "changed_at": ctx.clock.now(),
        "changed_by": ctx.actor.name,
    }
    before = effective(ctx, site_id)[key]
    statement = insert(ChannelRule).values(site_id=site_id, key=key, **values)
    ctx.session.execute(statement.on_conflict_do_update(index_elements=["site_id", "key"], set_=values))
    audit.record(
        ctx,
        "channel.rule",
        site_id=site_id,
        data={"key": key, "from": before.value, "value": value, "reason": values["reason"]},
    )


def after_quiet(now: datetime, quiet: str) -> datetime:
    """``now``, or the end of the quiet hours (Chinese time) that it lies in."""
    if quiet == "off":
        return now
    begin, end = (time.fromisoformat(part) for part in quiet.split("-"))
    here = now.astimezone(CHINA)
    inside = begin <= here.time() < end if begin <= end else here.time() >= begin or here.time() < end
    if not inside:
        return now
    opening = here.replace(hour=end.hour, minute=end.minute, second=0, microsecond=0)
    return (opening if opening > here else opening + timedelta(days=1)).astimezone(now.tzinfo)


def pauses(rules: Mapping[str, Rule]) -> list[timedelta]:
    """How long to wait after each failed try."""
    return [timedelta(minutes=int(minutes)) for minutes in rules["retry"].value.split(",")]
