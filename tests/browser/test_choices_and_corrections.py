"""Staff start steps of an ad-hoc sub-process on the case page; the site's administrator corrects what made a step fail."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from domain.actors import SYSTEM
from domain.cases import ad_hoc, runtime
from domain.cases.models import IncidentRow, Leg, Task
from domain.definitions import service as definitions
from domain.identity import service as identity
from domain.items.models import Item
from domain.tasks import service as tasks
from tests.browser.conftest import Deployment
from tests.browser.person import Person
from tests.support.models import chain, collaboration, flow, node, outputs, pool, user
from tests.support.world import FORM

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(1200)]

SITE = "532622-police"
ITEM = "test-survey"


def named(xml: str, **names: str) -> str:
    for id, name in names.items():
        xml = xml.replace(f'id="{id}" name="{id}"', f'id="{id}" name="{name}"')
    return xml


def model() -> bytes:
    """An ad-hoc survey with steps for handlers and for the approver; then a gateway that chooses by the fee."""
    steps = user("call", role="HANDLER") + user("visit", role="HANDLER") + user("confer", role="APPROVER")
    over = "<bpmn:completionCondition>=fee != null</bpmn:completionCondition>"
    body = (
        node("startEvent", "start")
        + node("adHocSubProcess", "survey", steps + over)
        + node("exclusiveGateway", "byFee")
        + user("small", role="HANDLER")
        + user("large", role="HANDLER")
        + node("endEvent", "done", ext='<lianban:result code="0"/>')
        + chain("start", "survey", "byFee")
        + flow("byFee", "small", "fee &lt; 100")
        + flow("byFee", "large", "fee &gt;= 100")
        + chain("small", "done")
        + chain("large", "done")
    )
    body = body.replace('candidateGroups="HANDLER"/>', 'candidateGroups="HANDLER"/>' + outputs(fee="note"))
    shown = named(body, survey="核查", call="电话核实", visit="上门走访", confer="集体研究", byFee="按金额分流")
    return collaboration({"main": (pool("P_main", "main", "main", SITE), shown)})


@pytest.fixture(scope="module")
def published(deployment: Deployment) -> None:
    """The survey as an item of its own, in this worker's deployment."""
    with deployment.platform.transaction(SYSTEM) as ctx:
        definitions.publish_form(ctx, "test-form", FORM)
        ctx.session.add(
            Item(
                code=ITEM,
                no=98,
                name="入户核查",
                name_en="Survey",
                mode="joint",
                sector="police",
                definition_key=ITEM,
                sheet={},
            )
        )
        definitions.deploy(ctx, ITEM, model())


@pytest.fixture
def case_no(deployment: Deployment, published: None) -> str:  # noqa: ARG001 -- the item must be there
    """A case of the test's own: whichever tests run beside it, on this worker or another."""
    with deployment.platform.transaction(SYSTEM) as ctx:
        application = {"applicantName": "测试人", "mobile": "13800000000", "household": {"no": "000123", "size": 3}}
        return runtime.open_case(ctx, runtime.NewCase(ITEM, application, None, "测*")).case_no


@pytest.fixture
def failed_case(deployment: Deployment, case_no: str) -> str:
    """The handler has called and typed the fee in words: the gateway cannot compare it."""
    platform = deployment.platform
    with platform.transaction(SYSTEM) as ctx:
        handler = identity.find_user(ctx, "yanshan.handler")
        assert handler is not None
        actor = identity.actor_for(ctx.session, handler)
        leg = ctx.session.scalars(select(Leg).where(Leg.case_no == case_no)).one()
        (survey,) = ctx.engine.inspect(str(leg.definition_id), leg.state).ad_hocs
    with platform.transaction(actor) as ctx:
        ad_hoc.activate(ctx, leg.id, survey.id, ["call"])
    with platform.transaction(actor) as ctx:
        task_id = ctx.session.scalars(select(Task.id).where(Task.leg_id == leg.id, Task.element_id == "call")).one()
        tasks.complete(ctx, task_id, {"note": "一百二十元"})
    return case_no


def test_a_handler_starts_a_step_of_the_survey(
    deployment: Deployment, as_person: Callable[..., Person], case_no: str
) -> None:
    for mobile in (False, True):
        handler = as_person("handler", mobile=mobile)
        handler.enter("yanshan.handler", f"/staff/cases/{case_no}")
        handler.sees("可启动的环节")
        handler.sees_not("集体研究")
        if not mobile:
            handler.finds_page_clean("case-offered")
        handler.press("启动：电话核实")
        handler.sees("已启动：电话核实")
        handler.sees("进行中")
        wider = handler.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider <= 0
        if not mobile:
            handler.finds_page_clean("case-started")
    handler.go(f"/staff/cases/{case_no}?tab=timeline")
    handler.sees("启动环节：电话核实")
    with deployment.platform.transaction(SYSTEM) as ctx:
        mine = select(Task.element_id).join(Leg, Leg.id == Task.leg_id).where(Leg.case_no == case_no)
        opened = ctx.session.scalars(mine.where(Task.state == "open", Task.name == "电话核实")).all()
    assert opened == ["call", "call"]


def test_a_failure_can_be_corrected_on_a_phone(as_person: Callable[..., Person], failed_case: str) -> None:
    phone = as_person("administrator on a phone", mobile=True)
    phone.enter("yanshan.admin", "/admin/incidents")
    phone.sees(failed_case)
    phone.page.get_by_role("row").filter(has_text=failed_case).get_by_role("button", name="更正数据并重试").click()
    phone.page.get_by_role("dialog").get_by_text("fee", exact=True).wait_for()
    phone.page.get_by_role("dialog").get_by_role("button", name="更正", exact=True).first.click()
    phone.finds_page_clean("correction")


def test_the_administrator_corrects_the_fee_and_the_case_goes_on(
    deployment: Deployment, as_person: Callable[..., Person], failed_case: str
) -> None:
    admin = as_person("administrator")
    admin.enter("yanshan.admin", "/admin/incidents")
    admin.sees(failed_case)
    admin.finds_page_clean("incidents")
    row = admin.page.get_by_role("row").filter(has_text=failed_case)
    row.get_by_role("button", name="更正数据并重试").click()
    dialog = admin.page.get_by_role("dialog")
    expect(dialog).to_contain_text("一****")
    admin.sees_not("一百二十元", "测试人")
    dialog.get_by_role("button", name="更正", exact=True).first.click()
    dialog.get_by_label("fee 的新值").fill("很多")
    dialog.get_by_label("fee 的类型").click()
    admin.page.get_by_title("数字", exact=True).click()
    dialog.get_by_role("button", name="更正并重试").click()
    expect(dialog).to_contain_text("请填写数字")
    expect(dialog).to_contain_text("请填写更正理由")
    admin.finds_page_clean("correction-refused")
    dialog.get_by_label("fee 的新值").fill("120")
    dialog.get_by_label("更正理由（必填）").fill("金额录入成了文字")
    admin.finds_page_clean("correction-filled")
    dialog.get_by_role("button", name="更正并重试").click()
    admin.is_told("已更正并重试")
    with deployment.platform.transaction(SYSTEM) as ctx:
        leg_id = ctx.session.scalars(select(Leg.id).where(Leg.case_no == failed_case)).one()
        mine = select(IncidentRow).where(IncidentRow.leg_id == leg_id, IncidentRow.resolved_at.is_(None))
        assert ctx.session.scalars(mine).all() == []
        opened = select(Task.element_id).where(Task.leg_id == leg_id, Task.state == "open")
        assert ctx.session.scalars(opened).all() == ["large"]
