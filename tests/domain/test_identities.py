from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import Session, col, select

from reflect.domain import identities, persons, rosters, sessions
from reflect.domain.identities import LASTS, VOUCHED_FOR, Institution, SignInMissing
from reflect.domain.membership import Arrival, Welcome, arrive
from reflect.domain.refusals import Missing, Refused
from reflect.domain.rosters import Listed
from reflect.storage.courses import Course
from reflect.storage.database import Database
from reflect.storage.identities import Identity
from reflect.storage.people import Enrolment, Person
from reflect.storage.registrations import Deployment, Registration
from reflect.storage.services import CourseService
from reflect.storage.sessions import LaunchSession, UsedState
from tests.classroom import NOW, a_deployment

SCHOOL = Institution.of("https://id.example", b"k" * 32)
DAY = timedelta(days=1)


class School:
    """A deployment whose people must sign in."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.deployment_id = database.write_now(a_deployment)

    def comes(
        self, sub: str | None, now: datetime = NOW, institution: Institution | None = SCHOOL, **said: Any
    ) -> Welcome:
        """Launch; the session that it began."""
        number = len(self.database.read_now(lambda db: db.exec(select(UsedState)).all()))
        arrival = Arrival(
            state_id=f"state {number}",
            state_expires_at=now + DAY,
            deployment_id=self.deployment_id,
            sub=sub,
            name=f"Person {sub}",
            role="learner",
            is_test_user=False,
            locale="de",
            frame_ancestors="https://campus.example",
            context_id="2",
            course_title="Biology",
            course_label="BIO",
            link_id=None,
            link_title="",
        )
        return self.database.write_now(lambda db: arrive(db, replace(arrival, **said), now, institution))

    def waits(self, welcome: Welcome, now: datetime = NOW) -> bool:
        """Whether the session opens nothing yet."""
        viewer = self.database.read_now(lambda db: sessions.resume(db, welcome.token, now))
        assert viewer
        return viewer.awaits_sign_in

    def signs_in(self, welcome: Welcome, account: str, now: datetime = NOW, institution: Institution = SCHOOL) -> None:
        """Come back from the provider."""
        token_hash = sessions.fingerprint(welcome.token)
        self.database.write_now(lambda db: identities.link(db, token_hash, institution, account, now))

    def links(self) -> list[Identity]:
        return self.database.read_now(lambda db: list(db.exec(select(Identity)).all()))

    def courses(self, account: str, now: datetime = NOW) -> list[tuple[str, str]]:
        """What a sign-in outside opens: titles and roles."""
        mark = SCHOOL.mark(account)
        found = self.database.read_now(lambda db: identities.courses(db, mark, now.date()))
        return [(row.title, row.role) for row in found]

    def write(self, job: Any) -> Any:
        return self.database.write_now(job)


@pytest.fixture
def school(database: Database) -> School:
    return School(database)


def test_a_first_launch_waits_and_later_ones_do_not(school: School) -> None:
    first, second = school.comes("6"), school.comes("6")
    assert school.waits(first) and school.waits(second)
    school.signs_in(first, "maya")
    assert not school.waits(first) and not school.waits(second)
    assert not school.waits(school.comes("6"))


def test_where_it_is_not_required_nobody_waits_and_nothing_is_written_down(school: School) -> None:
    assert not school.waits(school.comes("6", institution=None))
    assert school.database.read_now(lambda db: db.exec(select(Enrolment.vouched_on)).all()) == [None]


def test_a_session_that_waits_opens_nothing_and_no_window_beside_it(school: School) -> None:
    welcome = school.comes("6")
    viewer = school.database.read_now(lambda db: sessions.resume(db, welcome.token, NOW))
    assert viewer
    with pytest.raises(SignInMissing):
        identities.admitted(viewer)
    with pytest.raises(Refused, match="session_missing"):
        school.write(lambda db: sessions.begin_beside(db, viewer.token_hash, NOW))


def test_a_link_holds_for_half_a_year_and_then_the_same_account_is_asked_for(school: School) -> None:
    school.signs_in(school.comes("6"), "maya")
    assert not school.waits(school.comes("6", NOW + LASTS - DAY), NOW + LASTS - DAY)
    later = NOW + LASTS
    again = school.comes("6", later)
    assert school.waits(again, later)
    with pytest.raises(Refused, match="identity_differs"):
        school.signs_in(again, "mallory", later)
    assert school.waits(again, later)
    school.signs_in(again, "maya", later)
    assert not school.waits(again, later)
    assert [link.confirmed_on for link in school.links()] == [later.date()]


def test_one_account_is_one_person_of_a_deployment(school: School) -> None:
    school.signs_in(school.comes("6"), "maya")
    other = school.comes("7")
    with pytest.raises(Refused, match="identity_taken") as refusal:
        school.signs_in(other, "maya")
    assert set(refusal.value.facts) == {"person", "holder"}
    assert school.waits(other)
    assert len(school.links()) == 1


def test_in_another_deployment_the_same_account_may_be_somebody_again(school: School, database: Database) -> None:
    school.signs_in(school.comes("6"), "maya")
    other = School(database)
    other.signs_in(other.comes("6", course_title="Chemistry"), "maya")
    assert len(school.links()) == 2
    assert [title for title, _ in school.courses("maya")] == ["Biology", "Chemistry"]


def test_under_another_issuer_or_secret_people_link_anew(school: School) -> None:
    school.signs_in(school.comes("6"), "maya")
    for number, changed in enumerate(
        (Institution.of("https://new.example", b"k" * 32), Institution.of("https://id.example", b"x" * 32))
    ):
        welcome = school.comes("6", institution=changed)
        assert school.waits(welcome)
        school.signs_in(welcome, f"new {number}", institution=changed)
        assert not school.waits(school.comes("6", institution=changed))
    assert len(school.links()) == 1


def test_what_is_stored_holds_neither_the_account_nor_the_issuer(school: School) -> None:
    school.signs_in(school.comes("6"), "maya@fablehill.example")
    [link] = school.links()
    assert not [it for it in (b"maya", b"id.example") if it in link.mark + link.provider]
    assert link.mark != Institution.of("https://id.example", b"x" * 32).mark("maya@fablehill.example")
    assert SCHOOL.mark("a") != SCHOOL.mark("b")


def test_parts_of_what_is_hashed_cannot_be_shifted() -> None:
    one, other = Institution.of("https://id.example", b"k" * 32), Institution.of("https://id.example1", b"k" * 32)
    assert one.mark("1:a") != other.mark(":a")


@pytest.mark.parametrize(
    "said", [{"sub": None}, {"sub": "9", "is_test_user": True}], ids=["without an id", "a test user"]
)
def test_who_is_counted_nowhere_signs_in_for_this_once_and_nothing_is_kept(
    school: School, said: dict[str, Any]
) -> None:
    for _ in range(2):
        welcome = school.comes(**said)
        assert school.waits(welcome)
        school.signs_in(welcome, "maya")
        assert not school.waits(welcome)
    assert school.links() == []
    school.signs_in(school.comes("6"), "maya")


def test_who_took_too_long_is_not_linked(school: School) -> None:
    welcome = school.comes("6")
    with pytest.raises(Refused, match="sign_in_late"):
        school.signs_in(welcome, "maya", NOW + sessions.IDLE)
    assert school.links() == []


def test_outside_the_courses_open_in_the_role_that_the_platform_vouched_for(school: School) -> None:
    teacher = school.comes("3", role="teacher")
    school.signs_in(teacher, "tess")
    school.comes("3", role="learner", context_id="7", course_title="Maps")
    assert school.courses("tess") == [("Biology", "teacher"), ("Maps", "learner")]
    mark, course_id = SCHOOL.mark("tess"), teacher.course_id
    _, token = school.write(lambda db: identities.enter(db, mark, course_id, "en", NOW))
    viewer = school.database.read_now(lambda db: sessions.resume(db, token, NOW))
    assert viewer
    assert (viewer.role, viewer.is_preview, viewer.course_id) == ("teacher", False, course_id)
    assert (viewer.frame_ancestors, viewer.awaits_sign_in) == ("'none'", False)
    with pytest.raises(Missing):
        school.write(lambda db: identities.enter(db, SCHOOL.mark("maya"), course_id, "en", NOW))


def test_who_was_last_something_less_gets_nothing_outside(school: School) -> None:
    """A role switched for a look cannot be told from one that was taken away."""
    school.signs_in(school.comes("3", role="teacher"), "tess")
    school.comes("3", role="learner")
    assert school.courses("tess") == []
    school.comes("3", role="teacher")
    assert school.courses("tess") == [("Biology", "teacher")]


def test_a_role_is_good_for_a_month_after_the_platform_vouched_for_it(school: School) -> None:
    school.signs_in(school.comes("3", role="teacher"), "tess")
    assert school.courses("tess", NOW + VOUCHED_FOR)
    assert school.courses("tess", NOW + VOUCHED_FOR + DAY) == []
    school.comes("3", NOW + VOUCHED_FOR, role="teacher")
    assert school.courses("tess", NOW + VOUCHED_FOR + DAY)


def _merge(school: School, course_id: int, now: datetime, *listed: Listed) -> None:
    def work(db: Session) -> None:
        if db.get(CourseService, course_id) is None:
            db.add(CourseService(course_id=course_id, ags_scopes=""))
            db.flush()
        rosters.merge(db, course_id, listed, now, vouches=True)

    school.write(work)


def test_a_roster_vouches_too_and_ends_it_for_who_has_left(school: School) -> None:
    course_id = school.comes("6").course_id
    school.signs_in(school.comes("6"), "maya")
    later = NOW + VOUCHED_FOR
    _merge(school, course_id, later, Listed("6", "Maya", "learner", is_test_user=False, is_active=True))
    assert school.courses("maya", later + DAY)
    _merge(school, course_id, later)
    assert school.courses("maya", later) == []


def test_a_roster_ends_it_for_staff_who_left_and_opens_less_to_who_is_less(school: School) -> None:
    course_id = school.comes("3", role="teacher").course_id
    school.signs_in(school.comes("3", role="teacher"), "tess")
    teacher, learner = (
        Listed("3", "Tess", role, is_test_user=False, is_active=True) for role in ("teacher", "learner")
    )
    _merge(school, course_id, NOW, teacher)
    _merge(school, course_id, NOW, learner)
    assert school.courses("tess") == [("Biology", "learner")]
    school.comes("3", role="teacher")
    _merge(school, course_id, NOW, teacher)
    assert school.courses("tess") == [("Biology", "teacher")]
    _merge(school, course_id, NOW)
    assert school.courses("tess") == []


def test_a_roster_that_lists_staff_as_learners_does_not_vouch_for_staff(school: School) -> None:
    course_id = school.comes("3", role="teacher").course_id
    school.signs_in(school.comes("3", role="teacher"), "tess")
    later = NOW + VOUCHED_FOR
    _merge(school, course_id, later, Listed("3", "Tess", "learner", is_test_user=False, is_active=True))
    assert school.courses("tess", later) == [("Biology", "teacher")]
    assert school.courses("tess", later + DAY) == []


@pytest.mark.parametrize(
    "change", [update(Registration).values(is_enabled=False), update(Deployment).values(is_approved=False)]
)
def test_a_platform_that_is_switched_off_opens_nothing_outside(school: School, change: Any) -> None:
    school.signs_in(school.comes("6"), "maya")
    school.write(lambda db: db.execute(change))
    assert school.courses("maya") == []


def test_signing_in_outside_confirms_a_link_and_makes_none(school: School) -> None:
    school.signs_in(school.comes("6"), "maya")
    later = (NOW + 100 * DAY).date()
    school.write(lambda db: identities.confirm(db, SCHOOL.mark("maya"), later))
    assert [link.confirmed_on for link in school.links()] == [later]
    with pytest.raises(Refused, match="identity_unknown"):
        school.write(lambda db: identities.confirm(db, SCHOOL.mark("nobody"), later))


def _person_id(school: School) -> int:
    found = school.database.read_now(lambda db: db.exec(select(Person.id)).one())
    assert found
    return found


def test_a_link_is_undone_with_the_sessions_it_opened(school: School) -> None:
    welcome = school.comes("6")
    school.signs_in(welcome, "maya")
    person_id = _person_id(school)
    assert school.write(lambda db: persons.unlink(db, person_id, NOW)) is True
    assert school.write(lambda db: persons.unlink(db, person_id, NOW)) is False
    assert school.database.read_now(lambda db: db.exec(select(LaunchSession)).all()) == []
    assert school.waits(school.comes("6"))


def test_it_is_exported_as_a_day_and_erased_with_the_person(school: School) -> None:
    school.signs_in(school.comes("6"), "maya")
    person_id = _person_id(school)
    found = school.database.read_now(lambda db: persons.export(db, person_id))
    assert found["person"]["signed_in_on"] == NOW.date().isoformat()
    assert found["courses"][0]["role_vouched_for_on"] == NOW.date().isoformat()
    school.write(lambda db: persons.erase(db, person_id, NOW))
    assert school.links() == []


def test_a_course_that_is_deleted_is_in_no_list(school: School) -> None:
    school.signs_in(school.comes("6"), "maya")
    school.write(lambda db: db.delete(db.exec(select(Course).where(col(Course.title) == "Biology")).one()))
    assert school.courses("maya") == []
