from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import combinations_with_replacement, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reflect.domain.emotions import EMOTIONS
from reflect.domain.privacy.release import UNSAID, is_due, is_nearly_everyone, soften
from tests.domain.privacy.worlds import FEELINGS, Totals, World, certainties, publications, totals_of

SIZES = range(3, 8)
ENOUGH_TRIES = 80
"""Chance decides ties among at most three: one of them stays unseen in 80 tries once in 10 to the 14."""

batches = st.lists(st.sampled_from(sorted(EMOTIONS)), min_size=3, max_size=40)


@cache
def outcomes(answers: World) -> frozenset[Totals]:
    """All that `soften` makes of a batch; the order of the answers plays no part."""
    return frozenset(totals_of(soften(Counter(answers))) for _ in range(ENOUGH_TRIES))


def every_batch() -> Iterator[World]:
    for size in SIZES:
        yield from combinations_with_replacement(FEELINGS, size)


def test_a_batch_is_due_from_k_answers_on_whatever_they_say() -> None:
    assert [is_due(waiting, 5) for waiting in (0, 4, 5, 6)] == [False, False, True, True]


@pytest.mark.parametrize("size", SIZES)
def test_no_reader_is_certain_of_any_answer_of_a_batch(size: int) -> None:
    worlds_of = defaultdict(list)
    for world in product(FEELINGS, repeat=size):
        for totals in outcomes(tuple(sorted(world))):
            worlds_of[totals].append(world)
    for totals, worlds in worlds_of.items():
        for truth in worlds:
            assert not list(certainties(size, worlds, truth)), (totals, truth)


def test_who_answered_early_in_the_alphabet_learns_nothing_from_a_tie() -> None:
    """Of three answers one is shown. Were ties decided by the alphabet, `calm` would know the other two."""
    assert {totals_of({feeling: 1, UNSAID: 2}) for feeling in FEELINGS} == outcomes(FEELINGS)


def test_what_is_published_is_what_the_rule_says() -> None:
    for batch in every_batch():
        assert outcomes(batch) == publications(batch), batch


def test_unanimity_and_all_but_one_and_all_but_two_read_the_same() -> None:
    for size in SIZES:
        if size < 5:
            continue  # in smaller batches two of them tie
        others = [("calm",) * (size - aside) + ("tired",) * aside for aside in range(3)]
        assert {outcomes(batch) for batch in others} == {frozenset({totals_of({"calm": size - 2, UNSAID: 2})})}


@given(batches)
def test_no_state_says_that_all_or_all_but_one_agree(answers: list[str]) -> None:
    softened = soften(Counter(answers))
    assert max(count for key, count in softened.items() if key != UNSAID) <= len(answers) - 2


@given(batches)
def test_the_sum_stays_the_same(answers: list[str]) -> None:
    assert sum(soften(Counter(answers)).values()) == len(answers)


@given(batches)
def test_nothing_is_shown_that_nobody_said(answers: list[str]) -> None:
    counts = Counter(answers)
    assert all(key == UNSAID or 0 < count <= counts[key] for key, count in soften(counts).items())


@given(batches)
def test_the_order_of_the_answers_plays_no_part(answers: list[str]) -> None:
    backwards = Counter(reversed(answers))
    if publications(answers) == {totals_of(soften(Counter(answers)))}:
        assert soften(backwards) == soften(Counter(answers))


def test_what_is_unsaid_is_no_emotion() -> None:
    assert UNSAID not in EMOTIONS


@pytest.mark.parametrize(
    ("totals", "expected"),
    [({"calm": 3, UNSAID: 2}, True), ({"calm": 3, "tired": 2, UNSAID: 2}, False), ({"calm": 3}, False), ({}, False)],
)
def test_nearly_everyone_means_one_emotion_besides_the_unsaid(totals: dict[str, int], expected: bool) -> None:
    assert is_nearly_everyone(totals) is expected
