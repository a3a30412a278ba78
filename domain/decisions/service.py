"""Checking, deploying and trying decision models."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import func, select

from domain.audit import service as audit
from domain.clock import CHINA
from domain.context import Context
from domain.deadlines import handed
from domain.deadlines.calendar import NATION
from domain.decisions.errors import BadDecisionKey, DecisionRefused
from domain.decisions.models import Decision, DecisionVersion
from domain.decisions.store import Deployed, load_plan
from domain.errors import NotFound
from domain.identity import functions
from engine.contract import Finding, Severity
from engine.decisions.contract import Decided, DecisionModel, DecisionPlan, ParsedDecisions
from engine.errors import DefinitionRefused as EngineRefusal
from engine.model import finding_to_json

KEY = re.compile(r"^[a-z][a-z0-9-]{0,59}$")
DEPLOY_LOCK = 0x11A2BA4
"""Advisory lock: deploying decisions takes turns, because their ids are shared by all models."""


@dataclass(frozen=True, slots=True)
class Checked:
    """Findings about a source; ``parsed`` is None when it has errors."""

    findings: list[dict[str, Any]]
    parsed: ParsedDecisions | None

    @property
    def deployable(self) -> bool:
        """Whether nothing blocks a deployment."""
        return self.parsed is not None and all(row["severity"] != "error" for row in self.findings)

    @property
    def model(self) -> DecisionModel | None:
        """What the file says of itself, when it could be read."""
        return None if self.parsed is None else self.parsed.model


def check(ctx: Context, source: bytes, key: str | None = None) -> Checked:
    """Everything there is to say about a decision model (of this key); never raises for a bad one."""
    try:
        parsed = ctx.engine.parse_decisions(source, Deployed(ctx.session))
    except EngineRefusal as error:
        return Checked([finding_to_json(finding) for finding in error.findings], None)
    found = [*parsed.findings, *_taken(ctx, parsed.model, key)]
    return Checked([finding_to_json(finding) for finding in found], parsed)


def deploy(ctx: Context, key: str, source: bytes, note: str = "") -> DecisionVersion:
    """Deploy a new version. The identical file again is no new version.

    Raises :class:`DecisionRefused` with all findings, :class:`domain.identity.functions.FunctionRefused`, :class:`BadDecisionKey`.
    """
    if not (ctx.one_person and functions.may(ctx.actor, "deploy:request")):
        functions.require(ctx.actor, "deploy:publish")
    if not KEY.match(key):
        raise BadDecisionKey("决策标识不符合要求。", "The key is not usable.", pointer="/key")
    ctx.session.execute(select(func.pg_advisory_xact_lock(DEPLOY_LOCK)))
    checked = check(ctx, source, key)
    if checked.parsed is None or not checked.deployable:
        raise DecisionRefused(checked.findings)
    parsed = checked.parsed
    latest = find_latest(ctx, key)
    digest = hashlib.sha256(source).hexdigest()
    if latest is not None and latest.digest == digest and latest.plan_digest == parsed.plan.digest:
        return latest
    made = DecisionVersion(
        key=key,
        version=1 if latest is None else latest.version + 1,
        name=(parsed.model.name or key)[:200],
        namespace=parsed.model.namespace,
        source=source,
        digest=digest,
        model=asdict(parsed.model),
        plan=dict(parsed.plan.data),
        plan_digest=parsed.plan.digest,
        findings=checked.findings,
        note=note[:400],
        deployed_by=ctx.actor.user_id,
        deployed_at=ctx.clock.now(),
    )
    ctx.session.add(made)
    ctx.session.flush()
    ctx.session.add_all(_decisions(made, parsed))
    ctx.session.flush()
    audit.record(ctx, "decision.deployed", data={"key": key, "version": made.version, "digest": digest})
    return made


def _decisions(made: DecisionVersion, parsed: ParsedDecisions) -> Iterator[Decision]:
    """What can be asked of a version, by its own id."""
    for info in (*parsed.model.decisions, *parsed.model.services):
        yield Decision(
            version_id=made.id,
            decision_id=info.id,
            plan_key=info.key,
            name=info.name[:200],
            version_tag=info.version_tag[:100],
        )


def find_latest(ctx: Context, key: str) -> DecisionVersion | None:
    """The newest version of a model."""
    query = select(DecisionVersion).where(DecisionVersion.key == key).order_by(DecisionVersion.version.desc()).limit(1)
    return ctx.session.execute(query).scalar_one_or_none()


def evaluate(
    ctx: Context, key: str, decision_id: str, inputs: Mapping[str, Any], *, version: int | None = None
) -> Decided:
    """The answer of a deployed decision (of its newest version) for these inputs. Raises :class:`NotFound`."""
    query = (
        select(Decision.version_id, Decision.plan_key)
        .join(DecisionVersion, DecisionVersion.id == Decision.version_id)
        .where(DecisionVersion.key == key, Decision.decision_id == decision_id)
        .order_by(DecisionVersion.version.desc())
        .limit(1)
    )
    if version is not None:
        query = query.where(DecisionVersion.version == version)
    row = ctx.session.execute(query).one_or_none()
    if row is None:
        raise NotFound("没有部署过这个决策。", "No such decision was deployed.")
    return _decide(ctx, load_plan(ctx.session, row.version_id), row.plan_key, inputs)


def attempt(ctx: Context, source: bytes, decision_id: str, inputs: Mapping[str, Any]) -> Decided:
    """The answer of a decision that is still being drawn. Raises :class:`DecisionRefused`, :class:`NotFound`."""
    checked = check(ctx, source)
    if checked.parsed is None:
        raise DecisionRefused(checked.findings)
    model = checked.parsed.model
    found = next((info for info in (*model.decisions, *model.services) if info.id == decision_id), None)
    if found is None:
        raise NotFound("模型中没有这个决策。", "The model has no such decision.")
    return _decide(ctx, checked.parsed.plan, found.key, inputs)


def _decide(ctx: Context, plan: DecisionPlan, key: str, inputs: Mapping[str, Any]) -> Decided:
    calendar = handed.calendars(ctx.session, NATION)[handed.SITE]  # tried by no site
    now = ctx.clock.now().astimezone(CHINA).isoformat()
    return ctx.engine.decide(plan, key, inputs, now=now, calendar=calendar)


def _taken(ctx: Context, model: DecisionModel, key: str | None) -> list[Finding]:
    """Ids that decisions of other models have: processes could not tell them apart."""
    ids = [info.id for info in (*model.decisions, *model.services)]
    query = (
        select(Decision.decision_id, DecisionVersion.key)
        .join(DecisionVersion, DecisionVersion.id == Decision.version_id)
        .where(Decision.decision_id.in_(ids), DecisionVersion.key != (key or ""))
        .distinct()
    )
    if key is None:
        query = query.where(DecisionVersion.namespace != model.namespace)
    return [
        Finding(
            "decisionTaken",
            Severity.ERROR,
            f"决策编号 {row.decision_id} 已被决策模型 {row.key} 使用。",
            f"The decision id {row.decision_id} is used by the decision model {row.key}.",
            "改用别的编号，或者部署为那个模型的新版本。",
            "Use another id, or deploy this as a new version of that model.",
            row.decision_id,
        )
        for row in ctx.session.execute(query)
    ]
