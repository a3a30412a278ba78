"""Business rule tasks: the decision is made inside the step; what fails stops the token with a reason."""

from __future__ import annotations

import pytest

from bootstrap.decisions import EngineDecisions
from engine.contract import CalledDecision, Decide
from engine.decisions.calling import decider
from engine.decisions.contract import DecisionPlan
from engine.decisions.pipeline import read
from engine.errors import DefinitionRefused
from engine.limits import Limits
from engine.model import from_json, to_json
from forms.kernel import Kernel
from tests.engine.decision_kit import decision, dmn, given, literal, table
from tests.engine.kit import Drive, chain, document, end, io, loop, node, start, user

FEES = dmn(
    given("age", "number")
    + decision("fee", table("age", '<output name="fee" typeRef="number"/>', "&lt; 18 => 0", "&gt;= 18 => 20"), "i_age")
    + decision("broken", literal("fee(1)"), "d_fee")
)


@pytest.fixture(scope="module")
def decide(kernel: Kernel) -> Decide:
    _, plan, _ = read(FEES, Limits())

    def find(called: CalledDecision) -> tuple[DecisionPlan, str] | None:
        key = f"urn:test#{called.decision_id}"
        return (plan, key) if key in plan.data["nodes"] else None

    return decider(find, EngineDecisions(kernel), None)


def rule(
    id: str, decision_id: str = "d_fee", variable: str = "fee", more: str = "", ext: str = "", inner: str = ""
) -> str:
    called = f'<zeebe:calledDecision decisionId="{decision_id}" resultVariable="{variable}" {more}/>'
    return node("businessRuleTask", id, inner, called + ext)


def process(body: str, *extra: str) -> bytes:
    return document(start() + body + user("u") + end() + chain("start", "r", "u", "end") + "".join(extra))


def test_the_answer_goes_to_the_result_variable(drive: Drive, decide: Decide) -> None:
    d = drive(process(rule("r")), decide=decide).start({"age": 30, "other": "x"})
    assert d.variables["fee"] == 20
    assert d.parsed.model.elements["r"].decision == CalledDecision("d_fee", "fee")
    assert from_json(to_json(d.parsed.model)) == d.parsed.model


def test_inputs_and_outputs_are_mapped(drive: Drive, decide: Decide) -> None:
    mapping = io({"age": "=person.age"}, {"total": "=fee + 1"})
    d = drive(process(rule("r", ext=mapping)), decide=decide).start({"person": {"age": 10}})
    assert (d.variables["total"], "fee" in d.variables) == (1, False)


def test_the_decision_may_be_named_by_an_expression(drive: Drive, decide: Decide) -> None:
    d = drive(process(rule("r", "=&quot;d_&quot; + which")), decide=decide).start({"which": "fee", "age": 1})
    assert d.variables["fee"] == 0


def test_each_instance_decides_for_its_item(drive: Drive, decide: Decide) -> None:
    many = rule("r", inner=loop("=[10, 40]", "age", "fees", "=fee"))
    assert drive(process(many), decide=decide).start({}).variables["fees"] == [0, 20]


@pytest.mark.parametrize(("name", "code"), [("d_nothing", "decisionUnknown"), ("d_broken", "decisionFailed")])
def test_what_fails_is_an_incident_that_can_be_tried_again(drive: Drive, decide: Decide, name: str, code: str) -> None:
    d = drive(process(rule("r", "=which")), decide=decide).start({"which": name, "age": 30})
    (incident,) = d.last.incidents
    assert (incident.element_id, incident.code) == ("r", code)
    assert "30" not in incident.message


def test_without_decisions_on_the_platform_it_is_an_incident(drive: Drive) -> None:
    d = drive(process(rule("r"))).start({"age": 1})
    assert [i.code for i in d.last.incidents] == ["decisionUnknown"]


@pytest.mark.parametrize(
    ("found", "body"),
    [
        ("decisionMissing", node("businessRuleTask", "r")),
        ("decisionIncomplete", rule("r", variable="")),
        ("decisionIncomplete", rule("r", "")),
        ("decisionBinding", rule("r", more='bindingType="newest"')),
        ("decisionVersionTag", rule("r", more='bindingType="versionTag"')),
        ("decisionVersionTag", rule("r", more='versionTag="v1"')),
        ("decisionAndJob", rule("r", ext='<zeebe:taskDefinition type="t"/>')),
        ("decisionMisplaced", node("serviceTask", "r", "", '<zeebe:taskDefinition type="t"/><zeebe:calledDecision decisionId="d" resultVariable="r"/>')),
        ("badFeel", rule("r", "=1 +")),
    ],
)  # fmt: skip
def test_refused(drive: Drive, found: str, body: str) -> None:
    with pytest.raises(DefinitionRefused) as refused:
        drive(process(body))
    assert [(f.rule, f.element_id) for f in refused.value.findings if f.severity == "error"] == [(found, "r")]


def test_a_job_type_still_makes_a_job(drive: Drive) -> None:
    d = drive(process(node("businessRuleTask", "r", "", '<zeebe:taskDefinition type="rules"/>'))).start({})
    assert [job.type for job in d.last.opened_jobs] == ["rules"]
