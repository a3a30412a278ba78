"""Duties that are kept apart: every rule of the data, and the exception that lets one person hold both roles of a site."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.actors import Actor, Role
from domain.clock import CHINA, FixedClock
from domain.context import Context
from domain.identity import administration, exceptions, functions, separation
from domain.identity import service as identity
from domain.identity.exceptions import Exceptional, ExceptionNeeded
from domain.identity.models import RoleException, User
from domain.identity.overriding import OverrideRefused, overridden
from domain.identity.queries import grants_of
from domain.sites.models import Site

RULES = separation.rules()
PAIRS = [(rule, first, then) for rule in RULES.tasks for first in rule.first for then in rule.then]
APART = [(rule, other) for rule in RULES.roles for other in sorted(rule.apart or set(functions.COLUMNS) - {rule.role})]


@pytest.mark.parametrize(("rule", "first", "then"), PAIRS, ids=lambda part: getattr(part, "key", part))
def test_who_did_the_first_step_does_not_do_the_second(rule: separation.TaskRule, first: Role, then: Role) -> None:
    assert first in separation.earlier_roles(then)
    assert separation.task_rule(then, {first}) is not None
    assert separation.task_rule(then, {then}) is None
    assert separation.task_rule(first, {then}) is None, rule.key


@pytest.mark.parametrize(("rule", "other"), APART, ids=lambda part: getattr(part, "key", part))
def test_roles_that_are_kept_apart_are_refused_in_either_order(rule: separation.RoleRule, other: Role) -> None:
    assert separation.role_rule([(other, 1)], rule.role, 1) is not None
    assert separation.role_rule([(rule.role, 1)], other, 1) is not None
    elsewhere = separation.role_rule([(other, 1)], rule.role, 2)
    assert (elsewhere is None) is rule.same_site
    assert separation.role_rule([(rule.role, 1)], rule.role, 2) is None


def test_every_rule_of_acts_names_functions_that_exist() -> None:
    for rule in RULES.acts:
        for name in (rule.first, rule.then):
            function, act = functions.shipped().of(name)
            assert act in function.acts
    assert {rule.enforced for rule in RULES.acts} == {"definitions.deploy", "procedures.decide", "tasks.complete"}


def test_an_agent_is_bound_like_an_applicant() -> None:
    with pytest.raises(OverrideRefused) as refused:
        overridden(functions.shipped(), {"case": {"AGENT": [{"acts": ["read"], "reach": ["region"]}]}})
    assert refused.value.pointer == "/case/AGENT"


@pytest.fixture
def admin(ctx: Context, main_site: Site) -> Context:
    """The site's administrator."""
    grants = {main_site.id: frozenset({Role.SITE_ADMIN})}
    return replace(ctx, actor=Actor(999_999, "示例管理员", grants))


@pytest.fixture
def handler(ctx: Context, user: User, main_site: Site) -> User:
    identity.grant(ctx, user, Role.HANDLER, main_site)
    return user


def roles_of(ctx: Context, user: User) -> set[str]:
    return {row.role for row in grants_of(ctx.session, user.id)}


def test_both_roles_for_one_person_need_a_reason_and_an_end(
    admin: Context, handler: User, main_site: Site, clock: FixedClock
) -> None:
    seen = administration.foresee(admin, handler, Role.APPROVER, main_site)
    assert (seen.refused, [rule.key for rule in seen.apart]) == (None, ["review-decision"])
    today = clock.now().astimezone(CHINA).date()
    for given, pointer in (
        (None, "/reason"),
        (Exceptional(" ", today, today), "/reason"),
        (Exceptional("只有一人", today - timedelta(days=1), today), "/endsOn"),
    ):
        with pytest.raises(ExceptionNeeded) as refused:
            administration.give(admin, handler, Role.APPROVER, main_site, given)
        assert refused.value.pointer == pointer
    assert roles_of(admin, handler) == {"HANDLER"}
    administration.give(admin, handler, Role.APPROVER, main_site, Exceptional("只有一人在岗", today, today))
    (row,) = exceptions.list_doubled(admin, [main_site.id])
    assert (row.name, row.reason, row.ends_on, row.given_name) == (handler.name, "只有一人在岗", today, "示例管理员")
    assert exceptions.list_doubled(admin, [main_site.id + 1]) == []


def test_the_role_is_taken_back_after_its_last_day_and_the_exception_ends_with_the_role(
    admin: Context, handler: User, main_site: Site, clock: FixedClock
) -> None:
    today = clock.now().astimezone(CHINA).date()
    given = Exceptional("只有一人在岗", today, today)
    administration.give(admin, handler, Role.APPROVER, main_site, given)
    assert exceptions.lapse(admin) == 0
    clock.at += timedelta(days=1)
    assert exceptions.lapse(admin) == 1
    assert (roles_of(admin, handler), exceptions.lapse(admin)) == ({"HANDLER"}, 0)
    given = Exceptional("又只有一人", today + timedelta(days=9), today + timedelta(days=9))
    administration.give(admin, handler, Role.APPROVER, main_site, given)
    administration.take(admin, handler, Role.HANDLER, main_site)
    assert exceptions.list_doubled(admin) == []
    assert all(row.ended_at for row in admin.session.query(RoleException))


def test_a_pair_that_nobody_entered_is_shown_without_a_reason(ctx: Context, handler: User, main_site: Site) -> None:
    identity.grant(ctx, handler, Role.APPROVER, main_site)
    (row,) = exceptions.list_doubled(ctx)
    assert (row.roles, row.reason, row.ends_on) == (("HANDLER", "APPROVER"), "", None)
