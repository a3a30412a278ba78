"""Log-in by an identity provider (统一身份认证): the addresses that browsers and providers visit. No API: they redirect or show a page.

Calls to the provider happen between transactions, never inside one.
"""

from __future__ import annotations

import base64
import html
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import wraps
from uuid import UUID

import flask
import orjson
import structlog

from api import auth, entry, problems, security_notices
from api.entry import ANONYMOUS, platform
from api.limits import LOGIN, Buckets, Rate
from bootstrap.container import Platform
from domain.audit import service as audit
from domain.base import get_seal
from domain.clock import HOST
from domain.context import Context
from domain.federation import attempts, links, service, standing, tokens
from domain.federation.attempts import Attempt, Found
from domain.federation.errors import (
    AttemptUnknown,
    FederationError,
    OtherPerson,
    ProviderAway,
    ProviderUnusable,
)
from domain.federation.providers import Provider
from domain.identity import service as identity
from domain.identity import sessions
from domain.identity.arrivals import Arrival
from domain.identity.queries import Login
from domain.identity.sessions import Level, Must
from domain.sealing import SealError

COOKIE = "lianban_oidc_"
"""Beginning of the cookies of attempts; the rest is the beginning of the state, so that two tabs do not disturb each other."""
MOST_ATTEMPTS = 4
OUT = "lianban_oidc_out"
PLACE_OUT = "cookie.oidc-out"
NOTICE = Rate("logout-notice", burst=60, seconds=0.5)
log = structlog.get_logger(__name__)
View = Callable[[str], flask.Response]


def register(app: flask.Flask) -> None:
    """Add the addresses."""
    app.add_url_rule("/oidc/<key>/log-in", "oidc_log_in", _shown(log_in))
    app.add_url_rule("/oidc/<key>/callback", "oidc_callback", _shown(callback))
    app.add_url_rule("/oidc/<key>/log-out", "oidc_log_out", _shown(log_out))
    app.add_url_rule("/oidc/<key>/signed-out", "oidc_signed_out", _shown(signed_out))
    app.add_url_rule("/oidc/<key>/backchannel-logout", "oidc_notice", log_out_by_notice, methods=["POST"])
    app.add_url_rule("/api/v1/admin/providers/<key>/check", "oidc_check", check, methods=["POST"])


def _shown(view: View) -> View:
    """Refusals of a page that a person looks at are pages in both languages."""

    @wraps(view)
    def shown(key: str) -> flask.Response:
        flask.g.login = None
        try:
            _buckets().take(LOGIN, auth.caller(None))
            response = view(key)
        except Exception as error:  # noqa: BLE001 -- the last door of a page; an unknown error is logged by problems.respond
            response = _refusal(error, key)
        response.headers["Cache-Control"] = "no-store"
        return response

    shown.access = auth.access_of(view)  # type: ignore[attr-defined]  # for the test over the url map
    return shown


@auth.public("session:use")
def log_in(key: str) -> flask.Response:
    """Send the browser to the provider. ``return``: the page to come back to; ``again``: who is logged in shall prove more (``level``)."""
    provider = _provider(key)
    args = flask.request.args
    back = attempts.safe_return(args.get("return", ""), _home(provider))
    level = args.get("level", "")
    if level not in set(Level):
        level = Level.NONE
    session = ""
    if args.get("again"):
        login = _visitor()
        session = str(login.number) if login else ""
    metadata = platform().federation.metadata(provider)
    attempt = attempts.begin(provider, back, HOST.now(), level=Level(level), session=session)
    where = attempts.address(
        attempt, provider, metadata, _own(provider, "callback"), language=args.get("language", "")[:10]
    )
    _drop_old_attempts()
    _set(COOKIE + attempt.state[:8], attempts.seal(attempt), attempts.LIFETIME)
    return _go(where)


@auth.public("session:use")
def callback(key: str) -> flask.Response:
    """The provider's answer: exchange the code, verify, find the account, open the session, go back to the page."""
    provider = _provider(key)
    answer = flask.request.args.to_dict()
    state = attempts.read_state(answer)
    name = COOKIE + state[:8]
    attempt = attempts.unseal(flask.request.cookies.get(_secure(name), ""), state, HOST.now())
    if attempt.provider != provider.key:
        raise AttemptUnknown("应答来自另一个系统。", "The answer comes from another provider.")
    _set(name, None)
    own = platform()
    with own.transaction(ANONYMOUS, request_id=flask.g.request_id) as ctx:
        secret = service.spend(ctx, provider, attempt)
    try:
        found = attempts.finish(
            own.federation, provider, attempt, answer, _own(provider, "callback"), secret, HOST.now()
        )
    except (ProviderAway, ProviderUnusable) as error:
        _write_state(own, provider, service.Checked(HOST.now(), error))
        raise
    with own.transaction(ANONYMOUS, request_id=flask.g.request_id) as ctx:
        _enter(ctx, own, provider, attempt, found)
        keys = own.federation.standing(provider).key_ids
        service.write_state(ctx, provider, service.Checked(HOST.now(), None, len(keys)))
    return _go(attempt.return_to)


@auth.public("session:use")
def log_out(key: str) -> flask.Response:
    """Send the browser on to end the provider's session too; our own ended before (``POST /session/sign-out``)."""
    provider = _provider(key)
    hint = _read_hint(provider)
    _set(OUT, None)
    metadata = platform().federation.metadata(provider)
    return _go(standing.logout_address(provider, metadata, hint, _own(provider, "signed-out")) or _home(provider))


@auth.public("session:use")
def signed_out(key: str) -> flask.Response:
    """Back from the provider's log-out."""
    return _go(_home(_provider(key)))


@auth.public("session:use", csrf=False)
def log_out_by_notice(key: str) -> flask.Response:
    """Back-channel log-out: the provider says that a session or a person logged out there."""
    try:
        _buckets().take(NOTICE, auth.caller(None))
        provider, own = _provider(key), platform()
        token = flask.request.form.get("logout_token", "")
        notice = tokens.read_logout_token(own.federation, provider, token, HOST.now())
        with own.transaction(ANONYMOUS, request_id=flask.g.request_id) as ctx:
            standing.end_by_notice(ctx, notice)
    except Exception as error:  # noqa: BLE001 -- answered in the form that the standard gives
        problem = problems.problem_of(error)
        if problem.code == "internal-error":
            return problems.respond(error)
        log.warning("logout-notice.refused", provider=key[:40], code=problem.code, reason=problem.detail_en)
        body = {"error": "invalid_request", "error_description": problem.detail_en}
        response = flask.Response(orjson.dumps(body), 400 if problem.status < 500 else problem.status)  # noqa: PLR2004
        response.mimetype = "application/json"
    else:
        response = flask.Response(status=200)
    response.headers["Cache-Control"] = "no-store"
    return response


@auth.guard("connection:change")
def check(key: str) -> flask.Response:
    """立即检查 Ask the provider how it is, and keep what it says."""
    access = auth.access_of(check)
    assert access is not None  # noqa: S101 -- marked above
    own, token = platform(), auth.session_token()
    arrival = Arrival(token, own.settings.session_idle) if token else None
    with own.transaction(ANONYMOUS, request_id=flask.g.request_id, **({"first": arrival.meet} if arrival else {})):
        entry._admit(arrival.login if arrival else None, access)  # noqa: SLF001 -- the same door as that of every route
    provider = _provider(key)
    _write_state(own, provider, service.look(own.federation, provider))
    response = flask.Response(status=204)
    response.headers["Cache-Control"] = "no-store"
    return response


def seal_hint(provider: str, hint: str) -> None:
    """Keep for the browser's next step what ends the provider's session."""
    text = base64.urlsafe_b64encode(get_seal().seal(orjson.dumps([provider, hint]), PLACE_OUT)).decode()
    _set(OUT, text, timedelta(minutes=2))


def _read_hint(provider: Provider) -> str:
    try:
        text = flask.request.cookies.get(_secure(OUT), "")
        key, hint = orjson.loads(get_seal().unseal(base64.urlsafe_b64decode(text), PLACE_OUT))
    except (ValueError, TypeError, IndexError, SealError):
        return ""
    return str(hint) if key == provider.key else ""


def _enter(ctx: Context, own: Platform, provider: Provider, attempt: Attempt, found: Found) -> None:
    """The session of whom the provider named: a new one, or the present one strengthened."""
    settings = own.settings
    owner = links.owner_of(ctx, provider, found)
    proof = service.proof_of(ctx, owner.user, found, settings.identity)
    present = auth.session_token()
    if attempt.session:
        login = _meet(ctx, present)
        if login is None or str(login.number) != attempt.session or login.actor.user_id != owner.user.id:
            raise OtherPerson("核验的不是当前登录的人。", "Somebody else was authenticated.")
        settled = login.must is Must.SECOND_FACTOR and proof.must is None
        proof = replace(proof, must=None if settled else login.must)
        token, row = sessions.renew(ctx, present or "", settings.session_idle, proof=proof)
    else:
        if present:
            sessions.close_session(ctx, present)
        token, row = sessions.open_session(
            ctx,
            owner.user,
            settings.session_idle,
            proof=proof,
            lifetime=settings.session_lifetime,
            user_agent=flask.request.headers.get("User-Agent", ""),
            address=flask.request.remote_addr or "",
        )
    if not attempt.session:
        security_notices.note_device(ctx, owner.user.id)
    number: UUID = row.number
    standing.note(ctx, number, provider, owner, found)
    person = replace(ctx, actor=identity.actor_for(ctx.session, owner.user))
    facts = {"user": owner.user.id, "provider": provider.key, "level": str(found.level), "link": owner.link.id}
    audit.record(person, "login.confirmed" if attempt.session else "login.succeeded", data=facts)
    auth.set_cookie(auth.SESSION_COOKIE, token, max_age=int(settings.session_lifetime.total_seconds()))


def _visitor() -> Login | None:
    """Who is logged in in this browser."""
    with platform().transaction(ANONYMOUS, request_id=flask.g.request_id) as ctx:
        return _meet(ctx, auth.session_token())


def _meet(ctx: Context, token: str | None) -> Login | None:
    if not token:
        return None
    arrival = Arrival(token, platform().settings.session_idle)
    arrival.meet(ctx.session)
    return arrival.login


def _write_state(own: Platform, provider: Provider, checked: service.Checked) -> None:
    with own.transaction(ANONYMOUS, request_id=flask.g.request_id) as ctx:
        service.write_state(ctx, provider, checked)


def _provider(key: str) -> Provider:
    return links.find_provider(platform().settings.providers, key)


def _home(provider: Provider) -> str:
    return "/" if provider.audience.is_applicant else "/staff/"


def _own(provider: Provider, what: str) -> str:
    """An address of ours as the provider knows it: from the settings, never from the request."""
    return f"{platform().settings.url}/oidc/{provider.key}/{what}"


def _buckets() -> Buckets:
    found: Buckets = flask.current_app.extensions["lianban-limits"]
    return found


def _go(where: str) -> flask.Response:
    return flask.redirect(where, 303)  # type: ignore[return-value]  # a werkzeug response is as good


def _secure(name: str) -> str:
    return f"__Secure-{name}" if flask.current_app.config["SESSION_COOKIE_SECURE"] else name


def _set(name: str, value: str | None, lifetime: timedelta = timedelta(0)) -> None:
    """A cookie for the addresses of this module alone; None takes it away."""
    secure = flask.current_app.config["SESSION_COOKIE_SECURE"]

    @flask.after_this_request
    def apply(response: flask.Response) -> flask.Response:
        age = int(lifetime.total_seconds()) if value is not None else 0
        response.set_cookie(
            _secure(name), value or "", max_age=age, path="/oidc/", secure=secure, httponly=True, samesite="Lax"
        )
        return response


def _drop_old_attempts() -> None:
    """Attempts that were begun and left do not fill the browser's jar."""
    begun = [name for name in flask.request.cookies if COOKIE in name and not name.endswith(OUT)]
    for name in begun[: max(0, len(begun) - MOST_ATTEMPTS + 1)]:
        _set(name.removeprefix("__Secure-"), None)


def _refusal(error: Exception, key: str) -> flask.Response:
    """A page that says what is wrong and what to do, in both languages."""
    problem = problems.problem_of(error)
    if problem.code == "internal-error":
        problems.respond(error)  # logged there
    if isinstance(error, FederationError):
        log.info("sso.refused", provider=key[:40], code=problem.code)
    known = platform().settings.providers.find(key)
    applicants = known is None or known.audience.is_applicant
    back = "/login" if applicants else "/staff/"
    document = problem.document(flask.g.request_id)
    text = {name: html.escape(str(document[name])) for name in document if isinstance(document[name], str)}
    nonce = secrets.token_urlsafe(18)
    page = _PAGE.format(**{"detail": "", "detailEn": "", **text, "nonce": nonce, "back": back})
    response = flask.Response(page, status=problem.status, mimetype="text/html")
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    response.headers.update(problem.headers)
    return response


_PAGE = """<!doctype html><html lang="zh-CN"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>
<style nonce="{nonce}">body{{font:16px/1.7 system-ui,sans-serif;margin:0;background:#f5f7fa;color:#1f2329}}
main{{max-width:40rem;margin:3rem auto;padding:1.5rem;background:#fff;border-top:4px solid #b42318}}
h1{{font-size:1.4rem;margin-top:0}}a{{color:#0b5cad}}small,[lang=en]{{color:#4a5159}}</style>
<main data-code="{code}"><h1>{title}</h1><p>{detail}</p><p>{next}</p><p><a href="{back}">返回登录页</a></p>
<section lang="en"><h2>{titleEn}</h2><p>{detailEn}</p><p>{nextEn}</p><p><a href="{back}">Back to the log-in page</a></p></section>
<p><small>请求编号 request {requestId}</small></p></main></html>"""
