"""User tasks: who does them, with which form, until when."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from engine.importing import expressions
from engine.importing.report import Report
from engine.importing.vendors import Part, text_of
from engine.source.names import bpmn, local

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

ROLE = re.compile(r"^[A-Z][A-Z0-9_]*$")
_COMPONENTS = {
    "string": "textfield", "long": "number", "int": "number", "integer": "number", "double": "number", "boolean": "checkbox",
    "date": "datetime", "enum": "select", "text": "textfield", "multi-line-text": "textarea",
}  # fmt: skip


def user_task(part: Part, report: Report, process_id: str) -> None:
    """Everything of a user task. Nothing is changed that our extensions say already."""
    part.add("userTask")
    _people(part, report)
    schedule = {"dueDate": part.take("dueDate"), "followUpDate": part.take("followUpDate")}
    scheduled = part.has("taskSchedule")
    for name, given in schedule.items():
        if given and not scheduled:
            part.add("taskSchedule", **{name: report.tried("dueDate", part.element, given, expressions.value)})
    priority = part.take("priority", "taskPriority")
    if priority:
        given = report.tried("priority", part.element, priority, expressions.value)
        part.add("priorityDefinition", priority=given)
        report.converted("priority", part.element, priority, given)
    _form(part, report, process_id)


def _people(part: Part, report: Report) -> None:
    given = {
        "assignee": part.take("assignee"),
        "candidateUsers": part.take("candidateUsers"),
        "candidateGroups": part.take("candidateGroups"),
    }
    for name, found in _standard_people(part.element):
        given[name] = ", ".join(filter(None, [given[name], found]))
    for name, text in given.items():
        if not text or part.add("assignmentDefinition").get(name):
            continue
        convert = expressions.value if name == "assignee" else expressions.names
        after = report.tried(name, part.element, text, convert)
        part.add("assignmentDefinition", **{name: after})
        if after == text:
            report.converted(name, part.element, text, after)
        if name == "candidateGroups" and not after.startswith("=") and not all(map(ROLE.match, after.split(", "))):
            report.manual("roles", part.element, text, after)


def _standard_people(element: _Element) -> Iterator[tuple[str, str]]:
    """BPMN's own humanPerformer and potentialOwner, as Activiti and its children read them."""
    for child in element:
        kind = local(child.tag)
        if kind not in {"humanPerformer", "potentialOwner", "performer"}:
            continue
        texts = [text_of(e) for e in child.iter(bpmn("formalExpression"))]
        for text in filter(None, texts):
            if kind != "potentialOwner":
                yield "assignee", text
                continue
            for one in expressions.split_names(text):
                found = re.fullmatch(r"\s*(user|group)\((.*)\)\s*", one)
                yield (
                    "candidateUsers" if found and found[1] == "user" else "candidateGroups",
                    found[2] if found else one.strip(),
                )


def _form(part: Part, report: Report, process_id: str) -> None:
    fields = _fields(part)
    key = part.take("formKey", "formRef")
    part.take("formHandlerClass", "formRefBinding", "formRefVersion", "formFieldValidation")
    if part.has("formDefinition"):
        return
    blank = re.sub(r"[^\w.-]", "_", f"{process_id}.{part.id}")
    if key:
        form_id = report.tried("form", part.element, key, _form_id)
        part.add("formDefinition", formId=form_id)
        if form_id == key:
            report.converted("form", part.element, key, form_id)
    elif fields:
        part.add("formDefinition", formId=blank)
        report.forms[blank] = _schema(blank, part.element.get("name") or part.id, fields)
        report.converted("formMade", part.element, str(len(fields)), blank)
    else:
        part.add("formDefinition", formId=blank)
        report.forms[blank] = _schema(blank, part.element.get("name") or part.id, [])
        report.manual("formMissing", part.element, "", blank)


def _form_id(key: str) -> str:
    """``embedded:app:forms/approve.html`` and ``camunda-forms:deployment:approve.form`` are the form ``approve``."""
    if expressions.has_expression(key):
        return expressions.value(key)
    last = re.split(r"[/:\\]", key)[-1]
    return re.sub(r"\.(html?|form|jsf|xhtml|jsp)$", "", last) or key


def start_form(part: Part, report: Report) -> None:
    """The form of a start event: applicants' forms belong to the item here."""
    fields = _fields(part)
    key = part.take("formKey", "formRef")
    if key or fields:
        report.manual("decide", part.element, key or f"{len(fields)} formField", name="startForm")


def _fields(part: Part) -> list[_Element]:
    held = part.children("formData")
    return [f for data in held for f in data if local(f.tag) == "formField"] + part.children("formProperty")


def _schema(form_id: str, title: str, fields: list[_Element]) -> dict[str, Any]:
    return {
        "id": form_id,
        "title": title,
        "type": "default",
        "schemaVersion": 18,
        "components": [_component(f) for f in fields],
    }


def _component(field: _Element) -> dict[str, Any]:
    key = field.get("id", "")
    kind = _COMPONENTS.get(field.get("type") or "string", "textfield")
    made: dict[str, Any] = {
        "id": key,
        "type": kind,
        "key": key,
        "label": field.get("label") or field.get("name") or key,
    }
    if kind == "datetime":
        made |= {"subtype": "date", "dateLabel": made["label"]}
    if kind == "select":
        made["values"] = [
            {"value": v.get("id", ""), "label": v.get("name") or v.get("id", "")}
            for v in field
            if local(v.tag) == "value"
        ]
    if field.get("required") == "true" or any(c.get("name") == "required" for c in field.iter("{*}constraint")):
        made["validate"] = {"required": True}
    if field.get("writable") == "false" or field.get("readable") == "false":
        made["disabled"] = True
    return made
