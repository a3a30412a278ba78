"""The first platform administrator, and one who is locked out: a one-time code, then an own password and a second factor."""

import pyotp
import pytest
from sqlalchemy import select

from domain.actors import Role
from domain.audit.models import AuditEvent
from domain.clock import FixedClock
from domain.context import Context
from domain.errors import NotFound
from domain.identity import credentials, founding, second_factor
from domain.identity import service as identity
from domain.identity.founding import AdministratorExists
from domain.identity.login import LoginRefused, authenticate
from domain.identity.rules import Rules
from domain.identity.sessions import Must
from tests.domain.identity.conftest import CHEAP

FIRST = "river mountain lamp"
ALL = frozenset({Role.PLATFORM_ADMIN})
RULES = Rules(cost=CHEAP, second_factor_roles=ALL, second_factor_at_once=ALL)


def test_the_first_administrator_sets_a_password_and_a_second_factor(ctx: Context) -> None:
    code, _ = founding.create_first(ctx, "First.Admin", "首位管理员", rules=RULES)
    user = identity.find_user(ctx, "first.admin")
    assert user is not None
    for guess in ("", code, "lianban-demo"):
        assert isinstance(authenticate(ctx, "first.admin", guess, rules=RULES).refusal, LoginRefused)
    assert credentials.reset_password(ctx, "first.admin", code, FIRST, rules=RULES) is None
    assert authenticate(ctx, "first.admin", FIRST, rules=RULES).must is Must.ENROL
    assert identity.actor_for(ctx.session, user).has(Role.PLATFORM_ADMIN)
    with pytest.raises(AdministratorExists):
        founding.create_first(ctx, "second.admin", "第二位", rules=RULES)


def test_one_who_is_locked_out_begins_anew(ctx: Context, host: FixedClock) -> None:
    code, _ = founding.create_first(ctx, "first.admin", "首位管理员", rules=RULES)
    credentials.reset_password(ctx, "first.admin", code, FIRST, rules=RULES)
    user = identity.find_user(ctx, "first.admin")
    assert user is not None
    generator = pyotp.TOTP(second_factor.begin(ctx, user, "联办").secret)
    second_factor.finish(ctx, user, generator.at(host.at), cost=CHEAP, clock=host)
    assert authenticate(ctx, "first.admin", FIRST, rules=RULES).must is Must.SECOND_FACTOR
    again, _ = founding.recover(ctx, "first.admin", "手机丢失", rules=RULES)
    assert credentials.reset_password(ctx, "first.admin", again, "another lamp of the river", rules=RULES) is None
    assert authenticate(ctx, "first.admin", "another lamp of the river", rules=RULES).must is Must.ENROL
    for stranger in ("nobody", identity.register_user(ctx, "clerk9", "某", FIRST, password_hash="x").login):
        with pytest.raises(NotFound):
            founding.recover(ctx, stranger, "手机丢失", rules=RULES)
    kinds = set(ctx.session.scalars(select(AuditEvent.kind)))
    assert {"administrator.created", "administrator.recovered", "second-factor.removed"} <= kinds
