import json
import re
from typing import Any

import pytest

from reflect.domain import breaks
from reflect.domain.breaks import BREAKS, Break
from reflect.domain.emotions import Quadrant
from reflect.domain.refusals import Missing
from reflect.files import SEEDS, STATIC

ENTRIES: list[dict[str, Any]] = json.loads((SEEDS / "breaks.json").read_text(encoding="utf-8"))
ALL = list(BREAKS.values())


def test_there_are_at_least_six_breaks_with_keys_of_their_own() -> None:
    assert len(BREAKS) == len(ENTRIES) >= 6


@pytest.mark.parametrize("found", ALL, ids=lambda it: it.key)
def test_a_break_takes_between_one_and_two_minutes(found: Break) -> None:
    assert 50 <= found.length <= 120


@pytest.mark.parametrize("found", ALL, ids=lambda it: it.key)
def test_every_step_is_said_and_none_hurries(found: Break) -> None:
    for script in found.languages.values():
        assert len(script.steps) == len(found.seconds)
        assert all([script.title, script.purpose, script.done, *script.steps])
    assert min(found.seconds) >= 4


@pytest.mark.parametrize("found", ALL, ids=lambda it: it.key)
def test_every_picture_moves(found: Break) -> None:
    assert f".break[data-state] .{found.key}-" in (STATIC / "css" / "breaks.css").read_text(encoding="utf-8")


@pytest.mark.parametrize("key", ["pond", "stones", "tree", "seedling"])
def test_a_picture_that_follows_the_steps_takes_as_long_as_they_do(key: str) -> None:
    css = (STATIC / "css" / "breaks.css").read_text(encoding="utf-8")
    assert re.search(rf"\.{key}-[\w-]+ {{[^}}]*animation-duration: {sum(BREAKS[key].seconds)}s", css)


@pytest.mark.parametrize("quadrant", list(Quadrant))
def test_what_is_offered_suits_the_answer(quadrant: Quadrant) -> None:
    offered = breaks.fitting(quadrant)
    assert len(offered) == 3
    assert all(quadrant in found.suits for found in offered)


def test_without_an_answer_the_same_few_are_offered_to_everybody() -> None:
    assert breaks.fitting(None) == tuple(ALL[:3])


def test_a_break_that_is_not_there_is_missing() -> None:
    with pytest.raises(Missing):
        breaks.find("nap")
