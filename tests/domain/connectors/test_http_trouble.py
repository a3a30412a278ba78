"""Service tasks of type http when the other side is slow, busy, away or answers twice; and secrets, which are found nowhere."""

import base64
import logging
import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update

from domain.actors import SYSTEM
from domain.cases import advice
from domain.cases.jobs import ServiceJob
from domain.connectors import breaker, hosts
from domain.connectors.errors import AnswerRefused, HostNotAllowed
from domain.connectors.models import HostState, HttpCall
from domain.metadata import metadata
from domain.outbox import work
from domain.outbox.work import NewWork, Outside, Postponed
from scheduler import jobs as scheduler
from scheduler import main
from tests.domain.connectors.calling import HUSH, Start, allow, calls, go, keep, model
from tests.support.external import jobs
from tests.support.patience import PATIENCE_SECONDS, until
from tests.support.world import World

pytestmark = pytest.mark.network


@pytest.fixture
def world(platform: Any) -> World:
    return World(platform).settle()


def test_a_busy_host_says_when_to_come_back(world: World, counter: Start) -> None:
    served = counter()
    served.answers(429, b"", Retry_After="120")
    allow(world, served)
    go(world, model({"url": served.url("/")}))
    with world.platform.transaction(SYSTEM) as ctx:
        assert jobs(world)[0].available_at - ctx.clock.now() > timedelta(seconds=110)
    assert world.incidents() == []
    served.answers(200)
    world.pass_time("PT2M1S")
    scheduler.run_due(world.platform)
    assert world.open_tasks() == ["finish"]


def test_an_answer_that_is_lost_is_asked_again_with_the_same_key(world: World, counter: Start) -> None:
    served = counter()
    served.act = lambda handler: handler.connection.close()  # it acted, and the answer was lost
    allow(world, served)
    go(world, model({"method": "POST", "url": served.url("/"), "body": "={x: 1}"}))
    served.answers(200)
    world.pass_time("PT10M")
    scheduler.run_due(world.platform)
    assert world.open_tasks() == ["finish"]
    keys = [seen.headers["idempotency-key"] for seen in served.seen]
    assert len(keys) == 2
    assert len(set(keys)) == 1
    assert [row.state for row in calls(world)] == ["failed", "answered"]


def test_a_call_that_nobody_waits_for_any_more_ends_as_abandoned(world: World, counter: Start) -> None:
    served = counter()

    def moves_on(handler: Any) -> None:
        with world.platform.transaction(SYSTEM) as ctx:
            ctx.session.execute(update(ServiceJob).values(attempts=ServiceJob.attempts + 1))
        handler.send_response(200)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    served.act = moves_on
    allow(world, served)
    go(world, model({"url": served.url("/")}))
    assert [(call.state, call.status) for call in calls(world)] == [("abandoned", 200)]


def test_a_host_in_trouble_is_left_alone_without_costing_tries(world: World, counter: Start) -> None:
    served = counter()
    served.answers(500, b"")
    allow(world, served, failures_to_open=2, pause_seconds=3600)
    go(world, model({"url": served.url("/")}, {"retryBackoff": "PT1S"}, retries="5"))
    for _ in range(4):
        world.pass_time("PT2S")
        scheduler.run_due(world.platform)
    assert (len(served.seen), jobs(world)[0].attempts) == (2, 2)
    with world.platform.transaction(SYSTEM) as ctx:
        state = ctx.session.execute(select(HostState)).scalar_one()
        assert (state.failures, state.open_until is not None) == (2, True)
    served.answers(200)
    world.pass_time("PT1H")
    scheduler.run_due(world.platform)
    assert world.open_tasks() == ["finish"]
    with world.platform.transaction(SYSTEM) as ctx:
        state = ctx.session.execute(select(HostState)).scalar_one()
        assert (state.failures, state.open_until) == (0, None)


def test_no_more_calls_at_once_than_the_entry_allows(world: World, counter: Start) -> None:
    served = counter()
    allow(world, served, most_at_once=1)
    with world.platform.transaction(SYSTEM) as ctx:
        ctx.session.add(
            HttpCall(
                key="k",
                method="GET",
                host=f"127.0.0.1:{served.port}",
                path="/",
                state="running",
                started_at=ctx.clock.now(),
            )
        )
    go(world, model({"url": served.url("/")}))
    assert (served.seen, jobs(world)[0].attempts) == ([], 0)
    world.pass_time("PT10M")  # that call's node died
    scheduler.run_due(world.platform)
    assert len(served.seen) == 1


@pytest.mark.parametrize("how", ["refused", "broken", "timeout", "unknown", "success"])
def test_a_secret_is_found_nowhere(
    world: World, counter: Start, how: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    served = counter()
    served.answers({"refused": 401, "success": 200}.get(how, 500), b'{"echo": "none"}')
    if how == "broken":
        served.act = lambda handler: handler.connection.close()
    allow(world, served, "KEY")
    keep(world, "KEY", f"{HUSH}\n" if how == "unknown" else HUSH)
    inputs = {
        "url": served.url("/"),
        "authentication": '={type: "basic", username: "u", password: "secret:KEY"}',
        "headers": '={"X-Key": "secret:KEY"}',
        "readTimeoutInSeconds": "=0.05" if how == "timeout" else "=5",
    }
    go(world, model(inputs, {"resultVariable": "answer"}))
    needles = [HUSH, HUSH.encode().hex(), base64.b64encode(f"u:{HUSH}".encode()).decode()[:40]]
    with world.platform.transaction(SYSTEM) as ctx:
        for table in [*metadata.tables, "procrastinate_jobs"]:
            for row in ctx.session.execute(text(f"select row_to_json(t)::text from {table} t")).scalars():  # noqa: S608
                assert not any(needle in row for needle in needles), table
        for job in jobs(world):
            assert HUSH not in repr(job.trouble) + repr(job.arguments) + repr(job.headers)
    out = capsys.readouterr()
    for said in (caplog.text, out.out, out.err, repr(world.incidents()), repr(world.legs()["P_main"].variables)):
        assert not any(needle in said for needle in needles)


@pytest.mark.slow
def test_slow_hosts_delay_no_timer(world: World, counter: Start) -> None:
    served, free = counter(), threading.Event()
    served.act = lambda _handler: free.wait(PATIENCE_SECONDS) and None
    slow = world.platform.settings.service_concurrency
    allow(world, served, most_at_once=slow + 1)
    fired = threading.Event()
    handlers = world.platform.handlers
    world.with_handlers(
        jobs={
            **handlers.jobs,
            "test.timer": lambda *_: fired.set(),
            "test.slow": lambda *_: Outside(free.wait, lambda *_: None),
        }
    )
    go_ahead = threading.Event()
    runner = threading.Thread(target=main.run, args=(world.platform, go_ahead))
    runner.start()
    try:
        world.deploy(model({"url": served.url("/")}))
        world.submit()
        world.complete("clerk", "review", note="1200", reason="x")
        with world.platform.transaction(SYSTEM) as ctx:  # and all other threads for calls are held up too
            now = ctx.clock.now()
            work.add(ctx, [NewWork("test.slow", str(number), now, queue="service") for number in range(slow + 2)])
        until(lambda: len(served.seen) == 1, "the call was never made")
        with world.platform.transaction(SYSTEM) as ctx:
            work.add(ctx, [NewWork("test.timer", "x", ctx.clock.now())])
        assert fired.wait(PATIENCE_SECONDS)
        assert not free.is_set(), "the timer came while all calls were held up"
        served.answers(200)
        free.set()
    finally:
        free.set()
        go_ahead.set()
        runner.join(PATIENCE_SECONDS)
    assert not runner.is_alive()


def test_of_a_thousand_jobs_for_a_dead_partner_five_wait_for_it(world: World, counter: Start) -> None:
    served = counter()
    allow(world, served)
    asked = []
    for _ in range(2):
        with world.platform.transaction(SYSTEM) as ctx:
            [entry] = hosts.list_hosts(ctx, None)
            failures, pause = entry.failures_to_open, entry.pause_seconds
            for job in range(1000):
                try:
                    breaker.enter(ctx, entry)
                except Postponed:
                    continue
                asked.append(job)
                breaker.report(ctx, breaker.name_of(entry), well=False, failures_to_open=failures, pause_seconds=pause)
        world.pass_time("PT61S")
    assert asked == [0, 1, 2, 3, 4, 0]  # then one probe, and the others wait on


def test_an_incident_says_which_call_what_came_and_what_to_do(world: World, counter: Start) -> None:
    served = counter()
    served.answers(403, '{"detail": "张三 532622199001011234"}'.encode())
    allow(world, served)
    inputs = {"url": served.url("/persons/{id}"), "pathParameters": '={"id": "532622199001011234"}'}
    go(world, model(inputs))
    [incident] = world.incidents()
    assert incident.message == f"GET 127.0.0.1:{served.port}/persons/{{id}}：HTTP 403"
    assert advice.for_incident(incident.code).zh == AnswerRefused.next_zh
    assert advice.for_incident("host-not-allowed").en == HostNotAllowed.next_en
    assert advice.for_incident("no-such-code").zh.startswith("请查看原因")
