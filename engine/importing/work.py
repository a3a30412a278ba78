"""Service, send, business rule and script tasks: what runs becomes a job type, a FEEL script or a decision."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from engine.importing import expressions, scripts
from engine.importing.errors import Unconvertible
from engine.importing.feel import plain_name
from engine.importing.report import Report
from engine.importing.vendors import Part, text_of
from engine.source.names import bpmn, local

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.etree import _Element

EVALUATE = "evaluate"
"""A platform service that does nothing: the task's mappings are the work."""
_PLAIN_RESULT = re.compile(r"^[^\W\d]\w*$")


def service(part: Part, report: Report) -> None:
    """A task or event with an implementation of the other engine."""
    variable = part.take("resultVariable", "resultVariableName")
    part.take("useLocalScopeForResultVariable", "storeResultVariableAsTransient", "doNotIncludeVariables")
    if part.has("taskDefinition") or part.has("calledDecision"):
        return
    if _decision(part, report, variable):
        return
    expression = part.take("expression")
    if expression and _evaluated(part, report, expression, variable):
        return
    kind, before = _implementation(part, expression)
    if not kind:
        kind = part.id
        report.manual("implementationMissing", part.element, "", kind)
    else:
        report.converted("job", part.element, before, kind)
        report.manual("worker", part.element, before, kind)
    part.add("taskDefinition", type=kind)
    _injected(part, report)
    _connector(part, report)
    if variable and _PLAIN_RESULT.match(variable):
        part.map("output", "=result", variable)
        report.converted("result", part.element, "result", variable)


def _implementation(part: Part, expression: str | None) -> tuple[str, str]:
    """(job type, what was written): the most telling of topic, class, delegate expression, expression and type."""
    topic, java = part.take("topic"), part.take("class")
    delegate, kind = part.take("delegateExpression"), part.take("type")
    connector = next((text_of(c, "connectorId") for c in part.children("connector")), "")
    operation = part.element.get("operationRef") or ""
    if topic:
        told = topic if not expressions.has_expression(topic) else expressions.called_name(topic) or part.id
        return told, topic
    if java:
        return java, java
    for text in filter(None, [delegate, expression]):
        return expressions.called_name(text) or part.id, text
    if connector:
        return connector, connector
    if kind and kind != "external":
        return kind, kind
    return operation.rpartition(":")[2], operation


def _evaluated(part: Part, report: Report, expression: str, variable: str | None) -> bool:
    """An expression that FEEL can say: its value goes to the result variable; a plain value has no effect."""
    try:
        done = expressions.assignment(expression)
        target, feel = done or (variable or "", expressions.feel(expression))
        if target:
            plain_name(target)
    except Unconvertible:
        return False
    part.add("taskDefinition", type=EVALUATE)
    if target:
        part.map("output", f"={feel}", target)
    report.converted("evaluate", part.element, expression, f"{target} = {feel}" if target else feel)
    return True


def _decision(part: Part, report: Report, variable: str | None) -> bool:
    decision = part.take("decisionRef", "decisionTableReferenceKey", "decisionServiceReferenceKey")
    part.take("mapDecisionResult", "decisionRefTenantId")
    binding, version = part.take("decisionRefBinding"), part.take("decisionRefVersion", "decisionRefVersionTag")
    if not decision:
        referred = [f for f in part.children("field") if f.get("name") == "decisionTableReferenceKey"]
        decision = next((f.get("stringValue") or text_of(f, "string") for f in referred), "")
    if not decision:
        return False
    given = report.tried("decision", part.element, decision, expressions.value)
    part.add(
        "calledDecision",
        decisionId=given,
        resultVariable=variable or f"{re.sub(r'[^0-9A-Za-z_]', '_', part.id)}_result",
    )
    if given == decision:
        report.converted("decision", part.element, decision, given)
    if binding or version:
        report.manual("decide", part.element, f"{binding or ''} {version or ''}".strip(), name="decisionRefBinding")
    return True


def _injected(part: Part, report: Report) -> None:
    """Field injections: constants as headers, expressions as inputs. Headers of mail and http tasks come the same way."""
    for field in part.children("field"):
        name = field.get("name") or ""
        text = field.get("stringValue") or text_of(field, "string")
        expression = field.get("expression") or text_of(field, "expression")
        if expression and expressions.has_expression(expression) and _PLAIN_RESULT.match(name):
            part.map("input", report.tried("field", part.element, expression, expressions.value, name=name), name)
        else:
            part.header(name, text or expression)
            report.converted("field", part.element, text or expression, name, name=name)


def _connector(part: Part, report: Report) -> None:
    for connector in part.children("connector"):
        for held in connector:
            if local(held.tag) == "inputOutput":
                parameters(part, report, held)


# -- parameters --------------------------------------------------------------------------------------


def input_output(part: Part, report: Report) -> None:
    """Camunda's input and output parameters, and Flowable's in- and out-parameters of service tasks."""
    for held in part.children("inputOutput"):
        parameters(part, report, held)


def parameters(part: Part, report: Report, held: _Element) -> None:
    """Each parameter is an io mapping."""
    for row in held:
        kind = {"inputParameter": "input", "outputParameter": "output"}.get(local(row.tag))
        name = row.get("name") or ""
        if kind is None or not name:
            continue
        before = "".join(map(str, row.itertext())).strip()
        try:
            after = _parameter(row)
        except Unconvertible as error:
            report.manual("unconvertible", part.element, before, zh=error.reason_zh, en=error.reason_en)
            after = "=" + before
        part.map(kind, after, name)
        report.converted(kind, part.element, before, name)


def _parameter(row: _Element) -> str:
    """A parameter's value: text, expression, script, list or map."""
    for child in row:
        kind = local(child.tag)
        if kind == "script":
            return "=" + _script_value(child)
        if kind == "list":
            return "=[" + ", ".join(_item(v) for v in child) + "]"
        if kind == "map":
            entries = (f"{_quoted(e.get('key') or '')}: {_item(e)}" for e in child if local(e.tag) == "entry")
            return "={" + ", ".join(entries) + "}"
    text = (row.text or "").strip()
    return expressions.value(text) if text else "=null"


def _item(element: _Element) -> str:
    if local(element.tag) == "script":
        return _script_value(element)
    for child in element:
        if local(child.tag) == "script":
            return _script_value(child)
    return expressions.feel(text_of(element))


def _script_value(element: _Element) -> str:
    if element.get("resource"):
        raise Unconvertible("外部脚本文件", "a script file")
    done = scripts.convert(text_of(element))
    if done.result is None or len(done.sets) > 1:
        raise Unconvertible("脚本没有值", "the script gives no value")
    return done.result


def _quoted(text: str) -> str:
    from engine.importing.feel import quoted

    return quoted(text)


# -- scripts -----------------------------------------------------------------------------------------


def script(part: Part, report: Report) -> None:
    """A script task: FEEL when it can be said so, else a job named by its one word or its id."""
    variable = part.take("resultVariable", "resultVariableName")
    part.take("autoStoreVariables", "doNotIncludeVariables")
    element = part.element
    resource = part.take("resource")
    if part.has("script") or part.has("taskDefinition"):
        return
    source = text_of(element, "script")
    if (element.get("scriptFormat") or element.get("scriptLanguage") or "").lower().endswith("feel"):
        return
    if resource:
        report.manual("scriptResource", element, resource)
        part.add("taskDefinition", type=part.id)
    elif scripts.placeholder(source) and not variable:
        part.add("taskDefinition", type=source)
        report.converted("scriptJob", element, source, source)
    elif not _feel_script(part, report, source, variable):
        part.add("taskDefinition", type=part.id)


def _feel_script(part: Part, report: Report, source: str, variable: str | None) -> bool:
    element = part.element
    try:
        done = scripts.convert(source if not expressions.has_expression(source) else expressions_as_script(source))
        target = plain_name(variable) if variable else ""
    except Unconvertible as error:
        report.manual("scriptUnconvertible", element, source, part.id, zh=error.reason_zh, en=error.reason_en)
        return False
    for word in done.dropped:
        report.dropped("scriptLog", element, word)
    if done.error is not None:
        throwing(element, done.error, report)
        return True
    rows = [row for row in done.sets if row[0] != target]
    if target:
        rows.append((target, done.result or "null"))
    write_script(part, rows, done.result, apart=done.apart)
    report.converted("script", element, source, "; ".join(f"{n} = {f}" for n, f in rows) or done.result or "null")
    return True


def expressions_as_script(source: str) -> str:
    """A script of ``${…}`` statements (JUEL) without their braces."""
    from engine.importing.syntax import pieces

    return "\n".join(text for is_expression, text in pieces(source) if is_expression or text.strip())


def write_script(part: Part, rows: Sequence[tuple[str, str]], result: str | None, *, apart: bool = False) -> None:
    """One variable: the script's result. Several: a context, spread by output mappings; ``apart`` under names that no entry reads."""
    if not rows:
        part.add("script", expression="=" + (result or "null"))
    elif len(rows) == 1:
        part.add("script", expression="=" + rows[0][1], resultVariable=rows[0][0])
    else:
        keys = [f"new_{name}" if apart else name for name, _ in rows]
        entries = ", ".join(f"{key}: {feel}" for key, (_, feel) in zip(keys, rows, strict=True))
        part.add("script", expression="={" + entries + "}", resultVariable="assigned")
        for key, (name, _) in zip(keys, rows, strict=True):
            part.map("output", f"=assigned.{key}", name)


def throwing(element: _Element, code: str, report: Report) -> None:
    """A task that only throws an error becomes a sub-process with an error end event; its id, flows and boundaries stay."""
    root = element.getroottree().getroot()
    error = declared_error(root, code)
    report.converted("scriptThrows", element, "", code)
    for child in list(element):
        if local(child.tag) == "script":
            element.remove(child)
    for name in ("scriptFormat", "implementation", "operationRef"):
        element.attrib.pop(name, "")
    element.tag = bpmn("subProcess")
    base = element.get("id", "")
    start = element.makeelement(bpmn("startEvent"), {"id": f"{base}_start"})
    flow = element.makeelement(
        bpmn("sequenceFlow"), {"id": f"{base}_flow", "sourceRef": f"{base}_start", "targetRef": f"{base}_throw"}
    )
    end = element.makeelement(bpmn("endEvent"), {"id": f"{base}_throw"})
    end.append(end.makeelement(bpmn("errorEventDefinition"), {"errorRef": error}))
    element.extend([start, flow, end])


def declared_error(root: _Element, code: str) -> str:
    """The id of the error with this code; declared when there is none."""
    for found in root.iter(bpmn("error")):
        if found.get("errorCode") == code:
            return found.get("id", "")
    base = re.sub(r"[^\w.-]", "_", code)
    made = f"Error_{base}"
    taken = {e.get("id") for e in root.iter() if e.get("id")}
    while made in taken:
        made += "_"
    root.insert(_first_process(root), root.makeelement(bpmn("error"), {"id": made, "name": code, "errorCode": code}))
    return made


def _first_process(root: _Element) -> int:
    for index, child in enumerate(root):
        if child.tag in {bpmn("process"), bpmn("collaboration")}:
            return index
    return len(root)


def receive(part: Part, report: Report) -> bool:
    """A receive task without a message is pushed on by a call from outside: a person confirms it here. Whether it was so."""
    if part.element.get("messageRef") or part.has("taskDefinition"):
        return False
    if part.element.get("instantiate") == "true":
        return False
    part.element.tag = bpmn("userTask")
    for name in ("implementation", "operationRef", "instantiate"):
        part.element.attrib.pop(name, "")
    report.converted("receiveTask", part.element, "receiveTask", "userTask")
    return True
