"""Two log-ins by a real identity provider: an applicant who has to prove more while submitting, and staff who log out everywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from bootstrap.processes import free_port
from bootstrap.settings import Settings
from domain.actors import SYSTEM
from domain.federation import administering
from domain.identity import service as identity
from tests.browser.conftest import Deployment
from tests.browser.person import PATIENCE_MS, Person
from tests.browser.test_journey_item2 import fill_in, hand_in_papers
from tests.support import oidc
from tests.support.oidc import SECRET, Server

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(1200)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with oidc.running(tmp_path_factory.mktemp("oidc"), f"http://127.0.0.1:{free_port()}") as found:
        yield found


@pytest.fixture(scope="module")
def settings(settings: Settings, server: Server) -> Settings:
    return replace(settings, public_url=server.home, providers=server.providers(), secrets={"OIDC_TEST": SECRET})


def prove(page: Page, name: str, level: str) -> None:
    """On the provider's page."""
    page.get_by_label(level, exact=True).check(timeout=PATIENCE_MS)
    page.get_by_role("button", name=name, exact=True).click()


def test_an_applicant_proves_more_while_submitting(deployment: Deployment, as_person: Callable[..., Person]) -> None:
    del deployment
    parent = as_person("parent")
    parent.go("/items/hukou-join-parents/apply")
    parent.sees("云南省统一身份认证（法人）")
    parent.finds_page_clean("portal-login-providers")
    parent.page.locator('[data-provider="people"]').click()
    prove(parent.page, "岑美玲", "account")
    parent.sees("填写申请")
    fill_in(parent)
    parent.sees("已自动保存")
    hand_in_papers(parent)
    parent.press("下一步")
    parent.page.locator("#declaration").check()
    parent.press("提交申请")
    dialog = parent.page.get_by_role("dialog")
    expect(dialog).to_contain_text("实名", timeout=PATIENCE_MS)
    with parent.page.context.expect_page() as opened:
        dialog.get_by_role("link").click()
    prove(opened.value, "岑美玲", "real-name")
    parent.sees("申请已提交")


def test_staff_log_in_and_out_at_the_provider(deployment: Deployment, as_person: Callable[..., Person]) -> None:
    office = deployment.platform.settings.providers.find("office")
    assert office is not None
    with deployment.platform.transaction(SYSTEM) as ctx:
        clerk = identity.find_user(ctx, "yanshan.clerk")
        assert clerk is not None
        administering.put(ctx, office, clerk.id, "YS-0001")
    person = as_person("yanshan.clerk")
    person.go("/staff/")
    person.finds_page_clean("staff-login-providers")
    person.page.locator('[data-provider="office"]').click()
    prove(person.page, "钱窗口", "real-person")
    expect(person.page.locator("h1")).to_contain_text("待办", timeout=PATIENCE_MS)
    person.press("退出")
    # The provider asks whether its own session shall end.
    expect(person.page.get_by_role("heading", name="退出统一身份认证")).to_be_visible(timeout=PATIENCE_MS)
    person.press("退出")
    expect(person.page.locator('[data-provider="office"]')).to_be_visible(timeout=PATIENCE_MS)
    person.page.locator('[data-provider="office"]').click()
    expect(person.page.get_by_role("button", name="钱窗口", exact=True)).to_be_visible(timeout=PATIENCE_MS)


def test_administrators_see_providers_and_link_staff(deployment: Deployment, as_person: Callable[..., Person]) -> None:
    del deployment
    admin = as_person("platform")
    admin.enter("platform", "/admin/providers")
    admin.page.get_by_role("button", name="检查 people", exact=True).click()
    admin.sees("正常")
    admin.finds_page_clean("admin-providers")
