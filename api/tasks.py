"""Tasks: the inbox, one task with its form, claim, release, hand on, draft, complete."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import fields

from api import assurance, paging
from api.auth import guard
from api.case_views import summary
from api.entry import Routes
from api.limits import SEARCH
from api.reading import search_read
from api.schemas import ActionAnswer, Answer, CamelSchema, Free, Moment, choice, cursor, limit, many, text
from api.shapes import CaseSummaryAnswer, DueAnswer, LadderMarkAnswer, MaterialAnswer, NoticeAnswer
from domain.audit import service as audit
from domain.cases import queries as cases
from domain.cases.labels import one_line
from domain.context import Context
from domain.deadlines.queries import DueState
from domain.definitions.options import OptionName, option_names
from domain.errors import NotFound
from domain.identity import queries as identity
from domain.materials import queries as materials
from domain.tasks import detail, service
from domain.tasks import queries as tasks
from domain.tasks.errors import NotYourTask

routes = Routes("tasks", "任务 Tasks")


class TaskRowAnswer(Answer):
    """One task in an inbox."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    element_id = fields.String(required=True)
    case_no = fields.String(required=True)
    collab_no = fields.String(required=True)
    item_code = fields.String(required=True)
    item_name = fields.String(required=True)
    item_name_en = fields.String(required=True)
    subject = fields.String(required=True)
    site_id = fields.Integer(required=True)
    site_name = fields.String(required=True)
    role = fields.String(required=True)
    role_name = fields.String(required=True)
    role_name_en = fields.String(required=True)
    leg_role = fields.String(required=True)
    due_at = Moment(required=True, allow_none=True)
    due = fields.Nested(DueAnswer, required=True)
    assignee_id = fields.Integer(required=True, allow_none=True)
    assignee_name = fields.String(required=True, allow_none=True)
    opened_at = Moment(required=True)
    closed_at = Moment(required=True, allow_none=True)
    case_status = fields.String(required=True)
    case_status_name = fields.String(required=True)
    case_status_name_en = fields.String(required=True)
    ladder = fields.Nested(LadderMarkAnswer, required=True, allow_none=True)
    on_behalf_of = fields.String(required=True, allow_none=True)


class TaskPage(Answer):
    """A page of an inbox."""

    items = many(TaskRowAnswer)
    next = fields.String(required=True, allow_none=True)


class TaskCounts(Answer):
    """How much there is to do; 1001 means “1000+”."""

    group = fields.Integer(required=True)
    mine = fields.Integer(required=True)
    overdue = fields.Integer(required=True)
    today = fields.Integer(required=True)
    messages = fields.Integer(required=True)


class TaskHead(TaskRowAnswer):
    """A task with what its page says about it."""

    version = fields.Integer(required=True)
    state = fields.String(required=True)
    policy = fields.String(required=True, allow_none=True)
    policy_text = fields.String(required=True, allow_none=True)
    policy_text_en = fields.String(required=True, allow_none=True)
    documentation = fields.String(required=True)
    plain_text = fields.String(required=True)


class FormRef(Answer):
    """The form of a task, in the version its model was deployed with."""

    form_id = fields.String(required=True)
    version = fields.Integer(required=True)
    schema = Free(required=True)


class EarlierStep(Answer):
    """An earlier step that somebody else must have done."""

    element_name = fields.String(required=True)
    by = fields.String(required=True)


class SupplementAnswer(Answer):
    """The rounds of supplement so far."""

    rounds = fields.Integer(required=True)
    notices = many(NoticeAnswer)


class TaskDetailAnswer(Answer):
    """A task's page."""

    task = fields.Nested(TaskHead, required=True)
    form = fields.Nested(FormRef, required=True, allow_none=True)
    context = Free(required=True)
    data = Free(required=True)
    actions = many(ActionAnswer)
    may_claim = fields.Boolean(required=True)
    may_complete = fields.Boolean(required=True)
    why = fields.String(required=True)
    why_en = fields.String(required=True)
    separation = many(EarlierStep)
    case = fields.Nested(CaseSummaryAnswer, required=True, allow_none=True)
    materials = many(MaterialAnswer)
    supplement = fields.Nested(SupplementAnswer, required=True)


class Assignee(Answer):
    """A colleague who could do the task."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)


class Assignees(Answer):
    """Colleagues with the task's role at its site."""

    items = many(Assignee)
    next = fields.String(required=True, allow_none=True)


class TaskQuery(CamelSchema):
    """Which tasks. Search words go into a body: they may name a person, and an address must not."""

    view = choice(("group", "mine", "done"), load_default="group")
    item = text(1, 60, required=False, load_default=None)
    due = choice(("overdue", "today", "soon"), load_default=None)
    site_id = fields.Integer(load_default=None)
    after = cursor()
    limit = limit()


class TaskSearch(TaskQuery):
    """Which tasks, with search words."""

    q = text(1, 80, required=False, load_default=None)


class AssignBody(CamelSchema):
    """To whom."""

    user_id = fields.Integer(required=True, strict=True)


class TaskDraftBody(CamelSchema):
    """What was typed so far."""

    data = Free(required=True)


class CompleteBody(CamelSchema):
    """The pressed button, the form's data, and the version the client saw."""

    action = text(1, 40, required=False, load_default=None, allow_none=True)
    data = Free(required=True)
    version = fields.Integer(load_default=None, allow_none=True, strict=True)


class TaskState(Answer):
    """A task after an action."""

    id = fields.String(required=True)
    state = fields.String(required=True)


class NextTask(Answer):
    """A task that the completion opened at the same site."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    may_complete = fields.Boolean(required=True)


class CompletedAnswer(Answer):
    """What a completion led to."""

    task = fields.Nested(TaskState, required=True)
    case_no = fields.String(required=True)
    next_tasks = many(NextTask)


@routes.on("GET", "/tasks", answer=TaskPage, query=TaskQuery)
@guard("task:read")
def list_tasks(ctx: Context, query: dict[str, Any]) -> dict[str, Any]:
    """待办 The inbox by due date: my groups' unclaimed tasks, mine, or those I did."""
    return _page(ctx, query)


@routes.on("POST", "/tasks/search", answer=TaskPage, body=TaskSearch)
@guard("task:read", rate=SEARCH)
def search_tasks(ctx: Context, query: dict[str, Any]) -> dict[str, Any]:
    """待办查询 The same, found by Chinese substrings, numbers or an exact ID number."""
    words = query["q"]
    page = _page(ctx, query)
    search_read(ctx, "task.search", words, len(page["items"]))
    return page


def _page(ctx: Context, query: dict[str, Any]) -> dict[str, Any]:
    after = paging.decode(query.pop("after"))
    size = query.pop("limit")
    due = query.pop("due")
    wanted = tasks.TaskFilter(**query, due=DueState(due) if due else None)
    lines, following = tasks.list_tasks(ctx, wanted, after=after, limit=size)
    return {"items": lines, "next": paging.encode(following)}


@routes.on("GET", "/tasks/counts", answer=TaskCounts)
@guard("task:read")
def count_tasks(ctx: Context) -> tasks.Counts:
    """待办数 Counts for the inbox's tabs; they stop at 1001."""
    return tasks.count_tasks(ctx)


@routes.on("GET", "/tasks/<task_id>", answer=TaskDetailAnswer)
@guard("task:read")
def get_task(ctx: Context, task_id: str) -> dict[str, Any]:
    """任务 A task with form, data, buttons, and why somebody may not do it."""
    return page_of(ctx, task_id)


@routes.on("POST", "/tasks/<task_id>/claim", answer=TaskDetailAnswer)
@guard("task:do")
def claim(ctx: Context, task_id: str) -> dict[str, Any]:
    """签领 Take a task."""
    return _act(ctx, task_id, lambda: service.claim(ctx, task_id))


@routes.on("POST", "/tasks/<task_id>/release", answer=TaskDetailAnswer)
@guard("task:do")
def release(ctx: Context, task_id: str) -> dict[str, Any]:
    """退回 Give a task back to its group."""
    return _act(ctx, task_id, lambda: service.release(ctx, task_id))


@routes.on("POST", "/tasks/<task_id>/assign", body=AssignBody, answer=TaskDetailAnswer)
@guard("task:do")
def assign(ctx: Context, body: dict[str, int], task_id: str) -> dict[str, Any]:
    """转办 Hand a task to a colleague with its role at its site."""
    return _act(ctx, task_id, lambda: service.assign(ctx, task_id, body["user_id"]))


@routes.on("GET", "/tasks/<task_id>/assignees", answer=Assignees)
@guard("task:do")
def list_assignees(ctx: Context, task_id: str) -> dict[str, Any]:
    """可转办人员 Colleagues who could do the task."""
    task = detail.get_task(ctx, task_id).task
    rows = identity.list_assignees(ctx.session, site_id=task.site_id, role=task.role)
    return {"items": rows, "next": None}


@routes.on("PUT", "/tasks/<task_id>/draft", body=TaskDraftBody, answer=TaskState)
@guard("task:do")
def save_draft(ctx: Context, body: dict[str, Any], task_id: str) -> dict[str, str]:
    """暂存 Keep what was typed."""
    _guarded(ctx, task_id, lambda: service.save_draft(ctx, task_id, body["data"]))
    return {"id": task_id, "state": "open"}


@routes.on("POST", "/tasks/<task_id>/complete", body=CompleteBody, answer=CompletedAnswer)
@guard("task:do")
def complete(ctx: Context, body: dict[str, Any], task_id: str) -> dict[str, Any]:
    """提交 Complete a task with its form and the pressed button; one step, one commit."""
    assurance.require_to_complete(ctx, task_id)
    done = _guarded(ctx, task_id, lambda: service.complete(ctx, task_id, body["data"], body["action"], body["version"]))
    following = [
        {"id": task.id, "name": one_line(task.name), "may_complete": task.role in ctx.actor.roles_at(task.site_id)}
        for task in done.next_tasks
    ]
    return {"task": {"id": task_id, "state": "completed"}, "case_no": done.case_no, "next_tasks": following}


def _act(ctx: Context, task_id: str, command: Callable[[], None]) -> dict[str, Any]:
    _guarded(ctx, task_id, command)
    ctx.session.expire_all()
    return page_of(ctx, task_id)


def _guarded(ctx: Context, task_id: str, command: Callable[[], Any]) -> Any:
    """What is not the actor's site's is not there at all; the check costs nothing when the command goes through."""
    try:
        return command()
    except NotYourTask:
        if not detail.is_visible(ctx, task_id):
            raise NotFound("没有这个任务。", "There is no such task.") from None
        raise


def _notices(ctx: Context, found: detail.TaskDetail) -> list[dict[str, Any]]:
    """The notices of a case with the names of what they ask for."""
    told = materials.list_notices(ctx.session, found.case_id)
    names = option_names(ctx.session, found.definition_id, "target") if told else {}
    return [
        {name: getattr(notice, name) for name in notice.__slots__}
        | {"entries": [entry | _named(str(entry.get("target") or ""), names) for entry in notice.entries]}
        for notice in told
    ]


def _named(target: str, names: Mapping[str, OptionName]) -> dict[str, str]:
    name = names.get(target, OptionName(target, target))
    return {"target_name": name.name, "target_name_en": name.name_en}


def page_of(ctx: Context, task_id: str) -> dict[str, Any]:
    """A task's page for who may see it."""
    found = detail.get_task(ctx, task_id)
    frame = cases.frame_of(ctx, found.case_id)
    side = None if found.leg_role == "main" else found.leg_id
    audit.record_read(
        ctx,
        "task.page",
        case_id=found.case_id,
        leg_id=found.leg_id,
        site_id=None if ctx.actor.is_applicant else found.task.site_id,
        subject_id=frame.case.applicant_user_id if frame else None,
        fields=["form", "context", "materials"] if found.reads else ["subject"],
        data={"task": task_id},
    )
    shows_notices = found.reads and found.leg_role == "main"
    notices = _notices(ctx, found) if shows_notices else []
    head = {name: getattr(found.line, name) for name in found.line.__slots__}
    return {
        "task": head
        | {
            "version": found.task.version,
            "policy": found.task.policy,
            "policy_text": found.policy_text,
            "policy_text_en": found.policy_text_en,
            "documentation": found.element.documentation,
            "plain_text": found.element.plain_text,
        },
        "form": found.form,
        "context": found.context,
        "data": found.data,
        "actions": found.actions,
        "may_claim": found.standing.may_claim,
        "may_complete": found.standing.may_complete,
        "why": found.standing.why,
        "why_en": found.standing.why_en,
        "separation": found.separation,
        "case": summary(ctx, frame) if frame else None,
        "materials": materials.list_materials(ctx.session, found.case_id, leg_ids=[side]) if found.reads else [],
        "supplement": {"rounds": len(notices), "notices": notices},
    }
