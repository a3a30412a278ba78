from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from domain.actors import SYSTEM
from domain.deadlines.models import ClockRow
from tests.api.browser import Browser, assert_problem
from tests.support import models
from tests.support.world import World

LogIn = Callable[[str], Browser]


@pytest.fixture
def case_no(world: World) -> str:
    world.deploy(models.simple())
    leg = world.submit()
    with world.platform.transaction(SYSTEM) as ctx:
        for kind in ("STATUTORY", "PROMISE"):
            ctx.session.add(
                ClockRow(
                    case_id=leg.case_id, kind=kind, policy="clock.legal", paused_days=0, total_days=20, used_days=0, extended_days=0, state="RUNNING",
                    stop_reason="", region_code="532622", running_since=ctx.clock.now(), is_provisional=False, source="x",
                )
            )  # fmt: skip
    return leg.case.case_no


def test_staff_and_the_applicant_read_the_count_of_a_clock(log_in: LogIn, case_no: str) -> None:
    for login, path in (("clerk", "/cases"), ("overseer", "/cases"), ("applicant", "/my/cases")):
        answer = log_in(login).get(f"{path}/{case_no}/why?clock=STATUTORY")
        assert answer.status_code == 200, answer.text
        body: Any = answer.json
        assert body["total"] == body["workdays"] == 20
        assert max(day["number"] or 0 for day in body["days"]) == 20
        assert body["days"][-1]["number"] == 20
        assert body["policy"]["key"] == "clock.legal"
        assert body["regionName"] == "砚山县"


def test_a_task_is_explained_to_its_site_and_hidden_from_others(world: World, log_in: LogIn, case_no: str) -> None:
    task = world.task("review")
    body: Any = log_in("clerk").get(f"/cases/{case_no}/why?task={task.id}").json
    assert body["policy"]["key"] == "precheck"
    assert body["literal"] == task.due_literal == "1wd"
    assert task.due_at is not None
    assert datetime.fromisoformat(body["dueAt"]) == task.due_at.replace(microsecond=0)
    assert body["agrees"] is True
    assert_problem(log_in("far").get(f"/cases/{case_no}/why"), 404, "not-found")
    assert_problem(log_in("stranger").get(f"/my/cases/{case_no}/why"), 404, "not-found")
    assert_problem(log_in("applicant").get(f"/my/cases/{case_no}/why?task={task.id}"), 404, "not-found")
    assert_problem(log_in("clerk").get(f"/cases/{case_no}/why?task=nothing"), 404, "not-found")
    assert_problem(log_in("clerk").get(f"/cases/{case_no}/why?clock=EGG"), 422, "invalid-fields")
