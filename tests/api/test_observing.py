"""One line of the log for each request, and figures by the template of its address."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import flask
import pytest
import structlog
from prometheus_client.parser import text_string_to_metric_families

from bootstrap.telemetry import metrics
from bootstrap.telemetry.observed import COMMANDS
from domain.outbox.work import QUEUES
from scheduler.jobs import JOBS
from tests.api.browser import APPLICANT_ID_NO, Browser
from tests.support import models
from tests.support.world import World

LogIn = Callable[[str], Browser]
TOKEN = {"Authorization": "Bearer a-token-for-tests"}


@pytest.fixture
def log() -> Iterator[list[Any]]:
    with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as entries:
        yield entries


@pytest.fixture
def served(app: flask.Flask, monkeypatch: pytest.MonkeyPatch) -> flask.Flask:
    monkeypatch.setattr(type(app.extensions["lianban"].settings), "metrics_token", "a-token-for-tests")
    return app


def test_a_request_is_one_line_with_template_status_and_case(world: World, log_in: LogIn, log: list[Any]) -> None:
    world.deploy(models.simple())
    world.submit()
    clerk = log_in("clerk")
    task = clerk.get("/tasks").json["items"][0]
    log.clear()
    answer = clerk.post(f"/tasks/{task['id']}/claim", headers={"X-Request-Id": "from-the-balancer"})
    assert answer.status_code == 200, answer.text
    [line] = [entry for entry in log if entry["event"] == "request"]
    assert (line["method"], line["route"], line["status"]) == ("POST", "/api/v1/tasks/<task_id>/claim", 200)
    assert line["request_id"] == "from-the-balancer"
    assert line["ms"] > 0
    assert line["case"] > 0
    assert task["id"] not in str(line)


def test_what_a_caller_writes_into_an_address_is_in_no_line_and_no_label(served: flask.Flask, log: list[Any]) -> None:
    client = served.test_client()
    for path in (
        f"/api/v1/{APPLICANT_ID_NO}",
        f"/{APPLICANT_ID_NO}",
        f"/api/v1/cases/{APPLICANT_ID_NO}?q={APPLICANT_ID_NO}",
    ):
        client.get(path)
    client.open("/api/v1/session", method="BREW")
    assert len([entry for entry in log if entry["event"] == "request"]) == 4
    text = client.get("/metrics", headers=TOKEN).text
    assert APPLICANT_ID_NO not in str(log) + text
    assert 'method="other"' in text


def test_who_is_turned_away_is_named_by_number(log_in: LogIn, log: list[Any]) -> None:
    clerk = log_in("clerk")
    number = clerk.get("/session").json["user"]["id"]
    log.clear()
    assert clerk.get("/admin/api-clients").status_code == 403
    clerk.get("/tasks")
    refused, allowed = [entry for entry in log if entry["event"] == "request"]
    assert (refused["status"], refused["user"]) == (403, number)
    assert "user" not in allowed


def test_labels_come_from_known_sets(served: flask.Flask, world: World, log_in: LogIn) -> None:
    world.deploy(models.simple())
    world.submit()
    log_in("clerk").get("/tasks")
    metrics.job_attempted("sent by somebody", QUEUES[0], "done", 0.1, known=JOBS)
    known = {
        "route": {rule.rule for rule in served.url_map.iter_rules()} | {"unmatched"},
        "method": metrics.METHODS | {metrics.OTHER},
        "status": {str(code) for code in range(100, 600)},
        "command": set(COMMANDS),
        "outcome": {"done", "refused", "failed", "committed", "busy", "database-away", *metrics.OUTCOMES},
        "kind": {*JOBS, *world.platform.handlers.jobs, metrics.OTHER},
        "queue": set(QUEUES),
        "of": {"work", "model"},
        "role": {"web", "scheduler", "worker"},
        "state": {"up", "draining", "silent"},
    }
    free = {"le", "version", "operation", "generation", "implementation", "major", "minor", "patchlevel"}
    text = served.test_client().get("/metrics", headers=TOKEN).text
    seen = {
        (name, value)
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        for name, value in sample.labels.items()
        if name not in free and not value.startswith("test.")  # kinds of work that other tests of this process made up
    }
    assert {name for name, _ in seen} >= {"route", "command", "kind", "queue"}
    assert [pair for pair in sorted(seen) if pair[1] not in known[pair[0]]] == []


def test_figures_are_never_public(app: flask.Flask, served: flask.Flask) -> None:
    client = served.test_client()
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer guessed-guessed-guess"}).status_code == 401
    assert client.get("/metrics", headers=TOKEN).status_code == 200
    assert app is served


def test_without_the_setting_there_are_no_figures(app: flask.Flask) -> None:
    assert app.test_client().get("/metrics", headers=TOKEN).status_code == 404


def test_administrators_see_the_nodes(world: World, log_in: LogIn) -> None:
    from domain.nodes.service import Beat, beat

    with world.platform.sql.begin() as connection:
        beat(connection, Beat(id="a", name="one", role="web", version="1", pid=1, busy=2, capacity=8))
        beat(
            connection, Beat(id="b", name="two", role="worker", version="1", pid=2, queues=("timer",), is_draining=True)
        )
        connection.exec_driver_sql(
            "update nodes set heartbeat_at = heartbeat_at - interval '1 minute', skew_ms = -4000 where id = 'a'"
        )
    first, second = log_in("admin").get("/admin/nodes").json["items"]
    assert (first["state"], first["skewed"], first["busy"], first["capacity"]) == ("silent", True, 2, 8)
    assert first["silentSeconds"] >= 60
    assert (second["state"], second["queues"], second["skewed"]) == ("draining", ["timer"], False)
    assert log_in("clerk").get("/admin/nodes").status_code == 403
