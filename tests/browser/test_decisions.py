"""A designer makes a decision model: draws, tries it out with the matched rule marked, is told what is wrong, deploys."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.person import Person

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(1200)]


def begin(designer: Person) -> None:
    designer.enter("designer", "/designer/decisions")
    designer.sees("还没有决策模型")
    designer.finds_page_clean("decisions-empty")
    designer.press("新建决策")
    dialog = designer.page.get_by_role("dialog")
    dialog.get_by_label("标识（小写字母、数字、连字符）").fill("fees")
    dialog.get_by_label("名称").fill("收费标准")
    dialog.get_by_role("button", name="新建并打开").click()
    designer.sees("检查通过")


def sheet(designer: Person, name: str) -> None:
    designer.page.get_by_role("navigation", name="决策图、决策表和表达式").get_by_role("button", name=name).click()


def attempt(designer: Person, age: str) -> None:
    designer.page.get_by_label("age", exact=True).fill(age)
    designer.press("计算")


def test_a_designer_makes_a_decision(as_person: Callable[..., Person]) -> None:
    designer = as_person("designer")
    begin(designer)
    expect(designer.page.locator('[data-element-id="fees"]').first).to_be_visible()
    expect(designer.page.locator(".bjs-powered-by").first).to_be_visible()
    designer.finds_page_clean("decisions-diagram")

    sheet(designer, "收费标准")
    expect(designer.page.locator(".decision-table-container, .dmn-decision-table-container").first).to_be_visible()
    attempt(designer, "10")
    designer.sees("命中规则：1")
    designer.sees('"未成年"')
    expect(designer.page.locator("tr.lb-rule-hit")).to_have_count(1)
    expect(designer.page.locator("tr.lb-rule-hit")).to_contain_text("< 18")
    designer.finds_page_clean("decisions-table")

    cell = designer.page.locator('td[data-element-id="feesTest1"]')
    cell.click()
    expect(cell.locator("[contenteditable]:focus")).to_have_count(1)
    designer.page.keyboard.press("End")
    designer.page.keyboard.type(" +")
    designer.page.locator("h1").click()
    designer.press("检查")
    designer.sees("FEEL 表达式有误")
    designer.finds_page_clean("decisions-findings")
    cell.click()
    expect(cell.locator("[contenteditable]:focus")).to_have_count(1)
    designer.page.keyboard.press("Control+a")
    designer.page.keyboard.type("< 16")
    designer.page.locator("h1").click()

    designer.press("部署")
    dialog = designer.page.get_by_role("dialog")
    dialog.get_by_label("修改说明").fill("第一版")
    dialog.get_by_role("button", name="部署").click()
    designer.is_told("已部署第 1 版")
    designer.go("/designer/decisions")
    designer.sees("收费标准")
    designer.finds_page_clean("decisions-list")


def test_the_decision_pages_fit_a_phone(as_person: Callable[..., Person]) -> None:
    designer = as_person("designer-phone", mobile=True)
    designer.enter("designer", "/designer/decisions/fees")
    designer.sees("检查通过")
    designer.finds_page_clean("decisions-phone")
