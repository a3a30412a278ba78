"""The household move's other ways: objections, deemed acceptance, special procedures, gaps, corrections, archive."""

from __future__ import annotations

import pytest

from domain.applications import service as applications
from domain.tasks.errors import FormRejected, NotYourTask
from tests.support.household import ACCEPT, INVESTIGATE, NOTICE, Household
from tests.support.scene import Scene, civil_day


def test_an_objection_is_answered_by_the_applicant_s_supplement(scene: Scene) -> None:
    move = Household(scene).to_verification()
    move.partner("handler").complete(
        "verification", "OBJECT", objectionReason="MATERIAL", objectionText="出生证明不清楚", neededMaterials=["M5"]
    )
    assert (scene.case.status, scene.leg("partner").status) == ("PARTNER_OBJECTED", "OBJECTED")
    move.main("handler").complete("objectionAnswer", "ASK_APPLICANT", question="请补交清晰的出生证明")
    assert scene.clock().state == "STOPPED"
    move.applicant.complete(
        "applicantAnswer", "SUBMIT", note="已补交", materials=[{"code": "M5", "files": [move.applicant.upload()]}]
    )
    assert scene.clock().state == "RUNNING"
    move.main("handler").complete("objectionAnswer", "ANSWER", answer="申请人已补交清晰的出生证明")
    assert scene.leg("partner").status == "VERIFYING"
    move.agree()
    assert scene.open_tasks() == ["moveOutTask"]


def test_a_conference_ends_with_minutes_for_both_sites(scene: Scene) -> None:
    move = Household(scene).to_dispatch()
    move.partner("handler").complete("signIn", "NOT_OURS", note="该户已拆分到另一派出所")
    move.main("handler").complete("objectionAnswer", "CONFERENCE", conferenceAt=scene.now.isoformat())
    assert scene.case.status == "CONFERENCE"
    move.main("handler").complete(
        "conference",
        "DONE",
        heldAt=scene.now.isoformat(),
        participants="两地户政",
        questions="管辖",
        conclusion="由原派出所办理",
    )
    assert scene.documents("HSJY")
    assert scene.open_tasks() == ["verification"]


def test_an_objection_nobody_settles_goes_to_the_bureau_and_back(scene: Scene) -> None:
    move = Household(scene).to_verification()
    move.partner("handler").complete("verification", "OBJECT", objectionReason="OTHER", objectionText="待核实")
    scene.advance("10wd", "440606")
    assert set(scene.open_tasks()) == {"objectionAnswer", "refusalReview"}
    move.partner("approver").complete("refusalReview", "RETURN", opinion="继续核验")
    assert set(scene.open_tasks()) == {"objectionAnswer", "verification"}


def test_a_missed_notice_is_deemed_acceptance_dated_back(scene: Scene) -> None:
    Household(scene).to_acceptance()
    scene.advance("5wd")
    assert "DEEMED_ACCEPTED" in scene.case.flags
    assert civil_day(scene.case.accepted_at) == "2026-03-02"
    assert civil_day(scene.clock().due_at) == "2026-03-30"
    assert scene.open_tasks() == ["investigation"]
    assert scene.documents("SLTZ")


def test_the_investigator_may_not_approve(scene: Scene) -> None:
    move = Household(scene).to_investigation()
    move.main("handler").complete("investigation", "PROPOSE_GRANT", **INVESTIGATE)
    with pytest.raises(NotYourTask):
        move.main("handler").complete("approval", "APPROVE", opinion="同意")
    move.main("approver").complete("approval", "RETURN", returnPoints="补充住所核实")
    move.main("handler2").complete("investigation", "PROPOSE_GRANT", **INVESTIGATE)
    with pytest.raises(FormRejected):
        move.main("approver").complete("approval", "RETURN", returnPoints="再查")
    move.main("approver").complete("approval", "REFUSE", reason="住所不属实", legalBasis="户口登记条例")
    assert (scene.case.status, scene.case.result_code) == ("DECIDED_REFUSED", "1")


def test_a_special_procedure_stops_the_clock_with_a_written_notice(scene: Scene) -> None:
    move = Household(scene).to_investigation()
    move.main("handler").complete(
        "investigation", "SPECIAL", specialKind="APPRAISE", specialDays=10, specialReason="亲子关系存疑"
    )
    move.main("approver").complete("specialApproval", "APPROVE", opinion="同意鉴定")
    assert (scene.case.status, scene.clock().state) == ("SPECIAL", "STOPPED")
    assert scene.documents("TBCX")
    move.main("handler").complete("special", "DONE", result="CONFIRMED", conclusion="亲子关系成立")
    assert (scene.case.status, scene.clock().state) == ("IN_REVIEW", "RUNNING")


def test_gaps_are_approved_by_somebody_else(scene: Scene) -> None:
    move = Household(scene).to_acceptance()
    gap = ACCEPT | {"gapMaterials": ["M7"], "gapReason": "证明在办", "gapPromise": "5个工作日内补交"}
    move.main("clerk").complete("acceptance", "ACCEPT_GAP", **gap)
    move.main("handler").complete("gapApproval", "REJECT", opinion="住所证明应先提交")
    assert scene.open_tasks() == ["acceptance"]
    move.main("clerk").complete("acceptance", "ACCEPT_GAP", **gap)
    move.main("handler").complete("gapApproval", "APPROVE", opinion="同意")
    assert scene.documents("RQSL")
    assert scene.open_tasks() == ["investigation"]


def test_the_pre_check_returns_and_forwards(scene: Scene) -> None:
    move = Household(scene)
    move.apply()
    move.main("clerk").complete("precheck", "RETURN", entries=[NOTICE])
    assert scene.case.status == "PRECHECK_RETURNED"
    move.applicant.complete("resubmit", "SUBMIT", note="已完善")
    move.main("clerk").complete("precheck", "FORWARD", forwardTo="另一派出所", forwardReason="不属本辖区")
    assert (scene.case.status, scene.case.result_code) == ("FORWARDED", "4")


def test_not_accepted_with_a_written_voucher(scene: Scene) -> None:
    move = Household(scene).to_acceptance()
    move.main("clerk").complete("acceptance", "REJECT", rejectReason="不符合投靠条件", legalBasis="当地户口政策")
    assert (scene.case.status, scene.case.result_code) == ("NOT_ACCEPTED", "1")
    assert scene.documents("BYSL")


def test_a_mismatch_is_corrected_by_the_origin(scene: Scene) -> None:
    move = Household(scene).to_settlement()
    move.main("handler").complete("settlement", "MISMATCH", mismatchFields=["name"], mismatch="姓名用字不同")
    form = move.move_out_form()
    move.partner("handler").complete("correctFeedback", "SEND", people=form["people"], holderName=form["holderName"])
    assert "settlement" in scene.open_tasks()
    move.settle()
    move.finish()
    assert scene.incidents() == []
    assert scene.case.result_code == "0"


def test_the_case_is_closed_and_rated_while_the_archive_is_still_on_its_way(scene: Scene) -> None:
    move = Household(scene).to_settlement()
    move.settle()
    move.main("clerk").complete("booklet", "DONE", bookletNo="000000008", pages=4, electronic=True, oldBook="RETURNED")
    move.main("clerk").complete("delivery", "DELIVERED", deliveredMode="E-CERT", deliveredAt=scene.now.isoformat())
    assert scene.open_tasks() == ["archiveTask"]
    assert (scene.case.status, scene.case.result_code) == ("DELIVERED", "0")
    assert scene.case.closed_at is not None
    rated = [{"site_code": f"{region}-police", "level": "SATISFIED"} for region in ("532622", "440606")]
    with scene.platform.transaction(move.applicant.actor()) as ctx:
        applications.rate(ctx, scene.case_id, rated)
    scene.advance("10wd", "440606")
    assert any(step.kind == "URGE" for step in scene.ladder())
    move.partner("handler").complete("archiveTask", "SEND", manifest=[{"name": "常住人口登记表", "pages": 2}])
    assert all(leg.ended_at is not None for leg in scene.legs())
    assert scene.incidents() == []


def test_waiting_for_a_withdrawal_is_not_where_the_case_is(scene: Scene) -> None:
    Household(scene).to_verification()
    assert scene.leg("partner").active_elements == ["verification"]
    assert "withdrawAsked" not in scene.leg("main").active_elements
    assert scene.leg("main").active_elements
