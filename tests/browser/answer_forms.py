"""A check-in of each answer form: as it is made, answered, and seen."""

from collections.abc import Iterator, Mapping

from playwright.sync_api import expect

from tests.browser.visits import Visit

FORMS: Mapping[str, tuple[str, str, Mapping[str, str]]] = {
    "words_core": ("other_word", "simple_words", {}),
    "faces": ("face_4", "asks_note", {}),
    "grid": ("grid_2_4", "simple_words", {}),
    "energy": ("energy_3", "", {}),
    "body": ("body_heart", "simple_words", {}),
    "scale": ("scale_5", "", {"lowest": "cold", "highest": "hot"}),
    "choices": ("choice_2", "", {"label-1": "Too fast", "label-2": "Just right, but with rather more words"}),
}
"""For each form a choice, a setting to switch on, and own labels."""


def pages(teacher: Visit, student: Visit) -> Iterator[tuple[str, Visit]]:
    """Each page with its name, from both people's course pages on."""
    for form, (choice, setting, labels) in FORMS.items():
        question = f"How is the {form.replace('_', ' ')}?"
        make(teacher, question, form, setting, labels)
        if labels:
            teacher.page.go_back()
            yield f"checkin-new-{form}", teacher
            teacher.page.go_forward()
        student.follow("a.masthead-name")
        student.click(question)
        student.shows(question)
        yield f"answer-{form}", student
        fill(student, choice)
        student.click("Send")
        expect(student.find("main.thanks")).to_be_visible()
        yield f"thanks-{form}", student
        teacher.sees_answers(1)
        yield f"results-{form}", teacher


def make(
    teacher: Visit,
    question: str,
    form: str,
    setting: str = "",
    labels: Mapping[str, str] | None = None,
    anonymity: str = "named",
) -> None:
    """Open a check-in of that form."""
    teacher.follow("a.masthead-name")
    teacher.click("New check-in")
    teacher.find('input[name="question_key"][value=""]').check()
    teacher.find("#question-own").fill(question)
    teacher.find(f'input[name="answer_form"][value="{form}"]').check()
    teacher.find(f'input[name="anonymity"][value="{anonymity}"]').check()
    if setting:
        teacher.find(f'input[name="{setting}"]').check()
    for name, label in (labels or {}).items():
        teacher.find(f'input[name="{name}"]').fill(label)
    teacher.click("Open the check-in")
    teacher.shows(question)


def fill(student: Visit, choice: str) -> None:
    """Pick a choice, and write what may be written."""
    student.find(f'.emotion:has([value="{choice}"])').click()
    if choice == "other_word":
        student.find("#own-word").fill("wobbly")
    if student.find("#note").count():
        student.find("#note").fill("The bus was loud.\nMay I sit in front?")
