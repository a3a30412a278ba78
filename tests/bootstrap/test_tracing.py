"""Traces, sent to a receiver that speaks OTLP over HTTP: request → transaction → engine → SQL, and the job that it caused."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from sqlalchemy import text

from api.app import create_app
from bootstrap.container import Platform, make_sql_engine
from bootstrap.settings import Settings
from bootstrap.telemetry import tracing
from bootstrap.telemetry.observed import observe_pool
from domain.actors import SYSTEM
from domain.identity.models import User
from domain.identity.passwords import hash_password
from scheduler import jobs
from tests.api.browser import APPLICANT_ID_NO, PASSWORD, Browser
from tests.support import models
from tests.support.world import APPLICATION, World

pytestmark = pytest.mark.network


class Receiver:
    """Keeps what arrives."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        kept = self.bodies

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                assert self.path == "/v1/traces"
                kept.append(self.rfile.read(int(self.headers["Content-Length"])))
                answer = ExportTraceServiceResponse().SerializeToString()
                self.send_response(200)
                self.send_header("Content-Type", "application/x-protobuf")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def spans(self) -> list[Any]:
        found = []
        for body in self.bodies:
            request = ExportTraceServiceRequest.FromString(body)
            found += [span for each in request.resource_spans for scope in each.scope_spans for span in scope.spans]
        return found


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    made.thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    made.thread.join()


@pytest.fixture
def traced(
    pg_url: str, settings: Settings, receiver: Receiver, empty_database: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Platform]:
    del empty_database
    monkeypatch.setattr(tracing, "_EXPORT_SECONDS", 60)  # a busy machine must not matter
    chosen = dataclasses.replace(settings, otlp_endpoint=receiver.address, trusted_proxies=1)
    tracing.start(chosen, "web")
    platform = Platform(chosen, observe_pool(make_sql_engine(chosen, pg_url)))
    yield platform
    tracing.stop()
    platform.close()


def attributes(span: Any) -> dict[str, Any]:
    return {each.key: each.value.string_value or each.value.int_value for each in span.attributes}


def log_in(world: World, login: str) -> Browser:
    hashed = hash_password(PASSWORD)
    with world.platform.transaction(SYSTEM) as ctx:
        for user in ctx.session.query(User):
            user.password_hash = hashed
            if user.login == "applicant":
                user.person = {"idNo": APPLICANT_ID_NO, "mobile": "13800000000"}
    browser = Browser(create_app(world.platform))
    browser.session()
    answer = browser.post("/session", {"login": login, "password": PASSWORD})
    assert answer.status_code < 300, answer.text
    browser.session()
    return browser


def test_a_request_and_the_job_it_caused_are_told_with_their_statements(traced: Platform, receiver: Receiver) -> None:
    world = World(traced).settle()
    world.deploy(models.joint())
    clerk = log_in(world, "clerk")
    world.submit({**APPLICATION, "idNo": APPLICANT_ID_NO, "name": "张三"})
    task = clerk.get("/tasks").json["items"][0]
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    clerk.post(f"/tasks/{task['id']}/claim")
    version = clerk.get(f"/tasks/{task['id']}").json["task"]["version"]
    body = {"data": {"reason": "李四 13912345678"}, "version": version}
    done = clerk.post(f"/tasks/{task['id']}/complete", body, headers={"traceparent": parent})
    assert done.status_code == 200, done.text
    assert jobs.run_due(traced) > 0
    tracing.stop()

    spans = receiver.spans()
    by_id = {span.span_id: span for span in spans}
    [request] = [span for span in spans if span.name == "POST /api/v1/tasks/<task_id>/complete"]
    assert (request.trace_id.hex(), request.parent_span_id.hex()) == (parent[3:35], parent[36:52])
    facts = attributes(request)
    assert (facts["http.route"], facts["http.response.status_code"]) == ("/api/v1/tasks/<task_id>/complete", 200)
    command = next(span for span in spans if span.name == "engine complete_task")
    assert by_id[command.parent_span_id].name == "transaction"
    assert attributes(by_id[command.parent_span_id])["lianban.case"] > 0
    assert by_id[by_id[command.parent_span_id].parent_span_id] == request
    statements = [span for span in spans if span.trace_id == request.trace_id and span.name.startswith("SQL ")]
    assert any("audit_events" in attributes(span)["db.query.text"].lower() for span in statements)
    caused = [span for span in spans if span.name == "job" for link in span.links if link.trace_id == request.trace_id]
    assert caused
    assert attributes(caused[0])["lianban.work.kind"]
    assert any(span.trace_id == caused[0].trace_id and span.name == "SQL UPDATE" for span in spans)

    assert {key for span in spans for key in attributes(span)} <= tracing.ALLOWED
    assert not any(span.events for span in spans), "exceptions are not written down: their text may name a person"
    whole = b"".join(receiver.bodies)
    for personal in (APPLICANT_ID_NO, "张三", "李四", "13912345678", "13800000000"):
        assert personal.encode() not in whole


def test_off_it_costs_nothing_and_keeps_nothing(platform: Platform) -> None:
    assert not tracing.is_on()
    assert tracing.span("one") is tracing.span("two"), "no object is made"
    assert tracing.current_trace() == ""
    with platform.transaction(SYSTEM) as ctx:
        assert ctx.trace == ""
        assert ctx.session.execute(text("select 1")).scalar() == 1


def test_only_known_attributes_can_be_written(traced: Platform) -> None:
    del traced
    with tracing.span("one", http_route="/x"), pytest.raises(ValueError, match="applicant_name"):
        tracing.describe(applicant_name="x")
