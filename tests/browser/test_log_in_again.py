"""Second factor by a telephone, step-up over a page that stays as it is, and a delegation that ends while its page is open."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

import pyotp
import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from bootstrap.demo.people import PASSWORD
from domain.actors import SYSTEM
from domain.identity import delegations
from domain.identity.delegations import NewDelegation
from domain.identity.models import LoginSession
from domain.sites import service as sites
from tests.browser.conftest import Deployment
from tests.browser.person import PATIENCE_MS, Person
from tests.browser.test_staff_conflicts import actor_of, open_case

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(1200)]


def test_a_second_factor_is_set_up_and_logs_in(deployment: Deployment, as_person: Callable[..., Person]) -> None:
    del deployment
    clerk = as_person("yanshan.deputy", mobile=True)
    clerk.enter("yanshan.deputy", "/staff/account")
    clerk.press("开始绑定")
    expect(clerk.page.get_by_role("img", name="绑定验证器的二维码")).to_be_visible()
    clerk.finds_page_clean("account-enrol")
    generator = pyotp.TOTP(clerk.page.locator(".lb-secret").inner_text().replace(" ", ""))
    at = time.time()
    clerk.page.get_by_label("验证器上显示的 6 位数字").fill(generator.at(at))
    clerk.press("确定")
    expect(clerk.page.locator(".lb-codes li")).to_have_count(10)
    clerk.press("我已保存，继续")
    clerk.sees("还有 10 个恢复码可用")
    clerk.finds_page_clean("account-enrolled")
    clerk.press("退出")
    clerk.page.locator('input[name="login"]').fill("yanshan.deputy")
    clerk.page.locator('input[name="password"]').fill(PASSWORD)
    clerk.page.keyboard.press("Enter")
    code = clerk.page.get_by_label("动态验证码（6 位数字）或恢复码")
    expect(code).to_be_focused(timeout=PATIENCE_MS)
    clerk.finds_page_clean("log-in-code")
    code.fill(generator.at(max(at + 30, time.time())))  # the one before was used
    clerk.page.keyboard.press("Enter")
    clerk.sees("还有 10 个恢复码可用")


def test_a_decisive_act_asks_again_and_goes_on(deployment: Deployment, as_person: Callable[..., Person]) -> None:
    admin = as_person("yanshan.admin")
    admin.enter("yanshan.admin", "/admin/people")
    admin.press("登记人员")
    form = admin.page.get_by_role("dialog")
    form.get_by_label("登录名").fill("yanshan.new")
    form.get_by_label("姓名").fill("新同事")
    for label, option in (("角色", "窗口人员"), ("机构", "砚山县公安局")):
        form.get_by_role("combobox", name=label).click()
        admin.page.locator(".ant-select-item-option", has_text=option).first.click()
    with deployment.platform.transaction(SYSTEM) as ctx:
        earlier = LoginSession.authenticated_at - timedelta(minutes=11)
        ctx.session.execute(update(LoginSession).values(authenticated_at=earlier))
    form.get_by_role("button", name="登记人员").click()
    again = admin.page.get_by_role("dialog", name="请再次验证身份")
    field = again.get_by_label("登录密码")
    expect(field).to_be_focused(timeout=PATIENCE_MS)
    admin.passes_over_refusals()
    admin.finds_page_clean("step-up")
    field.fill("not the password")
    admin.page.keyboard.press("Enter")
    expect(again).to_contain_text("密码不正确")
    field.fill(PASSWORD)
    admin.page.keyboard.press("Enter")
    admin.sees("初始密码")
    expect(again).to_have_count(0)
    admin.passes_over_refusals()
    admin.finds_page_clean("step-up-done")


def test_a_delegation_ends_while_its_page_is_open(deployment: Deployment, as_person: Callable[..., Person]) -> None:
    open_case(deployment)
    delegate(deployment, "yanshan.clerk", "yanshan.liaison")
    liaison = as_person("yanshan.liaison")
    liaison.enter("yanshan.liaison", "/staff/")
    liaison.sees("网上预审")
    bar = liaison.page.locator("header")
    expect(bar).to_contain_text("（代 ")
    liaison.page.get_by_role("link", name="网上预审").first.click()
    liaison.press("签领并办理")
    liaison.page.locator(".s-actions").wait_for()
    liaison.choose_all("points")
    liaison.write("opinion", "材料齐全，预审通过。")
    liaison.finds_page_clean("staff-task-for-somebody")
    deployment.pass_time("P2D")
    liaison.press("预审通过")
    liaison.sees("委托代理已结束")
    liaison.sees("您填写的内容没有提交")
    expect(liaison.field("opinion")).to_have_value("材料齐全，预审通过。")
    expect(bar).not_to_contain_text("（代 ")
    liaison.passes_over_refusals()
    liaison.finds_page_clean("staff-delegation-over")
    liaison.follow("办理我自己的任务")
    expect(liaison.page.locator("h1")).to_contain_text("待办")
    liaison.sees_not("网上预审")


def delegate(deployment: Deployment, giver: str, taker: str) -> None:
    """For a day, of every item, arranged by the site's administrator."""
    giving, taking = actor_of(deployment, giver).user_id, actor_of(deployment, taker).user_id
    with deployment.platform.transaction(actor_of(deployment, "yanshan.admin")) as ctx:
        site, now = sites.get_site(ctx, "532622-police").id, ctx.clock.now()
        ends_at = now + timedelta(days=1)
        new = NewDelegation(taking, site, "RECV_CLERK", now, ends_at, "出差", delegator_id=giving)
        delegations.ask(ctx, new, ())
