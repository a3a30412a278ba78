"""A data store outlives the case that wrote it, is sealed at rest, and belongs to one definition."""

from sqlalchemy import text

from domain.actors import SYSTEM
from tests.support.models import MAIN_SITE, chain, collaboration, node, pool, user
from tests.support.world import World


def ledger() -> bytes:
    spec = (
        '<bpmn:ioSpecification><bpmn:dataInput id="in1" name="before"/><bpmn:dataOutput id="out1" name="note"/>'
        "<bpmn:inputSet><bpmn:dataInputRefs>in1</bpmn:dataInputRefs></bpmn:inputSet>"
        "<bpmn:outputSet><bpmn:dataOutputRefs>out1</bpmn:dataOutputRefs></bpmn:outputSet></bpmn:ioSpecification>"
    )
    moves = (
        "<bpmn:dataInputAssociation><bpmn:sourceRef>book</bpmn:sourceRef><bpmn:targetRef>in1</bpmn:targetRef></bpmn:dataInputAssociation>"
        "<bpmn:dataOutputAssociation><bpmn:sourceRef>out1</bpmn:sourceRef><bpmn:targetRef>book</bpmn:targetRef></bpmn:dataOutputAssociation>"
    )
    review = user("review").replace("</bpmn:userTask>", f"{spec}{moves}</bpmn:userTask>")
    body = (
        '<bpmn:dataStoreReference id="book" name="登记簿" dataStoreRef="store1"/>'
        + node("startEvent", "start")
        + review
        + node("endEvent", "done", ext='<lianban:result code="0"/>')
        + chain("start", "review", "done")
    )
    whole = collaboration({"main": (pool("P_main", "main", "main", MAIN_SITE), body)})
    return whole.replace(
        b"<bpmn:collaboration", '<bpmn:dataStore id="store1" name="登记簿"/><bpmn:collaboration'.encode(), 1
    )


def context(world: World) -> dict[str, object]:
    return dict(world.task("review").context or {})


def test_a_data_store_outlives_the_case(world: World) -> None:
    last = "2026-07"
    world.deploy(ledger())
    world.submit()
    assert context(world) == {"before": None}
    world.complete("clerk", "review", note=last)
    world.submit()
    assert context(world) == {"before": last}
    with world.platform.transaction(SYSTEM) as ctx:
        rows = ctx.session.execute(text("select name, value, updated_by_leg_id from data_store_values")).all()
    assert [row.name for row in rows] == ["登记簿"]
    assert rows[0].updated_by_leg_id is not None
    assert b"2026-07" not in bytes(rows[0].value)
