"""Two windows on one task, two duties of one person: what is refused is told with its reason, and nothing typed is lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from bootstrap.demo.households import CHILDREN, DemoChild
from bootstrap.demo.people import APPLICANTS
from bootstrap.script import ITEM, SCRIPT, application
from domain.actors import SYSTEM, Actor, Role
from domain.applications import service as applications
from domain.cases.models import Task
from domain.identity import service as identity
from domain.items import queries as items
from domain.materials import service as materials
from domain.materials.requirements import list_requirements
from domain.sites import service as sites
from domain.tasks import service as tasks
from tests.browser.conftest import Deployment
from tests.browser.person import Person

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(1200)]

PAPER = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def actor_of(deployment: Deployment, login: str) -> Actor:
    with deployment.platform.transaction(SYSTEM) as ctx:
        user = identity.find_user(ctx, login)
        assert user is not None
        return identity.actor_for(ctx.session, user)


def open_task(deployment: Deployment, element: str) -> Task:
    query = select(Task).where(Task.element_id == element, Task.state == "open").order_by(Task.opened_at.desc())
    with deployment.platform.transaction(SYSTEM) as ctx:
        return ctx.session.scalars(query.limit(1)).one()


def complete(deployment: Deployment, login: str, element: str, action: str) -> None:
    """A person does a step as the story of the demo does it."""
    task = open_task(deployment, element)
    act = next(act for act in SCRIPT if act.element == element and act.action == action)
    with deployment.platform.transaction(actor_of(deployment, login)) as ctx:
        tasks.complete(ctx, task.id, act.data(task.context or {}, ctx.clock.now()), action)
    deployment.settle()


def open_case(deployment: Deployment, child: DemoChild = CHILDREN[1]) -> None:
    """The parent applies for a child of hers."""
    parent = APPLICANTS[0]
    data = application(parent, child)
    with deployment.platform.transaction(actor_of(deployment, parent.login)) as ctx:
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
        window.enter("yanshan.clerk2", "/staff/")
        window.sees("网上预审")
    first.page.get_by_role("link", name="网上预审").first.click()
    first.press("签领并办理")
    first.page.locator(".s-actions").wait_for()
    # The pressed button is gone: the focus stays in the page instead of falling to its top.
    expect(first.page.locator("main :focus")).to_have_count(1)
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


def test_who_investigated_may_not_approve_and_reads_why(
    deployment: Deployment, as_person: Callable[..., Person]
) -> None:
    both = "yanshan.handler2"
    open_case(deployment, CHILDREN[3])
    complete(deployment, "yanshan.clerk2", "precheck", "PASS")
    complete(deployment, "yanshan.clerk2", "acceptance", "ACCEPT")
    complete(deployment, both, "investigation", "PROPOSE_GRANT")
    with deployment.platform.transaction(SYSTEM) as ctx:
        user = identity.find_user(ctx, both)
        assert user is not None
        identity.grant(ctx, user, Role.APPROVER, sites.get_site(ctx, "532622-police"))
        name = user.name
    officer = as_person(both)
    officer.enter(both, f"/staff/tasks/{open_task(deployment, 'approval').id}")
    officer.sees("您不能办理本任务")
    officer.sees(f"“调查核实”由{name}办理")
    expect(officer.page.get_by_role("button", name="准予迁入")).to_have_count(0)
    officer.finds_page_clean("staff-task-separation")
