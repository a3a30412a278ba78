"""External tasks over HTTP: fetched once, reported once, and never seen by whom they do not concern."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import flask
import pytest
from sqlalchemy import select, text, update

from api.app import create_app
from api.limits import CLIENT, Buckets
from domain.actors import SYSTEM
from domain.audit.models import AuditEvent
from domain.cases import service as cases
from domain.clients import service as clients
from domain.clients.models import ApiClient
from domain.clients.service import NewClient
from domain.sites import service as sites
from scheduler import jobs as scheduler
from tests.api.browser import Browser, assert_problem
from tests.support import models
from tests.support.external import TOPIC, ask, jobs, service
from tests.support.patience import until
from tests.support.world import ITEM, World

LogIn = Callable[[str], Browser]


class Worker:
    """A system of an integrator with its token."""

    def __init__(self, app: flask.Flask, token: str, name: str = "w1") -> None:
        self.client = app.test_client()
        self.token = token
        self.name = name

    def post(self, path: str, **body: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"}
        return self.client.post(f"/api/v1/external-tasks/{path}", json={"workerId": self.name, **body}, headers=headers)

    def fetch(self, *topics: str, most: int = 10, lock: int = 60, wait: int = 0) -> list[dict[str, Any]]:
        asked = [{"name": topic, "lockSeconds": lock} for topic in topics or (TOPIC,)]
        answer = self.post("fetch-and-lock", maxTasks=most, topics=asked, waitSeconds=wait)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json["tasks"]
        return found


def register(world: World, site: str | None = models.MAIN_SITE, *topics: str, **more: Any) -> str:
    with world.platform.transaction(SYSTEM) as ctx:
        site_id = None if site is None else sites.get_site(ctx, site).id
        more.setdefault("expires_at", datetime.now(UTC) + timedelta(days=30))
        return clients.create(
            ctx, NewClient("税务核验", topics or (TOPIC,), site_id=site_id, **more), known_items=[ITEM, "other-item"]
        )[1]


@pytest.fixture
def worker(world: World, app: flask.Flask) -> Worker:
    return Worker(app, register(world))


def submit_more(world: World, count: int) -> None:
    for number in range(count):
        world.submit(subject=f"53262220150601{number:04d}")
        world.complete("clerk", "review", note=f"{number}")


def test_a_worker_gets_only_the_arguments_and_gives_back_only_the_outputs(world: World, worker: Worker) -> None:
    job = ask(world)
    task = worker.fetch()[0]
    assert task["id"] == job.id == task["idempotencyKey"]
    assert task["variables"] == {"amount": "1200"}
    assert (task["topic"], task["elementId"], task["attempt"], task["retriesLeft"]) == (TOPIC, "ask", 1, 4)
    assert "secret" not in str(task)
    answer = worker.post(f"{job.id}/complete", variables={"answer": "paid", "reason": "overwritten"})
    assert (answer.status_code, answer.json["state"]) == (200, "done")
    assert world.open_tasks() == ["finish"]
    variables = world.legs()["P_main"].variables
    assert (variables["answer"], variables["reason"]) == ("paid", "secret")
    with world.platform.transaction(SYSTEM) as ctx:
        event = ctx.session.execute(select(AuditEvent).where(AuditEvent.kind == "job.completed")).scalar_one()
        assert event.actor_name == "接口：税务核验"
        assert (event.data["worker"], event.data["topic"]) == ("w1", TOPIC)


def test_only_wanted_variables_are_sent(world: World, worker: Worker) -> None:
    ask(world)
    topics = [{"name": TOPIC, "lockSeconds": 5, "variables": ["other"]}]
    assert worker.post("fetch-and-lock", topics=topics).json["tasks"][0]["variables"] == {}


def test_the_same_completion_again_is_answered_the_same_and_another_is_refused(world: World, worker: Worker) -> None:
    job = ask(world)
    worker.fetch()
    first = worker.post(f"{job.id}/complete", variables={"answer": "a"})
    again = worker.post(f"{job.id}/complete", variables={"answer": "a"})
    assert (first.status_code, first.json) == (again.status_code, again.json)
    assert_problem(worker.post(f"{job.id}/complete", variables={"answer": "A"}), 409, "external-task-closed")
    assert_problem(worker.post(f"{job.id}/fail", error="x"), 409, "external-task-closed")
    assert world.legs()["P_main"].variables["answer"] == "a"


def test_a_lock_ends_and_another_worker_takes_over(world: World, app: flask.Flask, worker: Worker) -> None:
    job = ask(world)
    other = Worker(app, worker.token, "w2")
    assert len(worker.fetch(lock=60)) == 1
    assert other.fetch() == []
    world.pass_time("PT1M")
    assert other.fetch()[0]["attempt"] == 2
    assert_problem(worker.post(f"{job.id}/complete", variables={}), 409, "external-task-lock-lost")
    assert_problem(worker.post(f"{job.id}/extend-lock", lockSeconds=60), 409, "external-task-lock-lost")
    assert other.post(f"{job.id}/complete", variables={"answer": 1}).status_code == 200


def test_a_late_result_is_taken_while_nobody_else_holds_the_task(world: World, worker: Worker) -> None:
    job = ask(world)
    worker.fetch(lock=60)
    world.pass_time("PT1H")
    assert_problem(worker.post(f"{job.id}/extend-lock", lockSeconds=60), 409, "external-task-lock-expired")
    assert worker.post(f"{job.id}/complete", variables={"answer": 1}).status_code == 200
    assert world.open_tasks() == ["finish"]


def test_a_lock_is_made_longer_or_given_back(world: World, app: flask.Flask, worker: Worker) -> None:
    job = ask(world)
    other = Worker(app, worker.token, "w2")
    worker.fetch(lock=60)
    assert worker.post(f"{job.id}/extend-lock", lockSeconds=7200).status_code == 200
    world.pass_time("PT1H")
    assert other.fetch() == []
    assert worker.post(f"{job.id}/unlock").json["state"] == "open"
    assert_problem(worker.post(f"{job.id}/complete"), 409, "external-task-lock-lost")
    assert len(other.fetch()) == 1


def test_failures_are_tried_again_then_an_incident_whose_retry_keeps_the_key(world: World, worker: Worker) -> None:
    job = ask(world, service(retries="2"))
    worker.fetch()
    told = {
        "error": "tax-down",
        "message": "no answer for 532622198502030000",
        "details": "stack",
        "retryAfterSeconds": 600,
    }
    first = worker.post(f"{job.id}/fail", **told)
    assert first.json == {"id": job.id, "state": "open", "retriesLeft": 1}
    assert worker.post(f"{job.id}/fail", **told).json == first.json
    assert worker.fetch() == []
    world.pass_time("PT10M")
    assert worker.fetch()[0]["retriesLeft"] == 1
    assert worker.post(f"{job.id}/fail", **told).json["state"] == "failed"
    incident = world.incidents()[0]
    assert (incident.code, incident.message) == ("tax-down", "no answer for ***")
    with world.platform.transaction(SYSTEM) as ctx:
        stored = ctx.session.execute(text("select trouble from service_jobs")).scalar_one()
        assert b"532622198502030000" not in bytes(stored)
        cases.retry_incident(ctx, incident.id)
    again = worker.fetch()[0]
    assert again["id"] != job.id
    assert again["idempotencyKey"] == job.id


def test_the_worker_says_how_many_tries_are_left(world: World, worker: Worker) -> None:
    job = ask(world)
    worker.fetch()
    assert worker.post(f"{job.id}/fail", retries=0).json["state"] == "failed"
    assert world.incidents()[0].code == "external-task-failed"


def test_a_business_error_is_caught_by_the_model(world: World, worker: Worker) -> None:
    job = ask(world, service(catch="UNPAID"))
    worker.fetch()
    assert worker.post(f"{job.id}/bpmn-error", code="UNPAID", message="owes").status_code == 200
    assert world.open_tasks() == ["refused"]


def test_priority_first_then_the_longest_waiting(world: World, worker: Worker) -> None:
    world.deploy(service(headers={"priority": "5"}))
    submit_more(world, 1)
    world.deploy(service(headers={"priority": "50"}))
    world.submit(subject="532622201506011111")
    world.complete("clerk", "review", note="urgent")
    assert [task["priority"] for task in worker.fetch()] == [50, 5]


def test_racing_workers_never_get_the_same_task(world: World, app: flask.Flask, worker: Worker) -> None:
    world.deploy(service())
    submit_more(world, 6)
    gate = threading.Barrier(3)
    got: list[str] = []

    def race(name: str) -> None:
        mine = Worker(app, worker.token, name)
        gate.wait(timeout=60)
        for _ in range(3):
            got.extend(task["id"] for task in mine.fetch(most=1))

    threads = [threading.Thread(target=race, args=(f"r{n}",)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(got) == len(set(got)) == 6


def test_a_timer_on_the_task_and_a_completion_exactly_one_wins(world: World, worker: Worker) -> None:
    job = ask(world, service(timeout="PT30M"))
    worker.fetch()
    world.pass_time("PT1H")
    gate = threading.Barrier(2)
    answers: list[Any] = []
    timer = world.work("timer.fire")[0]

    def report() -> None:
        gate.wait(timeout=60)
        answers.append(worker.post(f"{job.id}/complete", variables={"answer": 1}))

    def fire() -> None:
        gate.wait(timeout=60)
        scheduler.run(world.platform, timer.id)

    threads = [threading.Thread(target=each) for each in (report, fire)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    won = answers[0].status_code == 200
    assert world.open_tasks() == (["finish"] if won else ["late"])
    assert jobs(world)[0].state == ("done" if won else "cancelled")
    if not won:
        assert_problem(answers[0], 409, "external-task-closed")


def test_after_the_timer_a_report_is_refused_with_the_fact(world: World, worker: Worker) -> None:
    job = ask(world, service(timeout="PT30M"))
    worker.fetch()
    world.pass_time("PT1H")
    scheduler.run_due(world.platform)
    problem = assert_problem(worker.post(f"{job.id}/complete", variables={"answer": 1}), 409, "external-task-closed")
    assert "离开" in problem["detail"]
    assert world.open_tasks() == ["late"]


def test_a_suspended_case_gives_and_takes_nothing(world: World, worker: Worker) -> None:
    job = ask(world)
    with world.platform.transaction(SYSTEM) as ctx:
        cases.suspend(ctx, job.leg_id, "wait")
    assert worker.fetch() == []
    with world.platform.transaction(SYSTEM) as ctx:
        cases.resume(ctx, job.leg_id)
    worker.fetch()
    with world.platform.transaction(SYSTEM) as ctx:
        cases.suspend(ctx, job.leg_id, "wait again")
    assert_problem(worker.post(f"{job.id}/complete", variables={"answer": 1}), 409, "case-suspended")


def test_tasks_of_other_sites_and_topics_do_not_exist(world: World, app: flask.Flask, worker: Worker) -> None:
    job = ask(world)
    worker.fetch()
    for token in (register(world, models.PARTNER_SITE), register(world, models.MAIN_SITE, "other.*")):
        stranger = Worker(app, token, "w1")
        for path, body in {
            "complete": {}, "fail": {}, "unlock": {}, "extend-lock": {"lockSeconds": 5}, "bpmn-error": {"code": "X"},
        }.items():  # fmt: skip
            assert_problem(stranger.post(f"{job.id}/{path}", **body), 404, "not-found")
    assert Worker(app, register(world, models.PARTNER_SITE)).fetch() == []
    asked = Worker(app, register(world, models.MAIN_SITE, "other.*")).post(
        "fetch-and-lock", topics=[{"name": TOPIC, "lockSeconds": 5}]
    )
    assert_problem(asked, 403, "topic-not-allowed")


def test_a_client_of_some_items_sees_no_others(world: World, app: flask.Flask, worker: Worker) -> None:
    job = ask(world)
    token = register(world, models.MAIN_SITE, items=["other-item"])
    stranger = Worker(app, token)
    assert stranger.fetch() == []
    [task] = worker.fetch()
    assert task["id"] == job.id
    assert_problem(stranger.post(f"{job.id}/unlock"), 404, "not-found")
    assert worker.post(f"{job.id}/unlock").status_code == 200
    assert [each["id"] for each in Worker(app, register(world, None, items=[ITEM])).fetch()] == [job.id]


def test_a_client_for_all_sites_and_patterns_of_topics(world: World, app: flask.Flask) -> None:
    ask(world)
    assert len(Worker(app, register(world, None, "tax.*")).fetch()) == 1


def test_tokens_that_are_no_good(world: World, app: flask.Flask, worker: Worker, log_in: LogIn) -> None:
    job = ask(world)
    for token in ("", "lbk_nonsense-nonsense-nonsense", worker.token[:-1] + "x", worker.token * 5):
        answer = Worker(app, token).post("fetch-and-lock", topics=[{"name": TOPIC, "lockSeconds": 5}])
        assert_problem(answer, 401, "token-invalid")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    with world.platform.transaction(SYSTEM) as ctx:
        ctx.session.execute(update(ApiClient).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
    assert_problem(worker.post(f"{job.id}/complete"), 401, "token-invalid")
    with world.platform.transaction(SYSTEM) as ctx:
        ctx.session.execute(update(ApiClient).values(expires_at=datetime.now(UTC) + timedelta(days=1), scopes=[]))
    assert_problem(worker.post(f"{job.id}/complete"), 403, "scope-missing")
    # A session is no token, and a token is no session.
    assert_problem(log_in("admin").post("/external-tasks/fetch-and-lock", {}), 401, "token-invalid")
    answer = worker.client.get("/api/v1/tasks", headers={"Authorization": f"Bearer {worker.token}"})
    assert_problem(answer, 401, "not-logged-in")


def test_each_client_has_its_own_rate(world: World) -> None:
    buckets = Buckets(now=lambda: 0.0)
    app = create_app(world.platform, buckets=buckets)
    one, two = Worker(app, register(world)), Worker(app, register(world))
    for _ in range(CLIENT.burst):
        buckets.take(CLIENT, "client:1")
    answer = one.post("fetch-and-lock", topics=[{"name": TOPIC, "lockSeconds": 5}])
    assert_problem(answer, 429, "too-many-requests")
    assert two.fetch() == []


def test_bad_requests_are_named(worker: Worker) -> None:
    ask = {"name": TOPIC, "lockSeconds": 5}
    for body in (
        {},
        {"topics": []},
        {"topics": [{"name": TOPIC}]},
        {"topics": [{**ask, "lockSeconds": 0}]},
        {"topics": [{**ask, "lockSeconds": 10**9}]},
        {"topics": [ask], "maxTasks": 51},
        {"topics": [ask], "waitSeconds": 31},
        {"topics": [ask], "workerId": ""},
        {"topics": [ask], "more": 1},
    ):
        assert_problem(worker.post("fetch-and-lock", **body), 422, "invalid-fields")


def test_values_beyond_the_limits_are_refused_and_harm_nothing(world: World, worker: Worker) -> None:
    job = ask(world)
    worker.fetch()
    assert_problem(worker.post(f"{job.id}/complete", variables={"answer": "x" * 1_100_000}), 413, "too-large")
    assert worker.post(f"{job.id}/complete", variables={"answer": "x"}).status_code == 200


@pytest.fixture
def polling(app: flask.Flask) -> Iterator[Any]:
    waiters = app.extensions["lianban-waiters"]
    yield waiters
    waiters.close()


def test_long_polling_ends_when_a_task_opens(world: World, worker: Worker, polling: Any) -> None:
    world.deploy(service())
    world.submit()
    got: list[Any] = []
    waiting = threading.Thread(target=lambda: got.extend(worker.fetch(wait=30)))
    waiting.start()
    until(lambda: polling.waiting or not waiting.is_alive(), "the worker does not wait")
    started = datetime.now(UTC)
    world.complete("clerk", "review", note="1")
    waiting.join(timeout=60)
    assert [task["topic"] for task in got] == [TOPIC]
    assert datetime.now(UTC) - started < timedelta(seconds=28)
    assert polling.waiting == 0
    # While it waited it held no connection: one thread looks for all.
    assert world.platform.sql.pool.checkedout() == 0  # type: ignore[attr-defined]


def test_only_so_many_wait_and_the_others_are_told_when_to_ask_again(
    worker: Worker, polling: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "_most", 2)
    threads = [threading.Thread(target=lambda: worker.fetch(wait=30)) for _ in range(2)]
    for thread in threads:
        thread.start()
    until(lambda: polling.waiting == 2, "the workers do not wait")
    answer = worker.post("fetch-and-lock", topics=[{"name": TOPIC, "lockSeconds": 5}], waitSeconds=20)
    assert (answer.status_code, answer.json["tasks"], answer.headers["Retry-After"]) == (200, [], "2")
    polling.close()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)
