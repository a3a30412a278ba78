"""Trials: models run before they are published. Everything is explained with examples in docs/trials.md."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import flask

from api import trial_views as views
from api.auth import guard
from api.entry import Routes, platform
from api.problems import InvalidFields
from api.trial_bodies import (
    ActivateBody,
    AdvanceTrialBody,
    ErrorBody,
    FailBody,
    HistoryQuery,
    MessageBody,
    NewTrialBody,
    ResourcesBody,
    SetVariablesBody,
    SignalBody,
    StartBody,
    VariablesBody,
)
from api.trial_shapes import (
    TrialAnswer,
    TrialClockAnswer,
    TrialFormAnswer,
    TrialHistory,
    TrialInstanceDetail,
    TrialInstanceList,
    TrialJobList,
    TrialList,
    TrialMessageAnswer,
    TrialSignalAnswer,
    TrialTaskList,
)
from domain.context import Context
from domain.trials import queries, resources, service, work
from domain.trials.bounds import Bounds
from domain.trials.models import TrialInstance
from domain.trials.resources import Given
from domain.trials.routing import Incoming

routes = Routes("trials", "试运行 Trials")
Body = dict[str, Any]


def _bounds() -> Bounds:
    settings = platform().settings
    return Bounds(
        trials=settings.trials_per_user,
        resources=settings.trial_resources,
        bytes=settings.max_body_bytes,
        instances=settings.trial_instances,
        history=settings.trial_history,
        steps=settings.trial_steps,
        retention=settings.trial_retention,
    )


@routes.on("POST", "/trials", body=NewTrialBody, answer=TrialAnswer, status=201)
@guard("trial:do")
def create(ctx: Context, body: Body) -> tuple[Body, int, dict[str, str]]:
    """新建试运行 Deploy models into a new trial. 422 `definition-refused` lists the findings by resource."""
    new = service.NewTrial(
        resources=[Given(**each) for each in body["resources"]],
        name=body["name"],
        now=body["now"],
        services=body["services"],
        results=body["results"],
        constants=body["constants"],
        region_code=body["region"],
    )
    made = service.create(ctx, _bounds(), new)
    return _whole(ctx, made.id), 201, {"Location": f"/api/v1/trials/{made.id}"}


@routes.on("GET", "/trials", answer=TrialList)
@guard("trial:do")
def list_trials(ctx: Context) -> Body:
    """我的试运行 The caller's trials, newest first."""
    return {"items": [views.head(each) for each in queries.list_trials(ctx)], "next": None}


@routes.on("GET", "/trials/<int:trial_id>", answer=TrialAnswer)
@guard("trial:do")
def get_trial(ctx: Context, trial_id: int) -> Body:
    """试运行 A trial with everything in it."""
    return _whole(ctx, trial_id)


@routes.on("DELETE", "/trials/<int:trial_id>", status=204)
@guard("trial:do")
def delete_trial(ctx: Context, trial_id: int) -> None:
    """删除试运行 Throw a trial away with everything in it."""
    service.remove(ctx, trial_id)


@routes.on("POST", "/trials/<int:trial_id>/resources", body=ResourcesBody, answer=TrialAnswer, status=201)
@guard("trial:do")
def add_resources(ctx: Context, body: Body, trial_id: int) -> Body:
    """追加部署 A further deployment: new instances run it, running ones keep their version."""
    service.add_resources(ctx, _bounds(), trial_id, [Given(**each) for each in body["resources"]])
    return _whole(ctx, trial_id)


@routes.on("GET", "/trials/<int:trial_id>/definitions/<int:definition_id>/xml", content_type="text/xml")
@guard("trial:do")
def get_trial_xml(ctx: Context, trial_id: int, definition_id: int) -> flask.Response:
    """模型 A resource as it runs after import, with its diagram."""
    return flask.Response(queries.get_source(ctx, trial_id, definition_id), mimetype="text/xml")


@routes.on("GET", "/trials/<int:trial_id>/forms/<form_id>", answer=TrialFormAnswer)
@guard("trial:do")
def get_trial_form(ctx: Context, trial_id: int, form_id: str) -> Body:
    """表单 The form of a task: made from an imported model's form fields, else the newest published one."""
    return {"form_id": form_id, "schema": queries.get_form(ctx, trial_id, form_id)}


@routes.on("GET", "/trials/<int:trial_id>/clock", answer=TrialClockAnswer)
@guard("trial:do")
def get_trial_clock(ctx: Context, trial_id: int) -> Body:
    """时钟 The trial's clock stands still until it is moved."""
    return _clock(ctx, trial_id)


@routes.on("POST", "/trials/<int:trial_id>/clock/advance", body=AdvanceTrialBody, answer=TrialClockAnswer)
@guard("trial:do")
def advance_clock(ctx: Context, body: Body, trial_id: int) -> Body:
    """推进时钟 Move the clock; every timer on the way fires at its time, in order."""
    if "by" in body:
        service.advance_by(ctx, _bounds(), trial_id, body["by"])
    else:
        service.advance_to(ctx, _bounds(), trial_id, _moment(body["to"]))
    return _clock(ctx, trial_id)


@routes.on("GET", "/trials/<int:trial_id>/history", query=HistoryQuery, answer=TrialHistory)
@guard("trial:do")
def get_history(ctx: Context, query: Body, trial_id: int) -> Body:
    """历史 What happened, in order: elements, sequence flows, jobs, messages, signals, incidents, the clock."""
    queries.get_trial(ctx, trial_id)
    kinds = [kind.strip() for kind in query["kinds"].split(",") if kind.strip()]
    rows = queries.history(
        ctx.session,
        trial_id,
        after=query["after"],
        limit=query["limit"],
        instance_id=query["instance_id"],
        kinds=kinds,
    )
    full = len(rows) == query["limit"]
    return {"items": rows, "next": str(rows[-1].seq) if full else None}


# -- instances ---------------------------------------------------------------------------------------


@routes.on("POST", "/trials/<int:trial_id>/instances", body=StartBody, answer=TrialInstanceDetail, status=201)
@guard("trial:do")
def start_instance(ctx: Context, body: Body, trial_id: int) -> Body:
    """启动实例 Start a process. What fails at run time is an incident of the instance that is answered."""
    way = service.Way(message=body["message"], start_event=body["start_event"])
    made = service.start(ctx, _bounds(), trial_id, body["process_id"], body["variables"], way)
    return _detail(ctx, made)


@routes.on("GET", "/trials/<int:trial_id>/instances", answer=TrialInstanceList)
@guard("trial:do")
def list_instances(ctx: Context, trial_id: int) -> Body:
    """实例 The instances of a trial, oldest first."""
    return {"items": _instances(ctx, trial_id), "next": None}


@routes.on("GET", "/trials/<int:trial_id>/instances/<int:instance_id>", answer=TrialInstanceDetail)
@guard("trial:do")
def get_instance(ctx: Context, trial_id: int, instance_id: int) -> Body:
    """实例详情 An instance: its variables, what it waits for, and the way it went."""
    queries.get_trial(ctx, trial_id)
    return _detail(ctx, queries.get_instance(ctx, trial_id, instance_id))


@routes.on("DELETE", "/trials/<int:trial_id>/instances/<int:instance_id>", answer=TrialInstanceDetail)
@guard("trial:do")
def cancel_instance(ctx: Context, trial_id: int, instance_id: int) -> Body:
    """取消实例 End an instance with everything that is open in it."""
    return _detail(ctx, service.cancel(ctx, _bounds(), trial_id, instance_id))


@routes.on(
    "PUT",
    "/trials/<int:trial_id>/instances/<int:instance_id>/variables",
    body=SetVariablesBody,
    answer=TrialInstanceDetail,
)
@guard("trial:do")
def set_variables(ctx: Context, body: Body, trial_id: int, instance_id: int) -> Body:
    """设置变量 Write variables; conditional events react."""
    written = service.set_variables(ctx, _bounds(), trial_id, instance_id, body["variables"], scope=body["scope"])
    return _detail(ctx, written)


@routes.on("POST", "/trials/<int:trial_id>/conditions", body=VariablesBody, answer=TrialSignalAnswer)
@guard("trial:do")
def start_by_conditions(ctx: Context, body: Body, trial_id: int) -> Body:
    """条件启动 Start processes at conditional start events whose condition holds for these variables."""
    return {"instance_ids": service.start_by_conditions(ctx, _bounds(), trial_id, body["variables"])}


@routes.on("POST", "/trials/<int:trial_id>/incidents/<incident_id>/retry", answer=TrialInstanceDetail)
@guard("trial:do")
def retry_incident(ctx: Context, trial_id: int, incident_id: str) -> Body:
    """重试异常 Run the element of an incident again."""
    return _detail(ctx, work.retry(ctx, _bounds(), trial_id, incident_id))


# -- tasks and jobs ----------------------------------------------------------------------------------


@routes.on("GET", "/trials/<int:trial_id>/tasks", answer=TrialTaskList)
@guard("trial:do")
def list_tasks(ctx: Context, trial_id: int) -> Body:
    """待办 The open user tasks of all instances."""
    return {"items": [task for each in _instances(ctx, trial_id) for task in each["tasks"]], "next": None}


@routes.on("POST", "/trials/<int:trial_id>/tasks/<task_id>/complete", body=VariablesBody, answer=TrialInstanceDetail)
@guard("trial:do")
def complete_task(ctx: Context, body: Body, trial_id: int, task_id: str) -> Body:
    """办结任务 Complete a user task; the answer is its instance afterwards."""
    return _detail(ctx, work.complete_task(ctx, _bounds(), trial_id, task_id, body["variables"]))


@routes.on("POST", "/trials/<int:trial_id>/tasks/<task_id>/error", body=ErrorBody, answer=TrialInstanceDetail)
@guard("trial:do")
def throw_task_error(ctx: Context, body: Body, trial_id: int, task_id: str) -> Body:
    """任务抛出错误 A user task ends with a BPMN error."""
    return _detail(ctx, work.throw_task_error(ctx, _bounds(), trial_id, task_id, body["code"], body["variables"]))


@routes.on("POST", "/trials/<int:trial_id>/tasks/<task_id>/escalation", body=ErrorBody, answer=TrialInstanceDetail)
@guard("trial:do")
def throw_task_escalation(ctx: Context, body: Body, trial_id: int, task_id: str) -> Body:
    """任务升级 A user task escalates; it stays open unless an interrupting event catches that."""
    done = work.throw_task_escalation(ctx, _bounds(), trial_id, task_id, body["code"], body["variables"])
    return _detail(ctx, done)


@routes.on("GET", "/trials/<int:trial_id>/jobs", answer=TrialJobList)
@guard("trial:do")
def list_jobs(ctx: Context, trial_id: int) -> Body:
    """作业 The service tasks that wait (services: hold)."""
    return {"items": [job for each in _instances(ctx, trial_id) for job in each["jobs"]], "next": None}


@routes.on("POST", "/trials/<int:trial_id>/jobs/<job_id>/complete", body=VariablesBody, answer=TrialInstanceDetail)
@guard("trial:do")
def complete_job(ctx: Context, body: Body, trial_id: int, job_id: str) -> Body:
    """完成作业 A service task is done with this result."""
    return _detail(ctx, work.complete_job(ctx, _bounds(), trial_id, job_id, body["variables"]))


@routes.on("POST", "/trials/<int:trial_id>/jobs/<job_id>/fail", body=FailBody, answer=TrialInstanceDetail)
@guard("trial:do")
def fail_job(ctx: Context, body: Body, trial_id: int, job_id: str) -> Body:
    """作业失败 A service task could not be done: an incident opens."""
    return _detail(ctx, work.fail_job(ctx, _bounds(), trial_id, job_id, body["code"], body["message"]))


@routes.on("POST", "/trials/<int:trial_id>/jobs/<job_id>/error", body=ErrorBody, answer=TrialInstanceDetail)
@guard("trial:do")
def throw_job_error(ctx: Context, body: Body, trial_id: int, job_id: str) -> Body:
    """作业抛出错误 A service task ends with a BPMN error."""
    return _detail(ctx, work.throw_job_error(ctx, _bounds(), trial_id, job_id, body["code"], body["variables"]))


@routes.on("POST", "/trials/<int:trial_id>/adhocs/<ad_hoc_id>/activate", body=ActivateBody, answer=TrialInstanceDetail)
@guard("trial:do")
def activate(ctx: Context, body: Body, trial_id: int, ad_hoc_id: str) -> Body:
    """启动自由子流程的环节 Start elements of an open ad-hoc sub-process."""
    return _detail(ctx, work.activate(ctx, _bounds(), trial_id, ad_hoc_id, body["elements"]))


# -- messages and signals ----------------------------------------------------------------------------


@routes.on("POST", "/trials/<int:trial_id>/messages", body=MessageBody, answer=TrialMessageAnswer)
@guard("trial:do")
def send_message(ctx: Context, body: Body, trial_id: int) -> Body:
    """发送消息 To exactly one receiver: who waits, else a message start event; else it is kept for its time to live."""
    incoming = Incoming(
        name=body["name"],
        payload=body["variables"],
        key=body["correlation_key"],
        message_id=body["message_id"],
        ttl=service.duration(body["ttl"]),
        only=body["instance_id"],
    )
    state, instance_id = service.send_message(ctx, _bounds(), trial_id, incoming)
    return {"state": state, "instance_id": instance_id}


@routes.on("POST", "/trials/<int:trial_id>/signals", body=SignalBody, answer=TrialSignalAnswer)
@guard("trial:do")
def send_signal(ctx: Context, body: Body, trial_id: int) -> Body:
    """发送信号 To everybody who waits for it, and to signal start events."""
    return {"instance_ids": service.send_signal(ctx, _bounds(), trial_id, body["name"], body["variables"])}


# -- inside ------------------------------------------------------------------------------------------


def _whole(ctx: Context, trial_id: int) -> Body:
    return views.whole(queries.picture(ctx, trial_id))


def _instances(ctx: Context, trial_id: int) -> list[Body]:
    queries.get_trial(ctx, trial_id)
    known = {each.id: each for each in resources.list_resources(ctx.session, trial_id)}
    return [views.instance(each, known) for each in queries.list_instances(ctx.session, trial_id)]


def _detail(ctx: Context, instance: TrialInstance) -> Body:
    known = {each.id: each for each in resources.list_resources(ctx.session, instance.trial_id)}
    visited, taken = queries.path_of(ctx.session, instance.id)
    return views.instance(instance, known) | {"visited": visited, "taken": taken}


def _clock(ctx: Context, trial_id: int) -> Body:
    picture = queries.picture(ctx, trial_id)
    return {"now": picture.trial.now, "next_due_at": queries.next_due(picture.instances, picture.starts)}


def _moment(text: str) -> datetime | None:
    """A moment of the body; None for ``next``. One without zone is UTC."""
    if text == "next":
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidFields({"json": {"to": ["invalid"]}}) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
