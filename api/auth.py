"""Who calls and whether they may: session cookie, CSRF, and the guard that every route carries."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

import flask

from api.limits import Rate
from api.problems import ApiError, Problem
from domain.actors import Role
from domain.clients.scopes import Scope
from domain.identity.functions import matrix, may, refusal
from domain.identity.queries import Login
from domain.identity.sessions import Must

SESSION_COOKIE = "lianban_session"
CSRF_COOKIE = "lianban_csrf"
HOST_ONLY = "__Host-"
"""Before the cookies' names under https: browsers take such a cookie from this host alone, over https, for all paths (RFC 6265bis)."""
CSRF_HEADER = "X-CSRF-Token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

DESK = (Role.RECV_CLERK, Role.HANDLER, Role.APPROVER, Role.LIAISON)

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Access:
    """Who may call a route: whoever may do one of its functions (``key:act``, DOMAIN §5.2)."""

    functions: tuple[str, ...]
    anonymous: bool = False
    csrf: bool = True
    rate: Rate | None = None
    remember: bool = True
    """Whether answers are kept for repeated Idempotency-Keys; not those that hold a new secret."""
    scope: Scope | None = None
    """For API clients with this right: a bearer token instead of a session, no cookies, no CSRF token."""
    recent: bool = False
    """Whether the person must have proved who they are a short while ago (``LIANBAN_STEP_UP_AGE``)."""
    while_owing: frozenset[Must] = frozenset()
    """Duties of a session that do not bar this route (they are done here)."""

    def allows(self, login: Login | None) -> bool:
        """Whether this caller may enter."""
        if self.anonymous:
            return True
        if login is None:
            return False
        return any(
            login.actor.has(Role(name)) if name in set(Role) else may(login.actor, name) for name in self.functions
        )


class NotLoggedIn(ApiError):
    """The route needs a log-in (401)."""

    def __init__(self) -> None:
        super().__init__(Problem(401, "not-logged-in", "", ""))


class StepUpRequired(ApiError):
    """The route needs a password or a second factor given just now (403). The same request may then be sent again."""

    def __init__(self) -> None:
        super().__init__(
            Problem(
                403,
                "step-up-required",
                "这一操作需要您刚刚验证过身份。",
                "This needs a password or code given a short while ago.",
                title="请再次验证身份",
                title_en="Confirm that it is you",
                next="请输入密码或动态验证码（POST /api/v1/session/step-up），然后原样重试；已填写的内容不会丢失。",
                next_en="Give your password or code (POST /api/v1/session/step-up), then send the request again; nothing is lost.",
            )
        )


_DUTIES = {
    Must.SECOND_FACTOR: (
        "登录还差一步：请输入动态验证码。",
        "One step of the log-in is missing: the code of the second factor.",
        "请输入验证器中的 6 位数字，或一个恢复码。",
        "Enter the six digits of your authenticator, or a recovery code.",
    ),
    Must.CHANGE_PASSWORD: (
        "请先设置新密码，再使用系统。",
        "Choose a new password before you go on.",
        "请在“修改密码”中设置新密码。",
        "Set a new password on the page that asks for it.",
    ),
    Must.ENROL: (
        "您的角色需要动态验证码作为第二种验证方式，请先绑定。",
        "Your role needs a second factor: set one up before you go on.",
        "请按页面提示用验证器扫描二维码并确认。",
        "Scan the code on the page with an authenticator and confirm.",
    ),
}


class DutyOpen(ApiError):
    """Something about the log-in has to be done first (403): the code says what."""

    def __init__(self, must: Must) -> None:
        fact, fact_en, following, following_en = _DUTIES[must]
        problem = Problem(403, f"{must}-required", fact, fact_en, next=following, next_en=following_en)
        problem.title, problem.title_en = "登录尚未完成", "The log-in is not complete"
        super().__init__(problem)


class RoleMissing(ApiError):
    """None of the caller's roles has one of the route's functions (403)."""

    def __init__(self, functions: Sequence[str]) -> None:
        told = [refusal(function) for function in functions if function not in set(Role)]
        super().__init__(Problem(403, "forbidden", "".join(zh for zh, _ in told), " ".join(en for _, en in told)))


class TokenRefused(ApiError):
    """A route for API clients was called without a token that is good now (401)."""

    def __init__(self) -> None:
        super().__init__(
            Problem(
                401,
                "token-invalid",
                "缺少有效的接口令牌（Authorization: Bearer lbk_…），或令牌已停用、已到期。",
                "A valid token is missing (Authorization: Bearer lbk_…), or it was revoked or has expired.",
                title="令牌无效",
                title_en="Token refused",
                next="请管理员在“接口客户端”中签发或更换令牌。",
                next_en="Ask the administrator for a token, or for a new one.",
                headers={"WWW-Authenticate": 'Bearer realm="lianban"'},
            )
        )


class ScopeMissing(ApiError):
    """The token does not have the right that the route needs (403)."""

    def __init__(self, scope: Scope) -> None:
        super().__init__(
            Problem(
                403,
                "scope-missing",
                f"该令牌没有权限“{scope}”。",
                f"The token lacks the scope '{scope}'.",
                title="令牌权限不足",
                title_en="Scope missing",
                next="请管理员为该客户端增加权限。",
                next_en="Ask the administrator to add the scope.",
            )
        )


class CsrfRefused(ApiError):
    """An unsafe request without the session's token, or from another site (403)."""

    def __init__(self) -> None:
        super().__init__(
            Problem(
                403,
                "csrf-token",
                f"请求缺少有效的 {CSRF_HEADER}，或来自其他网站。",
                f"The request lacks a valid {CSRF_HEADER} or comes from another site.",
                title="安全校验未通过",
                title_en="Security check failed",
                next="请刷新页面后重试（先 GET /api/v1/session 取得 csrfToken）。",
                next_en="Reload the page and try again (GET /api/v1/session gives the csrfToken).",
            )
        )


def guard(
    *functions: str,
    rate: Rate | None = None,
    remember: bool = True,
    recent: bool = False,
    while_owing: Iterable[Must] = (),
) -> Callable[[F], F]:
    """Only who may do one of these functions (``key:act`` of the matrix) may call the view.

    ``recent``: only with a password or code given a short while ago (:class:`StepUpRequired`).
    """
    owing = frozenset(while_owing)
    return _mark(Access(functions, rate=rate, remember=remember, recent=recent, while_owing=owing))


def public(
    *functions: str, csrf: bool = True, rate: Rate | None = None, while_owing: Iterable[Must] = ()
) -> Callable[[F], F]:
    """Anybody may call the view. ``csrf=False`` only for callers that sign their requests."""
    return _mark(Access(functions, anonymous=True, csrf=csrf, rate=rate, while_owing=frozenset(while_owing)))


def require_recent() -> None:
    """For views where only some calls need it: raise :class:`StepUpRequired` unless the person proved who they are just now."""
    login: Login | None = flask.g.login
    limit: timedelta = flask.current_app.config["STEP_UP_AGE"]
    if login is None or login.authenticated_for > limit:
        raise StepUpRequired


def client(scope: Scope, function: str, *, rate: Rate) -> Callable[[F], F]:
    """Only API clients whose token has this right may call the view; the rate counts for each client."""
    return _mark(Access((function,), csrf=False, rate=rate, scope=scope))


def bearer_token() -> str:
    """The token of the Authorization header, else empty."""
    kind, _, token = flask.request.headers.get("Authorization", "").partition(" ")
    token = token.strip()
    return token if kind.lower() == "bearer" and 20 <= len(token) <= 200 else ""  # noqa: PLR2004 -- anything else was never ours


def access_of(view: Callable[..., Any]) -> Access | None:
    """The guard of a view."""
    return getattr(view, "access", None)


def cookie_name(name: str) -> str:
    """What a cookie of ours is called in this deployment."""
    return HOST_ONLY + name if flask.current_app.config["SESSION_COOKIE_SECURE"] else name


def get_cookie(name: str) -> str:
    """The value of a cookie of ours in this request, else empty."""
    return flask.request.cookies.get(cookie_name(name), "")


def session_token() -> str | None:
    """The token in the session cookie of this request."""
    token = get_cookie(SESSION_COOKIE)
    return token if 20 <= len(token) <= 200 else None  # noqa: PLR2004 -- anything else was never ours


def check_csrf(login: Login | None) -> None:
    """The token must be that of the session (or of the visitor's own cookie), and the request from our own pages."""
    request = flask.request
    if request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
        raise CsrfRefused
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc not in _own_hosts():
        raise CsrfRefused
    expected = login.csrf_token if login else anonymous_csrf(get_cookie(CSRF_COOKIE))
    given = request.headers.get(CSRF_HEADER, "")
    if not expected or not hmac.compare_digest(expected.encode(), given.encode()):
        raise CsrfRefused


def anonymous_csrf(seed: str) -> str:
    """The CSRF token of a visitor who is not logged in: bound to a cookie that only we can pair with it."""
    if not seed:
        return ""
    key: bytes = flask.current_app.config["SECRET_KEY"]
    return hmac.new(key, b"csrf|" + seed.encode(), hashlib.sha256).hexdigest()


def ensure_csrf_seed() -> str:
    """The visitor's seed; a new one is set as a cookie with this response."""
    seed = get_cookie(CSRF_COOKIE)
    if not seed:
        seed = secrets.token_urlsafe(24)
        set_cookie(CSRF_COOKIE, seed)
    return seed


def set_cookie(name: str, value: str | None, *, max_age: int | None = None) -> None:
    """Set (or with None remove) a cookie on the response to this request: HttpOnly, SameSite=Lax, Secure under https."""
    secure = flask.current_app.config["SESSION_COOKIE_SECURE"]
    name = cookie_name(name)

    @flask.after_this_request
    def apply(response: flask.Response) -> flask.Response:
        if value is None:
            response.delete_cookie(name, path="/", secure=secure, httponly=True, samesite="Lax")
        else:
            response.set_cookie(name, value, max_age=max_age, path="/", secure=secure, httponly=True, samesite="Lax")
        return response


def caller(login: Login | None) -> str:
    """Whom a rate limit counts: the person, else the network address."""
    return f"user:{login.actor.user_id}" if login else f"address:{flask.request.remote_addr}"


def _own_hosts() -> set[str]:
    public_url: str | None = flask.current_app.config["PUBLIC_URL"]
    return {flask.request.host} | ({urlsplit(public_url).netloc} if public_url else set())


def _mark(access: Access) -> Callable[[F], F]:
    for function in access.functions:
        if function not in set(Role):
            matrix().of(function)

    def decorate(view: F) -> F:
        view.access = access  # type: ignore[attr-defined]  # read by api.entry and by the test over the url map
        return view

    return decorate
