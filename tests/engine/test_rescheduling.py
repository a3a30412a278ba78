"""A changed calendar moves timers in working days, and only these."""

from datetime import datetime, timedelta

import pytest

from engine.contract import Expressions
from tests.engine.kit import START, Driver, boundary, chain, document, end, start, timer, user

WEEK_OFF = timedelta(days=7)


def closed_for_a_week(literal: str, now: datetime) -> datetime:
    days = int(literal.removesuffix("wd")) if literal.endswith("wd") else 0
    return now + timedelta(days=days) + WEEK_OFF if days else now + timedelta(hours=4)


def waiting(feel: Expressions, text: str, kind: str = "timeDuration", *, interrupting: bool = True) -> Driver:
    event = boundary("late", "a", timer(text, kind), interrupting=interrupting)
    body = start() + user("a") + end() + chain("start", "a", "end") + event + user("b") + chain("late", "b")
    return Driver(document(body + end("end2") + chain("b", "end2")), feel).start()


@pytest.mark.parametrize("text", ["5wd", '="5wd"'])
def test_a_timer_in_working_days_moves_with_the_calendar_and_fires_then(feel: Expressions, text: str) -> None:
    d = waiting(feel, text)
    opened = d.last.opened_timers[0]
    assert (opened.literal, opened.since) == ("5wd", START)
    d.clock.now += timedelta(days=2)
    d.clock.schedule = closed_for_a_week  # type: ignore[method-assign]
    d._took(d.engine.reschedule("d1", d.last.state, d.env))
    assert [(t.id, t.due_at) for t in d.last.moved_timers] == [(opened.id, START + timedelta(days=12))]
    assert (d.last.opened_timers, d.last.closed_timers, d.last.history) == ((), (), ())
    assert d.engine.inspect("d1", d.last.state).timers[0].due_at == START + timedelta(days=12)
    again = d.engine.reschedule("d1", d.last.state, d.env)
    assert again.moved_timers == ()
    assert d.after(days=9).tasks() == ["a"]
    assert d.after(days=2).tasks() == ["b"]


def test_hours_and_dates_stay_where_they_are(feel: Expressions) -> None:
    d = waiting(feel, "PT6H")
    assert (d.last.opened_timers[0].literal, d.last.opened_timers[0].since) == ("", None)
    d.clock.schedule = closed_for_a_week  # type: ignore[method-assign]
    assert d.engine.reschedule("d1", d.last.state, d.env).moved_timers == ()


def test_a_cycle_counts_each_round_from_the_one_before(feel: Expressions) -> None:
    d = waiting(feel, "R3/5wd", "timeCycle", interrupting=False)
    assert d.last.opened_timers[0].since == START
    d.after(days=5)
    assert (d.last.opened_timers[0].literal, d.last.opened_timers[0].since) == ("5wd", START + timedelta(days=5))
    d.clock.schedule = closed_for_a_week  # type: ignore[method-assign]
    d._took(d.engine.reschedule("d1", d.last.state, d.env))
    assert [t.due_at for t in d.last.moved_timers] == [START + timedelta(days=17)]
