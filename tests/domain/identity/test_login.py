import re
from datetime import timedelta
from statistics import median
from time import thread_time

import pytest
from sqlalchemy import select

from domain.actors import Role
from domain.audit.models import AuditEvent
from domain.clock import FixedClock
from domain.context import Context
from domain.identity import attempts, login
from domain.identity import service as identity
from domain.identity.login import authenticate
from domain.identity.models import LoginFailures, User
from domain.identity.passwords import hash_password
from domain.identity.rules import HashCost, LockOut, Rules
from domain.identity.sessions import Must
from domain.sites.models import Site
from tests.domain.identity.conftest import CHEAP, OLD

MINUTE = timedelta(minutes=1)


def test_log_in(ctx: Context, user: User, host: FixedClock, rules: Rules) -> None:
    assert user.password_hash.startswith("$argon2id$")
    found = authenticate(ctx, " yanshan.clerk1 ", OLD, rules=rules, clock=host)
    assert found.user is user
    assert found.must is None
    refused = authenticate(ctx, "yanshan.clerk1", "wrong", rules=rules, clock=host)
    unknown = authenticate(ctx, "nobody", OLD, rules=rules, clock=host)
    assert type(refused.refusal) is type(unknown.refusal) is login.LoginRefused
    assert (refused.refusal.fact_zh, refused.user) == (unknown.refusal.fact_zh, unknown.user)  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["yanshan.clerk1", "nobody"])
def test_waits_grow_for_known_and_unknown_names_alike(
    ctx: Context, user: User, host: FixedClock, rules: Rules, name: str
) -> None:
    waits = []
    for _ in range(12):
        outcome = authenticate(ctx, name, "wrong", rules=rules, clock=host)
        if isinstance(outcome.refusal, login.AccountLocked):
            [minutes] = re.findall(r"([0-9]+) 分钟", outcome.refusal.fact_zh)
            waits.append(int(minutes))
            host.advance(MINUTE * int(minutes))
    assert waits == [1, 2, 4, 8]
    del user


def test_the_longest_wait_and_forgetting() -> None:
    rule = LockOut(failures=3, first=MINUTE, longest=timedelta(minutes=10))
    assert [rule.wait(n) for n in (2, 3, 4, 7, 500)] == [None, MINUTE, 2 * MINUTE, 10 * MINUTE, 10 * MINUTE]


def test_time_opens_a_locked_account_and_success_forgets(
    ctx: Context, user: User, host: FixedClock, rules: Rules
) -> None:
    for _ in range(5):
        authenticate(ctx, user.login, "wrong", rules=rules, clock=host)
    assert isinstance(authenticate(ctx, user.login, OLD, rules=rules, clock=host).refusal, login.AccountLocked)
    host.advance(MINUTE)
    assert authenticate(ctx, user.login, OLD, rules=rules, clock=host).user is user
    assert ctx.session.scalars(select(LoginFailures)).all() == []


def test_an_address_that_tries_many_names_is_slowed_down(ctx: Context, user: User, host: FixedClock) -> None:
    rules = Rules(cost=CHEAP, by_address=LockOut(failures=3, first=MINUTE))
    for number in range(3):
        authenticate(ctx, f"name{number}", "wrong", address="192.0.2.7", rules=rules, clock=host)
    closed = authenticate(ctx, user.login, OLD, address="192.0.2.7", rules=rules, clock=host)
    assert isinstance(closed.refusal, login.AddressLocked)
    assert authenticate(ctx, user.login, OLD, address="198.51.100.1", rules=rules, clock=host).user is user
    host.advance(MINUTE)
    assert authenticate(ctx, user.login, OLD, address="192.0.2.7", rules=rules, clock=host).user is user


def test_counters_hold_no_names_and_go_after_a_week(ctx: Context, host: FixedClock, rules: Rules) -> None:
    authenticate(ctx, "my secret pass word", "x", address="192.0.2.7", rules=rules, clock=host)
    rows = ctx.session.scalars(select(LoginFailures)).all()
    assert {row.kind for row in rows} == {"account", "address"}
    assert all(re.fullmatch(r"[0-9a-f]{32,64}", row.key) for row in rows)
    host.advance(timedelta(days=8))
    assert attempts.drop_old(ctx, clock=host) == 2


def test_a_closed_account_and_a_public_password_do_not_log_in(ctx: Context, user: User, rules: Rules) -> None:
    public = Rules(cost=CHEAP, public_password=OLD)
    assert type(authenticate(ctx, user.login, OLD, rules=public).refusal) is login.LoginRefused
    user.is_active = False
    ctx.session.flush()
    assert type(authenticate(ctx, user.login, OLD, rules=rules).refusal) is login.LoginRefused


def test_a_hash_of_another_cost_is_made_anew(ctx: Context, user: User) -> None:
    user.password_hash = hash_password(OLD, CHEAP)
    dearer = HashCost(memory_kib=2048, passes=1, lanes=1)
    assert authenticate(ctx, user.login, OLD, rules=Rules(cost=dearer)).user is user
    assert "m=2048,t=1,p=1" in user.password_hash
    before = user.password_hash
    assert authenticate(ctx, user.login, OLD, rules=Rules(cost=dearer)).user is user
    assert user.password_hash == before


def test_the_hash_costs_what_owasp_asks_for() -> None:
    memory, passes, lanes = re.findall(r"m=(\d+),t=(\d+),p=(\d+)", hash_password(OLD))[0]
    assert (int(memory), int(passes), int(lanes)) >= (47_104, 1, 1)


def test_unknown_names_take_the_time_of_known_ones(ctx: Context, user: User, host: FixedClock) -> None:
    cost = HashCost(memory_kib=16_384, passes=2, lanes=1)
    rules = Rules(cost=cost, by_account=LockOut(failures=1000))
    user.password_hash = hash_password(OLD, cost)
    ctx.session.flush()
    taken: dict[str, list[float]] = {user.login: [], "nobody": []}
    for name in [user.login, "nobody"] * 8:
        begin = thread_time()
        authenticate(ctx, name, "wrong", rules=rules, clock=host)
        taken[name].append(thread_time() - begin)
    ratio = median(taken[user.login][1:]) / median(taken["nobody"][1:])
    assert 0.6 < ratio < 1.7, taken


def test_what_is_owed_after_the_password(ctx: Context, user: User, main_site: Site, rules: Rules) -> None:
    identity.grant(ctx, user, Role.SITE_ADMIN, main_site)
    roles = frozenset({Role.SITE_ADMIN})
    asked = Rules(cost=CHEAP, second_factor_roles=roles, second_factor_at_once=roles)
    assert authenticate(ctx, user.login, OLD, rules=asked).must is Must.ENROL
    assert authenticate(ctx, user.login, OLD, rules=rules).must is None
    user.must_change_password = True
    ctx.session.flush()
    assert authenticate(ctx, user.login, OLD, rules=asked).must is Must.CHANGE_PASSWORD


def test_the_record_has_no_password_and_no_unknown_name(ctx: Context, user: User, rules: Rules) -> None:
    authenticate(ctx, user.login, OLD, rules=rules)
    authenticate(ctx, user.login, "a wrong one", rules=rules)
    authenticate(ctx, "somebody.else", "a wrong one", rules=rules)
    events = ctx.session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
    assert [(event.kind, event.actor_id) for event in events] == [
        ("login.succeeded", user.id),
        ("login.failed", user.id),
    ]
    assert "wrong" not in str([event.data for event in events])
