"""Days and moments of a series, in three zones over both changes of the clocks, and over a year."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reflect.domain.recurrence import FREQUENCIES, Rule

ZONES = ("Europe/London", "America/New_York", "Australia/Lord_Howe")
CHANGES = {
    "Europe/London": (date(2026, 3, 29), date(2026, 10, 25)),
    "America/New_York": (date(2026, 3, 8), date(2026, 11, 1)),
    "Australia/Lord_Howe": (date(2026, 4, 5), date(2026, 10, 4)),
}
A_YEAR = 365


def daily(zone: str, at: time, starts_on: date = date(2026, 1, 1), times: int = A_YEAR) -> Rule:
    return Rule("daily", starts_on, at, zone, times=times)


def is_left_out(moment: datetime, day: date, at: time, zone: str) -> bool:
    """Whether the clocks of the zone never show this time on this day."""
    local = moment.astimezone(ZoneInfo(zone))
    return (local.date(), local.time()) != (day, at)


@given(st.sampled_from(ZONES), st.times(max_value=time(23, 59)).map(lambda at: at.replace(second=0, microsecond=0)))
def test_a_year_of_days_stays_at_the_same_time_of_day(zone: str, at: time) -> None:
    rule = daily(zone, at)
    days = list(rule.days())
    assert len(days) == A_YEAR
    moments = [rule.moment(day) for day in days]
    assert moments == sorted(set(moments))
    odd = [day for day, moment in zip(days, moments, strict=True) if is_left_out(moment, day, at, zone)]
    # Only on the day of the spring change can there be no such time, and then it is later by what was left out.
    spring = [day for day in CHANGES[zone] if rule.moment(day) - rule.moment(day - timedelta(1)) != timedelta(1)]
    assert set(odd) <= set(CHANGES[zone]) and len(odd) <= 1
    assert len(spring) <= 2


@pytest.mark.parametrize("zone", ZONES)
def test_the_noon_of_the_day_after_each_change_is_an_hour_or_half_one_earlier_or_later_in_utc(zone: str) -> None:
    rule = daily(zone, time(12))
    for day in CHANGES[zone]:
        shift = rule.moment(day) - rule.moment(day - timedelta(1)) - timedelta(1)
        assert abs(shift) == (timedelta(minutes=30) if zone == "Australia/Lord_Howe" else timedelta(hours=1))


def test_a_time_that_is_left_out_is_taken_as_the_clock_before_it_went_on() -> None:
    assert daily("Europe/London", time(1, 30)).moment(date(2026, 3, 29)) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert daily("America/New_York", time(2, 30)).moment(date(2026, 3, 8)) == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)
    assert daily("Australia/Lord_Howe", time(2, 15)).moment(date(2026, 10, 4)) == datetime(
        2026, 10, 3, 15, 45, tzinfo=UTC
    )


def test_of_a_time_that_comes_twice_it_is_the_first() -> None:
    assert daily("Europe/London", time(1, 30)).moment(date(2026, 10, 25)) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert daily("America/New_York", time(1, 30)).moment(date(2026, 11, 1)) == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert daily("Australia/Lord_Howe", time(1, 45)).moment(date(2026, 4, 5)) == datetime(
        2026, 4, 4, 14, 45, tzinfo=UTC
    )


@given(
    st.sampled_from(FREQUENCIES),
    st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    st.integers(1, 40),
    st.frozensets(st.integers(0, 6), min_size=1),
    st.integers(0, 400),
    st.integers(1, 60),
    st.frozensets(st.dates(date(2026, 1, 1), date(2028, 12, 31)), max_size=30),
)
def test_days_are_in_order_within_the_rule_and_never_skipped_ones(
    frequency: str, first: date, every: int, weekdays: frozenset[int], length: int, times: int, skips: frozenset[date]
) -> None:
    until = first + timedelta(days=length)
    rule = Rule(frequency, first, time(9), "UTC", every, weekdays, until, times, skips)
    days = list(rule.days())
    assert days == sorted(set(days)) and len(days) <= times
    assert all(first <= day <= until and day not in skips for day in days)
    if frequency == "weekly":
        assert {day.weekday() for day in days} <= weekdays
    if frequency == "weekdays":
        assert all(day.weekday() < 5 for day in days)
    if frequency == "every":
        assert all((day - first).days % every == 0 for day in days)


def test_the_thirty_first_is_the_last_day_where_a_month_is_shorter() -> None:
    rule = Rule("monthly", date(2026, 1, 31), time(9), "UTC", times=4)
    assert list(rule.days()) == [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]


def test_the_last_day_of_a_month_is_found_whatever_day_it_begins_on() -> None:
    rule = Rule("month_end", date(2026, 1, 10), time(9), "UTC", times=2)
    assert list(rule.days()) == [date(2026, 1, 31), date(2026, 2, 28)]


def test_days_that_are_skipped_count() -> None:
    rule = Rule("daily", date(2026, 1, 1), time(9), "UTC", times=3, skips=frozenset({date(2026, 1, 2)}))
    assert list(rule.days()) == [date(2026, 1, 1), date(2026, 1, 3)]


def test_the_newest_and_the_next_part_at_the_moment() -> None:
    rule = daily("Europe/London", time(9))
    now = rule.moment(date(2026, 6, 1))
    assert rule.newest(now) == date(2026, 6, 1)
    assert list(islice(rule.after(now), 2)) == [date(2026, 6, 2), date(2026, 6, 3)]
    assert rule.newest(rule.moment(date(2026, 1, 1)) - timedelta(seconds=1)) is None
