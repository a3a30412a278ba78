"""What trials answer (docs/trials.md explains it with examples)."""

from __future__ import annotations

from marshmallow import fields

from api.openapi import FindingAnswer
from api.schemas import ActionAnswer, Answer, Free, Moment, many, maybe


class TrialStartAnswer(Answer):
    """One way to start a process."""

    kind = fields.String(required=True, metadata={"enum": ["none", "message", "signal", "timer", "conditional"]})
    element_id = fields.String(required=True)
    value = fields.String(required=True, metadata={"description": "Message or signal name, timer text, condition."})


class TrialProcess(Answer):
    """A process that can be started, in the version deployed last."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    definition_id = fields.Integer(required=True)
    starts = many(TrialStartAnswer)


class TrialDecision(Answer):
    """A decision of a DMN resource, which business rule tasks of the trial may call."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)
    version_tag = fields.String(required=True)
    definition_id = fields.Integer(required=True)


class TrialFinding(FindingAnswer):
    """A finding about a resource."""

    resource = fields.String(required=True)


class TrialChange(Answer):
    """What the importer changed or could not convert."""

    element_id = fields.String(required=True, allow_none=True)
    line = fields.Integer(required=True, allow_none=True)
    kind = fields.String(required=True, metadata={"enum": ["converted", "repaired", "dropped", "manual"]})
    what = fields.String(required=True)
    message = fields.String(required=True)
    message_en = fields.String(required=True)
    before = fields.String(required=True)
    after = fields.String(required=True)


class TrialConversion(Answer):
    """How a resource was read: its dialect and every change made on import."""

    resource = fields.String(required=True)
    definition_id = fields.Integer(required=True)
    kind = fields.String(required=True, metadata={"enum": ["bpmn", "dmn"]})
    dialect = fields.String(required=True)
    changes = many(TrialChange)


class TrialFormAnswer(Answer):
    """A form of a task: the importer's, else the newest published one."""

    form_id = fields.String(required=True)
    schema = Free(required=True)


class TrialTask(Answer):
    """A user task that waits."""

    id = fields.String(required=True)
    instance_id = fields.Integer(required=True)
    process_id = fields.String(required=True)
    definition_id = fields.Integer(required=True)
    element_id = fields.String(required=True)
    name = fields.String(required=True)
    form_id = fields.String(required=True, allow_none=True)
    context = Free(required=True)
    assignee = fields.String(required=True, allow_none=True)
    candidate_groups = fields.List(fields.String(), required=True)
    due = fields.String(required=True, allow_none=True)
    loop_index = fields.Integer(required=True, allow_none=True)
    actions = many(ActionAnswer)


class TrialJob(Answer):
    """A service task that waits for its result."""

    id = fields.String(required=True)
    instance_id = fields.Integer(required=True)
    definition_id = fields.Integer(required=True)
    element_id = fields.String(required=True)
    name = fields.String(required=True)
    type = fields.String(required=True)
    arguments = Free(required=True)
    headers = Free(required=True)


class TrialTimer(Answer):
    """A timer that waits; of a start event when ``instanceId`` is null."""

    instance_id = fields.Integer(required=True, allow_none=True)
    process_id = fields.String(required=True)
    definition_id = fields.Integer(required=True)
    element_id = fields.String(required=True)
    name = fields.String(required=True)
    due_at = Moment(required=True)


class TrialSubscription(Answer):
    """Somebody waits for a message."""

    instance_id = fields.Integer(required=True)
    definition_id = fields.Integer(required=True)
    element_id = fields.String(required=True)
    name = fields.String(required=True)
    message = fields.String(required=True)
    correlation_key = fields.String(required=True, allow_none=True)


class TrialIncident(Answer):
    """An instance stands still at an element."""

    id = fields.String(required=True)
    instance_id = fields.Integer(required=True)
    definition_id = fields.Integer(required=True)
    element_id = fields.String(required=True)
    name = fields.String(required=True)
    code = fields.String(required=True)
    message = fields.String(required=True)


class TrialAdHoc(Answer):
    """An ad-hoc sub-process that is open, and what may be activated in it."""

    id = fields.String(required=True)
    instance_id = fields.Integer(required=True)
    definition_id = fields.Integer(required=True)
    element_id = fields.String(required=True)
    name = fields.String(required=True)
    enabled_elements = fields.List(fields.String(), required=True)


class TrialInstanceAnswer(Answer):
    """A process instance and all it waits for."""

    id = fields.Integer(required=True)
    process_id = fields.String(required=True)
    process_name = fields.String(required=True)
    definition_id = fields.Integer(required=True)
    parent_id = fields.Integer(required=True, allow_none=True)
    state = fields.String(required=True, metadata={"enum": ["running", "ended", "cancelled"]})
    variables = Free(required=True)
    tasks = many(TrialTask)
    jobs = many(TrialJob)
    timers = many(TrialTimer)
    subscriptions = many(TrialSubscription)
    incidents = many(TrialIncident)
    ad_hocs = many(TrialAdHoc)
    active_elements = fields.List(fields.String(), required=True)
    started_at = Moment(required=True)
    ended_at = Moment(required=True, allow_none=True)


class TrialInstanceDetail(TrialInstanceAnswer):
    """An instance with the way it went."""

    visited = fields.List(fields.String(), required=True)
    taken = fields.List(fields.String(), required=True)


class TrialMessageRow(Answer):
    """A message that came to the trial or was thrown in it."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    correlation_key = fields.String(required=True, allow_none=True)
    variables = Free(required=True)
    state = fields.String(required=True)
    instance_id = fields.Integer(required=True, allow_none=True)
    sender_id = fields.Integer(required=True, allow_none=True)
    sent_at = Moment(required=True)
    expires_at = Moment(required=True)


class TrialHead(Answer):
    """A trial."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    now = Moment(required=True)
    services = fields.String(required=True, metadata={"enum": ["complete", "hold"]})
    region = fields.String(required=True)
    created_at = Moment(required=True)
    expires_at = Moment(required=True)


class TrialAnswer(TrialHead):
    """A trial with everything in it."""

    processes = many(TrialProcess)
    decisions = many(TrialDecision)
    conversions = many(TrialConversion)
    findings = many(TrialFinding)
    instances = many(TrialInstanceAnswer)
    messages = many(TrialMessageRow)
    timers = many(TrialTimer)
    next_due_at = Moment(required=True, allow_none=True)


class TrialList(Answer):
    """The caller's trials, newest first."""

    items = many(TrialHead)
    next = maybe(fields.String, required=True)


class TrialInstanceList(Answer):
    """The instances of a trial, oldest first."""

    items = many(TrialInstanceAnswer)
    next = maybe(fields.String, required=True)


class TrialTaskList(Answer):
    """The open user tasks of a trial."""

    items = many(TrialTask)
    next = maybe(fields.String, required=True)


class TrialJobList(Answer):
    """The open jobs of a trial."""

    items = many(TrialJob)
    next = maybe(fields.String, required=True)


class TrialMessageAnswer(Answer):
    """What became of a message."""

    state = fields.String(
        required=True, metadata={"enum": ["delivered", "started", "buffered", "discarded", "duplicate"]}
    )
    instance_id = fields.Integer(required=True, allow_none=True)


class TrialSignalAnswer(Answer):
    """Which instances heard a signal or were started."""

    instance_ids = fields.List(fields.Integer(), required=True)


class TrialClockAnswer(Answer):
    """The trial's clock."""

    now = Moment(required=True)
    next_due_at = Moment(required=True, allow_none=True)


class TrialEventAnswer(Answer):
    """A line of the history."""

    seq = fields.Integer(required=True)
    at = Moment(required=True)
    instance_id = fields.Integer(required=True, allow_none=True)
    kind = fields.String(required=True)
    definition_id = fields.Integer(required=True, allow_none=True)
    element_id = fields.String(required=True, allow_none=True)
    element_type = fields.String(required=True, allow_none=True)
    element_name = fields.String(required=True, allow_none=True)
    data = Free(required=True, allow_none=True)


class TrialHistory(Answer):
    """Lines of the history, oldest first; ``next`` is the ``after`` of the following page."""

    items = many(TrialEventAnswer)
    next = fields.String(required=True, allow_none=True)
