"""On the wire only what everybody gets alike is compressed, so that no length tells what somebody wrote."""

import gzip
import random
import re
from pathlib import Path
from string import ascii_letters

import httpx2
import pytest

from reflect import web
from reflect.web.compression import Shared, gzipped
from tests.installation import Installation
from tests.web.dialogs import STUDENT, TEACHER, Visit, arrives

SMALL = 16_000
"""Bytes of a page of 37,000: with a sheet and a script of 41,500 it is under the 60,000 that a first visit may take."""
PART = "<fieldset>ü" + "<svg/>" * 1000 + "</fieldset>"


def on_the_wire(page: httpx2.Response) -> int:
    """Bytes of the body as they came; fails for a page that is not compressed."""
    assert page.headers["content-encoding"] == "gzip"
    return page.num_bytes_downloaded


def asked(running: Installation, *questions: str, **fields: str) -> tuple[Visit, list[httpx2.Response]]:
    """A student, and the page of each question."""
    numbers = [arrives(running, TEACHER).asks(question, **fields) for question in questions]
    student = arrives(running, STUDENT)
    home = student.page
    pages = []
    for number in numbers:
        student.page = home
        pages.append(student.goes_to(f"/checkins/{number}"))
    return student, pages


@pytest.mark.parametrize("before", ["", "an end without a beginning", "über 😀 " * 20_000])
def test_a_page_comes_back_as_it_was(before: str) -> None:
    page = f"{before}{PART}{before}"
    sent = gzipped(page, Shared.of(PART))
    assert sent is not None
    assert gzip.decompress(sent).decode() == page
    assert len(sent) - len(f"{before}{before}".encode()) < 200, "the part is small, and nothing besides was added"


@pytest.mark.parametrize("page", ["", "nothing of it", PART[:-1], PART[:100] + PART])
def test_a_page_without_the_part_as_it_is_stays_as_it_is(page: str) -> None:
    assert gzipped(page, Shared.of(PART)) is None


def test_a_students_page_is_small_and_the_same_as_without_compression(installation: Installation) -> None:
    student, (page,) = asked(installation, "How was the bridge?")
    assert on_the_wire(page) < SMALL < 30_000 < len(page.content)
    assert page.headers["vary"] == "Accept-Encoding"
    student.walker.client.headers["Accept-Encoding"] = "identity"
    plain = student.walker.get(str(page.url))
    assert "content-encoding" not in plain.headers
    assert plain.headers["vary"] == "Accept-Encoding"
    assert plain.text == page.text


def test_a_length_tells_nothing_of_words_that_are_on_the_page_already(installation: Installation) -> None:
    (name,) = re.findall(r"You are</span> <bdi>([A-Z][a-z]+)", arrives(installation, STUDENT).page.text)
    guess = f"This person will see your name with your answer: {name}"
    chance = "".join(random.Random(7).choices(ascii_letters, k=len(guess)))
    _, (hit, miss) = asked(installation, guess, chance)
    assert on_the_wire(hit) == on_the_wire(miss)
    assert len(gzip.compress(hit.content)) < len(gzip.compress(miss.content)) - 20, "compressed as a whole they would"


def test_what_somebody_chose_typed_or_made_up_is_not_compressed(installation: Installation) -> None:
    student, (page,) = asked(installation, "How was the bridge?")
    on_the_wire(page)
    student.sends(r"/checkins/\d+/answers", {"choice": "calm"})
    assert "content-encoding" not in student.page.headers
    assert "content-encoding" not in student.goes_to(r"/checkins/\d+/answers/edit").headers
    _, (own,) = asked(
        installation, "Which bridge?", **{"answer_form": "choices", "label-1": "the old", "label-2": "the new"}
    )
    assert "content-encoding" not in own.headers
    teacher = arrives(installation, TEACHER)
    assert "content-encoding" not in teacher.page.headers
    assert "content-encoding" not in teacher.goes_to(r"/checkins/\d+").headers


def test_only_choices_that_nobody_has_touched_are_shared() -> None:
    """Whoever makes something else so must look whether anything in it is somebody's."""
    makers = [path.name for path in Path(web.__file__).parent.rglob("*.py") if "Shared.of(" in path.read_text()]
    assert makers == ["choices.py"]
