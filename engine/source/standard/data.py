"""Data: items, associations, input and output sets (BPMN 2.0.2 clause 10.4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import product
from typing import TYPE_CHECKING

from engine.source.names import bpmn, local
from engine.source.standard.index import EVENTS, text_of

if TYPE_CHECKING:
    from lxml.etree import _Element

    from engine.source.standard.index import Standard

CALLABLE = ("process", "globalTask", "globalUserTask", "globalManualTask", "globalScriptTask", "globalBusinessRuleTask")
MOST_ENDS = 20
"""How many sources and targets of one association are compared."""
ITEM_REFS = {"message": "itemRef", "error": "structureRef", "escalation": "structureRef", "signal": "structureRef"}


def check(standard: Standard) -> None:
    """All rules of this module."""
    for element in standard.each("dataObject", "dataInput", "dataOutput"):
        _collection(standard, element)
    for element in standard.each("dataObjectReference"):
        _name(standard, element)
    for element in standard.each("ioSpecification"):
        _sets(standard, element)
    for element in standard.each("dataInputAssociation", "dataOutputAssociation"):
        _association(standard, element)
    for kind in sorted(EVENTS):
        for event in standard.each(kind):
            _event_data(standard, event)
    for kind in CALLABLE:
        for element in standard.each(kind):
            _binding(standard, element)
    for element in standard.each("callActivity"):
        _call(standard, element)


def item_of(standard: Standard, element: _Element) -> _Element | None:
    """The item definition of a message, error, data object, …; a reference has that of what it names."""
    name = ITEM_REFS.get(local(element.tag), "itemSubjectRef")
    if element.get(name):
        found = standard.find(element.get(name), element)
        return found if found is not None and local(found.tag) == "itemDefinition" else None
    for ref, kind in (("dataObjectRef", "dataObject"), ("dataStoreRef", "dataStore")):
        named = standard.find(element.get(ref), element) if element.get(ref) else None
        if named is not None and local(named.tag) == kind:
            return item_of(standard, named)
    return None


def same_item(one: _Element | None, other: _Element | None) -> bool:
    """Whether two item definitions are one, or have the same structure."""
    if one is None or other is None:
        return one is other
    return one is other or (
        one.get("structureRef") is not None and one.get("structureRef") == other.get("structureRef")
    )


def _collection(standard: Standard, element: _Element) -> None:
    """The flag isCollection agrees with the item definition (tables 10.52, 10.58, 10.59)."""
    item = item_of(standard, element)
    if item is not None and (element.get("isCollection") == "true") != (item.get("isCollection") == "true"):
        standard.lax("collectionDiffers", element)


def _name(standard: Standard, element: _Element) -> None:
    """A data object reference is named <data object> [<state>] (10.4.1)."""
    named = standard.find(element.get("dataObjectRef"), element)
    state = element.find(bpmn("dataState"))
    name = element.get("name")
    if named is None or state is None or not name or not named.get("name"):
        return
    wanted = f"{named.get('name')} [{state.get('name') or ''}]"
    if name != wanted:
        standard.plain("dataObjectName", element, name=name[:60], wanted=wanted[:120])


def _refs(holder: _Element, name: str) -> list[str]:
    return [text_of(child) for child in holder.findall(bpmn(name))]


def _sets(standard: Standard, specification: _Element) -> None:
    """Every data input and output is in a set; optional ones are in their set; sets name each other (10.4.2)."""
    inputs, outputs = specification.findall(bpmn("inputSet")), specification.findall(bpmn("outputSet"))
    for data, sets, ref in (("dataInput", inputs, "dataInputRefs"), ("dataOutput", outputs, "dataOutputRefs")):
        listed = {r for each in sets for r in _refs(each, ref)}
        for element in specification.findall(bpmn(data)):
            if element.get("id") not in listed:
                standard.lax("dataNotInSet", element, id=element.get("id") or "", what=data)
    named = {e.get("id"): {*_refs(e, "inputSetRefs"), *_refs(e, "outputSetRefs")} for e in (*inputs, *outputs)}
    for each in inputs:
        _subsets(standard, each, "dataInputRefs", ("optionalInputRefs", "whileExecutingInputRefs"))
        _paired(standard, each, "outputSetRefs", named)
    for each in outputs:
        _subsets(standard, each, "dataOutputRefs", ("optionalOutputRefs", "whileExecutingOutputRefs"))
        _paired(standard, each, "inputSetRefs", named)


def _subsets(standard: Standard, each: _Element, ref: str, subsets: tuple[str, ...]) -> None:
    for name in subsets:
        if not set(_refs(each, name)) <= set(_refs(each, ref)):
            standard.lax("subsetNotInSet", each, name=name)


def _paired(standard: Standard, each: _Element, ref: str, named: Mapping[str | None, set[str]]) -> None:
    """The sets that a set names (``ref``) name it too; ``named`` is what each set names."""
    if any(each.get("id") not in named.get(name, ()) for name in _refs(each, ref)):
        standard.lax("setsOneSided", each)


def _association(standard: Standard, element: _Element) -> None:
    """Data flows into inputs and out of outputs, between equal items or through a transformation (10.4.2)."""
    into = local(element.tag) == "dataInputAssociation"
    sources, targets = _named(standard, element, "sourceRef"), _named(standard, element, "targetRef")
    wrong = [t for t in targets if local(t.tag) == ("dataOutput" if into else "dataInput")]
    wrong += [s for s in sources if local(s.tag) == "dataOutput" and (into or _of_process(s))]
    if wrong:
        standard.fault("dataDirection", element)
    if element.find(bpmn("transformation")) is not None:
        return
    if len(sources) > 1:
        standard.fault("dataSourcesSeveral", element)
    elif not sources and element.find(bpmn("assignment")) is None:
        standard.plain("dataSourcesSeveral", element)
    for source, target in product(sources[:MOST_ENDS], targets[:MOST_ENDS]):
        one, other = item_of(standard, source), item_of(standard, target)
        if one is not None and other is not None and not same_item(one, other):
            standard.lax("dataItemsDiffer", element)


def _named(standard: Standard, element: _Element, ref: str) -> list[_Element]:
    found = [standard.find(child.text, child) for child in element.findall(bpmn(ref))]
    return [each for each in found if each is not None]


def _of_process(data: _Element) -> bool:
    specification = data.getparent()
    if specification is None or local(specification.tag) != "ioSpecification":
        return False
    holder = specification.getparent()
    return holder is not None and local(holder.tag) in CALLABLE


def _event_data(standard: Standard, event: _Element) -> None:
    """An event with data has one for each trigger that carries some, of its item (10.4.2, 10.5.1)."""
    data = [child for child in event if local(child.tag) in {"dataInput", "dataOutput"}]
    if not data:
        return
    definitions = standard.definitions(event)
    if len(data) != len(definitions):
        standard.plain("eventDataCount", event, data=len(data), triggers=len(definitions))
        return
    for each, definition in zip(data, definitions, strict=True):
        kind = local(definition.tag).removesuffix("EventDefinition")
        named = standard.find(definition.get(f"{kind}Ref"), definition) if kind in ITEM_REFS else None
        if named is None:
            continue
        item, own = item_of(standard, named), item_of(standard, each)
        if item is not None and not same_item(item, own):
            standard.plain("eventDataItem", event, trigger=kind)


def _binding(standard: Standard, element: _Element) -> None:
    """A callable element offered as a service binds an input and an output to an operation (table 10.49)."""
    bindings = element.findall(bpmn("ioBinding"))
    if element.find(bpmn("supportedInterfaceRef")) is None:
        return
    if not bindings:
        standard.plain("bindingMissing", element)
    for binding in bindings:
        operation = standard.find(binding.get("operationRef"), binding)
        if operation is None:
            continue
        for attribute, ref in (("inputDataRef", "inMessageRef"), ("outputDataRef", "outMessageRef")):
            data = standard.find(binding.get(attribute), binding)
            named = operation.find(bpmn(ref))
            message = None if named is None else standard.find(named.text, named)
            if data is None or message is None or local(data.tag) not in {"dataInput", "dataOutput"}:
                continue
            if not same_item(item_of(standard, data), item_of(standard, message)):
                standard.plain("bindingItem", binding)


def _structures(standard: Standard, specification: _Element | None, name: str) -> Counter[str | None]:
    """How many inputs or outputs there are of each structure (None: not said)."""
    found: Counter[str | None] = Counter()
    for each in () if specification is None else specification.findall(bpmn(name)):
        item = item_of(standard, each)
        found[None if item is None else item.get("structureRef") or item.get("id")] += 1
    return found


def _call(standard: Standard, call: _Element) -> None:
    """A call activity has the inputs and outputs of what it calls (10.3.6)."""
    called = standard.find(call.get("calledElement"), call)
    if called is None or local(called.tag) not in CALLABLE:
        return
    mine, its = call.find(bpmn("ioSpecification")), called.find(bpmn("ioSpecification"))
    for name in ("dataInput", "dataOutput"):
        here, there = _structures(standard, mine, name), _structures(standard, its, name)
        typed = Counter({k: n for k, n in here.items() if k is not None})
        if here.total() != there.total() or any(times > there[kind] for kind, times in typed.items()):
            standard.plain("callData", call, what=name, called=called.get("id") or "")
