"""Timer cycles: repeating intervals with start and end, cron expressions in the zone of the environment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from engine import cron, timers
from engine.contract import Environment
from tests.engine.kit import (
    START,
    Clock,
    Drive,
    boundary,
    catch,
    chain,
    document,
    end,
    node,
    start,
    timer,
    user,
)

CHINA = ZoneInfo("Asia/Shanghai")
ENV = Environment(now=START, schedule=Clock.schedule, zone=CHINA)  # 2026-03-02 01:00Z is Monday 09:00 in China


@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        ("30 17 * * MON-FRI", "2026-03-02T17:30", "2026-03-03T17:30"),
        ("0 0 9 ? * MON-FRI", "2026-03-03T09:00", "2026-03-04T09:00"),
        ("0 0 9 ? * 1-5", "2026-03-03T09:00", "2026-03-04T09:00"),
        ("0 */15 * * * *", "2026-03-02T09:15", "2026-03-02T09:30"),
        ("0 0 12 L * ?", "2026-03-31T12:00", "2026-04-30T12:00"),
        ("0 0 12 ? * 5L", "2026-03-27T12:00", "2026-04-24T12:00"),
        ("0 0 12 ? * FRIL", "2026-03-27T12:00", "2026-04-24T12:00"),
        ("0 0 12 ? * FRI#2", "2026-03-13T12:00", "2026-04-10T12:00"),
        ("0 30 9 1 * MON", "2026-06-01T09:30", "2027-02-01T09:30"),
        ("30 9 1 * MON", "2026-03-02T09:30", "2026-03-09T09:30"),
        ("0 0 12 1 1 ? 2028", "2028-01-01T12:00", None),
        ("@daily", "2026-03-03T00:00", "2026-03-04T00:00"),
    ],
)
def test_a_cron_cycle_falls_due_by_the_clock_of_the_zone(text: str, first: str, second: str | None) -> None:
    assert timers.is_literal("cycle", text)
    due = timers.first_due("cycle", text, ENV)
    assert due.at == datetime.fromisoformat(first).replace(tzinfo=CHINA)
    assert due.at.tzinfo is UTC
    if second is not None:
        following = timers.next_due(due, ENV)
        assert following is not None
        assert following.at == datetime.fromisoformat(second).replace(tzinfo=CHINA)


@pytest.mark.parametrize(
    "text",
    ["0 0 30 2 *", "* * * *", "R * * * *", "H * * * *", "61 * * * *", "@reboot", "a b c d e", "* * * * * * * *", "0 0 * * * ; ls", "1" * 200 + " * * * *"],
)  # fmt: skip
def test_what_never_falls_due_is_no_cron_expression(text: str) -> None:
    assert cron.is_cron(text) is False or not cron.is_valid(text)
    assert not timers.is_literal("cycle", text)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("R3/PT1H", [1, 2, 3]),
        ("R2/2026-03-02T05:00:00+00:00/PT1H", [4, 5]),
        ("R/PT1H/2026-03-02T03:30:00+00:00", [1, 2]),
        ("R5/2026-03-02T02:00:00+00:00/PT2H/2026-03-02T06:00:00+00:00", [1, 3, 5]),
        ("R2/2026-03-02T02:00:00+00:00/2026-03-02T05:00:00+00:00", [1, 4]),
    ],
)
def test_a_repeating_interval_may_have_a_start_and_an_end(drive: Drive, text: str, hours: list[int]) -> None:
    event = boundary("late", "a", timer(text, "timeCycle"), interrupting=False)
    d = drive(
        document(
            start() + user("a") + event + user("x") + end() + chain("start", "a", "end") + chain("late", "x", "end")
        )
    )
    d.start()
    for hour in range(1, 9):
        d.after(hours=1)
        assert d.tasks().count("x") == len([h for h in hours if h <= hour])
    assert d.waiting["timers"] == set()


@pytest.mark.parametrize("text", ["R0/PT1H", "R/PT1H/2020-01-01T00:00:00+00:00", "later", "0 0 30 2 *"])
def test_a_cycle_that_cannot_run_is_an_incident(drive: Drive, text: str) -> None:
    d = drive(
        document(
            start()
            + user("a")
            + boundary("late", "a", timer("=text", "timeCycle"), interrupting=False)
            + end()
            + chain("start", "a", "end")
            + chain("late", "end")
        )
    )
    assert d.start({"text": text}).incidents() == [("a", "timerInvalid")]


def test_a_cron_cycle_on_a_boundary_event_goes_on_and_a_late_clock_fires_each(drive: Drive) -> None:
    event = boundary("late", "a", timer("0 0 */1 * * *", "timeCycle"), interrupting=False)
    d = drive(
        document(
            start() + user("a") + event + user("x") + end() + chain("start", "a", "end") + chain("late", "x", "end")
        )
    )
    d.start().after(minutes=150)
    assert d.tasks() == ["a", "x", "x"]
    assert [t.due_at for t in d.last.opened_timers] == [START + timedelta(hours=3)]


def test_a_counted_cycle_on_an_intermediate_event_lets_a_token_go_on_each_time(drive: Drive) -> None:
    d = drive(
        document(
            start() + catch("t", timer("R3/PT1H", "timeCycle")) + user("a") + end() + chain("start", "t", "a", "end")
        )
    )
    d.start().after(hours=1)
    assert (d.tasks(), d.last.active_elements) == (["a"], ("t", "a"))
    d.complete("a").after(hours=2)
    assert d.tasks() == ["a", "a"]
    assert d.complete("a").complete("a").ended


def test_an_endless_cycle_on_an_intermediate_event_fires_once(drive: Drive) -> None:
    d = drive(
        document(
            start()
            + catch("t", timer("0 30 9 * * *", "timeCycle"))
            + user("a")
            + end()
            + chain("start", "t", "a", "end")
        )
    )
    d.start().after(hours=48)
    assert d.tasks() == ["a"]
    assert d.complete("a").ended


def test_a_cron_cycle_starts_a_process(drive: Drive) -> None:
    xml = document(
        start("s", timer("0 0 9 ? * MON", "timeCycle"))
        + node("userTask", "a", ext='<zeebe:formDefinition formId="f"/>')
        + end()
        + chain("s", "a", "end")
    )
    d = drive(xml)
    assert d.parsed.model.processes[0].timer_starts == ("0 0 9 ? * MON",)
    assert d.start().tasks() == ["a"]
