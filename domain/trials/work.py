"""What is done about user tasks, held service tasks and incidents of a trial."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from domain.context import Context
from domain.trials.bounds import Bounds
from domain.trials.command import command
from domain.trials.errors import StepOutdated
from domain.trials.models import TrialInstance
from domain.trials.run import Command, Run
from engine import places
from engine.contract import Advance, Environment, Variables
from engine.facade import Engine

_WORDS = {
    "tasks": ("任务", "task"),
    "jobs": ("作业", "job"),
    "incidents": ("异常", "incident"),
    "ad_hocs": ("自由子流程", "ad-hoc sub-process"),
}


def complete_task(ctx: Context, bounds: Bounds, trial_id: int, task_id: str, data: Variables) -> TrialInstance:
    """Complete a user task. When its output mappings fail nothing happened."""
    return _act_on(
        ctx,
        bounds,
        trial_id,
        ("tasks", task_id, "task.completed", {"variables": dict(data)}),
        lambda engine, definition_id, state, env: engine.complete_task(definition_id, state, task_id, data, env),
    )


def throw_task_error(
    ctx: Context, bounds: Bounds, trial_id: int, task_id: str, code: str, variables: Variables
) -> TrialInstance:
    """A user task ends with a BPMN error."""
    return _act_on(
        ctx,
        bounds,
        trial_id,
        ("tasks", task_id, "task.error", {"code": code, "variables": dict(variables)}),
        lambda engine, definition_id, state, env: engine.throw_task_error(
            definition_id, state, task_id, code, variables, env
        ),
    )


def throw_task_escalation(
    ctx: Context, bounds: Bounds, trial_id: int, task_id: str, code: str, variables: Variables
) -> TrialInstance:
    """A user task escalates; it stays open unless an interrupting event catches that."""
    return _act_on(
        ctx,
        bounds,
        trial_id,
        ("tasks", task_id, "task.escalation", {"code": code, "variables": dict(variables)}),
        lambda engine, definition_id, state, env: engine.throw_task_escalation(
            definition_id, state, task_id, code, variables, env
        ),
    )


def complete_job(ctx: Context, bounds: Bounds, trial_id: int, job_id: str, result: Variables) -> TrialInstance:
    """A service task that was held is done."""
    return _act_on(
        ctx,
        bounds,
        trial_id,
        ("jobs", job_id, "job.completed", {"result": dict(result)}),
        lambda engine, definition_id, state, env: engine.complete_job(definition_id, state, job_id, result, env),
    )


def fail_job(ctx: Context, bounds: Bounds, trial_id: int, job_id: str, code: str, message: str) -> TrialInstance:
    """A service task that was held could not be done: an incident opens."""
    return _act_on(
        ctx,
        bounds,
        trial_id,
        ("jobs", job_id, "job.failed", {"code": code, "message": message}),
        lambda engine, definition_id, state, env: engine.fail_job(definition_id, state, job_id, code, message, env),
    )


def throw_job_error(
    ctx: Context, bounds: Bounds, trial_id: int, job_id: str, code: str, variables: Variables
) -> TrialInstance:
    """A service task that was held ends with a BPMN error."""
    return _act_on(
        ctx,
        bounds,
        trial_id,
        ("jobs", job_id, "job.error", {"code": code, "variables": dict(variables)}),
        lambda engine, definition_id, state, env: engine.throw_error(
            definition_id, state, job_id, code, env, variables
        ),
    )


def retry(ctx: Context, bounds: Bounds, trial_id: int, incident_id: str) -> TrialInstance:
    """Run the element of an incident again."""

    def again(engine: Engine, definition_id: str, state: bytes, env: Environment) -> Advance:
        return engine.retry(definition_id, state, incident_id, env)

    with command(ctx, bounds, trial_id) as run:
        instance, row = _holder(run, "incidents", incident_id)
        run.tell("incident.retried", instance, row["element_id"], definition_id=row.get("definition_id"))
        run.command(instance, again)
        return instance


def activate(ctx: Context, bounds: Bounds, trial_id: int, ad_hoc_id: str, elements: Sequence[str]) -> TrialInstance:
    """Start elements of an open ad-hoc sub-process."""
    with command(ctx, bounds, trial_id) as run:
        instance, row = _holder(run, "ad_hocs", ad_hoc_id)
        known = {places.split(each)[1]: each for each in row["enabled"]}
        chosen = [known.get(each, each) for each in elements]

        def start(engine: Engine, definition_id: str, state: bytes, env: Environment) -> Advance:
            return engine.activate(definition_id, state, ad_hoc_id, chosen, env)

        told = {"elements": list(elements)}
        run.tell("adHoc.activated", instance, row["element_id"], told, definition_id=row.get("definition_id"))
        run.command(instance, start)
        return instance


def _act_on(
    ctx: Context,
    bounds: Bounds,
    trial_id: int,
    what: tuple[str, str, str, Mapping[str, Any]],
    step: Command,
) -> TrialInstance:
    """A command on the instance that holds an open task or job; ``what`` is (list, id, history kind, history data)."""
    rows, thing_id, kind, data = what
    with command(ctx, bounds, trial_id) as run:
        instance, row = _holder(run, rows, thing_id)
        more = {"type": row["type"], "arguments": row["arguments"]} if rows == "jobs" else {"taskId": thing_id}
        run.tell(kind, instance, row["element_id"], {**more, **data}, definition_id=row.get("definition_id"))
        run.command(instance, step)
        return instance


def _holder(run: Run, rows: str, thing_id: str) -> tuple[TrialInstance, Mapping[str, Any]]:
    """The instance with an open task, job or incident, and its row there. Raises :class:`StepOutdated`."""
    query = select(TrialInstance).where(
        TrialInstance.trial_id == run.trial.id, TrialInstance.open_ids.contains([thing_id])
    )
    for instance in run.ctx.session.scalars(query):
        for row in instance.open.get(rows, ()):
            if row["id"] == thing_id:
                return instance, row
    word_zh, word_en = _WORDS[rows]
    raise StepOutdated(f"该{word_zh}不存在或已不再等待。", f"The {word_en} does not exist or is no longer open.")
