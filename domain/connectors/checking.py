"""What can be told of an ``http`` task before it ever runs: names, methods, limits, hosts and secrets that are written out."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator, Mapping
from typing import Final

from sqlalchemy import select

from domain.connectors import hosts, oauth, reading
from domain.connectors.addresses import read_url
from domain.connectors.errors import BadCall
from domain.connectors.models import AllowedHost
from domain.connectors.reading import AUTHENTICATIONS, METHODS, MOST_BYTES, MOST_SECONDS
from domain.context import Context
from domain.deadlines.due import is_duration
from domain.secrets import service as secrets
from engine.contract import Element, Finding, Severity

_QUOTED: Final = re.compile(r'=\s*"([^"\\]*)"\s*')
_LIMITS: Final[Mapping[str, float]] = {
    "connectionTimeoutInSeconds": MOST_SECONDS,
    "readTimeoutInSeconds": MOST_SECONDS,
    "totalTimeoutInSeconds": MOST_SECONDS,
    "maxResponseBytes": MOST_BYTES,
}
_BACKOFF: Final = "retryBackoff"


def http(ctx: Context, element: Element, site_id: int | None) -> Iterator[Finding]:
    """Findings about an ``http`` task. ``site_id``: the site it will run at, None when only the case will tell."""
    given = dict(element.inputs)
    names = {target.partition(".")[0] for target in given}
    yield from unknown(element, names, reading.ARGUMENTS | reading.IGNORED, reading.HEADERS)
    yield from missing(element, names, ("url",))
    method = literal(given, "method")
    if method is not None and method.upper() not in METHODS:
        yield wrong(element, "method", method, METHODS)
    yield from _authentication(element, given)
    yield from _limits(element, given)
    yield from tries(element)
    try:
        reading.read_codes(dict(element.headers).get("errorCodes", ""))
    except BadCall:
        yield wrong(element, "errorCodes", dict(element.headers)["errorCodes"], ["404=PersonNotFound", "5xx=retry"])
    entry = yield from _host(ctx, element, literal(given, "url"), site_id)
    endpoint = literal(given, "authentication.oauthTokenEndpoint")
    asked = (yield from _host(ctx, element, endpoint, site_id)) if endpoint is not None else None
    yield from _secrets(ctx, element, entry, asked, site_id)


def unknown(element: Element, names: Iterable[str], inputs: Iterable[str], headers: Iterable[str]) -> Iterator[Finding]:
    """Inputs and task headers that the connector would refuse."""
    for name in sorted(set(names) - set(inputs)):
        yield wrong(element, "input", name, inputs)
    for name in sorted(set(dict(element.headers)) - set(headers)):
        yield wrong(element, "header", name, headers)


def missing(element: Element, names: Iterable[str], needed: Iterable[str]) -> Iterator[Finding]:
    """Inputs without which there is nothing to call or send."""
    for name in [name for name in needed if name not in set(names)]:
        yield _finding(
            element,
            "connectorInputMissing",
            f"任务“{element.name or element.id}”没有填写 {name}。",
            f"'{element.id}' has no input '{name}'.",
            f"请在输入映射中填写 {name}。",
            f"Add an input mapping with the target '{name}'.",
        )


def tries(element: Element) -> Iterator[Finding]:
    """Number of tries and pause between them, where they are written out."""
    retries = (element.retries or "").strip()
    if retries and not retries.startswith("=") and not (retries.isascii() and retries.isdecimal()):
        yield wrong(element, "retries", retries, ["3"])
    backoff = dict(element.headers).get(_BACKOFF, "").strip()
    if backoff and not is_duration(backoff):
        yield wrong(element, _BACKOFF, backoff, ["PT30S", "PT5M"])


def literal(given: Mapping[str, str], name: str) -> str | None:
    """The text of an input where it is written out, as it is or as a FEEL string; None for other expressions."""
    source = given.get(name)
    if source is None:
        return None
    if not source.startswith("="):
        return source.strip()
    found = _QUOTED.fullmatch(source)
    return None if found is None else found[1].strip()


def wrong(element: Element, what: str, value: str, known: Iterable[str]) -> Finding:
    """A name or value that the connector would refuse when the case comes there."""
    listed = sorted(known)
    return _finding(
        element,
        "connectorValue",
        f"任务“{element.name or element.id}”的 {what} 不可用：“{value[:60]}”。",
        f"'{element.id}' has a {what} that cannot be used: '{value[:60]}'.",
        f"可用：{'、'.join(listed)}。",
        f"Usable: {', '.join(listed)}.",
    )


def _authentication(element: Element, given: Mapping[str, str]) -> Iterator[Finding]:
    kind = literal(given, "authentication.type")
    if kind is not None and kind not in AUTHENTICATIONS:
        yield wrong(element, "authentication.type", kind, AUTHENTICATIONS)
        return
    everything = frozenset[str]().union(*AUTHENTICATIONS.values())
    usable = (everything if kind is None else AUTHENTICATIONS[kind]) | {"type"}
    for target in given:
        head, dot, name = target.partition(".")
        if head == "authentication" and dot and name not in usable:
            yield wrong(element, "authentication", name, usable)
    if kind == oauth.TYPE:
        yield from _oauth(element, given)


def _oauth(element: Element, given: Mapping[str, str]) -> Iterator[Finding]:
    """Fields of OAuth whose values are few, and those without which no token can be asked for."""
    way = literal(given, "authentication.clientAuthentication") or oauth.USUAL_WAY
    needed = (*oauth.NEEDED, *oauth.PROOFS.get(way, oauth.PROOFS[oauth.USUAL_WAY]))
    yield from missing(element, given, [f"authentication.{name}" for name in needed])
    if way == "tlsClientCertificate":
        yield from missing(element, given, ["clientCertificate"])
    for name, known in (("clientAuthentication", oauth.WAYS), ("algorithm", oauth.ALGORITHMS)):
        value = literal(given, f"authentication.{name}")
        if value and value not in known:
            yield wrong(element, f"authentication.{name}", value, known)


def _limits(element: Element, given: Mapping[str, str]) -> Iterator[Finding]:
    for name, most in _LIMITS.items():
        value = literal(given, name)
        if value is None:
            value = given.get(name, "").removeprefix("=").strip()
            if not re.fullmatch(r"-?[\d.]+", value):
                continue
        if value and not (re.fullmatch(r"\d{1,9}(\.\d{1,6})?", value) and 0 < float(value) <= most):
            yield wrong(element, name, value, [f"1–{most:.0f}"])


def _host(
    ctx: Context, element: Element, url: str | None, site_id: int | None
) -> Generator[Finding, None, AllowedHost | None]:
    """The entry of the allow-list for a host that is written out."""
    if url is None or "{" in url.partition("://")[2].partition("/")[0]:
        return None
    try:
        place = read_url(re.sub(r"\{\w+\}", "x", url))
    except BadCall as error:
        yield _finding(element, "connectorUrl", error.fact_zh, error.fact_en, error.next_zh, error.next_en)
        return None
    entry = hosts.find(ctx, place.host, place.port, site_id)
    if entry is None and site_id is None:
        query = select(AllowedHost).where(AllowedHost.host == place.host, AllowedHost.port == place.port).limit(1)
        entry = ctx.session.scalar(query)
    if entry is None:
        yield _finding(
            element,
            "hostNotAllowed",
            f"主机 {place.host}:{place.port} 不在白名单中，调用会被拒绝。",
            f"{place.host}:{place.port} is not on the allow-list: the call will be refused.",
            "请管理员在“外部连接”中放行该主机。",
            "Ask an administrator to allow the host.",
            Severity.WARNING,
        )
    return entry


def _secrets(
    ctx: Context, element: Element, entry: AllowedHost | None, asked: AllowedHost | None, site_id: int | None
) -> Iterator[Finding]:
    """Secrets that are named and not kept, or not listed at the host they would go to; ``asked`` is that of the token endpoint."""
    named = {(name, target): None for target, source in element.inputs for name in secrets.names_in(source)}
    told = set[tuple[str, str]]()
    for name, target in named:
        where = _goes_to(dict(element.inputs), target, entry, asked)
        elsewhere = site_id is None and any(row.name == name for row in secrets.list_secrets(ctx, None))
        if not elsewhere and not secrets.is_known(ctx, name, site_id):
            zh, en = f"密钥 {name} 没有登记。", f"The secret {name} is not registered."
        elif where is not None and name not in where.secrets:
            zh = f"密钥 {name} 未获准发往 {where.host}。"
            en = f"The secret {name} may not be sent to {where.host}."
        else:
            continue
        if (name, en) in told:
            continue
        told.add((name, en))
        yield _finding(
            element,
            "secretUnavailable",
            zh,
            en,
            "请管理员在“外部连接”中登记，并列入该主机可用的密钥。",
            "Ask an administrator to register it and to list it at the host.",
            Severity.WARNING,
        )


def _goes_to(
    given: Mapping[str, str], target: str, entry: AllowedHost | None, asked: AllowedHost | None
) -> AllowedHost | None:
    """The entry whose host gets what an input names; None where that cannot be told."""
    head, _, name = target.partition(".")
    if head != "authentication":
        return entry
    if not name:
        return None if oauth.TYPE in given[target] else entry
    is_oauth = literal(given, "authentication.type") == oauth.TYPE
    return asked if is_oauth and name in oauth.SECRET_FIELDS else entry


def _finding(element: Element, rule: str, *texts: str | Severity) -> Finding:
    zh, en, hint_zh, hint_en = (str(text) for text in texts[:4])
    severity = Severity.WARNING if Severity.WARNING in texts[4:] else Severity.ERROR
    return Finding(rule, severity, zh, en, hint_zh, hint_en, element.id)
