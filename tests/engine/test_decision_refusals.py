"""Each fault of a decision model is found, at its element, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bootstrap.decisions import EngineDecisions
from engine.contract import Finding, Severity
from engine.decisions.contract import ParsedDecisions
from engine.decisions.overlap import overlapping
from engine.decisions.pipeline import parse
from engine.errors import DefinitionRefused
from engine.limits import Limits
from forms.kernel import Kernel
from tests.engine.decision_kit import decision, dmn, given, knowledge, literal, table

ONE = '<output name="out"/>'
Judge = Callable[[bytes], tuple[Finding, ...]]


@pytest.fixture(scope="module")
def decisions(kernel: Kernel) -> EngineDecisions:
    return EngineDecisions(kernel)


@pytest.fixture
def judge(decisions: EngineDecisions) -> Judge:
    def run(xml: bytes) -> tuple[Finding, ...]:
        try:
            return parse(xml, decisions, Limits()).findings
        except DefinitionRefused as refused:
            return refused.findings

    return run


def test_a_sound_model_has_no_findings_and_is_described(decisions: EngineDecisions) -> None:
    body = table("x", ONE, "&lt; 1 => 1", "&gt;= 1 => 2")
    xml = dmn(
        given("x", "number")
        + decision("a", body, "i_x", type_="number")
        + decision("b", literal("a + k(x)"), "d_a", "i_x", "k_k", type_="number")
        + knowledge("k", "n:number", literal("n"))
    )
    parsed: ParsedDecisions = parse(xml, decisions, Limits())
    assert parsed.findings == ()
    first, second = parsed.model.decisions
    assert (first.kind, first.hit_policy, first.inputs, first.type) == ("table", "UNIQUE", ("i_x",), "number")
    assert (second.kind, second.requires, second.inputs) == ("literal", ("d_a",), ("i_x",))


ERRORS = {
    "badFeel": dmn(decision("d", literal("1 +"))),
    "unknownFunction": dmn(decision("d", literal("nothing(1)"))),
    "nothingToDecide": dmn(given("x", "number")),
    "nameMissing": dmn('<decision id="d"><literalExpression><text>1</text></literalExpression></decision>'),
    "duplicateName": dmn(decision("d", literal("1")) + decision("d", literal("1")).replace('id="d_d"', 'id="e"')),
    "duplicateId": dmn(decision("d", literal("1")) + decision("e", literal("1")).replace("d_e", "d_d")),
    "unknownType": dmn(decision("d", literal("1"), type_="tNothing")),
    "unknownReference": dmn(decision("d", literal("1"), "i_nothing")),
    "importUnknown": dmn('<import name="p" namespace="urn:p" importType="http://www.dmg.org/PMML-4_4"/>' + decision("d", literal("1"))),
    "importMissing": dmn(
        '<import name="p" namespace="urn:p" importType="https://www.omg.org/spec/DMN/20230324/MODEL/"/>' + decision("d", literal("1"))
    ),
    "otherLanguage": dmn(decision("d", literal("1").replace("<lit", '<literalExpression expressionLanguage="juel"').replace("eralExpression>", ">", 1))),
    "externalFunction": dmn(decision("d", '<functionDefinition kind="Java"><context/></functionDefinition>')),
    "hitPolicyUnknown": dmn(given("x", "number") + decision("d", table("x", ONE, "- => 1", policy="BEST"), "i_x")),
    "tableWithoutOutput": dmn(given("x", "number") + decision("d", '<decisionTable id="t"/>', "i_x")),
    "outputNameMissing": dmn(given("x", "number") + decision("d", table("x", ONE + "<output/>", "- => 1|2"), "i_x")),
    "aggregationOfSeveral": dmn(
        given("x", "number")
        + decision("d", table("x", ONE + '<output name="b"/>', "- => 1|2", policy="COLLECT", more='aggregation="SUM"'), "i_x")
    ),
    "prioritiesMissing": dmn(given("x", "number") + decision("d", table("x", ONE, "- => 1", policy="PRIORITY"), "i_x")),
    "ruleIncomplete": dmn(given("x", "number") + decision("d", table("x", ONE, "- | - => 1"), "i_x")),
    "decisionCycle": dmn(decision("a", literal("b"), "d_b") + decision("b", literal("a"), "d_a")),
    "serviceWithoutOutput": dmn(decision("d", literal("1")) + '<decisionService id="s" name="s"/>'),
    "typeCycle": dmn(
        '<itemDefinition name="tA"><itemComponent name="a"><typeRef>tA</typeRef></itemComponent></itemDefinition>'
        + decision("d", literal("1"))
    ),
}  # fmt: skip

WARNINGS = {
    "unknownName": dmn(given("x", "number") + decision("d", literal("x + y"), "i_x")),
    "logicMissing": dmn(decision("d", "")),
    "inputUntyped": dmn(given("x") + decision("d", literal("x"), "i_x")),
    "variableNameDiffers": dmn(decision("d", literal("1")).replace('variable name="d"', 'variable name="e"')),
    "tableWithoutRules": dmn(given("x", "number") + decision("d", table("x", ONE), "i_x")),
    "aggregationIgnored": dmn(given("x", "number") + decision("d", table("x", ONE, "- => 1", more='aggregation="SUM"'), "i_x")),
    "rulesOverlap": dmn(given("x", "number") + decision("d", table("x", ONE, "&lt; 5 => 1", "[4..9] => 2"), "i_x")),
    "rulesUnreachable": dmn(given("x", "number") + decision("d", table("x", ONE, "- => 1", "1 => 2", policy="FIRST"), "i_x")),
}  # fmt: skip


@pytest.mark.parametrize("rule", ERRORS)
def test_errors(judge: Judge, rule: str) -> None:
    found = [f for f in judge(ERRORS[rule]) if f.severity is Severity.ERROR]
    assert [f.rule for f in found] == [rule]
    assert all((f.message_zh, f.message_en, f.hint_zh, f.hint_en) for f in found)


@pytest.mark.parametrize("rule", WARNINGS)
def test_warnings_do_not_block(judge: Judge, rule: str) -> None:
    found = judge(WARNINGS[rule])
    assert [(f.rule, f.severity) for f in found] == [(rule, Severity.WARNING)]


def test_a_finding_is_at_its_rule(judge: Judge) -> None:
    xml = dmn(given("x", "number") + decision("d", table("x", ONE, "1 => 1", "2 => 1 +"), "i_x"))
    (found,) = judge(xml)
    assert (found.rule, found.element_id, found.line) == ("badFeel", "r1", 1)


@pytest.mark.parametrize(
    ("first", "second", "meets"),
    [
        ("1", "1", True),
        ("1", "2", False),
        ('"a","b"', '"b"', True),
        ('"a"', '"b"', False),
        ("not(1)", "1", False),
        ("not(1)", "2", True),
        ("not(1)", "not(2)", True),
        ("&lt; 3", "[3..4]", False),
        ("<= 3", "[3..4]", True),
        ("[1..3)", "[3..4]", False),
        ("]1..3]", "[3..4]", True),
        ("true", "false", False),
        ("-", "5", True),
        ('date("2024-01-01")', '>= @"2024-01-01"', True),
        ("1", '"1"', False),
        ("x + 1", "-", False),
    ],
)
def test_rules_that_surely_overlap(first: str, second: str, meets: bool) -> None:
    cells = [first.replace("&lt;", "<"), second]
    assert bool(list(overlapping([{"tests": [cell]} for cell in cells]))) is meets
