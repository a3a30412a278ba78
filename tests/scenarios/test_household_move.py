"""Item 2, the acceptance tests of DOMAIN §1.2.8, through the domain's services on a real database."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import select

from domain.actors import SYSTEM
from domain.cases.errors import WithdrawalRefused
from domain.clock import CHINA
from domain.inbox import service as inbox
from domain.materials.errors import NoticeRefused
from domain.materials.models import Material
from domain.tasks.errors import FormRejected, NotYourTask
from tests.support.household import INVESTIGATE, NOTICE, Household
from tests.support.scene import Scene, civil_day


@pytest.mark.parametrize("direction", ["in", "out"])
def test_1_one_active_registration_both_vouchers_used_two_numbers(scene: Scene, direction: str) -> None:
    move = Household(scene, direction).to_settlement()
    kid = move.kids[0].id_no
    assert (kid, f"{move.from_region}-police", "MOVE_OUT_PENDING") in scene.registrations()
    move.settle()
    move.finish()
    assert scene.incidents() == []
    assert scene.open_tasks() == []
    mine = [(site, state) for number, site, state in scene.registrations() if number == kid]
    assert mine == [(f"{move.from_region}-police", "CANCELLED"), (f"{move.to_region}-police", "ACTIVE")]
    vouchers = [*scene.certificates("move-in-permit"), *scene.certificates("migration-certificate")]
    assert [voucher.state for voucher in vouchers] == ["USED", "USED"]
    legs = scene.legs()
    assert len({leg.case_no for leg in legs}) == 2
    assert {leg.case_id for leg in legs} == {scene.case_id}
    assert scene.case.collab_no
    assert (scene.case.result_code, scene.case.status) == ("0", "DELIVERED")
    assert scene.leg("partner").status == "CLOSED_SETTLED"


def test_2_a_refusal_needs_its_brief_account_and_tells_reason_and_remedies(scene: Scene) -> None:
    move = Household(scene).to_verification()
    kid = move.kids[0].id_no
    move.partner("handler").complete(
        "verification", "REFUSE", opinion="有限制情形", refusedIds=[kid], refusedBrief="处于限制迁出期间"
    )
    with pytest.raises(FormRejected) as refused:
        move.partner("approver").complete("refusalReview", "CONFIRM", legalBasis="户口登记条例", refusedIds=[kid])
    assert [(each.pointer, each.code) for each in refused.value.errors] == [("/data/brief", "required")]
    move.partner("approver").complete(
        "refusalReview", "CONFIRM", brief="处于限制迁出期间", legalBasis="户口登记条例", refusedIds=[kid]
    )
    assert scene.incidents() == []
    told = scene.documents("ZYJD")[-1]
    assert told.to_applicant
    assert "处于限制迁出期间" in str(told.content)
    assert "行政复议" in str(told.content)
    assert [permit.state for permit in scene.certificates("move-in-permit")] == ["VOID"]
    assert (scene.case.status, scene.case.result_code) == ("DECIDED_REFUSED", "1")
    assert (kid, "440606-police", "ACTIVE") in scene.registrations()


def test_2b_the_refusal_is_not_the_verifier_s_to_confirm(scene: Scene) -> None:
    move = Household(scene).to_verification()
    kid = move.kids[0].id_no
    move.partner("handler").complete("verification", "REFUSE", opinion="x", refusedIds=[kid], refusedBrief="限制")
    with pytest.raises(NotYourTask):
        move.partner("handler").complete("refusalReview", "CONFIRM", brief="x", legalBasis="y", refusedIds=[kid])


def test_3_a_silent_partner_is_urged_on_working_days_and_nothing_is_decided(scene: Scene) -> None:
    scene.platform.moment = datetime(2025, 12, 30, 9, 30, tzinfo=CHINA)
    move = Household(scene).to_dispatch()
    before = scene.case.status
    task = scene.task("signIn")
    for _ in range(3):
        scene.advance("5wd", "440606")
    raised = [
        (step.kind, step.level, step.raised_at.astimezone(CHINA).date().isoformat())
        for step in scene.ladder()
        if step.task_id == task.id
    ]
    assert raised[-4:] == [
        ("URGE", 1, "2025-12-31"),
        ("URGE", 2, "2026-01-04"),  # a Sunday that works
        ("SUPERVISE", 1, "2026-01-06"),
        ("CONFER", 1, "2026-01-08"),
    ]
    assert scene.case.status == before == "DISPATCHED"
    assert scene.open_tasks() == ["signIn"]
    assert scene.case.result_code is None
    move.partner("handler").complete("signIn", "SIGN")
    assert scene.case.status == "PARTNER_PROCESSING"


def test_4_a_supplement_moves_both_dates_by_exactly_the_stopped_time(scene: Scene) -> None:
    move = Household(scene).to_investigation()
    assert civil_day(scene.clock().due_at) == "2026-03-30"
    scene.set_clock(2026, 3, 6)
    move.main("handler").complete("investigation", "SUPPLEMENT", opinion="缺同意书", entries=[NOTICE])
    assert scene.case.status == "SUPPLEMENT_NOTIFIED"
    assert scene.clock().state == "STOPPED"
    told = {row["label"]: row["text"] for row in scene.documents("YCGZ")[-1].content["paragraphs"]}
    assert told["第1项"].startswith("M6 父母婚姻状况证明"), "the applicant reads what is meant, not its code alone"
    scene.set_clock(2026, 3, 13)
    file = move.applicant.upload()
    move.applicant.complete("supplement", "SUBMIT", note="已补齐", materials=[{"code": "M6", "files": [file]}])
    assert scene.open_tasks() == ["investigation"]
    assert civil_day(scene.clock("STATUTORY").due_at) == "2026-04-07"
    assert civil_day(scene.clock("PROMISE").due_at) == "2026-04-07"
    assert scene.case.promise_due_at == scene.clock("PROMISE").due_at


def test_5_a_second_supplement_needs_a_supervisor_s_new_fact(scene: Scene) -> None:
    move = Household(scene).to_acceptance()
    move.main("clerk").complete("acceptance", "SUPPLEMENT", originals=["M5"], entries=[NOTICE])
    move.applicant.complete("supplement", "SUBMIT", note="已补齐")
    again = NOTICE | {"target": "M5", "defect": "证明不清楚"}
    with pytest.raises(FormRejected):
        move.main("clerk").complete("acceptance", "SUPPLEMENT", entries=[again])
    move.main("clerk").complete("acceptance", "SUPPLEMENT", entries=[again], reasonCode="NEW_DEFECT", newFact="不清楚")
    assert scene.open_tasks() == ["secondRound"]
    with pytest.raises(NoticeRefused):
        move.main("approver").complete("secondRound", "APPROVE", reasonCode="NEW_DEFECT", newFact="不清楚")
    assert scene.open_tasks() == ["secondRound"]
    move.main("approver").complete("secondRound", "APPROVE", reasonCode="NEW_FACT", newFact="医院来函更正了证明编号")
    assert scene.open_tasks() == ["supplement"]
    assert scene.case.supplement_rounds == 2


def test_5b_without_an_answer_the_case_is_closed_with_code_5(scene: Scene) -> None:
    move = Household(scene).to_acceptance()
    move.main("clerk").complete("acceptance", "SUPPLEMENT", entries=[NOTICE])
    scene.advance("15wd")
    assert (scene.case.status, scene.case.result_code) == ("CLOSED_NO_SUPPLEMENT", "5")
    assert scene.open_tasks() == []


def test_6_the_withdrawal_wins_when_the_origin_hears_it_first(scene: Scene) -> None:
    move = Household(scene).to_verification()
    move.agree()
    move.applicant.withdraw()
    assert scene.incidents() == []
    assert (scene.case.status, scene.case.result_code) == ("WITHDRAWN", "2")
    assert scene.leg("partner").status == "CANCELLED"
    assert scene.open_tasks() == []
    assert [permit.state for permit in scene.certificates("move-in-permit")] == ["VOID"]
    assert scene.certificates("migration-certificate") == []
    assert (move.kids[0].id_no, "440606-police", "ACTIVE") in scene.registrations()


def test_6b_the_move_out_wins_when_it_is_committed_first(scene: Scene) -> None:
    move = Household(scene).to_verification()
    move.agree()
    move.applicant.withdraw(deliver=False)
    assert scene.case.status == "WITHDRAW_REQUESTED"
    move.partner("handler").attempt("moveOutTask", "MOVE_OUT", **move.move_out_form())
    scene.run()
    assert scene.incidents() == []
    assert "settlement" in scene.open_tasks()
    assert scene.case.status == "PARTNER_AGREED"
    with pytest.raises(WithdrawalRefused):
        move.applicant.withdraw()
    move.settle()
    move.finish()
    assert scene.case.result_code == "0"


def test_6c_before_the_dispatch_the_withdrawal_takes_effect_at_once(scene: Scene) -> None:
    move = Household(scene).to_investigation()
    move.applicant.withdraw()
    assert (scene.case.status, scene.case.result_code) == ("WITHDRAWN", "2")
    assert scene.open_tasks() == []
    assert len(scene.legs()) == 1
    assert scene.documents("CXSQ")


def test_7_the_same_feedback_three_times_is_one_settlement(scene: Scene) -> None:
    move = Household(scene).to_settlement()
    sent = next(row for row in scene.messages("MOVE_OUT_FEEDBACK") if row.direction == "out")
    for _ in range(3):
        with scene.platform.transaction(SYSTEM) as ctx:
            inbox.receive(ctx, sent.raw, sent.signature)
        scene.run()
    assert scene.open_tasks().count("settlement") == 1
    move.settle()
    assert "settlement" not in scene.open_tasks()
    active = [row for row in scene.registrations() if row[0] == move.kids[0].id_no and row[2] == "ACTIVE"]
    assert len(active) == 1
    assert scene.incidents() == []


def test_8_an_expired_certificate_opens_a_task_at_both_sites_and_the_registration_is_restored(scene: Scene) -> None:
    move = Household(scene).to_settlement()
    kid = move.kids[0].id_no
    scene.advance("P31D")
    assert {"restoreMain", "restorePartner"} <= set(scene.open_tasks())
    assert (kid, "440606-police", "MOVE_OUT_PENDING") in scene.registrations()
    move.main("handler").complete("restoreMain", "RESTORE", reason="经核实未落户")
    assert (kid, "440606-police", "MOVE_OUT_PENDING") in scene.registrations()
    move.partner("handler").complete("restorePartner", "CONFIRM", checked=True, opinion="本地未收到落户回执")
    assert scene.incidents() == []
    assert [row for row in scene.registrations() if row[0] == kid] == [(kid, "440606-police", "ACTIVE")]
    vouchers = [*scene.certificates("move-in-permit"), *scene.certificates("migration-certificate")]
    assert {voucher.state for voucher in vouchers} == {"VOID"}
    assert scene.case.status == "TERMINATED"
    assert scene.leg("partner").status == "RESTORED"
    assert scene.open_tasks() == []


def test_8b_settled_late_after_review(scene: Scene) -> None:
    move = Household(scene).to_settlement()
    scene.advance("P31D")
    late = {key: value for key, value in move.settle_form().items() if key != "checked"}
    move.main("handler").complete("restoreMain", "LATE_SETTLE", reason="材料已核对", **late)
    move.partner("handler").complete("restorePartner", "CONFIRM", checked=True, opinion="已收到补办通知")
    move.finish()
    assert scene.incidents() == []
    states = {site: state for number, site, state in scene.registrations() if number == move.kids[0].id_no}
    assert states == {"440606-police": "CANCELLED", "532622-police": "ACTIVE"}
    assert scene.case.result_code == "0"


def test_9_one_of_two_movers_is_refused(scene: Scene) -> None:
    move = Household(scene, children=2).to_verification()
    first, second = move.kids
    move.agree(refusedIds=[second.id_no], refusedBrief="存在重复户口，待核销")
    move.partner("approver").complete(
        "refusalReview", "CONFIRM", brief="存在重复户口，待核销", legalBasis="户口登记条例", refusedIds=[second.id_no]
    )
    move.move_out([first])
    assert "PARTIAL" in scene.case.flags
    move.settle()
    move.finish()
    assert scene.incidents() == []
    rows = scene.registrations()
    assert (first.id_no, "532622-police", "ACTIVE") in rows
    assert (second.id_no, "440606-police", "ACTIVE") in rows
    told = [document for document in scene.documents("ZYJD") if "待核销" in str(document.content)]
    assert told
    assert scene.case.result_code == "0"
    assert [each["name"] for each in scene.leg("main").variables["feedback"]["refusals"]] == [second.name]


def test_10_the_origin_never_receives_dwelling_delivery_or_opinions(scene: Scene) -> None:
    move = Household(
        scene, extra={"deliveryMode": "EXPRESS", "deliveryAddress": {"region": "532622", "detail": "秘密路9号"}}
    )
    move.to_verification()
    leg = scene.leg("partner")
    seen = str(leg.received) + str(leg.variables)
    for secret in ("housing", "秘密路9号", "deliveryAddress", INVESTIGATE["opinion"], "targetHouseNo"):
        assert secret not in seen
    assert move.kids[0].id_no in seen
    with scene.platform.transaction(SYSTEM) as ctx:
        codes = set(ctx.session.scalars(select(Material.code).where(Material.leg_id == leg.id)))
    assert codes
    assert not codes & {"M4", "M6", "M7", "M9", "M10", "M11"}
