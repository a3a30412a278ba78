"""A designer runs a model before it is published: starts it, works on its tasks by form and by JSON, moves the clock, restarts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.person import PATIENCE_MS, Person

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(1200)]

KEY = "hukou-join-parents"


def press(place: Locator, name: str) -> None:
    place.get_by_role("button", name=name, exact=True).first.click()


def shows(place: Locator, text: str) -> None:
    expect(place).to_contain_text(text, timeout=PATIENCE_MS)


def test_a_designer_tries_a_model_out(as_person: Callable[..., Person]) -> None:
    designer = as_person("designer")
    designer.enter("designer", f"/designer/models/{KEY}")
    expect(designer.page.locator('[data-element-id="acceptance"]').first).to_be_visible(timeout=PATIENCE_MS)
    designer.press("试运行")
    trial = designer.page.get_by_role("dialog")
    shows(trial, "启动流程")
    designer.finds_page_clean("trial-new")
    press(trial, "启动")
    shows(trial, "网上预审")
    expect(trial.locator(".lb-badge-active").first).to_be_visible(timeout=PATIENCE_MS)
    designer.finds_page_clean("trial-started")

    trial.get_by_text("改用 JSON 填写").click()
    trial.get_by_label("提交的数据（JSON）").fill("no object")
    shows(trial, "请填写 JSON 对象")
    trial.get_by_label("提交的数据（JSON）").fill('{"note": "试试"}')
    press(trial, "预审通过")
    shows(trial, "收件登记")
    shows(trial, "任务办结 网上预审")
    press(trial, "推进到下一个定时器")
    shows(trial, "时钟推进")
    designer.finds_page_clean("trial-working")

    press(trial, "取消实例")
    shows(trial, "已取消")
    press(trial, "重新开始")
    expect(trial.get_by_text("已取消")).to_have_count(0, timeout=PATIENCE_MS)
    press(trial, "启动")
    shows(trial, "网上预审")
    designer.page.keyboard.press("Escape")
    expect(designer.page.get_by_role("dialog")).to_have_count(0)
    designer.sees("没有未保存的修改")
    designer.go("/designer/trials")
    designer.sees("还没有试运行")


def test_a_model_that_cannot_run_shows_where_and_trials_fit_a_phone(as_person: Callable[..., Person]) -> None:
    designer = as_person("designer")
    designer.enter("designer", f"/designer/models/{KEY}")
    expect(designer.page.locator('[data-element-id="acceptance"]').first).to_be_visible(timeout=PATIENCE_MS)
    designer.press("试运行")
    shows(designer.page.get_by_role("dialog"), "启动流程")
    press(designer.page.get_by_role("dialog"), "启动")
    shows(designer.page.get_by_role("dialog"), "网上预审")

    phone = as_person("designer", mobile=True)
    phone.enter("designer", "/designer/trials")
    phone.sees("我的试运行")
    phone.finds_page_clean("trials")
    phone.follow("子女投靠父母户口迁移")
    phone.sees("网上预审")
    phone.finds_page_clean("trial")

    refused = as_person("designer")
    refused.enter("designer", f"/designer/models/{KEY}")
    expect(refused.page.locator('[data-element-id="acceptance"]').first).to_be_visible(timeout=PATIENCE_MS)
    refused.page.locator('[data-element-id="precheck"]').first.click(force=True)
    refused.page.keyboard.press("Delete")
    refused.press("试运行")
    refused.sees("流程模型不能部署")
    expect(refused.page.locator(".lb-badge-error").first).to_be_visible(timeout=PATIENCE_MS)
