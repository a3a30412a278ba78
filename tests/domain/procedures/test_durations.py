"""In whose hands the time was: the parts always add up to the whole."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.procedures import durations
from domain.procedures.durations import Part, Span, divide

BEGIN = datetime(2026, 3, 2, 1, tzinfo=UTC)


def at(hours: float) -> datetime:
    return BEGIN + timedelta(hours=hours)


def test_stopped_time_stands_apart_and_the_way_between_the_sites_is_what_nobody_had() -> None:
    spans = [
        Span(durations.REVIEW, 1, at(0), at(10)),
        Span(durations.TRANSFER, 2, at(12), at(13)),
        Span(durations.VERIFY, 2, at(13), at(20)),
        Span(durations.REVIEW, 1, at(15), at(16)),
        Span(durations.STOPPED, 1, at(18), at(24)),
        Span(durations.DELIVER, 1, at(26), None),
    ]
    parts = divide(spans, at(0), at(30), 1)
    assert parts == [
        Part(durations.STOPPED, 1, 6 * 3600),
        Part(durations.VERIFY, 2, 5 * 3600),
        Part(durations.REVIEW, 1, 10 * 3600),
        Part(durations.DELIVER, 1, 4 * 3600),
        Part(durations.TRANSFER, 1, 4 * 3600),
        Part(durations.TRANSFER, 2, 1 * 3600),
    ]


def test_spells_that_overlap_count_once_and_only_within_the_time() -> None:
    spells = [
        (at(-3), at(-1)),
        (at(-2), at(1)),
        (at(4), at(8)),
        (at(5), at(6)),
        (at(7), at(9)),
        (at(28), None),
        (at(40), None),
    ]
    assert durations.covered(spells, at(0), at(30)) == (1 + 5 + 2) * 3600
    assert durations.covered([], at(0), at(30)) == 0


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(durations.ORDER),
            st.integers(1, 3),
            st.integers(-10, 100_000_000),
            st.none() | st.integers(0, 100_000_000),
        ),
        max_size=12,
    ),
    st.integers(0, 90_000_000),
)
def test_the_parts_add_up_to_the_whole(raw: list[tuple[str, int, int, int | None]], length: int) -> None:
    spans = [
        Span(
            kind,
            site,
            BEGIN + timedelta(milliseconds=since),
            None if lasts is None else BEGIN + timedelta(milliseconds=since + lasts),
        )
        for kind, site, since, lasts in raw
    ]
    until = BEGIN + timedelta(milliseconds=length)
    parts = divide(spans, BEGIN, until, 1)
    assert sum(part.seconds for part in parts) == int((until - BEGIN).total_seconds())
    assert all(part.seconds >= 0 for part in parts)
