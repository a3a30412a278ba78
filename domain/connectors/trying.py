"""测试调用: a designer's call of an ``http`` task, by the rules of real calls; no case is touched and no secret is shown."""

from __future__ import annotations

import base64
import secrets as randomness
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import quote, urlencode

import orjson

from domain.audit import service as audit
from domain.connectors import answers, breaker, hosts, http, oauth, reading, samples, signing
from domain.connectors.errors import CallFailed
from domain.connectors.http import Made
from domain.connectors.models import AllowedHost
from domain.connectors.reading import Plan, Reading
from domain.connectors.samples import Sample
from domain.connectors.tokens import Tokens
from domain.connectors.wire import Answer, Limits
from domain.context import Context
from domain.errors import Conflict, DomainError
from domain.outbox.calls import Done, Failed, Outcome, Rejected
from domain.secrets import service as secrets
from engine.contract import Finding

VEIL: Final = "●●●"
MOST_SHOWN: Final = 50_000
"""Characters of a body that are shown."""
LIMITS: Final = Limits(connect_seconds=5, read_seconds=15, total_seconds=20, most_bytes=1_000_000)
"""No try takes longer or more than this, whatever the task allows: a person and a web thread wait for it."""
_SHORTEST: Final = 4
_HUSHED: Final = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie"})


class HostBusy(Conflict):
    """The host is left alone after failures, or as many calls run there as may."""

    code = "host-busy"
    title_zh = "该主机暂不接受测试调用"
    title_en = "The host takes no test calls now"
    next_zh = "该主机正在恢复或调用已满，请稍后再试。"
    next_en = "The host is recovering or busy: try again later."


@dataclass(frozen=True, slots=True)
class Shown:
    """A request as it would be sent, its secrets covered. ``headers`` are (name, value)."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: str
    idempotency_header: str
    total_seconds: float


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of a try. ``kind``: done, rejected (a BPMN error), failed. ``status`` None: there was no answer."""

    kind: str
    code: str = ""
    message: str = ""
    retry: bool = False
    status: int | None = None
    milliseconds: int | None = None
    received_bytes: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: str = field(default="", repr=False)
    is_cut: bool = False
    variables: Mapping[str, Any] = field(default_factory=dict, repr=False)


class Veil:
    """Covers secrets that were put into a call wherever they come back."""

    def __init__(self) -> None:
        self._known: set[str] = set()

    def over(self, resolve: signing.Resolve) -> signing.Resolve:
        """A resolver that remembers what it gave."""

        def remembering(text: str) -> str:
            value = resolve(text)
            if value != text:
                self.learn(value)
            return value

        return remembering

    def learn(self, value: str) -> None:
        """Cover the value from now on, as it is and as it is usually written."""
        encoded = base64.b64encode(value.encode()).decode()
        for each in (value, *value.split(), quote(value, safe=""), encoded, encoded.rstrip("=")):
            if len(each) >= _SHORTEST:
                self._known.add(each)

    def cover(self, value: Any) -> Any:
        """The same value with every secret in it covered."""
        if isinstance(value, str):
            for each in sorted(self._known, key=len, reverse=True):
                value = value.replace(each, VEIL)
            return value
        if isinstance(value, Mapping):
            return {self.cover(name): self.cover(inner) for name, inner in value.items()}
        return [self.cover(inner) for inner in value] if isinstance(value, list) else value


@dataclass(frozen=True, slots=True)
class Ready:
    """A call between its two transactions."""

    sample: Sample
    reading: Reading
    row_id: int
    veil: Veil
    who: Mapping[str, Any]
    call: Callable[[], Made]


def preview(ctx: Context, sample: Sample) -> tuple[Shown | None, list[Finding]]:
    """The request as it would be sent, and why it would not be. Raises ``Forbidden``."""
    samples.require_designer(ctx, sample.site_id)
    found = samples.check(ctx, sample)
    shown: Shown | None = None
    try:
        plan = reading.read(samples.arguments(ctx, sample))
        shown = _shown(plan)
        reading.read_reading(sample.headers)
        _entry(ctx, plan, sample)
    except DomainError as error:
        found.append(samples.finding_of(sample, error))
    return shown, found


def prepare(ctx: Context, sample: Sample) -> Ready:
    """First transaction: judge, write down, put in secrets. Raises ``BadCall``, ``HostNotAllowed``, ``SecretMissing``, …"""
    samples.require_designer(ctx, sample.site_id)
    plan = reading.read(samples.arguments(ctx, sample))
    plan = replace(plan, limits=_bounded(plan.limits))
    how = reading.read_reading(sample.headers)
    entry = _entry(ctx, plan, sample)
    if not breaker.is_free(ctx, entry):
        raise HostBusy
    veil = Veil()
    key = f"try-{randomness.token_hex(16)}"
    asked = signing.token_entry(ctx, plan, sample.site_id)
    call, _ = http.dressed(
        ctx,
        plan,
        entry,
        asked,
        key,
        lambda each: veil.over(signing.resolver(ctx, each, sample.site_id)),
        Tokens(told=veil.learn),  # a try asks for a token of its own: it shows that the token endpoint works, too
    )
    if plan.authentication["type"] == "basic":
        given = [plan.authentication.get(name, "") for name in ("username", "password")]
        resolve = signing.resolver(ctx, entry, sample.site_id)
        veil.learn(":".join(map(resolve, given)))
    who = {"site_id": sample.site_id, "element_id": sample.element_id[:120], "key": key}
    row_id = http.begin(ctx, plan, entry, **who)
    told = {"host": breaker.name_of(entry), "method": plan.method, "path": plan.path, "call": row_id}
    audit.record(ctx, "call.tried", site_id=sample.site_id, data=told)
    return Ready(sample, how, row_id, veil, who, call)


def finish(ctx: Context, ready: Ready, made: Made) -> Tried:
    """Second transaction: what the answer would mean to the case. Nothing but the record of the call is written."""
    http.note_fetches(ctx, made.fetches, **ready.who)
    answer = made.result
    if isinstance(answer, CallFailed):
        http.end(ctx, ready.row_id, state="failed", error_code=answer.code)
        return Tried("failed", answer.code, answer.fact_zh or answer.title_zh, answer.is_passing)
    outcome, variables = _meaning(ctx, ready, answer)
    code = outcome.code if isinstance(outcome, Failed) else None
    http.end(
        ctx,
        ready.row_id,
        state="answered",
        status=answer.status,
        milliseconds=answer.milliseconds,
        received_bytes=len(answer.body),
        error_code=code,
    )
    body = _text(ready.veil, answer)
    headers = tuple((name, _covered(ready.veil, name, value)) for name, value in sorted(answer.headers.items()))
    return Tried(
        {Done: "done", Rejected: "rejected", Failed: "failed"}[type(outcome)],
        "" if isinstance(outcome, Done) else str(ready.veil.cover(outcome.code)),
        "" if isinstance(outcome, Done) else str(ready.veil.cover(outcome.message)),
        isinstance(outcome, Failed) and outcome.retry,
        answer.status,
        answer.milliseconds,
        len(answer.body),
        headers,
        body[:MOST_SHOWN],
        len(body) > MOST_SHOWN,
        ready.veil.cover(variables),
    )


def _meaning(ctx: Context, ready: Ready, answer: Answer) -> tuple[Outcome, dict[str, Any]]:
    try:
        outcome = answers.outcome(ctx, answer, ready.reading)
        if isinstance(outcome, Done):
            return outcome, samples.results(ctx, ready.sample, outcome.variables)
        return outcome, dict(outcome.variables) if isinstance(outcome, Rejected) else {}
    except DomainError as error:
        return Failed(error.code, error.fact_zh or error.title_zh, retry=False), {}


def _entry(ctx: Context, plan: Plan, sample: Sample) -> AllowedHost:
    """The allow-list's entry, when every secret that the call names may go there and is known."""
    entry = hosts.require(ctx, plan.place, sample.site_id)
    asked = signing.token_entry(ctx, plan, sample.site_id)
    resolve = signing.resolver(ctx, entry, sample.site_id)
    known = signing.resolver(ctx, asked or entry, sample.site_id)
    for text in (*plan.headers.values(), plan.client_certificate):
        if secrets.names_in(text):
            resolve(text)
    for text in plan.authentication.values():
        if secrets.names_in(text):
            known(text)
    return entry


def _bounded(limits: Limits) -> Limits:
    return Limits(
        min(limits.connect_seconds, LIMITS.connect_seconds),
        min(limits.read_seconds, LIMITS.read_seconds),
        min(limits.total_seconds, LIMITS.total_seconds),
        min(limits.most_bytes, LIMITS.most_bytes),
    )


def _shown(plan: Plan) -> Shown:
    headers = {name: _referred(name, value) for name, value in plan.headers.items()}
    target, given = plan.place.target, plan.authentication
    match given["type"]:
        case "basic":
            headers["Authorization"] = f"Basic {VEIL}"
        case "bearer" | oauth.TYPE:
            headers["Authorization"] = f"Bearer {VEIL}"
        case "apiKey" if given.get("apiKeyLocation") == "query":
            joint = "&" if "?" in target else "?"
            target += joint + urlencode({given.get("name", ""): ""}) + VEIL
        case "apiKey":
            headers[given.get("name", "")] = VEIL
        case "hmac":
            for name, usual in signing.HEADERS.items():
                headers[given.get(name, usual)] = VEIL
    return Shown(
        plan.method,
        f"{plan.place.scheme}://{plan.place.host_header}{target}",
        tuple(headers.items()),
        plan.body.decode(errors="replace")[:MOST_SHOWN],
        plan.idempotency_header,
        _bounded(plan.limits).total_seconds,
    )


def _referred(name: str, value: str) -> str:
    """A header as it may be shown: references covered, and whatever proves an identity."""
    for each in secrets.references_in(value):
        value = value.replace(each, VEIL)
    return VEIL if name.lower() in _HUSHED and VEIL not in value else value


def _covered(veil: Veil, name: str, value: str) -> str:
    return VEIL if name.lower() in _HUSHED else str(veil.cover(value))


def _text(veil: Veil, answer: Answer) -> str:
    try:
        body = veil.cover(answers.read_body(answer))
    except CallFailed:
        body = veil.cover(answer.body.decode(errors="replace"))
    if body is None or isinstance(body, str):
        return body or ""
    return orjson.dumps(body, option=orjson.OPT_INDENT_2).decode()
