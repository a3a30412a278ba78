"""Processes call deployed decisions: resolved at deployment, bound as the model says, failures are incidents."""

from pathlib import Path

import pytest

from bootstrap.deployment import FileRefused, deploy_paths
from domain.actors import SYSTEM
from domain.decisions import service as decisions
from domain.definitions import service as definitions
from domain.definitions.errors import DefinitionRefused
from tests.engine.decision_kit import decision, dmn, given, literal, table
from tests.support import models
from tests.support.world import World

OUT = '<output name="fee" typeRef="number"/>'


def fees(adult: int, tag: str = "") -> bytes:
    rules = table("age", OUT, "&lt; 18 => 0", f"&gt;= 18 => {adult}")
    tagged = (
        f'<extensionElements><versionTag xmlns="http://camunda.org/schema/zeebe/1.0" value="{tag}"/></extensionElements>'
        if tag
        else ""
    )
    body = decision("fee", rules, "i_age", type_="number").replace("<variable", f"{tagged}<variable", 1)
    return dmn(given("age", "number") + body, namespace="urn:fees")


def process(decision_id: str = "d_fee", more: str = "") -> bytes:
    called = f'<zeebe:calledDecision decisionId="{decision_id}" resultVariable="fee" {more}/>' + models.inputs(
        age="application.age"
    )
    body = (
        models.node("startEvent", "start")
        + models.node("businessRuleTask", "rule", ext=called)
        + models.user("review", ext=models.inputs(fee="fee"))
        + models.node("endEvent", "done", ext='<lianban:result code="0"/>')
        + models.chain("start", "rule", "review", "done")
    )
    return models.collaboration({"main": (models.pool("P_main", "main", "main", models.MAIN_SITE), body)})


def deploy(world: World, source: bytes) -> None:
    with world.platform.transaction(SYSTEM) as ctx:
        decisions.deploy(ctx, "fees", source)


def fee(world: World, subject: str = "a") -> object:
    leg = world.submit({"age": 30}, subject=subject)
    return world.task("review", leg.id).context["fee"]


def test_a_decision_that_is_not_deployed_refuses_the_process(world: World) -> None:
    with pytest.raises(DefinitionRefused) as refused:
        world.deploy(process())
    assert [(row["rule"], row["elementId"]) for row in refused.value.findings] == [("decisionUnknown", "rule")]


def test_the_newest_version_decides_unless_bound_at_deployment(world: World) -> None:
    deploy(world, fees(20))
    world.deploy(process())
    assert fee(world) == 20
    deploy(world, fees(30))
    assert fee(world, "b") == 30
    world.deploy(process(more='bindingType="deployment"'))
    deploy(world, fees(40))
    assert fee(world, "c") == 30
    world.deploy(process(more='bindingType="deployment"'))
    assert fee(world, "d") == 40


def test_a_version_tag_names_the_version(world: World) -> None:
    deploy(world, fees(20, "2026a"))
    deploy(world, fees(30, "2026b"))
    world.deploy(process(more='bindingType="versionTag" versionTag="2026a"'))
    assert fee(world) == 20
    with pytest.raises(DefinitionRefused):
        world.deploy(process(more='bindingType="versionTag" versionTag="2025"'))


def test_a_decision_that_fails_is_an_incident_without_values(world: World) -> None:
    deploy(world, fees(20))
    world.deploy(process())
    world.submit({"age": "private"})
    (incident,) = world.incidents()
    assert (incident.element_id, incident.code) == ("rule", "decisionFailed")
    assert "private" not in incident.message


def test_a_folder_is_deployed_with_its_decisions_first(world: World, tmp_path: Path) -> None:
    head = '<import name="fees" namespace="urn:fees" importType="https://www.omg.org/spec/DMN/20230324/MODEL/"/>'
    total = dmn(head + decision("total", literal("fees.fee * 2"), "urn:fees#d_fee"), namespace="urn:total")
    (tmp_path / "a-total.dmn").write_bytes(total)
    (tmp_path / "fees.dmn").write_bytes(fees(20))
    (tmp_path / "calling.bpmn").write_bytes(process("d_total"))
    with world.platform.transaction(SYSTEM) as ctx:
        done = deploy_paths(ctx, [tmp_path])
        assert [(one.kind, one.key) for one in done] == [
            ("decisions", "fees"),
            ("decisions", "a-total"),
            ("model", "calling"),
        ]
        assert definitions.find_latest(ctx, "calling") is not None


def test_a_refused_file_is_named(world: World, tmp_path: Path) -> None:
    (tmp_path / "bad.dmn").write_bytes(dmn(decision("a", literal("1 +"))))
    with world.platform.transaction(SYSTEM) as ctx, pytest.raises(FileRefused) as refused:
        deploy_paths(ctx, [tmp_path])
    assert refused.value.file.name == "bad.dmn"
    assert [row["rule"] for row in refused.value.findings] == ["badFeel"]
