"""Checking, deploying and drafting models, and publishing the forms they use."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson
from sqlalchemy import delete, func, select

from domain.audit import service as audit
from domain.context import Context
from domain.deadlines import policies
from domain.definitions import resolve, surroundings
from domain.definitions.errors import BadKey, DefinitionRefused, DraftConflict, NotDrafted, PublisherIsEditor
from domain.definitions.models import Definition, Draft, Form
from domain.definitions.store import load_xml
from domain.errors import NotFound
from domain.identity import functions
from domain.items import contracts
from engine.contract import Model, Parsed
from engine.errors import DefinitionRefused as EngineRefusal
from engine.model import finding_to_json as to_row
from engine.model import to_json

KEY = re.compile(r"^[a-z][a-z0-9-]{0,59}$")
DEPLOY_LOCK = 0x11A2BA3
"""Advisory lock (with the key's hash): who deploys, publishes or saves under one key takes turns."""


@dataclass(frozen=True, slots=True)
class Checked:
    """Findings about a source; ``parsed`` is None when the engine could not read it without errors."""

    findings: list[dict[str, Any]]
    parsed: Parsed | None
    forms: Mapping[str, int]
    decisions: Mapping[str, int]

    @property
    def deployable(self) -> bool:
        """Whether nothing blocks a deployment."""
        return self.parsed is not None and all(row["severity"] != "error" for row in self.findings)

    @property
    def model(self) -> Model | None:
        """The model, when it could be read."""
        return None if self.parsed is None else self.parsed.model


def check(ctx: Context, source: bytes, *, written: bytes | None = None, key: str | None = None) -> Checked:
    """Everything there is to say about a model, converted from ``written``; never raises for a bad model.

    With the ``key`` it is to be deployed under its messages are held against the data contract of the item that it serves.
    """
    try:
        parsed = ctx.engine.parse(source, written=written)
    except EngineRefusal as error:
        return Checked([to_row(finding) for finding in error.findings], None, {}, {})
    literals = {key: entry.value for key, entry in policies.shipped().items()}
    contract = contracts.find_for_definition(ctx.session, key, ctx.clock.now()) if key else None
    offered = replace(surroundings.read(ctx, parsed.model, literals), contract=contract)
    found = [*parsed.findings, *resolve.findings(ctx, parsed.model, offered)]
    return Checked([to_row(finding) for finding in found], parsed, offered.forms, offered.bound)


def deploy(ctx: Context, key: str, source: bytes, note: str = "") -> Definition:
    """Deploy a new version for new cases; running cases keep theirs. The identical model again is no new version.

    Raises :class:`DefinitionRefused` with all findings, :class:`Forbidden`, :class:`BadKey`.
    """
    _require_publisher(ctx)
    _require_key(key)
    checked = check(ctx, source, key=key)
    if checked.parsed is None or not checked.deployable:
        raise DefinitionRefused(checked.findings)
    _require_second_person(ctx, key, checked.parsed)
    ctx.session.execute(select(func.pg_advisory_xact_lock(DEPLOY_LOCK, func.hashtext(key))))
    latest = find_latest(ctx, key)
    model = checked.parsed.model
    used = {form_id: checked.forms[form_id] for form_id in model.form_ids}
    bound = dict(checked.decisions)
    if latest is not None and latest.digest == model.digest and latest.forms == used and latest.decisions == bound:
        return latest
    made = Definition(
        key=key,
        version=1 if latest is None else latest.version + 1,
        name=model.name,
        source=source,
        xml=checked.parsed.xml,
        digest=model.digest,
        model=to_json(model),
        forms=used,
        decisions=bound,
        findings=checked.findings,
        note=note[:400],
        deployed_by=ctx.actor.user_id,
        deployed_at=ctx.clock.now(),
    )
    ctx.session.add(made)
    ctx.session.flush()
    audit.record(ctx, "definition.deployed", data={"key": key, "version": made.version, "digest": made.digest})
    return made


def find_latest(ctx: Context, key: str) -> Definition | None:
    """The version that serves new cases."""
    query = select(Definition).where(Definition.key == key).order_by(Definition.version.desc()).limit(1)
    return ctx.session.execute(query).scalar_one_or_none()


def publish_form(ctx: Context, form_id: str, schema: Mapping[str, Any]) -> Form:
    """Publish a form version; the identical schema again is no new version."""
    _require_publisher(ctx)
    digest = hashlib.sha256(orjson.dumps(schema, option=orjson.OPT_SORT_KEYS)).hexdigest()
    ctx.session.execute(select(func.pg_advisory_xact_lock(DEPLOY_LOCK, func.hashtext(form_id))))
    query = select(Form).where(Form.form_id == form_id).order_by(Form.version.desc()).limit(1)
    latest = ctx.session.execute(query).scalar_one_or_none()
    if latest is not None and latest.digest == digest:
        return latest
    made = Form(
        form_id=form_id,
        version=1 if latest is None else latest.version + 1,
        schema=dict(schema),
        digest=digest,
        kernel_digest=ctx.forms.digest,
        published_at=ctx.clock.now(),
    )
    ctx.session.add(made)
    ctx.session.flush()
    audit.record(ctx, "form.published", data={"formId": form_id, "version": made.version, "digest": digest})
    return made


def save_draft(ctx: Context, key: str, name: str, source: bytes, *, revision: int | None) -> Draft:
    """Save a designer's work. ``revision`` is the one it was opened at; None creates a new draft.

    Raises :class:`DraftConflict` when somebody else saved in between, :class:`Forbidden`, :class:`BadKey`.
    """
    _require_designer(ctx)
    _require_key(key)
    ctx.session.execute(select(func.pg_advisory_xact_lock(DEPLOY_LOCK, func.hashtext(key))))
    draft = ctx.session.execute(select(Draft).where(Draft.key == key)).scalar_one_or_none()
    if (draft.revision if draft else None) != revision:
        raise DraftConflict("草稿在您打开之后有了变化。", "The draft changed after you opened it.")
    if draft is None:
        latest = find_latest(ctx, key)
        draft = Draft(key=key, based_on=None if latest is None else latest.id, revision=0)
        ctx.session.add(draft)
    draft.name, draft.source = name[:200], source
    draft.revision += 1
    draft.saved_by, draft.saved_at = ctx.actor.user_id, ctx.clock.now()
    ctx.session.flush()
    return draft


def discard_draft(ctx: Context, key: str) -> None:
    """Throw a draft away. Raises :class:`NotFound`."""
    _require_designer(ctx)
    gone = ctx.session.execute(delete(Draft).where(Draft.key == key).returning(Draft.id)).scalar_one_or_none()
    if gone is None:
        raise NotFound("没有这个草稿。", "There is no such draft.")


def _require_designer(ctx: Context) -> None:
    functions.require(ctx.actor, "design:draft")


def _require_publisher(ctx: Context) -> None:
    """Who gives the technical approval; in a demonstration by one person also who may ask for it."""
    if not (ctx.one_person and functions.may(ctx.actor, "deploy:request")):
        functions.require(ctx.actor, "deploy:publish")


def _require_second_person(ctx: Context, key: str, parsed: Parsed) -> None:
    """What is published was saved as a draft by another person (designer ≠ deployer); the command line and the shipped models pass."""
    if ctx.one_person or not ctx.actor.user_id:
        return
    draft = ctx.session.execute(select(Draft).where(Draft.key == key)).scalar_one_or_none()
    if draft is None:
        raise NotDrafted(
            "没有这个流程的草稿，无从知道由谁修改。", "There is no draft of it, so nobody is known to have drawn it."
        )
    if draft.saved_by == ctx.actor.user_id:
        raise PublisherIsEditor(
            "这个流程由您最后修改，须由另一名平台管理员发布。",
            "You were the last to edit it; another platform administrator publishes it.",
        )
    try:
        drawn = ctx.engine.parse(draft.source).model.digest
    except EngineRefusal:
        drawn = ""
    if drawn != parsed.model.digest:
        raise NotDrafted("要发布的内容与已保存的草稿不一致。", "What is to be published differs from the saved draft.")


def _require_key(key: str) -> None:
    if not KEY.match(key):
        raise BadKey("流程标识不符合要求。", "The key is not usable.", pointer="/key")


__all__ = [
    "Checked",
    "check",
    "deploy",
    "discard_draft",
    "find_latest",
    "load_xml",
    "publish_form",
    "save_draft",
    "to_row",
]
