"""Logging in with a local account: password, second factor, and what is owed before the session is good for more.

Unknown names, wrong passwords and closed accounts get the same answers in the same time. Time is the host's clock: a training
clock must not lock people out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select

from domain.actors import Actor, Role
from domain.audit import service as audit
from domain.clock import HOST, Clock
from domain.context import Context
from domain.errors import DomainError, Kind
from domain.identity import attempts, second_factor
from domain.identity.models import Grant, User
from domain.identity.passwords import hash_password, is_outdated, matches, waste_time
from domain.identity.rules import Rules
from domain.identity.sessions import CODE, FEDERATED, PASSWORD, Must

PLAIN = Rules()


class Way(StrEnum):
    """How somebody who is logged in proves it again."""

    PASSWORD = "password"  # noqa: S105 -- the name of a way
    CODE = "code"
    PROVIDER = "provider"


class LoginRefused(DomainError):
    """Wrong log-in name or password; which of the two is not told."""

    code = "login-refused"
    kind = Kind.FORBIDDEN
    title_zh = "用户名或密码不正确"
    title_en = "Wrong login or password"
    next_zh = "请核对后重试；连续多次失败将暂时锁定。"
    next_en = "Check and try again; repeated failures lock the account for a while."


class PasswordRefused(LoginRefused):
    """The password of somebody who is logged in."""

    code = "password-refused"
    title_zh = "密码不正确"
    title_en = "Wrong password"


class AccountLocked(LoginRefused):
    """Too many failures with this name, known or not; it opens again by itself."""

    code = "account-locked"
    title_zh = "账号已暂时锁定"
    title_en = "The account is locked for a while"
    next_zh = "请稍后再试，或联系站点管理员。"
    next_en = "Try again later or ask the site administrator."


class AddressLocked(AccountLocked):
    """Too many failures from this network address, whatever the names."""

    code = "address-locked"
    title_zh = "该网络地址登录失败过多"
    title_en = "Too many failed log-ins from this address"


class ProveAtProvider(LoginRefused):
    """The session came from an identity provider and the account has no second factor here: no password is asked or taken."""

    code = "step-up-at-provider"
    title_zh = "请到统一身份认证再次登录"
    title_en = "Prove it at the identity provider"
    next_zh = "请在弹出的提示中打开统一身份认证，完成后自动继续。"
    next_en = "Open the identity provider from the dialog; it then continues by itself."


class CodeRefused(LoginRefused):
    """The code of the second factor is wrong, past its time or was used before."""

    code = "code-refused"
    title_zh = "验证码不正确"
    title_en = "The code is not right"
    next_zh = "请等待下一个 6 位数字后再输入；每个验证码只能用一次。手机不在身边时可用恢复码。"
    next_en = "Wait for the next six digits; each code is good once. Without your telephone use a recovery code."


@dataclass(frozen=True, slots=True)
class Authentication:
    """The outcome of a log-in. A refusal is returned and not raised: the count of failures must be committed. Raise it afterwards."""

    user: User | None
    refusal: LoginRefused | None
    must: Must | None = None
    methods: tuple[str, ...] = ()


def authenticate(
    ctx: Context,
    login: str,
    password: str,
    *,
    address: str = "",
    rules: Rules = PLAIN,
    clock: Clock = HOST,
    fact: str = "login.succeeded",
) -> Authentication:
    """Check a password, counting failures by name and by address. ``must`` says what comes before anything else.

    ``fact`` is what the record calls a success.
    """
    now = clock.now()
    nearby = attempts.of_address(ctx, address, rules.by_address, clock=clock) if address else None
    if nearby is not None and nearby.is_closed(now):
        return _refused(AddressLocked(*_until(nearby.closed_until, now)))
    count = attempts.of_account(ctx, login, rules.by_account, clock=clock)
    if count.is_closed(now):
        waste_time(password, rules.cost)
        return _refused(AccountLocked(*_until(count.closed_until, now)))
    user = ctx.session.scalar(select(User).where(User.login == login.strip().lower()))
    if user is None or not user.is_active:
        waste_time(password, rules.cost)
        fits = False
    else:
        fits = matches(user.password_hash, password) and password != rules.public_password
    if user is None or not fits:
        _count_failure(ctx, user, count, nearby, rules, clock)
        return _refused(LoginRefused())
    if is_outdated(user.password_hash, rules.cost):
        user.password_hash = hash_password(password, rules.cost)
    must = next_duty(ctx, user, rules, proved=(PASSWORD,), clock=clock)
    if must is not Must.SECOND_FACTOR:
        attempts.succeeded(ctx, count)
        _record(ctx, user, fact, {"methods": [PASSWORD]})
    ctx.session.flush()
    return Authentication(user, None, must, (PASSWORD,))


def confirm(
    ctx: Context,
    user: User,
    code: str,
    *,
    rules: Rules = PLAIN,
    clock: Clock = HOST,
    fact: str = "login.succeeded",
) -> Authentication:
    """The second factor: six digits, or a recovery code. Failures count as those of the password do."""
    count = attempts.of_account(ctx, user.login, rules.by_account, clock=clock)
    now = clock.now()
    if count.is_closed(now):
        return _refused(AccountLocked(*_until(count.closed_until, now)))
    method = second_factor.check(ctx, user.id, code, clock=clock)
    if method is None:
        _count_failure(ctx, user, count, None, rules, clock)
        return _refused(CodeRefused())
    attempts.succeeded(ctx, count)
    methods = (method,)
    _record(ctx, user, fact, {"methods": [method]})
    must = next_duty(ctx, user, rules, proved=(PASSWORD, CODE), clock=clock)
    return Authentication(user, None, must, methods)


def prove_again(
    ctx: Context,
    user: User,
    *,
    password: str | None,
    code: str | None,
    way: Way | None = None,
    rules: Rules = PLAIN,
    clock: Clock = HOST,
) -> Authentication:
    """Step-up: the code for who has a second factor, else the password. Failures count as at log-in.

    ``way``: what :func:`way_to_prove` told of the session; at a provider nothing is taken here.
    """
    if way is Way.PROVIDER:
        return _refused(ProveAtProvider("您的登录来自统一身份认证。", "Your log-in came from an identity provider."))
    if second_factor.is_confirmed(ctx, user.id):
        return confirm(ctx, user, code or "", rules=rules, clock=clock, fact="login.confirmed")
    found = authenticate(ctx, user.login, password or "", rules=rules, clock=clock, fact="login.confirmed")
    return _refused(PasswordRefused()) if type(found.refusal) is LoginRefused else found


def way_to_prove(ctx: Context, user_id: int, methods: Sequence[str]) -> Way:
    """What proves again that a session's person is there: who came from a provider (its first method) is never asked for a password."""
    if second_factor.is_confirmed(ctx, user_id):
        return Way.CODE
    return Way.PROVIDER if FEDERATED in methods[:1] else Way.PASSWORD


def next_duty(ctx: Context, user: User, rules: Rules, *, proved: tuple[str, ...], clock: Clock = HOST) -> Must | None:
    """What a person who proved this much owes before anything else: the code, a new password, a second factor of the role."""
    if second_factor.is_confirmed(ctx, user.id):
        if CODE not in proved:
            return Must.SECOND_FACTOR
        return Must.CHANGE_PASSWORD if user.must_change_password else None
    if user.must_change_password:
        return Must.CHANGE_PASSWORD
    return Must.ENROL if owes_second_factor(ctx, user, rules, clock=clock) else None


def needs_second_factor(ctx: Context, user: User, rules: Rules) -> bool:
    """Whether one of the person's roles asks for one (GB/T 22239—2019 8.1.4.1 d)."""
    return bool(_roles_with_factor(ctx, user, rules))


def owes_second_factor(ctx: Context, user: User, rules: Rules, *, clock: Clock = HOST) -> bool:
    """Whether somebody without one has to set it up now: who administers at once, other staff when the days of grace are over.

    The days begin with the first log-in that asks.
    """
    asking = _roles_with_factor(ctx, user, rules)
    if not asking:
        return False
    if asking & rules.second_factor_at_once:
        return True
    now = clock.now()
    if user.second_factor_due_at is None:
        user.second_factor_due_at = now + rules.second_factor_grace
        ctx.session.flush()
    return now >= user.second_factor_due_at


def _roles_with_factor(ctx: Context, user: User, rules: Rules) -> frozenset[Role]:
    if not rules.second_factor_roles:
        return frozenset()
    held = ctx.session.scalars(select(Grant.role).where(Grant.user_id == user.id))
    return frozenset(Role(role) for role in held) & rules.second_factor_roles


def _refused(refusal: LoginRefused) -> Authentication:
    return Authentication(None, refusal)


def _count_failure(
    ctx: Context,
    user: User | None,
    count: attempts.Count,
    nearby: attempts.Count | None,
    rules: Rules,
    clock: Clock,
) -> None:
    closed = attempts.failed(ctx, count, rules.by_account, clock=clock)
    if nearby is not None:
        attempts.failed(ctx, nearby, rules.by_address, clock=clock)
    if user is not None:
        data = {"failures": count.failures, "closedSeconds": int(closed.total_seconds()) if closed else 0}
        _record(ctx, user, "login.failed", data)


def _record(ctx: Context, user: User, kind: str, data: Mapping[str, object]) -> None:
    """In the person's name: nobody else is there yet."""
    person = Actor(user.id, user.name, is_applicant=user.is_applicant)
    audit.record(replace(ctx, actor=person), kind, data={"userId": user.id, **data})


def _until(end: datetime | None, now: datetime) -> tuple[str, str]:
    minutes = 1 if end is None else max(1, -(-int((end - now).total_seconds()) // 60))
    return f"连续多次失败，请 {minutes} 分钟后再试。", f"Too many failures in a row: try again in {minutes} minutes."
