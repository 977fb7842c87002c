"""On the wire only what everybody gets alike is compressed, so that no length tells what somebody wrote."""

import gzip
import random
import re
from html import unescape
from pathlib import Path
from string import ascii_letters
from urllib.parse import urljoin

import httpx2
import pytest

from reflect import web
from reflect.web.compression import Shared, gzipped
from tests.installation import Installation
from tests.walker import Walker
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


CONTENTS = ({"choice": "sad"}, {"choice": "confident"}, {"choice": "skip"}, {"choice": "other_word", "word": "wobbly"})
CONTENTS += ({"choice": "calm", "note": "The bus was loud. " * 20},)


def replied(walker: Walker, address: str, fields: dict[str, str]) -> tuple[int, ...]:
    """How long the heads and bodies of the replies to an answer are, to the last page that it leads to."""
    lengths = []
    reply = walker.post(address, fields)
    while True:
        told = [(name, value) for name, value in reply.headers.items() if name != "date"]
        lengths += [reply.status_code, sum(len(name) + len(value) for name, value in told), reply.num_bytes_downloaded]
        if not reply.has_redirect_location:
            return tuple(lengths)
        reply = walker.get(urljoin(str(reply.url), reply.headers["location"]))


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true", "HX-Request-Type": "partial"}], ids=["page", "part"])
def test_replies_to_anonymous_answers_are_as_long_whatever_was_chosen_or_written(
    installation: Installation, headers: dict[str, str]
) -> None:
    student, pages = asked(
        installation, *["How was the bridge?"] * len(CONTENTS), anonymity="anonymous", asks_note="yes"
    )
    student.walker.client.headers.update(headers)
    replies = set()
    for page, fields in zip(pages, CONTENTS, strict=True):
        action = re.search(r'action="(/checkins/\d+/answers[^"]*)"', page.text)
        assert action
        replies.add(replied(student.walker, unescape(action[1]), fields))
    ((status, *_),) = replies
    assert status == (200 if headers else 303)


def test_replies_to_guests_are_as_long_whatever_they_chose_or_wrote(installation: Installation) -> None:
    teacher = arrives(installation, TEACHER)
    teacher.asks("How was the bridge?", anonymity="anonymous", asks_note="yes")
    teacher.goes_to(r"/checkins/\d+/shares")
    page = teacher.sends(r"/checkins/\d+/guest-openings", {"places": "9"})
    code = re.search(r"/c/[0-9a-z]{8}\b", page.text)
    assert code
    ((status, *_),) = {replied(installation.walker(), code[0], fields) for fields in CONTENTS}
    assert status == 303


def test_the_reply_to_a_named_answer_shows_it_and_so_has_its_length(installation: Installation) -> None:
    """What the documentation says does not hold; whoever makes it hold may say so there."""
    student, pages = asked(installation, "Which bridge?", "Whose bridge?", asks_note="yes")
    lengths = set()
    for page, fields in zip(pages, ({"choice": "sad"}, CONTENTS[-1]), strict=True):
        action = re.search(r'action="(/checkins/\d+/answers[^"]*)"', page.text)
        assert action
        lengths.add(replied(student.walker, unescape(action[1]), fields))
    assert len(lengths) == 2


def test_only_choices_that_nobody_has_touched_are_shared() -> None:
    """Whoever makes something else so must look whether anything in it is somebody's."""
    makers = [path.name for path in Path(web.__file__).parent.rglob("*.py") if "Shared.of(" in path.read_text()]
    assert makers == ["choices.py"]
