"""Designer and administrator at work: every page is judged, a model is changed, refused, saved and deployed; a stuck case is urged."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from bootstrap.settings import Settings
from bootstrap.story import Story
from tests.browser.conftest import Deployment
from tests.browser.person import Person

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(1200)]

KEY = "hukou-join-parents"
LATIN_ONLY = """
[...document.querySelectorAll('.lb-designer-panel [title], .djs-palette [title], .djs-context-pad [title]')]
  .map((element) => element.title)
  .concat([...document.querySelectorAll('.lb-designer-panel label, .bio-properties-panel-group-header-title, .bio-properties-panel-header-type')]
    .map((element) => element.textContent.trim()))
  .filter((text) => /[A-Za-z]{3}/.test(text) && !/[\\u4e00-\\u9fff]/.test(text))
"""
OPEN_ALL = "document.querySelectorAll('.lb-designer-panel .bio-properties-panel-group-header:not(.open)').forEach((header) => header.click())"


def test_a_designer_changes_a_model(as_person: Callable[..., Person], settings: Settings) -> None:
    designer = as_person("designer")
    designer.go("/designer/")
    designer.log_in("designer")
    designer.sees("子女投靠父母户口迁移")
    designer.finds_page_clean("designer-list")

    designer.go(f"/designer/models/{KEY}")
    expect(designer.page.locator('[data-element-id="acceptance"]').first).to_be_visible()
    designer.finds_page_clean("designer-model")
    panel_speaks_chinese(designer, "acceptance", "moveIn", "moveOut")

    designer.press("检查")
    designer.sees("检查通过")
    rename(designer, "网上预审（试点）")
    designer.sees("有未保存的修改")
    designer.press("保存草稿")
    designer.sees("草稿已保存（第 1 稿）")
    deploy(designer, "试点改名")
    designer.go(f"/designer/versions/{KEY}")
    designer.sees("试点改名")
    designer.finds_page_clean("designer-versions")

    refused_import(designer, settings.workflows / KEY / f"{KEY}.bpmn")


def panel_speaks_chinese(designer: Person, *elements: str) -> None:
    for element in elements:
        select(designer, element)
        words = designer.page.evaluate(LATIN_ONLY)
        assert not [word for word in words if word != "FEEL"], f"{element}: {words}"
        designer.finds_page_clean(f"designer-{element}")


def select(designer: Person, element: str) -> None:
    """The properties of what is in its middle are there, all groups open."""
    designer.page.locator(f'[data-element-id="{element}"]').first.click(force=True)
    designer.rests()
    expect(designer.page.locator(".bio-properties-panel-group-header").first).to_be_visible()
    designer.page.evaluate(OPEN_ALL)
    designer.rests()


def rename(designer: Person, name: str) -> None:
    select(designer, "precheck")
    expect(designer.page.locator("#bio-properties-panel-id")).to_have_value("precheck")
    control = designer.page.locator("#bio-properties-panel-name")
    control.fill(name)
    control.blur()


def deploy(designer: Person, note: str) -> None:
    designer.press("发布新版本")
    designer.page.get_by_label("版本说明").fill(note)
    designer.finds_page_clean("designer-deploy")
    designer.page.get_by_role("dialog").get_by_role("button", name="发布", exact=True).click()
    designer.is_told("已发布第 2 版")


def refused_import(designer: Person, source: Path) -> None:
    """A broken file is refused with the finding at its element; the canvas and the draft stay."""
    designer.go(f"/designer/models/{KEY}")
    expect(designer.page.locator('[data-element-id="acceptance"]').first).to_be_visible()
    broken = source.read_text("utf-8").replace('formId="hukou-join-parents.acceptance"', 'formId="no-such-form"')
    chooser = designer.page.locator('input[type="file"]')
    chooser.set_input_files({"name": "x.bpmn", "mimeType": "application/xml", "buffer": broken.encode()})
    designer.sees("有未保存的修改")
    designer.press("检查")
    designer.sees("no-such-form")
    expect(designer.page.locator(".lb-badge-error").first).to_be_visible()
    designer.finds_page_clean("designer-findings")
    chooser.set_input_files({"name": "y.bpmn", "mimeType": "application/xml", "buffer": b"<not-bpmn"})
    designer.sees("文件不是可以打开的 BPMN 流程图")


@pytest.fixture(scope="module")
def waiting_case(deployment: Deployment) -> str:
    """A case that the partner does not sign in: overdue and urged."""
    story = Story(deployment.platform)
    for told in story.play():
        if "催办" in told.text:
            break
    return story.case_no


def test_an_administrator_sees_what_is_stuck(as_person: Callable[..., Person], waiting_case: str) -> None:
    admin = as_person("shunde.admin")
    admin.go("/admin/")
    admin.log_in("shunde.admin")
    admin.sees("佛山市公安局顺德分局")
    admin.finds_page_clean("admin-overview")
    admin.go("/admin/stuck")
    admin.sees("签收")
    admin.sees("催办")
    admin.finds_page_clean("admin-stuck")
    admin.follow("子女投靠父母户口迁移")
    expect(admin.page.locator(".lb-badge-active").first).to_be_visible()
    admin.finds_page_clean("admin-case")
    assert waiting_case


def test_platform_admin_reads_no_case_content(as_person: Callable[..., Person], waiting_case: str) -> None:
    platform = as_person("platform")
    platform.enter("platform", "/admin/cases")
    platform.sees("子女投靠父母户口迁移")
    platform.sees_not("岑")
    platform.finds_page_clean("admin-platform-cases")
    platform.go("/admin/contacts")
    platform.sees("您的角色不能查看本页")
    platform.finds_page_clean("admin-denied")
    assert waiting_case


def test_every_page_that_the_navigation_names_is_clean(as_person: Callable[..., Person], waiting_case: str) -> None:
    admin = as_person("platform")
    admin.enter("platform", "/admin/")
    links = admin.page.locator(".lb-work-side a")
    expect(links.first).to_be_visible()
    pages = [urlsplit(link.get_attribute("href") or "").path for link in links.all()]
    assert len(pages) > 15, pages
    for page in [*pages[1:], pages[0]]:
        admin.page.locator(f'.lb-work-side a[href="{page}"]').click()
        expect(admin.page).to_have_url(re.compile(rf"{re.escape(page)}$"))
        expect(admin.page.locator("h1")).to_be_focused()
        name = page.rstrip("/").rpartition("/")[2]
        admin.finds_page_clean(f"tour-{name}")
        with admin.abroad_on_a_phone():
            admin.finds_page_clean(f"tour-english-{name}")
    assert waiting_case
