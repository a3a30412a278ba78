"""Running cases go on in another version: tasks keep drafts and dates, timers their time; the record says who moved what and why."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from domain.actors import SYSTEM, Actor
from domain.audit import service as audit
from domain.cases import moving
from domain.cases.errors import MoveInvalid, MoveRefused
from domain.cases.moving import MovePreview
from domain.definitions import store
from domain.errors import Forbidden
from domain.tasks import service as tasks
from scheduler import jobs
from tests.support import models
from tests.support.world import World

RENAMED = {"review": "inspect", "late": "late2"}


def renamed() -> bytes:
    """The simple model with its first task called otherwise."""
    source = models.simple().replace(b'"review"', b'"inspect"').replace(b'"late"', b'"late2"')
    return source.replace(b"f_start_review", b"f_start_inspect").replace(b"f_review_decided", b"f_inspect_decided")


def preview(world: World, target: int, mapping: Mapping[str, str] | None = None) -> MovePreview:
    with world.platform.transaction(SYSTEM) as ctx:
        return moving.preview(ctx, world.case().definition_id, target, mapping or {})


def move(
    world: World, target: int, mapping: Mapping[str, str] | None = None, *, reason: str = "更名", actor: Actor = SYSTEM
) -> None:
    with world.platform.transaction(actor) as ctx:
        moving.move(ctx, world.case().case_no, target, mapping or {}, reason)


def test_a_case_moves_with_its_draft_its_dates_and_its_timers(world: World) -> None:
    world.deploy(models.simple())
    world.submit()
    before = world.task("review")
    with world.platform.transaction(world.people["clerk"]) as ctx:
        tasks.claim(ctx, before.id)
        tasks.save_draft(ctx, before.id, {"note": "写了一半"})
    timers = [(work.ref, work.due_at) for work in world.work("timer.fire") if work.state == "pending"]
    target = world.deploy(renamed())
    found = preview(world, target, RENAMED)
    assert (found.cases, found.refused) == (1, ())
    assert [(e.element_id, e.target_id, e.count) for e in found.elements] == [("review", "inspect", 1)]
    move(world, target, RENAMED)
    after = world.task("inspect")
    assert (after.id, after.draft, after.due_at, after.assignee_id) == (
        before.id,
        {"note": "写了一半", "reason": None},
        before.due_at,
        world.people["clerk"].user_id,
    )
    assert [(w.ref, w.due_at) for w in world.work("timer.fire") if w.state == "pending"] == timers
    assert [(w.data["elementId"], w.data["attachedTo"]) for w in world.work("timer.fire")] == [("late2", "inspect")]
    leg = world.legs()["P_main"]
    assert (leg.definition_id, leg.active_elements) == (target, ["inspect"])
    assert "review" not in leg.visited
    assert world.case().definition_id == target
    world.complete("clerk", "inspect", "ACCEPT", note="齐全")
    world.complete("approver", "approve")
    assert world.case().status == "CLOSED"
    with world.platform.transaction(SYSTEM) as ctx:
        assert audit.verify(ctx, world.case().id).verified


def test_what_has_no_place_stops_the_case_and_says_why(world: World) -> None:
    world.deploy(models.simple())
    world.submit()
    target = world.deploy(renamed())
    found = preview(world, target)
    assert (found.movable, found.refused) == ((), (world.case().case_no,))
    assert [(e.element_id, e.target_name, [f.rule for f in e.findings]) for e in found.elements] == [
        ("review", None, ["moveTargetMissing"])
    ]
    with pytest.raises(MoveRefused) as refused:
        move(world, target)
    assert [each.rule for each in refused.value.findings] == ["moveTargetMissing"]
    assert world.case().definition_id != target
    world.complete("clerk", "review", "ACCEPT", note="齐全")


def test_both_legs_of_a_joint_case_move(world: World) -> None:
    first = world.deploy(models.joint())
    world.submit()
    world.complete("clerk", "prepare", reason="核查")
    jobs.run_due(world.platform)
    target = world.deploy(models.joint().replace(b'name="prepare"', b'name="prepare again"'))
    assert preview(world, target).legs == 2
    move(world, target)
    assert {leg.definition_id for leg in world.legs().values()} == {target}
    assert first != target


def test_only_the_platform_administrator_moves_and_only_with_a_reason(world: World) -> None:
    first = world.deploy(models.simple())
    world.submit()
    target = world.deploy(renamed())
    with pytest.raises(Forbidden):
        move(world, target, RENAMED, actor=world.people["approver"])
    with pytest.raises(MoveInvalid) as refused:
        move(world, target, RENAMED, reason=" ")
    assert refused.value.pointer == "/reason"
    with pytest.raises(MoveInvalid):
        move(world, first)
    with world.platform.transaction(SYSTEM) as ctx:
        assert store.load_definition(ctx.session, world.case().definition_id).id == first
