"""Rosters over HTTP (row G41): all pages or no change, whatever the platform does; and what teachers see of them."""

import asyncio
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from reflect.demo.people import role_uri
from reflect.domain import rosters
from reflect.storage.people import Enrolment, Person, learners, staff_of
from reflect.storage.services import CourseService
from reflect.web.rosters import refresh
from tests.installation import Installation
from tests.web.dialogs import (
    STUDENTS,
    TEACHER,
    Visit,
    arrives,
    changed_person,
    delivered,
    house_of,
    newest_activity,
    opens_dialog,
    picks,
    stored,
    until,
)

NEITHER_COME_NOR_GO = ("401", "403", "404", "429", "500", "500 on page 2", "malformed link", "link elsewhere",
                       "truncated", "half", "redirecting", "50 MB", "html")  # fmt: skip
CODES = {"401": "unauthorized", "403": "forbidden", "404": "not_found", "429": "busy", "500": "platform_failed",
         "500 on page 2": "platform_failed", "malformed link": "link_malformed", "link elsewhere": "link_elsewhere",
         "truncated": "unreachable", "half": "answer_malformed", "redirecting": "redirected", "50 MB": "too_large",
         "html": "answer_malformed", "slow": "timeout"}  # fmt: skip


def service_of(db: Session) -> CourseService | None:
    return db.exec(select(CourseService)).first()


def fetched(running: Installation) -> CourseService | None:
    """What is known of the course's services, once its roster was fetched."""
    service = stored(running, service_of)
    return service if service and service.roster_fetched_at else None


def teacher_with_roster(running: Installation) -> Visit:
    """A teacher in the course, after the roster came by itself."""
    visit = arrives(running, TEACHER)
    until(lambda: fetched(running))
    return visit


def roles(running: Installation) -> dict[str, tuple[str, bool]]:
    """Role and whether active, by sub."""

    def look(db: Session) -> dict[str, tuple[str, bool]]:
        rows = db.exec(select(Person, Enrolment).where(col(Enrolment.person_id) == col(Person.id)))
        return {person.sub: (enrolment.role, enrolment.is_active) for person, enrolment in rows}

    return stored(running, look)


def fetch(running: Installation, **later: float) -> None:
    """Fetch the roster as on a teacher's visit, by another worker with a clock ahead."""
    asyncio.run(refresh(house_of(running, **later), 1))


def asks_for_it(visit: Visit) -> str:
    """Press the button that fetches the roster now; the page after it."""
    return visit.sends(r"/courses/\d+/rosters", {}).text


def test_a_teachers_visit_brings_the_whole_class_over_several_pages(installation: Installation) -> None:
    teacher_with_roster(installation)
    assert installation.platform.requests["memberships"] == 3, "twelve people, five on a page"
    found = roles(installation)
    assert {sub for sub, (role, active) in found.items() if role == "learner" and active} >= set(STUDENTS)
    assert len(found) == 12


def test_a_teacher_whose_activity_is_one_check_in_brings_the_class_over_too(installation: Installation) -> None:
    dialog = opens_dialog(installation)
    delivered(picks(dialog, dialog.asks("How was the bridge?")))
    assert installation.platform.requests["memberships"] == 0
    teacher = arrives(installation, TEACHER, activity=newest_activity(installation).id)
    assert teacher.page.url.path.startswith("/checkins/")
    until(lambda: fetched(installation))
    assert {sub for sub, (role, _) in roles(installation).items() if role == "learner"} >= set(STUDENTS)


def test_a_students_visit_fetches_nothing(installation: Installation) -> None:
    arrives(installation, STUDENTS[0])
    assert installation.platform.requests["memberships"] == 0


def test_eighteen_of_twenty_five(installation: Installation) -> None:
    teacher = teacher_with_roster(installation)
    teacher.asks("How was the boat?")
    for sub in STUDENTS[:3]:
        student = arrives(installation, sub)
        student.goes_to(r"/checkins/\d+")
        student.sends(r"/checkins/\d+/answers", {"choice": "calm"})
    page = arrives(installation, TEACHER).page.text
    # Pip assists, but so far only the roster has told of Pip, and it says Learner.
    assert "3 of 9 have answered" in page
    assert "9 students" in page


def test_who_has_not_answered_a_named_check_in_is_said_to_staff(installation: Installation) -> None:
    teacher = teacher_with_roster(installation)
    teacher.asks("How was the boat?")
    results = str(teacher.page.url)
    student = arrives(installation, "6")
    student.goes_to(r"/checkins/\d+")
    assert "have not answered" not in student.page.text
    student.sends(r"/checkins/\d+/answers", {"choice": "calm"})
    page = teacher.walker.get(results).text
    awaited = page.partition('<details class="awaited">')[2].partition("</details>")[0]
    assert "8 students have not answered" in awaited
    assert "قمر الحكاية" in awaited and "Zoë Märchenwald" not in awaited and "Wren Storybook" not in awaited


def test_who_has_not_answered_an_anonymous_check_in_is_not_said(installation: Installation) -> None:
    teacher = teacher_with_roster(installation)
    teacher.asks("How was the storm?", anonymity="anonymous")
    assert "awaited" not in teacher.page.text and "قمر" not in teacher.page.text


def test_the_receipt_names_staff_that_only_the_roster_has_told_of(installation: Installation) -> None:
    teacher = teacher_with_roster(installation)
    teacher.asks("How was the boat?")
    student = arrives(installation, "6")
    question = student.goes_to(r"/checkins/\d+").text
    assert "Wren Storybook" in question and "Inés Cuento Ñandú" in question


def test_staff_stays_staff_though_the_roster_says_learner(installation: Installation) -> None:
    arrives(installation, "5")
    until(lambda: fetched(installation))
    assert roles(installation)["5"] == ("assistant", True)
    names = stored(installation, lambda db: [row.name for row in staff_of(db, 1)])
    assert "Pip Teatime" in names
    assert stored(installation, lambda db: learners(db, 1)) == len(STUDENTS)


def test_staff_that_never_came_is_what_the_roster_says(installation: Installation) -> None:
    teacher_with_roster(installation)
    assert roles(installation)["4"] == ("teacher", True)
    changed_person(installation, "4", roles={"2": (role_uri("Learner"),)})
    fetch(installation, minutes=16)
    assert roles(installation)["4"] == ("learner", True)


def test_an_administrator_who_is_in_no_roster_goes_on_teaching(installation: Installation) -> None:
    installation.platform.faults["memberships"] = "500"
    arrives(installation, TEACHER)
    until(lambda: stored(installation, lambda db: _with_fault(service_of(db))))
    installation.platform.faults.clear()
    changed_person(installation, TEACHER, roles={})
    for minutes in (16, 40):
        fetch(installation, minutes=minutes)
        assert roles(installation)[TEACHER] == ("teacher", True)


def test_staff_who_left_are_named_to_students_no_more_and_see_nothing_more(installation: Installation) -> None:
    teacher = teacher_with_roster(installation)
    teacher.asks("How was the boat?")
    student = arrives(installation, "6")
    receipt = student.goes_to(r"/checkins/\d+")
    assert "Wren Storybook" in receipt.text and "Inés Cuento Ñandú" in receipt.text
    for sub in (TEACHER, "4"):
        changed_person(installation, sub, roles={})
    fetch(installation, minutes=16)
    assert {sub: roles(installation)[sub] for sub in (TEACHER, "4")} == dict.fromkeys(
        (TEACHER, "4"), ("teacher", False)
    )
    for page in (str(receipt.url), "/courses/1/talks?" + receipt.url.query.decode()):
        seen = student.walker.get(page).text
        assert "How was the boat?" in seen or "To whom?" in seen
        assert "Wren Storybook" not in seen and "Inés Cuento Ñandú" not in seen
    assert teacher.walker.get(str(teacher.page.url)).headers["reflect-error"] == "session_missing"


def test_who_left_is_inactive_and_never_deleted(installation: Installation) -> None:
    teacher_with_roster(installation)
    changed_person(installation, "7", roles={"3": (role_uri("Learner"),)})
    fetch(installation, minutes=16)
    assert roles(installation)["7"] == ("learner", False)
    changed_person(installation, "7", roles={"2": (role_uri("Learner"),)})
    fetch(installation, minutes=40)
    assert roles(installation)["7"] == ("learner", True)


def test_who_is_suspended_is_listed_as_inactive_and_not_expected(installation: Installation) -> None:
    changed_person(installation, "7", suspended_in=("2",))
    teacher_with_roster(installation)
    assert roles(installation)["7"] == ("learner", False)
    assert stored(installation, lambda db: learners(db, 1)) == 8


def test_names_come_escaped_for_html_and_are_shown_as_they_are(installation: Installation) -> None:
    changed_person(installation, "7", name="Åsa Öberg & <Co>")
    teacher = teacher_with_roster(installation)
    teacher.asks("How was the boat?")
    page = teacher.walker.get(str(teacher.page.url)).text
    assert "<bdi>Åsa Öberg &amp; &lt;Co&gt;</bdi>" in page
    assert "&amp;amp;" not in page


def test_a_person_without_a_name_keeps_the_one_we_know(installation: Installation) -> None:
    arrives(installation, "7")
    changed_person(installation, "7", name="", given_name="", family_name="")
    teacher_with_roster(installation)
    name = stored(installation, lambda db: db.exec(select(Person.name).where(Person.sub == "7")).first())
    assert name == "قمر الحكاية"


@pytest.mark.parametrize("fault", NEITHER_COME_NOR_GO)
def test_all_pages_or_no_change(installation: Installation, fault: str) -> None:
    teacher = teacher_with_roster(installation)
    before, at = roles(installation), fetched(installation)
    everyone = installation.platform.school.people
    installation.platform.school = replace(installation.platform.school, people=everyone[:8])
    installation.platform.faults["memberships"] = fault
    page = asks_for_it(teacher)
    assert "could not be fetched" in page
    assert roles(installation) == before
    after = fetched(installation)
    assert at and after and after.roster_fetched_at == at.roster_fetched_at
    assert after.roster_fault == CODES[fault]
    assert installation.platform.requests["/jwks/bait"] == 0, "no redirect is followed"
    installation.platform.faults.clear()
    assert "could not be fetched" not in asks_for_it(teacher)
    assert sum(active for _, active in roles(installation).values()) == 8


def test_a_slow_platform_costs_nobody_the_page(installation: Installation, backend: str) -> None:
    if backend != "sqlite":
        pytest.skip("ten seconds are enough once")
    installation.platform.faults["memberships"] = "slow"
    assert arrives(installation, TEACHER).page.status_code == 200
    service = until(lambda: stored(installation, lambda db: _with_fault(service_of(db))))
    assert service.roster_fault == CODES["slow"]


def _with_fault(service: CourseService | None) -> CourseService | None:
    return service if service and service.roster_fault else None


@pytest.mark.parametrize("fault", ["401", "403", "500", "html", "half", "redirecting"])
def test_without_a_token_nothing_changes(installation: Installation, fault: str) -> None:
    installation.platform.faults["token"] = fault
    arrives(installation, TEACHER)
    until(lambda: stored(installation, lambda db: _with_fault(service_of(db))))
    assert installation.platform.requests["memberships"] == 0
    assert roles(installation) == {TEACHER: ("teacher", True)}


def test_it_is_fetched_again_only_after_a_quarter_of_an_hour(installation: Installation) -> None:
    teacher_with_roster(installation)
    count = installation.platform.requests["memberships"]
    for minutes in (0, 14):
        arrives(installation, TEACHER)
        fetch(installation, minutes=minutes)
    assert installation.platform.requests["memberships"] == count
    fetch(installation, minutes=16)
    assert installation.platform.requests["memberships"] == 2 * count


def test_it_is_fetched_at_once_where_a_teacher_asks(installation: Installation) -> None:
    teacher = teacher_with_roster(installation)
    count = installation.platform.requests["memberships"]
    asks_for_it(teacher)
    assert installation.platform.requests["memberships"] == 2 * count


def test_after_a_fault_the_platform_is_left_in_peace_for_a_while(installation: Installation) -> None:
    installation.platform.faults["memberships"] = "500"
    arrives(installation, TEACHER)
    until(lambda: stored(installation, lambda db: _with_fault(service_of(db))))
    fetch(installation, minutes=1)
    assert installation.platform.requests["memberships"] == 1
    fetch(installation, seconds=rosters.RETRY.total_seconds() + 5)
    assert installation.platform.requests["memberships"] == 2


def test_many_workers_fetch_once(installation: Installation) -> None:
    teacher_with_roster(installation)
    count = installation.platform.requests["memberships"]
    houses = [house_of(installation, seconds=timedelta(minutes=16).total_seconds()) for _ in range(4)]

    async def together() -> None:
        await asyncio.gather(*(refresh(house, 1) for house in houses))

    asyncio.run(together())
    assert installation.platform.requests["memberships"] == 2 * count


def test_a_student_cannot_ask_for_the_roster(installation: Installation) -> None:
    student = arrives(installation, STUDENTS[0])
    query = student.page.url.query.decode()
    answer = student.walker.post(f"/courses/1/rosters?{query}", {})
    assert answer.headers["reflect-error"] == "not_allowed"
    assert "rosters" not in student.page.text
    assert installation.platform.requests["memberships"] == 0


def test_a_stale_token_is_replaced_once(installation: Installation) -> None:
    """A platform that has forgotten its tokens says 401 to a good one; the next is asked for at once."""
    teacher = teacher_with_roster(installation)
    tokens = installation.platform.requests["token"]
    installation.platform.faults["memberships"] = "401"
    asks_for_it(teacher)
    assert installation.platform.requests["token"] == tokens + 1
    assert re.search("could not be fetched", teacher.page.text)
