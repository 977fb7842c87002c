"""What an answer says of a feeling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reflect.domain.forms import FORMS, OTHER_WORD, SKIP
from reflect.domain.insights.feelings import Band, band, band_of, mood, place
from reflect.domain.privacy.release import UNSAID


@pytest.mark.parametrize(
    ("form", "choice", "expected"),
    [
        ("faces", "face_1", Band.UNPLEASANT),
        ("faces", "face_2", Band.UNPLEASANT),
        ("faces", "face_3", Band.BETWEEN),
        ("faces", "face_5", Band.PLEASANT),
        ("words_full", "hopeless", Band.UNPLEASANT),
        ("words_full", "pensive", Band.BETWEEN),
        ("words_core", "calm", Band.PLEASANT),
        ("grid", "grid_1_5", Band.UNPLEASANT),
        ("energy", "energy_1", None),
        ("scale", "scale_1", None),
        ("choices", "choice_1", None),
        ("body", next(option.key for option in FORMS["body"].options), None),
    ],
)
def test_a_choice_is_in_the_band_of_its_pleasantness(form: str, choice: str, expected: Band | None) -> None:
    assert band(form, choice) == expected


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("choice", [SKIP, OTHER_WORD, UNSAID])
def test_what_says_nothing_has_no_place(form: str, choice: str) -> None:
    assert place(form, choice) is None


def test_each_form_that_asks_for_a_feeling_has_a_place_for_all_its_options() -> None:
    for form in FORMS.values():
        placed = {option.key for option in form.options if place(form.key, option.key)}
        assert placed in (set(), {option.key for option in form.options})


def test_the_mood_of_answers_is_their_mean_and_leaves_out_what_says_nothing() -> None:
    found = mood({("faces", "face_1"): 1, ("faces", "face_5"): 3, ("faces", SKIP): 9, ("scale", "scale_1"): 9})
    assert found is not None
    assert (found.answers, found.pleasantness) == (4, 0.5)
    assert found.bands == {Band.PLEASANT: 3, Band.BETWEEN: 0, Band.UNPLEASANT: 1}


def test_answers_that_say_nothing_have_no_mood() -> None:
    assert mood({("faces", SKIP): 3, ("energy", "energy_5"): 2}) is None
    assert mood({}) is None


@given(st.floats(-1, 1))
def test_the_bands_mirror_each_other(pleasantness: float) -> None:
    mirrored = {Band.PLEASANT: Band.UNPLEASANT, Band.UNPLEASANT: Band.PLEASANT, Band.BETWEEN: Band.BETWEEN}
    assert band_of(-pleasantness) == mirrored[band_of(pleasantness)]
