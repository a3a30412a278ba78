"""Somebody without a log-in is served at the window from the application to the end."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from bootstrap.demo.people import id_number
from domain.actors import SYSTEM
from domain.audit.models import AuditEvent
from domain.cases.errors import CaseClosed, WithdrawalRefused
from domain.cases.models import Task
from domain.errors import NotFound
from domain.identity import service as identity
from domain.materials.errors import MaterialNotFound
from domain.materials.models import Material, SupplementNotice
from domain.notifications.models import Notification
from domain.tasks.errors import FormRejected, NotYourTask
from domain.tasks.service import Completed
from domain.window import queries, service
from domain.window.errors import IdentityNotChecked, SignatureMissing, WhoCameIncomplete
from domain.window.models import WindowVisit
from domain.window.service import Seen
from tests.support.household import ACCEPT, NOTICE, Household
from tests.support.scene import Scene

OLD, OLD_ID = "韦大娘", id_number("532622", "19500101")
SEEN = Seen("APPLICANT", "ID_CARD", OLD_ID.lower())
CLERK, OTHER = "yanshan.clerk", "shunde.clerk"


def handed_in(scene: Scene) -> Household:
    """At the window of 砚山, for a grandmother who has no account."""
    move = Household(scene, extra={"applicantName": OLD, "applicantIdNo": OLD_ID})
    scene.as_user(CLERK).apply(move.item, move.data())
    return move


def to_supplement(scene: Scene) -> Household:
    move = handed_in(scene)
    move.main("clerk").complete(
        "precheck", "PASS", points=["jurisdiction", "relation", "identity", "guardian", "household"]
    )
    move.main("clerk").complete("acceptance", "SUPPLEMENT", **ACCEPT, entries=[NOTICE])
    return move


def identify(scene: Scene, login: str = CLERK, seen: Seen = SEEN) -> WindowVisit | None:
    with scene.platform.transaction(scene.as_user(login).actor()) as ctx:
        return service.identify(ctx, scene.case.case_no, seen)


def answer(scene: Scene, login: str = CLERK, **data: Any) -> Completed:
    task, number = scene.task("supplement"), scene.case.case_no
    with scene.platform.transaction(scene.as_user(login).actor()) as ctx:
        done = service.answer(ctx, number, task.id, data, "SUBMIT", None, origin=service.PAPER)
    scene.run()
    return done


def events(scene: Scene, *kinds: str) -> list[AuditEvent]:
    with scene.platform.transaction(SYSTEM) as ctx:
        mine = (AuditEvent.case_id == scene.case_id, AuditEvent.kind.in_(kinds))
        return list(ctx.session.scalars(select(AuditEvent).where(*mine).order_by(AuditEvent.seq)))


def test_a_supplement_is_answered_at_the_window_and_the_case_goes_on(scene: Scene) -> None:
    move = to_supplement(scene)
    person = scene.case.applicant_user_id
    assert person is not None
    with scene.platform.transaction(SYSTEM) as ctx:
        told = [row.text for row in ctx.session.scalars(select(Notification).where(Notification.user_id == person))]
    assert sum("带身份证件" in text and "收件窗口" in text for text in told) == 2  # the notice and the task
    file = scene.as_user(CLERK).upload()
    materials = [{"code": "M6", "files": [file]}]
    with pytest.raises(NotYourTask):
        move.main("clerk").attempt("supplement", "SUBMIT", note="不能直接办")
    with pytest.raises(IdentityNotChecked):
        answer(scene, note="没有核验", materials=materials)
    assert identify(scene, seen=Seen("APPLICANT", "ID_CARD", "532622198502030000")) is None
    with pytest.raises(IdentityNotChecked):
        answer(scene, note="号码不对", materials=materials)
    visit = identify(scene)
    assert visit is not None
    with pytest.raises(FormRejected):
        answer(scene, materials=materials)
    with pytest.raises(MaterialNotFound):
        answer(scene, note="别人的文件", materials=[{"code": "M6", "files": [{**file, "id": "0" * 32}]}])
    answer(scene, note="已补齐", materials=materials)
    assert scene.open_tasks() == ["acceptance"]
    with scene.platform.transaction(SYSTEM) as ctx:
        task = ctx.session.scalars(select(Task).where(Task.element_id == "supplement")).one()
        clerk = identity.find_user(ctx, CLERK)
        assert clerk is not None
        assert (task.completed_by, task.completed_for) == (clerk.id, person)
        kept = ctx.session.scalars(select(Material).where(Material.file_id == file["id"])).one()
        assert (kept.code, kept.origin) == ("M6", "WINDOW_PAPER")
        assert ctx.session.scalars(select(SupplementNotice)).one().answered_at is not None
    acts = events(scene, "supplement.answered", "material.supplied", "task.completed")
    served = [(event.actor_name, (event.origin or {}).get("for")) for event in acts]
    by = {(name, told["id"], told["visit"]) for name, told in served if told is not None}
    assert by == {(f"{clerk.name} 窗口代 申请人", person, visit.id)}
    seen = events(scene, "window.refused", "window.identified")
    assert [event.kind for event in seen] == ["window.refused", "window.identified"]
    assert OLD_ID not in str([event.data for event in seen])
    move.main("clerk").complete("acceptance", "ACCEPT", **ACCEPT)
    assert scene.open_tasks() == ["investigation"]


def test_only_the_window_that_took_it_serves_and_only_while_the_check_counts(scene: Scene) -> None:
    to_supplement(scene)
    with pytest.raises(WhoCameIncomplete):
        identify(scene, seen=Seen("AGENT", "ID_CARD", OLD_ID))
    agent = Seen("AGENT", "ID_CARD", OLD_ID, "韦小明", id_number("532622", "19800101"))
    assert identify(scene, seen=agent) is not None
    for stranger in (OTHER, "yanshan.handler", "parent"):
        with pytest.raises(NotFound):
            identify(scene, stranger)
        with pytest.raises(NotFound):
            answer(scene, stranger, note="不是本窗口")
    with pytest.raises(IdentityNotChecked):
        answer(scene, "yanshan.clerk2", note="另一名窗口人员没有核验")
    scene.advance("PT1H")
    with pytest.raises(IdentityNotChecked):
        answer(scene, note="过了有效时间")


def test_the_window_of_another_site_serves_what_it_took_in_without_a_leg_of_its_own(scene: Scene) -> None:
    move = Household(scene, extra={"applicantName": OLD, "applicantIdNo": OLD_ID})
    scene.as_user("youjiang.clerk").apply(move.item, move.data())
    move.main("clerk").complete(
        "precheck", "PASS", points=["jurisdiction", "relation", "identity", "guardian", "household"]
    )
    move.main("clerk").complete("acceptance", "SUPPLEMENT", **ACCEPT, entries=[NOTICE])
    with pytest.raises(NotFound):
        identify(scene)  # the main site's window did not take it in
    with scene.platform.transaction(scene.as_user("youjiang.clerk").actor()) as ctx:
        [waiting] = queries.list_waiting(ctx)
        assert (waiting.case_no, waiting.open_task_count) == (scene.case.case_no, 1)
        assert [line.case_no for line in queries.find_cases(ctx, OLD_ID)] == [waiting.case_no]
        assert queries.find_cases(ctx, OLD_ID[:12]) == []
    with scene.platform.transaction(scene.as_user(CLERK).actor()) as ctx:
        assert queries.list_waiting(ctx) == queries.find_cases(ctx, OLD_ID) == []
    assert identify(scene, "youjiang.clerk") is not None
    file = scene.as_user("youjiang.clerk").upload()
    answer(scene, "youjiang.clerk", note="在右江窗口补齐", materials=[{"code": "M6", "files": [file]}])
    assert scene.open_tasks() == ["acceptance"]


def test_a_withdrawal_needs_the_signature_and_papers_are_handed_over_with_a_proof(scene: Scene) -> None:
    to_supplement(scene)
    number, actor = scene.case.case_no, scene.as_user(CLERK).actor()
    assert identify(scene) is not None
    [notice] = scene.documents("YCGZ")
    with scene.platform.transaction(actor) as ctx:
        proof = service.hand_over(ctx, number, notice.id)
        told = {row["label"]: row["text"] for row in proof.content["paragraphs"]}
        assert (told["送达方式"], told["签收人"], told["查验证件"]) == ("窗口当面送达", "申请人本人", "居民身份证原件")
        assert notice.number in told["送达文书"]
    with scene.platform.transaction(actor) as ctx, pytest.raises(SignatureMissing):
        service.withdraw(ctx, number, "不办了", file_id=None, is_kept=False)
    signed = scene.as_user(CLERK).upload("撤件申请.pdf")
    with scene.platform.transaction(actor) as ctx:
        service.withdraw(ctx, number, "不办了", file_id=signed["id"], is_kept=False)
    scene.run()
    assert scene.case.status == "WITHDRAWN"
    [withdrawn] = events(scene, "case.withdrawn")
    assert withdrawn.actor_name.endswith("窗口代 申请人")
    with scene.platform.transaction(SYSTEM) as ctx:
        paper = ctx.session.scalars(select(Material).where(Material.file_id == signed["id"])).one()
        assert (paper.code, paper.case_id) == (service.SIGNED, scene.case_id)
    with scene.platform.transaction(actor) as ctx, pytest.raises((CaseClosed, WithdrawalRefused)):
        service.withdraw(ctx, number, "再撤一次", file_id=None, is_kept=True)
