"""Reads how an activity is repeated: standard loops and multi-instance characteristics (BPMN 2.0.2 §10.3.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.source.names import bpmn, local, zeebe
from engine.source.nodes import Loop, MultiInstance
from engine.source.parts import extension, feel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

    from engine.source.nodes import Trigger
    from engine.source.reader import Declarations


def read_loop(element: _Element) -> Loop | None:
    """The standard loop of an activity."""
    loop = element.find(bpmn("standardLoopCharacteristics"))
    if loop is None:
        return None
    maximum = (loop.get("loopMaximum") or "").strip()
    return Loop(
        condition=feel(loop.findtext(bpmn("loopCondition"))) or "",
        maximum=int(maximum) if maximum.isdecimal() else None,
        test_before=loop.get("testBefore", "").strip() == "true",
    )


def read_multi(element: _Element, declared: Declarations) -> MultiInstance | None:
    """The multi-instance characteristics of an activity; zeebe's attributes go before BPMN's references."""
    loop = element.find(bpmn("multiInstanceLoopCharacteristics"))
    if loop is None:
        return None
    zb = extension(loop, zeebe("loopCharacteristics"))
    told = {} if zb is None else {str(k): str(v).strip() for k, v in zb.attrib.items()}
    item, out_item = _item(loop, "inputDataItem"), _item(loop, "outputDataItem")
    collection, output = _data(element, loop, "Input", declared), _data(element, loop, "Output", declared)
    cardinality = (loop.findtext(bpmn("loopCardinality")) or "").strip()
    return MultiInstance(
        sequential=loop.get("isSequential") == "true",
        collection=feel(told.get("inputCollection")) or feel(collection) or "",
        element=told.get("inputElement") or item,
        output_collection=told.get("outputCollection") or output,
        output_element=feel(told.get("outputElement")) or feel(out_item) or "",
        condition=feel(loop.findtext(bpmn("completionCondition"))) or "",
        cardinality=cardinality if cardinality.isdecimal() else feel(cardinality) or "",
        behavior=loop.get("behavior") or "All",
        throws=tuple(_throws(loop, declared)),
    )


def _item(loop: _Element, tag: str) -> str:
    """The variable of an ``inputDataItem`` or ``outputDataItem``: its name, else its id."""
    item = loop.find(bpmn(tag))
    return "" if item is None else (item.get("name") or item.get("id") or "").strip()


def _data(element: _Element, loop: _Element, side: str, declared: Declarations) -> str:
    """The variable that ``loopDataInputRef`` (or output) means: through the activity's data association when it goes through one."""
    ref = (loop.findtext(bpmn(f"loopData{side}Ref")) or "").strip()
    if not ref:
        return ""
    near, far = ("targetRef", "sourceRef") if side == "Input" else ("sourceRef", "targetRef")
    for association in element.iterchildren(bpmn(f"data{side}Association")):
        if ref in {(e.text or "").strip() for e in association.iterchildren(bpmn(near))}:
            ref = (association.findtext(bpmn(far)) or "").strip()
            break
    return declared.data.name(ref) or ref


def _throws(loop: _Element, declared: Declarations) -> Iterator[tuple[str, Trigger]]:
    behavior = loop.get("behavior")
    if behavior in {"None", "One"}:
        ref = loop.get(f"{behavior.lower()}BehaviorEventRef")
        found = declared.definitions.get((ref or "").strip())
        if found is not None:
            yield "each" if behavior == "None" else "first", declared.trigger(found)
    elif behavior == "Complex":
        for definition in loop.iterchildren(bpmn("complexBehaviorDefinition")):
            condition = feel(definition.findtext(bpmn("condition"))) or ""
            for part in definition.iter():
                if local(part.tag).endswith("EventDefinition"):
                    yield condition, declared.trigger(part)
