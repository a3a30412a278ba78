"""Item 2 by hand: a child's registration moves from 顺德 to 砚山. Each person at their own site, in their own browser.

The parent applies at the receiving county; the clerk asks for a supplement and accepts; an officer investigates and another
one approves; the other province's officer signs in (after being urged), checks and moves out; the first site registers;
the parent rates. Every page on the way is judged: console, Content-Security-Policy, accessibility, missing texts.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

import pytest
from playwright.sync_api import FilePayload, expect

from bootstrap.demo.households import CHILDREN
from bootstrap.demo.people import APPLICANTS
from domain.actors import SYSTEM
from domain.clock import CHINA
from tests.browser.conftest import Deployment
from tests.browser.person import Person

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(1200)]

PAPER: FilePayload = {
    "name": "材料.pdf",
    "mimeType": "application/pdf",
    "buffer": b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n",
}
PARENT, CHILD = APPLICANTS[0], CHILDREN[3]
HOME = "江那镇演示路8号"


def test_a_child_moves_between_two_provinces(deployment: Deployment, as_person: Callable[..., Person]) -> None:
    parent = as_person("parent")
    case_no = apply(parent)
    deployment.settle()

    clerk = as_person("yanshan.clerk")
    clerk.go("/staff/")
    clerk.log_in("yanshan.clerk")
    precheck(clerk)
    deployment.settle()
    ask_for_supplement(clerk)
    deployment.settle()

    supplement(parent, case_no)
    deployment.settle()
    accept(clerk)
    deployment.settle()

    officer = as_person("yanshan.handler")
    officer.enter("yanshan.handler", "/staff/")
    investigate(officer)
    deployment.settle()

    approver = as_person("yanshan.approver")
    approver.enter("yanshan.approver", "/staff/")
    approve(approver)
    deployment.settle()

    deployment.pass_time("3wd")
    clerk_sees_the_urge(clerk, case_no)

    partner = as_person("shunde.handler")
    partner.enter("shunde.handler", "/staff/")
    sign_in_and_check(partner)
    deployment.settle()
    move_out(partner, now(deployment))
    deployment.settle()

    settle_here(officer, now(deployment))
    deployment.settle()
    deliver(clerk, now(deployment))
    deployment.settle()
    follow_and_rate(parent, case_no)
    the_case_is_whole(clerk, case_no)
    stranger_sees_nothing(as_person, case_no)


def now(deployment: Deployment) -> datetime:
    """What the clocks on the walls of these people show."""
    with deployment.platform.transaction(SYSTEM) as ctx:
        return ctx.clock.now().astimezone(CHINA)


# --- the parent


def apply(parent: Person) -> str:
    parent.go("/")
    parent.finds_page_clean("portal-home")
    parent.page.get_by_label("查找事项").fill("户口")
    parent.follow("子女投靠父母户口迁移")
    parent.sees("办理条件")
    parent.finds_page_clean("portal-guide")
    parent.follow("先测一测能不能办")
    parent.sees("看结果")
    parent.finds_page_clean("portal-self-check")
    parent.go("/items/hukou-join-parents/apply")
    parent.sees("演示账号")
    parent.finds_page_clean("portal-login")
    parent.log_in("parent")
    parent.sees("填写申请")
    parent.finds_page_clean("portal-apply")
    parent.press("下一步")
    parent.sees("需要修改")
    parent.finds_page_clean("portal-apply-errors")
    fill_in(parent)
    parent.sees("已自动保存")
    return submit(parent)


def submit(parent: Person) -> str:
    parent.go("/items/hukou-join-parents/apply")
    parent.sees("已恢复您")
    hand_in_papers(parent)
    parent.finds_page_clean("portal-materials")
    parent.press("下一步")
    parent.sees("我承诺")
    assert not parent.page.locator("#declaration").is_checked()
    parent.finds_page_clean("portal-review")
    parent.press("提交申请")
    parent.sees("请先阅读并勾选承诺")
    parent.page.locator("#declaration").check()
    parent.press("提交申请")
    parent.sees("申请已提交")
    parent.finds_page_clean("portal-receipt")
    case_no = parent.page.get_by_test_id("receipt-case-no").inner_text()
    assert re.fullmatch(r"\d{12}", parent.page.get_by_test_id("receipt-query-code").inner_text())
    parent.follow("查看办件进度")
    parent.sees("承诺办结日期")
    parent.finds_page_clean("portal-case-submitted")
    return case_no


def hand_in_papers(parent: Person) -> None:
    """Go on to the materials and upload a paper for each."""
    parent.press("下一步")
    parent.sees("请拍照或扫描后上传")
    parent.rests()
    choosers = parent.page.locator('main input[type="file"]').all()
    assert choosers
    for chooser in choosers:
        chooser.set_input_files(files=[PAPER])
    expect(parent.page.get_by_text("已上传 材料.pdf")).to_have_count(len(choosers))


def fill_in(parent: Person) -> None:
    parent.tick("consentCross")
    for pointer, option in {
        "applicantRole": "被投靠的父亲或母亲",
        "movers/0/sex": "女性",
        "movers/0/relToTarget": "女",
        "reasonCode": "投靠父母",
        "deliveryMode": "窗口自取",
        "bookReturn": "窗口缴销",
    }.items():
        parent.choose(pointer, option)
    for pointer, value in {
        "applicantName": PARENT.name,
        "applicantIdNo": PARENT.id_no,
        "applicantMobile": PARENT.mobile,
        "applicantAddr": HOME,
        "movers/0/name": CHILD.name,
        "movers/0/idNo": CHILD.id_no,
        "movers/0/ethnic": "08",
        "movers/0/relToApplicant": "30",
        "moveOutAddr": CHILD.address,
        "moveInAddr": HOME,
        "targetName": PARENT.name,
        "targetIdNo": PARENT.id_no,
        "targetHouseNo": "000000008",
        "housing": "OWN",
    }.items():
        parent.write(pointer, value)
    for key, code in {"applicantRegion": "532622", "moveOutRegion": "440606", "moveInRegion": "532622"}.items():
        parent.region(key, code)
    parent.choose("parentsStatus", "已婚")
    parent.tick("otherParentConsent")
    parent.tick("minorConsent")


def supplement(parent: Person, case_no: str) -> None:
    parent.go("/my")
    parent.sees("需要您处理")
    parent.finds_page_clean("portal-my-cases")
    parent.go(f"/my/{case_no}")
    parent.sees("补正材料")
    parent.finds_page_clean("portal-case-supplement")
    parent.page.get_by_role("link", name=re.compile("告知书")).first.click()
    parent.page.locator(".lb-sheet").wait_for()
    parent.finds_page_clean("portal-document")
    parent.go(f"/my/{case_no}")
    parent.follow("去处理")
    parent.sees("另一方监护人的同意书没有签名")
    parent.write("note", "已补交双方签名的同意书。")
    parent.press("增加材料")
    parent.write("materials/0/code", "M9")
    parent.page.locator('main input[type="file"]').first.set_input_files(files=[PAPER])
    parent.sees("材料.pdf")
    parent.finds_page_clean("portal-supplement")
    parent.press("提交补正")
    parent.sees("已提交")
    parent.finds_page_clean("portal-supplement-done")


def follow_and_rate(parent: Person, case_no: str) -> None:
    parent.go(f"/my/{case_no}")
    parent.sees("请分别评价")
    parent.page.get_by_text("日期的由来和每次变动").click()
    parent.sees("开始计时")
    parent.finds_page_clean("portal-rate")
    for group in parent.page.locator("fieldset").all():
        group.get_by_label("非常满意", exact=True).check()
    parent.press("提交评价")
    parent.sees("谢谢您的评价")
    parent.finds_page_clean("portal-rated")
    parent.go("/notifications")
    parent.finds_page_clean("portal-notifications")


# --- the receiving site


def take(person: Person, task: str) -> None:
    """Claim a task in the inbox and open it."""
    person.go("/staff/?view=group")
    row = person.page.get_by_role("row").filter(has=person.page.get_by_role("link", name=task))
    row.get_by_role("button", name=re.compile("签领")).click()
    person.sees("已签领")
    person.follow("去办理")
    person.page.locator(".s-actions").wait_for()


def finish(person: Person, action: str) -> None:
    person.press(action)
    person.sees(f"已提交：{action}")


def precheck(clerk: Person) -> None:
    clerk.sees("网上预审")
    clerk.finds_page_clean("staff-inbox")
    take(clerk, "网上预审")
    clerk.sees(f"{PARENT.name[0]}*")
    clerk.finds_page_clean("staff-task-precheck")
    clerk.choose_all("points")
    clerk.write("opinion", "材料齐全，预审通过。")
    clerk.sees("已自动保存")
    finish(clerk, "预审通过")
    clerk.finds_page_clean("staff-task-done")


def ask_for_supplement(clerk: Person) -> None:
    take(clerk, "核验原件、受理审查")
    clerk.press("一次性告知补正")
    clerk.sees("请至少写明一项需要补正的内容")
    clerk.finds_page_clean("staff-task-errors")
    clerk.page.get_by_role("button", name=re.compile("增加一项")).click()
    clerk.write("entries/0/target", "M9")
    clerk.write("entries/0/defect", "另一方监护人的同意书没有签名")
    clerk.write("entries/0/cure", "请补交双方签名的同意书")
    clerk.write("opinion", "需要补正一项。")
    finish(clerk, "一次性告知补正")


def accept(clerk: Person) -> None:
    clerk.go("/staff/?view=mine")
    clerk.has_loaded()
    if clerk.page.get_by_role("link", name="核验原件、受理审查").count() == 0:
        take(clerk, "核验原件、受理审查")
    else:
        clerk.follow("核验原件、受理审查")
        clerk.page.locator(".s-actions").wait_for()
    clerk.sees("第 1 次告知")
    clerk.choose("identityMethod", "身份证读卡")
    clerk.choose_all("points")
    clerk.write("opinion", "补正齐全，符合受理条件。")
    clerk.finds_page_clean("staff-task-acceptance")
    finish(clerk, "受理")


def investigate(officer: Person) -> None:
    take(officer, "调查核实")
    officer.choose("method", "查阅户籍档案", "上门走访")
    officer.choose_all("points")
    officer.write("opinion", "经核实，亲子关系、住所属实，户主同意，建议准予迁入。")
    finish(officer, "拟同意，报审批")


def approve(approver: Person) -> None:
    take(approver, "审批")
    approver.sees("职责分离")
    approver.finds_page_clean("staff-task-approval")
    approver.write("opinion", "同意。")
    finish(approver, "准予迁入")


def clerk_sees_the_urge(clerk: Person, case_no: str) -> None:
    clerk.go(f"/staff/cases/{case_no}?tab=ladder")
    clerk.sees("催办")
    clerk.sees("佛山市公安局顺德分局")
    clerk.finds_page_clean("staff-case-ladder")


def settle_here(officer: Person, at: datetime) -> None:
    take(officer, "核对反馈")
    officer.choose_all("checked")
    officer.write("settledOn", f"{at:%Y-%m-%d}")
    officer.write("houseNo", "000000008")
    officer.write("settledAddress", HOME)
    officer.finds_page_clean("staff-task-settlement")
    finish(officer, "核对一致，落户")


def deliver(clerk: Person, at: datetime) -> None:
    take(clerk, "制作居民户口簿")
    clerk.write("bookletNo", "000000008")
    clerk.write("pages", "4")
    clerk.choose("oldBook", "已缴销")
    finish(clerk, "户口簿已制作")
    take(clerk, "送达户口簿")
    clerk.choose("deliveredMode", "窗口领取")
    clerk.write("deliveredAt", f"{at:%Y-%m-%dT%H:%M}")
    clerk.write("receiver", PARENT.name)
    finish(clerk, "已送达")


def the_case_is_whole(clerk: Person, case_no: str) -> None:
    clerk.go("/staff/cases?state=all")
    clerk.sees("出证办结")
    clerk.finds_page_clean("staff-cases")
    for tab in ("overview", "timeline", "diagram", "application", "materials", "documents", "messages"):
        clerk.go(f"/staff/cases/{case_no}?tab={tab}")
        clerk.page.get_by_role("tabpanel").locator(".s-block").first.wait_for()
        clerk.finds_page_clean(f"staff-case-{tab}")
    clerk.go(f"/staff/cases/{case_no}?tab=timeline")
    for title in ("砚山县公安局", "佛山市公安局顺德分局"):
        clerk.sees(title)
    assert clerk.page.locator(".lb-arrow").count() >= 3


# --- the other province


def sign_in_and_check(partner: Person) -> None:
    partner.sees("签收")
    take(partner, "签收")
    partner.sees("收到的协办内容")
    partner.sees("催办")
    partner.sees_not("000000008", "江那镇演示路8号 10", "合法稳定住所", "建议准予迁入")
    partner.finds_page_clean("staff-partner-sign-in")
    finish(partner, "签收")


def move_out(partner: Person, at: datetime) -> None:
    take(partner, "核验")
    partner.choose_all("points")
    partner.write("contactedAt", f"{at:%Y-%m-%dT%H:%M}")
    partner.choose("contactResult", "本人确认自愿迁出")
    partner.write("opinion", "已与申请人确认，户口信息相符。")
    partner.finds_page_clean("staff-partner-verification")
    finish(partner, "同意迁出")
    take(partner, "办理迁出")
    partner.tick("permitChecked")
    for pointer, value in {
        "people/0/idNo": CHILD.id_no,
        "people/0/relToHolder": "30",
        "people/0/education": "90",
        "people/0/marital": "10",
        "people/0/birthplace": "广东省佛山市顺德区",
        "people/0/nativePlace": "云南省砚山县",
        "holderName": CHILD.name,
        "oldAddr": CHILD.address,
    }.items():
        partner.write(pointer, value)
    partner.region("oldRegion", "440606")
    partner.choose("urbanRural", "城镇")
    partner.finds_page_clean("staff-partner-move-out")
    finish(partner, "办理迁出")
    take(partner, "整理户籍档案")
    partner.write("manifest/0/name", "常住人口登记表")
    partner.write("manifest/0/pages", "1")
    finish(partner, "移交档案")


def stranger_sees_nothing(as_person: Callable[..., Person], case_no: str) -> None:
    stranger = as_person("youjiang.clerk")
    stranger.enter("youjiang.clerk", "/staff/cases?state=all")
    stranger.sees("没有符合条件的办件")
    stranger.sees_not(case_no)
