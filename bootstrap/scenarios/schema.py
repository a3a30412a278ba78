"""What may stand in a scenario file: marshmallow schemas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema

from bootstrap.scenarios.written import Either, Text, Texts, Words


class Strict(Schema):
    """Unknown keys are mistakes."""

    class Meta:
        """Refuse them."""

        unknown = RAISE


def _data() -> fields.Dict:
    return fields.Dict(keys=Text(), values=fields.Raw(allow_none=True))


class Leg(Strict):
    """What is expected of one leg (分办件)."""

    status = Text()
    result = Text(allow_none=True)
    ended = fields.Boolean()
    variables = _data()
    contains = Texts()
    lacks = Texts()
    materials = Texts()
    noMaterials = Texts()


class Document_(Strict):  # noqa: N801 -- Document is the file
    """An issued document (文书)."""

    code = Text(required=True)
    to = Text(validate=validate.OneOf(["applicant", "partner"]))
    contains = Texts()
    lacks = Texts()
    times = fields.Integer(strict=True)


class Clock(Strict):
    """One of the case's clocks."""

    state = Text(validate=validate.OneOf(["running", "stopped", "done"]))
    due = Text()
    reason = Text()


class Message(Strict):
    """A message between two sites (or, of a plain process, one that it sends)."""

    name = Text(required=True)
    sender = Text(data_key="from")
    receiver = Text(data_key="to")
    times = fields.Integer(strict=True)
    state = Text()
    contains = Texts()
    lacks = Texts()
    payload = _data()


class Expect(Strict):
    """All that can be looked at after a step."""

    status = Text()
    result = Text(allow_none=True)
    closed = fields.Boolean()
    ended = fields.Boolean()
    tasks = Texts()
    someTasks = Texts()
    noTasks = Texts()
    legs = fields.Dict(keys=Text(), values=fields.Nested(Leg))
    flags = Texts()
    noFlags = Texts()
    documents = Either(Document_, many=True, key="code")
    noDocuments = Texts()
    clocks = fields.Dict(
        keys=Text(validate=validate.OneOf(["statutory", "promise"])), values=Either(Clock, key="state")
    )
    due = fields.Dict(keys=Text(), values=Text(allow_none=True))
    accepted = Text()
    variables = _data()
    certificates = fields.Dict(keys=Text(), values=Texts())
    registrations = fields.Dict(keys=Text(), values=fields.Dict(keys=Text(), values=Text()))
    messages = Either(Message, many=True, key="name")
    noMessages = Texts()
    signals = Texts()
    jobs = Texts()
    incidents = Texts()
    path = Texts()
    notVisited = Texts()
    escalations = fields.Dict(keys=Text(), values=Texts())
    holds = Texts()


class Refused(Strict):
    """Which refusal is expected: its slug, the field it points at, words it says."""

    code = Text()
    at = Text()
    says = Texts()


class Complete(Strict):
    """Somebody completes a task."""

    task = Text(required=True)
    by = Text()
    at = Text()
    action = Text()
    use = Text()
    data = _data()


class Apply(Strict):
    """The application."""

    by = Text()
    data = _data()
    materials = Texts()


class Advance(Strict):
    """Time passes."""

    time = Text(required=True)
    calendar = Text()


class Send(Strict):
    """A message from outside reaches the process (plain processes), or one between sites is delivered once more."""

    name = Text(required=True)
    payload = _data()
    key = Text()
    times = fields.Integer(strict=True, validate=validate.Range(1, 20))


class Job(Strict):
    """A service task that waits for another system is done: with a result, or it fails, or throws an error."""

    element = Text(required=True)
    result = _data()
    error = Text()
    fails = Text()


class Start(Strict):
    """How a plain process starts."""

    variables = _data()
    message = Text()


class Withdraw(Strict):
    """撤件."""

    reason = Text()
    by = Text()


class Urge(Strict):
    """催办, 督办 and the answer to one. ``at``: the pool or site that is urged, or that answers."""

    by = Text()
    at = Text()
    note = Text()


class Rate(Strict):
    """好差评 of all sites."""

    level = Text(required=True)
    comment = Text()


VERBS: Final[Mapping[str, str]] = {
    "apply": "item",
    "withdraw": "item",
    "rate": "item",
    "urge": "item",
    "supervise": "item",
    "answer": "item",
    "network": "item",
    "resend": "item",
    "policies": "item",
    "start": "process",
    "message": "process",
    "signal": "process",
    "job": "both",
    "retry": "both",
    "complete": "both",
    "advance": "both",
    "clock": "both",
    "use": "both",
    "expect": "both",
}
"""What a step may do → for scenarios of an item, of a plain process, or both."""


class Step(Strict):
    """One step: one verb, and what is expected of it."""

    note = Text()
    use = Text()
    apply = Either(Apply, key="by", allow_none=True)
    complete = Either(Complete, key="task")
    advance = Either(Advance, key="time")
    clock = Text()
    withdraw = Either(Withdraw, key="reason", allow_none=True)
    rate = Either(Rate, key="level")
    urge = Either(Urge, key="by", allow_none=True)
    supervise = Either(Urge, key="by")
    answer = Either(Urge, key="by")
    network = Text(validate=validate.OneOf(["up", "down"]))
    resend = Either(Send, key="name")
    policies = fields.Dict(keys=Text(), values=Text())
    start = fields.Nested(Start, allow_none=True)
    message = Either(Send, key="name")
    signal = Either(Send, key="name")
    job = fields.Nested(Job)
    retry = Text()
    expect = fields.Nested(Expect)
    refused = Either(Refused, key="code")

    @validates_schema
    def _one_verb(self, data: dict[str, Any], **_: Any) -> None:
        verbs = [verb for verb in VERBS if verb in data and verb != "expect"]
        if len(verbs) > 1:
            named = "、".join(verbs)
            raise ValidationError(
                Words(f"一步只做一件事，这里写了：{named}。", f"One step does one thing: {', '.join(verbs)}.")
            )
        if not verbs and "expect" not in data:
            raise ValidationError(Words("这一步没有写要做什么。", "The step does nothing."))
        if "refused" in data and not verbs:
            raise ValidationError(Words("refused 要写在动作旁边。", "refused belongs to an act."))


class Given(Strict):
    """What a scenario begins with."""

    applicant = Text()
    data = _data()
    materials = Texts()
    policies = fields.Dict(keys=Text(), values=Text())
    variables = _data()
    services = fields.Dict(keys=Text(), values=fields.Nested(Job(partial=True, exclude=("element",))))


class Site(Strict):
    """A site beside those of the demo."""

    code = Text(required=True)
    login = Text(required=True)
    region = Text(required=True)
    sector = Text(required=True)
    name = Text(required=True)


class Person(Strict):
    """An applicant; the ID number is made from region and birth and belongs to nobody."""

    login = Text(required=True)
    name = Text(required=True)
    region = Text(required=True)
    birth = Text(required=True)


class Day(Strict):
    """A day of a region's calendar."""

    region = Text(required=True)
    day = Text(required=True)
    work = fields.Boolean(required=True)


class Registered(Person):
    """A person (not an account) with a household registration at a site."""

    login = Text()
    site = Text(required=True)
    address = Text()


class Certificate(Strict):
    """A certificate of an applicant. ``days`` until it expires."""

    holder = Text(required=True)
    kind = Text(required=True)
    site = Text(required=True)
    state = Text()
    days = fields.Integer(strict=True, required=True)
    data = _data()


class Surroundings(Strict):
    """What is there beside the demo's places and people."""

    sites = fields.List(fields.Nested(Site))
    applicants = fields.List(fields.Nested(Person))
    registered = fields.List(fields.Nested(Registered))
    certificates = fields.List(fields.Nested(Certificate))
    calendar = fields.List(fields.Nested(Day))


class Shared(Strict):
    """What a fragment may hold, and a scenario file as well."""

    use = Texts()
    given = fields.Nested(Given)
    forms = fields.Dict(keys=Text(), values=_data())
    parts = fields.Dict(keys=Text(), values=fields.List(fields.Nested(Step)))
    world = fields.Nested(Surroundings)


class Scenario(Strict):
    """One scenario of a file."""

    scenario = Text(required=True)
    tags = Texts()
    marked = fields.Boolean(data_key="only")
    clock = Text()
    given = fields.Nested(Given)
    each = fields.List(_data(), validate=validate.Length(1, 200))
    steps = fields.List(fields.Nested(Step), required=True, validate=validate.Length(1, 200))


class File(Shared):
    """A scenario file: a list of scenarios, or a single one."""

    item = Text()
    process = Text()
    model = Text()
    clock = Text()
    tags = Texts()
    scenario = Text()
    marked = fields.Boolean(data_key="only")
    each = fields.List(_data(), validate=validate.Length(1, 200))
    steps = fields.List(fields.Nested(Step), validate=validate.Length(1, 200))
    scenarios = fields.List(fields.Nested(Scenario), validate=validate.Length(1, 200))

    @validates_schema
    def _one_kind(self, data: dict[str, Any], **_: Any) -> None:
        if ("item" in data) == ("process" in data):
            raise ValidationError(
                Words("要写 item（事项）或 process（流程）其中之一。", "Name either an item or a process.")
            )
        if ("scenarios" in data) == ("scenario" in data and "steps" in data):
            raise ValidationError(
                Words(
                    "要写 scenarios（多个场景），或 scenario 和 steps（一个场景）。",
                    "Write scenarios, or scenario and steps for a single one.",
                )
            )
