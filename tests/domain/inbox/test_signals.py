"""Signals cross between the running legs of one case: by name only, once, after a suspension, never in a circle for ever."""

from typing import Any

import pytest

from domain.actors import SYSTEM
from domain.audit import service as audit
from domain.audit.models import AuditEvent
from domain.cases import service as cases
from domain.cases.signals import MOST_HOPS
from domain.definitions import service as definitions
from scheduler import jobs
from tests.support.models import (
    MAIN_SITE,
    PARTNER_SITE,
    boundary,
    chain,
    collaboration,
    flow,
    inputs,
    message,
    message_flow,
    node,
    pool,
    user,
)
from tests.support.world import MOVERS, World

SIGNALS = "".join(f'<bpmn:signal id="s_{name}" name="{name}"/>' for name in ("FOUND", "PING", "PONG"))


def signal(name: str) -> str:
    return f'<bpmn:signalEventDefinition signalRef="s_{name}"/>'


def pools(main: str, partner: str) -> bytes:
    whole = collaboration(
        {
            "main": (pool("P_main", "main", "main", MAIN_SITE), main),
            "partner": (pool("P_partner", "partner", "partner", PARTNER_SITE), partner),
        },
        message_flow("REQUEST", "ask", "asked", "movers[].idNo!"),
        ("REQUEST",),
    )
    return whole.replace(b"<bpmn:collaboration", SIGNALS.encode() + b"<bpmn:collaboration", 1)


def ask() -> str:
    return node("startEvent", "start") + node(
        "intermediateThrowEvent", "ask", message("REQUEST"), ext=inputs(movers="movers")
    )


def found() -> bytes:
    """The partner's end throws FOUND with data; the main leg's boundary event opens ``chase``."""
    main = (
        ask()
        + user("finish")
        + boundary("heard", "finish", signal("FOUND"))
        + user("chase")
        + node("endEvent", "chased")
        + node("endEvent", "done", ext='<lianban:result code="0"/>')
        + chain("start", "ask", "finish", "done")
        + chain("heard", "chase", "chased")
    )
    partner = (
        node("startEvent", "asked", message("REQUEST"))
        + user("work", role="HANDLER")
        + node("endEvent", "told", signal("FOUND"), ext=inputs(finding="note"))
        + chain("asked", "work", "told")
    )
    return pools(main, partner)


@pytest.fixture
def asked(world: World) -> World:
    """The partner works; the main leg has ``finish`` open."""
    world.deploy(found())
    world.submit()
    jobs.run_due(world.platform)
    assert world.open_tasks() == ["finish", "work"]
    return world


def recorded(world: World, kind: str) -> list[tuple[str | None, dict[str, Any]]]:
    with world.platform.transaction(SYSTEM) as ctx:
        rows = ctx.session.query(AuditEvent).filter_by(kind=kind).order_by(AuditEvent.id)
        return [(row.element_id, row.data) for row in rows]


def test_another_leg_of_the_case_hears_a_signal_once_and_without_data(asked: World) -> None:
    asked.complete("partner", "work", note="only for the partner")
    assert asked.open_tasks() == ["finish"], "not in the thrower's step"
    work = asked.work("signal.deliver")
    assert [(row.data["name"], row.leg_id) for row in work] == [("FOUND", asked.legs()["P_main"].id)]
    jobs.run_due(asked.platform)
    assert asked.open_tasks() == ["chase", "finish"]
    assert not jobs.run(asked.platform, work[0].id)
    assert asked.open_tasks() == ["chase", "finish"]
    main = asked.legs()["P_main"]
    assert main.variables["movers"] == MOVERS
    assert not {"note", "finding"} & set(main.variables)
    assert recorded(asked, "signal.thrown") == [("told", {"name": "FOUND"})]
    assert [data["from"] for _, data in recorded(asked, "signal.received")] == ["P_partner"]
    with asked.platform.transaction(SYSTEM) as ctx:
        assert audit.verify(ctx, main.case_id).verified


def test_other_cases_hear_nothing(asked: World) -> None:
    second = asked.submit(subject="532622201506010002")
    jobs.run_due(asked.platform)
    asked.complete("partner", "work", note="x")
    jobs.run_due(asked.platform)
    assert asked.open_tasks() == ["chase", "finish", "finish", "work"]
    assert [(row.case_id, row.leg_id) for row in asked.work("signal.deliver")] == [(second.case_id, second.id)]
    assert len(recorded(asked, "signal.received")) == 1


def test_who_does_not_wait_any_more_is_not_touched(asked: World) -> None:
    asked.complete("partner", "work", note="x")
    asked.complete("clerk", "finish", note="x")
    version = asked.legs()["P_main"].version
    jobs.run_due(asked.platform)
    assert asked.legs()["P_main"].version == version
    assert recorded(asked, "signal.received") == []
    assert [row.state for row in asked.work("signal.deliver")] == ["done"]


def test_a_suspended_leg_hears_it_when_it_is_resumed(asked: World) -> None:
    main = asked.legs()["P_main"].id
    with asked.platform.transaction(SYSTEM) as ctx:
        cases.suspend(ctx, main, "等待答复")
    asked.complete("partner", "work", note="x")
    jobs.run_due(asked.platform)
    assert asked.open_tasks() == ["finish"]
    with asked.platform.transaction(SYSTEM) as ctx:
        cases.resume(ctx, main)
    jobs.run_due(asked.platform)
    assert asked.open_tasks() == ["chase", "finish"]


def test_one_that_was_on_its_way_waits_as_well(asked: World) -> None:
    main = asked.legs()["P_main"].id
    asked.complete("partner", "work", note="x")
    with asked.platform.transaction(SYSTEM) as ctx:
        cases.suspend(ctx, main, "等待答复")
    assert jobs.run_due(asked.platform) == 0
    with asked.platform.transaction(SYSTEM) as ctx:
        cases.resume(ctx, main)
    jobs.run_due(asked.platform)
    assert asked.open_tasks() == ["chase", "finish"]


def circle(catch: str, throw: str) -> str:
    """Hear one signal, say the other, from the start unless somebody stops it."""
    return (
        node("exclusiveGateway", "again_" + throw)
        + node("intermediateCatchEvent", "hear_" + catch, signal(catch))
        + node("intermediateThrowEvent", "say_" + throw, signal(throw))
        + node("exclusiveGateway", "enough_" + throw, default=f"f_enough_{throw}_again_{throw}")
        + node("endEvent", "over_" + throw)
        + chain("again_" + throw, "hear_" + catch, "say_" + throw, "enough_" + throw, "again_" + throw)
        + flow("enough_" + throw, "over_" + throw, "stop = true")
    )


def test_signals_that_answer_each_other_for_ever_stop_as_an_incident(world: World) -> None:
    main = ask() + circle("PING", "PONG") + chain("start", "ask", "again_PONG")
    partner = (
        node("startEvent", "asked", message("REQUEST"))
        + user("work", role="HANDLER")
        + node("intermediateThrowEvent", "first", signal("PING"))
        + circle("PONG", "PING")
        + chain("asked", "work", "first", "again_PING")
    )
    world.deploy(pools(main, partner))
    world.submit()
    jobs.run_due(world.platform)
    world.complete("partner", "work", note="x")
    assert jobs.run_due(world.platform) == MOST_HOPS
    incident = world.incidents()[0]
    assert incident.code == "signalLoop"
    with world.platform.transaction(SYSTEM) as ctx:
        cases.retry_incident(ctx, incident.id)
    assert world.incidents() == []


def test_a_pool_that_a_signal_starts_is_told_that_none_will(world: World) -> None:
    partner = (
        node("startEvent", "asked", message("REQUEST"))
        + node("startEvent", "alarmed", signal("FOUND"))
        + user("work", role="HANDLER")
        + node("endEvent", "over")
        + chain("asked", "work", "over")
        + chain("alarmed", "work")
    )
    main = ask() + node("endEvent", "done", ext='<lianban:result code="0"/>') + chain("start", "ask", "done")
    with world.platform.transaction(SYSTEM) as ctx:
        checked = definitions.check(ctx, pools(main, partner))
    assert checked.deployable
    assert ("signalStartUnused", "P_partner") in [(each["rule"], each["elementId"]) for each in checked.findings]
