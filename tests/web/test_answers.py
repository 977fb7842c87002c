"""Answers of every form over HTTP: what comes back when something does not do, and who reads what was written."""

import pytest

from tests.installation import Installation
from tests.web.dialogs import STUDENT, TEACHER, Visit, arrives

ACTION = r"/checkins/\d+/answers"


def asked(running: Installation, **fields: str) -> tuple[Visit, Visit]:
    """A teacher who has asked, and a student before the question."""
    teacher = arrives(running, TEACHER)
    number = teacher.asks("How was the bridge?", **fields)
    student = arrives(running, STUDENT)
    student.goes_to(f"/checkins/{number}")
    return teacher, student


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"choice": ""}, "choice_missing"),
        ({"choice": "face_1"}, "choice_missing"),
        ({"choice": "other_word", "word": " "}, "word_missing"),
        ({"choice": "other_word", "word": "x" * 31}, "word_too_long"),
        ({"word": "a\u202eb"}, "word_unprintable"),
        ({"choice": "calm", "note": "x" * 501}, "note_too_long"),
        ({"choice": "calm", "note": "a\u202eb"}, "note_unprintable"),
    ],
)
def test_what_does_not_do_comes_back_with_what_was_typed(
    installation: Installation, fields: dict[str, str], code: str
) -> None:
    _, student = asked(installation, asks_note="yes")
    page = student.sends(ACTION, fields)
    assert (page.status_code, page.headers["Reflect-Error"]) == (422, code)
    assert 'id="choice-problem"' in page.text
    assert all(text in page.text for text in (fields.get("note", ""), fields.get("word", "").strip()))


def test_a_word_without_a_choice_is_the_choice(installation: Installation) -> None:
    teacher, student = asked(installation)
    assert "wobbly" in student.sends(ACTION, {"word": "wobbly"}).text
    assert "wobbly" in teacher.walker.get(str(teacher.page.url)).text


def test_the_receipt_and_the_form_say_what_becomes_of_a_note(installation: Installation) -> None:
    _, named = asked(installation, asks_note="yes")
    assert "If you write a note, the same people read it with your name." in named.page.text
    _, hidden = asked(installation, asks_note="yes", anonymity="anonymous")
    assert "with fewer, nobody reads it" in hidden.page.text
    assert "Do not write your name if you want to stay anonymous." in hidden.page.text
    _, silent = asked(installation, answer_form="faces")
    assert "note" not in silent.page.text.partition('class="receipt"')[2].partition("</form>")[0]


def test_own_labels_stand_where_they_belong_and_are_escaped(installation: Installation) -> None:
    labels = {"label-1": "<b>Too fast", "label-2": "Just right"}
    teacher, student = asked(installation, answer_form="choices", **labels)
    assert "&lt;b&gt;Too fast" in student.page.text
    assert "choice_3" not in student.page.text
    assert "Just right" in student.sends(ACTION, {"choice": "choice_2"}).text
    assert "Just right" in teacher.walker.get(str(teacher.page.url)).text


def test_a_new_checkin_with_a_label_at_fault_comes_back_with_it(installation: Installation) -> None:
    teacher = arrives(installation, TEACHER)
    teacher.goes_to(r"/courses/\d+/checkins/new")
    fields = {"question": "How?", "answer_form": "choices", "label-1": "Same", "label-2": "same"}
    page = teacher.sends(r"/courses/\d+/checkins", fields)
    assert page.status_code == 422
    assert "Each must be different from the others." in page.text
    assert 'value="Same"' in page.text


def test_skipping_counts_as_taking_part(installation: Installation) -> None:
    teacher, student = asked(installation)
    assert "I’d rather not say" in student.sends(ACTION, {"choice": "skip"}).text
    assert "student has answered" in teacher.walker.get(str(teacher.page.url)).text


def test_plain_faces_are_drawn_where_the_teacher_chose_them(installation: Installation) -> None:
    _, student = asked(installation, manner="plain")
    assert "face-plain" in student.page.text
    assert 'face-character" viewBox="0 0 80 80" focusable="false" aria-hidden="true"' not in student.page.text
