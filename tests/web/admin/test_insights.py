"""The leader view over HTTP: who gets in, what is on the pages, and what is not."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from reflect.domain import admins, terms
from reflect.domain.admins import Appointment
from reflect.domain.terms import Named
from reflect.storage.admins import AuditEntry, Role
from reflect.storage.courses import Course
from reflect.storage.talks import Talk
from reflect.web.admin import addresses as portal_addresses
from tests.classroom import NOW
from tests.domain.school import School, school
from tests.domain.test_weeks import MIXED, answered
from tests.installation import Installation
from tests.web.admin.portal import KEYRING, Portal, assert_says, fields_in, signed_in

LEADER = Appointment(Role.LEADER)


def leading(running: Installation, email: str, appointment: Appointment = LEADER) -> Portal:
    """A leader who has just signed in."""
    made = running.database.write_now(lambda db: admins.invite(db, email, "reflect", datetime.now(UTC), appointment))
    walker = running.walker()
    opened = walker.get(portal_addresses.sign_in(running.base_url, KEYRING, made))
    led = walker.post("/admin/sessions", fields_in(opened))
    assert walker.get(led.headers["location"]).headers["location"] == "/admin/insights"
    return Portal(running, walker, email)


def taught(running: Installation, sizes: tuple[int, ...] = (6, 4), title: str = "") -> School:
    """A school whose courses have answered in the week of NOW, which was published."""
    found = school(running.database, sizes)
    for number, room in enumerate(found.rooms):
        answered(room)
        if title:
            rename(found, number, f"{title} {number}")
    assert found.publish(k=5) >= 1
    return found


def rename(found: School, number: int, title: str) -> None:
    def work(db: Session) -> None:
        db.get_one(Course, found.rooms[number].course_id).title = title

    found.database.write_now(work)


@pytest.mark.parametrize("path", ["/admin/insights", "/admin/insights/courses", "/admin/insights/courses/1"])
def test_nobody_reads_without_signing_in(shared: Installation, path: str) -> None:
    assert_says(shared.walker().get(path), "admin_session_missing", 401)


def test_a_leader_signs_out(shared: Installation) -> None:
    portal = leading(shared, "owl@fablehill.example")
    page = portal.get("/admin/insights")
    assert "Registrations" not in page.text and "Administrators" not in page.text
    portal.post("/admin/sessions/end")
    assert_says(portal.walker.get("/admin/insights"), "admin_session_missing", 401)


def test_totals_are_shown_and_a_course_below_the_threshold_is_nowhere(installation: Installation) -> None:
    found = taught(installation, (6, 4), "Pottery")
    portal = leading(installation, "owl@fablehill.example")
    words = portal.words("/admin/insights")
    assert "Sep 7, 2026 1 100% 50% 0% 50% 0%" in words
    listed = portal.words("/admin/insights/courses")
    assert "Pottery 0" in listed and "in 1 week, 6 of 6 students took part" in listed
    assert "Pottery 1" not in listed and "%" not in listed
    shown, hidden = (room.course_id for room in found.rooms)
    page = portal.words(f"/admin/insights/courses/{shown}")
    assert "Pottery 0" in page and "50% 0% 50% 0% too few weeks to tell" in page
    assert_says(portal.walker.get(f"/admin/insights/courses/{hidden}"), "missing", 404)
    assert_says(portal.walker.get("/admin/insights/courses/999999"), "missing", 404)
    for text in (words, listed, page):
        assert "Person" not in text and "What is on your mind?" not in text


def test_an_administrator_reads_too(installation: Installation) -> None:
    taught(installation)
    portal = signed_in(installation)
    assert "Sep 7, 2026" in portal.words("/admin/insights")
    assert portal.log()[0] == ("insights_opened", "")


def test_an_opening_is_written_down_once_an_hour(installation: Installation) -> None:
    portal = leading(installation, "owl@fablehill.example")
    for path in ("/admin/insights", "/admin/insights/courses", "/admin/insights"):
        portal.get(path)
    assert [action for action, _ in portal.log()] == ["insights_opened", "admin_signed_in"]

    def an_hour_passes(db: Session) -> None:
        for entry in db.exec(select(AuditEntry)):
            entry.at -= timedelta(hours=1)

    installation.database.write_now(an_hour_passes)
    portal.get("/admin/insights/courses")
    assert [action for action, _ in portal.log()].count("insights_opened") == 2


def test_a_leader_of_one_registration_reads_of_no_other(installation: Installation) -> None:
    one, other = taught(installation, title="Pottery"), taught(installation, title="Weaving")
    limited = Appointment(Role.LEADER, one.registration_id())
    portal = leading(installation, "owl@fablehill.example", limited)
    assert "Weaving" not in portal.words("/admin/insights/courses")
    assert "Pottery" in portal.words("/admin/insights/courses")
    assert "Sep 7, 2026 1 " in portal.words("/admin/insights")
    assert_says(portal.walker.get(f"/admin/insights/courses/{other.rooms[0].course_id}"), "missing", 404)
    assert "Sep 7, 2026 2 " in leading(installation, "lynx@fablehill.example").words("/admin/insights")


def test_courses_are_found_by_name_and_never_put_in_order_by_a_value(installation: Installation) -> None:
    taught(installation, (5, 7, 6), "Weaving")
    taught(installation, (6,), "baking <b>")
    portal = leading(installation, "owl@fablehill.example")
    names = re.findall(r"<h2><a[^>]*><bdi>([^<]*)</bdi>", portal.get("/admin/insights/courses").text)
    assert names == ["baking &lt;b&gt; 0", "Weaving 0", "Weaving 1", "Weaving 2"]
    found = portal.words("/admin/insights/courses?search=BAK&page=1")
    assert "baking <b> 0" in found and "Weaving" not in found
    assert "No course of this name" in portal.words("/admin/insights/courses?search=%25")
    assert "No course of this name" in portal.words("/admin/insights/courses?search=Course")


@pytest.mark.parametrize("query", ["page=0", "page=x", "page=99999999999999999999", "page=-1"])
def test_a_page_that_there_is_not_breaks_nothing(shared: Installation, query: str) -> None:
    leading(shared, "owl@fablehill.example").get(f"/admin/insights/courses?{query}")


@pytest.mark.parametrize("term", ["0", "x", "999999", "9999999999999"])
def test_a_term_that_there_is_not_is_missing(shared: Installation, term: str) -> None:
    portal = leading(shared, "owl@fablehill.example")
    assert_says(portal.walker.get(f"/admin/insights?term={term}"), "missing", 404)


def test_a_term_has_the_weeks_whose_monday_lies_in_it(installation: Installation) -> None:
    taught(installation)
    day = NOW.date()
    for name, begins_on, ends_on in (("Autumn", day, day), ("Winter", day + timedelta(1), day + timedelta(90))):
        term = Named(name, begins_on, ends_on)
        installation.database.write_now(lambda db, term=term: terms.add(db, term, "reflect", NOW))
    portal = leading(installation, "owl@fablehill.example")
    page = portal.get("/admin/insights").text
    autumn, winter = (
        re.search(rf'href="(/admin/insights\?term=\d+)"[^>]*><bdi>{name}', page) for name in ("Autumn", "Winter")
    )
    assert autumn and winter
    assert "Sep 7, 2026 1 100%" in portal.words(autumn[1])
    assert "Nothing is published of this time." in portal.words(winter[1])
    assert "Autumn 1 100% 50% 0% 50% 0%" in portal.words("/admin/insights")


def test_a_course_is_held_against_its_own_usual_only(installation: Installation) -> None:
    found = school(installation.database, [6])
    room = found.rooms[0]
    for number in range(5):
        now = NOW + timedelta(weeks=number)
        checkin_id = room.open("named", now=now)
        for student, choice in zip(room.students, MIXED, strict=False):
            room.answer(student, checkin_id, choice if number < 4 else "sad", now=now)
    found.publish(now=NOW + timedelta(weeks=9))
    words = leading(installation, "owl@fablehill.example").words(f"/admin/insights/courses/{room.course_id}")
    assert "Oct 5, 2026 100% 0% 0% 67% 33% less pleasant than usual here" in words
    assert words.count("too few weeks to tell") == 4


def test_requests_to_talk_are_told_as_a_process_and_only_of_enough_students(installation: Installation) -> None:
    found = taught(installation)
    room = found.rooms[0]

    def ask(db: Session) -> None:
        for number, student in enumerate(room.students[:5]):
            seen_at = NOW + timedelta(hours=3 + number)
            db.add(
                Talk(
                    course_id=room.course_id,
                    student_id=student.person_id,
                    for_anyone=True,
                    is_for_today=False,
                    message="secret",
                    sent_at=NOW,
                    seen_at=seen_at,
                    closed_at=seen_at if number < 2 else None,
                )
            )

    portal = leading(installation, "owl@fablehill.example")
    assert "Too few to tell in this time." in portal.words("/admin/insights")
    installation.database.write_now(ask)
    found.publish(k=5)
    words = portal.words("/admin/insights")
    assert "Sep 7 – 13, 2026 5 5 0 2" in words.replace("\u2009", " ")
    assert "secret" not in words
