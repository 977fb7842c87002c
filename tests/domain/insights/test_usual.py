"""A class against its own usual: what is said, and that it is said only where it can be."""

import random
from datetime import date
from math import isclose, sqrt
from statistics import mean, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reflect.domain.insights.pictures import Count
from reflect.domain.insights.usual import Change, compare, sample

DAY = date(2026, 9, 7)
GOOD, SO_SO, BAD = "face_5", "face_3", "face_1"
VALUES = {"face_1": -1.0, "face_2": -0.5, "face_3": 0.0, "face_4": 0.5, "face_5": 1.0}


def told(checkin_id: int, *choices: str, form: str = "faces") -> list[Count]:
    return [Count(checkin_id, form, DAY, choice, 1) for choice in choices]


def usual(many: int, *choices: str) -> list[Count]:
    """The same answers to so many check-ins."""
    return [count for number in range(100, 100 + many) for count in told(number, *choices)]


def test_a_clear_difference_is_told() -> None:
    before = usual(6, GOOD, GOOD, SO_SO, SO_SO, BAD)
    assert compare(told(1, *[BAD] * 6 + [SO_SO] * 4), before, 5).change == Change.LESS
    assert compare(told(1, *[GOOD] * 9 + [SO_SO]), before, 5).change == Change.MORE


def test_the_same_again_is_about_as_usual() -> None:
    assert compare(told(1, *[GOOD, GOOD, SO_SO, SO_SO, BAD] * 2), usual(6, GOOD, GOOD, SO_SO, SO_SO, BAD), 5).change == (
        Change.USUAL
    )  # fmt: skip


@pytest.mark.parametrize(("now", "before"), [(9, 10), (10, 9), (0, 10), (10, 0)])
def test_fewer_than_twice_k_on_one_side_are_too_few(now: int, before: int) -> None:
    assert compare(told(1, *[BAD] * now), told(2, *[GOOD] * before), 5).change == Change.TOO_FEW


def test_twice_k_on_both_sides_are_enough() -> None:
    assert compare(told(1, *[BAD] * 10), told(2, *[GOOD] * 10), 5).change == Change.LESS


def test_what_nobody_would_feel_is_no_change_however_sure() -> None:
    before = [Count(2, "faces", DAY, SO_SO, 1000)]
    now = [Count(1, "faces", DAY, SO_SO, 910), Count(1, "faces", DAY, GOOD, 90)]
    assert compare(now, before, 5).change == Change.USUAL


def test_only_the_same_ways_of_answering_are_compared() -> None:
    before = told(2, *["hopeless"] * 40, form="words_full")
    found = compare(told(1, *[GOOD] * 20), before, 5)
    assert (found.change, found.usual) == (Change.TOO_FEW, None)


def test_what_names_no_feeling_counts_for_nothing() -> None:
    assert sample(told(1, "skip", "unsaid") + told(2, "energy_5", form="energy")) is None
    found = sample(told(1, GOOD, "skip", "unsaid"))
    assert found is not None
    assert (found.answers, found.mean) == (1, 1.0)


@given(st.lists(st.sampled_from(tuple(VALUES)), min_size=2, max_size=40))
def test_one_checkins_error_is_that_of_a_mean(choices: list[str]) -> None:
    found, values = sample(told(1, *choices)), [VALUES[choice] for choice in choices]
    assert found is not None
    assert isclose(found.mean, mean(values), abs_tol=1e-9)
    assert isclose(found.error, stdev(values) / sqrt(len(values)), abs_tol=1e-9)


@given(st.lists(st.lists(st.sampled_from(tuple(VALUES)), min_size=1, max_size=8), min_size=2, max_size=6))
def test_answers_to_one_checkin_hang_together(checkins: list[list[str]]) -> None:
    """The textbook's error of a mean of clusters, from the raw answers; never less than that of single answers."""
    found = sample([count for number, choices in enumerate(checkins) for count in told(number, *choices)])
    values = [VALUES[choice] for choices in checkins for choice in choices]
    sums = [sum(VALUES[choice] - mean(values) for choice in choices) for choices in checkins]
    together = sum(one**2 for one in sums) * len(sums) / (len(sums) - 1) / len(values) ** 2
    assert found is not None
    assert isclose(found.error, max(stdev(values) / sqrt(len(values)), sqrt(together)), abs_tol=1e-9)


def test_a_class_that_has_not_changed_is_seldom_said_to_have() -> None:
    """Four hundred weeks of a class in which each day has a mood of its own."""
    rng = random.Random(3)

    def day(number: int) -> list[Count]:
        mood = rng.gauss(0.2, 0.3)
        return told(number, *(min(VALUES, key=lambda key: abs(VALUES[key] - rng.gauss(mood, 0.5))) for _ in range(20)))

    false = 0
    for _ in range(400):
        before = [count for number in range(16) for count in day(number)]
        now = [count for number in range(100, 104) for count in day(number)]
        false += compare(now, before, 5).change != Change.USUAL
    assert false / 400 < 0.12
