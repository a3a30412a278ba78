"""Problem documents (RFC 9457) in Chinese and English: what is wrong, where, and what to do next."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import flask
import orjson
import structlog
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException

from api.problem_texts import BY_STATUS, field_texts
from bootstrap.errors import BootstrapError, PostgresNotReachable
from domain.errors import DomainError, FieldError, Kind
from engine.contract import Finding
from engine.errors import DefinitionRefused, EngineError, IncidentNotOpen, InstanceEnded, JobNotOpen, TaskNotOpen
from forms.errors import FormRejected, FormsError, KernelLimitReached
from forms.messages import text_of

MEDIA_TYPE = "application/problem+json"
TYPE_BASE = "https://lianban.org/problems/"
_STATUS = {Kind.INVALID: 422, Kind.FORBIDDEN: 403, Kind.NOT_FOUND: 404, Kind.CONFLICT: 409, Kind.BUSY: 503}
RETRY_SECONDS = 2
_ROOMS = ("api.", "bootstrap.", "domain.", "engine.", "forms.")
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Problem:
    """A problem document before it is written. ``next`` says what to do."""

    status: int
    code: str
    detail: str
    detail_en: str
    title: str = ""
    title_en: str = ""
    next: str = ""
    next_en: str = ""
    pointer: str | None = None
    errors: list[dict[str, Any]] = field(default_factory=list)
    findings: list[dict[str, Any]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Further members of this kind of problem, by name."""

    def document(self, request_id: str) -> dict[str, Any]:
        """The JSON members; title and next fall back to those of the status."""
        fallback = BY_STATUS.get(self.status, BY_STATUS[500])
        body: dict[str, Any] = {
            "type": TYPE_BASE + self.code,
            "title": self.title or fallback.title,
            "titleEn": self.title_en or fallback.title_en,
            "status": self.status,
            "code": self.code,
            "detail": self.detail or fallback.detail,
            "detailEn": self.detail_en or fallback.detail_en,
            "next": self.next or fallback.next,
            "nextEn": self.next_en or fallback.next_en,
            "requestId": request_id,
        }
        optional = {"pointer": self.pointer, "errors": self.errors, "findings": self.findings, **self.extra}
        return body | {key: value for key, value in optional.items() if value}


class ApiError(Exception):
    """Root of this room: a refusal at the door, before any domain code ran."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.detail_en)


class BadRequest(ApiError):
    """The request cannot be read (400)."""

    def __init__(self, code: str, detail: str, detail_en: str) -> None:
        super().__init__(Problem(400, code, detail, detail_en))


class NotJson(ApiError):
    """The body is not declared as JSON (415)."""

    def __init__(self) -> None:
        super().__init__(Problem(415, "unsupported-media-type", "", ""))


class InvalidFields(ApiError):
    """Fields that the schema of the route refuses (422): ``messages`` is marshmallow's tree of codes by location."""

    def __init__(self, messages: Mapping[Any, Any]) -> None:
        errors = []
        for place, tree in messages.items():
            prefix = "" if place == "json" else f"/{place}"
            errors += [_field_error(pointer, code) for pointer, code in _walk(tree, prefix)]
        problem = Problem(422, "invalid-fields", "", "", errors=errors)
        if errors:
            problem.pointer = errors[0]["pointer"]
        super().__init__(problem)


def problem_of(error: Exception) -> Problem:
    """The problem document for anything that can be raised under a view."""
    for kind, build in _BUILDERS:
        if isinstance(error, kind):
            return build(error)
    return Problem(500, "internal-error", "", "")


_UNIQUE = "23505"
_BUSY_STATES = frozenset({"55P03", "40P01", "40001", "57014", "57P01", "53300", "25P03"})
"""lock_not_available, deadlock, serialization, query_canceled, admin_shutdown, too_many_connections, idle_in_transaction."""


def respond(error: Exception) -> flask.Response:
    """Flask's error handler for everything. A 500 says nothing internal; the log has the request id."""
    problem = problem_of(error)
    request_id = flask.g.get("request_id", "")
    if problem.status >= 500 and problem.code == "internal-error":  # noqa: PLR2004
        # SQLAlchemy errors carry bound parameters: only the type and the place are logged.
        _log.error("request.failed", request_id=request_id, error=type(error).__name__, place=_place(error))
    body = orjson.dumps(problem.document(request_id))
    response = flask.Response(body, status=problem.status, mimetype=MEDIA_TYPE)
    response.headers.update(problem.headers)
    response.headers["Cache-Control"] = "no-store"
    return response


def register(app: flask.Flask) -> None:
    """Let every error leave as a problem document."""
    app.register_error_handler(Exception, respond)
    app.config["TRAP_HTTP_EXCEPTIONS"] = False


def finding_json(finding: Finding | Mapping[str, Any]) -> dict[str, Any]:
    """A validator's finding for the API, from the engine's dataclass or its stored form."""
    if isinstance(finding, Finding):
        finding = {name: getattr(finding, name) for name in Finding.__dataclass_fields__}
    pick = finding.get
    return {
        "rule": pick("rule"),
        "severity": str(pick("severity")),
        "elementId": pick("element_id", pick("elementId")),
        "line": pick("line"),
        "message": pick("message_zh", pick("message", "")),
        "messageEn": pick("message_en", pick("messageEn", "")),
        "hint": pick("hint_zh", pick("hint", "")),
        "hintEn": pick("hint_en", pick("hintEn", "")),
    } | ({"resource": pick("resource")} if pick("resource") else {})


def _of_bootstrap(error: BootstrapError) -> Problem:
    if isinstance(error, PostgresNotReachable):
        retry = {"Retry-After": str(RETRY_SECONDS)}
        return Problem(503, "database-away", error.fact_zh, error.fact_en, headers=retry)
    return Problem(409, error.code, error.fact_zh, error.fact_en, next=error.next_zh, next_en=error.next_en)


def _of_forms(error: FormsError) -> Problem:
    """Refused data is the caller's matter, a stopped evaluation passes with the load; everything else about forms is ours."""
    if isinstance(error, KernelLimitReached):
        return Problem(503, "busy", "", "", headers={"Retry-After": str(RETRY_SECONDS)})
    if not isinstance(error, FormRejected):
        return Problem(500, "internal-error", "", "")
    errors = [
        {
            "pointer": f"/data{entry.path}",
            "code": entry.code,
            "message": text_of(entry.code, entry.params, "zh"),
            "messageEn": text_of(entry.code, entry.params, "en"),
        }
        for entry in error.errors
    ]
    return Problem(422, "form-rejected", "", "", pointer=errors[0]["pointer"] if errors else None, errors=errors)


def _of_database(error: DBAPIError) -> Problem:
    state = _sqlstate(error)
    if state == _UNIQUE:
        return Problem(409, "conflict", "", "")
    if error.connection_invalidated or state in _BUSY_STATES:
        return Problem(503, "busy", "", "", headers={"Retry-After": str(RETRY_SECONDS)})
    return Problem(500, "internal-error", "", "")


def _of_domain(error: DomainError) -> Problem:
    status = _STATUS[error.kind]
    return Problem(
        status,
        error.code,
        error.fact_zh or error.title_zh,
        error.fact_en or error.title_en,
        title=error.title_zh,
        title_en=error.title_en,
        next=error.next_zh,
        next_en=error.next_en,
        pointer=error.pointer or (error.errors[0].pointer if error.errors else None),
        errors=[_domain_field(entry) for entry in error.errors],
        findings=[finding_json(entry) for entry in getattr(error, "findings", ())],
        headers={"Retry-After": str(RETRY_SECONDS)} if error.kind is Kind.BUSY else {},
        extra=getattr(error, "extra", {}),
    )


def _domain_field(entry: FieldError) -> dict[str, Any]:
    return {
        "pointer": entry.pointer,
        "code": entry.code,
        "message": entry.message_zh,
        "messageEn": entry.message_en,
    }


def _of_engine(error: EngineError) -> Problem:
    if isinstance(error, DefinitionRefused):
        findings = [finding_json(finding) for finding in error.findings]
        return Problem(422, "definition-refused", error.text_zh, error.text_en, findings=findings)
    conflicts = TaskNotOpen | JobNotOpen | IncidentNotOpen | InstanceEnded
    status = 409 if isinstance(error, conflicts) else 422
    return Problem(status, error.code.removeprefix("engine."), error.text_zh, error.text_en)


def _of_http(error: HTTPException) -> Problem:
    status = error.code or 500
    texts = BY_STATUS.get(status, BY_STATUS[500] if status >= 500 else BY_STATUS[400])  # noqa: PLR2004
    headers = {}
    methods = getattr(error, "valid_methods", None)
    if methods:
        headers["Allow"] = ", ".join(sorted(methods))
    return Problem(status, texts.code, "", "", headers=headers)


def _walk(tree: Any, pointer: str) -> Iterable[tuple[str, str]]:
    if isinstance(tree, Mapping):
        for key, value in tree.items():
            yield from _walk(value, pointer if key == "_schema" else f"{pointer}/{_escape(str(key))}")
    elif isinstance(tree, list):
        for entry in tree:
            yield from _walk(entry, pointer)
    else:
        yield pointer or "/", str(tree)


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _field_error(pointer: str, code: str) -> dict[str, Any]:
    slug, message, message_en = field_texts(code)
    return {"pointer": pointer, "code": slug, "message": message, "messageEn": message_en}


def _sqlstate(error: DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""


def _place(error: Exception) -> str:
    trace = error.__traceback__
    places = []
    while trace:
        places.append(f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}")
        trace = trace.tb_next
    own = [place for place in places if place.startswith(_ROOMS)]
    return " > ".join([*own[-5:], *places[-1:]])


_BUILDERS: tuple[tuple[type[Exception], Callable[[Any], Problem]], ...] = (
    (ApiError, lambda error: error.problem),
    (DomainError, _of_domain),
    (EngineError, _of_engine),
    (FormsError, _of_forms),
    (HTTPException, _of_http),
    (BootstrapError, _of_bootstrap),
    (DBAPIError, _of_database),
)
