"""A designer brings a model of another engine: the report is read and filtered, the draft opens on a drawn diagram."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.person import Person

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(1200)]

MODEL = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" targetNamespace="t">
  <process id="leave" isExecutable="true">
    <startEvent id="start"/>
    <sequenceFlow sourceRef="start" targetRef="ask"/>
    <userTask id="ask" name="请假申请" camunda:candidateGroups="staff" camunda:asyncBefore="true"/>
    <sequenceFlow id="toCheck" sourceRef="ask" targetRef="check"/>
    <exclusiveGateway id="check" default="toEnd"/>
    <sequenceFlow id="toBoss" sourceRef="check" targetRef="boss"><conditionExpression>${days &gt;= 3}</conditionExpression></sequenceFlow>
    <userTask id="boss" name="领导审批"/>
    <sequenceFlow id="toEnd" sourceRef="check" targetRef="end"/>
    <endEvent id="end"/>
  </process>
</definitions>"""


def test_a_vendor_model_is_imported(as_person: Callable[..., Person]) -> None:
    designer = as_person("designer")
    designer.enter("designer", "/designer/")
    designer.sees("子女投靠父母户口迁移")
    designer.press("导入 BPMN 文件")
    dialog = designer.page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="保存为草稿并打开")).to_be_disabled()
    dialog.locator('input[type="file"]').set_input_files(
        {"name": "Leave Request.bpmn20.xml", "mimeType": "application/xml", "buffer": MODEL.encode()}
    )
    expect(dialog).to_contain_text("来源：Camunda 7")
    expect(dialog).to_contain_text("已自动排版")
    dialog.get_by_text("已转换", exact=False).first.click()
    expect(dialog).to_contain_text("=days >= 3")
    expect(dialog).not_to_contain_text("已自动排版")
    designer.finds_page_clean("designer-import")
    expect(dialog.get_by_label("标识")).to_have_value("leave-request")
    dialog.get_by_role("button", name="保存为草稿并打开").click()
    expect(designer.page.locator('[data-element-id="boss"]').first).to_be_visible()
    expect(designer.page.locator('[data-element-id="Flow_start_ask"]').first).to_be_visible()
    designer.finds_page_clean("designer-imported")


def test_a_file_that_is_no_model_is_refused_with_a_reason(as_person: Callable[..., Person]) -> None:
    designer = as_person("designer")
    designer.enter("designer", "/designer/")
    designer.press("导入 BPMN 文件")
    dialog = designer.page.get_by_role("dialog")
    dialog.locator('input[type="file"]').set_input_files(
        {"name": "leave.bpmn", "mimeType": "application/xml", "buffer": b"<a/>"}
    )
    expect(dialog).to_contain_text("流程模型不能部署")
    expect(dialog.get_by_role("button", name="保存为草稿并打开")).to_be_disabled()
