from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reflect.domain.browsers import FAMILIES, NEWEST, Browser
from reflect.domain.diagnostics import _ALPHABET, CHECKS, PLACES, Diagnosis, Light, Verdict
from reflect.domain.refusals import Refused

browsers = st.builds(Browser, st.sampled_from(FAMILIES), st.integers(0, NEWEST))
outcomes: Any = st.fixed_dictionaries({check: st.sampled_from(told) for check, told in CHECKS.items()})
diagnoses = st.builds(Diagnosis, outcomes, browsers)
SEEN = {"script": "on", "place": "frame", "cookie": "lost", "partitioned": "lost", "session": "lost"}


def told(**outcomes: str) -> Diagnosis:
    """The diagnosis of a browser that keeps nothing in a frame, but for these outcomes."""
    return Diagnosis.of(SEEN | outcomes, Browser("chrome", 142))


def is_refused(code: str) -> bool:
    """Whether a code is taken for one that cannot be right."""
    try:
        Diagnosis.read(code)
    except Refused as refusal:
        return refusal.code == "diagnosis_code"
    return False


@given(diagnoses)
def test_a_code_tells_all_that_it_was_made_of(diagnosis: Diagnosis) -> None:
    assert Diagnosis.read(diagnosis.code) == diagnosis
    assert len(diagnosis.code) == 11
    assert set(diagnosis.code) <= {*_ALPHABET, "-"}


@given(diagnoses)
def test_a_code_is_read_in_any_case_spaced_in_any_way_and_with_letters_that_look_alike(diagnosis: Diagnosis) -> None:
    heard = diagnosis.code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert Diagnosis.read(f" {heard} ") == diagnosis
    assert Diagnosis.read(diagnosis.code.replace("-", "").replace("1", "i")) == diagnosis


@given(diagnoses, st.integers(0, 8), st.integers(1, 31))
def test_one_mistaken_character_is_found_out(diagnosis: Diagnosis, place: int, shift: int) -> None:
    assert is_refused(mistaken(diagnosis.code, {place: shift}))


@given(
    diagnoses, st.lists(st.integers(0, 8), min_size=2, max_size=2, unique=True), st.integers(1, 31), st.integers(1, 31)
)
def test_two_mistaken_characters_are_found_out(diagnosis: Diagnosis, places: list[int], one: int, other: int) -> None:
    assert is_refused(mistaken(diagnosis.code, dict(zip(places, (one, other), strict=True))))


@given(diagnoses, st.integers(0, 7))
def test_two_characters_that_changed_places_are_found_out(diagnosis: Diagnosis, place: int) -> None:
    letters = list(diagnosis.code.replace("-", ""))
    letters[place], letters[place + 1] = letters[place + 1], letters[place]
    swapped = "".join(letters)
    assert swapped == diagnosis.code.replace("-", "") or is_refused(swapped)


def mistaken(code: str, shifts: dict[int, int]) -> str:
    """The code with the characters at these places exchanged for those so many further on in the alphabet."""
    letters = list(code.replace("-", ""))
    for place, shift in shifts.items():
        letters[place] = _ALPHABET[(_ALPHABET.index(letters[place]) + shift) % 32]
    return "".join(letters)


@pytest.mark.parametrize(
    "code", ["", "9T0", "9T0-000-0KD-1", "UUU-UUU-UUU", "<b>-000-000", "９Ｔ０-000-0KD", "000-000-000"]
)
def test_what_was_never_a_code_is_refused(code: str) -> None:
    assert is_refused(code)


@given(st.text(_ALPHABET, min_size=9, max_size=9))
def test_whatever_is_taken_says_something(code: str) -> None:
    if not is_refused(code):
        assert Diagnosis.read(code).code.replace("-", "") == code


def test_what_is_no_outcome_counts_as_not_found_out() -> None:
    odd = Diagnosis.of({"cookie": "<i>", "place": "kept", "more": "x"}, Browser("other", 0))
    assert set(odd.outcomes.values()) == {"unknown"}
    assert set(odd.outcomes) == set(CHECKS)


def test_a_version_beyond_what_a_code_can_hold_is_held_as_the_greatest() -> None:
    assert Diagnosis.read(Diagnosis.of({}, Browser("edge", 999)).code).browser == Browser("edge", NEWEST)


@pytest.mark.parametrize(
    ("outcomes", "verdict", "used"),
    [
        ({}, Verdict.NEW_TAB, None),
        ({"place": "window"}, Verdict.BLOCKED, None),
        ({"place": "unknown"}, Verdict.BLOCKED, None),
        ({"cookie": "kept", "session": "kept"}, Verdict.USABLE, "cookie"),
        ({"partitioned": "kept"}, Verdict.USABLE, "partitioned"),
        ({"session": "kept", "platform": "kept"}, Verdict.USABLE, "session"),
        ({"platform": "kept"}, Verdict.FORGETFUL, "platform"),
        ({"platform": "lost"}, Verdict.NEW_TAB, None),
        ({"cookie": "unknown", "partitioned": "unknown"}, Verdict.UNSURE, None),
        ({"cookie": "unknown", "partitioned": "unknown", "session": "kept"}, Verdict.USABLE, "session"),
        # Without a script nothing but cookies can be used.
        ({"script": "off", "session": "kept", "platform": "kept"}, Verdict.NEW_TAB, None),
        ({"script": "off", "partitioned": "kept"}, Verdict.USABLE, "partitioned"),
    ],
)
def test_the_verdict_follows_from_what_is_kept(outcomes: dict[str, str], verdict: Verdict, used: str | None) -> None:
    assert (told(**outcomes).verdict, told(**outcomes).used) == (verdict, used)


@given(diagnoses)
def test_nothing_is_a_problem_where_reflect_can_be_used(diagnosis: Diagnosis) -> None:
    lights = {line.light for line in diagnosis.lines}
    assert [line.check for line in diagnosis.lines] == list(CHECKS)
    if diagnosis.used:
        assert Light.PROBLEM not in lights
        assert diagnosis.used in [line.check for line in diagnosis.lines if line.meaning in {"used", "lent"}]
    if diagnosis.verdict in {Verdict.NEW_TAB, Verdict.BLOCKED}:
        assert Light.PROBLEM in lights


def test_a_loss_is_a_problem_only_where_nothing_stands_in_for_it() -> None:
    def of(**outcomes: str) -> dict[str, tuple[Light, str]]:
        return {line.check: (line.light, line.meaning) for line in told(**outcomes).lines if line.check in PLACES}

    assert of()["cookie"] == (Light.PROBLEM, "lost")
    assert of(partitioned="kept")["cookie"] == (Light.NOTE, "spared")
    assert of(partitioned="kept", session="kept")["session"] == (Light.FINE, "kept")
    assert of()["platform"] == (Light.UNKNOWN, "unknown")


def test_a_window_that_is_blocked_is_a_problem_only_where_one_is_needed() -> None:
    def light(**outcomes: str) -> Light:
        return next(line.light for line in told(window="blocked", **outcomes).lines if line.check == "window")

    assert light() == Light.PROBLEM
    assert light(partitioned="kept") == Light.NOTE


def test_a_tab_that_lives_on_the_page_that_opened_it_is_usable_while_that_one_is_open() -> None:
    lent = told(place="window", session="lent")
    assert (lent.verdict, lent.used) == (Verdict.LENT, "session")
    assert {line.check: (line.light, line.meaning) for line in lent.lines}["session"] == (Light.FINE, "lent")
    assert told(place="window", session="lent", cookie="kept").verdict == Verdict.USABLE
