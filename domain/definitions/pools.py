"""Pools and what they exchange: one of them leads, each has a site, every message has a flow and a data contract."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from sqlalchemy import select

from domain.context import Context
from domain.definitions.reported import error, finding
from domain.sites.models import Site
from engine.contract import Finding, Model, Participant, Severity
from forms.kernel import Expression

THROWERS: Final = frozenset({"intermediateThrowEvent", "sendTask", "endEvent"})
PATH: Final = re.compile(r"^[A-Za-z_]\w*(\[\])?(\.[A-Za-z_]\w*(\[\])?)*$")


def findings(ctx: Context, model: Model) -> Iterator[Finding]:
    """All that is wrong with the pools and flows of a model."""
    yield from _called_only() if _is_called_only(model) else _pools(ctx, model)
    yield from _flows(model)


def _is_called_only(model: Model) -> bool:
    """Without a collaboration nothing says at which site a case would begin: other models may call its processes."""
    return all(pool.id == pool.process_id for pool in model.participants)


def _called_only() -> Iterator[Finding]:
    yield finding(
        Severity.WARNING,
        "calledOnly",
        "模型没有泳池，不能受理办件，只能被其他流程调用。",
        "The model has no pool: no case can begin with it, other processes can call it.",
        "要受理办件，请画出带 lianban:site 的泳池。",
        "Draw a pool with lianban:site if cases shall begin here.",
        None,
    )


def _pools(ctx: Context, model: Model) -> Iterator[Finding]:
    executable = [pool for pool in model.participants if pool.process_id]
    mains = [pool for pool in executable if pool.role == "main"]
    if len(mains) != 1:
        yield error(
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
            yield finding(
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
        yield error(
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
        yield error(
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
            yield error(
                "messageFlowMissing",
                f"“{element.name}”发出的消息没有消息流。",
                f"No message flow leads from '{element.id}' to another pool.",
                "请从该元素画一条消息流到接收方。",
                "Draw a message flow from this element to its receiver.",
                element.id,
            )
    for flow in model.message_flows:
        if not flow.fields and not flow.materials:
            yield finding(
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
                yield error(
                    "contractPath",
                    f"数据契约的字段“{row.path}”写法不对。",
                    f"The contract field '{row.path}' is not a path.",
                    "请写成 applicant.name 或 movers[].idNo。",
                    "Write applicant.name or movers[].idNo.",
                    flow.id,
                )
