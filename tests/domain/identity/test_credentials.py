from datetime import timedelta

import pytest
from sqlalchemy import select

from domain.actors import Actor, Role
from domain.audit.models import AuditEvent
from domain.clock import FixedClock
from domain.context import Context
from domain.errors import Forbidden, NotFound
from domain.identity import credentials, sessions
from domain.identity import service as identity
from domain.identity.arrivals import find_login
from domain.identity.login import AccountLocked, LoginRefused, authenticate
from domain.identity.models import FormerPassword, ResetCode, User
from domain.identity.passwords import WeakPassword, is_guessable
from domain.identity.rules import Rules
from domain.sites.models import Site
from tests.domain.conftest import ContextFor
from tests.domain.identity.conftest import CHEAP, OLD

HOUR = timedelta(hours=1)
NEW = "river mountain lamp"


@pytest.mark.parametrize(
    "bad",
    [
        "eleven char",
        "x" * 129,
        "sunshineprincess",
        "passwordpassword",
        "123456789012",
        "qwertyuiopqwertyuiop",
        "aaaaaaaaaaaaaaa",
        "abcabcabcabcabc",
        "my Yanshan.Clerk1 word",
        "the clerk1 of 2026",
        "测试一的密码有十二个字符",
        "we love LianBan so much",
        OLD,
    ],
)
def test_what_is_no_password(ctx: Context, user: User, rules: Rules, bad: str) -> None:
    with pytest.raises(WeakPassword) as refused:
        credentials.set_password(ctx, user, bad, rules=rules)
    assert refused.value.fact_zh
    assert refused.value.fact_en
    assert bad not in refused.value.fact_zh + refused.value.fact_en


@pytest.mark.parametrize("good", [NEW, "x" * 3 + "y" * 61 + NEW, "四季的山河灯火可亲近来", "correct horse battery"])
def test_what_is_one(ctx: Context, user: User, rules: Rules, good: str) -> None:
    if len(good) < rules.staff_length:
        good += "也好"
    credentials.set_password(ctx, user, good, rules=rules)
    assert authenticate(ctx, user.login, good, rules=rules).user is user
    assert authenticate(ctx, user.login, good.upper() + " ", rules=rules).user is None


def test_applicants_need_fewer_characters(ctx: Context, rules: Rules) -> None:
    person = identity.register_user(ctx, "zhang", "测试父", OLD, is_applicant=True)
    credentials.set_password(ctx, person, "river lamp", rules=rules)
    with pytest.raises(WeakPassword):
        credentials.set_password(ctx, person, "river", rules=rules)


def test_known_ones_are_found() -> None:
    assert is_guessable("iloveyou")
    assert not is_guessable(NEW)


def test_the_last_ones_are_not_used_again(ctx: Context, user: User) -> None:
    rules = Rules(cost=CHEAP, former_passwords=3)
    for number in range(4):
        credentials.set_password(ctx, user, f"{NEW} {number}", rules=rules)
    for number in (3, 2, 1):
        with pytest.raises(WeakPassword):
            credentials.set_password(ctx, user, f"{NEW} {number}", rules=rules)
    credentials.set_password(ctx, user, f"{NEW} 0", rules=rules)
    assert ctx.session.query(FormerPassword).count() == 3


def test_changing_it_needs_the_old_one_and_ends_other_sessions(ctx: Context, user: User, rules: Rules) -> None:
    here, row = sessions.open_session(ctx, user, HOUR)
    there, _ = sessions.open_session(ctx, user, HOUR)
    wrong = credentials.change_password(ctx, user, "wrong", NEW, keep=row.number, rules=rules)
    assert isinstance(wrong.refusal, LoginRefused)
    assert find_login(ctx.session, there, HOUR) is not None
    assert credentials.change_password(ctx, user, OLD, NEW, keep=row.number, rules=rules).user is user
    assert find_login(ctx.session, there, HOUR) is None
    assert find_login(ctx.session, here, HOUR) is not None
    assert user.must_change_password is False
    assert user.password_changed_at is not None


def test_a_reset_code_is_good_once_and_for_a_while(
    ctx: Context, user: User, host: FixedClock, rules: Rules, admin: Context
) -> None:
    token, _ = sessions.open_session(ctx, user, HOUR)
    for _ in range(5):
        authenticate(ctx, user.login, "wrong", rules=rules, clock=host)
    code, expires_at = credentials.issue_reset(admin, user.id, "忘记密码，已当面核实", rules=rules, clock=host)
    assert expires_at == host.at + rules.reset_lifetime
    assert code not in ctx.session.scalars(select(ResetCode.code_hash)).one()
    with pytest.raises(WeakPassword):
        credentials.reset_password(ctx, user.login, code, "short", rules=rules, clock=host)
    assert credentials.reset_password(ctx, user.login, code, NEW, rules=rules, clock=host) is None
    assert find_login(ctx.session, token, HOUR) is None
    assert authenticate(ctx, user.login, NEW, rules=rules, clock=host).user is user
    again = credentials.reset_password(ctx, user.login, code, NEW + "x", rules=rules, clock=host)
    assert isinstance(again, credentials.ResetRefused)
    late, _ = credentials.issue_reset(admin, user.id, "又忘记了", rules=rules, clock=host)
    host.advance(rules.reset_lifetime)
    assert isinstance(
        credentials.reset_password(ctx, user.login, late, NEW + "x", rules=rules, clock=host), credentials.ResetRefused
    )
    kinds = ctx.session.scalars(
        select(AuditEvent.kind).where(AuditEvent.kind.like("password.%")).order_by(AuditEvent.id)
    ).all()
    assert kinds == ["password.reset-issued", "password.reset", "password.reset-issued"]


def test_guessing_reset_codes_locks_the_name(ctx: Context, user: User, host: FixedClock, rules: Rules) -> None:
    outcomes = [
        credentials.reset_password(ctx, user.login, f"guess {n}", NEW, rules=rules, clock=host) for n in range(6)
    ]
    assert isinstance(outcomes[-2], credentials.ResetRefused)
    assert isinstance(outcomes[-1], AccountLocked)


@pytest.fixture
def admin(ctx: Context, user: User, main_site: Site, context_for: ContextFor) -> Context:
    person = identity.register_user(ctx, "siteadmin", "管理员", OLD)
    identity.grant(ctx, person, Role.SITE_ADMIN, main_site)
    identity.grant(ctx, user, Role.RECV_CLERK, main_site)
    return context_for(person)


def test_whom_an_administrator_looks_after(
    ctx: Context, user: User, admin: Context, main_site: Site, partner_site: Site, context_for: ContextFor
) -> None:
    assert credentials.managed(admin, user.id) is user
    with pytest.raises(Forbidden):
        credentials.managed(admin, admin.actor.user_id)
    elsewhere = identity.register_user(ctx, "elsewhere", "外地", OLD)
    identity.grant(ctx, elsewhere, Role.HANDLER, partner_site)
    with pytest.raises(NotFound):
        credentials.managed(admin, elsewhere.id)
    identity.grant(ctx, elsewhere, Role.LIAISON, main_site)
    with pytest.raises(Forbidden):
        credentials.managed(admin, elsewhere.id)
    boss = identity.register_user(ctx, "boss", "平台", OLD)
    identity.grant(ctx, boss, Role.PLATFORM_ADMIN)
    with pytest.raises(NotFound):
        credentials.managed(admin, boss.id)
    over = context_for(boss)
    assert credentials.managed(over, elsewhere.id) is elsewhere
    with pytest.raises(NotFound):
        credentials.managed(context_for(user), elsewhere.id)
    assert isinstance(over.actor, Actor)


def test_an_administrator_ends_sessions(ctx: Context, user: User, admin: Context) -> None:
    token, _ = sessions.open_session(ctx, user, HOUR)
    assert credentials.end_sessions(admin, user.id, "设备遗失") == 1
    assert find_login(ctx.session, token, HOUR) is None
