"""The citizens' pages on a telephone, in English and in elder mode; and what people without a log-in may see."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.person import Person

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(1200)]

ITEM = "/items/hukou-join-parents"
OPEN_PAGES = {
    "home": "/",
    "guide": ITEM,
    "self-check": f"{ITEM}/check",
    "progress": "/progress",
    "certificates": "/certificates",
    "login": "/login",
}
PERSONAL_PAGES = {"my-cases": "/my", "notifications": "/notifications", "apply": f"{ITEM}/apply"}


def menu(person: Person, name: str) -> None:
    person.page.get_by_role("button", name=re.compile("菜单|Menu")).click()
    person.press(name)


def test_every_page_fits_a_phone_and_is_clean(as_person: Callable[..., Person]) -> None:
    person = as_person("parent", mobile=True)
    for name, path in OPEN_PAGES.items():
        person.go(path)
        person.finds_page_clean(f"phone-{name}")
    person.log_in("father")
    for name, path in PERSONAL_PAGES.items():
        person.go(path)
        person.finds_page_clean(f"phone-{name}")


def test_english_and_elder_mode_are_complete(as_person: Callable[..., Person]) -> None:
    person = as_person("parent", mobile=True)
    person.go("/")
    menu(person, "English")
    menu(person, "Larger text")
    assert person.page.evaluate("getComputedStyle(document.documentElement).fontSize") == "22px"
    for name, path in OPEN_PAGES.items():
        person.go(path)
        assert person.page.evaluate("document.documentElement.lang") == "en"
        person.finds_page_clean(f"phone-english-{name}")


def test_self_check_says_why_not(as_person: Callable[..., Person]) -> None:
    person = as_person("visitor")
    person.go(f"{ITEM}/check")
    person.press("看结果")
    person.sees("没有回答")
    for question in person.page.locator("fieldset").all():
        question.get_by_role("radio").first.check()
    person.press("看结果")
    expect(person.page.locator("main")).to_contain_text(re.compile("同一省内迁移|可以申请"))
    person.finds_page_clean("portal-self-check-answer")


def test_progress_and_certificates_without_logging_in(as_person: Callable[..., Person]) -> None:
    person = as_person("visitor")
    person.go("/progress")
    person.press("查询")
    person.sees("查询码是 12 位数字")
    person.finds_page_clean("portal-progress-errors")
    person.go("/no-such-page")
    person.sees("没有这个页面")
    person.finds_page_clean("portal-not-found")


def test_an_expired_session_keeps_what_was_typed(as_person: Callable[..., Person]) -> None:
    person = as_person("father")
    person.go("/login")
    person.log_in("father")
    person.go(f"{ITEM}/apply")
    person.page.context.clear_cookies()
    person.write("applicantName", "农志远")
    dialog = person.page.get_by_role("dialog")
    expect(dialog).to_contain_text("登录已失效")
    dialog.get_by_label("账号").fill("father")
    dialog.get_by_label("密码").fill("lianban-demo")
    dialog.get_by_role("button", name="登录").click()
    expect(dialog).to_have_count(0)
    person.sees("已自动保存")
    assert person.field("applicantName").input_value() == "农志远"
