"""A case's process calls a process of another deployed model: its tasks, form, people and version are that model's."""

from __future__ import annotations

import pytest

from domain.actors import SYSTEM
from domain.cases import diagram, queries, timeline
from domain.cases.models import Leg
from domain.definitions import service as definitions
from domain.definitions.errors import DefinitionRefused
from domain.tasks.errors import SeparationOfDuties
from tests.support import models
from tests.support.world import World

SHARED = "shared-steps"


def shared(*steps: str, tag: str = "") -> bytes:
    """A model without pool: start, these user tasks, end."""
    told = f'<bpmn:extensionElements><zeebe:versionTag value="{tag}"/></bpmn:extensionElements>' if tag else ""
    second = '<lianban:separation from="examine"/>'
    tasks = "".join(
        models.user(
            each, role="APPROVER" if each == "decide" else "RECV_CLERK", ext=second if each == "recheck" else ""
        )
        for each in steps
    )
    body = (
        models.node("startEvent", "start")
        + tasks
        + models.node("endEvent", "done")
        + models.chain("start", *steps, "done")
    )
    return f'{models.HEAD}<bpmn:process id="steps" isExecutable="true">{told}{body}</bpmn:process></bpmn:definitions>'.encode()


def calling(binding: str = "", process: str = "steps") -> bytes:
    """One pool: call the shared process, then one task."""
    called = f'<zeebe:calledElement processId="{process}" {binding}/>'
    body = (
        models.node("startEvent", "start")
        + models.node("callActivity", "call", ext=called)
        + models.user("finish")
        + models.node("endEvent", "done", ext='<lianban:result code="0"/>')
        + models.chain("start", "call", "finish", "done")
    )
    return models.collaboration({"main": (models.pool("P_main", "main", "main", models.MAIN_SITE), body)})


def deploy_shared(world: World, source: bytes) -> int:
    with world.platform.transaction(SYSTEM) as ctx:
        return definitions.deploy(ctx, SHARED, source).id


def test_a_shared_process_is_called_with_its_own_tasks_forms_and_people(world: World) -> None:
    called = deploy_shared(world, shared("examine", "decide"))
    world.deploy(calling())
    leg = world.submit()
    assert world.open_tasks() == [f"{called}#examine"]
    task = world.task(f"{called}#examine")
    assert (task.name, task.role, task.form_id) == ("examine", "RECV_CLERK", "test-form")
    world.complete("clerk", f"{called}#examine", note="fine")
    assert world.task(f"{called}#decide").role == "APPROVER"
    world.complete("approver", f"{called}#decide", note="agreed")
    assert world.open_tasks() == ["finish"]
    assert world.legs()["P_main"].variables["note"] == "agreed"
    world.complete("clerk", "finish", note="done")
    with world.platform.transaction(SYSTEM) as ctx:
        ended = ctx.session.get_one(Leg, leg.id)
        assert ended.ended_at is not None
        assert ended.variables["note"] == "done"


def test_the_diagram_shows_the_call_and_the_timeline_its_steps(world: World) -> None:
    called = deploy_shared(world, shared("examine"))
    world.deploy(calling())
    leg = world.submit()
    with world.platform.transaction(world.people["clerk"]) as ctx:
        frame = queries.get_frame(ctx, leg.case_no)
        (positions,) = diagram.get_diagram(ctx, frame).legs
        steps = [
            (e.element_id, e.element_name) for e in timeline.get_timeline(ctx, frame).events if e.kind == "task.opened"
        ]
    assert positions.active == ["call"]
    assert positions.visited == ["start", "call"]
    assert steps == [(f"{called}#examine", "examine")]


def test_running_calls_keep_their_version_and_new_ones_take_the_latest(world: World) -> None:
    first = deploy_shared(world, shared("examine"))
    world.deploy(calling())
    world.submit(subject="a")
    second = deploy_shared(world, shared("examine", "decide"))
    world.submit(subject="b")
    assert world.open_tasks() == [f"{first}#examine", f"{second}#examine"]
    world.complete("clerk", f"{first}#examine")
    assert world.open_tasks() == [f"{second}#examine", "finish"]


def test_a_version_tag_stays_with_its_version(world: World) -> None:
    tagged = deploy_shared(world, shared("examine", tag="2026.1"))
    deploy_shared(world, shared("examine", "decide"))
    world.deploy(calling('bindingType="versionTag" versionTag="2026.1"'))
    world.submit()
    assert world.open_tasks() == [f"{tagged}#examine"]


def test_four_eyes_count_inside_the_called_process(world: World) -> None:
    called = deploy_shared(world, shared("examine", "recheck"))
    world.deploy(calling())
    world.submit()
    world.complete("clerk", f"{called}#examine")
    with pytest.raises(SeparationOfDuties):
        world.complete("clerk", f"{called}#recheck")
    world.complete("clerk2", f"{called}#recheck")
    assert world.open_tasks() == ["finish"]


@pytest.mark.parametrize(
    "source",
    [
        calling(process="nowhere"),
        calling('bindingType="versionTag" versionTag="9"'),
        calling('bindingType="deployment"'),
    ],
)
def test_what_is_not_deployed_cannot_be_called(world: World, source: bytes) -> None:
    deploy_shared(world, shared("examine"))
    with pytest.raises(DefinitionRefused) as refused:
        world.deploy(source)
    assert [(row["rule"], row["elementId"]) for row in refused.value.findings] == [("calledProcessUnknown", "call")]


def test_a_model_without_pool_is_deployed_with_a_word_of_warning(world: World) -> None:
    deploy_shared(world, shared("examine"))
    with world.platform.transaction(SYSTEM) as ctx:
        found = definitions.check(ctx, shared("examine")).findings
    assert [(row["rule"], row["severity"]) for row in found] == [("calledOnly", "warning")]
