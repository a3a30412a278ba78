"""A changed calendar moves timers in working days; a changed value moves those whose term was computed from it."""

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


@pytest.mark.parametrize(("text", "kind"), [("PT4H", "timeDuration"), ("2026-03-05T09:00:00+08:00", "timeDate")])
def test_no_calendar_moves_hours_and_dates(feel: Expressions, text: str, kind: str) -> None:
    d = waiting(feel, text, kind)
    d.clock.schedule = closed_for_a_week if kind == "timeDuration" else d.clock.schedule  # type: ignore[method-assign]
    assert d.engine.reschedule("d1", d.last.state, d.env).moved_timers == ()


def test_a_new_term_moves_the_timer_that_it_is_for(feel: Expressions) -> None:
    d = waiting(feel, '=if true then "PT4H" else "PT9H"')
    opened = d.last.opened_timers[0]
    assert (opened.literal, opened.since) == ("PT4H", START)
    assert opened.source.startswith("=if true")
    assert d.engine.reschedule("d1", d.last.state, d.env, {"another": "PT1H"}).moved_timers == ()
    d.clock.now += timedelta(hours=1)
    d._took(d.engine.reschedule("d1", d.last.state, d.env, {opened.id: "PT2H"}))
    assert [(t.literal, t.due_at) for t in d.last.moved_timers] == [("PT2H", START + timedelta(hours=2))]
    assert d.after(hours=1).tasks() == ["b"]


def test_a_term_that_is_written_out_has_no_source(feel: Expressions) -> None:
    assert waiting(feel, "5wd").last.opened_timers[0].source == ""


def test_a_cycle_counts_each_round_from_the_one_before(feel: Expressions) -> None:
    d = waiting(feel, "R3/5wd", "timeCycle", interrupting=False)
    assert d.last.opened_timers[0].since == START
    d.after(days=5)
    assert (d.last.opened_timers[0].literal, d.last.opened_timers[0].since) == ("5wd", START + timedelta(days=5))
    d.clock.schedule = closed_for_a_week  # type: ignore[method-assign]
    d._took(d.engine.reschedule("d1", d.last.state, d.env))
    assert [t.due_at for t in d.last.moved_timers] == [START + timedelta(days=17)]
