from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import Session, select

from reflect.domain.capabilities import Capability
from reflect.domain.membership import Arrival, Welcome, arrive
from reflect.domain.refusals import Refused
from reflect.domain.sessions import Viewer, resume
from reflect.storage import groups, people
from reflect.storage.checkins import Checkin
from reflect.storage.courses import Course, ResourceLink
from reflect.storage.database import Database
from reflect.storage.people import Enrolment, Person
from reflect.storage.sessions import LaunchSession, UsedState
from tests.classroom import NOW, a_deployment

TOMORROW = NOW + timedelta(days=1)


@pytest.fixture
def deployment_id(database: Database) -> int:
    return database.write_now(a_deployment)


@pytest.fixture
def arrival(deployment_id: int) -> Arrival:
    return Arrival(
        state_id="state 1",
        state_expires_at=NOW + timedelta(minutes=10),
        deployment_id=deployment_id,
        sub="6",
        name="Zoë Märchenwald",
        role="learner",
        is_test_user=False,
        locale="de",
        frame_ancestors="https://campus.example",
        context_id="2",
        course_title="Biology",
        course_label="BIO",
        link_id="1",
        link_title="How are you?",
    )


def come(database: Database, arrival: Arrival, **changes: Any) -> Welcome:
    """Arrive with a state of its own."""
    number = len(rows(database, UsedState))
    changed = replace(arrival, **{"state_id": f"state of visit {number}", **changes})
    return database.write_now(lambda db: arrive(db, changed, NOW))


def rows(database: Database, table: Any) -> list[Any]:
    return database.read_now(lambda db: list(db.exec(select(table)).all()))


def viewer(database: Database, welcome: Welcome) -> Viewer:
    found = database.read_now(lambda db: resume(db, welcome.token, NOW))
    assert found
    return found


def test_a_first_launch_makes_course_link_person_enrolment_and_session(database: Database, arrival: Arrival) -> None:
    welcome = come(database, arrival)
    (course,), (link,), (person,), (enrolment,) = (
        rows(database, it) for it in (Course, ResourceLink, Person, Enrolment)
    )
    assert (course.kind, course.lti_id, course.title, course.label) == ("context", "2", "Biology", "BIO")
    assert (course.created_at, course.last_active_on) == (NOW, NOW.date())
    assert (link.course_id, link.lti_id, link.title) == (course.id, "1", "How are you?")
    assert (person.sub, person.name, person.is_guest) == ("6", "Zoë Märchenwald", False)
    assert (enrolment.role, enrolment.is_test_user, enrolment.is_active) == ("learner", False, True)
    seen = viewer(database, welcome)
    assert (seen.person_id, seen.course_id, seen.role, seen.is_preview) == (person.id, course.id, "learner", False)
    assert (welcome.course_id, welcome.checkin_id, welcome.tab) == (course.id, None, seen.tab)


def test_a_second_launch_makes_nothing_but_a_session(database: Database, arrival: Arrival) -> None:
    come(database, arrival)
    come(database, arrival)
    assert [len(rows(database, it)) for it in (Course, ResourceLink, Person, Enrolment, LaunchSession)] == [
        1,
        1,
        1,
        1,
        2,
    ]


def test_a_state_is_good_once_and_a_second_try_changes_nothing(database: Database, arrival: Arrival) -> None:
    database.write_now(lambda db: arrive(db, arrival, NOW))
    with pytest.raises(Refused, match="state_used"):
        database.write_now(lambda db: arrive(db, replace(arrival, sub="7"), NOW))
    assert [len(rows(database, it)) for it in (Person, LaunchSession)] == [1, 1]


def test_of_two_launches_with_one_state_at_once_one_comes_in(database: Database, arrival: Arrival) -> None:
    other = Database(str(database.engine.url.render_as_string(hide_password=False)))
    came = []
    try:
        for each in (database, other):
            try:
                came.append(each.write_now(lambda db: arrive(db, arrival, NOW)))
            except Refused as refusal:
                assert refusal.code == "state_used"
    finally:
        other.close()
    assert len(came) == 1


def test_a_launch_that_is_refused_leaves_its_state_unused(database: Database, arrival: Arrival) -> None:
    nowhere = replace(arrival, context_id=None, link_id=None)
    with pytest.raises(Refused, match="context"):
        database.write_now(lambda db: arrive(db, nowhere, NOW))
    assert rows(database, UsedState) == []


def test_newest_names_are_remembered(database: Database, arrival: Arrival) -> None:
    come(database, arrival)
    changed = replace(arrival, state_id="x", name="Zoë", course_title="Biology II", course_label="B2")
    database.write_now(lambda db: arrive(db, changed, TOMORROW))
    (course,), (person,) = rows(database, Course), rows(database, Person)
    assert (course.title, course.label, course.last_active_on) == ("Biology II", "B2", TOMORROW.date())
    assert person.name == "Zoë"


def test_a_person_without_a_name_comes_in(database: Database, arrival: Arrival) -> None:
    assert viewer(database, come(database, arrival, name="")).name == ""


def test_a_link_without_a_context_is_a_course_of_its_own(database: Database, arrival: Arrival) -> None:
    first = come(database, arrival, context_id=None)
    again = come(database, arrival, context_id=None, sub="7")
    other = come(database, arrival, context_id=None, link_id="2")
    assert first.course_id == again.course_id != other.course_id
    assert {course.kind for course in rows(database, Course)} == {"link"}


def test_a_context_and_a_link_with_one_id_are_two_courses(database: Database, arrival: Arrival) -> None:
    contexts, links = come(database, arrival, context_id="1"), come(database, arrival, context_id=None, link_id="1")
    assert contexts.course_id != links.course_id


def test_equal_ids_of_two_platforms_never_meet(database: Database, arrival: Arrival) -> None:
    elsewhere = database.write_now(a_deployment)
    mine, theirs = come(database, arrival), come(database, arrival, deployment_id=elsewhere)
    assert mine.course_id != theirs.course_id
    assert viewer(database, mine).person_id != viewer(database, theirs).person_id


def checkin_in(database: Database, course_id: int, copied_from_id: int | None = None) -> int:
    promises: dict[str, Any] = {
        "form": "words_core",
        "is_anonymous": False,
        "release": "at_close",
        "shared_with_class": False,
    }

    def work(db: Session) -> int:
        checkin = Checkin(course_id=course_id, question="How?", min_group_size=5, opened_at=NOW, **promises)
        checkin.copied_from_id = copied_from_id
        db.add(checkin)
        db.flush()
        assert checkin.id
        return checkin.id

    return database.write_now(work)


def test_a_link_made_for_a_checkin_leads_there(database: Database, arrival: Arrival) -> None:
    checkin_id = checkin_in(database, come(database, arrival).course_id)
    assert come(database, arrival, checkin_id=checkin_id).checkin_id == checkin_id
    assert come(database, arrival).checkin_id is None
    assert come(database, arrival, checkin_id=checkin_id + 1).checkin_id is None


def test_a_link_never_leads_into_another_course_but_to_a_copy(database: Database, arrival: Arrival) -> None:
    original = checkin_in(database, come(database, arrival).course_id)
    there = {"context_id": "copy", "link_id": "9", "checkin_id": original}
    course_id = come(database, arrival, **there).course_id
    assert come(database, arrival, **there).checkin_id is None
    copy = checkin_in(database, course_id, copied_from_id=original)
    assert come(database, arrival, **there).checkin_id == copy


def test_a_teacher_who_looks_as_a_student_is_a_preview_and_stays_a_teacher(
    database: Database, arrival: Arrival
) -> None:
    come(database, arrival, role="teacher")
    switched = viewer(database, come(database, arrival, role="learner"))
    assert (switched.role, switched.is_preview) == ("learner", True)
    assert [row.role for row in rows(database, Enrolment)] == ["teacher"]
    assert not viewer(database, come(database, arrival, role="teacher")).is_preview


@pytest.mark.parametrize(
    ("before", "after"), [("learner", "teacher"), ("teacher", "assistant"), ("observer", "learner")]
)
def test_a_new_role_is_remembered(database: Database, arrival: Arrival, before: str, after: str) -> None:
    come(database, arrival, role=before)
    assert not viewer(database, come(database, arrival, role=after)).is_preview
    assert [row.role for row in rows(database, Enrolment)] == [after]


def test_a_test_user_is_a_preview_and_marked_as_one(database: Database, arrival: Arrival) -> None:
    assert viewer(database, come(database, arrival, is_test_user=True)).is_preview
    assert [row.is_test_user for row in rows(database, Enrolment)] == [True]
    assert viewer(database, come(database, arrival, is_test_user=True)).is_preview


def test_who_had_left_and_launches_again_is_active_again(database: Database, arrival: Arrival) -> None:
    come(database, arrival)
    database.write_now(lambda db: db.exec(update(Enrolment).values(is_active=False)))
    come(database, arrival)
    assert [row.is_active for row in rows(database, Enrolment)] == [True]


def test_a_teacher_who_launches_again_is_on_the_receipt_again(database: Database, arrival: Arrival) -> None:
    course_id = come(database, arrival, role="teacher").course_id
    database.write_now(lambda db: db.exec(update(Enrolment).values(is_active=False)))
    come(database, arrival, role="teacher")
    assert [row.sub for row in database.read_now(lambda db: people.staff_of(db, course_id))] == ["6"]


def test_a_teacher_who_left_and_comes_as_a_student_is_one(database: Database, arrival: Arrival) -> None:
    come(database, arrival, role="teacher")
    database.write_now(lambda db: db.exec(update(Enrolment).values(is_active=False)))
    assert not viewer(database, come(database, arrival, role="learner")).is_preview
    (found,) = rows(database, Enrolment)
    assert (found.role, found.launched_as_staff, found.is_active) == ("learner", False, True)


def test_a_launch_leaves_what_the_roster_said(database: Database, arrival: Arrival) -> None:
    come(database, arrival)
    assert [row.listed_as for row in rows(database, Enrolment)] == [None]
    database.write_now(lambda db: db.exec(update(Enrolment).values(listed_as="learner")))
    come(database, arrival, role="teacher")
    assert [row.listed_as for row in rows(database, Enrolment)] == ["learner"]


def test_each_launch_without_a_sub_is_a_guest_of_its_own_in_no_roster(database: Database, arrival: Arrival) -> None:
    one, other = (viewer(database, come(database, arrival, sub=None, name="")) for _ in range(2))
    assert one.person_id != other.person_id
    assert rows(database, Enrolment) == []
    assert [person.is_guest for person in rows(database, Person)] == [True, True]
    assert not one.is_preview


@pytest.mark.parametrize("role", ["teacher", "assistant"])
@pytest.mark.parametrize("changes", [{"sub": None}, {"is_test_user": True}], ids=["without a sub", "a test user"])
def test_staff_whom_the_receipt_does_not_name_make_checkins_and_see_no_answer(
    database: Database, arrival: Arrival, role: str, changes: dict[str, Any]
) -> None:
    welcome = come(database, arrival, role=role, **changes)
    found = viewer(database, welcome)
    assert {one for one in Capability if found.may(one)} == {Capability.CREATE_CHECKINS, Capability.CLOSE_CHECKINS}
    assert database.read_now(lambda db: people.staff_of(db, welcome.course_id)) == []
    assert found.is_guest is ("sub" in changes)
    again = come(database, arrival, role=role)
    assert viewer(database, again).may(Capability.SEE_RESULTS)
    assert [row.sub for row in database.read_now(lambda db: people.staff_of(db, again.course_id))] == ["6"]


def test_a_guest_who_is_a_test_user_is_counted_nowhere(database: Database, arrival: Arrival) -> None:
    assert viewer(database, come(database, arrival, sub=None, is_test_user=True)).is_preview


def test_an_empty_sub_is_a_person_like_any_other(database: Database, arrival: Arrival) -> None:
    one, other = (viewer(database, come(database, arrival, sub="")) for _ in range(2))
    assert one.person_id == other.person_id


def test_a_platforms_sub_can_never_be_a_guests(database: Database, arrival: Arrival) -> None:
    guest = viewer(database, come(database, arrival, sub=None))
    assert len(guest.sub.removeprefix("guest ")) == 32


def groups_of(database: Database, arrival: Arrival) -> set[str]:
    """The groups of the arrival's person."""

    def look(db: Session) -> set[str]:
        person = db.exec(select(Person).where(Person.sub == arrival.sub)).one()
        assert person.id is not None
        (course,) = db.exec(select(Course)).all()
        assert course.id is not None
        return set(groups.lti_ids_of(db, course.id, person.id))

    return database.read_now(look)


@pytest.mark.parametrize("role", ["learner", "teacher"])
def test_who_arrives_is_in_exactly_the_groups_the_launch_names(database: Database, arrival: Arrival, role: str) -> None:
    come(database, arrival, role=role, group_ids=frozenset({"1", "2"}))
    assert groups_of(database, arrival) == {"1", "2"}
    come(database, arrival, role=role, group_ids=frozenset({"2", "3"}))
    assert groups_of(database, arrival) == {"2", "3"}
    come(database, arrival, role=role, group_ids=None)
    assert groups_of(database, arrival) == {"2", "3"}, "a launch that does not say changes nothing"
    come(database, arrival, role=role, group_ids=frozenset())
    assert groups_of(database, arrival) == set()


def test_a_guest_is_in_no_group(database: Database, arrival: Arrival) -> None:
    come(database, arrival, sub=None, group_ids=frozenset({"1"}))
    assert rows(database, groups.CourseGroup) == []


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_groups_cost_a_launch_one_read_and_only_where_they_are_told(database: Database, arrival: Arrival) -> None:
    def statements(**changes: Any) -> list[str]:
        said: list[str] = []
        number = len(rows(database, UsedState))

        def work(db: Session) -> None:
            driver: Any = db.connection().connection.driver_connection
            driver.set_trace_callback(said.append)
            arrive(db, replace(arrival, state_id=f"counted {number}", **changes), NOW)
            driver.set_trace_callback(None)

        database.write_now(work)
        return said

    come(database, arrival, group_ids=frozenset({"1"}))
    silent, unchanged = statements(), statements(group_ids=frozenset({"1"}))
    assert "course_group" not in " ".join(silent)
    assert len(unchanged) == len(silent) + 1
    (read,) = [one for one in unchanged if "group_membership" in one]
    assert read.startswith("SELECT")


def put_to_a_group(database: Database, course_id: int, lti_id: str) -> int:
    """A check-in of the course that only this group is asked; its id."""
    checkin_id = checkin_in(database, course_id)

    def work(db: Session) -> None:
        (group_id,) = groups.ids_of(db, course_id, {lti_id}).values()
        db.get_one(Checkin, checkin_id).for_groups = True
        db.add(groups.CheckinGroup(checkin_id=checkin_id, group_id=group_id))

    database.write_now(work)
    return checkin_id


def test_a_link_made_for_a_checkin_of_other_groups_leads_to_the_course(database: Database, arrival: Arrival) -> None:
    checkin_id = put_to_a_group(database, come(database, arrival).course_id, "1")
    assert come(database, arrival, checkin_id=checkin_id).checkin_id is None
    assert come(database, arrival, checkin_id=checkin_id, group_ids=frozenset({"2"})).checkin_id is None
    joins = come(database, arrival, checkin_id=checkin_id, group_ids=frozenset({"1"}))
    assert joins.checkin_id == checkin_id, "who joins the group with this very launch is asked"
    left = come(database, arrival, checkin_id=checkin_id, group_ids=frozenset())
    assert left.checkin_id is None
    staff = come(database, arrival, sub="3", role="teacher", checkin_id=checkin_id, group_ids=frozenset())
    assert staff.checkin_id == checkin_id
    switched = come(database, arrival, sub="3", role="learner", checkin_id=checkin_id, group_ids=frozenset())
    assert switched.checkin_id == checkin_id, "a preview is of everything"
