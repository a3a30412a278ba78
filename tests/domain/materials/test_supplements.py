from typing import Any

import pytest
from sqlalchemy import select

from domain.actors import Role
from domain.cases.rows import LegRow
from domain.clock import CHINA
from domain.context import Context
from domain.deadlines import layers
from domain.identity import service as identity
from domain.identity.models import User
from domain.materials import supplements
from domain.materials.errors import NoticeRefused, TooManyRounds
from domain.materials.models import BY_NOTICE, Material
from domain.materials.queries import list_materials
from domain.notifications.models import Notification
from domain.sites.models import Site
from engine.contract import Effect


def entry(target: str, defect: str = "不清晰") -> dict[str, str]:
    return {"target": target, "defect": defect, "rule": "办事指南", "cure": "重新拍照"}


@pytest.fixture
def clerk(ctx: Context, main_site: Site, context_for: Any) -> Context:
    user = identity.register_user(ctx, "clerk", "窗口", "Lianban-2026")
    identity.grant(ctx, user, Role.RECV_CLERK, main_site)
    made: Context = context_for(user)
    return made


@pytest.fixture
def leader(ctx: Context, main_site: Site, context_for: Any) -> Context:
    user = identity.register_user(ctx, "leader", "负责人", "Lianban-2026")
    identity.grant(ctx, user, Role.APPROVER, main_site)
    made: Context = context_for(user)
    return made


@pytest.fixture(autouse=True)
def rows(ctx: Context, main_leg: LegRow) -> None:
    for code, state in (("M3", "MISSING"), ("M5", "SUPPLIED")):
        ctx.session.add(
            Material(
                case_id=main_leg.case_id,
                code=code,
                name=code,
                is_required=True,
                state=state,
                updated_at=ctx.clock.now(),
            )
        )
    ctx.session.flush()


def approved(**changes: Any) -> dict[str, Any]:
    whole = {
        "entries": [entry("M5")],
        "reasonCode": "NEW_FACT",
        "newFact": "公安部门反馈证明有误",
        "approvedBy": "负责人",
    }
    return {**whole, **changes}


def test_the_first_notice(ctx: Context, clerk: Context, main_leg: LegRow, applicant: User) -> None:
    effect = Effect("supplement", "enter", {"source": "notice"})
    supplements.effect(clerk, main_leg, effect, {"notice": {"entries": [entry("M3"), entry("targetHouseNo")]}})
    assert main_leg.case.supplement_rounds == 1
    told = ctx.session.scalars(select(Notification)).all()
    assert [(n.user_id, n.template) for n in told] == [(applicant.id, "supplement.requested")]


def test_the_applicants_date_is_fifteen_workdays(clerk: Context, main_leg: LegRow) -> None:
    row = supplements.give(clerk, main_leg, {"entries": [entry("M5")]})
    assert row.due_at is not None
    assert row.due_at.astimezone(CHINA).date().isoformat() == "2026-03-23"
    assert row.written_by == clerk.actor.user_id


@pytest.mark.parametrize(
    ("notice", "pointer"),
    [
        ({}, "/data/entries"),
        ({"entries": []}, "/data/entries"),
        ({"entries": "M3"}, "/data/entries"),
        ({"entries": [{"defect": "缺"}]}, "/data/entries/0/target"),
        ({"entries": [entry("M3"), {"target": "M5"}]}, "/data/entries/1/defect"),
    ],
)
def test_every_entry_names_its_target_and_defect(
    clerk: Context, main_leg: LegRow, notice: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(NoticeRefused) as refusal:
        supplements.give(clerk, main_leg, notice)
    assert refusal.value.pointer == pointer


def test_what_was_passed_the_first_time_is_not_asked_later_without_new_facts(
    clerk: Context, leader: Context, main_leg: LegRow
) -> None:
    supplements.give(clerk, main_leg, {"entries": [entry("M3")]})
    with pytest.raises(NoticeRefused) as refusal:
        supplements.give(leader, main_leg, {"entries": [entry("M5")]})
    assert "M5" in refusal.value.fact_zh
    assert main_leg.case.supplement_rounds == 1
    supplements.give(leader, main_leg, approved())
    assert main_leg.case.supplement_rounds == 2


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"reasonCode": "FORGOT"}, "/data/reasonCode"),
        ({"reasonCode": None}, "/data/reasonCode"),
        ({"newFact": " "}, "/data/newFact"),
        ({"approvedBy": None}, "/data/approvedBy"),
        ({"reasonCode": "NEW_DEFECT"}, "/data/entries"),
    ],
)
def test_a_second_round_needs_reason_text_and_approval(
    clerk: Context, leader: Context, main_leg: LegRow, changes: dict[str, Any], pointer: str
) -> None:
    supplements.give(clerk, main_leg, {"entries": [entry("M3")]})
    with pytest.raises(NoticeRefused) as refusal:
        supplements.give(leader, main_leg, approved(**changes))
    assert refusal.value.pointer == pointer


def test_a_defect_in_newly_supplied_material_may_be_new(clerk: Context, leader: Context, main_leg: LegRow) -> None:
    supplements.give(clerk, main_leg, {"entries": [entry("M3")]})
    row = supplements.give(leader, main_leg, approved(entries=[entry("M3")], reasonCode="NEW_DEFECT"))
    assert (row.round, row.reason_code, row.approved_by) == (2, "NEW_DEFECT", leader.actor.user_id)


def test_the_writer_does_not_approve_and_a_clerk_cannot(
    ctx: Context, clerk: Context, leader: Context, main_leg: LegRow
) -> None:
    supplements.give(leader, main_leg, {"entries": [entry("M3")]})
    for who in (clerk, leader):
        with pytest.raises(NoticeRefused) as refusal:
            supplements.give(who, main_leg, approved())
        assert refusal.value.pointer == "/data/approvedBy"
    assert main_leg.case.supplement_rounds == 1
    del ctx


def test_rounds_are_limited_by_policy(clerk: Context, leader: Context, main_leg: LegRow) -> None:
    layers.put(leader, "supplement.maxRounds", "2", "测试", scope="platform")
    supplements.give(clerk, main_leg, {"entries": [entry("M3")]})
    supplements.give(leader, main_leg, approved())
    with pytest.raises(TooManyRounds):
        supplements.give(leader, main_leg, approved())


def test_materials_named_are_marked(ctx: Context, clerk: Context, main_leg: LegRow) -> None:
    supplements.give(clerk, main_leg, {"entries": [entry("M3", "缺本人页"), entry("M5", "模糊")]})
    rows = ctx.session.scalars(select(Material)).all()
    assert {row.code: (row.state, row.note) for row in rows} == {
        "M3": ("MISSING", BY_NOTICE),
        "M5": ("DEFECT", BY_NOTICE),
    }
    lines = list_materials(ctx.session, rows[0].case_id, leg_ids=[None])
    assert {line.code: line.note for line in lines} == {"M3": "缺本人页", "M5": "模糊"}


def test_a_further_round_without_a_listed_reason_is_a_leader_s_and_counted_apart(
    clerk: Context, leader: Context, main_leg: LegRow
) -> None:
    supplements.give(clerk, main_leg, {"entries": [entry("M1")]})
    row = supplements.give(leader, main_leg, approved(entries=[entry("M1")], reasonCode="OVERRIDE"))
    assert (row.round, row.reason_code, row.is_override, row.approved_by) == (2, "OVERRIDE", True, leader.actor.user_id)
    (figure,) = supplements.list_figures(leader)
    assert (figure.cases, figure.rounds, figure.further_rounds, figure.overrides) == (1, 2, 1, 1)
