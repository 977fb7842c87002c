"""The newest answers beside the usual, against a definition by hand."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reflect.domain.insights.own_usual import FEWEST_BEFORE, NEWEST, Change, change, difference

faces = st.lists(st.sampled_from((-1.0, -0.5, 0.0, 0.5, 1.0)), max_size=20)


def naive(values: list[float], newest: int) -> Fraction | None:
    exact = [Fraction(value) for value in values]
    last, before = exact[len(exact) - newest :], exact[: len(exact) - newest]
    if len(exact) < newest + FEWEST_BEFORE:
        return None
    return sum(last, Fraction()) / len(last) - sum(before, Fraction()) / len(before)


@given(faces, st.integers(2, 5))
def test_the_difference_is_that_of_two_means(values: list[float], newest: int) -> None:
    found, expected = difference(values, newest), naive(values, newest)
    assert (found is None) == (expected is None)
    if found is not None and expected is not None:
        assert found == pytest.approx(float(expected))


@given(faces)
def test_the_words_go_by_whole_faces(values: list[float]) -> None:
    exact = naive(values, NEWEST)
    steps = None if exact is None else exact * 2
    expected = (
        Change.TOO_FEW
        if steps is None
        else Change.MUCH_LESS
        if steps <= -2
        else Change.LESS
        if steps <= -1
        else Change.MUCH_MORE
        if steps >= 2
        else Change.MORE
        if steps >= 1
        else Change.AS_USUAL
    )
    assert change(values) == expected


@pytest.mark.parametrize("values", [[], [0.5], [0.5] * (NEWEST + FEWEST_BEFORE - 1)])
def test_too_few_answers_are_said_to_be_too_few(values: list[float]) -> None:
    assert change(values) == Change.TOO_FEW
    assert change([0.5] * (NEWEST + FEWEST_BEFORE)) == Change.AS_USUAL
