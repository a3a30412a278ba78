"""Service tasks of type http against real servers: what goes over the wire, what comes back into the case, what is kept of it."""

import base64
import hmac
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives import hashes

from domain.definitions.errors import DefinitionRefused
from tests.domain.connectors.calling import HUSH, Start, allow, answer_of, calls, go, keep, model
from tests.support import models
from tests.support.external import jobs
from tests.support.world import World

pytestmark = pytest.mark.network


@pytest.fixture
def world(platform: Any) -> World:
    return World(platform).settle()


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
