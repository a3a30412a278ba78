"""后台作业: failed work is seen with its error, tried again (one or many), put off, given up; sound timers are left alone."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from domain.actors import SYSTEM
from domain.outbox import work
from domain.outbox.work import NewWork
from scheduler import jobs
from tests.api.browser import Browser, assert_problem
from tests.support import models
from tests.support.world import World

LogIn = Callable[[str], Browser]


def get(browser: Browser, path: str, **query: str) -> Any:
    answer = browser.get(path, query_string=query)
    assert answer.status_code == 200, answer.text
    return answer.json


def _failed(world: World, kind: str, count: int = 1, **place: Any) -> list[int]:
    """Work that failed for good."""
    with world.platform.transaction(SYSTEM) as ctx:
        work.add(ctx, [NewWork(kind, f"{kind}-{at}", ctx.clock.now(), **place) for at in range(count)])
    ids = [item.id for item in world.work(kind)]
    for _ in range(5):
        jobs.run_due(world.platform)
        world.pass_time("PT1H")
    assert {item.state for item in world.work(kind)} == {"failed"}
    return ids


def _kinds(world: World) -> list[str]:
    query = "select kind from audit_events where kind like 'work.%' or kind = 'incident.resolved' order by id"
    with world.platform.transaction(SYSTEM) as ctx:
        return list(ctx.session.execute(text(query)).scalars())


def test_failed_work_without_a_case_is_seen_with_its_error_and_tried_again(world: World, log_in: LogIn) -> None:
    [failed] = _failed(world, "test.unknown")
    admin = log_in("admin")
    [row] = get(admin, "/admin/work", state="failed")["items"]
    assert (row["id"], row["lastError"], row["caseNo"]) == (failed, "work-kind-unknown", None)
    assert (row["mayRetry"], row["mayCancel"], row["attempts"]) == (True, True, 5)
    [group] = get(admin, "/admin/work/failed")["items"]
    assert (group["kind"], group["code"], group["count"]) == ("test.unknown", "work-kind-unknown", 1)
    done: list[int] = []
    world.with_handlers(jobs={"test.unknown": lambda _, item: done.append(item.id)})
    assert admin.post(f"/admin/work/{failed}/retry").json == {"id": failed, "state": "pending"}
    jobs.run_due(world.platform)
    assert done == [failed]
    assert _kinds(world) == ["work.retried"]
    assert_problem(admin.post(f"/admin/work/{failed}/retry"), 409, "work-not-failing")


def test_many_are_tried_again_at_once_with_their_incidents(world: World, log_in: LogIn) -> None:
    world.deploy(models.simple())
    leg = world.submit()
    world.with_handlers(jobs={})
    ids = _failed(world, "test.unknown", 3, case_id=leg.case_id, leg_id=leg.id)
    assert len(world.incidents()) == 3
    body = {"kind": "test.unknown", "code": "work-kind-unknown"}
    assert log_in("siteadmin").post("/admin/work/retry", body).json == {"retried": 3, "left": 0}
    assert world.incidents() == []
    done: list[int] = []
    world.with_handlers(jobs={"test.unknown": lambda _, item: done.append(item.id)})
    jobs.run_due(world.platform)
    assert done == ids


def test_work_is_put_off_or_given_up_with_a_reason(world: World, log_in: LogIn) -> None:
    later, never = _failed(world, "test.unknown", 2)
    admin = log_in("admin")
    assert admin.post(f"/admin/work/{later}/put-off", {"hours": 72}).status_code == 200
    for hours in (0, 10_000, "soon"):
        assert_problem(admin.post(f"/admin/work/{never}/put-off", {"hours": hours}), 422, "invalid-fields")
    assert_problem(admin.post(f"/admin/work/{never}/cancel", {}), 422, "invalid-fields")
    assert admin.post(f"/admin/work/{never}/cancel", {"reason": "对方系统已下线"}).status_code == 200
    rows = {item.id: item for item in world.work("test.unknown")}
    assert (rows[later].state, rows[later].attempts) == ("pending", 0)
    assert rows[later].due_at - rows[never].due_at > timedelta(hours=72)
    assert rows[never].state == "cancelled"
    assert _kinds(world) == ["work.put-off", "work.given-up"]


def test_a_sound_timer_is_left_alone_and_a_case_keeps_what_it_needs(world: World, log_in: LogIn) -> None:
    world.deploy(models.simple())
    world.submit()
    [timer] = world.work("timer.fire")
    admin = log_in("admin")
    for path, body in (("retry", {}), ("cancel", {"reason": "?"})):
        assert_problem(admin.post(f"/admin/work/{timer.id}/{path}", body), 409, "work-not-failing")
    with world.platform.transaction(SYSTEM) as ctx:
        ctx.session.execute(text("update work set state = 'failed' where kind = 'timer.fire'"))
    assert_problem(admin.post(f"/admin/work/{timer.id}/cancel", {"reason": "?"}), 409, "work-needed-by-case")


def test_a_site_administers_the_work_of_its_own_legs_only(world: World, log_in: LogIn) -> None:
    [failed] = _failed(world, "test.unknown")
    site = log_in("siteadmin")
    assert get(site, "/admin/work", state="failed")["items"] == []
    assert_problem(site.post(f"/admin/work/{failed}/retry"), 404, "not-found")
    body = {"kind": "test.unknown", "code": "work-kind-unknown"}
    assert site.post("/admin/work/retry", body).json == {"retried": 0, "left": 0}
    assert_problem(log_in("clerk").post(f"/admin/work/{failed}/retry"), 403, "forbidden")
