"""Any history of a clock, on its row alone: what is used, paused and left adds up, and no date moves by itself."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.clock import CHINA
from domain.deadlines import counting
from domain.deadlines.calendar import Calendar
from domain.deadlines.due import Hours
from domain.deadlines.models import ClockRow

HOURS = Hours()
BEGIN = datetime(2026, 1, 5, 2, tzinfo=UTC)
MOVES = st.lists(
    st.tuples(
        st.sampled_from(["stop", "stop-more", "resume", "resume-one", "extend", "recompute", "wait"]),
        st.integers(0, 14 * 24),
    ),
    max_size=14,
)


def fresh(total: int = 20) -> ClockRow:
    return ClockRow(
        case_id=1,
        kind="PROMISE",
        total_days=total,
        used_days=0,
        paused_days=0,
        extended_days=0,
        state=counting.WAITING,
        stop_reason="",
        region_code="CN",
    )


@dataclass
class History:
    """A clock under any moves; ``steps`` are the actions after which the date was allowed to change."""

    calendar: Calendar = field(default_factory=Calendar)
    clock: ClockRow = field(default_factory=fresh)
    now: datetime = BEGIN

    def begin(self) -> None:
        counting.run(self.clock, self.now, self.calendar, HOURS)

    def do(self, move: str) -> None:
        clock = self.clock
        if move in {"stop", "stop-more"} and clock.state != counting.DONE:
            counting.stop(clock, self.now, self.calendar, "SUPPLEMENT" if move == "stop" else "HEARING")
        elif move in {"resume", "resume-one"} and clock.state == counting.STOPPED:
            if counting.drop(clock, "" if move == "resume" else "SUPPLEMENT"):
                counting.run(clock, self.now, self.calendar, HOURS)
        elif move == "extend" and not clock.extended_days and clock.state != counting.DONE:
            counting.lengthen(clock, 10, self.calendar, HOURS)
        elif move == "recompute":
            counting.set_due(clock, self.calendar, HOURS)


def day(moment: datetime | None) -> date:
    assert moment is not None
    return moment.astimezone(CHINA).date()


def span(calendar: Calendar, since: date, until: date) -> int:
    return calendar.used(since, until) if until >= since else -calendar.used(until, since)


@settings(max_examples=150, deadline=None)
@given(MOVES, st.booleans())
def test_used_paused_and_remaining_add_up_after_every_move(moves: list[tuple[str, int]], ends: bool) -> None:
    history = History()
    history.begin()
    for move, hours in [*moves, ("end", 5)] if ends else moves:
        history.now += timedelta(hours=hours)
        if move == "end":
            counting.finish(history.clock, history.now, history.calendar)
        history.do(move)
        clock, calendar = history.clock, history.calendar
        read = counting.read(clock, history.now, calendar)
        assert read.used + read.remaining == read.total == 20 + clock.extended_days
        elapsed = calendar.used(day(clock.started_at), day(history.now))
        assert read.used + read.paused == elapsed or clock.state == counting.DONE
        if clock.state == counting.RUNNING:
            assert span(calendar, day(clock.started_at), day(clock.due_at)) == read.used + read.paused + read.remaining
            assert span(calendar, day(history.now), day(clock.due_at)) == read.remaining
            assert (read.state == "OVERDUE") == (clock.due_at is not None and clock.due_at < history.now)
        elif clock.state == counting.STOPPED:
            assert clock.due_at is None
            assert read.state == "STOPPED"


@settings(max_examples=80, deadline=None)
@given(MOVES)
def test_a_date_moves_only_with_a_move_that_may_move_it(moves: list[tuple[str, int]]) -> None:
    history = History()
    history.begin()
    for move, hours in moves:
        history.now += timedelta(hours=hours)
        before = (history.clock.due_at, history.clock.state, history.clock.total_days)
        history.do(move)
        after = (history.clock.due_at, history.clock.state, history.clock.total_days)
        if after[0] != before[0]:
            stopped_or_resumed = before[1] != after[1]
            extended = move == "extend" and after[2] > before[2]
            assert stopped_or_resumed or extended
        if move in {"wait", "recompute"}:
            assert after == before


@settings(max_examples=80, deadline=None)
@given(MOVES)
def test_a_stop_never_brings_the_date_forward(moves: list[tuple[str, int]]) -> None:
    """With every pair of stop and resume left out the clock would be due on the same day or earlier."""
    stopped, plain = History(), History()
    stopped.begin()
    plain.begin()
    for move, hours in moves:
        stopped.now += timedelta(hours=hours)
        plain.now = stopped.now
        stopped.do(move)
        if move in {"extend", "recompute"}:
            plain.do(move)
    if stopped.clock.state == counting.STOPPED:
        counting.drop(stopped.clock, "")
        counting.run(stopped.clock, stopped.now, stopped.calendar, HOURS)
    assert day(stopped.clock.due_at) >= day(plain.clock.due_at)


@settings(max_examples=60, deadline=None)
@given(MOVES, st.dates(date(2026, 1, 6), date(2026, 6, 30)))
def test_a_day_off_that_comes_later_moves_the_date_by_at_most_that_day(moves: list[tuple[str, int]], off: date) -> None:
    history = History()
    history.begin()
    for move, hours in moves:
        history.now += timedelta(hours=hours)
        history.do(move)
    if history.clock.state != counting.RUNNING:
        return
    before, since = day(history.clock.due_at), day(history.clock.running_since)
    history.calendar = Calendar("CN", {off: False})
    history.do("recompute")
    moved = Calendar().used(before, day(history.clock.due_at))
    counts = Calendar().is_workday(off) and since < off <= before
    assert moved == (1 if counts else 0)


def test_a_second_reason_holds_on_until_the_last_is_gone() -> None:
    history = History()
    history.begin()
    history.do("stop")
    history.do("stop-more")
    assert counting.reasons(history.clock) == ["SUPPLEMENT", "HEARING"]
    history.now += timedelta(days=7)
    history.do("resume-one")
    assert (history.clock.state, history.clock.stop_reason) == (counting.STOPPED, "HEARING")
    history.do("resume")
    assert history.clock.state == counting.RUNNING
    assert history.clock.paused_days == 5


def test_received_in_the_evening_stopped_and_resumed_before_it_began_loses_nothing() -> None:
    calendar, clock = Calendar(), fresh(5)
    evening = datetime(2026, 3, 2, 12, tzinfo=UTC)
    counting.run(clock, counting.effective(evening, calendar, HOURS), calendar, HOURS)
    due = clock.due_at
    counting.stop(clock, evening + timedelta(hours=1), calendar, "SUPPLEMENT")
    counting.run(clock, evening + timedelta(hours=2), calendar, HOURS)
    assert clock.due_at == due
    assert (clock.used_days, clock.paused_days) == (0, 0)


def test_a_clock_that_was_late_and_goes_on_on_a_day_off_stays_as_late() -> None:
    calendar, saturday = Calendar(), date(2026, 6, 13)
    assert counting.due_day(saturday, -1, calendar) == date(2026, 6, 11)
    assert counting.due_day(date(2026, 6, 12), -1, calendar) == date(2026, 6, 11)
    assert counting.due_day(saturday, 1, calendar) == date(2026, 6, 15)
