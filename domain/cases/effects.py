"""What the model makes of the case itself: status, flag, result, point of no return, and the service ``case.close``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.audit import service as audit
from domain.cases.errors import PlatformDutyUnknown
from domain.cases.rows import LegRow
from domain.context import Context
from domain.definitions.codes import codes
from engine.contract import Advance, Effect, Job, ServiceError

ACCEPTING = frozenset({"ACCEPTED", "ACCEPTED_GAP"})
"""Statuses that make an application accepted (受理)."""


def run(ctx: Context, leg: LegRow, advance: Advance) -> None:
    """Carry out the effects of a step in the order of its history. Raises :class:`PlatformDutyUnknown`."""
    for event in advance.history:
        for effect in event.effects:
            handler = BUILT_IN.get(effect.kind) or ctx.handlers.effects.get(effect.kind)
            if handler is None:
                raise PlatformDutyUnknown(
                    f"元素 {event.element_id} 要求的“{effect.kind}”未提供。",
                    f"Element {event.element_id} asks for '{effect.kind}', which is not offered.",
                )
            handler(ctx, leg, effect, leg.variables)


def set_status(ctx: Context, leg: LegRow, effect: Effect, variables: Mapping[str, Any]) -> None:
    """The leg's status; the main leg's is the case's."""
    del variables
    code = effect.attributes["code"]
    before, leg.status = leg.status, code
    if leg.role == "main":
        leg.case.status = code
        if code in ACCEPTING and leg.case.accepted_at is None:
            leg.case.accepted_at = ctx.clock.now()
    if before != code:
        audit.record_of(ctx, leg, "status.changed", data={"from": before, "to": code})


def set_flag(ctx: Context, leg: LegRow, effect: Effect, variables: Mapping[str, Any]) -> None:
    """A milestone that is no exclusive state, e.g. INTERIM_APPROVED."""
    del variables
    code = effect.attributes["code"]
    if code not in leg.case.flags:
        leg.case.flags = [*leg.case.flags, code]
        audit.record_of(ctx, leg, "flag.set", data={"code": code})


def set_result(ctx: Context, leg: LegRow, effect: Effect, variables: Mapping[str, Any]) -> None:
    """办结结果代码 of the leg; the main leg's becomes the case's when it ends."""
    del variables
    _set_result(ctx, leg, effect.attributes["code"])


def pass_return(ctx: Context, leg: LegRow, effect: Effect, variables: Mapping[str, Any]) -> None:
    """From here the applicant cannot simply withdraw (DOMAIN §1.2.6)."""
    del effect, variables
    if not leg.past_return:
        leg.past_return = leg.case.past_return = True
        audit.record_of(ctx, leg, "return.passed")


def close_case(ctx: Context, leg: LegRow, job: Job) -> Mapping[str, Any]:
    """Service ``case.close``: the result of the leg; in the main leg the case is closed with it, the leg may still go on."""
    code = str(job.arguments.get("resultCode", ""))
    if code not in codes().results:
        raise ServiceError("result-code-unknown", f"'{code[:20]}' is not a result code (0-6)")
    _set_result(ctx, leg, code)
    if leg.role == "main":
        leg.case.result_code = code
    return {}


def evaluate(ctx: Context, leg: LegRow, job: Job) -> Mapping[str, Any]:  # noqa: ARG001
    """Service ``evaluate``: the task's mappings are the work (expression service tasks of other engines)."""
    return {}


def _set_result(ctx: Context, leg: LegRow, code: str) -> None:
    leg.result_code = code
    audit.record_of(ctx, leg, "result.set", data={"code": code})


BUILT_IN = {
    "status": set_status,
    "flag": set_flag,
    "result": set_result,
    "pointOfNoReturn": pass_return,
}
SERVICES = {"case.close": close_case, "evaluate": evaluate}
