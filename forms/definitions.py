"""Form definitions: the form-js schema in the dialect of docs/forms.md, read and checked before anybody fills it in."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from forms.codes import get_table
from forms.errors import DefinitionRefused, Finding, FormBroken, KernelFailed, UnknownCodeTable
from forms.kernel import Expression, Kernel
from forms.messages import is_code
from forms.shape import list_misfits

TYPES = frozenset(
    {
        "textfield", "textarea", "number", "datetime", "select", "radio", "checkbox", "checklist", "dynamiclist",
        "group", "text", "filepicker", "expression", "separator", "spacer",
    }
)  # fmt: skip
WITHOUT_DATA = frozenset({"text", "separator", "spacer", "group"})
CHOICES = frozenset({"select", "radio", "checklist"})
VALUE_TYPES: Mapping[str, frozenset[str]] = {
    "idcard": frozenset({"textfield"}),
    "uscc": frozenset({"textfield"}),
    "mobile": frozenset({"textfield"}),
    "region6": frozenset({"textfield", "select"}),
    "address": frozenset({"textfield"}),
    "money": frozenset({"textfield"}),
    "personName": frozenset({"textfield"}),
    "bankAccount": frozenset({"textfield"}),
    "certIdentifier": frozenset({"textfield"}),
}
MASKS = frozenset({"name", "idcard", "mobile", "address", "account", "text", "hidden"})
PROPERTIES = frozenset(
    {
        "type", "requiredIf", "compute", "options", "sensitive", "help", "regionLevel", "account", "unique", "minItems",
        "maxItems", "maxFiles", "maxSizeKb", "material", "labelEn", "textEn", "helpEn", "width", "itemLabel", "itemLabelEn",
        "addLabel", "addLabelEn", "image", "consent",
    }
)  # fmt: skip
ROW_NAMES = frozenset({"this", "parent", "i"})
DEFAULT_NAMES = frozenset({"atWindow", "now"})
"""What every form may read; ``atWindow`` is true while a clerk fills an applicant's form in at a window, otherwise not there."""
_ASSERT = re.compile(r"assert(Code|Text|TextEn)?(\.\d+)?")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_MAX_COMPONENTS = 500
_MAX_DEPTH = 6
_PROBE_NOW = "2026-01-01T00:00:00+08:00"


@dataclass(frozen=True)
class FormDefinition:
    """A checked form: its schema, the sha256 of the schema's canonical JSON and of the kernel that checked it."""

    form_id: str
    schema: Mapping[str, Any]
    digest: str
    kernel_digest: str


@dataclass(frozen=True)
class FormField:
    """A component at its place: `path` names its lists and groups (`movers[].idNo`)."""

    component: Mapping[str, Any]
    path: str
    in_list: bool

    def own(self, name: str) -> str | None:
        """Our property `lianban:<name>`, None when absent or blank."""
        value = (self.component.get("properties") or {}).get(f"lianban:{name}")
        return value.strip() or None if isinstance(value, str) else None


def read(source: str | bytes) -> dict[str, Any]:
    """JSON text of a form as a schema. Raises `DefinitionRefused` when it is not a form at all."""
    try:
        schema = orjson.loads(source)
    except orjson.JSONDecodeError as error:
        raise DefinitionRefused([Finding("form", "json", f"Not JSON: {error}")]) from None
    if not isinstance(schema, dict) or not isinstance(schema.get("components"), list):
        raise DefinitionRefused([Finding("form", "structure", "A form is an object with a list `components`")])
    return schema


def load(
    kernel: Kernel,
    source: str | bytes,
    *,
    form_id: str | None = None,
    context_names: Collection[str] | None = None,
) -> FormDefinition:
    """Reads and checks a form. Raises `DefinitionRefused` with every finding.

    `form_id` is used where the schema has no `id`. `context_names` are the variables the form may read beside its own
    fields; without them unknown names are not looked for.
    """
    schema = read(source)
    findings = find_faults(kernel, schema, context_names=context_names)
    name = schema.get("id") or form_id
    if not isinstance(name, str) or not name:
        findings.append(Finding("form", "id", "The form has no id"))
    if findings:
        raise DefinitionRefused(findings)
    canonical = orjson.dumps(schema, option=orjson.OPT_SORT_KEYS)
    return FormDefinition(str(name), schema, hashlib.sha256(canonical).hexdigest(), kernel.digest)


def list_fields(schema: Mapping[str, Any]) -> list[FormField]:
    """Every component of a form with its path, outer ones first."""
    return list(_walk(schema.get("components", []), "", in_list=False, depth=0))


def _walk(components: Any, prefix: str, *, in_list: bool, depth: int) -> Iterator[FormField]:
    if not isinstance(components, list) or depth > _MAX_DEPTH:
        return
    for component in components:
        if not isinstance(component, dict):
            continue
        is_list = component.get("type") == "dynamiclist"
        binding = component.get("path") if is_list or component.get("type") == "group" else component.get("key")
        path = f"{prefix}{binding}" if binding else f"{prefix}#{component.get('id')}"
        yield FormField(component, path, in_list)
        inner = prefix if not binding else f"{path}[]." if is_list else f"{path}."
        yield from _walk(component.get("components"), inner, in_list=in_list or is_list, depth=depth + 1)


def find_faults(
    kernel: Kernel, schema: Mapping[str, Any], *, context_names: Collection[str] | None = None
) -> list[Finding]:
    """All rules of the dialect a schema breaks; empty for a form that can be used."""
    if misfits := list_misfits(schema):
        return misfits
    fields = list_fields(schema)
    findings = list(_structure(schema, fields))
    if findings:
        return findings
    for found in fields:
        findings.extend(_component(found))
        findings.extend(_properties(found))
    findings.extend(_expressions(kernel, fields, context_names))
    findings.extend(_patterns(kernel, fields))
    return findings or list(_probe(kernel, schema))


def _structure(schema: Mapping[str, Any], fields: list[FormField]) -> Iterator[Finding]:
    if not isinstance(schema.get("components"), list):
        yield Finding("form", "structure", "A form is an object with a list `components`")
        return
    if len(fields) > _MAX_COMPONENTS:
        yield Finding("form", "size", f"A form has at most {_MAX_COMPONENTS} components")
    ids: set[str] = set()
    paths: set[str] = set()
    for found in fields:
        component = found.component
        where = component.get("id")
        if not isinstance(where, str) or not where:
            yield Finding(found.path, "id", "Every component needs an id")
            continue
        if where in ids:
            yield Finding(where, "duplicate_id", "Two components have this id")
        ids.add(where)
        if component.get("type") not in TYPES:
            yield Finding(where, "type", f"Unknown component type {component.get('type')!r}", _types_hint())
        if not found.path.rpartition(".")[2].startswith("#"):
            if found.path in paths:
                yield Finding(where, "duplicate_key", f"Two components keep their value under {found.path}")
            paths.add(found.path)


def _types_hint() -> str:
    return f"Use one of {', '.join(sorted(TYPES))}"


def _component(found: FormField) -> Iterator[Finding]:
    component, where, kind = found.component, str(found.component["id"]), str(found.component["type"])
    binding = component.get("path") if kind in ("dynamiclist", "group") else component.get("key")
    if kind not in WITHOUT_DATA and not binding:
        yield Finding(where, "key", "The component has no key" if kind != "dynamiclist" else "The list has no path")
    if binding and not _NAME.fullmatch(str(binding)):
        yield Finding(where, "key", f"{binding!r} is not a name", "Letters, digits and _, beginning with a letter")
    if binding in ROW_NAMES | {"now", "zone"}:
        yield Finding(where, "key", f"{binding!r} is a name of the kernel", "Choose another key")
    if kind not in WITHOUT_DATA | {"expression", "dynamiclist"} and not _label(component):
        yield Finding(where, "label", "The field has no label", "Screen readers and error messages need it")
    if kind in ("dynamiclist", "group") and not isinstance(component.get("components"), list):
        yield Finding(where, "structure", "The component has no list `components`")
    if kind == "datetime" and component.get("subtype") not in ("date", "datetime", "time"):
        yield Finding(where, "subtype", "A datetime has subtype date, datetime or time")
    if kind == "expression" and not component.get("expression"):
        yield Finding(where, "expression", "The expression is empty")
    if kind in CHOICES:
        yield from _choices(found, where)


def _label(component: Mapping[str, Any]) -> str | None:
    for name in ("label", "dateLabel", "timeLabel"):
        value = component.get(name)
        if isinstance(value, str) and value.strip():
            return value
    return None


def _choices(found: FormField, where: str) -> Iterator[Finding]:
    values = found.component.get("values")
    if found.own("options") or found.component.get("valuesExpression") or found.own("type") == "region6":
        return
    if not isinstance(values, list) or not values:
        yield Finding(where, "options", "The choice has no options", "Add values or a code table (lianban:options)")
        return
    seen: set[str] = set()
    for entry in values:
        value = entry.get("value") if isinstance(entry, dict) else None
        if not isinstance(value, str) or not isinstance(entry.get("label"), str):
            yield Finding(where, "options", "Every option has a text `value` and a text `label`")
        elif value in seen:
            yield Finding(where, "options", f"The option {value!r} is there twice")
        else:
            seen.add(value)


def _properties(found: FormField) -> Iterator[Finding]:
    component, where = found.component, str(found.component["id"])
    for name, value in (component.get("properties") or {}).items():
        if not name.startswith("lianban:"):
            continue
        own = name.removeprefix("lianban:")
        if own not in PROPERTIES and not _ASSERT.fullmatch(own):
            yield Finding(where, "property", f"Unknown property {name}")
        if not isinstance(value, str):
            yield Finding(where, "property", f"{name} is not a text")
    kind = found.own("type")
    if kind is not None and component["type"] not in VALUE_TYPES.get(kind, frozenset()):
        yield Finding(where, "value_type", f"lianban:type {kind!r} is unknown or not for a {component['type']}")
    table = found.own("options")
    if table is not None:
        try:
            get_table(table)
        except UnknownCodeTable as error:
            yield Finding(where, "options", str(error))
    if (mask := found.own("sensitive")) is not None and mask not in MASKS:
        yield Finding(where, "sensitive", f"Unknown mask {mask!r}", f"Use one of {', '.join(sorted(MASKS))}")
    yield from _assertions(found, where)


def _assertions(found: FormField, where: str) -> Iterator[Finding]:
    for name in found.component.get("properties") or {}:
        match = re.fullmatch(r"lianban:assert(\.\d+)?", name)
        if match is None:
            continue
        suffix = match[1] or ""
        code = found.own(f"assertCode{suffix}")
        if found.own(f"assertText{suffix}"):
            continue
        if code is None or not is_code(code):
            yield Finding(
                where, "assert_code", f"The rule {name} has no text", "A code of the catalogue, or lianban:assertText"
            )


def _sources(found: FormField) -> Iterator[tuple[str, str]]:
    """Name and FEEL source of everything a component evaluates."""
    component = found.component
    validate = component.get("validate") or {}
    yield "conditional.hide", (component.get("conditional") or {}).get("hide") or ""
    yield "expression", component.get("expression") or ""
    yield "valuesExpression", component.get("valuesExpression") or ""
    for limit in ("min", "max"):
        if isinstance(validate.get(limit), str) and validate[limit].lstrip().startswith("="):
            yield f"validate.{limit}", validate[limit]
    if isinstance(component.get("readonly"), str):
        yield "readonly", component["readonly"]
    for name, value in (component.get("properties") or {}).items():
        if re.fullmatch(r"lianban:(requiredIf|compute|assert(\.\d+)?)", name) and isinstance(value, str):
            yield name, value


_WORKDAYS = re.compile(r"\b(?:add\s+workdays|workdays\s+between|(?:is|next)\s+workday)\s*\(")
WORKDAYS_HINT = "Let an input of the task bring the date, e.g. =add workdays(today(), 5)"
"""A form stands in the browser before it is known which site will act."""


def _expressions(kernel: Kernel, fields: list[FormField], context_names: Collection[str] | None) -> Iterator[Finding]:
    named = [(found, name, _strip(text)) for found in fields for name, text in _sources(found) if text.strip()]
    if not named:
        return
    own_names = {part.removesuffix("[]") for found in fields for part in found.path.split(".")} | ROW_NAMES
    known = own_names | DEFAULT_NAMES | set(context_names or ())
    expressions = [Expression(source) for _, _, source in named]
    empty = kernel.evaluate(expressions, {"now": _PROBE_NOW})
    for (found, name, source), reading, value in zip(named, kernel.parse(expressions), empty, strict=True):
        where = str(found.component["id"])
        if reading.error is not None:
            yield Finding(where, "feel", f"{name}: {reading.error.message}", source)
            continue
        if _WORKDAYS.search(source):
            yield Finding(where, "feel", f"{name}: forms have no calendar of working days", WORKDAYS_HINT)
            continue
        unknown = reading.names - known
        if context_names is not None and unknown:
            yield Finding(
                where, "unknown_name", f"{name} reads {', '.join(sorted(unknown))}, which is no field", source
            )
        if name in ("conditional.hide", "lianban:requiredIf") and value.error is None and value.value is None:
            yield Finding(
                where,
                "null_safe",
                f"{name} is neither true nor false while the fields are empty",
                "Compare with = or test `x != null and …`",
            )


def _strip(text: str) -> str:
    return text.strip().removeprefix("=").strip()


def _patterns(kernel: Kernel, fields: list[FormField]) -> Iterator[Finding]:
    for found in fields:
        pattern = (found.component.get("validate") or {}).get("pattern")
        if isinstance(pattern, str) and pattern and not kernel.is_pattern(pattern):
            yield Finding(str(found.component["id"]), "pattern", "The pattern is not a regular expression", pattern)


def _probe(kernel: Kernel, schema: Mapping[str, Any]) -> Iterator[Finding]:
    """The empty form must open: its expressions run once without data."""
    try:
        kernel.compute_form(schema, {}, {"now": _PROBE_NOW})
    except FormBroken as error:
        yield Finding(error.component, "broken", str(error))
    except KernelFailed as error:
        yield Finding("form", "broken", str(error))
