"""Flows, loops, calls and events of other engines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from engine.importing import expressions
from engine.importing.feel import plain_name
from engine.importing.report import Report
from engine.importing.vendors import Part, holder_of, is_vendor, text_of
from engine.importing.work import declared_error
from engine.source.names import LIANBAN, bpmn, lianban, local, zeebe
from engine.source.reader import extensions

if TYPE_CHECKING:
    from lxml.etree import _Element


def condition(holder: _Element, text: _Element, report: Report) -> None:
    """The text of a condition, where it stands."""
    before = (text.text or "").strip()
    language = text.get("language") or ""
    resource = next((str(v) for k, v in text.attrib.items() if is_vendor(k) and local(k) == "resource"), None)
    if resource:
        report.manual("scriptResource", holder, resource)
        text.text = "=" + resource
        return
    if not before:
        return
    after = report.tried("condition", holder, before, lambda given: expressions.condition(given, language))
    if after != before:
        text.text = after
        if language:
            text.attrib.pop("language")


def sequence_flow(part: Part, report: Report) -> None:
    """The condition of a flow."""
    for text in part.element.findall(bpmn("conditionExpression")):
        condition(part.element, text, report)


# -- multi-instance ----------------------------------------------------------------------------------


def loop(part: Part, report: Report) -> None:
    """Multi-instance characteristics. ``loopCounter`` of the other engine begins with 0, ours with 1."""
    characteristics = part.element.find(bpmn("multiInstanceLoopCharacteristics"))
    if characteristics is None:
        return
    inner = Part(characteristics)
    for name in ("loopCardinality", "completionCondition"):
        for text in characteristics.findall(bpmn(name)):
            _loop_text(part.element, text, name, report)
    collection = (
        inner.take("collection") or _collection_element(inner) or _data_reference(characteristics, report, part)
    )
    element = inner.take("elementVariable") or _data_item(characteristics)
    if collection and not inner.has("loopCharacteristics"):
        source = report.tried("loop", part.element, collection, _collection)
        told = {"inputCollection": source} | ({"inputElement": element} if element else {})
        inner.add("loopCharacteristics", **told)
        if element:
            report.converted("loop", part.element, collection, f"{element} in {source}")
    index = inner.take("elementIndexVariable")
    if index:
        part.map("input", "=loopCounter - 1", index)
        report.converted("loop", part.element, index, "loopCounter - 1")
    for name, value in inner.rest():
        report.dropped("ignored", part.element, value, name=name)


def _loop_text(owner: _Element, text: _Element, name: str, report: Report) -> None:
    before = (text.text or "").strip()
    if not before:
        return
    if name == "completionCondition":
        condition(owner, text, report)
        return
    after = before if before.startswith("=") else report.tried("loop", owner, before, expressions.value)
    if not after.startswith("=") and not after.isdigit():
        after = "=" + after  # a bare variable name
    if after != before:
        text.text = after


def _collection(text: str) -> str:
    """A collection is an expression, or the name of a variable."""
    if expressions.has_expression(text):
        return expressions.value(text)
    return text if text.startswith("=") else "=" + plain_name(text)


def _collection_element(inner: Part) -> str:
    for child in inner.children("collection"):
        return text_of(child, "string", "expression") or text_of(child)
    return ""


def _data_reference(characteristics: _Element, report: Report, part: Part) -> str:
    """Activiti and its children read the text of loopDataInputRef as a variable. It goes, a data reference of ours is another thing."""
    found = characteristics.find(bpmn("loopDataInputRef"))
    declared = {e.get("id") for e in characteristics.getroottree().getroot().iter() if e.get("id")}
    if found is None or (found.text or "").strip() in declared:
        return ""
    text = (found.text or "").strip()
    characteristics.remove(found)
    report.converted("loop", part.element, f"loopDataInputRef {text}", "inputCollection")
    return text


def _data_item(characteristics: _Element) -> str:
    item = characteristics.find(bpmn("inputDataItem"))
    if item is None or characteristics.find(bpmn("loopDataInputRef")) is not None:
        return ""
    name = item.get("name") or ""
    if name:
        characteristics.remove(item)
    return name


# -- calls -------------------------------------------------------------------------------------------


def call(part: Part, report: Report, *, vendor: bool) -> None:
    """A call activity: which process, which version, which variables cross."""
    element = part.element
    binding, version = part.take("calledElementBinding"), part.take("calledElementVersion", "calledElementVersionTag")
    called = element.get("calledElement") or ""
    inherits = part.take("inheritVariables") == "true"
    for other in ("caseRef", "calledElementType"):
        given = part.take(other)
        if given and given != "key":
            report.manual("decide", element, given, name=other)
    if part.has("calledElement") or not called:
        return
    target = report.tried("called", element, called, expressions.value)
    if not vendor and target == called:
        return
    rows_in, rows_out = part.children("in"), part.children("out")
    told = {
        "processId": target,
        "propagateAllParentVariables": str(inherits or _all(rows_in)).lower(),
        "propagateAllChildVariables": str(_all(rows_out)).lower(),
    } | _binding(element, binding, version, report)
    part.add("calledElement", **told)
    if target != called:
        del element.attrib["calledElement"]  # an expression is no id: the standard does not allow it here
    for kind, rows, what in (("input", rows_in, "calledIn"), ("output", rows_out, "calledOut")):
        for row in rows:
            _crossing(part, row, kind, what, report)
    if not rows_in and not rows_out and not inherits:
        report.converted("callIsolated", element, "", "")


def _binding(element: _Element, binding: str | None, version: str | None, report: Report) -> dict[str, str]:
    """The version that is called: the latest, that of the deployment, or one with a tag."""
    if not binding and not version:
        return {}
    if binding == "version":
        report.manual("decide", element, f"version {version}", name="calledElementBinding")
        return {}
    kind = binding if binding in {"deployment", "versionTag"} else "latest"
    report.converted("calledVersion", element, f"{binding or ''} {version or ''}".strip(), kind)
    return {"bindingType": kind} | ({"versionTag": version or ""} if kind == "versionTag" else {})


def _all(rows: list[_Element]) -> bool:
    return any(row.get("variables") == "all" for row in rows)


def _crossing(part: Part, row: _Element, kind: str, what: str, report: Report) -> None:
    if row.get("businessKey"):
        report.dropped("ignored", part.element, row.get("businessKey") or "", name="businessKey")
        return
    target = row.get("target") or row.get("source") or ""
    before = row.get("sourceExpression") or row.get("source") or ""
    if row.get("variables") == "all" or not target:
        if row.get("variables") == "all":
            report.converted(what, part.element, "all", "all")
        return
    if row.get("sourceExpression"):
        source = report.tried(what, part.element, before, expressions.value)
    else:
        source = report.tried(what, part.element, before, lambda name: "=" + plain_name(name))
    part.map(kind, source, target)
    report.converted(what, part.element, before, target)


# -- events ------------------------------------------------------------------------------------------


def conditions(part: Part, report: Report) -> None:
    """Conditions of standard loops, complex gateways, ad-hoc sub-processes and complex multi-instance behaviour."""
    for name in ("activationCondition", "completionCondition"):
        for text in part.element.findall(bpmn(name)):
            condition(part.element, text, report)
    for path in (
        f"{bpmn('standardLoopCharacteristics')}/{bpmn('loopCondition')}",
        f"{bpmn('multiInstanceLoopCharacteristics')}/{bpmn('complexBehaviorDefinition')}/{bpmn('condition')}",
    ):
        for text in part.element.findall(path):
            condition(part.element, text, report)


def conditional(owner: _Element, inner: Part, report: Report) -> None:
    """The condition of a conditional event and the variables it is about."""
    definition = inner.element
    for text in definition.findall(bpmn("condition")):
        condition(owner, text, report)
    filters = {"variableNames": inner.take("variableName"), "variableEvents": inner.take("variableEvents")}
    told = {k: v for k, v in filters.items() if v}
    if told and definition.find(f"{bpmn('extensionElements')}/{zeebe('conditionalFilter')}") is None:
        holder = holder_of(definition)
        holder.append(holder.makeelement(zeebe("conditionalFilter"), told))
        report.converted("variableFilter", owner, "", " ".join(told.values()))


def error(part: Part, inner: Part, report: Report, *, vendor: bool) -> None:
    """An error may be named by its code, undeclared; the code may go to a variable."""
    definition = inner.element
    root = definition.getroottree().getroot()
    ref = (definition.get("errorRef") or "").rpartition(":")[2]
    declared = {e.get("id"): e for e in root.iter(bpmn("error"))}
    if vendor and ref and ref not in declared:
        made = declared_error(root, ref)
        definition.set("errorRef", made)
        report.repaired("errorDeclared", part.element, ref, made)
        declared = {e.get("id"): e for e in root.iter(bpmn("error"))}
        ref = made
    code = declared[ref].get("errorCode") if ref in declared else None
    _code_to_variable(part, inner, "error", code, report)


def escalation(part: Part, inner: Part, report: Report) -> None:
    """The code of an escalation may go to a variable."""
    definition = inner.element
    root = definition.getroottree().getroot()
    ref = (definition.get("escalationRef") or "").rpartition(":")[2]
    found = next((e for e in root.iter(bpmn("escalation")) if e.get("id") == ref), None)
    code = None if found is None else found.get("escalationCode")
    _code_to_variable(part, inner, "escalation", code, report)


def _code_to_variable(part: Part, inner: Part, kind: str, code: str | None, report: Report) -> None:
    variable = inner.take(f"{kind}CodeVariable", f"{kind}VariableName")
    message = inner.take(f"{kind}MessageVariable")
    if variable and code and re.fullmatch(r"[^\W\d]\w*", variable):
        part.map("output", f'="{code}"', variable)
        report.converted("codeVariable", part.element, code, variable)
    elif variable:
        report.manual("codeVariableLost", part.element, variable)
    if message:
        report.manual("codeVariableLost", part.element, message)


def signal_scope(root: _Element, report: Report) -> None:
    """Flowable's signals of one instance only."""
    for found in root.iter(bpmn("signal")):
        inner = Part(found)
        if inner.take("scope") not in {None, "global"}:
            report.manual("scope", found, "processInstance")


def codes(root: _Element, report: Report, *, dialect: str) -> None:
    """Errors and escalations without code: caught, they stand for all; thrown, Flowable knows them by their id, Camunda refuses them.

    Names with expressions are converted.
    """
    for kind in ("error", "escalation") if dialect in {"flowable", "activiti"} else ():
        for found in root.iter(bpmn(kind)):
            if not found.get(f"{kind}Code") and _thrown(root, kind, found.get("id", "")):
                found.set(f"{kind}Code", found.get("id", ""))
                report.repaired("codeMissing", found, "", found.get("id", ""))
    for kind in ("message", "signal"):
        for found in root.iter(bpmn(kind)):
            name = found.get("name") or ""
            if expressions.has_expression(name):
                _named(found, name, report)


def _named(found: _Element, name: str, report: Report) -> None:
    """A name is evaluated where something waits or throws; what starts a process has no variables to read."""
    kind = local(found.tag)
    after = report.tried("expression", found, name, expressions.value)
    found.set("name", after)
    root = found.getroottree().getroot()
    definitions = root.iter(bpmn(f"{kind}EventDefinition"))
    if any(d.get(f"{kind}Ref") == found.get("id") and local(_parent_tag(d)) == "startEvent" for d in definitions):
        report.manual("name", found, name, after)


def _parent_tag(element: _Element) -> str:
    parent = element.getparent()
    return "" if parent is None else str(parent.tag)


def _thrown(root: _Element, kind: str, ref: str) -> bool:
    throws = {"endEvent", "intermediateThrowEvent"}
    definitions = root.iter(bpmn(f"{kind}EventDefinition"))
    return any(e.get(f"{kind}Ref") == ref and local(_parent_tag(e)) in throws for e in definitions)


def messages(part: Part, definition: _Element, report: Report, *, vendor: bool) -> None:
    """A message throw of Camunda without message is work: it throws the message of its own name."""
    throws = local(part.element.tag) in {"intermediateThrowEvent", "endEvent"}
    if not vendor or not throws or definition.get("messageRef"):
        return
    root = definition.getroottree().getroot()
    made = f"Message_{part.id}"
    root.insert(0, root.makeelement(bpmn("message"), {"id": made, "name": part.id}))
    definition.set("messageRef", made)
    report.repaired("messageDeclared", part.element, "", part.id)


def terminate(owner: _Element, part: Part, report: Report) -> None:
    """How far a terminate end event of Flowable or Activiti reaches: the whole instance or the multi-instance around."""
    everything, repeated = part.take("terminateAll"), part.take("terminateMultiInstance")
    scope = "all" if everything == "true" else "multiInstance" if repeated == "true" else ""
    if not scope or any(e.tag == lianban("terminate") for e in extensions(part.element)):
        return
    holder = holder_of(part.element)
    holder.append(holder.makeelement(lianban("terminate"), {"scope": scope}, nsmap={"lianban": LIANBAN}))
    report.converted("terminate", owner, "", scope)
