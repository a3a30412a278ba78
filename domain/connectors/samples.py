"""A service task with sample variables, as a designer tries it out: evaluated like in a case, without one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from domain.actors import Role
from domain.clock import CHINA
from domain.context import Context
from domain.deadlines import handed
from domain.deadlines.calendar import NATION
from domain.errors import DomainError, Forbidden
from domain.sites import service as sites
from engine.contract import Element, Finding, Severity
from engine.errors import ExpressionFailed
from engine.source.nodes import IoMapping

DESIGNERS: Final = (Role.DESIGNER, Role.PLATFORM_ADMIN)
CASE_NO: Final = "SAMPLE-0001"


class SampleRefused(DomainError):
    """A mapping of the task cannot be evaluated with these sample variables."""

    code = "sample-refused"
    title_zh = "示例数据无法代入"
    title_en = "The sample does not fit"
    next_zh = "请核对示例变量和该任务的表达式。"
    next_en = "Check the sample variables and the task's expressions."


@dataclass(frozen=True, slots=True)
class Sample:
    """A task as it is drawn, the variables to try it with, and the site in whose name (None: the platform's connections only).

    ``inputs`` and ``outputs`` are (target, source) as written; ``headers`` the task headers.
    """

    topic: str
    element_id: str
    name: str
    inputs: Sequence[tuple[str, str]]
    outputs: Sequence[tuple[str, str]]
    headers: Mapping[str, str]
    retries: str = ""
    variables: Mapping[str, Any] = field(default_factory=dict, repr=False)
    site_id: int | None = None


def require_designer(ctx: Context, site_id: int | None) -> None:
    """Who designs for the whole platform tries for every site, others for their own. Raises :class:`Forbidden`."""
    wide = any(ctx.actor.has(role, 0) for role in DESIGNERS)
    own = any(ctx.actor.has(role, site_id) for role in DESIGNERS)
    if not (wide or own):
        raise Forbidden("只能以本人设计权限所在的机构试用外部连接。", "You try connections of your own sites only.")


def arguments(ctx: Context, sample: Sample) -> dict[str, Any]:
    """The task's arguments with the sample's variables in them. Raises :class:`SampleRefused`."""
    return _mapped(ctx, sample.inputs, _visible(ctx, sample))


def results(ctx: Context, sample: Sample, found: Mapping[str, Any]) -> dict[str, Any]:
    """The variables that would be written into the case. Raises :class:`SampleRefused`."""
    if not sample.outputs:
        return dict(found)
    return _mapped(ctx, sample.outputs, {**_visible(ctx, sample), **found})


def check(ctx: Context, sample: Sample) -> list[Finding]:
    """What deployment would say about the task."""
    element = Element(
        sample.element_id,
        "serviceTask",
        sample.name,
        "",
        service_type=sample.topic,
        inputs=tuple(sample.inputs),
        headers=tuple(sample.headers.items()),
        retries=sample.retries or None,
    )
    return list(ctx.handlers.checks[sample.topic](ctx, element, sample.site_id))


def finding_of(sample: Sample, error: DomainError) -> Finding:
    """Why a call cannot be made, as a finding at the task."""
    return Finding(
        error.code,
        Severity.ERROR,
        error.fact_zh or error.title_zh,
        error.fact_en or error.title_en,
        error.next_zh,
        error.next_en,
        sample.element_id,
    )


def _visible(ctx: Context, sample: Sample) -> dict[str, Any]:
    """What docs/dialect.md promises to every expression, as of a made-up case; the sample's own variables come first."""
    site = None if sample.site_id is None else sites.get_site_by_id(ctx, sample.site_id)
    region = NATION if site is None else site.region_code
    return {
        "now": ctx.clock.now().astimezone(CHINA).isoformat(),
        "deadlines": {},
        "caseInfo": {"caseNo": CASE_NO, "collabNo": CASE_NO, "itemCode": "SAMPLE", "status": "SUBMITTED"},
        "site": {
            "code": "" if site is None else site.code,
            "name": "" if site is None else site.name,
            "phone": "" if site is None else site.phone,
            "regionCode": region,
            "provinceCode": region[:2] + "0000",
        },
        "application": {},
        "performer": {"name": ctx.actor.name},
        **handed.calendars(ctx.session, region),
        **sample.variables,
    }


def _mapped(ctx: Context, rows: Sequence[tuple[str, str]], values: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return ctx.engine.evaluator.mappings([IoMapping(source, target) for target, source in rows], values)
    except ExpressionFailed as error:
        raise SampleRefused(
            f"表达式无法计算：{error.source[:120]}", f"An expression cannot be evaluated: {error.source[:120]}"
        ) from None
