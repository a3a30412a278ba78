"""The API's description (OpenAPI 3.1): served at /api/v1/openapi.json, printed by ``python -m api.openapi``."""

from __future__ import annotations

import sys
import threading
from typing import Any, ClassVar

import flask
import orjson
from flask_smorest import Api, Blueprint
from marshmallow import fields

from api.auth import CSRF_HEADER, SESSION_COOKIE, access_of
from api.idempotency import HEADER as IDEMPOTENCY_HEADER
from api.schemas import Answer

CONFIGURATION: dict[str, Any] = {
    "API_TITLE": "联办 Lianban API",
    "API_VERSION": "v1",
    "OPENAPI_VERSION": "3.1.0",
    "API_SPEC_OPTIONS": {
        "info": {
            "description": "多地联办政务流程平台接口。见 docs/api.md。 Workflows of government work that several sites do together.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
    },
}


UPLOAD = "files.upload"
_FILE_PART = {
    "type": "object",
    "required": ["file"],
    "properties": {"file": {"type": "string", "contentMediaType": "application/octet-stream"}},
}


class FieldProblem(Answer):
    """One field that was refused; ``pointer`` is a JSON pointer into the body, or /query/… and /path/…."""

    pointer = fields.String(required=True)
    code = fields.String(required=True)
    message = fields.String(required=True)
    message_en = fields.String(required=True)


class FindingAnswer(Answer):
    """What the model validator has to say about an element."""

    rule = fields.String(required=True)
    severity = fields.String(required=True, metadata={"enum": ["error", "warning"]})
    element_id = fields.String(required=True, allow_none=True)
    line = fields.Integer(required=True, allow_none=True)
    message = fields.String(required=True)
    message_en = fields.String(required=True)
    hint = fields.String(required=True)
    hint_en = fields.String(required=True)
    resource = fields.String(metadata={"description": "Which of several files (trials)."})


class ProblemDocument(Answer):
    """A problem document (RFC 9457), in Chinese and English, with what to do next."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    title_en = fields.String(required=True)
    status = fields.Integer(required=True)
    code = fields.String(required=True)
    detail = fields.String(required=True)
    detail_en = fields.String(required=True)
    next = fields.String(required=True)
    next_en = fields.String(required=True)
    pointer = fields.String()
    errors = fields.List(fields.Nested(FieldProblem))
    findings = fields.List(fields.Nested(FindingAnswer))
    request_id = fields.String(required=True)


class DescribedApi(Api):  # type: ignore[misc]  # flask-smorest ships no types
    """flask-smorest's collection of routes, without its own error pages and with problem documents in the description.

    The routes are described when somebody asks for the description: that takes longer than all else a process does to start.
    """

    ERROR_SCHEMA: ClassVar[Any] = ProblemDocument

    def __init__(self, app: flask.Flask) -> None:
        self._undescribed: list[Blueprint] = []
        self._describing = threading.Lock()
        super().__init__(app)

    def _register_error_handlers(self) -> None:
        """Errors are answered by :mod:`api.problems`."""

    def register_blueprint(self, blp: Blueprint) -> None:
        """Its routes are served from now on."""
        self._app.extensions["flask-smorest"]["blp_name_to_api"][blp.name] = self
        self._app.register_blueprint(blp)
        self._undescribed.append(blp)

    def describe(self) -> None:
        """Bring the description up to date with the routes."""
        with self._describing:
            if not self._undescribed:
                return
            for blp in self._undescribed:
                blp.register_views_in_doc(self, self._app, self.spec, name=blp.name, parameters=None)
                self.spec.tag({"name": blp.name, "description": blp.description})
            _complete(self)
            self._undescribed.clear()


def _complete(api: DescribedApi) -> None:
    """Add what no decorator says: security of each operation, the idempotency header, the problem media type."""
    spec = api.spec
    cookie = {"type": "apiKey", "in": "cookie", "name": SESSION_COOKIE}
    spec.components.security_scheme("session", cookie)
    spec.components.security_scheme("csrf", {"type": "apiKey", "in": "header", "name": CSRF_HEADER})
    spec.components.security_scheme("client", {"type": "http", "scheme": "bearer", "bearerFormat": "lbk_…"})
    header = {
        "name": IDEMPOTENCY_HEADER,
        "in": "header",
        "required": False,
        "schema": {"type": "string", "minLength": 8, "maxLength": 80},
        "description": "The same key with the same request gives the first answer again.",
    }
    for rule in api._app.url_map.iter_rules():  # noqa: SLF001 -- flask-smorest keeps its application there
        access = access_of(api._app.view_functions[rule.endpoint])  # noqa: SLF001 -- see above
        path = spec._paths.get(_path_of(rule.rule))  # noqa: SLF001 -- apispec has no reader for its paths
        if access is None or path is None:
            continue
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            operation = path[method.lower()]
            operation["operationId"] = rule.endpoint.replace(".", "_")
            unsafe = method != "GET"
            needs: dict[str, list[str]] = {} if access.anonymous else {"session": []}
            if unsafe and access.csrf:
                needs["csrf"] = []
            if access.scope is not None:
                needs = {"client": []}
            operation["security"] = [needs] if needs else []
            if rule.endpoint == UPLOAD:
                operation["requestBody"] = {
                    "required": True,
                    "content": {"multipart/form-data": {"schema": _FILE_PART}},
                }
            if method == "POST" and not access.anonymous and access.scope is None:
                operation.setdefault("parameters", []).append(header)


def description(app: flask.Flask) -> dict[str, Any]:
    """The whole document."""
    api: DescribedApi = app.extensions["flask-smorest"]["apis"][""]["ext_obj"]
    api.describe()
    document: dict[str, Any] = api.spec.to_dict()
    for response in document.get("components", {}).get("responses", {}).values():
        content = response.get("content", {})
        if "application/json" in content:
            content["application/problem+json"] = content.pop("application/json")
    return document


def _path_of(rule: str) -> str:
    """Flask's ``/tasks/<task_id>`` as OpenAPI's ``/tasks/{task_id}``."""
    parts = []
    for part in rule.split("/"):
        inside = part.removeprefix("<").removesuffix(">")
        parts.append("{" + inside.rpartition(":")[2] + "}" if inside != part else part)
    return "/".join(parts)


def main() -> None:
    """Print the description; needs no database."""
    from api.app import register_routes
    from api.bodies import OrjsonProvider

    app = flask.Flask("lianban", static_folder=None)
    app.json = OrjsonProvider(app)
    app.config.update(CONFIGURATION)
    register_routes(app)
    sys.stdout.buffer.write(orjson.dumps(description(app), option=orjson.OPT_INDENT_2) + b"\n")


if __name__ == "__main__":
    main()
