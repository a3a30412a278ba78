"""Activities: quantities, loops, services, calls, ad-hoc and compensation (BPMN 2.0.2 clause 10.3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from engine.source.names import ACTIVITIES, bpmn, local, zeebe
from engine.source.reader import extension
from engine.source.standard.data import item_of, same_item

if TYPE_CHECKING:
    from lxml.etree import _Element

    from engine.source.standard.index import Standard

CHOREOGRAPHY = ("choreographyTask", "subChoreography", "callChoreography")


def check(standard: Standard) -> None:
    """All rules of this module."""
    for kind in sorted(ACTIVITIES):
        for activity in standard.each(kind):
            _quantities(standard, activity)
            if activity.get("isForCompensation") == "true" and (standard.into[activity] or standard.out[activity]):
                standard.fault("compensationFlow", activity)
    for process in standard.each("process"):
        if process.get("processType") == "Public" and process.get("isExecutable") == "true":
            standard.lax("publicExecutable", process)
    for kind, rule in RULES.items():
        for element in standard.each(kind):
            rule(standard, element)


def _sub_process(standard: Standard, activity: _Element) -> None:
    """A sub-process has no input output specification of its own (10.4.2)."""
    if activity.find(bpmn("ioSpecification")) is not None:
        standard.lax("subProcessData", activity)


def _quantities(standard: Standard, activity: _Element) -> None:
    """The startQuantity and completionQuantity are one or more (table 10.3)."""
    for name in ("startQuantity", "completionQuantity"):
        value = (activity.get(name) or "1").strip()
        if value.lstrip("+-").isdecimal() and int(value[:20]) < 1:
            standard.fault("quantity", activity, name=name, value=value[:20])


def _ad_hoc(standard: Standard, activity: _Element) -> None:
    """It holds activities, and neither start nor end events nor choreographies (10.3.5)."""
    _sub_process(standard, activity)
    kinds = [local(child.tag) for child in activity]
    if not ACTIVITIES.intersection(kinds):
        standard.fault("adHocEmpty", activity)
    for child in activity:
        if local(child.tag) in {"startEvent", "endEvent", *CHOREOGRAPHY}:
            standard.fault("adHocContent", child, kind=local(child.tag))


def _multi_instance(standard: Standard, loop: _Element) -> None:
    """An executable one has a cardinality or an input; tasks loop over their own data input; items are its scalars."""
    activity = loop.getparent()
    if activity is None or not standard.executable(loop):
        return
    into, out = loop.find(bpmn("loopDataInputRef")), loop.find(bpmn("loopDataOutputRef"))
    extended = extension(loop, zeebe("loopCharacteristics")) is not None
    if into is None and loop.find(bpmn("loopCardinality")) is None and not extended:
        standard.plain("loopWithoutInput", activity)
    task = local(activity.tag) not in {"subProcess", "transaction", "adHocSubProcess"}
    named = None if into is None else standard.find(into.text, into)
    if into is not None and task and named is not None:
        inside = named.getparent()
        if local(named.tag) != "dataInput" or inside is None or inside.getparent() is not activity:
            standard.lax("loopInputForeign", activity)
    for ref, item in ((into, loop.find(bpmn("inputDataItem"))), (out, loop.find(bpmn("outputDataItem")))):
        collection = None if ref is None else standard.find(ref.text, ref)
        if collection is None or item is None:
            continue
        whole, one = item_of(standard, collection), item_of(standard, item)
        several = item.get("isCollection") == "true" or (one is not None and one.get("isCollection") == "true")
        other = whole is not None and one is not None and not same_item(whole, one)
        if several or other:
            standard.lax("loopItemKind", activity, name=item.get("name") or item.get("id") or local(item.tag))


def _sets(task: _Element, name: str) -> list[_Element]:
    specification = task.find(bpmn("ioSpecification"))
    return [] if specification is None else specification.findall(bpmn(name))


def _service(standard: Standard, task: _Element) -> None:
    """A service task's data are those of its operation's messages (10.3.3, table 10.8)."""
    operation = standard.find(task.get("operationRef"), task)
    if operation is None or local(operation.tag) != "operation":
        return
    if len(_sets(task, "inputSet")) != 1:
        standard.plain("serviceInputSets", task)
    if len(_sets(task, "outputSet")) > 1:
        standard.plain("serviceOutputSets", task)
    for side, ref in (("dataInput", "inMessageRef"), ("dataOutput", "outMessageRef")):
        message = standard.find(_text(operation, ref), operation)
        data = _sets(task, side)
        if message is None or (side == "dataInput" and not data):
            continue
        item = item_of(standard, message)
        fits = any(same_item(item, item_of(standard, each)) for each in data)
        if item is not None and not fits:
            standard.plain("serviceItems", task, what=side)


def _text(element: _Element, name: str) -> str | None:
    child = element.find(bpmn(name))
    return None if child is None else child.text


def _message_task(standard: Standard, task: _Element, side: str, sets: str) -> None:
    """The data of a send or receive task is the item of its message (10.3.3, tables 10.10 and 10.11)."""
    data = _sets(task, side)
    message = standard.find(task.get("messageRef"), task)
    if message is not None and (len(_sets(task, sets)) > 1 or len(data) > 1):
        standard.plain("messageDataSets", task, what=side)
    for each in data:
        item = item_of(standard, each)
        if item is None or message is None or not same_item(item, item_of(standard, message)):
            standard.plain("messageItems", task, what=side)


def _send(standard: Standard, task: _Element) -> None:
    _message_task(standard, task, "dataInput", "inputSet")


def _receive(standard: Standard, task: _Element) -> None:
    if task.get("instantiate") == "true" and standard.into[task]:
        standard.fault("instantiateWithIncoming", task)
    _message_task(standard, task, "dataOutput", "outputSet")


RULES: dict[str, Callable[[Standard, _Element], None]] = {
    "subProcess": _sub_process,
    "transaction": _sub_process,
    "adHocSubProcess": _ad_hoc,
    "multiInstanceLoopCharacteristics": _multi_instance,
    "serviceTask": _service,
    "sendTask": _send,
    "receiveTask": _receive,
}
"""What is looked at on each kind of element."""
