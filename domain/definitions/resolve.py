"""Whether everything a model names exists on this platform: forms, roles, codes, policies, services, sites, contracts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import func, select

from domain.actors import Role
from domain.clients import service as clients
from domain.clients.scopes import covers
from domain.context import Context
from domain.decisions import store as deployed_decisions
from domain.definitions import store
from domain.definitions.codes import FLAGS, PARTNER_STATES, codes
from domain.definitions.models import Form
from domain.sites.models import Site
from engine.contract import CalledProcess, Effect, Element, Finding, Model, Participant, Severity
from forms.kernel import Expression

PLATFORM_SERVICES = frozenset({"case.close", "evaluate"})
"""Service types of the case itself; all others are registered by the container."""
PLATFORM_EFFECTS = frozenset({"status", "flag", "result", "pointOfNoReturn"})
CLOCK_ACTIONS = frozenset({"receive", "start", "stop", "resume", "extend", "end"})
THROWERS = frozenset({"intermediateThrowEvent", "sendTask", "endEvent"})
PATH = re.compile(r"^[A-Za-z_]\w*(\[\])?(\.[A-Za-z_]\w*(\[\])?)*$")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the platform offers: newest form versions, policies with their literals, service types, effects, site codes."""

    forms: Mapping[str, int]
    policies: Mapping[str, str]
    services: frozenset[str]
    effects: frozenset[str]
    decisions: Mapping[str, int]
    """Row of the decision each business rule task would call now, by element id."""
    bound: Mapping[str, int]
    """Rows of the decisions bound at deployment, by decision id."""
    clients: tuple[tuple[str | None, tuple[str, ...]], ...] = ()
    """(site code, topics) of each API client that may fetch external tasks; site None: those of all sites."""
    sites: Mapping[str, int] = field(default_factory=dict)
    """Ids of the sites that pools name outright, by code."""

    def serves(self, topic: str, site_code: str | None) -> bool:
        """Whether a client is registered for the topic at a site (None: it is not known yet, any will do)."""
        return any(
            (site is None or site_code is None or site == site_code) and any(covers(each, topic) for each in topics)
            for site, topics in self.clients
        )


def surroundings(ctx: Context, model: Model, policies: Mapping[str, str]) -> Surroundings:
    """Read what the model's names are checked against."""
    query = select(Form.form_id, func.max(Form.version)).where(Form.form_id.in_(model.form_ids)).group_by(Form.form_id)
    decisions = _decisions(ctx, model)
    bound = {
        e.decision.decision_id for e in model.elements.values() if e.decision and e.decision.binding == "deployment"
    }
    return Surroundings(
        forms={row[0]: row[1] for row in ctx.session.execute(query)},
        policies=policies,
        services=PLATFORM_SERVICES | frozenset(ctx.handlers.services) | frozenset(ctx.handlers.calls),
        effects=PLATFORM_EFFECTS | frozenset(ctx.handlers.effects),
        decisions=decisions,
        bound={
            e.decision.decision_id: decisions[e.id]
            for e in model.elements.values()
            if e.decision and e.decision.decision_id in bound and e.id in decisions
        },
        clients=clients.list_serving(ctx.session),
        sites={
            row.code: row.id
            for row in ctx.session.execute(
                select(Site.code, Site.id).where(Site.code.in_([p.site_source for p in model.participants]))
            )
        },
    )


def _decisions(ctx: Context, model: Model) -> dict[str, int]:
    found = {}
    for element in model.elements.values():
        if element.decision is not None and not element.decision.decision_id.startswith("="):
            row = deployed_decisions.find(ctx.session, element.decision.decision_id, element.decision.version_tag)
            if row is not None:
                found[element.id] = row.id
    return found


def findings(ctx: Context, model: Model, offered: Surroundings) -> list[Finding]:
    """All that does not resolve."""
    roles = {pool.process_id: pool.role for pool in model.participants}
    found: list[Finding] = []
    places = {pool.process_id: pool.site_source for pool in model.participants}
    for element in model.elements.values():
        found += _element(element, offered, roles.get(element.process_id, "main"))
        found += _external(element, offered, places.get(element.process_id, ""))
        check = ctx.handlers.checks.get(element.service_type or "")
        if check is not None:
            found += check(ctx, element, offered.sites.get(places.get(element.process_id, "")))
    found += _unknown_policies(model, offered)
    found += unknown_calls(model, partial(store.find_called, ctx.session))
    found += _called_only() if _is_called_only(model) else _pools(ctx, model)
    found += _flows(model)
    return found


def unknown_calls(model: Model, find: Callable[[CalledProcess], str | None]) -> Iterator[Finding]:
    """Call activities whose process is neither in the file nor, says ``find``, anywhere else."""
    tags = {process.id: process.version_tag for process in model.processes}
    for call in model.calls:
        here = call.process_id in tags and (call.binding != "versionTag" or tags[call.process_id] == call.version_tag)
        if here or call.process_id.startswith("="):
            continue
        if find(CalledProcess("", call.process_id, call.binding or "latest", call.version_tag)) is None:
            yield _error(
                "calledProcessUnknown",
                f"调用的流程“{call.process_id}”不存在。",
                f"The process '{call.process_id}' that '{call.element_id}' calls does not exist.",
                "请先部署含有该流程（及其版本标签）的文件。",
                "Deploy the file with that process (and version tag) first.",
                call.element_id,
            )


def _is_called_only(model: Model) -> bool:
    """Without a collaboration nothing says at which site a case would begin: other models may call its processes."""
    return all(pool.id == pool.process_id for pool in model.participants)


def _called_only() -> Iterator[Finding]:
    yield _finding(
        Severity.WARNING,
        "calledOnly",
        "模型没有泳池，不能受理办件，只能被其他流程调用。",
        "The model has no pool: no case can begin with it, other processes can call it.",
        "要受理办件，请画出带 lianban:site 的泳池。",
        "Draw a pool with lianban:site if cases shall begin here.",
        None,
    )


def _element(element: Element, offered: Surroundings, pool_role: str) -> Iterator[Finding]:
    if element.form_id and element.form_id not in offered.forms:
        yield _error(
            "formUnknown",
            f"任务“{element.name}”的表单“{element.form_id}”不存在。",
            f"The form '{element.form_id}' of '{element.id}' does not exist.",
            "请先发布该表单。",
            "Publish the form first.",
            element.id,
        )
    if element.type == "userTask":
        yield from _performer(element)
    called = element.decision
    if called is not None and not called.decision_id.startswith("=") and element.id not in offered.decisions:
        tag = f"（{called.version_tag}）" if called.version_tag else ""
        yield _error(
            "decisionUnknown",
            f"决策“{called.decision_id}”{tag}没有部署。",
            f"The decision '{called.decision_id}'{f' ({called.version_tag})' if called.version_tag else ''} is not deployed.",
            "请先部署含有该决策的 .dmn 模型。",
            "Deploy the .dmn model that holds it first.",
            element.id,
        )
    for effect in element.effects:
        yield from _effect(element, effect, offered, pool_role)


def _external(element: Element, offered: Surroundings, place: str) -> Iterator[Finding]:
    """A service type that is not offered here is a topic for workers of integrators: is there one, and what may it write?"""
    kind = element.service_type
    if not kind or kind.startswith("=") or kind in offered.services:
        return
    if not offered.serves(kind, place if place in offered.sites else None):
        yield _finding(
            Severity.WARNING,
            "topicUnattended",
            f"服务“{kind}”不由平台提供，将作为外部作业的主题；目前没有接口客户端登记该主题，办件会停在这里等待。",
            f"The service '{kind}' is not offered here: it is a topic of external tasks; no API client is registered for it.",
            f"请在“接口客户端”中登记该主题，或改用平台提供的服务：{'、'.join(sorted(offered.services))}。",
            f"Register a client for the topic, or use what is offered: {', '.join(sorted(offered.services))}.",
            element.id,
        )
    if not element.maps_outputs:
        yield _finding(
            Severity.WARNING,
            "topicOutputsOpen",
            f"外部作业“{element.name}”没有输出映射，外部系统返回的每个字段都会写入流程变量。",
            f"'{element.id}' has no output mapping: whatever the worker returns is written into the process variables.",
            "请为该任务填写输出映射，只接收需要的字段。",
            "Give the task output mappings, so that only what is needed is taken.",
            element.id,
        )


def _performer(element: Element) -> Iterator[Finding]:
    known = {role.value for role in Role} - {Role.SYSTEM.value}
    if not element.role:
        yield _error(
            "roleMissing",
            f"任务“{element.name}”没有办理角色。",
            f"The task '{element.id}' names no role.",
            "请在泳道上填写办理角色（lianban:performer），或在任务上填写候选组。",
            "Give the lane a lianban:performer, or the task a candidate group.",
            element.id,
        )
    elif not element.role.startswith("=") and element.role not in known:
        yield _error(
            "roleUnknown",
            f"角色“{element.role}”不存在。",
            f"The role '{element.role}' does not exist.",
            f"可用的角色：{'、'.join(sorted(known))}。",
            f"Known roles: {', '.join(sorted(known))}.",
            element.id,
        )


def _effect(element: Element, effect: Effect, offered: Surroundings, pool_role: str) -> Iterator[Finding]:
    if effect.kind not in offered.effects:
        yield _unknown(element, "effectUnknown", "平台动作", effect.kind, offered.effects)
        return
    known = _known_codes(effect.kind, pool_role)
    code = effect.attributes.get("code", "")
    if known is not None and code not in known:
        yield _unknown(element, f"{effect.kind}Unknown", f"代码（{effect.kind}）", code, known)
    if effect.kind == "clock":
        action, reason = effect.attributes.get("action", ""), effect.attributes.get("reason", "")
        if action not in CLOCK_ACTIONS:
            yield _unknown(element, "clockActionUnknown", "计时动作", action, CLOCK_ACTIONS)
        allowed = frozenset(offered.policies.get("clock.stopReasons", "").split(","))
        if action == "stop" and reason not in allowed:
            yield _unknown(element, "stopReasonUnknown", "停止计时的事由", reason, allowed)


def _known_codes(kind: str, pool_role: str) -> frozenset[str] | None:
    tables = codes()
    if kind == "status":
        partner = frozenset(PARTNER_STATES) if pool_role == "partner" else frozenset()
        return frozenset(tables.statuses) | partner
    return {
        "flag": frozenset(FLAGS),
        "result": frozenset(tables.results),
        "document": frozenset(tables.documents),
    }.get(kind)


def _unknown_policies(model: Model, offered: Surroundings) -> Iterator[Finding]:
    for element in model.elements.values():
        policy = element.deadline
        if policy and not policy.startswith("=") and policy not in offered.policies:
            yield _unknown(element, "policyUnknown", "时限规则", policy, ())
    for policy in model.policies:
        if policy not in offered.policies and all(policy != each.deadline for each in model.elements.values()):
            yield _error(
                "policyUnknown",
                f"时限规则“{policy}”不存在。",
                f"The policy '{policy}' does not exist.",
                "请在时限规则列表中选择。",
                "Choose one from the list of policies.",
            )


def _pools(ctx: Context, model: Model) -> Iterator[Finding]:
    executable = [pool for pool in model.participants if pool.process_id]
    mains = [pool for pool in executable if pool.role == "main"]
    if len(mains) != 1:
        yield _error(
            "mainPool",
            f"需要恰好一个主办方泳池，现有 {len(mains)} 个。",
            f"There must be exactly one main pool; there are {len(mains)}.",
            "没有消息启动事件的泳池是主办方。",
            'Mark it with <lianban:site role="main" …/>; the others are partners.',
        )
    signalled = {process.id for process in model.processes if process.signal_starts}
    for pool in executable:
        yield from _site(ctx, pool)
        if pool.process_id in signalled:
            yield _finding(
                Severity.WARNING,
                "signalStartUnused",
                f"泳池“{pool.name}”的信号启动事件不会开始分办件。",
                f"The signal start event of the pool '{pool.id}' begins no leg.",
                "用消息启动事件让协办方开始办理。",
                "Let a message start the partner's leg.",
                pool.id,
            )


def _site(ctx: Context, pool: Participant) -> Iterator[Finding]:
    source = pool.site_source
    if not source:
        yield _error(
            "siteMissing",
            f"泳池“{pool.name}”没有说明由哪个机构办理。",
            f"The pool '{pool.id}' does not say which site runs it.",
            "请填写 lianban:site 的 source。",
            'Add <lianban:site source="…"/>.',
            pool.id,
        )
        return
    if ctx.session.execute(select(Site.id).where(Site.code == source)).first() is not None:
        return
    problem = ctx.forms.parse([Expression(source.removeprefix("="))])[0].error
    if problem is not None or (not source.startswith("=") and re.fullmatch(r"[\w]+(-[\w]+)+", source)):
        yield _error(
            "siteUnresolvable",
            f"泳池“{pool.name}”的机构“{source}”既不是已有机构的代码，也不是可用的表达式。",
            f"'{source}' of the pool '{pool.id}' is neither a known site's code nor a usable expression.",
            "请填写机构代码，或以 = 开头的 FEEL 表达式。",
            "Write a site code, or a FEEL expression that begins with =.",
            pool.id,
        )


def _flows(model: Model) -> Iterator[Finding]:
    pools = {pool.process_id: pool.id for pool in model.participants if pool.process_id}
    for element in model.elements.values():
        if element.message is None or element.type not in THROWERS or element.process_id not in pools:
            continue  # what a called process sends leaves through the pool that calls it
        out = [
            flow
            for flow in model.message_flows
            if flow.source_participant == pools.get(element.process_id) and flow.message == element.message
        ]
        if not out:
            yield _error(
                "messageFlowMissing",
                f"“{element.name}”发出的消息没有消息流。",
                f"No message flow leads from '{element.id}' to another pool.",
                "请从该元素画一条消息流到接收方。",
                "Draw a message flow from this element to its receiver.",
                element.id,
            )
    for flow in model.message_flows:
        if not flow.fields and not flow.materials:
            yield _finding(
                Severity.WARNING,
                "contractEmpty",
                f"消息流“{flow.name or flow.id}”没有数据契约，不会传递任何内容。",
                f"The message flow '{flow.id}' has no data contract: nothing will cross.",
                "如需传递信息，请逐项填写 lianban:dataContract。",
                "List the fields that may cross in lianban:dataContract.",
                flow.id,
            )
        for row in flow.fields:
            if not PATH.match(row.path):
                yield _error(
                    "contractPath",
                    f"数据契约的字段“{row.path}”写法不对。",
                    f"The contract field '{row.path}' is not a path.",
                    "请写成 applicant.name 或 movers[].idNo。",
                    "Write applicant.name or movers[].idNo.",
                    flow.id,
                )


def _unknown(element: Element, rule: str, what: str, value: str, known: Iterable[str]) -> Finding:
    listed = sorted(known)
    return _error(
        rule,
        f"“{element.name or element.id}”使用了未知的{what}“{value}”。",
        f"'{element.id}' names '{value}', which is unknown ({rule}).",
        f"可用：{'、'.join(listed)}。" if listed else "请从列表中选择。",
        f"Known: {', '.join(listed)}." if listed else "Choose one from the list.",
        element.id,
    )


def _error(rule: str, zh: str, en: str, hint_zh: str, hint_en: str, element_id: str | None = None) -> Finding:
    return _finding(Severity.ERROR, rule, zh, en, hint_zh, hint_en, element_id)


def _finding(severity: Severity, rule: str, *texts: Any) -> Finding:
    zh, en, hint_zh, hint_en, element_id = texts
    return Finding(rule, severity, zh, en, hint_zh, hint_en, element_id)
