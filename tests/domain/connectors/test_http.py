"""Service tasks of type http against real servers: what goes over the wire, what comes back into the case, what is kept of it."""

import base64
import hmac
import logging
import threading
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from xml.sax.saxutils import quoteattr

import orjson
import pytest
from cryptography.hazmat.primitives import hashes
from sqlalchemy import select, text, update

from domain.actors import SYSTEM
from domain.cases.jobs import ServiceJob
from domain.connectors import hosts
from domain.connectors.models import HostState, HttpCall
from domain.definitions.errors import DefinitionRefused
from domain.metadata import metadata
from domain.outbox import work
from domain.outbox.work import NewWork, Outside
from domain.secrets import service as secrets
from scheduler import jobs as scheduler
from scheduler import main
from tests.domain.connectors.conftest import Counter
from tests.support import models
from tests.support.external import jobs
from tests.support.models import chain, node, pool, user
from tests.support.world import World

pytestmark = pytest.mark.network
Start = Callable[..., Counter]
HUSH = "a-secret-that-must-not-be-found-anywhere-7c1f"


def model(
    inputs: Mapping[str, str],
    headers: Mapping[str, str] | None = None,
    *,
    catch: str = "",
    kind: str = "http",
    retries: str = "",
) -> bytes:
    """Review, an http task (inputs as written in the model), a task to finish; ``catch`` leads a BPMN error to ``refused``."""
    rows = "".join(
        f"<zeebe:input source={quoteattr(source)} target={quoteattr(target)}/>" for target, source in inputs.items()
    )
    rows += '<zeebe:output source="=answer" target="answer"/>'
    constants = "".join(
        f"<zeebe:header key={quoteattr(key)} value={quoteattr(value)}/>" for key, value in (headers or {}).items()
    )
    tries = f' retries="{retries}"' if retries else ""
    ext = f'<zeebe:taskDefinition type="{kind}"{tries}/><zeebe:ioMapping>{rows}</zeebe:ioMapping><zeebe:taskHeaders>{constants}</zeebe:taskHeaders>'
    body = (
        node("startEvent", "start")
        + user("review", ext=models.outputs(note="note", reason="reason"))
        + node("serviceTask", "ask", ext=ext)
        + user("finish", ext=models.outputs(note="note"))
        + node("endEvent", "done", ext='<lianban:result code="0"/>')
        + chain("start", "review", "ask", "finish", "done")
    )
    declared = ""
    if catch:
        declared = f'<bpmn:error id="e" name="e" errorCode="{catch}"/>'
        body += models.boundary("caught", "ask", '<bpmn:errorEventDefinition errorRef="e"/>', interrupting=True)
        body += user("refused") + node("endEvent", "ended") + chain("caught", "refused", "ended")
    source = models.collaboration({"main": (pool("P_main", "main", "main", models.MAIN_SITE), body)})
    return source.replace(b"<bpmn:collaboration", declared.encode() + b"<bpmn:collaboration", 1)


@pytest.fixture
def world(platform: Any) -> World:
    return World(platform).settle()


def allow(world: World, served: Counter, *names: str, **more: Any) -> None:
    with world.platform.transaction(SYSTEM) as ctx:
        given = {"is_internal": True, "is_plain": served.scheme == "http", "names": names, **more}
        hosts.put(ctx, "127.0.0.1", "测试", site_id=None, port=served.port, **given)


def keep(world: World, name: str, value: str = HUSH) -> None:
    with world.platform.transaction(SYSTEM) as ctx:
        secrets.put(ctx, name, value, site_id=None)


def go(world: World, source: bytes) -> int:
    world.deploy(source)
    world.submit()
    world.complete("clerk", "review", note="1200", reason="张三")
    return scheduler.run_due(world.platform)


def calls(world: World) -> list[HttpCall]:
    with world.platform.transaction(SYSTEM) as ctx:
        return list(ctx.session.scalars(select(HttpCall).order_by(HttpCall.id)))


def answer_of(world: World) -> Any:
    return world.legs()["P_main"].variables.get("answer")


def test_a_call_and_its_answer(world: World, counter: Start) -> None:
    served = counter()
    served.answers(200, '{"result": {"level": 3, "name": "好"}}'.encode())
    allow(world, served)
    inputs = {
        "method": "POST",
        "url": f"http://127.0.0.1:{served.port}/persons/{{person}}/checks",
        "pathParameters": '={"person": reason}',
        "queryParameters": '={"q": note, "empty": null}',
        "headers": '={"X-Site": site.code}',
        "body": '={"amount": number(note), "名": reason}',
    }
    go(world, model(inputs, {"resultExpression": "={answer: response.body.result.level, other: 1}"}))
    assert world.open_tasks() == ["finish"]
    assert answer_of(world) == 3
    seen = served.seen[0]
    assert (seen.method, seen.path) == ("POST", "/persons/%E5%BC%A0%E4%B8%89/checks?q=1200")
    assert orjson.loads(seen.body) == {"amount": 1200, "名": "张三"}
    assert (seen.headers["content-type"], seen.headers["x-site"]) == ("application/json", models.MAIN_SITE)
    assert seen.headers["idempotency-key"] == jobs(world)[0].request_key
    row = calls(world)[0]
    assert (row.state, row.status, row.path, row.host) == (
        "answered",
        200,
        "/persons/{person}/checks",
        f"127.0.0.1:{served.port}",
    )
    assert (row.sent_bytes, row.received_bytes) == (len(seen.body), 39)
    assert row.milliseconds is not None


def test_camundas_names_mean_the_same(world: World, counter: Start) -> None:
    served = counter()
    allow(world, served, "TOKEN")
    keep(world, "TOKEN")
    inputs = {
        "method": "get",
        "url": served.url("/x"),
        "authentication.type": "bearer",
        "authentication.token": "{{secrets.TOKEN}}",
        "connectionTimeoutInSeconds": "=20",
        "readTimeoutInSeconds": "=20",
        "writeTimeoutInSeconds": "=0",
        "storeResponse": "=false",
        "ignoreNullValues": "=false",
    }
    headers = {
        "elementTemplateVersion": "11",
        "elementTemplateId": "x",
        "resultVariable": "answer",
        "retryBackoff": "PT0S",
    }
    go(world, model(inputs, headers, kind="io.camunda:http-json:1", retries="3"))
    assert world.open_tasks() == ["finish"]
    assert answer_of(world)["status"] == 200
    assert served.seen[0].headers["authorization"] == f"Bearer {HUSH}"


@pytest.mark.parametrize(
    ("authentication", "name", "value"),
    [
        (
            '={type: "basic", username: "me", password: "secret:KEY"}',
            "authorization",
            "Basic " + base64.b64encode(f"me:{HUSH}".encode()).decode(),
        ),
        ('={type: "bearer", token: "secrets.KEY"}', "authorization", f"Bearer {HUSH}"),
        ('={type: "apiKey", apiKeyLocation: "headers", name: "X-Key", value: "secret:KEY"}', "x-key", HUSH),
        ('={type: "noAuth"}', "authorization", None),
    ],
)
def test_authentication(world: World, counter: Start, authentication: str, name: str, value: str | None) -> None:
    served = counter()
    allow(world, served, "KEY")
    keep(world, "KEY")
    go(world, model({"url": served.url("/"), "authentication": authentication}))
    assert served.seen[0].headers.get(name) == value
    assert world.open_tasks() == ["finish"]


@pytest.mark.parametrize(("algorithm", "maker"), [("SM3", "sm3"), ("SHA256", "sha256")])
def test_a_signed_call_can_be_checked_by_the_gateway(world: World, counter: Start, algorithm: str, maker: str) -> None:
    served = counter()
    allow(world, served, "KEY")
    keep(world, "KEY")
    authentication = f'={{type: "hmac", algorithm: "{algorithm}", keyId: "app-1", secret: "secret:KEY"}}'
    go(
        world,
        model({"method": "POST", "url": served.url("/a?b=1"), "body": "={x: 1}", "authentication": authentication}),
    )
    seen = served.seen[0]
    digest = hashes.Hash(hashes.SM3() if maker == "sm3" else hashes.SHA256())
    digest.update(seen.body)
    lines = ["POST", "/a?b=1", "app-1", seen.headers["x-timestamp"], seen.headers["x-nonce"], digest.finalize().hex()]
    expected = hmac.new(HUSH.encode(), "\n".join(lines).encode(), maker).hexdigest()
    assert seen.headers["x-signature"] == expected
    assert seen.headers["x-app-id"] == "app-1"


def test_a_secret_goes_only_to_hosts_whose_entry_names_it(world: World, counter: Start) -> None:
    served = counter()
    allow(world, served, "OTHER")
    keep(world, "KEY")
    go(world, model({"url": served.url("/"), "headers": '={"X-Key": "secret:KEY"}'}))
    assert served.seen == []
    assert [row.code for row in world.incidents()] == ["host-not-allowed"]


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://127.0.0.1:1/", "host-not-allowed"),
        ("https://example.cn/", "host-not-allowed"),
        ("http://169.254.169.254/latest/meta-data", "host-not-allowed"),
        ("ftp://127.0.0.1/", "call-invalid"),
        ("https://user:word@127.0.0.1/", "call-invalid"),
    ],
)
def test_what_is_not_allowed_is_an_incident_at_once(world: World, url: str, code: str) -> None:
    go(world, model({"url": f'=if note = "" then "" else "{url}"'}))  # the check at deployment cannot know it
    incident = world.incidents()[0]
    assert incident.code == code
    assert "word" not in incident.message
    assert jobs(world)[0].attempts == 1


def test_an_internal_address_needs_the_entry_to_say_so(world: World, counter: Start) -> None:
    served = counter(tls=True)
    allow(world, served, is_internal=False)
    go(world, model({"url": served.url("/")}))
    assert [row.code for row in world.incidents()] == ["host-not-allowed"]
    assert served.seen == []
    assert calls(world)[0].error_code == "host-not-allowed"


@pytest.mark.parametrize(
    ("status", "headers", "where"),
    [
        (404, {"errorCodes": "404=NotFound, 5xx=retry"}, ["refused"]),
        (
            409,
            {"errorExpression": '=if response.status = 409 then bpmnError("NotFound", "nope") else null'},
            ["refused"],
        ),
        (
            200,
            {"errorExpression": '=if body.code != 0 then bpmnError("NotFound", "x", {answer: 7}) else null'},
            ["refused"],
        ),
        (409, {"errorExpression": '={errorType: "bpmnError", code: "NotFound"}'}, ["refused"]),
        (304, {"errorCodes": "304=NotFound"}, ["refused"]),
    ],
)
def test_business_errors_go_to_their_boundary_event(
    world: World, counter: Start, status: int, headers: dict[str, str], where: list[str]
) -> None:
    served = counter()
    served.answers(status, b'{"code": 5}' if status != 304 else b"")
    allow(world, served)
    go(world, model({"url": served.url("/")}, headers, catch="NotFound"))
    assert world.open_tasks() == where


@pytest.mark.parametrize(
    ("status", "body", "headers", "code"),
    [
        (403, b"<html>", {}, "call-status"),
        (302, b"", {}, "call-status"),
        (200, b"{broken", {}, "answer-unreadable"),
        (200, b"{}", {"resultExpression": "=response.body.no.such +"}, "call-expression"),
        (200, b"{}", {"resultExpression": "=5"}, "call-expression"),
        (200, b"{}", {"errorExpression": "=5"}, "call-expression"),
        (503, b"", {"errorCodes": "503=incident"}, "call-status"),
        (503, b"", {"errorExpression": '=jobError("give up", {}, 0)'}, "call-status"),
    ],
)
def test_what_makes_no_sense_to_try_again_is_an_incident(
    world: World, counter: Start, status: int, body: bytes, headers: dict[str, str], code: str
) -> None:
    served = counter()
    served.answers(status, body)
    allow(world, served)
    go(world, model({"url": served.url("/")}, headers))
    assert [row.code for row in world.incidents()] == [code]
    assert len(served.seen) <= 1


@pytest.mark.parametrize(
    ("inputs", "headers"),
    [({"timeout": "=5"}, {}), ({}, {"resultVaraible": "x"}), ({}, {"errorCodes": "9xx=retry"})],
)
def test_what_the_connector_does_not_know_is_refused_at_deployment(
    world: World, counter: Start, inputs: dict[str, str], headers: dict[str, str]
) -> None:
    served = counter()
    allow(world, served)
    with pytest.raises(DefinitionRefused):
        go(world, model({"url": served.url("/"), **inputs}, headers))
    assert served.seen == []


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
    served.act = lambda _handler: free.wait(20) and None
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
        wait_until(lambda: len(served.seen) == 1)
        began = time.monotonic()
        with world.platform.transaction(SYSTEM) as ctx:
            work.add(ctx, [NewWork("test.timer", "x", ctx.clock.now())])
        assert fired.wait(10)
        assert time.monotonic() - began < 5
        assert not free.is_set()
        served.answers(200)
        free.set()
    finally:
        free.set()
        go_ahead.set()
        runner.join(20)
    assert not runner.is_alive()


def wait_until(true: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(200):
        if true():
            return
        pause.wait(0.05)
    raise AssertionError("it did not come about")
