"""Private notes about a student over HTTP: their author's alone, and nothing that was typed is lost."""

import re
from html import unescape

import pytest
from sqlmodel import Session, select

from reflect.storage.follow_ups import FollowUp
from reflect.storage.people import Enrolment, Person
from reflect.storage.tables import key_of
from tests.classroom import NOW
from tests.installation import Installation
from tests.web.dialogs import Visit, arrives
from tests.web.launching import assert_refused

WREN, INES, ZOE = "3", "4", "6"
NOTE = "Spoke on <Thursday>.\nWill ask again."


@pytest.fixture
def teacher(installation: Installation) -> Visit:
    arrives(installation, ZOE)
    visit = arrives(installation, WREN)
    visit.goes_to(r"/courses/\d+/students")
    return visit


def at_zoe(visit: Visit) -> Visit:
    link = re.search(r'href="(/courses/\d+/students/\d+[^"]*)"><bdi>Zoë', visit.page.text)
    assert link, visit.page.text
    visit.page = visit.walker.get(unescape(link[1]))
    return visit


def test_a_note_is_written_changed_and_deleted(teacher: Visit) -> None:
    at_zoe(teacher)
    page = teacher.sends(r"/courses/\d+/students/\d+/follow-ups", {"words": NOTE, "back_on": "2026-09-11"})
    assert "Spoke on &lt;Thursday&gt;.\nWill ask again." in page.text and "September 11, 2026" in page.text
    page = teacher.goes_to(r"/follow-ups/\d+/edit")
    assert 'value="2026-09-11"' in page.text and "it is part of that" in page.text
    page = teacher.sends(r"/follow-ups/\d+[?\"]", {"words": "All is well.", "back_on": ""})
    assert "All is well." in page.text and "Thursday" not in page.text and "come back on" not in page.text
    form = teacher.goes_to(r"/follow-ups/\d+/edit").text.partition("<details")[2]
    assert (
        form.index("</summary>")
        < form.index("/deletions")
        < form.index("This cannot be undone.")
        < form.index("</details>")
    )
    page = teacher.sends(r"/follow-ups/\d+/deletions", {})
    assert page.status_code == 200 and "All is well." not in page.text
    assert teacher.running.count(FollowUp) == [0]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"words": "long " * 201, "back_on": "2026-09-11"}, "Use at most 1,000 characters."),
        ({"words": "A bell \x07 rings.", "back_on": ""}, "Leave out characters that cannot be shown."),
        ({"words": "See you soon.", "back_on": "soon"}, "Enter a date."),
        ({"words": "", "back_on": "2026-09-11"}, "This is missing."),
    ],
)
def test_a_note_with_a_fault_comes_back_as_it_was_typed(teacher: Visit, fields: dict[str, str], said: str) -> None:
    at_zoe(teacher)
    page = teacher.sends(r"/courses/\d+/students/\d+/follow-ups", fields)
    for_edit = teacher.sends(r"/courses/\d+/students/\d+/follow-ups", {"words": NOTE})
    assert for_edit.status_code == 200
    teacher.goes_to(r"/follow-ups/\d+/edit")
    again = teacher.sends(r"/follow-ups/\d+[?\"]", fields)
    for one in (page, again):
        assert (one.status_code, one.headers["reflect-error"]) == (422, "form")
        assert said in one.text
        assert fields["words"] in one.text and f'value="{fields["back_on"]}"' in one.text
    assert teacher.running.count(FollowUp) == [1]


def test_nobody_else_is_shown_a_note_or_can_touch_it(teacher: Visit) -> None:
    at_zoe(teacher)
    teacher.sends(r"/courses/\d+/students/\d+/follow-ups", {"words": NOTE, "back_on": "2020-01-01"})
    address = re.search(r"/follow-ups/\d+", teacher.page.text)
    assert address
    ines, zoe = arrives(teacher.running, INES), arrives(teacher.running, ZOE)
    ines.goes_to(r"/courses/\d+/students")
    assert "Thursday" not in at_zoe(ines).page.text
    assert "Thursday" not in ines.walker.get("/courses/1/prompts").text
    assert "Thursday" in teacher.walker.get("/courses/1/prompts").text
    for walker, code in ((ines.walker, "missing"), (zoe.walker, "not_allowed")):
        assert_refused(walker.get(f"{address[0]}/edit"), code)
        assert_refused(walker.post(address[0], {"words": "mine"}), code)
        assert_refused(walker.post(f"{address[0]}/deletions", {}), code)
    home = zoe.walker.get("/courses/1/reflections").text
    assert "Thursday" not in home
    assert_refused(zoe.walker.post("/courses/1/students/1/follow-ups", {"words": "x"}), "not_allowed")
    assert_refused(teacher.walker.post("/courses/1/students/999/follow-ups", {"words": "x"}), "missing")
    assert teacher.running.count(FollowUp) == [1]


def test_the_students_download_of_their_answers_says_nothing_of_notes(teacher: Visit) -> None:
    """The note is part of what the school prints on request; the page tells the teacher so."""
    at_zoe(teacher)
    teacher.sends(r"/courses/\d+/students/\d+/follow-ups", {"words": NOTE})
    zoe = arrives(teacher.running, ZOE)
    assert "Thursday" not in zoe.walker.get("/courses/1/exports/my-reflections.json").text


def test_a_note_about_a_student_who_has_left_is_reached_from_the_list(teacher: Visit) -> None:
    def noted(db: Session) -> None:
        gone = Person(deployment_id=1, sub="gone", name="Gone Fishing", created_at=NOW)
        db.add(gone)
        db.flush()
        author = db.exec(select(Person.id).where(Person.sub == WREN)).one()
        db.add(Enrolment(person_id=key_of(gone), course_id=1, role="learner", is_active=False))
        db.add(FollowUp(course_id=1, student_id=key_of(gone), author_id=author or 0, words="Bye.", written_at=NOW,
                        changed_at=NOW))  # fmt: skip

    teacher.running.database.write_now(noted)
    teacher.page = teacher.walker.get("/courses/1/students")
    assert "Your notes about students who have left" in teacher.page.text
    page = teacher.goes_to(r"/follow-ups/\d+/edit")
    assert "Note about Gone Fishing" in page.text and "Bye." in page.text and "/students/" not in page.text
    page = teacher.sends(r"/follow-ups/\d+/deletions", {})
    assert page.status_code == 200 and "who have left" not in page.text
