"""Answers of every form over HTTP: what comes back when something does not do, and who reads what was written."""

import re

import httpx2
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


def test_who_had_the_old_question_before_them_is_shown_the_new_one_with_their_note(installation: Installation) -> None:
    teacher, student = asked(installation, asks_note="yes")
    before = student.page
    for asks_note in ("yes", ""):
        teacher.goes_to(r"/checkins/\d+/edit")
        teacher.sends(r"/checkins/\d+", {"question": f"Which bridge{asks_note}?", "asks_note": asks_note})
        student.page = before
        page = student.sends(ACTION, {**hidden(before), "choice": "calm", "note": "over the brook"})
        assert (page.status_code, page.headers["Reflect-Error"]) == (409, "question_changed")
        assert f"Which bridge{asks_note}?" in page.text and "changed the question" in page.text
        assert "over the brook" in page.text and " checked" not in page.text
    assert 'results-number">0<' in teacher.walker.get(str(teacher.page.url)).text
    assert student.sends(ACTION, {"choice": "calm"}).headers["Reflect-Error"] == "question_changed"
    student.sends(ACTION, {**hidden(student.page), "choice": "calm"})
    assert "Thank you" in student.page.text


def test_two_at_one_question_have_each_their_own_tab_name_and_language(installation: Installation) -> None:
    asked(installation)
    pages = {}
    for person, language in (("6", "en"), ("7", "de"), ("8", "en")):
        student = arrives(installation, person)
        student.walker.follow(
            student.walker.post(f"/languages?tab={tab_of(student.page)}", {"language": language, "from": "/"})
        )
        student.goes_to(r"/checkins/\d+")
        pages[person] = student.page
    own = [(tab_of(page), name_in(page)) for page in pages.values()]
    for place, page in enumerate(pages.values()):
        said = [(tab in page.text, name in page.text) for tab, name in own]
        assert said == [(place == other, place == other) for other in range(len(own))]
    assert [">calm<" in page.text for page in pages.values()] == [True, False, True]


def tab_of(page: httpx2.Response) -> str:
    return str(page.url.params["tab"])


def name_in(page: httpx2.Response) -> str:
    found = re.search(r"masthead-viewer.*?<bdi>([^<]+)</bdi>", page.text)
    assert found, page.text
    return found[1]


def hidden(page: httpx2.Response) -> dict[str, str]:
    """The hidden fields of a form, which a browser sends along."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))


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


AUDIENCES = [
    ("named", "", "Only teachers", "only teachers see totals", "In this course only your teachers see totals. Your classmates see nothing."),
    ("named", "yes", "The class too, once it is closed", "the class sees totals once it is closed",
     "Your classmates see totals without names when it closes, if at least 5 have answered."),
    ("anonymous", "", "Only teachers", "only teachers see totals",
     "In this course only your teachers see totals. Your classmates see nothing."),
    ("anonymous", "yes", "The class too, as soon as you", "the class sees the same totals",
     "Your classmates see the same totals as your teachers, once they have answered or it is closed."),
]  # fmt: skip


@pytest.mark.parametrize(("anonymity", "shared", "choice", "fact", "promise"), AUDIENCES)
def test_form_results_and_receipt_say_alike_who_sees_totals(
    installation: Installation, anonymity: str, shared: str, choice: str, fact: str, promise: str
) -> None:
    teacher, student = asked(installation, anonymity=anonymity, shared_with_class=shared)
    assert fact in teacher.page.text
    assert promise in student.page.text
    teacher.goes_to(r"/checkins/\d+/edit")
    assert re.search(rf'name="shared_with_class" value="{shared}" checked[ >]', teacher.page.text)
    assert choice in teacher.page.text


def test_a_promise_that_cannot_be_taken_back_is_said_at_its_own_field(installation: Installation) -> None:
    teacher, _ = asked(installation, shared_with_class="")
    teacher.goes_to(r"/checkins/\d+/edit")
    page = teacher.sends(r"/checkins/\d+", {"question": "How was the bridge?", "shared_with_class": "yes"})
    assert page.status_code == 422 and 'id="shared_with_class-problem"' in page.text


def test_one_thing_alone_is_asked_on_the_courses_page_with_its_receipt_first(installation: Installation) -> None:
    teacher = arrives(installation, TEACHER)
    number = teacher.asks("How was the bridge?")
    student = arrives(installation, STUDENT)
    assert student.page.url.path.startswith("/courses/")
    before, receipt, after = student.page.text.partition('class="receipt"')
    assert receipt and 'value="calm"' in after and 'value="calm"' not in before
    assert "Wren Storybook" in after.partition("<form")[0]
    assert "You answered: calm" in student.sends(rf"/checkins/{number}/answers", {"choice": "calm"}).text
    home = arrives(installation, STUDENT)
    assert "picker" not in home.page.text


def test_of_several_things_to_answer_the_student_chooses_one(installation: Installation) -> None:
    for question in ("How was the bridge?", "How was the river?"):
        arrives(installation, TEACHER).asks(question)
    student = arrives(installation, STUDENT)
    assert "picker" not in student.page.text
    assert student.page.text.count("Answer now") == 2


def test_who_has_answered_everything_reads_that_nothing_waits(installation: Installation) -> None:
    _, student = asked(installation)
    student.sends(ACTION, {"choice": "calm"})
    home = student.goes_to(r"/courses/\d+")
    assert "You answered" in home.text and "Nothing to answer right now" in home.text
    arrives(installation, TEACHER).asks("And the river?")
    again = student.walker.get(str(home.url)).text
    assert "And the river?" in again and "Nothing to answer right now" not in again


def test_a_close_is_asked_for_twice_and_a_named_one_may_be_opened_again(installation: Installation) -> None:
    for anonymity, says, is_offered in (
        ("named", "unless you open it again", True),
        ("anonymous", "it cannot be opened again", False),
    ):
        teacher, student = asked(installation, anonymity=anonymity)
        closing = teacher.page.text.partition('id="results-close"')[2].partition("</details>")[0]
        assert says in closing and "Close it now" in closing
        results = teacher.page.text.partition('id="results"')[2]
        assert "Open again" not in results
        teacher.sends(r"/checkins/\d+/closures", {})
        assert ("Open again" in teacher.page.text.partition('id="results"')[2].partition("</section>")[0]) is is_offered
        refused = student.sends(ACTION, {"choice": "calm", "note": "The bus was <late>."})
        assert "The bus was &lt;late&gt;." in refused.text, "what was written is given back"
        main = refused.text.partition("<main")[2].partition("</main>")[0]
        assert refused.headers["Reflect-Error"] == "checkin_closed" and "All check-ins" in main
        assert "Check this browser" not in main and "open Reflect from there" not in main


def test_a_teachers_cards_stand_in_the_order_in_which_they_closed(installation: Installation) -> None:
    teacher = arrives(installation, TEACHER)
    numbers = []
    for question in ("First?", "Second?", "Third?"):
        numbers.append(teacher.asks(question))
        teacher.goes_to(r"/courses/\d+")
    for number in (numbers[1], numbers[2]):
        teacher.goes_to(f"/checkins/{number}")
        teacher.sends(rf"/checkins/{number}/closures", {})
        teacher.goes_to(r"/courses/\d+")
    cards = re.findall(r'id="checkin-(\d+)"', teacher.page.text)
    assert [int(card) for card in cards] == [numbers[0], numbers[2], numbers[1]]


def test_a_fault_of_ours_keeps_what_was_typed(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    _, student = asked(installation, asks_note="yes")
    with monkeypatch.context() as broken:
        broken.setattr("reflect.domain.answers.give_each", None)
        page = student.sends(ACTION, {"choice": "calm", "note": "over the brook"})
    assert (page.status_code, page.headers["Reflect-Error"]) == (500, "broken")
    assert hidden(page) == {"choice": "calm", "note": "over the brook"}
    assert "Thank you" in student.sends(ACTION, hidden(page)).text
