"""Time and operations in the browser: a year of the calendar moves a promise, failed work runs again, a token is shown once, a day is explained."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import islice

import pytest
from playwright.sync_api import Locator, expect
from sqlalchemy import select, update

from bootstrap.story import Story
from domain.actors import SYSTEM
from domain.cases.models import Case
from domain.clock import CHINA
from domain.outbox.models import Work
from tests.browser.conftest import Deployment
from tests.browser.person import PATIENCE_MS, Person

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(1200)]

ACCEPTED = 5
"""Steps of the story until the case is accepted and its promise runs."""
WEEKS = timedelta(days=13)


@pytest.fixture(scope="module")
def accepted_case(deployment: Deployment) -> str:
    story = Story(deployment.platform)
    list(islice(story.play(), ACCEPTED))
    return story.case_no


def promise(deployment: Deployment, case_no: str) -> datetime:
    with deployment.platform.transaction(SYSTEM) as ctx:
        due = ctx.session.scalars(select(Case.promise_due_at).where(Case.case_no == case_no)).one()
    assert due is not None
    return due


def two_weeks_before(due: date) -> tuple[date, date]:
    """Days of one year that the count of a promise runs through: more than any official holiday that they take the place of."""
    last = due - timedelta(days=1)
    if last.timetuple().tm_yday < WEEKS.days:
        last = date(last.year - 1, 12, 31)
    return last - WEEKS, last


def dialog(person: Person) -> Locator:
    return person.page.get_by_role("dialog").filter(visible=True)


def test_a_published_year_moves_a_promise(
    as_person: Callable[..., Person], deployment: Deployment, accepted_case: str
) -> None:
    before = promise(deployment, accepted_case)
    first, last = two_weeks_before(before.astimezone(CHINA).date())
    admin = as_person("platform")
    admin.enter("platform", f"/admin/calendar?year={last.year}")
    admin.sees("12月")
    admin.press("发布本年安排")
    shown = dialog(admin)
    shown.get_by_label("文号").fill("演示发〔2026〕1号")
    shown.get_by_label("来源").fill("演示通知")
    shown.get_by_label("名称 1").fill("演示假期")
    shown.get_by_label("首日 1").fill(first.isoformat())
    shown.get_by_label("末日 1").fill(last.isoformat())
    shown.get_by_role("button", name="试算影响").click()
    expect(shown).to_contain_text(accepted_case, timeout=PATIENCE_MS)
    shown.get_by_role("checkbox").check()
    shown.get_by_label("理由").fill("试行安排")
    admin.finds_page_clean("admin-calendar-preview")
    assert promise(deployment, accepted_case) == before, "a preview changes nothing"
    shown.get_by_role("button", name="发布本年安排").click()
    expect(shown).to_have_count(0, timeout=PATIENCE_MS)
    deployment.settle()
    assert promise(deployment, accepted_case) > before
    admin.go(f"/admin/calendar?year={last.year}")
    admin.sees("试行安排")
    admin.finds_page_clean("admin-calendar-version")


def test_failed_work_is_tried_again(
    as_person: Callable[..., Person], deployment: Deployment, accepted_case: str
) -> None:
    assert accepted_case, "a case with work that waits"
    with deployment.platform.transaction(SYSTEM) as ctx:
        row = ctx.session.scalars(select(Work.id).where(Work.state == "pending").order_by(Work.due_at.desc())).first()
        ctx.session.execute(
            update(Work).where(Work.id == row).values(state="failed", last_error="Unreachable", attempts=5)
        )
    admin = as_person("platform")
    admin.enter("platform", "/admin/work")
    admin.sees("Unreachable")
    admin.finds_page_clean("admin-work-failed")
    admin.page.get_by_role("row").filter(has_text="Unreachable").get_by_role("button", name="重试").click()
    admin.is_told("已重新排队，马上执行。")
    expect(admin.page.get_by_role("region", name="失败的作业")).to_have_count(0, timeout=PATIENCE_MS)
    with deployment.platform.transaction(SYSTEM) as ctx:
        assert ctx.session.get_one(Work, row).state != "failed"


def test_a_token_is_shown_once_and_revoked(as_person: Callable[..., Person]) -> None:
    admin = as_person("yanshan.admin")
    admin.enter("yanshan.admin", "/admin/clients")
    admin.press("登记客户端")
    shown = dialog(admin)
    shown.get_by_label("名称").fill("州税务核验系统")
    topics = shown.locator("input#topics")
    topics.fill("tax.check")
    topics.press("Enter")
    shown.get_by_role("button", name="登记并生成令牌").click()
    box = admin.page.get_by_role("textbox", name="令牌")
    expect(box).to_be_visible(timeout=PATIENCE_MS)
    token = box.input_value()
    assert token.startswith("lbk_")
    admin.page.get_by_role("button", name="已保存，关闭").click()
    expect(box).to_have_count(0)
    admin.go("/admin/clients")
    admin.sees("州税务核验系统")
    assert token not in admin.page.content()
    admin.finds_page_clean("admin-clients")
    admin.press("停用")
    dialog(admin).get_by_role("button", name="停用").click()
    admin.sees("已停用")


def test_staff_asks_why_this_day(as_person: Callable[..., Person], accepted_case: str) -> None:
    handler = as_person("yanshan.handler", mobile=True)
    handler.enter("yanshan.handler", f"/staff/cases/{accepted_case}")
    explained(
        handler, handler.page.locator(".lb-clock").filter(has_text="承诺").get_by_role("button", name="为什么是这一天")
    )
    handler.finds_page_clean("staff-case-time")
    handler.go("/staff/")
    handler.page.locator('main a[href*="/tasks/"]').first.click()
    explained(handler, handler.page.locator(".s-head").get_by_role("button", name="为什么是这一天"))


def explained(person: Person, opener: Locator) -> None:
    opener.focus()
    opener.press("Enter")
    shown = dialog(person)
    expect(shown).to_contain_text("起算", timeout=PATIENCE_MS)
    expect(shown).to_contain_text("个工作日")
    person.page.keyboard.press("Escape")
    expect(shown).to_have_count(0)
    expect(opener).to_be_focused()
