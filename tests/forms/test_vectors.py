"""The vectors the browser side runs too (web/tests/kernel.test.ts)."""

from datetime import date
from typing import Any

import pytest

from forms import checks
from forms.kernel import Expression, Kernel
from tests.forms.vectors import PYTHON, vectors


@pytest.mark.parametrize("vector", vectors("feel"), ids=lambda v: v["name"])
def test_feel(kernel: Kernel, vector: dict[str, Any]) -> None:
    [result] = kernel.evaluate([Expression(vector["source"], vector.get("unary", False))], vector["context"])
    if "error" in vector:
        assert result.error is not None
        assert result.error.code == vector["error"]
    else:
        assert result.error is None
        assert result.value == vector["value"]
        assert type(result.value) is type(vector["value"])
        assert result.type == vector["type"]


@pytest.mark.parametrize("vector", vectors("parse"), ids=lambda v: v["source"] or "empty")
def test_parse(kernel: Kernel, vector: dict[str, Any]) -> None:
    [found] = kernel.parse([Expression(vector["source"])])
    assert (found.error.code if found.error else None) == vector.get("error")
    if "error" not in vector:
        assert sorted(found.names) == sorted(vector["names"])
        assert sorted(found.filter_names) == sorted(vector["filterNames"])


@pytest.mark.parametrize("vector", vectors("checks"), ids=lambda v: f"{v['kind']}:{v['value'][:24]}")
def test_checks(kernel: Kernel, vector: dict[str, Any]) -> None:
    today = date.fromisoformat(vector["today"])
    fault = kernel.check(vector["kind"], vector["value"], today=today, option=vector.get("option"))
    assert (fault[0] if fault else None) == vector["code"]
    if vector["kind"] in PYTHON:
        assert PYTHON[vector["kind"]](vector["value"], today) == vector["code"]


@pytest.mark.parametrize("vector", vectors("normalise"), ids=lambda v: v["kept"])
def test_normalise(kernel: Kernel, vector: dict[str, str]) -> None:
    assert kernel.normalise_code(vector["value"]) == vector["kept"]
    assert checks.normalise_code(vector["value"]) == vector["kept"]


@pytest.mark.parametrize("vector", vectors("mask"), ids=lambda v: v["masked"] or "empty")
def test_mask(kernel: Kernel, vector: dict[str, str]) -> None:
    assert kernel.mask(vector["kind"], vector["value"]) == vector["masked"]


@pytest.mark.parametrize("vector", vectors("forms"), ids=lambda v: v["name"])
def test_forms(kernel: Kernel, vector: dict[str, Any]) -> None:
    result = kernel.validate_form(vector["schema"], vector["data"], vector["context"])
    assert [{"path": e.path, "code": e.code} for e in result.errors] == vector["errors"]
    if "accepted" in vector:
        assert result.data == vector["accepted"]
        if not vector["errors"]:
            again = kernel.validate_form(vector["schema"], result.data, vector["context"])
            assert again.errors == ()
            assert again.data == result.data
