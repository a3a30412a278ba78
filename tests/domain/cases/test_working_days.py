"""A model that counts working days by the calendar of the site that acts: a gateway, a timer, a task's input, a decision."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import event

from domain.actors import SYSTEM
from domain.deadlines import handed
from domain.deadlines.calendar import LAST_OFFICIAL_YEAR, NATION, Calendar, Mark
from domain.deadlines.models import CalendarDay
from tests.support import models
from tests.support.world import APPLICATION, World

SHORT = "workdays between(application.signedAt, application.dueAt) &lt;= 2"


def deciding() -> bytes:
    """One pool: a short term goes to a task, a long one waits for the second working day after the signature."""
    wait = models.timer("=add workdays(application.signedAt, 2)", "timeDate")
    body = (
        models.node("startEvent", "start")
        + models.node("exclusiveGateway", "term", default="f_term_wait")
        + models.user("hurry", ext=models.inputs(next="next workday(application.signedAt)"))
        + models.node("intermediateCatchEvent", "wait", wait)
        + models.node("endEvent", "done", ext='<lianban:result code="0"/>')
        + models.chain("start", "term")
        + models.flow("term", "hurry", SHORT)
        + models.flow("term", "wait")
        + models.chain("hurry", "done")
        + models.chain("wait", "done")
    )
    return models.collaboration({"main": (models.pool("P_main", "main", "main", models.MAIN_SITE), body)})


def close(world: World, region: str, day: date) -> None:
    with world.platform.transaction(SYSTEM) as ctx:
        ctx.session.add(CalendarDay(region_code=region, day=day, is_workday=False, reason="州庆"))


def timers(world: World) -> list[datetime]:
    return [work.due_at for work in world.work("timer.fire")]


def test_a_gateway_and_a_timer_count_by_the_calendar_of_the_acting_site(world: World) -> None:
    close(world, "532622", date(2099, 10, 2))  # a Friday
    world.deploy(deciding())
    world.submit({**APPLICATION, "signedAt": "2099-10-01", "dueAt": "2099-10-06"}, subject="a")
    assert world.open_tasks() == ["hurry"]
    assert (world.task("hurry").context or {})["next"] == "2099-10-01"
    world.submit({**APPLICATION, "signedAt": "2099-10-01", "dueAt": "2099-10-07"}, subject="b")
    assert timers(world) == [datetime(2099, 10, 6, 15, 59, 59, tzinfo=UTC)]


def test_another_region_s_day_counts_for_nobody_else(world: World) -> None:
    close(world, "440606", date(2099, 10, 2))
    world.deploy(deciding())
    world.submit({**APPLICATION, "signedAt": "2099-10-01", "dueAt": "2099-10-06"})
    assert world.open_tasks() == []
    assert timers(world) == [datetime(2099, 10, 5, 15, 59, 59, tzinfo=UTC)]


def test_the_calendar_is_read_only_for_what_asks_for_it(world: World) -> None:
    with world.platform.transaction(SYSTEM) as ctx:
        asked: list[str] = []
        event.listen(ctx.session.connection(), "before_cursor_execute", lambda *given: asked.append(given[2]))
        calendars = handed.calendars(ctx.session, "532622")
        assert asked == []
        assert calendars[handed.SITE]["region"] == "532622"
        assert calendars[handed.COUNTRY]["region"] == NATION
        assert sum("calendar_days" in text for text in asked) <= 2


def test_a_packed_calendar_says_of_every_day_what_the_calendar_says() -> None:
    last = LAST_OFFICIAL_YEAR
    free, busy = date(last, 3, 4), date(last, 1, 3)
    marks = {
        free: Mark(is_workday=False, name="州庆", region_code="532600"),
        busy: Mark(is_workday=True, name="调休", region_code=NATION, year=last),
    }
    calendar = Calendar("532622", {free: False, busy: True, date(last + 2, 5, 2): False}, marks, frozenset({last + 2}))
    packed = handed.packed(calendar)
    for year in (last - 1, last, last + 1, last + 2):
        text = packed["years"].get(str(year), "")
        listed = {text[at : at + 4] for at in range(0, len(text), 4)}
        day = date(year, 1, 1)
        while day.year == year:
            assert calendar.is_workday(day) == ((day.isoweekday() <= 5) != (f"{day:%m%d}" in listed)), day
            day = date.fromordinal(day.toordinal() + 1)
    assert str(last + 1) not in packed["years"]  # nobody gave notice of it
    assert packed["years"][str(last + 2)] == ("0502" if date(last + 2, 5, 2).isoweekday() <= 5 else "")


@pytest.mark.parametrize("year", [2024, 2026])
def test_a_packed_year_is_short(year: int) -> None:
    assert len(handed.packed(Calendar())["years"][str(year)]) < 200
