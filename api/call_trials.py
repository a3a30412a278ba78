"""测试调用: designers choose connections for service tasks, look at what would be sent, and try it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import flask
from marshmallow import fields, validate

from api.auth import guard
from api.definitions import finding_row
from api.entry import Again, Routes, platform
from api.limits import Rate
from api.openapi import FindingAnswer
from api.schemas import Answer, CamelSchema, Free, choice, many, text
from api.shapes import EVERYWHERE
from domain.channels import letters
from domain.channels import trying as writing
from domain.connectors import hosts, samples
from domain.connectors import trying as calling
from domain.connectors.reading import TYPES
from domain.connectors.samples import DESIGNERS, Sample
from domain.context import Context
from domain.errors import Forbidden
from domain.secrets import service as secrets
from domain.sites import queries as sites

routes = Routes("call_trials", "测试调用 Trying connections")
PREVIEW = Rate("try-preview", burst=30, seconds=1.0)
TRY = Rate("try-call", burst=6, seconds=10.0)
_MOST_ROWS = 100
_MOST_SOURCE = 20_000


class OfferedHost(Answer):
    """A host that service tasks may call. Without site: of the whole platform. ``secrets``: names that may be sent there."""

    host = fields.String(required=True)
    port = fields.Integer(required=True)
    is_plain = fields.Boolean(required=True)
    site_id = fields.Integer(required=True, allow_none=True)
    site_name = fields.String(required=True)
    secrets = fields.List(fields.String(), required=True)


class OfferedSecret(Answer):
    """The name of a secret, never anything of its value."""

    name = fields.String(required=True)
    note = fields.String(required=True)
    site_id = fields.Integer(required=True, allow_none=True)
    site_name = fields.String(required=True)


class OfferedSite(Answer):
    """A site in whose name the caller may try connections."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)


class Offered(Answer):
    """What a designer may choose from for HTTP calls and letters. ``own_address``: where a trial letter goes, masked."""

    hosts = many(OfferedHost)
    secrets = many(OfferedSecret)
    sites = many(OfferedSite)
    own_address = fields.String(required=True)


class Mapping(CamelSchema):
    """An input or output mapping as written: FEEL begins with ``=``."""

    target = text(1, 200)
    source = text(0, _MOST_SOURCE)


_MOST = validate.Length(max=_MOST_ROWS, error=f"length|0|{_MOST_ROWS}")


def _mappings() -> fields.List[Any]:
    return fields.List(fields.Nested(Mapping), load_default=list, validate=_MOST)


class SampleBody(CamelSchema):
    """A service task as drawn, sample variables, and the site in whose name (none: connections of the whole platform)."""

    type = choice((*TYPES, letters.TYPE), required=True)
    element_id = text(1, 120)
    name = text(0, 200, required=False, load_default="")
    inputs = _mappings()
    outputs = _mappings()
    headers = Free(load_default=dict, values=text(0, _MOST_SOURCE), validate=_MOST)
    retries = text(0, 60, required=False, load_default="")
    variables = Free(load_default=dict)
    site_id = fields.Integer(load_default=None, allow_none=True)


class HeaderAnswer(Answer):
    """A header line."""

    name = fields.String(required=True)
    value = fields.String(required=True)


class RequestAnswer(Answer):
    """A request as it would be sent, secrets covered. Carries ``idempotency_header`` with a key of its own."""

    method = fields.String(required=True)
    url = fields.String(required=True)
    headers = many(HeaderAnswer)
    body = fields.String(required=True)
    idempotency_header = fields.String(required=True)
    total_seconds = fields.Float(required=True)


class RecipientAnswer(Answer):
    """Whom a letter names; of a role at a site also how many people hold it and how many have a confirmed address."""

    to = fields.String(required=True)
    kind = fields.String(required=True, metadata={"enum": ["applicant", "role", "address"]})
    people = fields.Integer(required=True, allow_none=True)
    reachable = fields.Integer(required=True, allow_none=True)


class LetterAnswer(Answer):
    """A letter as it would be written. ``own``: where a trial goes, masked; empty: no confirmed address."""

    recipients = many(RecipientAnswer)
    subject = fields.String(required=True)
    body = fields.String(required=True)
    own = fields.String(required=True)


class PreviewAnswer(Answer):
    """What would leave, and why it would not. One of ``request`` and ``letter``, none when it cannot be told."""

    request = fields.Nested(RequestAnswer, required=True, allow_none=True)
    letter = fields.Nested(LetterAnswer, required=True, allow_none=True)
    findings = fields.List(fields.Nested(FindingAnswer), required=True)
    sendable = fields.Boolean(required=True)


class TriedAnswer(Answer):
    """What became of a try. Nothing of it is kept but the record of a call. ``variables``: what would be written into the case."""

    kind = fields.String(required=True, metadata={"enum": ["done", "rejected", "failed", "sent"]})
    code = fields.String(required=True)
    message = fields.String(required=True)
    retry = fields.Boolean(required=True)
    status = fields.Integer(required=True, allow_none=True)
    milliseconds = fields.Integer(required=True, allow_none=True)
    received_bytes = fields.Integer(required=True, allow_none=True)
    headers = many(HeaderAnswer)
    body = fields.String(required=True)
    is_cut = fields.Boolean(required=True)
    variables = Free(required=True)
    sent_to = fields.String(required=True)


@routes.on("GET", "/design/connections", answer=Offered)
@guard("trial:do")
def offered(ctx: Context) -> dict[str, Any]:
    """可用的外部连接 Hosts, names of secrets and sites that a designer may choose from."""
    own = _own_sites(ctx)
    listed, kept = hosts.list_hosts(ctx, own), secrets.list_secrets(ctx, own)
    places = [site for site, _ in sites.list_sites(ctx.session, kind="local") if own is None or site.id in own]
    names = {site.id: site.name for site in places}

    def of(row: Any) -> dict[str, Any]:
        return {"site_id": row.site_id, "site_name": names.get(row.site_id, "") if row.site_id else EVERYWHERE}

    return {
        "hosts": [
            {"host": row.host, "port": row.port, "is_plain": row.is_plain, "secrets": row.secrets, **of(row)}
            for row in listed
        ],
        "secrets": [{"name": row.name, "note": row.note, **of(row)} for row in kept],
        "sites": [{"id": site.id, "name": site.name} for site in places],
        "own_address": writing.own_address(ctx),
    }


@routes.on("POST", "/design/call-previews", body=SampleBody, answer=PreviewAnswer)
@guard("trial:do", rate=PREVIEW, remember=False)
def preview_call(ctx: Context, body: dict[str, Any]) -> dict[str, Any]:
    """预览调用 What the task would send with these variables; nothing leaves."""
    sample = _sample(body)
    request: Any = None
    letter: Any = None
    if sample.topic == letters.TYPE:
        letter, found = writing.preview(ctx, sample)
    else:
        request, found = calling.preview(ctx, sample)
    return {
        "request": None if request is None else {**_members(request), "headers": _lines(request.headers)},
        "letter": letter,
        "findings": [finding_row(each) for each in found],
        "sendable": (request or letter) is not None and not any(each.severity == "error" for each in found),
    }


@routes.on("POST", "/design/calls", body=SampleBody, answer=TriedAnswer)
@guard("trial:do", rate=TRY, remember=False)
def try_call(ctx: Context, body: dict[str, Any]) -> dict[str, Any]:
    """测试调用 Send it: an HTTP call by the rules of real ones, a letter only to the caller's own confirmed address."""
    if "tried" in flask.g:
        return dict(flask.g.tried)
    sample = _sample(body)
    samples.require_designer(ctx, sample.site_id)
    raise Again(partial(_write if sample.topic == letters.TYPE else _call, sample, ctx))


@contextmanager
def _again_as(visit: Context) -> Iterator[Context]:
    """A transaction of its own for the caller of a request that let go of the first one."""
    with platform().transaction(visit.actor, request_id=visit.request_id) as ctx:
        yield replace(ctx, origin=visit.origin)


def _call(sample: Sample, visit: Context) -> None:
    """Outside of the request's transaction: two short ones with the call between them."""
    with _again_as(visit) as ctx:
        ready = calling.prepare(ctx, sample)
    answer = ready.call()
    with _again_as(visit) as ctx:
        tried = calling.finish(ctx, ready, answer)
    flask.g.tried = {**_members(tried), "headers": _lines(tried.headers), "sent_to": ""}


def _write(sample: Sample, visit: Context) -> None:
    with _again_as(visit) as ctx:
        ready = writing.prepare(ctx, sample)
    ready.call()
    flask.g.tried = {**_members(calling.Tried("sent")), "headers": [], "sent_to": ready.own}


def _sample(body: dict[str, Any]) -> Sample:
    return Sample(
        body["type"],
        body["element_id"],
        body["name"],
        [(row["target"], row["source"]) for row in body["inputs"]],
        [(row["target"], row["source"]) for row in body["outputs"]],
        body["headers"],
        body["retries"],
        body["variables"],
        body["site_id"],
    )


def _own_sites(ctx: Context) -> list[int] | None:
    """Sites whose connections the caller may choose from; None: all."""
    if any(ctx.actor.has(role, 0) for role in DESIGNERS):
        return None
    own = [site_id for site_id in ctx.actor.site_ids if any(ctx.actor.has(role, site_id) for role in DESIGNERS)]
    if not own:
        raise Forbidden("没有可以设计的机构。", "There is no site that you design for.")
    return own


def _members(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__dataclass_fields__}


def _lines(headers: tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers]
