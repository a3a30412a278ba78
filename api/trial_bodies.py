"""What is sent to trials (docs/trials.md explains it with examples)."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from api.bodies import MAX_INTEGER
from api.schemas import CamelSchema, Free, choice, text

_MOST_XML = 900_000
_NUMBER = validate.Range(0, MAX_INTEGER, error=f"range|0|{MAX_INTEGER}")
_VARIABLES = {"description": "Any JSON object.", "example": {"amount": 120, "applicant": {"name": "张三"}}}


def told(description: str, example: Any = None) -> dict[str, Any]:
    """The metadata that goes into the API's description."""
    return {"description": description} | ({} if example is None else {"example": example})


def variables() -> Free:
    """Process variables or the payload of a message; none when left out."""
    return Free(load_default=dict, metadata=_VARIABLES)


class ResourceBody(CamelSchema):
    """A file: BPMN (plain, ours, Camunda 7 or 8, Flowable, Activiti) or DMN, as text."""

    name = text(1, 200, metadata=told("File name; findings and reports name it.", "order.bpmn"))
    content = text(1, _MOST_XML, metadata=told("The file's text.", "<definitions …>"))


def _resources() -> fields.List[Any]:
    limits = validate.Length(min=1, max=50, error="length|1|50")
    return fields.List(fields.Nested(ResourceBody), required=True, validate=limits)


class NewTrialBody(CamelSchema):
    """A trial to make."""

    name = text(0, 200, required=False, load_default="", metadata=told("For people.", "盖章流程试运行"))
    resources = _resources()
    now = fields.AwareDateTime(
        load_default=None,
        metadata=told(
            "Where the trial's clock stands at first; the deployment's time when left out.", "2026-03-02T02:00:00Z"
        ),
    )
    services = choice(
        ("complete", "hold"),
        load_default="complete",
        metadata=told("complete: service tasks are done at once (see results) and logged. hold: they wait as jobs."),
    )
    results = Free(
        load_default=dict,
        values=fields.Dict(),
        metadata=told("Canned results of service tasks by element id or type.", {"credit.check": {"score": 700}}),
    )
    constants = Free(
        load_default=dict,
        metadata=told(
            "What expressions read besides variables; for our dialect over a made-up case.", {"site": {"code": "demo"}}
        ),
    )
    region = text(
        2,
        12,
        required=False,
        load_default="CN",
        metadata=told("Whose working days count (CN: the nation's).", "532622"),
    )


class ResourcesBody(CamelSchema):
    """More files: a further deployment in the same trial."""

    resources = _resources()


class StartBody(CamelSchema):
    """An instance to start."""

    process_id = text(1, 255, metadata=told("Id of the bpmn:process.", "order"))
    variables = variables()
    message = text(
        1,
        255,
        required=False,
        load_default=None,
        metadata=told("Start at this message's start event; variables are its payload."),
    )
    start_event = text(
        1,
        255,
        required=False,
        load_default=None,
        metadata=told("Id of the start event, when it shall not be the none start."),
    )

    @validates_schema
    def not_both(self, data: dict[str, Any], **kwargs: Any) -> None:
        """A message and a start event exclude each other."""
        del kwargs
        if data.get("message") and data.get("start_event"):
            raise ValidationError("invalid", field_name="startEvent")


class SetVariablesBody(CamelSchema):
    """Variables to write."""

    variables = Free(required=True, metadata=_VARIABLES)
    scope = text(
        1,
        255,
        required=False,
        load_default=None,
        metadata=told(
            "Id of an active element: written where the name is held from there outwards; else in the process."
        ),
    )


class VariablesBody(CamelSchema):
    """What a task, job or start gives."""

    variables = variables()


class ActivateBody(CamelSchema):
    """Elements of an ad-hoc sub-process to start."""

    elements = fields.List(
        text(1, 255),
        required=True,
        validate=validate.Length(min=1, max=100, error="length|1|100"),
        metadata=told("Ids out of its enabledElements.", ["inspect", "photograph"]),
    )


class ErrorBody(CamelSchema):
    """A BPMN error or escalation."""

    code = text(1, 255, metadata=told("Error or escalation code.", "OUT_OF_STOCK"))
    variables = variables()


class FailBody(CamelSchema):
    """Why a job could not be done."""

    code = text(1, 100, required=False, load_default="jobFailed", metadata=told("Code of the incident.", "TIMEOUT"))
    message = text(0, 500, required=False, load_default="", metadata=told("Text of the incident."))


class MessageBody(CamelSchema):
    """A message to deliver."""

    name = text(1, 255, metadata=told("Name of the bpmn:message.", "PAYMENT_RECEIVED"))
    correlation_key = text(
        1,
        255,
        required=False,
        load_default=None,
        metadata=told("Must equal the waiting subscription's key, if it has one.", "A-17"),
    )
    variables = variables()
    instance_id = fields.Integer(load_default=None, metadata=told("Only this instance may take it."))
    message_id = text(
        1,
        100,
        required=False,
        load_default=None,
        metadata=told("A second message with this id is a duplicate and does nothing."),
    )
    ttl = text(
        1,
        20,
        required=False,
        load_default="PT1H",
        metadata=told("How long it waits for a receiver by the trial's clock; PT0S: not at all.", "PT0S"),
    )


class SignalBody(CamelSchema):
    """A signal to broadcast."""

    name = text(1, 255, metadata=told("Name of the bpmn:signal.", "alert"))
    variables = variables()


class AdvanceTrialBody(CamelSchema):
    """By an amount, or to a moment or the next timer."""

    by = text(1, 30, required=False, metadata=told("PT11S, P2D, 5wd (working days of the trial's region).", "PT11S"))
    to = text(1, 40, required=False, metadata=told("A moment (ISO 8601) or next: the next timer.", "next"))

    @validates_schema
    def one_of(self, data: dict[str, Any], **kwargs: Any) -> None:
        """Exactly one of the two."""
        del kwargs
        if ("by" in data) == ("to" in data):
            raise ValidationError("required", field_name="by")


class HistoryQuery(CamelSchema):
    """Which lines of the history."""

    after = fields.Integer(load_default=0, validate=_NUMBER, metadata=told("Lines beyond this number."))
    limit = fields.Integer(load_default=1000, validate=validate.Range(1, 5000, error="range|1|5000"))
    instance_id = fields.Integer(load_default=None, validate=_NUMBER)
    kinds = text(
        0, 300, required=False, load_default="", metadata=told("Only these kinds, by comma.", "entered,job.completed")
    )
