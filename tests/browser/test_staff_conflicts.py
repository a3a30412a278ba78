"""Two windows on one task: the second completion is told, and what was typed there stays."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from bootstrap.demo.households import CHILDREN
from bootstrap.demo.people import APPLICANTS
from bootstrap.script import ITEM, application
from domain.actors import SYSTEM
from domain.applications import service as applications
from domain.identity import service as identity
from domain.items import queries as items
from domain.materials import service as materials
from domain.materials.requirements import list_requirements
from tests.browser.conftest import Deployment
from tests.browser.person import Person

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser"), pytest.mark.timeout(300)]

PAPER = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def open_case(deployment: Deployment) -> None:
    """The parent applies for her second child."""
    parent, child = APPLICANTS[0], CHILDREN[1]
    data = application(parent, child)
    with deployment.platform.transaction(SYSTEM) as ctx:
        user = identity.find_user(ctx, parent.login)
        assert user is not None
        actor = identity.actor_for(ctx.session, user)
    with deployment.platform.transaction(actor) as ctx:
        needed = list_requirements(ctx, items.get_item(ctx.session, ITEM), data)
        papers = [
            {"code": entry.code, "fileId": materials.store_file(ctx, f"{entry.code}.pdf", PAPER).id}
            for entry in needed
            if entry.required and entry.source == "UPLOAD"
        ]
        applications.submit(ctx, ITEM, data, papers)
    deployment.settle()


def test_a_second_completion_is_told_and_the_input_stays(
    deployment: Deployment, as_person: Callable[..., Person]
) -> None:
    open_case(deployment)
    first, second = as_person("first window"), as_person("second window")
    for window in (first, second):
        window.go("/staff/")
        window.log_in("yanshan.clerk2")
        window.sees("网上预审")
    first.page.get_by_role("link", name="网上预审").first.click()
    first.press("签收并办理")
    first.page.locator(".s-actions").wait_for()
    second.go(first.page.url.removeprefix(deployment.url))
    second.page.locator(".s-actions").wait_for()
    for window in (first, second):
        window.choose_all("points")
        window.write("opinion", "材料齐全，预审通过。")
    first.press("预审通过")
    first.sees("已提交：预审通过")
    second.press("预审通过")
    second.sees("任务状态已变化")
    expect(second.field("opinion")).to_have_value("材料齐全，预审通过。")
    second.follow("查看办件")
    second.sees("办件概要")
