"""Stretches of days, cut by the reader's clocks."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reflect.domain.insights.spans import USUAL_WEEKS, Span, Step, day_of, weeks_until

days = st.dates(date(2020, 1, 1), date(2030, 12, 31))
spans = st.builds(lambda first, length: Span(first, first + timedelta(days=length)), days, st.integers(0, 400))


@given(spans, st.sampled_from(Step))
def test_a_cut_span_is_whole_and_each_day_is_in_one_part(span: Span, step: Step) -> None:
    parts = span.cut(step)
    assert [day for part in parts for day in part.days] == span.days
    assert all(day in span for part in parts for day in (part.first, part.last))


@given(spans)
def test_weeks_are_those_of_the_iso_calendar(span: Span) -> None:
    for part in span.cut(Step.WEEK):
        assert len({day.isocalendar()[:2] for day in part.days}) == 1
    assert len({day.isocalendar()[:2] for day in span.days}) == len(span.cut(Step.WEEK))


@given(spans)
def test_months_are_those_of_the_calendar(span: Span) -> None:
    assert len(span.cut(Step.MONTH)) == len({(day.year, day.month) for day in span.days})


@given(days, st.sampled_from([4, 13, 52]))
def test_the_last_weeks_end_today_and_begin_on_a_monday(today: date, weeks: int) -> None:
    span = weeks_until(today, weeks)
    assert (span.first.weekday(), span.last) == (0, today)
    assert len(span.cut(Step.WEEK)) == weeks
    assert weeks_until(today, weeks, Step.MONTH).first == span.first.replace(day=1)


@given(spans)
def test_what_is_usual_ends_where_a_span_begins(span: Span) -> None:
    assert span.before.last + timedelta(days=1) == span.first
    assert len(span.before.days) == 7 * USUAL_WEEKS


@pytest.mark.parametrize(
    ("zone", "opened_at", "on_day", "expected"),
    [
        # A Monday morning in Sydney is a Sunday evening in UTC.
        ("Australia/Sydney", datetime(2026, 9, 6, 22, 30, tzinfo=UTC), date(2026, 9, 6), date(2026, 9, 7)),
        ("Australia/Sydney", datetime(2026, 9, 6, 22, 30, tzinfo=UTC), date(2026, 9, 7), date(2026, 9, 7)),
        # A Monday evening in Los Angeles is a Tuesday in UTC.
        ("America/Los_Angeles", datetime(2026, 9, 8, 3, tzinfo=UTC), date(2026, 9, 8), date(2026, 9, 7)),
        ("UTC", datetime(2026, 9, 7, 9, tzinfo=UTC), date(2026, 9, 9), date(2026, 9, 9)),
    ],
)
def test_an_answer_of_the_day_of_the_opening_belongs_to_the_readers_day_of_it(
    zone: str, opened_at: datetime, on_day: date, expected: date
) -> None:
    assert day_of(opened_at, on_day, ZoneInfo(zone)) == expected
