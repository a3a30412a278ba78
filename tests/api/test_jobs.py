"""External tasks and API clients for administrators; what stands still because of another system."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import flask
import pytest

from domain.actors import SYSTEM, Actor, Role
from domain.clients.models import ApiClient
from domain.errors import NotFound
from domain.jobs import operations, queries
from domain.sites import service as sites
from scheduler import jobs as scheduler
from tests.api.browser import Browser, assert_problem
from tests.api.test_external_tasks import Worker, register
from tests.support import models
from tests.support.external import TOPIC, ask, jobs, service
from tests.support.world import World

LogIn = Callable[[str], Browser]


def rows(browser: Browser, query: str = "") -> list[dict[str, Any]]:
    answer = browser.get(f"/admin/jobs{query}")
    assert answer.status_code == 200, answer.text
    body: Any = answer.json
    found: list[dict[str, Any]] = body["items"]
    return found


def test_the_list_tells_who_has_what_and_never_the_arguments(world: World, app: flask.Flask, log_in: LogIn) -> None:
    ask(world)
    admin = log_in("siteadmin")
    row = rows(admin)[0]
    assert (row["topic"], row["elementName"], row["state"], row["lastAskedAt"]) == (TOPIC, "ask", "waiting", None)
    worker = Worker(app, register(world))
    job = worker.fetch()[0]["id"]
    row = rows(admin, f"?topic={TOPIC}&state=locked")[0]
    assert (row["clientName"], row["workerId"], row["attempts"]) == ("税务核验", "w1", 1)
    assert row["lockExpiresAt"] == row["availableAt"]
    assert row["lastAskedAt"] is not None
    worker.post(f"{job}/fail", error="down", message="no 532622198502030000", retryAfterSeconds=600)
    row = rows(admin, "?state=retrying")[0]
    assert (row["errorCode"], row["error"], row["retriesLeft"]) == ("down", "no ***", 3)
    assert "1200" not in admin.get("/admin/jobs").text
    assert rows(admin, "?state=failed") == []
    case_no = row["caseNo"]
    assert len(rows(admin, f"?caseNo={case_no}")) == 1
    detail: Any = log_in("clerk").get(f"/cases/{case_no}").json
    assert [(each["topic"], each["state"], each["errorCode"]) for each in detail["jobs"]] == [(TOPIC, "open", "down")]


def test_a_lock_is_taken_away_and_a_late_result_refused(world: World, app: flask.Flask, log_in: LogIn) -> None:
    job = ask(world)
    worker = Worker(app, register(world))
    admin = log_in("siteadmin")
    assert_problem(admin.post(f"/admin/jobs/{job.id}/unlock"), 409, "job-not-locked")
    worker.fetch()
    assert_problem(admin.post(f"/admin/jobs/{job.id}/retry"), 409, "job-busy")
    assert admin.post(f"/admin/jobs/{job.id}/unlock").status_code == 200
    assert_problem(worker.post(f"{job.id}/complete"), 409, "external-task-lock-lost")
    assert rows(admin)[0]["state"] == "waiting"


def test_tries_are_set_and_one_is_made_now(world: World, app: flask.Flask, log_in: LogIn) -> None:
    job = ask(world)
    worker = Worker(app, register(world))
    admin = log_in("siteadmin")
    worker.fetch()
    worker.post(f"{job.id}/fail", retries=1, retryAfterSeconds=6000)
    assert worker.fetch() == []
    assert admin.put(f"/admin/jobs/{job.id}/retries", {"retries": 9}).status_code == 200
    assert admin.post(f"/admin/jobs/{job.id}/retry").status_code == 200
    assert worker.fetch()[0]["retriesLeft"] == 9
    worker.post(f"{job.id}/complete", variables={"answer": 1})
    assert_problem(admin.put(f"/admin/jobs/{job.id}/retries", {"retries": 9}), 409, "external-task-closed")
    assert_problem(admin.post(f"/admin/jobs/{job.id}/retry"), 409, "external-task-closed")
    assert_problem(admin.put(f"/admin/jobs/{job.id}/retries", {"retries": 0}), 422, "invalid-fields")


def test_all_failed_of_a_topic_are_tried_again_each_by_itself(world: World, app: flask.Flask, log_in: LogIn) -> None:
    world.deploy(service())
    for number in range(3):
        world.submit(subject=f"5326222015060100{number:02d}")
        world.complete("clerk", "review", note="1")
    worker = Worker(app, register(world))
    for task in worker.fetch():
        worker.post(f"{task['id']}/fail", retries=0)
    assert len(world.incidents()) == 3
    admin = log_in("siteadmin")
    answer = admin.post("/admin/jobs/retry", {"topic": TOPIC})
    assert (answer.status_code, answer.json) == (202, {"count": 3})
    assert scheduler.run_due(world.platform) == 3
    assert world.incidents() == []
    assert len(worker.fetch()) == 3
    again = admin.post("/admin/jobs/retry", {"ids": [jobs(world)[0].id]})
    assert again.status_code == 202
    scheduler.run_due(world.platform)
    assert world.incidents() == []
    assert_problem(admin.post("/admin/jobs/retry", {}), 422, "invalid-fields")
    assert_problem(admin.post("/admin/jobs/retry", {"ids": ["nothing"]}), 404, "not-found")


def test_other_sites_and_watchers_do_not_touch_them(world: World, log_in: LogIn) -> None:
    job = ask(world)
    assert_problem(log_in("auditor").post(f"/admin/jobs/{job.id}/retry"), 403, "forbidden")
    assert len(rows(log_in("auditor"))) == 1
    assert_problem(log_in("clerk").get("/admin/jobs"), 403, "forbidden")
    with world.platform.transaction(SYSTEM) as ctx:
        far = sites.get_site(ctx, models.PARTNER_SITE).id
    stranger = Actor(1, "stranger", {far: frozenset({Role.SITE_ADMIN})})
    with world.platform.transaction(stranger) as ctx:
        assert queries.list_jobs(ctx, state=None, topic=None, after=None, limit=10) == ([], None)
        with pytest.raises(NotFound):
            queries.require_visible(ctx, [job.id])
        for act in (operations.unlock, operations.retry):
            with pytest.raises(NotFound):
                act(ctx, job.id)


def test_a_task_nobody_fetches_is_among_what_does_not_move(world: World, app: flask.Flask, log_in: LogIn) -> None:
    ask(world)
    admin = log_in("siteadmin")

    def stuck() -> list[dict[str, Any]]:
        found: Any = admin.get("/admin/stuck?reason=external").json
        lines: list[dict[str, Any]] = found["items"]
        return lines

    assert stuck() == []
    world.pass_time("PT31M")
    line = stuck()[0]
    assert line["reasonText"] == f"等待外部系统办理“ask”（{TOPIC}），从未有客户端领取该主题"
    assert "no client has ever asked" in line["reasonTextEn"]
    worker = Worker(app, register(world))
    worker.fetch()
    assert stuck()[0]["reasonText"] == f"等待外部系统办理“ask”（{TOPIC}）"
    world.pass_time("PT45M")
    assert "45 分钟没有客户端领取" in stuck()[0]["reasonText"]


def test_clients_are_registered_by_their_sites_administrator_and_tokens_shown_once(
    world: World, app: flask.Flask, log_in: LogIn
) -> None:
    ask(world)
    with world.platform.transaction(SYSTEM) as ctx:
        mine = sites.get_site(ctx, models.MAIN_SITE).id
        other = sites.get_site(ctx, models.PARTNER_SITE).id
    admin = log_in("siteadmin")
    asked: dict[str, Any] = {"name": "税务", "organisation": "州税务局", "siteId": mine, "topics": [TOPIC]}
    asked["expiresAt"] = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    made = admin.post("/admin/api-clients", asked, headers={"Idempotency-Key": "key-0123456789"})
    assert made.status_code == 201, made.text
    body: Any = made.json
    assert body["token"].startswith("lbk_")
    assert body["tokenHint"] == body["token"][-4:]
    listed = admin.get("/admin/api-clients")
    assert body["token"] not in listed.text
    assert [row["state"] for row in listed.json["items"]] == ["active"]  # type: ignore[index]
    assert world.count("idempotency_keys") == 0
    assert len(Worker(app, body["token"]).fetch()) == 1
    for wrong, status, code in (
        ({"siteId": other}, 403, "forbidden"),
        ({"siteId": None}, 403, "forbidden"),
        ({"topics": ["bad topic"]}, 422, "api-client-invalid"),
        ({"scopes": ["everything"]}, 422, "api-client-invalid"),
        ({"expiresAt": "2020-01-01T00:00:00Z"}, 422, "api-client-invalid"),
        ({"expiresAt": (datetime.now(UTC) + timedelta(days=366)).isoformat()}, 422, "api-client-invalid"),
        ({"expiresAt": None}, 422, "invalid-fields"),
        ({"items": ["no-such-item"]}, 422, "api-client-invalid"),
        ({"topics": []}, 422, "invalid-fields"),
    ):
        assert_problem(admin.post("/admin/api-clients", {**asked, **wrong}), status, code)
    path = f"/admin/api-clients/{body['id']}"
    changed: Any = admin.put(path, {"topics": [TOPIC, "more.*"]}).json
    assert changed["topics"] == [TOPIC, "more.*"]
    assert changed["expiresAt"] == body["expiresAt"]
    with world.platform.transaction(SYSTEM) as ctx:
        ctx.session.get_one(ApiClient, body["id"]).created_at -= timedelta(days=200)
    later = {"topics": [TOPIC], "expiresAt": (datetime.now(UTC) + timedelta(days=300)).isoformat()}
    assert_problem(admin.put(path, later), 422, "api-client-invalid")
    turned: Any = admin.post(f"{path}/rotate", {"overlapHours": 1}).json
    assert Worker(app, body["token"]).fetch() == Worker(app, turned["token"]).fetch() == []
    again: Any = admin.post(f"{path}/rotate", {"overlapHours": 0}).json
    topics = [{"name": TOPIC, "lockSeconds": 5}]
    for gone in (body, turned):
        assert_problem(Worker(app, gone["token"]).post("fetch-and-lock", topics=topics), 401, "token-invalid")
    assert admin.post(f"{path}/revoke").json["state"] == "revoked"  # type: ignore[index]
    assert_problem(Worker(app, again["token"]).post("fetch-and-lock", topics=topics), 401, "token-invalid")
    assert_problem(admin.post(f"{path}/rotate", {}), 409, "api-client-revoked")
    everywhere = log_in("admin").post("/admin/api-clients", {**asked, "siteId": None})
    assert everywhere.status_code == 201
    assert [row["id"] for row in admin.get("/admin/api-clients").json["items"]] == [body["id"]]  # type: ignore[index]
    assert_problem(admin.post(f"/admin/api-clients/{everywhere.json['id']}/revoke"), 404, "not-found")  # type: ignore[index]
    assert_problem(log_in("clerk").get("/admin/api-clients"), 403, "forbidden")
