"""Each construct of DMN, evaluated: one tiny model per construct."""

from __future__ import annotations

import pytest

from engine.decisions.names import NAMESPACES
from engine.decisions.pipeline import read
from engine.errors import DefinitionRefused
from engine.limits import Limits
from forms.kernel import Kernel
from tests.engine.decision_kit import Ask, asker, codes, decision, dmn, given, knowledge, literal, table, value

ONE = '<output name="out"/>'


@pytest.fixture(scope="module")
def ask(kernel: Kernel) -> Ask:
    return asker(kernel)


@pytest.mark.parametrize("space", NAMESPACES)
def test_every_version_is_read(ask: Ask, space: str) -> None:
    xml = dmn(given("x", "number") + decision("d", literal("x + 1"), "i_x"), space=space)
    assert value(ask(xml, "d", {"x": 2})) == 3


def test_another_root_is_refused() -> None:
    with pytest.raises(DefinitionRefused) as refused:
        read(b"<definitions xmlns='urn:other'/>", Limits())
    assert [f.rule for f in refused.value.findings] == ["notDmn"]


def test_a_doctype_is_refused() -> None:
    with pytest.raises(DefinitionRefused) as refused:
        read(b"<!DOCTYPE x []>" + dmn(""), Limits())
    assert [f.rule for f in refused.value.findings] == ["doctype"]


# tables


@pytest.mark.parametrize(
    ("policy", "more", "expected"),
    [
        ("UNIQUE", "", None),
        ("ANY", "", None),
        ("FIRST", "", "b"),
        ("RULE ORDER", "", ["b", "a", "c"]),
        ("PRIORITY", "", "a"),
        ("OUTPUT ORDER", "", ["a", "b", "c"]),
        ("COLLECT", "", ["b", "a", "c"]),
        ("COLLECT", 'aggregation="COUNT"', 3),
        ("COLLECT", 'aggregation="MIN"', "a"),
        ("COLLECT", 'aggregation="MAX"', "c"),
    ],
)
def test_hit_policies(ask: Ask, policy: str, more: str, expected: object) -> None:
    outputs = '<output name="out"><outputValues><text>"a","b","c","z"</text></outputValues></output>'
    rules = ('&gt; 1 => "b"', '&gt; 2 => "a"', '- => "c"', '&lt; 0 => "z"')
    xml = dmn(given("x", "number") + decision("d", table("x", outputs, *rules, policy=policy, more=more), "i_x"))
    result = ask(xml, "d", {"x": 5})
    assert result.value == expected
    assert codes(result) == {"UNIQUE": {"severalRules"}, "ANY": {"differentOutputs"}}.get(policy, set())


def test_sum_of_collected_outputs(ask: Ask) -> None:
    body = table("x", ONE, "- => 1", "&gt; 2 => 2.5", policy="COLLECT", more='aggregation="SUM"')
    assert value(ask(dmn(given("x", "number") + decision("d", body, "i_x")), "d", {"x": 5})) == 3.5


@pytest.mark.parametrize(
    ("policy", "more", "expected"),
    [
        ("UNIQUE", "", None),
        ("COLLECT", "", []),
        ("RULE ORDER", "", []),
        ("COLLECT", 'aggregation="COUNT"', 0),
        ("COLLECT", 'aggregation="SUM"', None),
    ],
)
def test_nothing_matches(ask: Ask, policy: str, more: str, expected: object) -> None:
    body = table("x", ONE, "1 => 1", policy=policy, more=more)
    assert value(ask(dmn(given("x") + decision("d", body, "i_x")), "d", {"x": 9})) == expected


def test_default_outputs_when_nothing_matches(ask: Ask) -> None:
    outputs = (
        '<output name="a"><defaultOutputEntry><text>"none"</text></defaultOutputEntry></output>'
        '<output name="b"><defaultOutputEntry><text>0</text></defaultOutputEntry></output>'
    )
    xml = dmn(given("x") + decision("d", table("x", outputs, '1 => "one" | 1'), "i_x"))
    assert value(ask(xml, "d", {"x": 1})) == {"a": "one", "b": 1}
    assert value(ask(xml, "d", {"x": 2})) == {"a": "none", "b": 0}


def test_several_outputs_are_ranked_in_the_order_of_their_columns(ask: Ask) -> None:
    outputs = (
        '<output name="risk"><outputValues><text>"high","low"</text></outputValues></output>'
        '<output name="way"><outputValues><text>"refer","accept"</text></outputValues></output>'
    )
    rules = ('- => "low" | "refer"', '- => "high" | "accept"', '- => "high" | "refer"')
    xml = dmn(given("x") + decision("d", table("x", outputs, *rules, policy="OUTPUT ORDER"), "i_x"))
    rows = value(ask(xml, "d", {"x": 1}))
    assert [(row["risk"], row["way"]) for row in rows] == [("high", "refer"), ("high", "accept"), ("low", "refer")]


def test_priorities_come_from_the_type_where_the_output_lists_none(ask: Ask) -> None:
    kind = (
        '<itemDefinition name="tLevel"><typeRef>string</typeRef><allowedValues><text>"top","low"</text></allowedValues>'
        "</itemDefinition>"
    )
    body = table("x", ONE, '- => "low"', '- => "top"', policy="PRIORITY")
    xml = dmn(kind + given("x") + decision("d", body, "i_x", type_="tLevel"))
    assert value(ask(xml, "d", {"x": 1})) == "top"


def test_an_input_outside_its_values_makes_null_and_a_reason(ask: Ask) -> None:
    body = (
        '<decisionTable id="t"><input id="c" label="colour"><inputExpression typeRef="string"><text>x</text></inputExpression>'
        '<inputValues><text>"red","blue"</text></inputValues></input><output name="o"/>'
        "<rule><inputEntry><text>-</text></inputEntry><outputEntry><text>1</text></outputEntry></rule></decisionTable>"
    )
    xml = dmn(given("x", "string") + decision("d", body, "i_x"))
    assert value(ask(xml, "d", {"x": "red"})) == 1
    refused = ask(xml, "d", {"x": "green"})
    assert (refused.value, codes(refused)) == (None, {"inputNotAllowed"})
    assert "green" not in str(refused.errors)


def test_the_trace_tells_which_rules_matched(ask: Ask) -> None:
    body = table("x", ONE, "&gt; 1 => 1", "&gt; 100 => 2", "- => 3", policy="COLLECT")
    result = ask(dmn(given("x") + decision("d", body, "i_x")), "d", {"x": 5})
    (step,) = result.trace
    assert (step.name, step.rules, step.inputs, step.value) == ("d", (0, 2), (5,), [1, 3])


# boxed expressions


def test_context_entries_see_those_before_them(ask: Ask) -> None:
    body = (
        f'<context><contextEntry><variable name="net price"/>{literal("10")}</contextEntry>'
        f'<contextEntry><variable name="gross"/>{literal("net price * 2")}</contextEntry></context>'
    )
    assert value(ask(dmn(decision("d", body)), "d")) == {"net price": 10, "gross": 20}
    with_result = body.replace("</context>", f"<contextEntry>{literal('gross + 1')}</contextEntry></context>")
    assert value(ask(dmn(decision("d", with_result)), "d")) == 21


def test_knowledge_is_invoked_by_text_and_by_box(ask: Ask) -> None:
    double = knowledge("double", "n:number", literal("n * 2"), type_="number")
    box = f'<invocation>{literal("double")}<binding><parameter name="n"/>{literal("x")}</binding></invocation>'
    xml = dmn(
        given("x", "number")
        + double
        + decision("a", literal("double(x)"), "i_x", "k_double")
        + decision("b", box, "i_x", "k_double")
        + decision("c", literal("double(n: x) + double(1)"), "i_x", "k_double")
    )
    assert [value(ask(xml, name, {"x": 4})) for name in "abc"] == [8, 8, 10]


def test_a_parameter_of_another_name_or_type_is_told(ask: Ask) -> None:
    double = knowledge("double", "n:number", literal("n * 2"))
    wrong = f'<invocation>{literal("double")}<binding><parameter name="m"/>{literal("1")}</binding></invocation>'
    xml = dmn(double + decision("a", wrong, "k_double") + decision("b", literal('double("text")'), "k_double"))
    assert codes(ask(xml, "a")) == {"unknownParameter"}
    assert codes(ask(xml, "b")) == {"typeMismatch"}


def test_knowledge_uses_knowledge_and_itself(ask: Ask) -> None:
    factorial = knowledge(
        "factorial", "n:number", literal("if n &lt;= 1 then 1 else n * factorial(n - 1)"), "k_factorial"
    )
    twice = knowledge("twice", "n:number", literal("2 * factorial(n)"), "k_factorial")
    assert value(ask(dmn(factorial + twice + decision("d", literal("twice(5)"), "k_twice")), "d")) == 240


def test_endless_recursion_ends_with_a_reason(ask: Ask) -> None:
    endless = knowledge("endless", "n:number", literal("endless(n + 1)"), "k_endless")
    assert codes(ask(dmn(endless + decision("d", literal("endless(1)"), "k_endless")), "d")) == {"tooDeep"}


def test_a_function_in_a_context_closes_over_it(ask: Ask) -> None:
    body = (
        f'<context><contextEntry><variable name="rate"/>{literal("3")}</contextEntry><contextEntry><variable name="f"/>'
        f'<functionDefinition><formalParameter name="n" typeRef="number"/>{literal("n * rate")}</functionDefinition>'
        f"</contextEntry><contextEntry>{literal('f(2)')}</contextEntry></context>"
    )
    assert value(ask(dmn(decision("d", body)), "d")) == 6


def test_lists_relations_conditionals_filters_and_iterations(ask: Ask) -> None:
    relation = (
        '<relation><column name="name"/><column name="age" typeRef="number"/>'
        f"<row>{literal('&quot;A&quot;')}{literal('20')}</row><row>{literal('&quot;B&quot;')}{literal('10')}</row></relation>"
    )
    parts = {
        "l": f"<list>{literal('1')}{literal('1 + 1')}</list>",
        "r": relation,
        "i": f"<conditional><if>{literal('l[1] = 1')}</if><then>{literal('7')}</then><else>{literal('8')}</else></conditional>",
        "f": f"<filter><in>{literal('r')}</in><match>{literal('age &gt; 15')}</match></filter>",
        "o": f'<for iteratorVariable="e"><in>{literal("l")}</in><return>{literal("e * 10 + count(partial)")}</return></for>',
        "s": f'<some iteratorVariable="e"><in>{literal("l")}</in><satisfies>{literal("e = 2")}</satisfies></some>',
        "e": f'<every iteratorVariable="e"><in>{literal("l")}</in><satisfies>{literal("e = 2")}</satisfies></every>',
    }
    xml = dmn("".join(decision(n, logic, *(["d_l", "d_r"] if n not in "lr" else [])) for n, logic in parts.items()))
    answers = {name: value(ask(xml, name)) for name in parts}
    assert answers == {
        "l": [1, 2],
        "r": [{"name": "A", "age": 20}, {"name": "B", "age": 10}],
        "i": 7,
        "f": [{"name": "A", "age": 20}],
        "o": [10, 21],
        "s": True,
        "e": False,
    }


# types


PERSON = (
    '<itemDefinition name="tPerson"><itemComponent name="full name"><typeRef>string</typeRef></itemComponent>'
    '<itemComponent name="born"><typeRef>date</typeRef></itemComponent></itemDefinition>'
    '<itemDefinition name="tPeople" isCollection="true"><typeRef>tPerson</typeRef></itemDefinition>'
)


def test_structures_are_typed_and_their_names_have_spaces(ask: Ask) -> None:
    body = decision("d", literal("p.full name + string(p.born.year)"), "i_p")
    xml = dmn(PERSON + given("p", "tPerson") + body)
    assert value(ask(xml, "d", {"p": {"full name": "A", "born": "2001-02-03"}})) == "A2001"
    assert codes(ask(xml, "d", {"p": {"full name": "A"}})) == {"typeMismatch"}


def test_one_becomes_a_list_and_a_list_of_one_becomes_one(ask: Ask) -> None:
    xml = dmn(
        PERSON
        + given("many", "tPeople")
        + decision("names", literal("many.full name"), "i_many")
        + decision("one", literal("[1]"), type_="number")
        + decision("bad", literal('["a"]'), type_="number")
    )
    assert value(ask(xml, "names", {"many": {"full name": "A", "born": "2001-02-03"}})) == ["A"]
    assert value(ask(xml, "one")) == 1
    assert (ask(xml, "bad").value, codes(ask(xml, "bad"))) == (None, {"typeMismatch"})


def test_a_date_becomes_a_date_and_time(ask: Ask) -> None:
    xml = dmn(decision("d", literal('date("2024-01-02")'), type_="date and time"))
    assert value(ask(xml, "d")).startswith("2024-01-02T00:00:00")


def test_allowed_values_and_constraints(ask: Ask) -> None:
    types = (
        '<itemDefinition name="tMark"><typeRef>number</typeRef><allowedValues><text>[1..5]</text></allowedValues></itemDefinition>'
        '<itemDefinition name="tMarks" isCollection="true"><typeRef>tMark</typeRef><typeConstraint><text>count(?) &gt; 1</text>'
        "</typeConstraint></itemDefinition>"
    )
    xml = dmn(types + given("m", "tMarks") + decision("d", literal("sum(m)"), "i_m"))
    assert value(ask(xml, "d", {"m": [1, 5]})) == 6
    assert codes(ask(xml, "d", {"m": [1, 6]})) == {"typeMismatch"}
    assert codes(ask(xml, "d", {"m": [1]})) == {"typeMismatch"}


# the graph


def test_each_decision_is_made_once_and_sees_only_what_it_requires(ask: Ask) -> None:
    xml = dmn(
        given("x", "number")
        + decision("a", literal("x + 1"), "i_x")
        + decision("b", literal("a * 2"), "d_a")
        + decision("c", literal("a + b"), "d_a", "d_b")
        + decision("hidden", literal("x"), "d_a")
    )
    result = ask(xml, "c", {"x": 1})
    assert (value(result), [step.name for step in result.trace]) == (6, ["a", "b", "c"])
    assert ask(xml, "hidden", {"x": 1}).value is None


def test_a_cycle_ends_with_a_reason(ask: Ask) -> None:
    xml = dmn(decision("a", literal("b"), "d_b") + decision("b", literal("a"), "d_a"))
    assert codes(ask(xml, "a")) == {"cycle"}


def test_a_service_is_called_from_outside_and_from_a_decision(ask: Ask) -> None:
    service = (
        '<decisionService id="s" name="s"><variable name="s"/><outputDecision href="#d_a"/>'
        '<inputDecision href="#d_base"/><inputData href="#i_x"/></decisionService>'
    )
    call = decision("call", literal("s(1, 2)"), "k_none").replace('href="#k_none"', 'href="#s"')
    xml = dmn(
        given("x", "number")
        + decision("base", literal("1000"), type_="number")
        + decision("a", literal("x * 10 + base"), "i_x", "d_base", type_="number")
        + service
        + call
    )
    assert value(ask(xml, "s", {"x": 3, "base": 4})) == 34
    assert value(ask(xml, "call")) == 12
    assert codes(ask(xml, "s", {"x": 3})) == {"missingArgument"}


def test_a_service_with_several_outputs_answers_a_context(ask: Ask) -> None:
    service = (
        '<decisionService id="s" name="s"><outputDecision href="#d_a"/><outputDecision href="#d_b"/>'
        '<inputData href="#i_x"/></decisionService>'
    )
    body = decision("a", literal("x"), "i_x") + decision("b", literal("x + 1"), "i_x")
    assert value(ask(dmn(given("x") + body + service), "s", {"x": 1})) == {"a": 1, "b": 2}


def test_other_models_are_imported_with_their_types_inputs_and_knowledge(ask: Ask) -> None:
    library = dmn(
        '<itemDefinition name="tRate"><typeRef>number</typeRef></itemDefinition>'
        + given("rate", "tRate")
        + knowledge("scale", "n:number", literal("n * 2"))
        + decision("base", literal("rate + 1"), "i_rate"),
        namespace="urn:lib",
    )
    head = f'<import name="lib" namespace="urn:lib" importType="{next(reversed(NAMESPACES))}"/>'
    xml = dmn(
        head
        + decision(
            "d", literal("lib.scale(lib.base) + lib.rate"), "urn:lib#d_base", "urn:lib#k_scale", "urn:lib#i_rate",
            type_="lib.tRate",
        )
    )  # fmt: skip
    assert value(ask(xml, "d", {"lib": {"rate": 4}}, imports={"urn:lib": library})) == 14
    assert value(ask(xml, "d", {"rate": 4}, imports={"urn:lib": library})) == 14


def test_local_references_may_name_the_namespace(ask: Ask) -> None:
    xml = dmn(given("x", "number") + decision("d", literal("x"), "urn:test#i_x"))
    assert value(ask(xml, "d", {"x": 1})) == 1


def test_a_model_without_input_data_reads_what_it_is_given(ask: Ask) -> None:
    xml = dmn(
        '<decision id="fee" name="Fee">' + table("age", ONE, "&lt; 18 => 0", "- => 5", policy="FIRST") + "</decision>"
    )
    assert value(ask(xml, "Fee", {"age": 10})) == 0


def test_names_may_hold_signs_and_chinese(ask: Ask) -> None:
    inputs = given("申请人 年龄", "number").replace("i_申请人 年龄", "i_1") + given("a-b", "number").replace(
        "i_a-b", "i_2"
    )
    xml = dmn(inputs + decision("d", literal("申请人 年龄 - a-b"), "i_1", "i_2"))
    assert value(ask(xml, "d", {"申请人 年龄": 9, "a-b": 2})) == 7


def test_the_clock_is_given(ask: Ask) -> None:
    xml = dmn(decision("d", literal("string(today())")))
    assert value(ask(xml, "d", now="2026-03-04T01:00:00+08:00")) == "2026-03-04"


def test_a_broken_text_makes_null_and_names_no_value(ask: Ask) -> None:
    result = ask(dmn(given("x") + decision("d", literal("x + + "), "i_x")), "d", {"x": "private"})
    assert (result.value, codes(result)) == (None, {"syntax"})
    assert "private" not in str(result.errors)
