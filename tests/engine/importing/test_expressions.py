"""JUEL and script expressions as FEEL: what each form becomes, and that the meaning is the same."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.importing import expressions, scripts
from engine.importing.errors import Unconvertible
from engine.importing.feel import Writer
from engine.importing.syntax import Binary, Choice, Expr, Literal, Name, Unary, parse
from forms.expressions import FeelExpressions

VALUES = [
    ("${x == 1}", "=x = 1"),
    ("#{x != 'a'}", '=x != "a"'),
    ("${a eq b and c ne d}", "=a = b and c != d"),
    ("${a lt 1 || b ge 2.5}", "=a < 1 or b >= 2.5"),
    ("${a gt 1 && b le 2}", "=a > 1 and b <= 2"),
    ("${!approved}", "=not(approved = true)"),
    ("${not (a == b)}", "=a != b"),
    ("${!!a}", "=a = true"),
    ("${!(a > 3)}", "=not((a > 3) = true)"),
    ("${empty x}", '=list contains([null, "", [], {}], x)'),
    ("${not empty x}", '=not(list contains([null, "", [], {}], x))'),
    ("${a - (b - c)}", "=a - (b - c)"),
    ("${(a + b) * c div d}", "=(a + b) * c / d"),
    ("${x mod 2 == 0}", "=modulo(x, 2) = 0"),
    ("${-x + 3}", "=-x + 3"),
    ("${a ? 'y' : \"n\"}", '=if a then "y" else "n"'),
    ("${(a ? 1 : 2) + 3}", "=(if a then 1 else 2) + 3"),
    ("${order.items[0].price}", "=order.items[1].price"),
    ("${order['net price']}", '=get value(order, "net price")'),
    ("${order['net']}", "=order.net"),
    ("${list[i]}", "=if i instance of number then list[i + 1] else get value(list, i)"),
    ("${execution.getVariable('n') > 3}", "=n > 3"),
    ("${execution.hasVariable('n')}", "=(n != null)"),
    ("${a.equals('x')}", '=a = "x"'),
    ("${name.startsWith('A') && name.length() > 2}", '=starts with(name, "A") and string length(name) > 2'),
    ("${list.size() == 2}", "=count(list) = 2"),
    ("${list.isEmpty()}", '=list contains([null, "", [], {}], list)'),
    ("${list.contains(3)}", "=list contains(list, 3)"),
    ("${text.contains('a')}", '=(contains(text, "a") = true or list contains(text, "a") = true)'),
    ("${text.substring(1, 3)}", "=substring(text, 2, 2)"),
    ("${order.getCustomer().getName()}", "=order.customer.name"),
    ("${variables:get(foo) eq 'x'}", '=foo = "x"'),
    ("${vars:getOrDefault(foo, 3)}", "=if foo = null then 3 else foo"),
    ("${var:notEquals('foo', 2)}", "=foo != 2"),
    ("${loopCounter}", "=loopCounter - 1"),
    ("${nrOfCompletedInstances/nrOfInstances >= 0.5}", "=nrOfCompletedInstances / nrOfInstances >= 0.5"),
    ("${now()}", "=now()"),
    ("${dateTime().plusDays(3).toDate()}", '=(now() + duration("P3D"))'),
    ("PT${h}H", '=string join(["PT", string(h), "H"])'),
    ("${a} ${b}", '=string join([string(a), " ", string(b)])'),
    ("kermit", "kermit"),
    ("\\${x}", "\\${x}"),
    ("=x", '="=x"'),
    ("${'it''s'}", None),
    ("${bean.call(execution)}", None),
    ("${execution.processInstanceId}", None),
    ("${a +}", None),
    ("${a", None),
    ("${for}", None),
]


@pytest.mark.parametrize(("text", "written"), VALUES, ids=[v[0] for v in VALUES])
def test_a_value_becomes_feel(text: str, written: str | None, feel: FeelExpressions) -> None:
    if written is None:
        with pytest.raises(Unconvertible) as refused:
            expressions.value(text)
        assert refused.value.reason_zh
        assert refused.value.reason_en
        return
    assert expressions.value(text) == written
    if written.startswith("="):
        assert feel.check([written[1:]])[0].error is None


CONDITIONS = [
    ("${approved}", "", "=approved"),
    ("myVar == 'test'", "groovy", '=myVar = "test"'),
    ('test.contains("a")', "", '=(contains(test, "a") = true or list contains(test, "a") = true)'),
    ("true", "http://www.w3.org/1999/XPath", "true"),
    ("x > 5", "", "x > 5"),
    ("if a then b else c", "", "if a then b else c"),
    ('x = "a"', "", 'x = "a"'),
    ("=x", "", "=x"),
    ("bpmn:getDataObject('kind') = 'a' and not(getProcessProperty('b'))", "", '=kind = "a" and not(b)'),
    ("x == 1", "feel", "x == 1"),
]


@pytest.mark.parametrize(("text", "language", "feel"), CONDITIONS, ids=[c[0] for c in CONDITIONS])
def test_a_condition_becomes_feel_or_stays(text: str, language: str, feel: str) -> None:
    assert expressions.condition(text, language) == feel


def test_names_are_split_outside_of_expressions() -> None:
    assert expressions.names("a, b ,c") == "a, b, c"
    assert expressions.names("${lead}") == "=lead"
    assert expressions.names("a, ${x ? 'b' : 'c'}") == '=["a", if x then "b" else "c"]'


SCRIPTS: list[tuple[str, Any]] = [
    ("execution.setVariable('x', 1)", [("x", "1")]),
    ("integerVariable++", [("integerVariable", "integerVariable + 1")]),
    ("def y = 3\nx = y + 1; z = 'a' + x", [("x", "3 + 1"), ("z", '"a" + string(3 + 1)')]),
    ("x = 1\nx = x + 2", [("x", "1 + 2")]),
    ("a = b\nb = a", [("a", "b"), ("b", "b")]),
    ("if (n > 1) { s = 'many' } else s = 'one'", [("s", 'if n > 1 then "many" else "one"')]),
    ("if (n > 1) {\n s = 1\n}", [("s", "if n > 1 then 1 else s")]),
    ("var p = execution.getProcessInstance()\np.setVariable('s', p.getVariable('s') + 1)", [("s", "s + 1")]),
    ('name = "Hi ${user}"', [("name", 'string join(["Hi ", string(user)])')]),
    ("// note\nx = [1, 2] /* c */", [("x", "[1, 2]")]),
    ("x = [a: 1]", [("x", "{a: 1}")]),
    ("import a.B\nx = 1", [("x", "1")]),
]


@pytest.mark.parametrize(("source", "sets"), SCRIPTS, ids=[s[0] for s in SCRIPTS])
def test_a_script_sets_variables(source: str, sets: list[tuple[str, str]]) -> None:
    assert scripts.convert(source).sets == sets


def test_a_script_may_give_a_value_throw_or_speak() -> None:
    assert scripts.convert("return x * 2;").result == "x * 2"
    assert scripts.convert("a + b").result == "a + b"
    assert scripts.convert('throw new org.camunda.bpm.engine.delegate.BpmnError("NO");').error == "NO"
    assert scripts.convert('var B = Packages.a.BpmnError;\nthrow new B("NO")').error == "NO"
    assert scripts.convert('var B = Java.type("a.BpmnError"); throw new B("NO")').error == "NO"
    assert scripts.convert("println('x'); x = 1").dropped == ["println"]


@pytest.mark.parametrize(
    "source",
    [
        "for (i in 1..3) { x = i }",
        "file.delete()",
        "x.y = 1",
        "throw new RuntimeException('a')",
        "if (a) throw new BpmnError('x')",
        "return 1\nx = 2",
        "execution.setVariable(name, 1)",
        "x = 'a $b'".replace("'", '"'),
        "x" * 30_000,
        "(" * 200,
        "x = " + "-" * 500 + "1",
        "while (true) {}",
    ],
)
def test_a_script_that_feel_cannot_say_is_left_to_people(source: str) -> None:
    with pytest.raises(Unconvertible):
        scripts.convert(source)


# -- the meaning is the same --------------------------------------------------------------------------

NUMBERS = st.sampled_from(["a", "b", "c"])


def numeric(depth: int) -> st.SearchStrategy[Expr]:
    leaf: st.SearchStrategy[Expr] = st.one_of(
        st.integers(0, 9).map(lambda n: Literal(str(n), number=True)), NUMBERS.map(Name)
    )
    if not depth:
        return leaf
    below = numeric(depth - 1)
    return st.one_of(
        leaf,
        st.builds(Binary, st.sampled_from(["+", "-", "*"]), below, below),
        st.builds(Unary, st.just("-"), below),
        st.builds(Choice, boolean(depth - 1), below, below),
    )


def boolean(depth: int) -> st.SearchStrategy[Expr]:
    leaf: st.SearchStrategy[Expr] = st.one_of(st.booleans().map(Literal), st.sampled_from(["p", "q"]).map(Name))
    if not depth:
        return leaf
    below, numbers = boolean(depth - 1), numeric(depth - 1)
    return st.one_of(
        leaf,
        st.builds(Binary, st.sampled_from(["and", "or"]), below, below),
        st.builds(Unary, st.just("not"), below),
        st.builds(Binary, st.sampled_from(["==", "!=", "<", ">", "<=", ">="]), numbers, numbers),
    )


def juel(expr: Expr) -> str:
    match expr:
        case Literal():
            return str(expr.value).lower()
        case Name():
            return expr.id
        case Unary():
            return f"({'!' if expr.op == 'not' else '-'}{juel(expr.operand)})"
        case Binary():
            return f"({juel(expr.left)} {expr.op} {juel(expr.right)})"
        case Choice():
            return f"({juel(expr.condition)} ? {juel(expr.yes)} : {juel(expr.no)})"
        case _:
            raise AssertionError(expr)


def meaning(expr: Expr, values: dict[str, Any]) -> Any:
    match expr:
        case Literal():
            return int(str(expr.value)) if expr.number else expr.value
        case Name():
            return values[expr.id]
        case Unary():
            inner = meaning(expr.operand, values)
            return not inner if expr.op == "not" else -inner
        case Choice():
            return meaning(expr.yes if meaning(expr.condition, values) else expr.no, values)
        case Binary():
            left, right = meaning(expr.left, values), meaning(expr.right, values)
            return {
                "+": lambda: left + right, "-": lambda: left - right, "*": lambda: left * right, "and": lambda: bool(left and right),
                "or": lambda: bool(left or right), "==": lambda: left == right, "!=": lambda: left != right,
                "<": lambda: left < right, ">": lambda: left > right, "<=": lambda: left <= right, ">=": lambda: left >= right,
            }[expr.op]()  # fmt: skip
        case _:
            raise AssertionError(expr)


@settings(max_examples=150, deadline=None)
@given(boolean(3), st.integers(-5, 5), st.integers(-5, 5), st.booleans(), st.one_of(st.none(), st.booleans()))
def test_feel_means_what_juel_meant(feel: FeelExpressions, expr: Expr, a: int, b: int, p: bool, q: bool | None) -> None:
    values = {"a": a, "b": b, "c": 3, "p": p, "q": q}
    written = expressions.value("${" + juel(expr) + "}")
    assert written[1:] == Writer().text(expr)
    assert (next(iter(feel.evaluate([written[1:]], values))) or False) is (meaning(expr, values) or False)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab1 .()[]{}'\"!=<>&|+-*/%?:,$#\\\n;", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    for act in (
        parse,
        expressions.value,
        expressions.condition,
        scripts.convert,
        expressions.names,
        expressions.called_name,
    ):
        try:
            act(text)
        except Unconvertible:
            continue
