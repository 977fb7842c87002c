"""Students one by one over HTTP: who sees what of one student, and what the student sees of that."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from reflect.demo.forging import alter_claims
from reflect.storage.answers import Answer
from reflect.storage.people import Enrolment, Person
from reflect.storage.students import StudentAccess
from reflect.storage.support import ONLY, Support
from reflect.storage.tables import key_of
from tests.classroom import NOW
from tests.installation import Installation
from tests.web.courses import Lesson, lesson
from tests.web.dialogs import arrives
from tests.web.launching import assert_refused

OTHER_COURSE = ("3", "3")
# A student who is not in the other course: its roster may come at any time, and then everybody on it is known there.
HANA = "10"


@pytest.fixture
def held(installation: Installation) -> Lesson:
    return lesson(installation)


def person(held: Lesson, sub: str = "6") -> int:
    def work(db: Session) -> int | None:
        return db.exec(select(Person.id).where(Person.sub == sub)).one()

    return held.installation.database.read_now(work) or 0


def page(held: Lesson, rest: str = "", sub: str = "6") -> str:
    found = held.teacher.get(held.at(held.teacher, f"/students/{person(held, sub)}{rest}"))
    assert found.status_code == 200, found.text
    return found.text


def test_a_teacher_finds_a_student_by_name_with_the_day_of_their_last_named_answer_only(held: Lesson) -> None:
    held.answer(held.ask("How was it?"), "sad")
    home = held.teacher.get(held.at(held.teacher)).text
    link = re.search(r'href="(/courses/\d+/students\?[^"]*)"', home)
    assert link
    found = held.teacher.get(link[1]).text
    assert "Zoë" in found and "last answered on" in found
    assert not re.search(r"\bsad\b", found, re.IGNORECASE)
    for words, is_there in (("zoë", True), ("nobody of that name", False)):
        text = held.teacher.get(f"{link[1]}&q={words}").text
        assert ("/students/" in text) == is_there
    assert held.installation.count(StudentAccess) == [0]


def test_a_students_page_shows_answers_notes_and_what_was_given_back(held: Lesson) -> None:
    checkin_id = held.ask("How was it?", asks_note="yes")
    address = f"/checkins/{checkin_id}/answers?{held.tab(held.student)}"
    held.student.post(address, {"choice": "curious", "note": "The bridge was high."})
    there = f"/checkins/{checkin_id}/responses/{person(held)}?{held.tab(held.teacher)}"
    held.teacher.post(there, {"mark": "heart"})
    held.teacher.post(there, {"reply": "It was!"})
    held.answer(held.ask("And now?", answer_form="faces"), "face_2")
    found = page(held)
    for words in ("How was it?", "curious", "The bridge was high.", "You are not alone", "It was!", "And now?"):
        assert words in found
    assert "Too few to tell" in found
    assert '<table class="calendar">' in found and '<svg class="trend-picture"' in found
    assert "style=" not in found


def test_the_student_is_told_who_opened_their_page_even_before_any_answer(held: Lesson) -> None:
    page(held)
    page(held)
    assert held.installation.count(StudentAccess) == [1]
    told = held.student.get(held.at(held.student, "/reflections")).text
    assert "Wren Storybook" in told and "your page, with all these answers" in told
    file = held.student.get(held.at(held.student, "/exports/my-reflections.json")).json()
    assert [(one["what"], one["reader"]) for one in file["looked_at_by"]] == [("page", "Wren Storybook")]


@pytest.mark.parametrize("rest", ["", "/talks"])
def test_nobody_but_staff_opens_a_student(held: Lesson, rest: str) -> None:
    walker = held.student
    assert_refused(walker.get(held.at(walker, f"/students/{person(held)}{rest}")), "not_allowed")
    assert_refused(walker.get(held.at(walker, "/students")), "not_allowed")
    assert held.installation.count(StudentAccess) == [0]


@pytest.mark.parametrize("rest", ["", "/talks"])
def test_staff_former_students_and_strangers_are_no_students(held: Lesson, rest: str) -> None:
    stranger = arrives(
        held.installation, "5", *OTHER_COURSE, forge=alter_claims(lambda right: right | {"sub": "traveller"})
    )
    for someone in (person(held, "3"), person(held, "traveller"), 9999):
        assert_refused(held.teacher.get(held.at(held.teacher, f"/students/{someone}{rest}")), "missing")

    def left(db: Session) -> int:
        somebody = Person(deployment_id=1, sub="gone", name="Gone Fishing", created_at=NOW)
        db.add(somebody)
        db.flush()
        db.add(Enrolment(person_id=key_of(somebody), course_id=held.course_id, role="learner", is_active=False))
        return key_of(somebody)

    former = held.installation.database.write_now(left)
    assert_refused(held.teacher.get(held.at(held.teacher, f"/students/{former}{rest}")), "missing")
    assert "Gone Fishing" not in held.teacher.get(held.at(held.teacher, "/students")).text
    assert stranger.page.status_code == 200


def test_a_teacher_of_another_course_finds_nothing(held: Lesson) -> None:
    arrives(held.installation, HANA)
    other = arrives(held.installation, "4", *OTHER_COURSE)
    own = re.search(r"/courses/(\d+)", str(other.page.url))
    assert own
    for address in (
        f"/courses/{held.course_id}/students",
        f"/courses/{held.course_id}/students/{person(held, HANA)}",
        f"/courses/{own[1]}/students/{person(held, HANA)}",
        f"/courses/{own[1]}/students/{person(held, HANA)}/talks",
    ):
        assert_refused(other.walker.get(address), "missing")
    assert held.installation.count(StudentAccess) == [0]


def test_wishes_to_talk_stand_apart_from_answers_and_only_those_for_this_adult(held: Lesson) -> None:
    for adult in ("", str(person(held, "3"))):
        fields = {"adult": adult, "message": f"About {adult or 'anything'}.", "urgency": "when_time"}
        held.student.post(held.at(held.student, "/talks"), fields)
    pip = arrives(held.installation, "5")
    assert "/talks/" not in page(held)
    assert len(re.findall(r'href="/talks/\d+', page(held, "/talks"))) == 2
    theirs = pip.walker.get(f"/courses/{held.course_id}/students/{person(held)}/talks").text
    assert len(re.findall(r'href="/talks/\d+', theirs)) == 1


def test_nothing_of_a_deleted_checkin_is_left_on_the_page(held: Lesson) -> None:
    checkin_id = held.ask("How was the one that went?")
    held.answer(checkin_id, "curious")
    held.teacher.post(f"/checkins/{checkin_id}/deletions?{held.tab(held.teacher)}", {})
    found = page(held)
    assert "How was the one that went?" not in found and "curious" not in found
    assert "no answer with a name yet" in held.teacher.get(held.at(held.teacher, "/students")).text


def test_the_page_says_how_the_last_answers_lie_beside_the_students_own_usual(held: Lesson) -> None:
    zoe = person(held)
    for number in range(9):
        held.answer(held.ask(f"Day {number}?", answer_form="faces"), "face_4" if number < 6 else "face_1")

    def spread(db: Session) -> None:
        for row in db.exec(select(Answer).where(Answer.person_id == zoe)):
            row.answered_at -= timedelta(days=30 - row.checkin_id)

    held.installation.database.write_now(spread)
    assert "much less pleasant than usual" in page(held)


def test_taking_part_anonymously_changes_no_page_about_a_student(held: Lesson) -> None:
    held.answer(held.ask("How was it?"), "curious")
    rules = {"unpleasant": "yes", "lower": "yes", "silent": "yes", "unpleasant-count": "2", "unpleasant-span": "2"}
    held.teacher.post(held.at(held.teacher, "/reminders"), rules)
    # The list of students, which a teacher's visit fetches in the background, is there before the first look.
    held.teacher.post(held.at(held.teacher, "/rosters"), {})
    hidden = held.ask("Between us?", anonymity="anonymous", answer_form="faces")

    def seen() -> list[str]:
        pages = ("/students", f"/students/{person(held)}", f"/students/{person(held)}/talks", "/prompts")
        return [held.teacher.get(held.at(held.teacher, rest)).text for rest in pages]

    before = seen()
    held.answer(hidden, "face_1")
    assert seen() == before
    held.close(hidden)
    assert seen() == before


@pytest.mark.parametrize(
    ("zone", "hour", "day"), [("America/Los_Angeles", 1, 6), ("Australia/Sydney", 20, 8), ("UTC", 20, 7)]
)
def test_the_calendars_and_the_list_tell_the_courses_days(held: Lesson, zone: str, hour: int, day: int) -> None:
    held.answer(held.ask("How was it?", answer_form="faces"), "face_2")
    moment = datetime(2026, 9, 7, hour, 0, tzinfo=UTC)

    def work(db: Session) -> None:
        db.exec(select(Answer)).one().answered_at = moment
        db.merge(Support(id=ONLY, zone=zone))

    held.installation.database.write_now(work)
    assert f"last answered on September {day}, 2026" in held.teacher.get(held.at(held.teacher, "/students")).text
    for text in (page(held), held.student.get(held.at(held.student, "/reflections")).text):
        assert re.findall(r'class="calendar-met"><span class="calendar-day">(\d+)<', text) == [str(day)]


def test_what_is_said_of_responses_and_downloads_is_what_others_are_shown(held: Lesson) -> None:
    checkin_id = held.ask("How was it?")
    held.answer(checkin_id, "curious")
    respond = held.teacher.get(f"/checkins/{checkin_id}/responses?{held.tab(held.teacher)}").text
    assert "The other teachers of the course can read it, too." in respond
    held.teacher.post(f"/checkins/{checkin_id}/responses/{person(held)}?{held.tab(held.teacher)}", {"reply": "It was!"})
    colleague = arrives(held.installation, "4").walker
    assert "It was!" in colleague.get(f"/courses/{held.course_id}/students/{person(held)}").text
    assert "that you opened their answers" in held.teacher.get(held.at(held.teacher)).text
    colleague.get(f"/courses/{held.course_id}/exports/answers.csv")
    told = held.student.get(held.at(held.student, "/reflections")).text.partition('id="opened-title"')[2]
    readers = re.findall(r"<td><bdi>([^<]*)</bdi></td><td><bdi>How was it\?", told)
    assert len(readers) == 2 and len(set(readers)) == 2, told
