"""The built bundle in Chromium answers every vector like the embedded V8: the two are not the same version."""

from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest
from playwright.sync_api import Browser

from forms.kernel import BUNDLE, Kernel
from tests.forms.vectors import vectors

Ask = Callable[[str, Any], Any]
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def ask(chromium: Browser) -> Iterator[Ask]:
    """The bundle's door in a page of Chromium."""
    page = chromium.new_page()
    page.add_script_tag(content=BUNDLE.read_text(encoding="utf-8"))

    def call(operation: str, request: Any) -> Any:
        text = orjson.dumps(request).decode()
        answer = page.evaluate("([operation, request]) => lianbanKernel.call(operation, request)", [operation, text])
        return orjson.loads(answer)["ok"]

    yield call
    page.close()


def test_values_are_judged_alike(ask: Ask) -> None:
    for vector in vectors("checks"):
        answer = ask("check", {key: value for key, value in vector.items() if key != "code"})
        assert (answer["code"] if answer else None) == vector["code"], vector


def test_expressions_have_the_same_values(ask: Ask) -> None:
    for vector in vectors("feel"):
        expression = {"id": "x", "source": vector["source"], "unary": vector.get("unary", False)}
        [answer] = ask("evaluate", {"expressions": [expression], "context": vector["context"]})
        expected = (
            {"error": vector["error"]} if "error" in vector else {"value": vector["value"], "type": vector["type"]}
        )
        found = {"error": answer["error"]["code"]} if "error" in answer else {k: answer[k] for k in ("value", "type")}
        assert found == expected, vector["name"]


def test_forms_are_judged_alike(ask: Ask, kernel: Kernel) -> None:
    for vector in vectors("forms"):
        answer = ask("validateForm", {key: vector[key] for key in ("schema", "data", "context")})
        server = kernel.validate_form(vector["schema"], vector["data"], vector["context"])
        assert [(e["path"], e["code"], e["params"]) for e in answer["errors"]] == [
            (e.path, e.code, e.params) for e in server.errors
        ], vector["name"]
        assert answer["data"] == server.data, vector["name"]
