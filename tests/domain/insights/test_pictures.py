"""Pictures of counted answers against a naive recount of the answers themselves."""

from collections import Counter
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from reflect.domain.forms import FORMS, OTHER_WORD, SKIP
from reflect.domain.insights.feelings import Band, asks_for_a_feeling
from reflect.domain.insights.pictures import Count, Turnout, picture, sorted_by
from reflect.domain.privacy.release import UNSAID

FIRST = date(2026, 9, 7)
FELT = ("faces", "words_core", "words_full", "grid", "imported")


@st.composite
def raw_answers(draw: st.DrawFn) -> list[tuple[int, str, int, str]]:
    """Single answers: (check-in, its form, days after the first, choice)."""
    forms = draw(st.lists(st.sampled_from(tuple(FORMS)), min_size=1, max_size=5))
    found = []
    for _ in range(draw(st.integers(0, 40))):
        number = draw(st.integers(0, len(forms) - 1))
        keys = [option.key for option in FORMS[forms[number]].options]
        choice = draw(st.sampled_from([*keys, SKIP, OTHER_WORD, UNSAID]))
        found.append((number, forms[number], draw(st.integers(0, 30)), choice))
    return found


def counted(answers: list[tuple[int, str, int, str]]) -> list[Count]:
    """As the roll-up has them."""
    return [
        Count(number, form, FIRST + timedelta(days=days), choice, times)
        for (number, form, days, choice), times in Counter(answers).items()
    ]


def felt(form: str, choice: str) -> float | None:
    """How pleasant an answer is, by looking it up in the list of options."""
    return next((option.pleasantness for option in FORMS[form].options if option.key == choice), None)


@given(raw_answers())
def test_a_picture_is_what_a_recount_of_the_answers_says(answers: list[tuple[int, str, int, str]]) -> None:
    found = picture(counted(answers))
    mine = [(form, choice) for _, form, _, choice in answers if form in FELT]
    numbers = [value for form, choice in mine if (value := felt(form, choice)) is not None]
    assert found.answers == len(mine)
    assert found.unplaced == len(mine) - len(numbers)
    assert found.choices == Counter(pair for pair in mine if felt(*pair) is not None)
    if not numbers:
        assert found.mood is None
        return
    assert found.mood is not None
    assert abs(found.mood.pleasantness - sum(numbers) / len(numbers)) < 1e-9
    assert found.mood.bands == {
        Band.PLEASANT: sum(number > 0.25 for number in numbers),
        Band.BETWEEN: sum(-0.25 <= number <= 0.25 for number in numbers),
        Band.UNPLEASANT: sum(number < -0.25 for number in numbers),
    }


@given(raw_answers())
def test_sorting_loses_nothing(answers: list[tuple[int, str, int, str]]) -> None:
    counts = counted(answers)
    by_day = sorted_by(counts, lambda count: count.on)
    assert Counter(count for some in by_day.values() for count in some) == Counter(counts)
    assert all(count.on == day for day, some in by_day.items() for count in some)


def test_four_forms_and_that_of_imports_ask_for_a_feeling() -> None:
    assert {form for form in FORMS if asks_for_a_feeling(form)} == set(FELT)


def test_turnouts_add_up() -> None:
    assert sum([Turnout(1, 3, 8), Turnout(1, 5, 8)], Turnout()) == Turnout(2, 8, 16)
