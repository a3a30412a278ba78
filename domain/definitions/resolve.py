"""Whether everything a model names exists on this platform: forms, roles, codes, policies, services, sites, contracts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from domain.actors import Role
from domain.context import Context
from domain.definitions import exchange, pools, store
from domain.definitions.codes import FLAGS, PARTNER_STATES, PLATFORM_FLAGS, codes
from domain.definitions.reported import error, finding, unknown
from domain.definitions.surroundings import Surroundings
from engine.contract import CalledProcess, Effect, Element, Finding, Model, Severity

CLOCK_ACTIONS: Final = frozenset({"receive", "start", "stop", "resume", "extend", "end"})


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
    found += pools.findings(ctx, model)
    found += exchange.within_contract(model, offered.contract)
    return found


def unknown_calls(model: Model, find: Callable[[CalledProcess], str | None]) -> Iterator[Finding]:
    """Call activities whose process is neither in the file nor, says ``find``, anywhere else."""
    tags = {process.id: process.version_tag for process in model.processes}
    for call in model.calls:
        here = call.process_id in tags and (call.binding != "versionTag" or tags[call.process_id] == call.version_tag)
        if here or call.process_id.startswith("="):
            continue
        if find(CalledProcess("", call.process_id, call.binding or "latest", call.version_tag)) is None:
            yield error(
                "calledProcessUnknown",
                f"调用的流程“{call.process_id}”不存在。",
                f"The process '{call.process_id}' that '{call.element_id}' calls does not exist.",
                "请先部署含有该流程（及其版本标签）的文件。",
                "Deploy the file with that process (and version tag) first.",
                call.element_id,
            )


def _element(element: Element, offered: Surroundings, pool_role: str) -> Iterator[Finding]:
    if element.form_id and element.form_id not in offered.forms:
        yield error(
            "formUnknown",
            f"任务“{element.name}”的表单“{element.form_id}”不存在。",
            f"The form '{element.form_id}' of '{element.id}' does not exist.",
            "请先发布该表单。",
            "Publish the form first.",
            element.id,
        )
    if element.type == "userTask":
        yield from _performer(element)
    for action in element.actions:
        if action.unless_flag and action.unless_flag not in FLAGS and action.unless_flag not in PLATFORM_FLAGS:
            yield unknown(element, "flagUnknown", "标识（unlessFlag）", action.unless_flag, PLATFORM_FLAGS | set(FLAGS))
    called = element.decision
    if called is not None and not called.decision_id.startswith("=") and element.id not in offered.decisions:
        tag = f"（{called.version_tag}）" if called.version_tag else ""
        yield error(
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
        yield finding(
            Severity.WARNING,
            "topicUnattended",
            f"服务“{kind}”不由平台提供，将作为外部作业的主题；目前没有接口客户端登记该主题，办件会停在这里等待。",
            f"The service '{kind}' is not offered here: it is a topic of external tasks; no API client is registered for it.",
            f"请在“接口客户端”中登记该主题，或改用平台提供的服务：{'、'.join(sorted(offered.services))}。",
            f"Register a client for the topic, or use what is offered: {', '.join(sorted(offered.services))}.",
            element.id,
        )
    if not element.maps_outputs:
        yield finding(
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
        yield error(
            "roleMissing",
            f"任务“{element.name}”没有办理角色。",
            f"The task '{element.id}' names no role.",
            "请在泳道上填写办理角色（lianban:performer），或在任务上填写候选组。",
            "Give the lane a lianban:performer, or the task a candidate group.",
            element.id,
        )
    elif not element.role.startswith("=") and element.role not in known:
        yield error(
            "roleUnknown",
            f"角色“{element.role}”不存在。",
            f"The role '{element.role}' does not exist.",
            f"可用的角色：{'、'.join(sorted(known))}。",
            f"Known roles: {', '.join(sorted(known))}.",
            element.id,
        )


def _effect(element: Element, effect: Effect, offered: Surroundings, pool_role: str) -> Iterator[Finding]:
    if effect.kind not in offered.effects:
        yield unknown(element, "effectUnknown", "平台动作", effect.kind, offered.effects)
        return
    known = _known_codes(effect.kind, pool_role)
    code = effect.attributes.get("code", "")
    if known is not None and code not in known:
        yield unknown(element, f"{effect.kind}Unknown", f"代码（{effect.kind}）", code, known)
    if effect.kind == "clock":
        action, reason = effect.attributes.get("action", ""), effect.attributes.get("reason", "")
        if action not in CLOCK_ACTIONS:
            yield unknown(element, "clockActionUnknown", "计时动作", action, CLOCK_ACTIONS)
        allowed = frozenset(offered.policies.get("clock.stopReasons", "").split(","))
        if action == "stop" and reason not in allowed:
            yield unknown(element, "stopReasonUnknown", "停止计时的事由", reason, allowed)


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
            yield unknown(element, "policyUnknown", "时限规则", policy, ())
    for policy in model.policies:
        if policy not in offered.policies and all(policy != each.deadline for each in model.elements.values()):
            yield error(
                "policyUnknown",
                f"时限规则“{policy}”不存在。",
                f"The policy '{policy}' does not exist.",
                "请在时限规则列表中选择。",
                "Choose one from the list of policies.",
            )
