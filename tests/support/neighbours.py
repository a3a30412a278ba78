"""Two cases of strangers to each other: one of two sites in two provinces, one of a third site alone. For tests of who sees what."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from domain import reach
from domain.actors import SYSTEM
from domain.cases import runtime
from domain.cases.models import Case, Leg, Task
from domain.materials.models import File, Material
from domain.outbox.models import Message
from scheduler.jobs import run_due
from tests.support import models
from tests.support.world import APPLICATION, ITEM, World

SECRET = "neighbour-only-secret"
NEIGHBOUR = {"movers": [{"idNo": "310115201506010002", "name": "邻居"}], "secret": SECRET}


@dataclass
class Footprint:
    """What would give a case away: its numbers and ids, and its content. ``places`` are values for parameters of addresses."""

    marks: set[str] = field(default_factory=set)
    content: set[str] = field(default_factory=set)
    places: dict[str, str] = field(default_factory=dict)


def settle_neighbours(world: World, third_site: str) -> tuple[Footprint, Footprint]:
    """(the shared case, whose partner works on it; the neighbour's case at the third site). Both have a material with a file."""
    world.deploy(models.joint())
    world.submit(APPLICATION)
    world.complete("clerk", "prepare", reason="事由")
    run_due(world.platform)
    stranger = world.people["stranger"]
    new = runtime.NewCase(
        ITEM, NEIGHBOUR | {"moveInOrg": third_site}, stranger.user_id, "邻*", [("mover", "310115201506010002")]
    )
    with world.platform.transaction(stranger) as ctx:
        runtime.open_case(ctx, new)
    with world.platform.transaction(SYSTEM) as ctx:
        shared, lonely = ctx.session.scalars(select(Case).order_by(Case.id))
        return _footprint(ctx, shared, "shared"), _footprint(ctx, lonely, "lonely")


def _footprint(ctx: Any, case: Case, name: str) -> Footprint:
    with reach.for_platform(ctx.session):
        file = File(
            id=f"file-of-{name}",
            name=f"{name}-scan.pdf",
            media_type="application/pdf",
            size=3,
            sha256="0" * 64,
            content=name.encode(),
            uploaded_by=case.applicant_user_id,
            uploaded_at=ctx.clock.now(),
        )
        ctx.session.add(file)
        ctx.session.flush()
        material = Material(
            case_id=case.id,
            code="M1",
            name=f"{name}-material",
            is_required=True,
            state="SUPPLIED",
            file_id=file.id,
            updated_at=ctx.clock.now(),
        )
        ctx.session.add(material)
        ctx.session.flush()
        legs = ctx.session.scalars(select(Leg).where(Leg.case_id == case.id).order_by(Leg.id)).all()
        tasks = ctx.session.scalars(select(Task.id).where(Task.case_id == case.id, Task.state == "open")).all()
        messages = ctx.session.scalars(select(Message.message_id).where(Message.case_id == case.id)).all()
    marks = {case.case_no, case.collab_no, case.query_code, *(leg.case_no for leg in legs), *tasks, *messages}
    content = {file.id, file.name, material.name, case.application["secret"], case.application["movers"][0]["idNo"]}
    places = {"case_no": case.case_no, "task_id": tasks[0], "file_id": file.id, "leg_id": str(legs[-1].id)}
    return Footprint(marks | content, content, places)
