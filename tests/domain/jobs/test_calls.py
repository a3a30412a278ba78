"""Service tasks that the platform calls outside of the step: retries, backoff, incidents, and never two effects."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from domain.actors import SYSTEM, Actor, Role
from domain.audit import service as audit
from domain.cases import service as cases
from domain.connectors.errors import CallFailed
from domain.context import Context
from domain.jobs.service import SPREAD, spread
from domain.outbox.calls import CALL, Done, Failed, JobView, Outcome, Prepared, Rejected
from scheduler import jobs as scheduler
from tests.support.external import TOPIC, ask, jobs, service
from tests.support.world import World

ADMIN = Actor(0, "platform", {0: frozenset({Role.PLATFORM_ADMIN})})


class Connector:
    """Gives these outcomes one after the other; an exception is raised. Remembers what it was shown."""

    def __init__(self, *answers: Outcome | Exception, during: Callable[[], None] | None = None) -> None:
        self.answers = list(answers)
        self.seen: list[JobView] = []
        self.during = during

    def __call__(self, ctx: Context, job: JobView) -> Prepared:
        self.seen.append(job)
        in_transaction = ctx.session

        def call() -> Any:
            assert not in_transaction.in_transaction()
            if self.during is not None:
                self.during()
            answer = self.answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

        return Prepared(call)


def connected(world: World, connector: Connector) -> World:
    return world.with_handlers(calls={TOPIC: connector})


def test_a_call_is_made_outside_and_its_answer_goes_through_the_output_mappings(world: World) -> None:
    connector = Connector(Done({"answer": "ok", "more": "dropped"}))
    connected(world, connector)
    job = ask(world)
    assert (job.state, job.is_call, job.topic, job.element_id, job.retries_left) == ("open", True, TOPIC, "ask", 4)
    assert [(row.queue, row.ref) for row in world.work(CALL)] == [("service", job.id)]
    assert scheduler.run_due(world.platform) == 1
    assert world.open_tasks() == ["finish"]
    assert (connector.seen[0].arguments, connector.seen[0].attempt) == ({"amount": "1200"}, 1)
    variables = world.legs()["P_main"].variables
    assert variables["answer"] == "ok"
    assert "more" not in variables
    ended = jobs(world)[0]
    assert (ended.state, ended.attempts, ended.closed_at is not None) == ("done", 1, True)
    with world.platform.transaction(SYSTEM) as ctx:
        assert audit.verify(ctx, job.case_id).verified


def test_failures_are_tried_again_after_pauses_with_the_same_key_then_an_incident(world: World) -> None:
    connector = Connector(*[Failed("down", f"no answer {n}") for n in range(4)], Done({"answer": "at last"}))
    connected(world, connector)
    first = ask(world)
    for waited in ("PT11S", "PT1M6S", "PT5M30S"):
        assert scheduler.run_due(world.platform) == 1
        assert world.incidents() == []
        assert scheduler.run_due(world.platform) == 0
        world.pass_time(waited)
    assert scheduler.run_due(world.platform) == 1
    incident = world.incidents()[0]
    assert (incident.code, incident.message, incident.element_id) == ("down", "no answer 3", "ask")
    assert jobs(world)[0].state == "failed"
    assert jobs(world)[0].trouble == {"message": "no answer 3", "details": ""}
    with world.platform.transaction(ADMIN) as ctx:
        cases.retry_incident(ctx, incident.id)
    scheduler.run_due(world.platform)
    assert world.open_tasks() == ["finish"]
    assert {job.request_key for job in connector.seen} == {first.id}
    assert [job.attempt for job in connector.seen] == [1, 2, 3, 4, 1]


def test_the_model_says_how_often_and_how_long(world: World) -> None:
    connector = Connector(Failed("down"), Failed("down", after=timedelta(minutes=7)), Failed("down"))
    connected(world, connector)
    ask(world, service(retries="3", headers={"retryBackoff": "PT2M"}))
    start = jobs(world)[0].available_at
    scheduler.run_due(world.platform)
    job = jobs(world)[0]
    assert job.retries_left == 2
    assert timedelta(seconds=119) < job.available_at - start < timedelta(seconds=150)
    world.pass_time("PT2M")
    scheduler.run_due(world.platform)
    assert jobs(world)[0].available_at - job.available_at > timedelta(minutes=6)
    world.pass_time("PT7M")
    scheduler.run_due(world.platform)
    assert len(world.incidents()) == 1


def test_what_cannot_be_helped_is_not_tried_again(world: World) -> None:
    connected(world, Connector(Failed("bad-request", "ID 532622198502030000 unknown", retry=False)))
    ask(world)
    scheduler.run_due(world.platform)
    assert world.incidents()[0].message == "ID *** unknown"


def test_a_business_error_goes_to_its_boundary_event(world: World) -> None:
    connected(world, Connector(Rejected("NOT_FOUND", "nobody of that name")))
    ask(world, service(catch="NOT_FOUND"))
    scheduler.run_due(world.platform)
    assert world.open_tasks() == ["refused"]
    assert (jobs(world)[0].state, jobs(world)[0].error_code) == ("done", "NOT_FOUND")


def test_a_connector_that_breaks_is_counted_and_stops_nothing(world: World) -> None:
    connected(world, Connector(ValueError("a secret value"), CallFailed("对方关闭", "closed"), Done({"answer": 1})))
    ask(world)
    scheduler.run_due(world.platform)
    assert (jobs(world)[0].error_code, jobs(world)[0].trouble["message"]) == ("call-failed", "ValueError")
    world.pass_time("PT11S")
    scheduler.run_due(world.platform)
    assert jobs(world)[0].trouble["message"] == "对方关闭"
    world.pass_time("PT1M6S")
    scheduler.run_due(world.platform)
    assert world.open_tasks() == ["finish"]


def test_an_answer_after_the_timer_changes_nothing(world: World) -> None:
    """The case moves on while the call is under way: exactly one wins."""

    def meanwhile() -> None:
        world.pass_time("PT1H")
        timer = next(row for row in world.work("timer.fire") if row.state in ("pending", "promoted"))
        assert scheduler.run(world.platform, timer.id)

    connected(world, Connector(Done({"answer": "too late"}), during=meanwhile))
    ask(world, service(timeout="PT30M"))
    call = world.work(CALL)[0]
    assert not scheduler.run(world.platform, call.id)
    assert world.open_tasks() == ["late"]
    assert jobs(world)[0].state == "cancelled"
    assert "answer" not in world.legs()["P_main"].variables


def test_a_suspended_leg_is_not_called_for(world: World) -> None:
    connector = Connector(Done({"answer": 1}))
    connected(world, connector)
    job = ask(world)
    with world.platform.transaction(SYSTEM) as ctx:
        cases.suspend(ctx, job.leg_id, "wait")
    assert scheduler.run_due(world.platform) == 0
    assert connector.seen == []
    with world.platform.transaction(SYSTEM) as ctx:
        cases.resume(ctx, job.leg_id)
    scheduler.run_due(world.platform)
    assert world.open_tasks() == ["finish"]


def test_arguments_and_errors_are_sealed_at_rest(world: World) -> None:
    connected(world, Connector(Failed("down", "about 1200")))
    ask(world)
    scheduler.run_due(world.platform)
    with world.platform.transaction(SYSTEM) as ctx:
        row = ctx.session.execute(text("select arguments, trouble from service_jobs")).one()
    assert b"1200" not in bytes(row.arguments) + bytes(row.trouble)


def test_jobs_that_failed_together_do_not_come_back_together() -> None:
    parts = [spread(f"job-{number}", 1) for number in range(200)]
    assert parts == [spread(f"job-{number}", 1) for number in range(200)]
    assert 0 <= min(parts) < SPREAD / 4
    assert SPREAD * 3 / 4 < max(parts) <= SPREAD
    assert spread("job-1", 1) != spread("job-1", 2)
