from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select

from domain.actors import Role
from domain.clock import FixedClock
from domain.context import Context
from domain.identity import login, second_factor
from domain.identity import service as identity
from domain.identity.login import authenticate
from domain.identity.models import RecoveryCode, SecondFactor, User
from domain.identity.rules import Rules
from domain.identity.sessions import CODE, RECOVERY, Must
from tests.domain.identity.conftest import CHEAP, OLD

STEP = timedelta(seconds=30)


@pytest.fixture
def totp(ctx: Context, user: User, host: FixedClock) -> pyotp.TOTP:
    """The authenticator of somebody who enrolled a step ago."""
    enrolment = second_factor.begin(ctx, user, "联办")
    generator = pyotp.TOTP(enrolment.secret)
    assert len(second_factor.finish(ctx, user, generator.at(host.at), cost=CHEAP, clock=host)) == 10
    host.advance(STEP)
    return generator


def test_what_an_authenticator_scans(ctx: Context, user: User) -> None:
    enrolment = second_factor.begin(ctx, user, "联办")
    parsed = pyotp.parse_uri(enrolment.uri)
    assert (parsed.secret, parsed.name, parsed.issuer) == (enrolment.secret, user.login, "联办")
    stored = ctx.session.connection().exec_driver_sql("select secret from second_factors").scalar_one()
    assert enrolment.secret.encode() not in bytes(stored)


def test_a_secret_counts_only_when_confirmed(ctx: Context, user: User, host: FixedClock, rules: Rules) -> None:
    second_factor.begin(ctx, user, "联办")
    with pytest.raises(second_factor.CodeWrong):
        second_factor.finish(ctx, user, "000000", cost=CHEAP, clock=host)
    assert authenticate(ctx, user.login, OLD, rules=rules, clock=host).must is None
    assert second_factor.check(ctx, user.id, "000000", clock=host) is None


def test_the_vectors_of_rfc_6238() -> None:
    generator = pyotp.TOTP("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", digits=8)
    assert [generator.at(at) for at in (59, 1111111109, 20000000000)] == ["94287082", "07081804", "65353130"]


def test_logging_in_takes_two_steps(ctx: Context, user: User, totp: pyotp.TOTP, host: FixedClock, rules: Rules) -> None:
    assert authenticate(ctx, user.login, OLD, rules=rules, clock=host).must is Must.SECOND_FACTOR
    done = login.confirm(ctx, user, totp.at(host.at), rules=rules, clock=host)
    assert (done.user, done.must, done.methods) == (user, None, (CODE,))


def test_a_code_is_good_once_and_never_an_older_one(
    ctx: Context, user: User, totp: pyotp.TOTP, host: FixedClock
) -> None:
    code, before = totp.at(host.at), totp.at(host.at - STEP)
    assert second_factor.check(ctx, user.id, code, clock=host) == CODE
    assert second_factor.check(ctx, user.id, code, clock=host) is None
    assert second_factor.check(ctx, user.id, before, clock=host) is None
    host.advance(STEP)
    assert second_factor.check(ctx, user.id, code, clock=host) is None


@pytest.mark.parametrize(("steps", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_drift(ctx: Context, user: User, totp: pyotp.TOTP, host: FixedClock, steps: int, taken: bool) -> None:
    host.advance(10 * STEP)
    assert (second_factor.check(ctx, user.id, totp.at(host.at + steps * STEP), clock=host) == CODE) is taken


@pytest.mark.parametrize("odd", ["", "12345", "1234567", "abcdef", "１２３４５６", "0" * 16, "x" * 40])
def test_odd_codes(ctx: Context, user: User, totp: pyotp.TOTP, host: FixedClock, odd: str) -> None:
    del totp
    assert second_factor.check(ctx, user.id, odd, clock=host) is None


def test_wrong_codes_lock_as_wrong_passwords_do(
    ctx: Context, user: User, totp: pyotp.TOTP, host: FixedClock, rules: Rules
) -> None:
    for _ in range(5):
        # The right password in between does not begin the count anew.
        assert authenticate(ctx, user.login, OLD, rules=rules, clock=host).must is Must.SECOND_FACTOR
        assert isinstance(login.confirm(ctx, user, "000000", rules=rules, clock=host).refusal, login.CodeRefused)
    locked = login.confirm(ctx, user, totp.at(host.at), rules=rules, clock=host)
    assert isinstance(locked.refusal, login.AccountLocked)


def test_recovery_codes_are_good_once(ctx: Context, user: User, totp: pyotp.TOTP, host: FixedClock) -> None:
    del totp
    codes = second_factor.renew_codes(ctx, user, cost=CHEAP)
    assert len(set(codes)) == 10
    stored = ctx.session.scalars(select(RecoveryCode.code_hash)).all()
    assert all(row.startswith("$argon2id$") for row in stored)
    assert second_factor.check(ctx, user.id, codes[3].lower(), clock=host) == RECOVERY
    assert second_factor.check(ctx, user.id, codes[3], clock=host) is None
    assert second_factor.standing_of(ctx, user.id).codes_left == 9
    second_factor.renew_codes(ctx, user, cost=CHEAP)
    assert second_factor.check(ctx, user.id, codes[4], clock=host) is None


def test_enrolling_twice_and_removing(ctx: Context, user: User, totp: pyotp.TOTP) -> None:
    del totp
    with pytest.raises(second_factor.AlreadyEnrolled):
        second_factor.begin(ctx, user, "联办")
    second_factor.remove(ctx, user)
    assert ctx.session.query(SecondFactor).count() == ctx.session.query(RecoveryCode).count() == 0
    with pytest.raises(second_factor.NotEnrolled):
        second_factor.remove(ctx, user)


def test_step_up_asks_for_the_code_of_who_has_one(
    ctx: Context, user: User, totp: pyotp.TOTP, host: FixedClock, rules: Rules
) -> None:
    refused = login.prove_again(ctx, user, password=OLD, code=None, rules=rules, clock=host)
    assert isinstance(refused.refusal, login.CodeRefused)
    assert login.prove_again(ctx, user, password=None, code=totp.at(host.at), rules=rules, clock=host).user is user
    other = identity.register_user(ctx, "plain", "测试二", OLD)
    assert login.prove_again(ctx, other, password=OLD, code=None, rules=rules, clock=host).methods == ("pwd",)
    assert Role.SITE_ADMIN not in rules.second_factor_roles
