"""What sort of value each member of a form may have: asked before anything is read from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from forms.errors import Finding

_MEMBERS: Mapping[str, tuple[type, ...]] = {
    "id": (str,),
    "key": (str,),
    "path": (str,),
    "type": (str,),
    "subtype": (str,),
    "label": (str,),
    "dateLabel": (str,),
    "timeLabel": (str,),
    "description": (str,),
    "text": (str,),
    "expression": (str,),
    "valuesExpression": (str,),
    "readonly": (str, bool),
    "disabled": (bool,),
    "components": (list,),
    "values": (list,),
    "validate": (dict,),
    "conditional": (dict,),
    "properties": (dict,),
}
_VALIDATE: Mapping[str, tuple[type, ...]] = {
    "required": (bool,),
    "min": (str, int, float),
    "max": (str, int, float),
    "minLength": (str, int),
    "maxLength": (str, int),
    "pattern": (str,),
}
_CONDITIONAL: Mapping[str, tuple[type, ...]] = {"hide": (str,)}
_WORDS: Mapping[type, str] = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "a list",
    dict: "an object",
}
_MAX_DEPTH = 40
"""Of JSON: far more than lists in groups in lists need."""


def list_misfits(schema: Mapping[str, Any]) -> list[Finding]:
    """A finding for each member of each component that is of another sort than the dialect knows (docs/forms.md)."""
    if _is_deep(schema):
        return [Finding("form", "depth", f"The form is nested deeper than {_MAX_DEPTH} levels")]
    components = schema.get("components")
    return list(_of_components(components)) if isinstance(components, list) else []


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(_MAX_DEPTH):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True


def _of_components(components: list[Any]) -> Iterator[Finding]:
    for index, component in enumerate(components):
        if not isinstance(component, dict):
            yield Finding("form", "structure", f"Component {index} is not an object")
            continue
        where = component["id"] if isinstance(component.get("id"), str) else f"#{index}"
        yield from _misfits(where, component, _MEMBERS, "")
        for name, known in (("validate", _VALIDATE), ("conditional", _CONDITIONAL)):
            if isinstance(component.get(name), dict):
                yield from _misfits(where, component[name], known, f"{name}.")
        if isinstance(component.get("components"), list):
            yield from _of_components(component["components"])


def _misfits(
    where: str, holder: Mapping[str, Any], known: Mapping[str, tuple[type, ...]], prefix: str
) -> Iterator[Finding]:
    for name, kinds in known.items():
        value = holder.get(name)
        if value is None or (isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool))):
            continue
        yield Finding(where, "structure", f"{prefix}{name} is not {' or '.join(_WORDS[kind] for kind in kinds)}")
