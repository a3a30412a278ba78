from collections.abc import Callable
from typing import Any

from tests.api.browser import Browser, assert_problem
from tests.engine.decision_kit import decision, dmn, given, literal, table
from tests.support.world import World

LogIn = Callable[[str], Browser]
OUT = '<output name="fee" typeRef="number"/>'


def fees(adult: int = 20, *, namespace: str = "urn:fees", more: str = "") -> str:
    rules = table("age", OUT, "&lt; 18 => 0", f"&gt;= 18 => {adult}")
    return dmn(
        given("age", "number") + decision("fee", rules, "i_age", type_="number") + more, namespace=namespace
    ).decode()


def deploy(browser: Browser, key: str, xml: str) -> Any:
    answer = browser.post("/decisions", {"key": key, "xml": xml, "note": ""})
    assert answer.status_code == 201, answer.text
    return answer.json


def test_decisions_are_checked_deployed_and_versioned(world: World, log_in: LogIn) -> None:
    designer = log_in("designer")
    checked: Any = designer.post("/decisions/check", {"xml": fees()}).json
    assert (checked["deployable"], checked["findings"]) == (True, [])
    (found,) = checked["model"]["decisions"]
    assert (found["id"], found["kind"], found["hitPolicy"], found["inputs"]) == ("d_fee", "table", "UNIQUE", ["i_age"])
    first = deploy(designer, "fees", fees())
    assert deploy(designer, "fees", fees())["version"] == 1
    assert deploy(designer, "fees", fees(30))["version"] == 2
    rows = designer.get("/decisions").json["items"]
    assert [(row["key"], row["version"], row["deployedByName"]) for row in rows] == [("fees", 2, "designer")]
    assert [row["version"] for row in designer.get("/decisions/fees/versions").json["items"]] == [2, 1]
    xml = designer.get(f"/decisions/versions/{first['id']}/xml")
    assert (xml.mimetype, xml.text) == ("text/xml", fees())
    assert world.count("decisions") == 2
    assert_problem(designer.get("/decisions/nothing/versions"), 404, "not-found")
    assert_problem(designer.get("/decisions/versions/999/xml"), 404, "not-found")


def test_decisions_are_tried_out(log_in: LogIn) -> None:
    designer = log_in("designer")
    deploy(designer, "fees", fees())
    deploy(designer, "fees", fees(30))
    body = {"decisionId": "d_fee", "inputs": {"age": 40}}
    answer: Any = designer.post("/decisions/fees/evaluate", body).json
    assert (answer["value"], answer["errors"]) == (30, [])
    assert answer["trace"] == [{"id": "d_fee", "name": "fee", "value": 30, "rules": [2], "inputs": [40]}]
    assert designer.post("/decisions/fees/evaluate", {**body, "version": 1}).json["value"] == 20
    drawn: Any = designer.post("/decisions/try", {"xml": fees(99), **body}).json
    assert drawn["value"] == 99
    wrong: Any = designer.post("/decisions/try", {"xml": fees(), **body, "inputs": {"age": "old"}}).json
    assert (wrong["value"], [problem["code"] for problem in wrong["errors"]]) == (None, ["typeMismatch"])
    assert "old" not in str(wrong["errors"])
    assert_problem(designer.post("/decisions/fees/evaluate", {**body, "decisionId": "x"}), 404, "not-found")
    assert_problem(designer.post("/decisions/try", {"xml": fees(), **body, "decisionId": "x"}), 404, "not-found")
    assert_problem(designer.post("/decisions/try", {"xml": "<x/>", **body}), 422, "decision-refused")


def test_a_broken_model_is_refused_with_every_finding(world: World, log_in: LogIn) -> None:
    designer = log_in("designer")
    broken = dmn(decision("a", literal("1 +")) + decision("b", literal("c"), "d_c")).decode()
    problem: Any = assert_problem(designer.post("/decisions", {"key": "x", "xml": broken}), 422, "decision-refused")
    rules = {(row["rule"], row["elementId"], row["line"]) for row in problem["findings"]}
    assert ("badFeel", "d_a", 1) in rules
    assert any(rule == "unknownReference" for rule, _, _ in rules)
    assert world.count("decision_versions") == 0


def test_an_id_belongs_to_one_model(log_in: LogIn) -> None:
    designer = log_in("designer")
    deploy(designer, "fees", fees())
    other = {"key": "others", "xml": fees(namespace="urn:others")}
    problem: Any = assert_problem(designer.post("/decisions", other), 422, "decision-refused")
    assert [row["rule"] for row in problem["findings"]] == ["decisionTaken"]


def test_a_model_imports_what_is_deployed(log_in: LogIn) -> None:
    designer = log_in("designer")
    head = '<import name="fees" namespace="urn:fees" importType="https://www.omg.org/spec/DMN/20230324/MODEL/"/>'
    total = dmn(head + decision("total", literal("fees.fee * 2"), "urn:fees#d_fee"), namespace="urn:total").decode()
    refused: Any = designer.post("/decisions/check", {"xml": total}).json
    assert "importMissing" in {row["rule"] for row in refused["findings"]}
    deploy(designer, "fees", fees())
    deploy(designer, "total", total)
    body = {"decisionId": "d_total", "inputs": {"fees": {"age": 30}}}
    assert designer.post("/decisions/total/evaluate", body).json["value"] == 40


def test_only_designers_deploy_decisions(world: World, log_in: LogIn) -> None:
    body = {"key": "fees", "xml": fees(), "note": ""}
    for login in ("approver", "siteadmin", "clerk"):
        assert_problem(log_in(login).post("/decisions", body), 403, "forbidden")
    assert_problem(log_in("designer").post("/decisions", {**body, "key": "Bad Key"}), 422, "bad-decision-key")
    assert world.count("decision_versions") == 0
