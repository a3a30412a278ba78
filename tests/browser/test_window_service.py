"""Somebody without a log-in at the window: registered, asked for a supplement, answered for by the clerk, and the case goes on."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import FilePayload, expect

from bootstrap.demo.people import id_number
from tests.browser import test_journey_item2 as journey
from tests.browser.conftest import Deployment
from tests.browser.person import Person

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

NAME, NUMBER = "韦大娘", id_number("532622", "19500101")


def test_the_window_serves_who_cannot_log_in(deployment: Deployment, as_person: Callable[..., Person]) -> None:
    clerk = as_person("yanshan.clerk")
    clerk.enter("yanshan.clerk", "/items/hukou-join-parents/apply")
    journey.fill_in(clerk)
    clerk.write("applicantName", NAME)
    clerk.write("applicantIdNo", NUMBER)
    clerk.sees("已自动保存")
    case_no = hand_in(clerk)
    deployment.settle()
    clerk.go("/staff/")
    take_and_ask(clerk, deployment)
    answer(clerk, case_no)
    deployment.settle()
    clerk.go("/staff/?view=group")
    clerk.sees("核验原件、受理审查")
    clerk.go(f"/staff/cases/{case_no}")
    clerk.sees("申请人没有账号")
    clerk.finds_page_clean("window-staff-case")
    somebody_else(as_person("shunde.clerk"), case_no)


def hand_in(clerk: Person) -> str:
    clerk.press("下一步")
    clerk.sees("请拍照或扫描后上传")
    choosers = clerk.page.locator('main input[type="file"]')
    for chooser in choosers.all():
        chooser.set_input_files(files=[journey.PAPER])
    expect(clerk.page.get_by_text("已上传 材料.pdf")).to_have_count(choosers.count())
    clerk.press("下一步")
    clerk.page.locator("#declaration").check()
    clerk.press("提交申请")
    clerk.sees("把编号和查询码交给申请人")
    clerk.finds_page_clean("window-receipt")
    return clerk.page.get_by_test_id("receipt-case-no").inner_text()


def take_and_ask(clerk: Person, deployment: Deployment) -> None:
    journey.take(clerk, "网上预审")
    clerk.choose_all("points")
    clerk.write("opinion", "材料齐全，预审通过。")
    journey.finish(clerk, "预审通过")
    deployment.settle()
    journey.ask_for_supplement(clerk)
    deployment.settle()


def answer(clerk: Person, case_no: str) -> None:
    clerk.go("/staff/window")
    clerk.sees(case_no[-6:])
    clerk.page.get_by_label("查找办件").fill(NUMBER)
    clerk.sees("查到的办件")
    clerk.finds_page_clean("window-desk")
    clerk.page.locator("tbody a").first.click()
    clerk.sees("申请人没有账号")
    clerk.sees_not(NUMBER, NAME)
    clerk.press("登记核验结果")
    clerk.sees("请填写。")
    clerk.finds_page_clean("window-case-unchecked")
    number = clerk.page.get_by_label("申请人身份证号")
    number.fill("532622198502030000")
    clerk.press("登记核验结果")
    clerk.sees("证件号码与申请人不一致")
    clerk.passes_over_refusals()
    number.fill(NUMBER)
    clerk.press("登记核验结果")
    clerk.sees("已核验：申请人本人")
    clerk.finds_page_clean("window-case")
    clerk.follow("代为办理")
    clerk.sees("另一方监护人的同意书没有签名")
    clerk.write("note", "已补交双方签名的同意书。")
    clerk.press("增加材料")
    clerk.write("materials/0/code", "M9")
    paper: FilePayload = journey.PAPER
    clerk.page.locator('main input[type="file"]').first.set_input_files(files=[paper])
    clerk.sees("材料.pdf")
    clerk.press("提交补正")
    clerk.sees("请选择材料来源")
    clerk.finds_page_clean("window-task")
    clerk.page.get_by_label("纸质材料，由窗口扫描上传").check()
    clerk.press("提交补正")
    clerk.sees("已代申请人提交")
    with clerk.abroad_on_a_phone():
        for name, path in {"desk": "/staff/window", "case": f"/staff/window/{case_no}"}.items():
            clerk.go(path)
            clerk.has_loaded()
            clerk.finds_page_clean(f"window-phone-{name}")


def somebody_else(stranger: Person, case_no: str) -> None:
    stranger.enter("shunde.clerk", f"/staff/window/{case_no}")
    stranger.sees("没有找到")
    stranger.passes_over_refusals()
