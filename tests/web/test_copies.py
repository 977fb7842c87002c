"""Copied courses over HTTP (row G39): what the original had is offered to a teacher, and nothing is shared silently."""

import asyncio
import re
from dataclasses import replace

from sqlmodel import Session, select

from reflect.demo.claims import LTI
from reflect.demo.forging import alter_claims
from reflect.demo.people import Course, role_uri
from reflect.storage.answers import Answer
from reflect.storage.checkins import Checkin
from reflect.storage.services import LineItem
from reflect.web.gradebooks import deliver
from tests.installation import Installation
from tests.web.dialogs import (
    STUDENT,
    TEACHER,
    Visit,
    arrives,
    delivered,
    house_of,
    newest_activity,
    opens_dialog,
    picks,
    stored,
    until,
)
from tests.web.launching import assert_refused

OFFER = "Bring over the check-ins of the earlier course?"


def copied(running: Installation, course: str = "2") -> Course:
    """Let the teacher copy a course on the campus."""
    client = running.walker().client
    answer = client.post(f"{running.platform.base_url}/courses/{course}/copies?as={TEACHER}")
    assert answer.status_code == 303
    return running.platform.school.courses[-1]


def linked(running: Installation, question: str = "How was the bridge?", **fields: str) -> int:
    """A check-in with an activity of its own in the course."""
    dialog = opens_dialog(running)
    checkin = dialog.asks(question, **fields)
    delivered(picks(dialog, checkin, gives_mark="yes"))
    return checkin


def into(running: Installation, person: str, course: Course, place: int = 0) -> Visit:
    return arrives(running, person, course.id, course.activities[place].id)


def says(visit: Visit, answer: str) -> Visit:
    visit.sends(r"/courses/\d+/copies", {"answer": answer})
    return visit


def checkins_of(running: Installation) -> list[Checkin]:
    return stored(running, lambda db: list(db.exec(select(Checkin).order_by(Checkin.id)).all()))  # type: ignore[arg-type]


def test_a_copy_starts_empty_and_offers_what_the_original_had(installation: Installation) -> None:
    checkin = linked(installation)
    student = arrives(installation, STUDENT, activity=newest_activity(installation).id)
    student.sends(r"/checkins/\d+/answers", {"choice": "calm"})
    copy = copied(installation)
    teacher = into(installation, TEACHER, copy)
    assert OFFER in teacher.page.text and "has 1 check-in." in teacher.page.text
    assert "How was the bridge?" not in teacher.page.text
    assert_refused(teacher.walker.get(f"/checkins/{checkin}?{teacher.page.url.query.decode()}"), "missing")


def test_a_yes_brings_the_questions_over_without_answers_and_not_yet_open(installation: Installation) -> None:
    linked(installation, "First?")
    second = linked(installation, "Second?", anonymity="anonymous", shared_with_class="yes", answer_form="words_full")
    student = arrives(installation, STUDENT, activity=newest_activity(installation).id)
    student.sends(r"/checkins/\d+/answers", {"choice": "calm"})
    teacher = says(into(installation, TEACHER, copied(installation)), "yes")
    assert OFFER not in teacher.page.text
    assert teacher.page.text.count("Not open yet") == 2
    new = checkins_of(installation)[-1]
    assert (new.question, new.is_anonymous, new.shared_with_class, new.form) == ("Second?", True, True, "words_full")
    assert (new.copied_from_id, new.opened_at, new.closed_at, new.gives_mark) == (second, None, None, True)
    teacher.goes_to(rf"/checkins/{new.id}")
    assert '<strong class="results-number">0</strong>' in teacher.page.text
    assert installation.count(Answer) == [0], "the only answer was anonymous and stays where it was"


def test_a_no_is_remembered(installation: Installation) -> None:
    linked(installation)
    copy = copied(installation)
    teacher = says(into(installation, TEACHER, copy), "no")
    assert OFFER not in teacher.page.text
    assert OFFER not in into(installation, "4", copy).page.text
    assert len(checkins_of(installation)) == 1


def test_a_yes_works_once(installation: Installation) -> None:
    linked(installation)
    copy = copied(installation)
    first, second = into(installation, TEACHER, copy), into(installation, "4", copy)
    says(first, "yes")
    assert_refused(says(second, "yes").page, "missing")
    assert len(checkins_of(installation)) == 2


def test_a_student_is_offered_nothing_and_may_answer_nothing(installation: Installation) -> None:
    linked(installation)
    student = into(installation, STUDENT, copied(installation))
    assert OFFER not in student.page.text
    course, query = re.search(r"/courses/\d+", str(student.page.url)), student.page.url.query.decode()
    assert course
    for answer in ("yes", "no"):
        assert_refused(student.walker.post(f"{course[0]}/copies?{query}", {"answer": answer}), "not_allowed")
    assert len(checkins_of(installation)) == 1


def test_before_a_yes_the_copied_activity_opens_the_course(installation: Installation) -> None:
    linked(installation)
    copy = copied(installation)
    for person in (TEACHER, STUDENT):
        visit = into(installation, person, copy, -1)
        assert visit.page.url.path.startswith("/courses/")
        assert "How was the bridge?" not in visit.page.text


def test_after_a_yes_the_copied_activity_opens_the_copy(installation: Installation) -> None:
    original = linked(installation)
    copy = copied(installation)
    says(into(installation, TEACHER, copy), "yes")
    new = checkins_of(installation)[-1].id
    assert into(installation, TEACHER, copy, -1).page.url.path == f"/checkins/{new}"
    waiting = into(installation, STUDENT, copy, -1)
    assert (waiting.page.status_code, waiting.page.url.path.startswith("/courses/")) == (200, True)
    teacher = into(installation, TEACHER, copy, -1)
    teacher.sends(r"/checkins/\d+/openings", {})
    student = into(installation, STUDENT, copy, -1)
    assert student.page.url.path == f"/checkins/{new}"
    student.sends(r"/checkins/\d+/answers", {"choice": "calm"})
    answered = stored(installation, lambda db: [row.checkin_id for row in db.exec(select(Answer)).all()])
    assert answered == [new] and new != original


def test_marks_of_a_copy_go_to_the_copy_of_the_column(installation: Installation) -> None:
    linked(installation)
    copy = copied(installation)
    says(into(installation, TEACHER, copy), "yes")
    into(installation, TEACHER, copy, -1).sends(r"/checkins/\d+/openings", {})
    into(installation, STUDENT, copy, -1).sends(r"/checkins/\d+/answers", {"choice": "calm"})
    asyncio.run(deliver(house_of(installation)))
    ((column, score),) = until(lambda: list(installation.platform.gradebook.received))
    assert score.user_id == STUDENT
    assert installation.platform.gradebook.columns[column].course == copy.id
    assert column == installation.platform.school.course(copy.id).activities[-1].line_item
    found = stored(installation, lambda db: [row for row in db.exec(select(LineItem)) if row.url])
    assert len(found) == 1


def test_a_copy_of_a_copy_follows_the_links_of_the_first(installation: Installation) -> None:
    linked(installation)
    copy = copied(installation)
    says(into(installation, TEACHER, copy), "yes")
    again = copied(installation, copy.id)
    assert again.history == (copy.id, "2")
    says(into(installation, TEACHER, again), "yes")
    newest = checkins_of(installation)[-1]
    assert into(installation, TEACHER, again, -1).page.url.path == f"/checkins/{newest.id}"


def test_an_original_without_check_ins_is_no_offer_and_the_one_before_is(installation: Installation) -> None:
    linked(installation)
    copy = copied(installation)
    into(installation, TEACHER, copy)
    again = copied(installation, copy.id)
    teacher = into(installation, TEACHER, again)
    assert OFFER in teacher.page.text and "Class 7B: homeroom”" in teacher.page.text


def test_a_course_of_another_platform_with_the_same_number_is_not_the_original(installation: Installation) -> None:
    """The history names ids, and small numbers are everywhere."""
    linked(installation)
    copy = copied(installation)
    installation.database.write_now(_move_to_another_deployment)
    assert OFFER not in into(installation, TEACHER, copy).page.text


def imported(running: Installation) -> Course:
    """The same activities in a course of which the platform does not say where they come from (Moodle's Import)."""
    course = replace(copied(running), history=())
    school = running.platform.school
    running.platform.school = replace(school, courses=(*school.courses[:-1], course))
    return course


def test_activities_that_were_imported_lead_staff_of_both_courses_to_the_offer(installation: Installation) -> None:
    linked(installation)
    course = imported(installation)
    assert OFFER not in into(installation, STUDENT, course, -1).page.text
    teacher = into(installation, TEACHER, course, -1)
    assert OFFER in teacher.page.text and "Class 7B: homeroom”" in teacher.page.text
    says(teacher, "yes")
    new = checkins_of(installation)[-1].id
    assert into(installation, TEACHER, course, -1).page.url.path == f"/checkins/{new}"


def test_an_activity_that_names_a_check_in_of_others_offers_nothing(installation: Installation) -> None:
    """Custom values can be typed by hand, so they are no proof."""
    linked(installation)
    arrives(installation, STUDENT)
    course = imported(installation)
    as_teacher = alter_claims(lambda right: right | {LTI + "roles": [role_uri("Instructor")]})
    visit = arrives(installation, STUDENT, course.id, course.activities[-1].id, as_teacher)
    assert "New check-in" in visit.page.text and OFFER not in visit.page.text


def _move_to_another_deployment(db: Session) -> None:
    from reflect.storage.courses import Course as Stored
    from reflect.storage.registrations import Deployment

    first = db.get_one(Deployment, 1)
    other = Deployment(registration_id=1, deployment_id="2", first_seen_at=first.first_seen_at)
    db.add(other)
    db.flush()
    assert other.id is not None
    for course in db.exec(select(Stored)).all():
        course.deployment_id = other.id
