"""Messages, timers, promoters and the sweep, stepped to every interleaving: each piece of work has one effect."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from domain.actors import SYSTEM
from domain.cases import service as cases
from domain.outbox import delivery, work
from domain.outbox.delivery import Receipt
from domain.outbox.posting import ReceiverUnreachable
from domain.outbox.work import NewWork
from domain.tasks.service import Completed
from scheduler import batches, jobs, promote
from tests.competing import facts
from tests.competing.test_people import Situation, complete, guarded, opened
from tests.support import models
from tests.support.interleaving import interleavings
from tests.support.models import boundary, chain, message, message_flow, node, outputs, pool, timer, user
from tests.support.world import World


@pytest.fixture
def subjects(world: World) -> Iterator[str]:
    yield (f"subject-{number}" for number in range(1_000_000))
    with world.platform.sql.begin() as connection:  # the queue's own tables are not emptied with ours
        connection.execute(text("delete from procrastinate_jobs"))


def answering(middle: str, *, flows: str) -> bytes:
    """The main pool asks; the partner answers at once; what the main pool does meanwhile is ``middle``."""
    main = (
        node("startEvent", "start")
        + user("prepare", ext=outputs(reason="reason"))
        + node("intermediateThrowEvent", "ask", message("REQUEST"), ext=models.inputs(movers="movers", reason="reason"))
        + middle
        + node("endEvent", "done", ext='<lianban:result code="0"/>')
        + chain("start", "prepare", "ask")
        + flows
    )
    partner = (
        node("startEvent", "asked", message("REQUEST"))
        + node("endEvent", "reply", message("REPLY"), ext=models.inputs(answer="&quot;yes&quot;"))
        + chain("asked", "reply")
    )
    return models.collaboration(
        {
            "main": (pool("P_main", "main", "main", "=application.moveInOrg"), main),
            "partner": (pool("P_partner", "partner", "partner", models.PARTNER_SITE), partner),
        },
        message_flow("REQUEST", "ask", "asked", "movers[].idNo!", "reason!")
        + message_flow("REPLY", "reply", CATCHER[middle], "answer!"),
        ("REQUEST", "REPLY"),
    )


INTERRUPTED = (
    user("think") + boundary("recalled", "think", message("REPLY"), interrupting=True) + user("finish") + user("next")
)
GATE = (
    node("eventBasedGateway", "gate")
    + node("intermediateCatchEvent", "answered", message("REPLY"), ext=outputs(answer="answer"))
    + node("intermediateCatchEvent", "tooLate", timer("PT4H"))
    + user("finish")
    + user("chase")
)
CATCHER = {INTERRUPTED: "recalled", GATE: "answered"}


def asked(world: World, subjects: Iterator[str]) -> Situation:
    """A case whose answer is on its way: the delivery of REPLY is due and not done."""
    leg = world.submit(subject=next(subjects))
    world.complete("clerk", "prepare", reason="投靠父母")
    (request,) = facts.rows(
        world, "select id from work where case_id = :id and kind = 'message.deliver'", id=leg.case_id
    )
    assert jobs.run(world.platform, request.id)
    (reply,) = facts.rows(
        world,
        "select id from work where case_id = :id and kind = 'message.deliver' and id <> :sent",
        id=leg.case_id,
        sent=request.id,
    )
    return {"case": leg.case_id, "leg": leg.id, "reply": reply.id}


def states(world: World, case_id: int) -> list[tuple[str, str, str]]:
    query = "select name, direction, state from messages where case_id = :id order by 1, 2"
    return [(row.name, row.direction, row.state) for row in facts.rows(world, query, id=case_id)]


def test_complete_against_an_interrupting_message(world: World, subjects: Iterator[str]) -> None:
    world.deploy(
        answering(
            INTERRUPTED,
            flows=chain("ask", "think", "next", "done") + chain("recalled", "finish") + models.flow("finish", "done"),
        )
    )

    def thinking() -> Situation:
        case = asked(world, subjects)
        return case | {"task": world.task("think", case["leg"]).id}

    for case, done, arrived, _ in interleavings(
        world.platform.sql,
        thinking,
        lambda case: (complete(world, "clerk", case["task"]), lambda: jobs.run(world.platform, case["reply"])),
    ):
        assert arrived, "a message is taken either way: heard or parked"
        if isinstance(done, Completed):
            assert facts.open_tasks(world, case["case"]) == ["next"]
            assert ("REPLY", "in", "parked") in states(world, case["case"])
        else:
            facts.refused(done, "task-not-open", "取消")
            assert facts.open_tasks(world, case["case"]) == ["finish"]
            assert ("REPLY", "in", "delivered") in states(world, case["case"])
        assert ("REPLY", "out", "acknowledged") in states(world, case["case"])
        facts.assert_unharmed(world, case["case"])


def test_message_against_timer(world: World, subjects: Iterator[str]) -> None:
    """Two ways out of an event-based gateway: exactly one is taken, the other is closed."""
    flows = chain("ask", "gate", "answered", "finish", "done") + chain("gate", "tooLate", "chase", "done")
    world.deploy(answering(GATE, flows=flows))

    def both() -> Situation:
        case = asked(world, subjects)
        world.pass_time("PT5H")
        (fire,) = facts.rows(world, "select id from work where case_id = :id and kind = 'timer.fire'", id=case["case"])
        return case | {"timer": fire.id}

    for case, arrived, fired, _ in interleavings(
        world.platform.sql,
        both,
        lambda case: (
            lambda: jobs.run(world.platform, case["reply"]),
            lambda: jobs.run(world.platform, case["timer"]),
        ),
    ):
        assert arrived
        (way,) = facts.open_tasks(world, case["case"])
        assert (way, fired) in {("finish", False), ("chase", True)}
        wanted = "delivered" if way == "finish" else "parked"
        assert ("REPLY", "in", wanted) in states(world, case["case"])
        assert facts.events(world, case["case"])["timer.fired"] == int(fired)
        assert facts.work(world, case["case"], "timer.fire") == ["done" if fired else "cancelled"]
        facts.assert_unharmed(world, case["case"])


def test_the_same_job_on_two_nodes(world: World, subjects: Iterator[str]) -> None:
    flows = chain("ask", "gate", "answered", "finish", "done") + chain("gate", "tooLate", "chase", "done")
    world.deploy(answering(GATE, flows=flows))

    def run(case: Situation) -> Any:
        return lambda: jobs.run(world.platform, case["reply"])

    for case, one, two, _ in interleavings(
        world.platform.sql, lambda: asked(world, subjects), lambda case: (run(case), run(case)), symmetric=True
    ):
        assert sorted([one, two]) == [False, True]
        assert facts.open_tasks(world, case["case"]) == ["finish"]
        assert facts.events(world, case["case"])["message.received"] == 1
        facts.assert_unharmed(world, case["case"])


def test_acknowledgement_against_retry(world: World, subjects: Iterator[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer of another deployment arrives while somebody presses 重试: acknowledged once, nothing left open."""
    world.deploy(models.joint())
    with world.platform.transaction(SYSTEM) as ctx:
        ctx.session.execute(
            text("update sites set is_local = false, endpoint = 'http://127.0.0.1:1/' where code = :code"),
            {"code": models.PARTNER_SITE},
        )
    answers: list[Any] = []

    def post(*_: Any) -> Receipt:
        if answers.pop():
            return Receipt("delivered")
        raise ReceiverUnreachable("没有应答。", "No answer.")

    monkeypatch.setattr(delivery, "post", post)

    def unanswered() -> Situation:
        leg = world.submit(subject=next(subjects))
        world.complete("clerk", "prepare", reason="投靠父母")
        (sent,) = facts.rows(
            world, "select id from work where case_id = :id and kind = 'message.deliver'", id=leg.case_id
        )
        answers[:] = [False]
        assert not jobs.run(world.platform, sent.id)
        world.pass_time("P1D")
        (late,) = facts.rows(world, "select id from work where case_id = :id and kind = 'message.ack'", id=leg.case_id)
        assert jobs.run(world.platform, late.id)
        (incident,) = facts.rows(
            world, "select id from incidents where case_id = :id and resolved_at is null", id=leg.case_id
        )
        answers[:] = [True, True, True]
        return {"case": leg.case_id, "work": sent.id, "incident": incident.id}

    def retry(case: Situation) -> Any:
        def act() -> str:
            with world.platform.transaction(SYSTEM) as ctx:
                cases.retry_incident(ctx, case["incident"])
            return "retried"

        return act

    for case, done, retried, _ in interleavings(
        world.platform.sql, unanswered, lambda case: (lambda: jobs.run(world.platform, case["work"]), retry(case))
    ):
        assert done
        if retried != "retried":
            facts.refused(retried, "incident-closed")
        jobs.run_due(world.platform)
        assert states(world, case["case"]) == [("REQUEST", "out", "acknowledged")]
        assert facts.events(world, case["case"])["message.acknowledged"] == 1
        assert not facts.rows(
            world, "select 1 from incidents where case_id = :id and resolved_at is null", id=case["case"]
        )
        assert not {"pending", "promoted", "failed"} & set(facts.work(world, case["case"], "message.deliver"))
        facts.assert_unharmed(world, case["case"])


def test_two_promoters(world: World, subjects: Iterator[str]) -> None:
    """Every due row is handed to the queue once."""

    def due() -> Situation:
        tag = next(subjects)
        with world.platform.transaction(SYSTEM) as ctx:
            work.add(ctx, [NewWork("test.good", f"{tag}-{number}", ctx.clock.now()) for number in range(130)])
        return {"tag": tag}

    for case, _, _, _ in interleavings(
        world.platform.sql,
        due,
        lambda _: (lambda: promote.promote(world.platform), lambda: promote.promote(world.platform)),
        symmetric=True,
    ):
        promote.promote(world.platform)
        rows = facts.rows(
            world,
            "select w.state, (select count(*) from procrastinate_jobs j where j.args->'ids' @> to_jsonb(w.id)) as jobs "
            "from work w where w.ref like :tag",
            tag=f"{case['tag']}-%",
        )
        assert [(row.state, row.jobs) for row in rows] == [("promoted", 1)] * 130


def test_sweep_against_worker(world: World, subjects: Iterator[str]) -> None:
    """A row that a dead worker left is given back while another one does it after all: one effect."""
    flows = chain("ask", "gate", "answered", "finish", "done") + chain("gate", "tooLate", "chase", "done")
    world.deploy(answering(GATE, flows=flows))

    def left() -> Situation:
        case = asked(world, subjects)
        with world.platform.sql.begin() as connection:
            long_ago = text(
                "update work set state = 'promoted', promoted_at = clock_timestamp() - interval '1 hour' where id = :id"
            )
            connection.execute(long_ago, {"id": case["reply"]})
        return case

    for case, _, _, _ in interleavings(
        world.platform.sql,
        left,
        lambda case: (lambda: promote.sweep(world.platform), lambda: jobs.run(world.platform, case["reply"])),
    ):
        promote.promote(world.platform)
        jobs.run_due(world.platform)
        assert facts.open_tasks(world, case["case"]) == ["finish"]
        assert facts.events(world, case["case"])["message.received"] == 1
        assert facts.work(world, case["case"], "message.deliver") == ["done", "done"]
        facts.assert_unharmed(world, case["case"])


def test_a_batch_of_timers_against_complete(world: World, subjects: Iterator[str]) -> None:
    """One case of the batch is in somebody's hands: it is decided there, the other timer fires all the same."""
    world.deploy(guarded())

    def late() -> Situation:
        first, second = opened(world, subjects, "review"), opened(world, subjects, "review")
        world.pass_time("PT5H")
        query = "select id from work where case_id in (:one, :two) and kind = 'timer.fire' order by id"
        works = [row.id for row in facts.rows(world, query, one=first["case"], two=second["case"])]
        return {"case": first["case"], "task": first["task"], "other": second["case"], "works": works}

    for case, fired, done, _ in interleavings(
        world.platform.sql,
        late,
        lambda case: (lambda: batches.run(world.platform, case["works"]), complete(world, "clerk", case["task"])),
    ):
        if isinstance(done, Completed):
            assert facts.open_tasks(world, case["case"]) == ["approve"]
        else:
            facts.refused(done, "task-not-open", "取消")
            assert facts.open_tasks(world, case["case"]) == ["chase"]
        assert fired == 1 + (not isinstance(done, Completed))
        assert facts.open_tasks(world, case["other"]) == ["chase"]
        for each in (case["case"], case["other"]):
            facts.assert_unharmed(world, each)


def test_two_batches_with_the_same_cases(world: World, subjects: Iterator[str]) -> None:
    """Given out twice and in opposite order: no deadlock, every timer once."""
    world.deploy(guarded())

    def late() -> Situation:
        cases_ = [opened(world, subjects, "review")["case"] for _ in range(2)]
        world.pass_time("PT5H")
        query = "select id from work where case_id = any(:ids) and kind = 'timer.fire' order by id"
        return {"cases": cases_, "works": [row.id for row in facts.rows(world, query, ids=cases_)]}

    for case, one, two, _ in interleavings(
        world.platform.sql,
        late,
        lambda case: (
            lambda: batches.run(world.platform, case["works"]),
            lambda: batches.run(world.platform, case["works"][::-1]),
        ),
    ):
        assert one + two == 2
        for each in case["cases"]:
            assert facts.open_tasks(world, each) == ["chase"]
            assert facts.events(world, each)["timer.fired"] == 1
            facts.assert_unharmed(world, each)
