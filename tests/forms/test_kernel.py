"""The kernel's Python side: limits, values in and out, start and end."""

import queue
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from forms.errors import (
    ExpressionFailed,
    FormBroken,
    KernelFailed,
    KernelInputRefused,
    KernelLimitReached,
    KernelNotBuilt,
)
from forms.expressions import FeelExpressions
from forms.kernel import Expression, Kernel

NOW = datetime(2026, 11, 22, 6, 5, tzinfo=UTC)
ENDLESS = 'matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "^(a+)+$")'


@pytest.fixture
def feel(kernel: Kernel) -> FeelExpressions:
    return FeelExpressions(kernel)


def test_a_batch_keeps_its_order_and_types(feel: FeelExpressions) -> None:
    values = feel.evaluate(
        ["=1 + 1", "1.5", "a.b", "today()", 'duration("P5D")', "[d, null]"], {"a": {"b": True}, "d": "x", "now": NOW}
    )
    assert values == [2, 1.5, True, "2026-11-22", "P5D", ["x", None]]
    assert type(values[0]) is int


def test_dates_compare_when_their_text_comes_back(feel: FeelExpressions) -> None:
    [signed] = feel.evaluate(["now()"], {"now": NOW})
    assert signed == "2026-11-22T14:05:00+08:00"
    assert feel.evaluate(["signed <= now()", 'signed + duration("P1D") > now()'], {"signed": signed, "now": NOW}) == [
        True,
        True,
    ]


def test_the_failing_expression_is_named_by_its_place(feel: FeelExpressions) -> None:
    with pytest.raises(ExpressionFailed) as caught:
        feel.evaluate(["1", "a +"], {})
    assert (caught.value.index, caught.value.source, caught.value.reason) == (1, "a +", "syntax")


def test_errors_and_warnings_hold_no_values(kernel: Kernel) -> None:
    context = {"name": "张三的秘密", "list": ["张三的秘密"]}
    sources = ["name + 1", "name.secret", "name * list", "[name..1]", "list[1](2)", 'matches(name, "(")']
    for result in kernel.evaluate([Expression(source) for source in sources], context):
        assert "张三" not in " ".join([*result.warnings, result.error.message if result.error else ""])


def test_checking_reads_names_without_values(feel: FeelExpressions) -> None:
    good, bad, unknown = feel.check(["=a.b > c", "a +", "f(a)"])
    assert (good.error, good.names) == (None, {"a", "c"})
    assert bad.error is not None
    assert "at character" in bad.error
    assert unknown.error is not None
    assert "f()" in unknown.error


def test_values_go_in_as_they_are_or_not_at_all(kernel: Kernel) -> None:
    context: dict[str, Any] = {"a": Decimal("2.50"), "b": Decimal(3), "c": date(2026, 1, 2), "d": NOW, "e": (1, 2)}
    assert [r.value for r in kernel.evaluate([Expression(n) for n in "abcde"], context)] == [
        2.5, 3, "2026-01-02", "2026-11-22T06:05:00+00:00", [1, 2],
    ]  # fmt: skip
    for refused in (2**53, datetime(2026, 1, 1), object(), b"x"):  # noqa: DTZ001 - refused for lacking a zone
        with pytest.raises(KernelInputRefused):
            kernel.evaluate([Expression("x")], {"x": refused})


def test_a_loop_is_stopped_and_the_next_call_works() -> None:
    kernel = Kernel(time_limit_ms=150)
    with pytest.raises(KernelLimitReached, match="time"):
        kernel.evaluate([Expression(ENDLESS)], {})
    kernel = Kernel(time_limit_ms=2000)
    assert kernel.evaluate([Expression("1 + 1")], {})[0].value == 2
    kernel.close()


def test_a_memory_bomb_is_stopped_and_the_next_call_works() -> None:
    kernel = Kernel(time_limit_ms=20_000, memory_limit_mb=32)
    with pytest.raises(KernelLimitReached, match="memory"):
        kernel.evaluate([Expression("for i in 1..1000 return for j in 1..4000 return {a: i, b: string(j)}")], {})
    assert kernel.evaluate([Expression("1 + 1")], {})[0].value == 2
    kernel.close()


def test_nothing_of_the_host_is_there(kernel: Kernel) -> None:
    for name in ("process", "require", "fetch", "globalThis", "console", "Date"):
        [result] = kernel.evaluate([Expression(name)], {})
        assert result.value is None


def test_a_missing_bundle_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(KernelNotBuilt, match="make build"):
        Kernel(bundle=tmp_path / "kernel.js").parse([Expression("a")])


def test_a_bundle_that_is_none(tmp_path: Path) -> None:
    broken = tmp_path / "kernel.js"
    broken.write_text("var lianbanKernel = {};")
    with pytest.raises(KernelFailed):
        Kernel(bundle=broken).parse([Expression("a")])


def test_the_digest_is_the_bundles(kernel: Kernel) -> None:
    assert len(kernel.digest) == 64


def test_a_broken_form_is_told_apart_from_broken_data(kernel: Kernel) -> None:
    schema = {"components": [{"id": "x", "type": "textfield", "key": "x", "properties": {"lianban:compute": "=x +"}}]}
    with pytest.raises(FormBroken) as caught:
        kernel.validate_form(schema, {}, {"now": NOW})
    assert caught.value.component == "x"


def test_values_that_never_settle_break_the_form(kernel: Kernel) -> None:
    component = {"id": "x", "type": "expression", "key": "x", "expression": "=if x = null then 1 else x + 1"}
    with pytest.raises(FormBroken, match="settle"):
        kernel.validate_form({"components": [component]}, {}, {"now": NOW})


SCRIPT = """
import os, sys
from forms.errors import KernelForked
from forms.kernel import Expression, Kernel
kernel = Kernel(time_limit_ms=2000)
kernel.parse([Expression("a")])
child = os.fork()
if child == 0:
    try:
        kernel.parse([Expression("a")])
    except KernelForked:
        sys.exit(7)
    sys.exit(1)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_a_forked_process_is_told_and_both_end() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], check=False, timeout=240, cwd=Path(__file__).parents[2])
    assert done.returncode == 7


@pytest.mark.parametrize(
    ("source", "limit"),
    [
        ("count(for i in 1..2000 return i)", "items"),
        ("for i in 1..900, j in 1..900 return i", "items"),
        ("every i in 1..900, j in 1..900 satisfies i > 0", "steps"),
        ('string join(for i in 1..900 return "0123456789")', "text"),
        ('{a: "0123456789", b: a + a + a + a, c: b + b + b + b, d: c + c + c + c, e: d + d + d + d}.e', "text"),
        ("{f: function(g, n) g(g, n + 1)}.f(function(g, n) g(g, n + 1), 1)", "depth"),
        ('matches(string join(for i in 1..120 return "0123456789"), "a")', "matched"),
        ('matches("a", string join(for i in 1..20 return "0123456789"))', "pattern"),
        ("distinct values(for i in 1..900 return i)", "steps"),
        ("sort(for i in 1..1000 return -i, function(a, b) count(for k in 1..900 return k) > 0)", "steps"),
    ],
)  # fmt: skip
def test_expressions_are_bounded(source: str, limit: str) -> None:
    bounds = {"items": 1000, "steps": 50_000, "text": 2000, "depth": 50, "matched": 1000, "pattern": 100}
    kernel = Kernel(time_limit_ms=20_000, limits=bounds)
    [result, after] = kernel.evaluate([Expression(source), Expression("1 + 1")], {})
    kernel.close()
    assert result.error is not None
    assert (result.error.code, limit in result.error.message) == ("limit", True)
    assert after.value == 2


@pytest.mark.parametrize(
    "source",
    ["(" * 5000 + "1" + ")" * 5000, "[" * 5000, "-" * 5000 + "1", "if " * 5000, "]1..x[" * 2000, "x in (" * 2000, "a" * 60_000,
     "f(" * 3000, "{a:" * 3000, "not(" * 3000, "1" + "+1" * 20_000 + "(", "for i in " * 3000, "a." * 20_000 + "(", "/*" * 20_000],
)  # fmt: skip
def test_texts_of_any_shape_are_read_or_refused_in_time(source: str, kernel: Kernel) -> None:
    [found] = kernel.parse([Expression(source)])
    assert found.error is not None
    assert found.error.code in {"syntax", "limit"}


def test_a_limit_that_is_none_is_refused() -> None:
    with pytest.raises(KernelFailed, match="step"):
        Kernel(limits={"step": 1}).parse([Expression("a")])


def test_an_interrupted_call_never_answers_the_next(kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = queue.Queue.get

    def interrupted(*_: object, **__: object) -> object:
        monkeypatch.setattr(queue.Queue, "get", taken)
        raise KeyboardInterrupt

    assert kernel.evaluate([Expression("1")], {"now": NOW})[0].value == 1
    monkeypatch.setattr(queue.Queue, "get", interrupted)
    with pytest.raises(KeyboardInterrupt):
        kernel.evaluate([Expression("2")], {"now": NOW})
    assert kernel.evaluate([Expression("3")], {"now": NOW})[0].value == 3
