"""Item 12, the acceptance tests of DOMAIN §1.3.6, through the domain's services on a real database."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from domain.actors import SYSTEM
from domain.applications.errors import CertificateNotUsable
from domain.cases.errors import WithdrawalRefused
from domain.clock import CHINA
from domain.deadlines import layers
from domain.outbox.models import Work
from domain.tasks.errors import FormRejected, NotYourTask, SeparationOfDuties
from tests.support.safety import ACCEPT, FINAL, PRECHECK, REVIEW, Change
from tests.support.scene import Scene


@pytest.mark.parametrize("login", ["engineer", "engineer2"])
def test_the_certificate_moves_and_exactly_one_is_valid(scene: Scene, login: str) -> None:
    change = Change(scene, login).to_transfer()
    assert change.old().state == "06"
    assert change.valid() == []
    assert scene.case.status == "PARTNER_AGREED"
    change.main("handler2").complete("finalReview", "PASS", **FINAL)
    change.main("approver").complete("decision", "GRANT", opinion="准予变更。")
    new = change.new()
    assert new is not None
    assert change.old().state == "04"
    assert change.valid() == [new.number]
    assert new.linked_identifier == change.old().identifier
    assert new.valid_until == change.old().valid_until
    change.main("clerk").complete(
        "delivery", "DELIVERED", deliveredMode="E-CERT", deliveredAt=scene.now.isoformat(), informedOldOrg=True
    )
    assert scene.incidents() == []
    assert scene.open_tasks() == []
    assert (scene.case.status, scene.case.result_code) == ("DELIVERED", "0")
    assert scene.leg("partner").status == "TRANSFERRED_OUT"


def test_1_a_refusal_restores_the_old_certificate(scene: Scene) -> None:
    change = Change(scene).to_decision()
    with pytest.raises(FormRejected):
        change.main("approver").complete("decision", "REFUSE", opinion="不予")
    change.main("approver").complete("decision", "REFUSE", reason="企业资质不符", legalBasis="考核管理办法第十五条")
    assert change.old().state == "01"
    assert change.valid() == [change.number]
    assert change.new() is None
    assert scene.incidents() == []
    assert (scene.case.status, scene.case.result_code) == ("DECIDED_REFUSED", "1")
    assert scene.leg("partner").status == "RESTORED"
    assert "行政复议" in str(scene.documents("ZYJD")[-1].content)


def test_2_between_the_new_certificate_and_the_old_one_s_end_one_is_valid(scene: Scene) -> None:
    change = Change(scene).to_decision()
    change.main("approver").attempt("decision", "GRANT", opinion="准予变更。")
    new = change.new()
    assert new is not None
    assert (change.old().state, change.valid()) == ("06", [new.number])
    scene.run()  # what a restart finds waiting
    assert (change.old().state, change.valid()) == ("04", [new.number])


def test_3_a_silent_former_employer_opens_substitute_evidence(scene: Scene) -> None:
    change = Change(scene).confirmed()
    assert scene.open_tasks() == ["contactEmployer"]
    scene.advance("3wd")
    assert scene.open_tasks() == ["substitute"]
    change.applicant.complete("substitute", "SUBMIT", stoppedMonth="2026-01", promise=True, note="已停缴")
    assert scene.open_tasks() == ["precheck"]
    change.main("handler").complete("precheck", "PASS", **PRECHECK)
    assert scene.open_tasks() == ["acceptance"]


def test_4_near_its_expiry_renewal_is_offered_and_declined_the_old_date_stays(scene: Scene) -> None:
    change = Change(scene, "engineer2").to_decision()
    assert scene.case.application["renewOffered"] is True
    change.main("approver").complete("decision", "GRANT", opinion="准予。")
    new = change.new()
    assert new is not None
    assert new.valid_until == change.old().valid_until


def test_4b_with_renewal_the_new_certificate_lasts_longer(scene: Scene) -> None:
    change = Change(scene, "engineer2", extra={"renewTogether": True}).to_decision()
    change.main("approver").complete("decision", "GRANT", opinion="准予。")
    new = change.new()
    assert new is not None
    assert new.valid_until is not None
    assert new.valid_until.year == change.old().valid_until.year + 3


def test_5_a_suspended_certificate_cannot_be_applied_for(scene: Scene) -> None:
    change = Change(scene, kind="water-safety-A")
    with pytest.raises(CertificateNotUsable) as refused:
        change.apply()
    assert "暂扣" in refused.value.fact_zh
    assert "0771" in refused.value.fact_zh


def test_6_a_missed_notice_is_deemed_acceptance_with_a_red_mark(scene: Scene) -> None:
    Change(scene).to_acceptance()
    scene.advance("5wd")
    assert "DEEMED_ACCEPTED" in scene.case.flags
    assert scene.documents("SLTZ")
    assert scene.open_tasks() == ["review"]
    assert scene.clock().due_at is not None
    assert scene.clock().due_at.astimezone(CHINA).date().isoformat() == "2026-03-30"


def test_7_the_window_cannot_decide(scene: Scene) -> None:
    change = Change(scene).to_decision()
    for desk in ("clerk", "handler", "handler2"):
        with pytest.raises(NotYourTask):
            change.main(desk).complete("decision", "GRANT", opinion="准予。")


def test_the_holder_may_refuse(scene: Scene) -> None:
    change = Change(scene)
    change.apply()
    change.applicant.complete("holderConfirm", "REFUSE", note="不同意")
    assert (scene.case.status, scene.case.result_code) == ("RETURNED", "1")


def test_withdrawal_before_the_freeze_and_after_it(scene: Scene) -> None:
    change = Change(scene).to_confirm()
    change.applicant.withdraw()
    assert (scene.case.status, scene.leg("partner").status) == ("WITHDRAWN", "CANCELLED")
    assert change.valid() == [change.number]
    assert scene.incidents() == []
    change.to_transfer()
    assert change.old().state == "06"
    change.applicant.withdraw()
    assert (scene.case.status, scene.leg("partner").status) == ("WITHDRAWN", "CANCELLED")
    assert change.valid() == [change.number]
    assert scene.incidents() == []


def test_after_the_new_certificate_no_withdrawal(scene: Scene) -> None:
    change = Change(scene).to_decision()
    change.main("approver").complete("decision", "GRANT", opinion="准予。")
    with pytest.raises(WithdrawalRefused):
        change.applicant.withdraw()


def test_the_old_authority_s_refusal_leaves_only_a_refusal(scene: Scene) -> None:
    change = Change(scene).to_confirm()
    change.partner("approver").complete("confirm", "REFUSE", refusalCode="PENALTY", brief="事故调查未结")
    assert scene.open_tasks() == ["decision"]
    with pytest.raises(FormRejected):
        change.main("approver").complete("decision", "GRANT", opinion="准予")
    change.main("approver").complete("decision", "REFUSE", reason="原部门不同意转出", legalBasis="考核管理办法")
    assert change.old().state == "01"
    assert scene.case.result_code == "1"
    assert scene.incidents() == []


def test_art_42_extends_once_with_reason(scene: Scene) -> None:
    change = Change(scene).to_decision()
    before = scene.clock().due_at
    change.main("approver").complete("decision", "EXTEND", reason="需补充核查业绩")
    after = scene.clock().due_at
    assert before is not None
    assert after is not None
    assert after > before
    assert scene.documents("YQTZ")
    with pytest.raises(FormRejected):
        change.main("approver").complete("decision", "EXTEND", reason="再延期")
    change.main("approver").complete("decision", "GRANT", opinion="准予。")
    assert scene.incidents() == []


def test_a_silent_authority_is_waited_for_unless_the_policy_says_otherwise(scene: Scene) -> None:
    change = Change(scene).to_dispatch()
    scene.advance("12wd")
    assert scene.open_tasks() == ["signIn"]
    change.partner("handler").complete("signIn", "SIGN")
    assert scene.case.status == "PARTNER_PROCESSING"


def test_a_silent_authority_is_passed_over_by_a_leader_when_the_policy_allows(scene: Scene) -> None:
    with scene.platform.transaction(SYSTEM) as ctx:
        layers.put(ctx, "partnerTimeout", "PROCEED_WITH_SHARED_DATA", "测试", scope="platform")
    change = Change(scene).to_dispatch()
    scene.advance("12wd")
    assert "timeoutDecision" in scene.open_tasks()
    change.main("approver").complete("timeoutDecision", "PROCEED", reason="原部门逾期，按全国证书数据办理")
    assert scene.incidents() == []
    assert change.old().state == "06"
    assert scene.leg("partner").status == "CANCELLED"
    change.main("handler2").complete("finalReview", "PASS", **FINAL)
    change.main("approver").complete("decision", "GRANT", opinion="准予。")
    new = change.new()
    assert new is not None
    assert (change.old().state, change.valid()) == ("04", [new.number])
    assert "SHARED_DATA" in scene.case.flags


def test_the_review_is_not_done_by_the_same_person(scene: Scene) -> None:
    change = Change(scene).to_transfer()
    with pytest.raises(SeparationOfDuties):
        change.main("handler").complete("finalReview", "PASS", **FINAL)
    change.main("handler2").complete("finalReview", "RETURN", returnPoints="补充社保核对")
    assert scene.open_tasks() == ["review"]
    change.main("handler").complete("review", "DISPATCH", **REVIEW)
    assert scene.open_tasks() == ["finalReview"]


def test_a_frozen_certificate_alerts_after_fifteen_working_days(scene: Scene) -> None:
    change = Change(scene).to_transfer()
    scene.advance("15wd")
    assert "freezeAlert" in scene.open_tasks()
    change.partner("handler").complete("freezeAlert", "DONE", note="已督促")
    assert change.old().state == "06"


def test_gap_second_notice_and_special_procedure(scene: Scene) -> None:
    change = Change(scene).to_acceptance()
    change.main("handler").complete(
        "acceptance",
        "ACCEPT_GAP",
        **(ACCEPT | {"gapMaterials": ["M5"], "gapReason": "合同在盖章", "gapPromise": "5日内"}),
    )
    change.main("handler2").complete("gapApproval", "APPROVE", opinion="同意")
    change.main("handler").complete("review", "SPECIAL", specialKind="EXPERT", specialDays=5, specialReason="业绩存疑")
    change.main("approver").complete("specialApproval", "APPROVE", opinion="同意")
    assert scene.clock().state == "STOPPED"
    change.main("handler").complete("special", "DONE", result="CONFIRMED", conclusion="属实")
    assert scene.clock().state == "RUNNING"
    entry = {"target": "M6", "defect": "缺一个月", "cure": "补交"}
    change.main("handler").complete("review", "SUPPLEMENT", opinion="缺社保", entries=[entry])
    change.applicant.complete("supplement", "SUBMIT", note="已补")
    assert scene.open_tasks() == ["review"]


def test_a_restoration_that_hangs_is_chased(scene: Scene) -> None:
    change = Change(scene).to_decision()
    change.main("approver").attempt("decision", "REFUSE", reason="不符", legalBasis="考核管理办法")
    assert change.old().state == "06"
    with scene.platform.transaction(SYSTEM) as ctx:  # the message does not get through
        held = ctx.session.scalars(select(Work).where(Work.kind == "message.deliver", Work.state == "pending")).all()
        for work in held:
            work.state = "held"
    scene.advance("1wd")
    assert scene.open_tasks() == ["chaseRestore"]
    with scene.platform.transaction(SYSTEM) as ctx:
        for work in ctx.session.scalars(select(Work).where(Work.state == "held")):
            work.state = "pending"
    scene.run()
    assert change.old().state == "01"
    change.main("approver").complete("chaseRestore", "DONE", note="已恢复")
    assert scene.case.result_code == "1"
