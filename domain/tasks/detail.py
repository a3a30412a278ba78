"""One task as its page needs it: row, form, data, buttons, who may do it and why not, earlier steps that must be others'."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import load_only

from domain.actors import Role
from domain.cases import labels, scope
from domain.cases import queries as cases
from domain.cases.models import Case, Leg, Task
from domain.context import Context
from domain.deadlines import policies
from domain.definitions import store
from domain.disclosure.masks import Masks
from domain.errors import NotFound
from domain.identity import separation as duties
from domain.identity.models import User
from domain.sites.models import Site
from domain.tasks import policy
from domain.tasks.lines import TaskLine, lines_of
from domain.tasks.service import SUBMIT, offered_actions
from engine.contract import Element

WORKING = scope.DESK | {Role.LIAISON}


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether the actor may claim and complete the task; if not, why not."""

    may_claim: bool
    may_complete: bool
    why: str
    why_en: str


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier step that must not be done by the same person, and who did it."""

    element_name: str
    by: str
    user_id: int | None
    for_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskDetail:
    """A task with everything around it. ``form`` is None when the form was never published.

    ``reads``: whether its content (context, materials, notices) is shown: to who may do it and to the desks of its site.
    """

    line: TaskLine
    task: Task
    case_id: int
    leg_id: int
    leg_role: str
    definition_id: int
    element: Element
    form: dict[str, Any] | None
    context: Mapping[str, Any]
    data: Mapping[str, Any]
    reads: bool
    actions: list[dict[str, Any]]
    standing: Standing
    separation: list[Earlier]
    policy_text: str | None
    policy_text_en: str | None


def get_task(ctx: Context, task_id: str) -> TaskDetail:
    """A task for staff of its site, or for the applicant whose task it is. Raises :class:`NotFound`."""
    task, case, leg, site = _load(ctx, task_id)
    deployed = store.load_home(ctx.session, leg.definition_id, task.element_id)
    elements = store.load_elements(ctx.session, leg.definition_id)
    element = elements[task.element_id]
    version = deployed.forms.get(task.form_id)
    schema = None if version is None else store.load_schema(ctx.session, task.form_id, version)
    separation = _separation(ctx, leg, element, elements)
    policy_text, policy_text_en = _policy_text(ctx, task, site, case, leg.role)
    line = lines_of(ctx, [task_id])[0]
    standing = _standing(ctx, task, case, line, separation)
    # Who did it is no longer its owner: a task that ended is read masked, like every page of the case.
    holds = task.assignee_id == ctx.actor.user_id and task.state == "open"
    holds = holds or (task.role == Role.APPLICANT and ctx.actor.speaks_for(case.applicant_user_id))
    reads = holds or standing.may_complete or standing.may_claim or _reads(ctx, task, case, leg)
    context = (task.context or {}) if reads else {}
    return TaskDetail(
        line=line,
        task=task,
        case_id=case.id,
        leg_id=leg.id,
        leg_role=leg.role,
        definition_id=leg.definition_id,
        element=element,
        form=None if schema is None else {"form_id": task.form_id, "version": version, "schema": schema},
        context=_told(ctx, context) if holds else Masks(schema).masked(context),  # 承办人 reads all of it (DOMAIN §5.4)
        data=(task.draft or {}) if standing.may_complete else {},
        reads=reads,
        actions=_actions(element, case.flags),
        standing=standing,
        separation=separation,
        policy_text=policy_text,
        policy_text_en=policy_text_en,
    )


def _told(ctx: Context, context: Mapping[str, Any]) -> dict[str, Any]:
    """What a form may read: also that the applicant stands at a window (identity papers were seen there)."""
    return {**context, **({"atWindow": True} if ctx.actor.is_at_window else {})}


def is_visible(ctx: Context, task_id: str) -> bool:
    """Whether the task exists for this actor."""
    try:
        _load(ctx, task_id)
    except NotFound:
        return False
    return True


def _load(ctx: Context, task_id: str) -> tuple[Task, Case, Leg, Site]:
    row = ctx.session.execute(
        select(Task, Case, Leg, Site)
        .join(Case, Case.id == Task.case_id)
        .join(Leg, Leg.id == Task.leg_id)
        .join(Site, Site.id == Task.site_id)
        .options(
            load_only(Case.id, Case.item_code, Case.applicant_user_id),
            load_only(Leg.id, Leg.definition_id, Leg.role, Leg.case_no),
        )
        .where(Task.id == task_id)
    ).one_or_none()
    if row is None or not _belongs(ctx, row.Task, row.Case):
        raise NotFound("没有这个任务。", "There is no such task.")
    return row.Task, row.Case, row.Leg, row.Site


def _belongs(ctx: Context, task: Task, case: Case) -> bool:
    if task.role == Role.APPLICANT and ctx.actor.speaks_for(case.applicant_user_id):
        return True
    return bool(ctx.actor.roles_at(task.site_id) & WORKING)


def _reads(ctx: Context, task: Task, case: Case, leg: Leg) -> bool:
    """The desks of the task's site; a partner's no longer than its access lasts."""
    if not ctx.actor.roles_at(task.site_id) & scope.DESK:
        return False
    if leg.role == "main" or task.state == "open":
        return True
    frame = cases.frame_of(ctx, case.id)
    return frame is not None and frame.view.shows_papers


def _standing(ctx: Context, task: Task, case: Case, line: TaskLine, separation: list[Earlier]) -> Standing:
    if task.state != "open":
        return Standing(may_claim=False, may_complete=False, why="该任务已经结束。", why_en="The task is closed.")
    if task.role == Role.APPLICANT:
        own = ctx.actor.speaks_for(case.applicant_user_id)
        why = ("", "") if own else ("该任务由申请人本人办理。", "The applicant does this task.")
        return Standing(may_claim=False, may_complete=own, why=why[0], why_en=why[1])
    behalf = ctx.actor.find_behalf(task.site_id, task.role, case.item_code)
    if task.role not in ctx.actor.roles_at(task.site_id) and behalf is None:
        need = line.role_name
        return Standing(
            may_claim=False,
            may_complete=False,
            why=f"该任务需要“{need}”角色，您没有这个角色。",
            why_en=f"The task needs the role {task.role}, which you do not have.",
        )
    people = {ctx.actor.user_id} if behalf is None else {ctx.actor.user_id, behalf.user_id}
    apart = _kept_apart(ctx, task, separation, people)
    if apart is not None:
        return Standing(may_claim=False, may_complete=False, why=apart[0], why_en=apart[1])
    if task.assignee_id is not None and task.assignee_id not in people:
        return Standing(
            may_claim=False,
            may_complete=False,
            why=f"该任务已由{line.assignee_name or '他人'}领取。",
            why_en="Somebody else has claimed the task.",
        )
    why = ("", "") if behalf is None else (f"您代{behalf.name}办理。", f"You act for {behalf.name}.")
    return Standing(may_claim=task.assignee_id is None, may_complete=True, why=why[0], why_en=why[1])


def _kept_apart(ctx: Context, task: Task, separation: list[Earlier], people: Collection[int]) -> tuple[str, str] | None:
    """What one of ``people`` (the actor, for whom the actor acts) did earlier that keeps them from this task.

    By the model's own marks, then by the rules for all models.
    """
    own_steps = [step for step in separation if {step.user_id, step.for_id} & set(people)]
    if own_steps:
        name = own_steps[0].element_name
        return (
            f"职责分离：“{name}”由您办理，本环节须由另一人办理。",
            f"Separation of duties: you did “{name}”; somebody else must do this step.",
        )
    rule = duties.task_rule(task.role, policy.done_roles(ctx.session, task.leg_id, people))
    return None if rule is None else (f"职责分离：{rule.zh}。", f"Separation of duties: {rule.en}.")


def _separation(ctx: Context, leg: Leg, element: Element, elements: Mapping[str, Element]) -> list[Earlier]:
    if not element.separation:
        return []
    done: dict[str, Any] = {}
    for row in ctx.session.execute(
        select(Task.element_id, Task.completed_by, Task.completed_for, User.name)
        .outerjoin(User, User.id == Task.completed_by)
        .where(Task.leg_id == leg.id, Task.element_id.in_(element.separation), Task.state == "completed")
        .order_by(Task.closed_at)
    ):
        done[row.element_id] = row
    return [
        Earlier(
            labels.one_line(elements[name].name) if name in elements else name,
            done[name].name or "" if name in done else "",
            done[name].completed_by if name in done else None,
            done[name].completed_for if name in done else None,
        )
        for name in element.separation
    ]


def _policy_text(ctx: Context, task: Task, site: Site, case: Case, leg_role: str) -> tuple[str | None, str | None]:
    """The answer to “为什么是这一天” for the task's due date."""
    if task.policy is None or task.policy not in policies.shipped():
        return None, None
    value = policies.effective(
        ctx, task.policy, site, case.item_code, policies.partner_at(leg_role, site, case.partner_code)
    )
    return f"{value.name}：{value.explanation}", f"{value.name_en}: {value.explanation_en}"


def _actions(element: Element, flags: Collection[str]) -> list[dict[str, Any]]:
    if not element.actions:
        return [{"value": SUBMIT, "name": "提交", "name_en": "Submit", "primary": True, "danger": False}]
    return [
        {
            "value": action.value,
            "name": action.name,
            "name_en": action.name_en,
            "primary": action.primary,
            "danger": action.danger,
        }
        for action in offered_actions(element, flags)
    ]
