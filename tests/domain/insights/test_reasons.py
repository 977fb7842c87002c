"""The three rules, against definitions that walk through every answer and every week one by one."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reflect.domain.insights.reasons import (
    WEEKS,
    Given,
    Kind,
    Reminder,
    horizon,
    lower,
    monday,
    reasons,
    silent,
    unpleasant,
)

NOW = datetime(2026, 11, 25, 13, 0, tzinfo=UTC)
"""A Wednesday."""
DAY = timedelta(days=1)
LONG_AGO = NOW - timedelta(days=400)
FACES = (-1.0, -0.5, 0.0, 0.5, 1.0, None)

answers = st.lists(st.tuples(st.integers(0, 80), st.sampled_from(FACES)), max_size=18).map(
    lambda rows: [Given(NOW - ago * DAY, face) for ago, face in sorted(rows, key=lambda row: -row[0])]
)
weeks = st.sets(st.integers(0, WEEKS), max_size=WEEKS).map(
    lambda found: {monday(NOW) - timedelta(weeks=ago) for ago in found}
)


def rule(kind: Kind, count: int, span: int = 0, is_on: bool = True) -> Reminder:
    return Reminder(kind, is_on, count, span)


def faces(*values: float | None) -> list[Given]:
    return [Given(NOW - (len(values) - place) * DAY, value) for place, value in enumerate(values)]


@given(answers, st.integers(2, 10), st.integers(2, 10))
def test_unpleasant_ones_are_counted_among_the_newest_that_say_anything(
    found: list[Given], count: int, span: int
) -> None:
    newest: list[Given] = []
    for one in reversed(found):
        if one.pleasantness is not None and len(newest) < span:
            newest.append(one)
    low = [one for one in newest if one.pleasantness in (-1.0, -0.5)]
    reason = unpleasant(rule(Kind.UNPLEASANT, count, span), found)
    assert (reason is not None) == (len(newest) == span and len(low) >= count)
    if reason is not None:
        assert (reason.count, reason.span) == (len(low), span)
        assert reason.at == max(one.answered_at for one in low)


@given(answers, st.integers(1, 3), st.integers(2, 5))
def test_lower_is_a_difference_of_means_in_whole_faces(found: list[Given], count: int, span: int) -> None:
    felt = [one for one in found if one.pleasantness is not None]
    values = [Fraction(one.pleasantness or 0) for one in felt]
    holds = len(values) >= span + 5 and (
        sum(values[-span:], Fraction()) / span - sum(values[:-span], Fraction()) / len(values[:-span])
        <= -Fraction(count, 2)
    )
    reason = lower(rule(Kind.LOWER, count, span), found)
    assert (reason is not None) == holds
    if reason is not None:
        assert reason.at == felt[-span].answered_at


@given(answers, weeks, st.integers(1, 8), st.integers(0, 500))
def test_silence_is_counted_week_by_week(found: list[Given], asked: set[date], count: int, known_days: int) -> None:
    known_since = NOW - known_days * DAY
    missed = 0
    week = monday(NOW) - timedelta(weeks=1)
    begins = found[-1].answered_at if found else known_since
    while week >= monday(NOW) - timedelta(weeks=WEEKS):
        if week <= monday(begins):
            break
        missed += week in asked
        week -= timedelta(weeks=1)
    reason = silent(rule(Kind.SILENT, count), found, asked, known_since, NOW)
    assert (reason is not None) == (missed >= count)
    if reason is not None:
        assert reason.count == missed
        assert reason.at <= NOW


def test_school_breaks_do_not_count_and_neither_does_this_week() -> None:
    found = [Given(NOW - 40 * DAY, 0.5)]
    this, last = monday(NOW), monday(NOW) - timedelta(weeks=1)
    two = rule(Kind.SILENT, 2)
    assert silent(two, found, {this, last}, LONG_AGO, NOW) is None
    assert silent(two, found, {this, last, last - timedelta(weeks=3)}, LONG_AGO, NOW) is not None


def test_silence_is_a_new_reason_only_after_as_many_weeks_again() -> None:
    start = datetime(2026, 9, 7, 9, tzinfo=UTC)
    found, asked = [Given(start, 0.5)], {monday(start) + timedelta(weeks=week) for week in range(12)}
    moments = []
    for week in range(1, 9):
        reason = silent(rule(Kind.SILENT, 2), found, asked, LONG_AGO, start + timedelta(weeks=week))
        moments.append(reason.at if reason else None)
    assert moments[:2] == [None, None]
    assert [moment is not None for moment in moments[2:]] == [True] * 6
    assert moments[2] == moments[3] != moments[4] == moments[5] != moments[6] == moments[7]


def test_a_silence_that_began_before_the_horizon_is_one_reason_for_ever() -> None:
    asked = {monday(NOW) - timedelta(weeks=week) for week in range(1, WEEKS + 1)}
    found = [silent(rule(Kind.SILENT, 2), [], asked, LONG_AGO, NOW + week * timedelta(weeks=1)) for week in range(3)]
    assert {reason.at for reason in found if reason} == {LONG_AGO}
    assert horizon(NOW) > LONG_AGO


def test_somebody_new_is_not_silent_for_what_was_before_them() -> None:
    asked = {monday(NOW) - timedelta(weeks=week) for week in range(1, 6)}
    assert silent(rule(Kind.SILENT, 2), [], asked, NOW - 10 * DAY, NOW) is None


def test_one_more_unpleasant_answer_is_a_new_reason_and_a_pleasant_one_is_not() -> None:
    three = rule(Kind.UNPLEASANT, 3, 5)
    before = unpleasant(three, faces(-1.0, 0.5, -1.0, -0.5, 1.0))
    assert before is not None
    again = [*faces(-1.0, -0.5, -1.0, -0.5, 1.0), Given(NOW, 1.0)]
    worse = [*faces(-1.0, -0.5, -1.0, -0.5, 1.0), Given(NOW, -0.5)]
    assert unpleasant(three, again) is not None and unpleasant(three, again).at < NOW  # type: ignore[union-attr]
    assert unpleasant(three, worse) is not None and unpleasant(three, worse).at == NOW  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", Kind)
def test_a_rule_that_is_off_gives_no_reason(kind: Kind) -> None:
    found = faces(*[1.0] * 6, *[-1.0] * 5)
    asked = {monday(NOW) + timedelta(weeks=1)}
    numbers = {Kind.UNPLEASANT: (3, 5), Kind.LOWER: (1, 3), Kind.SILENT: (1, 0)}[kind]
    late = NOW + timedelta(weeks=4)
    for is_on in (False, True):
        got = reasons([rule(kind, *numbers, is_on=is_on)], found, asked, LONG_AGO, late)
        assert [reason.kind for reason in got] == ([kind] if is_on else [])
