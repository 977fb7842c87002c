from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import combinations_with_replacement

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reflect.domain.insights.feelings import Band
from reflect.domain.privacy.publication import Figures, figures, is_over, is_to_be_withdrawn, week_of
from tests.domain.privacy.weeks import Part, Published, certain, sums, told

MONDAY = date(2026, 9, 7)
NOON = datetime(2026, 9, 7, 12, tzinfo=UTC)
VALUES = (*Band, None)
values = st.sampled_from(VALUES)


def as_published(found: Figures) -> Published:
    return (found.bands[Band.PLEASANT], found.bands[Band.BETWEEN], found.bands[Band.UNPLEASANT], found.unsaid)


def part(said: Sequence[Band | None], k: int) -> Part:
    return Part({person: value and value.value for person, value in enumerate(said)}, k)


def told_of(said: Sequence[Band | None], k: int) -> frozenset[Published]:
    return told(tuple(sorted((value and value.value for value in said), key=str)), k)


@pytest.mark.parametrize("size", range(3, 7))
def test_nobody_is_certain_of_a_band_among_people_who_answered_by_name(size: int) -> None:
    for said in combinations_with_replacement(VALUES, size):
        found = as_published(figures(said, [], 3))
        assert list(certain([part(said, 3)], found)) == []


@settings(deadline=None, max_examples=60)
@given(parts=st.lists(st.lists(values, max_size=5), min_size=1, max_size=3), k=st.integers(3, 5))
def test_nobody_is_certain_who_is_in_several_parts_at_once(parts: list[list[Band | None]], k: int) -> None:
    """The reader may have answered by name and anonymously, and knows all of their own answers."""
    named, *anonymous = parts
    found = as_published(figures(named, [(Counter(said), k) for said in anonymous], k))
    assert list(certain([part(said, k) for said in parts], found)) == []


@settings(deadline=None)
@given(parts=st.lists(st.lists(values, max_size=9), min_size=1, max_size=4), k=st.integers(3, 6))
def test_what_is_published_is_what_the_rule_says(parts: list[list[Band | None]], k: int) -> None:
    named, *anonymous = parts
    found = as_published(figures(named, [(Counter(said), k) for said in anonymous], k))
    assert found in sums([told_of(said, k) for said in parts])
    assert sum(found) == sum(len(said) for said in parts if len(said) >= k)


@given(parts=st.lists(st.lists(values, max_size=6), max_size=4))
def test_a_part_of_fewer_than_k_is_in_no_figure(parts: list[list[Band | None]]) -> None:
    found = figures((), [(Counter(said), 7) for said in parts], 3)
    assert as_published(found) == (0, 0, 0, 0)


def test_who_gave_both_answers_that_differ_still_knows_nothing_of_the_others() -> None:
    """Two anonymous check-ins, five people: all pleasant but one person, twice. Softened together, the two answers
    set aside would be that person's own."""
    four = Counter({Band.PLEASANT: 4, Band.UNPLEASANT: 1})
    assert as_published(figures((), [(four, 5), (four, 5)], 5)) == (6, 0, 0, 4)


def test_words_that_differ_and_bands_that_agree_are_softened_again() -> None:
    assert as_published(figures((), [(Counter({Band.PLEASANT: 9}), 5)], 5)) == (7, 0, 0, 2)


def test_the_larger_k_counts() -> None:
    five = Counter({Band.PLEASANT: 2, Band.UNPLEASANT: 2, None: 1})
    assert as_published(figures((), [(five, 6)], 5)) == (0, 0, 0, 0)
    assert as_published(figures((), [(five, 5)], 6)) == (0, 0, 0, 0)
    assert as_published(figures((), [(five, 5)], 5)) == (2, 0, 2, 1)


def test_only_who_is_in_a_published_part_counts_as_named() -> None:
    assert figures([Band.PLEASANT] * 4, [], 5).named == 0
    assert figures([Band.PLEASANT] * 5, [], 5).named == 5


@pytest.mark.parametrize(
    ("days", "is_waited_for", "expected"),
    [(0, False, False), (9, False, False), (10, False, True), (10, True, False), (34, True, False), (35, True, True)],
)
def test_a_week_is_published_when_it_has_settled(days: int, is_waited_for: bool, expected: bool) -> None:
    assert is_over(MONDAY, NOON + timedelta(days=days), is_waited_for=is_waited_for) is expected


def test_a_week_begins_on_monday_in_utc() -> None:
    assert week_of(NOON) == week_of(NOON + timedelta(days=6, hours=11)) == MONDAY
    assert week_of(NOON + timedelta(days=6, hours=12)) == MONDAY + timedelta(days=7)


@pytest.mark.parametrize(
    ("people", "named", "gone", "expected"),
    [
        (9, 9, 0, False),
        (9, 9, 4, False),
        (9, 9, 5, True),
        (6, 6, 1, False),
        (6, 6, 2, True),
        (9, 6, 1, False),
        (9, 6, 2, True),
        (9, 0, 4, False),
    ],
)
def test_a_week_goes_as_a_whole_or_not_at_all(people: int, named: int, gone: int, expected: bool) -> None:
    assert is_to_be_withdrawn(people, named, gone, 5) is expected
