from pathlib import Path

import pytest
from lxml import html

from bootstrap.scenarios.pictures import write_pages
from bootstrap.scenarios.running import run
from bootstrap.settings import ROOT, Settings
from engine.drawing import drawing
from engine.errors import DefinitionRefused
from engine.limits import Limits

MODEL = """<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"
 xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI" id="defs" targetNamespace="t">
 <bpmn:process id="p" name="分" isExecutable="true"><bpmn:startEvent id="start"/><bpmn:exclusiveGateway id="which" default="f_no"/>
  <bpmn:endEvent id="yes" name="&lt;b&gt;是"/><bpmn:endEvent id="no"/>
  <bpmn:sequenceFlow id="f_1" sourceRef="start" targetRef="which"/>
  <bpmn:sequenceFlow id="f_yes" sourceRef="which" targetRef="yes"><bpmn:conditionExpression>=ok</bpmn:conditionExpression></bpmn:sequenceFlow>
  <bpmn:sequenceFlow id="f_no" sourceRef="which" targetRef="no"/></bpmn:process>
 <bpmndi:BPMNDiagram id="d"><bpmndi:BPMNPlane id="pl" bpmnElement="p">
  <bpmndi:BPMNShape id="s1" bpmnElement="start"><dc:Bounds x="10" y="10" width="36" height="36"/></bpmndi:BPMNShape>
  <bpmndi:BPMNShape id="s2" bpmnElement="which"><dc:Bounds x="80" y="5" width="50" height="50"/></bpmndi:BPMNShape>
  <bpmndi:BPMNShape id="s3" bpmnElement="yes"><dc:Bounds x="200" y="10" width="36" height="36"/></bpmndi:BPMNShape>
  <bpmndi:BPMNShape id="s4" bpmnElement="no"><dc:Bounds x="200" y="90" width="36" height="36"/></bpmndi:BPMNShape>
  <bpmndi:BPMNEdge id="e1" bpmnElement="f_1"><di:waypoint x="46" y="28"/><di:waypoint x="80" y="28"/></bpmndi:BPMNEdge>
  <bpmndi:BPMNEdge id="e2" bpmnElement="f_no"><di:waypoint x="105" y="55"/><di:waypoint x="200" y="108"/></bpmndi:BPMNEdge>
 </bpmndi:BPMNPlane></bpmndi:BPMNDiagram></bpmn:definitions>"""
SCENARIO = "process: p\nscenario: 走 <b>是</b>\nsteps:\n  - start: {variables: {ok: true}}\n    expect: {ended: true}\n"


def test_the_picture_shows_what_was_reached_and_what_was_not(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "p.bpmn").write_text(MODEL, encoding="utf-8")
    (tmp_path / "p.scenario.yaml").write_text(SCENARIO, encoding="utf-8")
    [written] = write_pages(run(settings, [tmp_path]), tmp_path / "html")
    tree = html.fromstring(written.read_text(encoding="utf-8"))
    marks = {part.get("data-id"): part.get("class").split()[-1] for part in tree.xpath("//*[@data-id]")}
    assert marks == {
        "start": "reached",
        "which": "reached",
        "yes": "reached",
        "no": "missing",
        "f_1": "reached",
        "f_no": "missing",
    }
    assert tree.xpath("//select/option/text()") == ["全部 all", "走 <b>是</b>"]
    assert tree.xpath("//b") == []
    assert tree.xpath("//li/text()") == ["no"]


def test_the_shipped_models_are_drawn_whole() -> None:
    for file in (ROOT / "workflows").rglob("*.bpmn"):
        picture = drawing(file.read_bytes(), Limits())
        assert {"participant", "lane", "userTask", "exclusiveGateway"} <= {shape.type for shape in picture.shapes}
        assert all(shape.width > 0 and shape.height > 0 for shape in picture.shapes)
        assert all(len(line.points) > 1 for line in picture.lines)


def test_what_is_no_model_has_no_picture() -> None:
    with pytest.raises(DefinitionRefused):
        drawing(b"<!DOCTYPE x><x/>", Limits())
