"""What a form definition may look like: each rule broken once."""

from typing import Any

import orjson
import pytest

from forms.definitions import find_faults, list_fields, load
from forms.errors import DefinitionRefused
from forms.kernel import Kernel
from tests.forms.vectors import vectors


def text(key: str = "a", **more: Any) -> dict[str, Any]:
    return {"id": f"c_{key}", "type": "textfield", "key": key, "label": key, **more}


def rules(kernel: Kernel, *components: Any, names: Any = ()) -> set[str]:
    return {f.rule for f in find_faults(kernel, {"components": list(components)}, context_names=names)}


def test_a_good_form_is_loaded(kernel: Kernel) -> None:
    form = load(kernel, orjson.dumps({"id": "f.one", "components": [text()]}), context_names=())
    assert form.form_id == "f.one"
    assert len(form.digest) == 64
    assert form.kernel_digest == kernel.digest


def test_the_digest_does_not_depend_on_the_order_of_keys(kernel: Kernel) -> None:
    one = load(kernel, '{"id": "f", "components": [], "type": "default"}')
    other = load(kernel, '{"type": "default", "components": [], "id": "f"}')
    assert one.digest == other.digest


@pytest.mark.parametrize("source", ["{", "[]", '{"components": 1}', '"x"'])
def test_what_is_no_form(kernel: Kernel, source: str) -> None:
    with pytest.raises(DefinitionRefused):
        load(kernel, source)


def test_a_form_needs_an_id(kernel: Kernel) -> None:
    with pytest.raises(DefinitionRefused, match="no id"):
        load(kernel, '{"components": []}')


CASES: list[tuple[str, list[dict[str, Any]]]] = [
    ("duplicate_id", [text(), {**text("b"), "id": "c_a"}]),
    ("duplicate_key", [text(), {**text(), "id": "other"}]),
    ("type", [{"id": "x", "type": "html", "content": "<b>"}]),
    ("key", [{"id": "x", "type": "textfield", "label": "x"}]),
    ("key", [text("a-b")]),
    ("key", [text("now")]),
    ("label", [{"id": "x", "type": "textfield", "key": "x"}]),
    ("subtype", [{"id": "x", "type": "datetime", "key": "x", "dateLabel": "x"}]),
    ("structure", [{"id": "x", "type": "dynamiclist", "path": "x", "label": "x"}]),
    ("expression", [{"id": "x", "type": "expression", "key": "x"}]),
    ("options", [{"id": "x", "type": "select", "key": "x", "label": "x"}]),
    ("options", [{"id": "x", "type": "radio", "key": "x", "label": "x", "values": [{"value": "1", "label": "1"}] * 2}]),
    ("options", [{**text(), "type": "select", "properties": {"lianban:options": "planets"}}]),
    ("property", [text(properties={"lianban:colour": "red"})]),
    ("property", [text(properties={"lianban:help": 1})]),
    ("value_type", [text(properties={"lianban:type": "dna"})]),
    ("value_type", [{**text(properties={"lianban:type": "idcard"}), "type": "number"}]),
    ("sensitive", [text(properties={"lianban:sensitive": "secret"})]),
    ("assert_code", [text(properties={"lianban:assert": "=a = 1"})]),
    ("assert_code", [text(properties={"lianban:assert": "=a = 1", "lianban:assertCode": "nonsense"})]),
    ("feel", [text(conditional={"hide": "=a +"})]),
    ("feel", [text(properties={"lianban:requiredIf": "=nothing(a)"})]),
    ("unknown_name", [text(conditional={"hide": "=b = 1"})]),
    ("null_safe", [text(properties={"lianban:requiredIf": "=a > 5"})]),
    (
        "feel",
        [
            text(
                properties={
                    "lianban:assert": "=if a = null then true else is workday(a)",
                    "lianban:assertCode": "same_province",
                }
            )
        ],
    ),
    ("null_safe", [text(conditional={"hide": "=not(a >= 1000)"})]),
    ("pattern", [text(validate={"pattern": "("})]),
    ("broken", [{"id": "x", "type": "expression", "key": "x", "expression": "=if x = null then 1 else x + 1"}]),
]


@pytest.mark.parametrize(("rule", "components"), CASES)
def test_a_broken_rule_is_found(kernel: Kernel, rule: str, components: list[dict[str, Any]]) -> None:
    assert rules(kernel, *components) == {rule}


def test_names_of_the_context_are_known(kernel: Kernel) -> None:
    assert rules(kernel, text(conditional={"hide": '=site.kind = "X"'}), names=["site"]) == set()


def test_a_rule_with_its_own_text_needs_no_code(kernel: Kernel) -> None:
    own = {"lianban:assert.2": "=a = 1", "lianban:assertText.2": "不对"}
    assert rules(kernel, text(properties=own)) == set()


@pytest.mark.parametrize("vector", vectors("forms"), ids=lambda v: v["name"])
def test_the_forms_of_the_vectors_follow_the_rules(kernel: Kernel, vector: dict[str, Any]) -> None:
    found = {f.rule for f in find_faults(kernel, vector["schema"])}
    assert found <= ({"null_safe"} if vector["name"] == "a null condition shows" else set())


def test_paths_name_lists_and_groups() -> None:
    schema = {
        "components": [
            {"id": "l", "type": "dynamiclist", "path": "movers", "components": [text("idNo")]},
            {"id": "g", "type": "group", "path": "org", "components": [text("name")]},
            {"id": "h", "type": "group", "components": [text("x")]},
        ]
    }
    assert [f.path for f in list_fields(schema)] == ["movers", "movers[].idNo", "org", "org.name", "#h", "x"]
