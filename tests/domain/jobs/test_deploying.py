"""What a deployment says about service types that the platform does not offer; imported models run with a worker."""

from datetime import timedelta
from typing import Any

import pytest

from domain import reach
from domain.actors import SYSTEM
from domain.clients import service as clients
from domain.clients.scopes import Client
from domain.clients.service import NewClient
from domain.clock import HOST
from domain.definitions import service as definitions
from domain.jobs import external
from domain.jobs.external import Wanted
from domain.sites import service as sites
from tests.support import models
from tests.support.external import TOPIC, jobs, service
from tests.support.world import World


def rules(world: World, source: bytes) -> list[str]:
    with world.platform.transaction(SYSTEM) as ctx:
        checked = definitions.check(ctx, source)
        assert checked.deployable, checked.findings
        return [row["rule"] for row in checked.findings if row["elementId"] == "ask"]


def register(world: World, site: str | None, *topics: str) -> Client:
    with world.platform.transaction(SYSTEM) as ctx:
        site_id = None if site is None else sites.get_site(ctx, site).id
        _, token = clients.create(ctx, NewClient("worker", topics, HOST.now() + timedelta(days=1), site_id=site_id))
        found = clients.find_by_token(ctx.session, token)
        assert found is not None
        return found


def test_an_unattended_topic_is_a_warning_until_a_client_of_that_site_is_registered(world: World) -> None:
    assert rules(world, service()) == ["topicUnattended"]
    register(world, models.PARTNER_SITE, TOPIC)
    register(world, models.MAIN_SITE, "other")
    assert rules(world, service()) == ["topicUnattended"]
    register(world, models.MAIN_SITE, "tax.*")
    assert rules(world, service()) == []


def test_a_revoked_client_serves_nobody(world: World) -> None:
    found = register(world, None, "*")
    assert rules(world, service()) == []
    with world.platform.transaction(SYSTEM) as ctx:
        clients.revoke(ctx, found.id)
    assert rules(world, service()) == ["topicUnattended"]


def test_a_worker_that_may_write_everything_is_told(world: World) -> None:
    register(world, None, "*")
    open_source = service().replace(b'<zeebe:output source="=answer" target="answer"/>', b"")
    assert rules(world, open_source) == ["topicOutputsOpen"]


CAMUNDA_7 = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="d" targetNamespace="t">
  <bpmn:error id="unpaid" name="unpaid" errorCode="UNPAID"/>
  <bpmn:process id="order" isExecutable="true">
    <bpmn:startEvent id="start"/>
    <bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="pay"/>
    <bpmn:serviceTask id="pay" name="缴费" camunda:type="external" camunda:topic="payment">
      <bpmn:extensionElements>
        <camunda:inputOutput>
          <camunda:inputParameter name="sum">${total}</camunda:inputParameter>
          <camunda:outputParameter name="receipt">${number}</camunda:outputParameter>
        </camunda:inputOutput>
      </bpmn:extensionElements>
    </bpmn:serviceTask>
    <bpmn:boundaryEvent id="caught" attachedToRef="pay"><bpmn:errorEventDefinition errorRef="unpaid"/></bpmn:boundaryEvent>
    <bpmn:sequenceFlow id="f3" sourceRef="caught" targetRef="refused"/>
    <bpmn:endEvent id="refused"/>
    <bpmn:sequenceFlow id="f2" sourceRef="pay" targetRef="end"/>
    <bpmn:endEvent id="end"/>
  </bpmn:process>
</bpmn:definitions>"""
CAMUNDA_8 = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d" targetNamespace="t">
  <bpmn:process id="order" isExecutable="true">
    <bpmn:startEvent id="start"/>
    <bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="pay"/>
    <bpmn:serviceTask id="pay" name="pay">
      <bpmn:extensionElements>
        <zeebe:taskDefinition type="payment" retries="5"/>
        <zeebe:ioMapping>
          <zeebe:input source="=total" target="sum"/>
          <zeebe:output source="=number" target="receipt"/>
        </zeebe:ioMapping>
      </bpmn:extensionElements>
    </bpmn:serviceTask>
    <bpmn:sequenceFlow id="f2" sourceRef="pay" targetRef="end"/>
    <bpmn:endEvent id="end"/>
  </bpmn:process>
</bpmn:definitions>"""


@pytest.mark.parametrize(("source", "retries"), [(CAMUNDA_7, 4), (CAMUNDA_8, 5)])
def test_a_vendor_model_runs_with_a_worker_of_its_topic(world: World, source: str, retries: int) -> None:
    """Converted, deployed beside a pool that calls it, and done by a worker through the external-task rooms."""
    with world.platform.transaction(SYSTEM) as ctx:
        converted = ctx.engine.convert(source.encode())
        definitions.deploy(ctx, "vendor-order", converted.xml)
    calling = models.collaboration(
        {
            "main": (
                models.pool("P_main", "main", "main", models.MAIN_SITE),
                models.node("startEvent", "start")
                + models.user("review", ext=models.outputs(total="note"))
                + models.node("callActivity", "call", ext='<zeebe:calledElement processId="order"/>')
                + models.user("finish")
                + models.node("endEvent", "done", ext='<lianban:result code="0"/>')
                + models.chain("start", "review", "call", "finish", "done"),
            )
        }
    )
    world.deploy(calling)
    world.submit()
    world.complete("clerk", "review", note="88")
    worker = register(world, models.MAIN_SITE, "payment")
    with world.platform.transaction(worker.actor) as ctx:
        reach.tell(ctx.session, worker.reach)
        task = external.fetch(ctx, worker, "w", [Wanted("payment", timedelta(minutes=1))], 1)[0]
    assert (task.variables, task.retries_left) == ({"sum": "88"}, retries)
    with world.platform.transaction(worker.actor) as ctx:
        reach.tell(ctx.session, worker.reach)
        external.complete(ctx, worker, task.id, "w", {"number": "R-1", "total": "0"})
    assert world.open_tasks() == ["finish"]
    variables: dict[str, Any] = world.legs()["P_main"].variables
    assert (variables["receipt"], variables["total"]) == ("R-1", "88")
    assert jobs(world)[0].state == "done"
