from datetime import UTC, datetime

import pytest

from domain.clock import FixedClock
from domain.context import Context
from domain.identity import passwords
from domain.identity import service as identity
from domain.identity.models import User
from domain.identity.passwords import hash_password
from domain.identity.rules import HashCost, Rules
from tests.support.economy import hash_at_cost

OLD = "four unrelated words"
CHEAP = HashCost(memory_kib=1024, passes=1, lanes=1)
"""So that tests are about the rules and not about hashing."""


@pytest.fixture(autouse=True)
def hashed_at_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_hasher", hash_at_cost)


@pytest.fixture
def rules() -> Rules:
    return Rules(cost=CHEAP)


@pytest.fixture
def host() -> FixedClock:
    return FixedClock(datetime(2026, 11, 22, tzinfo=UTC))


@pytest.fixture
def user(ctx: Context) -> User:
    return identity.register_user(ctx, "Yanshan.Clerk1", "测试一", OLD, password_hash=hash_password(OLD, CHEAP))
