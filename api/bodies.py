"""JSON in and out: orjson writes; what comes in is read strictly and bounded."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

import flask
import marshmallow
import orjson
from flask.json.provider import JSONProvider
from webargs.core import missing
from webargs.flaskparser import FlaskParser

from api.problems import BadRequest, InvalidFields, NotJson

MAX_DEPTH = 40
"""Levels of nesting a body may have; forms need fewer than ten."""
MAX_INTEGER = 2**53 - 1
"""Largest whole number browsers and JSON agree on (RFC 8259 §6)."""


_TOKENS = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)
"""Strings (skipped) and brackets (counted)."""
_UNUSABLE = re.compile("[\x00\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


class OrjsonProvider(JSONProvider):
    """Flask's JSON by orjson: times as ISO 8601 with ``Z``."""

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        """Text of a value."""
        del kwargs
        return orjson.dumps(obj, option=orjson.OPT_UTC_Z).decode()

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Value of a text (of our own; bodies of others go through :func:`read_json`)."""
        del kwargs
        return orjson.loads(s)

    def response(self, *args: Any, **kwargs: Any) -> flask.Response:
        """A JSON response."""
        body = orjson.dumps(self._prepare_response_obj(args, kwargs), option=orjson.OPT_UTC_Z)
        return flask.Response(body, mimetype="application/json")


class StrictParser(FlaskParser):
    """webargs over :func:`read_json`; what the schema refuses becomes one problem with a pointer per field."""

    def load_json(self, req: flask.Request, schema: marshmallow.Schema) -> Any:
        """The body, or ``missing`` when there is none."""
        del schema
        if not req.content_length and not req.get_data(cache=True):
            return missing
        if req.mimetype != "application/json" and not req.mimetype.endswith("+json"):
            raise NotJson
        return read_json(req.get_data(cache=True))

    def handle_error(
        self,
        error: marshmallow.ValidationError,
        req: flask.Request,
        schema: marshmallow.Schema,
        *,
        error_status_code: int | None,
        error_headers: Any,
    ) -> NoReturn:
        """Raise :class:`InvalidFields`."""
        del req, schema, error_status_code, error_headers
        raise InvalidFields(error.normalized_messages()) from None  # type: ignore[no-untyped-call]  # marshmallow leaves it untyped


def read_json(raw: bytes) -> Any:
    """A value from a request body. Raises :class:`BadRequest` naming the position of what is wrong.

    Refused: invalid UTF-8 or JSON, NaN and infinities, whole numbers beyond 2^53, NUL characters, overrides of the direction of
    writing, nesting deeper than 40 levels.
    """
    _check_depth(raw)
    try:
        value = json.loads(raw, parse_constant=_refuse_constant, parse_int=_read_integer, parse_float=_read_float)
    except json.JSONDecodeError as error:
        raise BadRequest(
            "invalid-json",
            f"请求内容不是有效的 JSON（第 {error.lineno} 行第 {error.colno} 列）。",
            f"The body is not valid JSON (line {error.lineno}, column {error.colno}).",
        ) from None
    except UnicodeDecodeError as error:
        raise BadRequest(
            "invalid-json",
            f"请求内容不是有效的 UTF-8 文本（第 {error.start + 1} 个字节）。",
            f"The body is not valid UTF-8 (byte {error.start + 1}).",
        ) from None
    _check_text(value)
    return value


def _check_depth(raw: bytes) -> None:
    """Counts brackets outside strings, so that a bomb of brackets never reaches the recursive parser."""
    if raw.count(b"[") + raw.count(b"{") <= MAX_DEPTH:
        return
    depth = 0
    for token in _TOKENS.finditer(raw):
        mark = token[0][:1]
        depth += (mark in b"[{") - (mark in b"]}")
        if depth > MAX_DEPTH:
            raise BadRequest(
                "too-deep",
                f"请求内容的嵌套超过 {MAX_DEPTH} 层。",
                f"The body is nested deeper than {MAX_DEPTH} levels.",
            )


def _refuse_constant(text: str) -> NoReturn:
    raise BadRequest("invalid-number", f"JSON 不允许 {text}。", f"{text} is not JSON.")


def _read_integer(text: str) -> int:
    if len(text) > len(str(MAX_INTEGER)) + 1 or abs(int(text)) > MAX_INTEGER:
        raise BadRequest(
            "invalid-number",
            "整数超出可精确表示的范围（±2^53）；长编号请作为文本提交。",
            "A whole number is beyond ±2^53; send long numbers as text.",
        )
    return int(text)


def _read_float(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise BadRequest("invalid-number", "数值过大。", "A number is too large.")
    return value


def _check_text(value: Any) -> None:
    """Refuses anywhere: NUL and lone surrogates, which PostgreSQL cannot store; overrides of direction, which make a text lie to people."""
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            if _UNUSABLE.search(item):
                raise BadRequest(
                    "invalid-text", "文本中含有不可用的控制字符。", "A text holds a character that cannot be stored."
                )
        elif isinstance(item, dict):
            stack.extend(item)
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)
