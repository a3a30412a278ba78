"""Personal data in the browser: masked, shown for a reason with the time left, read about by the citizen."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from bootstrap.demo.households import CHILDREN
from bootstrap.demo.people import APPLICANTS
from tests.browser.conftest import Deployment
from tests.browser.person import Person
from tests.browser.test_staff_conflicts import open_case, open_task

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(1200)]


def test_a_clerk_asks_the_page_masks_itself_again_and_the_citizen_reads_it(
    deployment: Deployment, as_person: Callable[..., Person]
) -> None:
    open_case(deployment)
    number, child = open_task(deployment, "precheck"), CHILDREN[1]
    clerk = as_person("clerk")
    clerk.enter("yanshan.clerk", f"/staff/tasks/{number.id}")
    clerk.sees("个人信息已脱敏。")
    clerk.sees_not(child.id_no, "演示路8号")
    clerk.finds_page_clean("masked-task")
    clerk.press("查看原文")
    clerk.page.get_by_label("理由（不要写人名、证件号）").fill("核对证件号码")
    clerk.finds_page_clean("ask-to-see")
    clerk.press("确认查看")
    clerk.sees(child.id_no)
    expect(clerk.page.get_by_role("timer")).to_have_text(re.compile(r"正在显示原文.*\d:\d\d"))
    clerk.press("立即恢复脱敏")
    clerk.sees("个人信息已脱敏。")
    clerk.sees_not(child.id_no)

    parent = as_person("parent", mobile=True)
    parent.enter(APPLICANTS[0].login, "/privacy")
    parent.sees("谁看过我的信息")
    parent.sees("核对证件号码")
    parent.finds_page_clean("privacy-centre")
    admin = as_person("admin")
    admin.enter("yanshan.admin", "/admin/privacy")
    admin.sees("查看原文统计（最近 24 小时）")
    admin.finds_page_clean("privacy-admin")
