"""Answering in every form: read aloud, with a note, by keyboard, and without script."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Route, expect

from tests.browser.answer_forms import FORMS, fill, make
from tests.browser.visits import STUDENTS, TEACHER, Campus, Visit

Contexts = Callable[..., BrowserContext]
SPEAKS = "window.said = []; speechSynthesis.speak = (words) => window.said.push(`${words.lang}: ${words.text}`);"
MUTE = "delete window.speechSynthesis; delete Window.prototype.speechSynthesis; delete window.SpeechSynthesisUtterance;"

INSTEAD = '<link rel="icon" href="data:,"><p>not sent on</p>'


def arrived(campus: Campus, context: BrowserContext, person: str) -> Visit:
    """Somebody on their course's page, in a window of its own."""
    visit = campus.window(context, person)
    visit.shows("Check-ins")
    return visit


def test_the_question_and_each_choice_are_read_aloud_when_asked(campus: Campus, private: Contexts) -> None:
    teacher, context = arrived(campus, private(), TEACHER), private()
    make(teacher, "How is your body?", "body", "simple_words")
    context.add_init_script(SPEAKS)
    student = arrived(campus, context, STUDENTS[0])
    student.click("How is your body?")
    student.shows("How is your body?")
    assert student.page.evaluate("window.said") == []
    student.find(".asked + .aloud").click()
    student.find(".receipt .aloud").click()
    student.find('.option:has([value="body_heart"]) .aloud').click()
    said = student.page.evaluate("window.said")
    receipt = said.pop(1)
    assert receipt.startswith("en: Your teachers see your answer. These ") and "after the last visit" in receipt
    assert said == ["en: How is your body?", "en: fast heart. Your heart goes boom, boom, boom."]
    expect(student.find(":checked")).to_have_count(0)
    expect(student.find('.emotion:has([value="body_heart"]) .emotion-hint')).to_be_visible()


def test_a_browser_that_cannot_speak_shows_no_button(campus: Campus, private: Contexts) -> None:
    teacher, context = arrived(campus, private(), TEACHER), private()
    make(teacher, "How is your silence?", "words_core", "simple_words")
    context.add_init_script(MUTE)
    student = arrived(campus, context, STUDENTS[1])
    student.click("How is your silence?")
    student.shows("How is your silence?")
    assert student.find(".aloud").count() == 20
    expect(student.find(".aloud:visible")).to_have_count(0)


def test_the_counter_says_how_long_a_note_is(campus: Campus, private: Contexts) -> None:
    teacher, student = arrived(campus, private(), TEACHER), arrived(campus, private(), STUDENTS[2])
    make(teacher, "How is your note?", "faces", "asks_note")
    student.follow("a.masthead-name")
    student.click("How is your note?")
    student.find("#note").fill("1234567")
    expect(student.find("#note-count")).to_have_text("7 / 500")


def test_every_form_is_answered_without_script(campus: Campus, script_blocked: BrowserContext) -> None:
    teacher, student = campus.frame(script_blocked, TEACHER), campus.frame(script_blocked, STUDENTS[3])
    for visit in (teacher, student):
        visit.press_through()
        visit.shows("Check-ins")
    for form, (choice, setting, labels) in FORMS.items():
        question = f"Paper {form}?"
        make(teacher, question, form, setting, labels)
        student.follow("a.masthead-name")
        student.click(question)
        student.shows(question)
        fill(student, choice)
        student.click("Send")
        expect(student.find("main.thanks")).to_be_visible()
        teacher.click("Look again for new answers")
        teacher.sees_answers(1)


def test_an_own_word_is_seen_by_the_teacher_and_comes_back_to_be_changed(campus: Campus, private: Contexts) -> None:
    teacher, student = arrived(campus, private(), TEACHER), arrived(campus, private(), STUDENTS[4])
    make(teacher, "Which word is yours?", "words_core", "asks_note")
    student.follow("a.masthead-name")
    student.click("Which word is yours?")
    fill(student, "other_word")
    student.click("Send")
    expect(student.find("main.thanks .lead")).to_have_text("You answered: wobbly")
    teacher.sees_answers(1)
    expect(teacher.find(".people")).to_contain_text("wobbly")
    expect(teacher.find(".person-note")).to_have_text("The bus was loud.\nMay I sit in front?")
    student.click("Change my answer")
    expect(student.find("#own-word")).to_have_value("wobbly")
    expect(student.find("#note")).to_have_value("The bus was loud.\nMay I sit in front?")


@pytest.mark.parametrize("who", ["student", "guest"])
@pytest.mark.parametrize(
    ("setting", "length", "texts"), [("", 512, {"word": "wobbly"}), ("asks_note", 8192, {"note": "The bus 🚌\n" * 40})]
)
def test_what_is_sent_is_as_long_whatever_it_says(
    campus: Campus, private: Contexts, setting: str, length: int, texts: dict[str, str], who: str
) -> None:
    teacher = arrived(campus, private(), TEACHER)
    question = f"How long is {setting or 'a word'} of a {who}?"
    answering, address = asked_of(who, campus, private, teacher, question, setting)
    sent = []
    # By the script of the page, and by the browser itself.
    for send in ("requestSubmit", "submit"):
        for choice, typed in (("sad", {}), ("confident", {}), ("other_word", texts)):
            answering.page.goto(address)
            answering.find(f'.emotion:has([value="{choice}"])').click()
            for name, words in typed.items():
                answering.find(f'.picker [name="{name}"]').fill(words)
            sent.append(kept_back(answering, send))
            assert f"choice={choice}" in sent[-1] and "filling=" in sent[-1]
    assert {len(body) for body in sent} == {length}


def asked_of(
    who: str, campus: Campus, private: Contexts, teacher: Visit, question: str, setting: str
) -> tuple[Visit, str]:
    """A student or a guest before a new question, and its address."""
    make(teacher, question, "words_core", setting, anonymity="anonymous" if who == "guest" else "named")
    if who == "student":
        student = arrived(campus, private(), STUDENTS[0])
        student.click(question)
        student.shows(question)
        return student, student.page.url
    teacher.click("Share")
    teacher.click("Open it to guests")
    page = private().new_page()
    page.goto(teacher.find(".copied-value").inner_text())
    guest = Visit(page, page)
    guest.shows(question)
    return guest, page.url


def kept_back(visit: Visit, send: str) -> str:
    """What the form would send; it is answered at once and goes no further, so that it can be sent again."""

    def instead(route: Route) -> None:
        if route.request.method == "POST":
            route.fulfill(body=INSTEAD, content_type="text/html")
        else:
            route.fallback()

    visit.page.route("**/*", instead)
    with visit.page.expect_request(lambda it: it.method == "POST") as request:
        visit.find("form.picker").evaluate(f"(form) => form.{send}()")
    expect(visit.page.get_by_text("not sent on")).to_be_visible()
    visit.page.unroute("**/*", instead)
    return request.value.post_data or ""
