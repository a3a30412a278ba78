"""From an answer to an outcome: result variables, BPMN errors, another try, an incident."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from email.message import Message
from email.utils import parsedate_to_datetime
from typing import Any, Final

import orjson

from domain.clock import HOST
from domain.connectors.errors import AnswerUnreadable
from domain.connectors.reading import RETRY_AFTER_MOST, Reading
from domain.connectors.wire import Answer
from domain.context import Context
from domain.outbox.calls import Done, Failed, Outcome, Rejected
from forms.kernel import Expression

_ERROR_ARITIES: Final = ("code, message", "code", "code, message, variables")
_JOB_ARITIES: Final = (
    "message",
    "message, variables",
    "message, variables, retries",
    "message, variables, retries, retryBackoff",
)
_DURATION: Final = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")


class ExpressionFailed(AnswerUnreadable):
    """A result or error expression has no value that fits."""

    code = "call-expression"
    title_zh = "应答映射无法计算"
    title_en = "The answer's mapping failed"


def read_body(answer: Answer) -> Any:
    """JSON as data, anything else as text. Raises :class:`AnswerUnreadable` when JSON was announced and is none."""
    if not answer.body:
        return None
    kind = Message()
    kind["Content-Type"] = answer.headers.get("content-type", "application/octet-stream")
    if kind.get_content_subtype() == "json" or kind.get_content_subtype().endswith("+json"):
        try:
            return orjson.loads(answer.body)
        except (orjson.JSONDecodeError, RecursionError):
            raise AnswerUnreadable("应答不是正确的 JSON。", "The answer is no JSON.") from None
    charset = str(kind.get_content_charset("utf-8")).lower()
    try:
        return answer.body.decode("gb18030" if charset in {"gbk", "gb2312"} else charset, errors="replace").replace(
            "\x00", ""
        )
    except LookupError:
        return answer.body.decode(errors="replace").replace("\x00", "")


def outcome(ctx: Context, answer: Answer, reading: Reading) -> Outcome:
    """What the answer means. Raises :class:`AnswerUnreadable`, :class:`ExpressionFailed`: no use in trying again."""
    meaning = reading.meaning(answer.status)
    try:
        body = read_body(answer)
    except AnswerUnreadable:
        if meaning is None:
            raise
        body = None  # the failure's page is often HTML with a wrong label; the status says enough
    response = {"status": answer.status, "headers": dict(answer.headers), "body": body}
    context: dict[str, Any] = {**response, "response": response, "now": ctx.clock.now().isoformat()}
    if meaning is not None:
        context["error"] = {"code": str(answer.status), "message": f"HTTP {answer.status}"}
    if reading.error_expression:
        told = _told(ctx, reading.error_expression, context)
        if told is not None:
            return told
    if meaning == "retry":
        return Failed("call-status", f"HTTP {answer.status}", after=retry_after(answer.headers))
    if meaning == "incident":
        return Failed("call-status", f"HTTP {answer.status}", retry=False)
    if meaning is not None:
        return Rejected(meaning, f"HTTP {answer.status}")
    return Done(_result(ctx, reading, context, response))


def retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """The pause the other side asks for: seconds or a date, at most a day."""
    text = headers.get("retry-after", "").strip()
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text[:9])), RETRY_AFTER_MOST)
    try:
        pause = parsedate_to_datetime(text) - HOST.now()  # the other side reads the host's time, not the training clock
    except (ValueError, TypeError):
        return None
    return min(max(pause, timedelta(0)), RETRY_AFTER_MOST)


def _result(ctx: Context, reading: Reading, context: Mapping[str, Any], response: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if reading.result_variable:
        found[reading.result_variable] = response
    if reading.result_expression:
        [made] = ctx.forms.evaluate([Expression(reading.result_expression)], context)
        if made.error is not None or not isinstance(made.value, dict):
            raise ExpressionFailed("resultExpression 没有得出一个上下文。", "resultExpression gives no context.")
        found |= made.value
    return found or dict(response)


def _told(ctx: Context, expression: str, context: Mapping[str, Any]) -> Outcome | None:
    """``bpmnError(code, message, variables)``, ``jobError(message, variables, retries, backoff)`` or null.

    FEEL has no optional parameters, so each number of them is tried in the same call.
    """
    batch = [
        Expression(
            f'{{bpmnError: function({error}) {{errorType: "bpmnError", {_named(error)}}}, '
            f'jobError: function({job}) {{errorType: "jobError", {_named(job)}}}, told: ({expression}\n)}}.told'
        )
        for error in _ERROR_ARITIES
        for job in _JOB_ARITIES
    ]
    made = ctx.forms.evaluate(batch, context)
    good = [
        each
        for each in made
        if each.error is None and not any("invalid_arguments" in warning for warning in each.warnings)
    ]
    if not good:
        raise ExpressionFailed("errorExpression 无法计算。", "errorExpression cannot be evaluated.")
    value = good[0].value
    if value is None:
        return None
    if not isinstance(value, dict):
        raise ExpressionFailed(
            "errorExpression 没有得出错误或 null。", "errorExpression gives neither an error nor null."
        )
    variables = value.get("variables") if isinstance(value.get("variables"), dict) else {}
    if value.get("errorType") == "bpmnError" and value.get("code"):
        return Rejected(str(value["code"]), str(value.get("message") or ""), variables or {})
    if value.get("errorType") == "jobError":
        retries = value.get("retries")
        return Failed(
            "call-status",
            str(value.get("message") or ""),
            retry=retries is None or retries > 0,
            after=_pause(value.get("retryBackoff")),
        )
    raise ExpressionFailed("errorExpression 没有得出错误或 null。", "errorExpression gives neither an error nor null.")


def _named(parameters: str) -> str:
    return ", ".join(f"{name}: {name}" for name in parameters.split(", "))


def _pause(value: Any) -> timedelta | None:
    text = value.get("value") if isinstance(value, dict) else value
    found = _DURATION.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
