"""The shipped models and forms: they parse without error, are drawn completely, and speak two languages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from bootstrap.expressions import EngineExpressions
from domain.deadlines import policies
from domain.definitions.codes import FLAGS, PARTNER_STATES, codes
from engine.contract import Severity
from engine.facade import Engine
from forms.definitions import list_fields, load
from forms.kernel import Kernel

WORKFLOWS = Path(__file__).parents[2] / "workflows"
MODELS = sorted(WORKFLOWS.glob("*/*.bpmn"))
FORMS = sorted(WORKFLOWS.glob("*/forms/*.form"))
NS = {
    "bpmn": "http://www.omg.org/spec/BPMN/20100524/MODEL",
    "di": "http://www.omg.org/spec/BPMN/20100524/DI",
    "dd": "http://www.omg.org/spec/DD/20100524/DI",
    "dc": "http://www.omg.org/spec/DD/20100524/DC",
    "lianban": "https://lianban.org/schema/bpmn/1.0",
}
NODES = ("Task", "Event", "Gateway")
Box = tuple[float, float, float, float]


@pytest.fixture(scope="module")
def engine(kernel: Kernel) -> Engine:
    return Engine(EngineExpressions(kernel), source=lambda _: b"")


def _root(path: Path) -> Any:
    return etree.fromstring(path.read_bytes())


def _nodes(root: Any) -> Iterator[Any]:
    for process in root.findall("bpmn:process", NS):
        for element in process:
            if etree.QName(element).localname.endswith(NODES):
                yield element


def _shapes(root: Any) -> dict[str, Box]:
    found = {}
    for shape in root.iter(f"{{{NS['di']}}}BPMNShape"):
        bounds = shape.find("dc:Bounds", NS)
        found[shape.get("bpmnElement")] = tuple(float(bounds.get(name)) for name in ("x", "y", "width", "height"))
    return found


def _edges(root: Any) -> dict[str, list[tuple[float, float]]]:
    return {
        edge.get("bpmnElement"): [(float(p.get("x")), float(p.get("y"))) for p in edge.findall("dd:waypoint", NS)]
        for edge in root.iter(f"{{{NS['di']}}}BPMNEdge")
    }


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_a_model_has_no_finding(engine: Engine, path: Path) -> None:
    parsed = engine.parse(path.read_bytes())
    assert [finding for finding in parsed.findings if finding.severity is Severity.ERROR] == []
    assert {participant.role for participant in parsed.model.participants} == {"main", "partner"}


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_everything_a_model_names_is_shipped(engine: Engine, path: Path) -> None:
    model = engine.parse(path.read_bytes()).model
    shipped = {json.loads(form.read_text(encoding="utf-8"))["id"] for form in path.parent.glob("forms/*.form")}
    assert set(model.form_ids) <= shipped
    assert shipped - set(model.form_ids) == {f"{path.stem}.apply"}
    assert set(model.policies) <= set(policies.shipped())
    tables = codes()
    for element in model.elements.values():
        if element.type == "userTask":
            assert element.role, element.id
            assert element.actions, element.id
            assert all(action.name and action.name_en for action in element.actions)
        if element.plain_text:
            assert element.plain_text_en, element.id
        for effect in element.effects:
            code = effect.attributes.get("code", "")
            known = {
                "status": set(tables.statuses) | set(PARTNER_STATES),
                "document": set(tables.documents),
                "result": set(tables.results),
                "flag": set(FLAGS),
            }.get(effect.kind)
            assert known is None or code in known, (element.id, effect)


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_every_end_of_a_main_pool_says_how_the_case_ended(path: Path) -> None:
    root = _root(path)
    for end in root.iter(f"{{{NS['bpmn']}}}endEvent"):
        if end.find("bpmn:terminateEventDefinition", NS) is not None:
            assert end.find("bpmn:extensionElements/lianban:result", NS) is not None, end.get("id")


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_everything_is_drawn(path: Path) -> None:
    root = _root(path)
    drawn = set(_shapes(root)) | set(_edges(root))
    wanted = {element.get("id") for element in _nodes(root)}
    for name in ("participant", "lane", "sequenceFlow", "messageFlow", "textAnnotation"):
        wanted |= {element.get("id") for element in root.iter(f"{{{NS['bpmn']}}}{name}")}
    assert wanted == drawn


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_nothing_overlaps_and_every_node_is_in_its_lane(path: Path) -> None:
    root = _root(path)
    shapes = _shapes(root)
    hosts = {element.get("id") for element in _nodes(root) if element.get("attachedToRef")}
    nodes = [element.get("id") for element in _nodes(root)]
    free = [node for node in nodes if node not in hosts]
    for first, second in combinations(free, 2):
        assert not _overlap(shapes[first], shapes[second]), (first, second)
    for lane in root.iter(f"{{{NS['bpmn']}}}lane"):
        box = shapes[lane.get("id")]
        for ref in lane.findall("bpmn:flowNodeRef", NS):
            x, y, width, height = shapes[ref.text]
            assert box[0] <= x, ref.text
            assert x + width <= box[0] + box[2], ref.text
            assert box[1] <= y, ref.text
            assert y + height <= box[1] + box[3], ref.text
    refs = [ref.text for ref in root.iter(f"{{{NS['bpmn']}}}flowNodeRef")]
    assert sorted(refs) == sorted(nodes)


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_lines_are_square_and_cross_no_node(path: Path) -> None:
    root = _root(path)
    shapes, edges = _shapes(root), _edges(root)
    ends: dict[str, set[str]] = {}
    hosts = {
        element.get("id"): element.get("attachedToRef") for element in _nodes(root) if element.get("attachedToRef")
    }
    for name in ("sequenceFlow", "messageFlow"):
        for flow in root.iter(f"{{{NS['bpmn']}}}{name}"):
            touched = {flow.get("sourceRef"), flow.get("targetRef")}
            ends[flow.get("id")] = touched | {hosts[node] for node in touched if node in hosts}
    boxes = {element.get("id"): shapes[element.get("id")] for element in _nodes(root)}
    for flow_id, points in edges.items():
        for (x1, y1), (x2, y2) in pairwise(points):
            assert x1 == x2 or y1 == y2, (flow_id, (x1, y1), (x2, y2))
            for node, box in boxes.items():
                if node not in ends[flow_id]:
                    line = (min(x1, x2), min(y1, y2), abs(x1 - x2), abs(y1 - y2))
                    assert not _overlap(box, line), (flow_id, node)


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_a_round_trip_through_xml_changes_nothing(path: Path) -> None:
    root = _root(path)
    again = etree.fromstring(etree.tostring(root))
    assert etree.tostring(again, method="c14n") == etree.tostring(root, method="c14n")


@pytest.mark.parametrize("path", FORMS, ids=lambda path: f"{path.parts[-3]}.{path.stem}")
def test_a_form_is_sound_and_speaks_two_languages(kernel: Kernel, path: Path) -> None:
    form = load(kernel, path.read_bytes())
    assert form.form_id == f"{path.parts[-3]}.{path.stem}"
    assert form.schema["title"]
    assert form.schema["titleEn"]
    for found in list_fields(form.schema):
        component = found.component
        if component["type"] == "text":
            assert component["text"]
            assert found.own("textEn"), component["id"]
            continue
        assert component.get("label"), component["id"]
        assert found.own("labelEn"), component["id"]
        for option in component.get("values") or ():
            assert option["label"], (component["id"], option)
            assert option["labelEn"], (component["id"], option)
        for name, value in (component.get("properties") or {}).items():
            if name.startswith("lianban:assertText") and not name.startswith("lianban:assertTextEn"):
                english = name.replace("assertText", "assertTextEn")
                assert component["properties"].get(english), (component["id"], value)


@pytest.mark.parametrize("folder", sorted({path.parent for path in MODELS}), ids=lambda path: path.name)
def test_item_json_names_what_is_there(folder: Path) -> None:
    item = json.loads((folder / "item.json").read_text(encoding="utf-8"))
    assert item["key"] == folder.name
    assert (folder / item["bpmn"]).is_file()
    assert (folder / item["forms"] / f"{item['applyForm'].partition('.')[2]}.form").is_file()


def _overlap(first: Box, second: Box) -> bool:
    return (
        first[0] < second[0] + second[2]
        and second[0] < first[0] + first[2]
        and first[1] < second[1] + second[3]
        and second[1] < first[1] + first[3]
    )
