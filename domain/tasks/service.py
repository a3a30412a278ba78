"""Working on user tasks: claim, release, assign, save a draft, complete."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Table, select, update

from domain.actors import Role
from domain.audit import service as audit
from domain.cases import labels, rows, runtime
from domain.cases.errors import refusals
from domain.cases.models import Candidate
from domain.cases.projection import Cause
from domain.cases.rows import TASKS, LegRow, TaskRow
from domain.clock import CHINA
from domain.context import Context
from domain.definitions import store
from domain.errors import Forbidden
from domain.identity.models import Grant, User
from domain.materials import service as materials
from domain.tasks import policy
from domain.tasks.errors import ActionNotHere, ActionUnknown, FormRejected, NotYourTask, TaskChanged, TaskNotOpen
from engine.contract import Advance, Element, Environment, TaskAction
from engine.facade import Engine
from forms import errors as forms_errors
from forms import validation

CANDIDATES = cast("Table", Candidate.__table__)
SUBMIT = "SUBMIT"
"""Action of a task whose model lists none: the one button 提交."""


@dataclass(frozen=True, slots=True)
class NextTask:
    """A task that the completion opened."""

    id: str
    name: str
    role: str
    site_id: int


@dataclass(frozen=True, slots=True)
class Completed:
    """What a completion led to."""

    task_id: str
    case_id: int
    case_no: str
    leg_id: int
    next_tasks: tuple[NextTask, ...]


def complete(
    ctx: Context, task_id: str, data: Mapping[str, Any], action: str | None = None, version: int | None = None
) -> Completed:
    """Submit a task's form and let the leg go on. One lock, one step; on every refusal the case is unharmed.

    Raises :class:`TaskNotOpen`, :class:`NotYourTask`, :class:`TaskClaimed`, :class:`SeparationOfDuties`,
    :class:`ActionUnknown`, :class:`FormRejected`, :class:`TaskChanged`, and what the step refuses.
    """
    leg, task = rows.lock_task(ctx, task_id)
    ctx, element = _require_open(ctx, leg, task, version)
    policy.require_unclaimed(ctx, task)
    policy.require_apart(ctx, leg, task)
    policy.require_separation(ctx, leg, element.separation)
    chosen = _action(element, action, leg.case.flags)
    accepted = _validate(ctx, leg, task, data, chosen)
    materials.from_task(ctx, leg, task.role, accepted)

    def command(engine: Engine, definition_id: str, state: bytes, env: Environment) -> Advance:
        return engine.complete_task(definition_id, state, task_id, {**accepted, "action": chosen}, env)

    cause = Cause("task.completed", task.element_id, {"taskId": task_id, "action": chosen})
    runtime.step(ctx, leg, command, cause=cause)
    return Completed(task_id, leg.case_id, leg.case_no, leg.id, _next_tasks(ctx, leg))


def claim(ctx: Context, task_id: str) -> None:
    """Take a task. Raises :class:`TaskClaimed` when somebody else has it."""
    leg, task = rows.lock_task(ctx, task_id)
    ctx, element = _require_open(ctx, leg, task, None)
    policy.require_unclaimed(ctx, task)
    policy.require_apart(ctx, leg, task)
    policy.require_separation(ctx, leg, element.separation)
    if task.assignee_id is None:
        # For the principal: when the delegation ends the task is still in the right hands.
        put_in_hands(ctx, leg, task, policy.people_of(ctx)[-1], "task.claimed")


def release(ctx: Context, task_id: str) -> None:
    """Give a task back to its group. Raises :class:`TaskClaimed` when it is somebody else's."""
    leg, task = rows.lock_task(ctx, task_id)
    ctx, _ = _require_open(ctx, leg, task, None)
    policy.require_unclaimed(ctx, task)
    if task.role == Role.APPLICANT:
        raise NotYourTask("申请人的任务不能退回。", "An applicant's task cannot be released.")
    if task.assignee_id is not None:
        put_in_hands(ctx, leg, task, None, "task.released")


def assign(ctx: Context, task_id: str, user_id: int) -> None:
    """Hand a task to a colleague who has its role at its site (转办). Raises :class:`NotYourTask`, :class:`SeparationOfDuties`."""
    leg, task = rows.lock_task(ctx, task_id)
    ctx, element = _require_open(ctx, leg, task, None)
    if task.role == Role.APPLICANT:
        raise NotYourTask("申请人的任务不能转给他人。", "An applicant's task cannot be handed on.")
    holds = (
        select(Grant.id)
        .join(User, User.id == Grant.user_id)
        .where(Grant.user_id == user_id, Grant.site_id == task.site_id, Grant.role == task.role, User.is_active)
    )
    if ctx.session.execute(holds).first() is None:
        raise Forbidden("该人员在本机构没有办理此任务的角色。", "That person does not have the role at this site.")
    policy.require_apart(ctx, leg, task, user_id)
    policy.require_separation(ctx, leg, element.separation, user_id)
    put_in_hands(ctx, leg, task, user_id, "task.assigned")


def save_draft(ctx: Context, task_id: str, data: Mapping[str, Any]) -> None:
    """Keep what was typed so far. Raises :class:`FormRejected` for what the form does not know."""
    leg, task = rows.lock_task(ctx, task_id)
    ctx, _ = _require_open(ctx, leg, task, None)
    policy.require_unclaimed(ctx, task)
    schema, context = _form(ctx, leg, task)
    try:
        kept = validation.accept_draft(ctx.forms, schema, dict(data), context).data if schema else dict(data)
    except forms_errors.FormRejected as error:
        raise FormRejected.of(error) from error
    ctx.session.execute(update(TASKS).where(TASKS.c.id == task_id).values(draft=kept))


def _require_open(ctx: Context, leg: LegRow, task: TaskRow, version: int | None) -> tuple[Context, Element]:
    """As whom the actor does it and the task's element, when it is open and the actor may do it."""
    acting = policy.performing(ctx, leg, task)
    if task.state != "open":
        raise _not_open(ctx, task)
    if version is not None and version != task.version:
        raise TaskChanged("任务在您打开之后有了变化。", "The task changed after you opened it.")
    return acting, store.load_elements(ctx.session, leg.definition_id)[task.element_id]


def _not_open(ctx: Context, task: TaskRow) -> TaskNotOpen:
    when = "" if task.closed_at is None else f"{task.closed_at.astimezone(CHINA):%Y-%m-%d %H:%M}"
    if task.state != "completed":
        return TaskNotOpen(f"该任务已于 {when} 取消。", f"The task was cancelled at {when}.")
    name = "申请人"
    if task.role != Role.APPLICANT and task.completed_by is not None:
        name = ctx.session.execute(select(User.name).where(User.id == task.completed_by)).scalar_one_or_none() or ""
    by = "the applicant" if task.role == Role.APPLICANT else name
    return TaskNotOpen(f"{name}已于 {when} 办结该任务。", f"It was completed by {by} at {when}.")


def offered_actions(element: Element, flags: Collection[str]) -> list[TaskAction]:
    """The buttons of a task in a case with these flags: some are not there in every case (``unlessFlag``)."""
    return [each for each in element.actions if not each.unless_flag or each.unless_flag not in flags]


def _action(element: Element, action: str | None, flags: Collection[str]) -> str:
    buttons = offered_actions(element, flags)
    offered = [each.value for each in buttons]
    if not offered and action in (None, SUBMIT):
        return SUBMIT
    if action is None or action not in offered:
        listed = "、".join(each.name for each in buttons) or "提交"
        for each in element.actions:
            if each.value == action and each.unless_flag:
                raise _not_here(each, listed)
        raise ActionUnknown(f"可用的操作：{listed}。", f"Actions: {', '.join(offered) or SUBMIT}.", pointer="/action")
    return action


def _not_here(action: TaskAction, listed: str) -> ActionNotHere:
    flag, flag_en = (name(labels.FLAGS, action.unless_flag) for name in (labels.name_of, labels.name_en_of))
    return ActionNotHere(
        f"本办件“{flag}”，不能“{action.name}”。可用的操作：{listed}。",
        f"The case is marked “{flag_en}”: “{action.name_en or action.name}” is not offered.",
        pointer="/action",
    )


def _form(ctx: Context, leg: LegRow, task: TaskRow) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    """The schema in the version the definition was deployed with, and what its expressions may read."""
    version = store.load_home(ctx.session, leg.definition_id, task.element_id).forms.get(task.form_id)
    schema = None if version is None else store.load_schema(ctx.session, task.form_id, version)
    told = {"atWindow": True} if ctx.actor.is_at_window else {}
    return schema, {**task.context, **told, "now": ctx.clock.now().astimezone(CHINA).isoformat()}


def _validate(ctx: Context, leg: LegRow, task: TaskRow, data: Mapping[str, Any], action: str) -> dict[str, Any]:
    """What the form makes of the data; its conditions may read the pressed ``action``, as they do in the browser."""
    schema, context = _form(ctx, leg, task)
    if schema is None:
        return dict(data)
    try:
        with refusals():
            return validation.validate(ctx.forms, schema, dict(data), {**context, "action": action}).data
    except forms_errors.FormRejected as error:
        raise FormRejected.of(error) from error


def put_in_hands(ctx: Context, leg: LegRow, task: TaskRow, user_id: int | None, kind: str) -> None:
    """Write the assignee to the task and to its place in the inbox, with the record."""
    place = (
        update(CANDIDATES)
        .where(CANDIDATES.c.task_id == task.id, CANDIDATES.c.site_id == task.site_id)
        .values(assignee_id=user_id)
    )
    ctx.session.execute(
        update(TASKS)
        .where(TASKS.c.id == task.id)
        .values(
            assignee_id=user_id,
            claimed_at=None if user_id is None else ctx.clock.now(),
            version=TASKS.c.version + 1,
        )
        .add_cte(place.cte("place"))
    )
    audit.record_of(ctx, leg, kind, element_id=task.element_id, data={"taskId": task.id, "to": user_id})


def _next_tasks(ctx: Context, leg: LegRow) -> tuple[NextTask, ...]:
    if leg.advance is None:
        return ()
    elements = store.load_elements(ctx.session, leg.definition_id)
    return tuple(
        NextTask(
            task.id,
            task.name,
            (task.candidate_groups[0] if task.candidate_groups else elements[task.element_id].role) or "",
            leg.site_id,
        )
        for task in leg.advance.opened_tasks
    )
