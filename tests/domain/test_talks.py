from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from reflect.domain import sessions, talks
from reflect.domain.privacy.retention import purge
from reflect.domain.refusals import FormRefused, Missing, Refused
from reflect.domain.rosters import Listed, merge
from reflect.domain.sessions import Stay, Viewer
from reflect.domain.talk_acts import Told
from reflect.domain.talks import LONGEST_MESSAGE, MOST_OPEN, OPENED_AGAIN_AFTER, Wish
from reflect.storage.courses import Course
from reflect.storage.database import Database
from reflect.storage.people import Enrolment, Person
from reflect.storage.services import CourseService
from reflect.storage.talks import Talk, TalkAct
from tests.classroom import NOW, Classroom, classroom, enrolled, preview_of, viewer_of

LATER = NOW + timedelta(minutes=5)
FAMILY = "👨‍👩‍👧 سلام‌ها"
"""Joined by signs that are not printable by themselves."""


@pytest.fixture
def room(database: Database) -> Classroom:
    return classroom(database, 3)


def joins(room: Classroom, sub: str, role: str) -> Viewer:
    """Somebody more in the course."""
    return room.database.write_now(lambda db: enrolled(db, 1, room.course_id, sub, role))


def ask(
    room: Classroom,
    adult: Viewer | None = None,
    student: int = 0,
    message: str = "",
    urgency: str = "",
    now: datetime = NOW,
) -> int:
    """Let a student ask an adult, or any; the talk's id."""
    form = {"adult": f"{adult.person_id}" if adult else "", "message": message, "urgency": urgency}
    wish = Wish.read(form)
    talk_id = room.database.write_now(lambda db: talks.ask(db, room.students[student], wish, now))
    assert talk_id is not None
    return talk_id


def opened(room: Classroom, viewer: Viewer, talk_id: int, now: datetime = NOW) -> Told:
    return room.database.write_now(lambda db: talks.open(db, viewer, talk_id, now))


def do(room: Classroom, verb: Any, viewer: Viewer, talk_id: int, *what: Any) -> None:
    room.database.write_now(lambda db: verb(db, viewer, talk_id, *what))


def waiting(room: Classroom, viewer: Viewer) -> list[int]:
    return [row.id for row in room.database.read_now(lambda db: talks.waiting(db, viewer))]


def acts(told: Told) -> list[tuple[str, str, str]]:
    return [(act.kind, act.person.name, act.to.name if act.to else "") for act in told.acts]


def count(database: Database, table: Any) -> int:
    return len(database.read_now(lambda db: db.exec(select(table)).all()))


@pytest.mark.parametrize(
    ("form", "errors"),
    [
        ({"adult": "x"}, {"adult": "choose"}),
        ({"adult": "-1"}, {"adult": "choose"}),
        ({"adult": "1" * 10}, {"adult": "choose"}),
        ({"message": "x" * (LONGEST_MESSAGE + 1)}, {"message": "message_too_long"}),
        ({"urgency": "at once"}, {"urgency": "choose"}),
    ],
)
def test_each_field_at_fault_has_its_code(form: Mapping[str, str], errors: dict[str, str]) -> None:
    with pytest.raises(FormRefused) as refused:
        Wish.read(form)
    assert refused.value.errors == errors


def test_nothing_needs_to_be_filled_in() -> None:
    assert Wish.read({}) == Wish(None, "", False)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("x" * LONGEST_MESSAGE, "x" * LONGEST_MESSAGE),
        (" \r\n one\r\ntwo\rthree ", "one\ntwo\nthree"),
        ("a\x00b\x1bc\u202ed", "abcd"),
        (FAMILY, FAMILY),
    ],
)
def test_no_sign_in_a_text_costs_somebody_the_help(typed: str, kept: str) -> None:
    assert Wish.read({"message": typed}).message == kept


def test_a_student_asks_an_adult_who_alone_may_read_it(room: Classroom) -> None:
    other = joins(room, "o", "teacher")
    talk_id = ask(room, room.teacher, message="About the trip.", urgency="today")
    assert (waiting(room, room.teacher), waiting(room, other)) == ([talk_id], [])
    told = opened(room, room.teacher, talk_id)
    assert (told.talk.message, told.talk.is_for_today, told.student.name) == ("About the trip.", True, "Person 0")
    for verb, what in (
        (talks.open, (NOW,)),
        (talks.see, (NOW,)),
        (talks.close, ("", NOW)),
        (talks.hand_over, ("1", NOW)),
    ):
        with pytest.raises(Missing):
            do(room, verb, other, talk_id, *what)


def test_any_adult_of_the_course_may_read_what_is_for_any(room: Classroom) -> None:
    assistant = joins(room, "a", "assistant")
    talk_id = ask(room)
    for adult in (room.teacher, assistant):
        assert waiting(room, adult) == [talk_id]
        assert opened(room, adult, talk_id).adult is None


def test_who_is_not_named_on_the_students_page_reads_nothing(room: Classroom) -> None:
    talk_id = ask(room)
    left = joins(room, "l", "teacher")
    room.database.write_now(
        lambda db: setattr(db.get_one(Enrolment, (left.person_id, room.course_id)), "is_active", False)
    )
    with pytest.raises(Missing):
        opened(room, left, talk_id)
    assert waiting(room, left) == []
    for role in ("observer", "author", "none"):
        with pytest.raises(Refused, match="not_allowed"):
            opened(room, joins(room, role, role), talk_id)
    with pytest.raises(Missing):
        opened(room, room.students[1], talk_id)


def test_a_talk_of_another_course_does_not_exist(room: Classroom, database: Database) -> None:
    talk_id, other = ask(room, room.teacher), classroom(database, 1)
    room.database.write_now(
        lambda db: db.add(Enrolment(person_id=room.teacher.person_id, course_id=other.course_id, role="teacher"))
    )
    there = replace(room.teacher, course_id=other.course_id)
    for viewer in (other.teacher, other.students[0], there):
        with pytest.raises(Missing):
            opened(room, viewer, talk_id)
    assert waiting(room, there) == []


def test_only_staff_of_the_course_can_be_asked(room: Classroom, database: Database) -> None:
    other = classroom(database, 1)
    for person in (room.students[1], other.teacher, joins(room, "o", "observer")):
        with pytest.raises(FormRefused) as refused:
            ask(room, person)
        assert refused.value.errors == {"adult": "choose"}
    assert count(database, Talk) == 0


@pytest.mark.parametrize("role", ["teacher", "assistant", "observer", "author", "none"])
def test_only_students_ask(room: Classroom, role: str) -> None:
    somebody = joins(room, "s", role)
    for attempt in (lambda db: talks.ask(db, somebody, Wish.read({}), NOW), lambda db: talks.own(db, somebody)):
        with pytest.raises(Refused, match="not_allowed"):
            room.database.write_now(attempt)


def test_who_looks_as_a_student_sends_nothing(room: Classroom, database: Database) -> None:
    preview = preview_of(room.teacher)
    assert room.database.write_now(lambda db: talks.ask(db, preview, Wish.read({}), NOW)) is None
    assert count(database, Talk) == 0
    assert room.database.read_now(lambda db: talks.own(db, preview)) == ()


def test_at_most_five_are_open_at_once(room: Classroom) -> None:
    ids = [ask(room, message=f"{number}") for number in range(MOST_OPEN)]
    with pytest.raises(Refused, match="talks_too_many"):
        ask(room, message="one more")
    ask(room, student=1)
    do(room, talks.close, room.teacher, ids[0], "", NOW)
    ask(room, message="one more")


def test_a_form_that_is_sent_twice_asks_once_and_may_become_urgent(room: Classroom) -> None:
    talk_id = ask(room, message="It is me.")
    assert ask(room, message="It is me.", urgency="today") == talk_id
    assert opened(room, room.students[0], talk_id).talk.is_for_today
    assert ask(room, room.teacher, message="It is me.") != talk_id
    do(room, talks.see, room.teacher, talk_id, NOW)
    assert ask(room, message="It is me.") != talk_id


def test_what_is_for_today_comes_first_then_what_is_unseen_then_the_oldest(room: Classroom) -> None:
    seen, first, second, today = (
        ask(room, message=f"{number}", urgency="today" if number == 3 else "", now=NOW + timedelta(minutes=number))
        for number in range(4)
    )
    do(room, talks.see, room.teacher, seen, NOW)
    assert waiting(room, room.teacher) == [today, first, second, seen]


def test_every_opening_by_an_adult_is_written_down_and_none_by_the_student(room: Classroom) -> None:
    talk_id, other = ask(room), joins(room, "o", "assistant")
    for viewer, now in (
        (room.teacher, NOW),
        (room.teacher, NOW + OPENED_AGAIN_AFTER - timedelta(seconds=1)),
        (other, LATER),
        (room.teacher, NOW + OPENED_AGAIN_AFTER),
        (room.students[0], LATER),
    ):
        opened(room, viewer, talk_id, now)
    told = opened(room, room.students[0], talk_id)
    assert acts(told) == [("opened", "Person t", ""), ("opened", "Person o", ""), ("opened", "Person t", "")]
    assert [act.at for act in told.acts] == [NOW, LATER, NOW + OPENED_AGAIN_AFTER]


def test_from_sent_to_seen_to_closed_with_a_word_back(room: Classroom) -> None:
    talk_id = ask(room)
    for _ in range(2):
        do(room, talks.see, room.teacher, talk_id, NOW)
    with pytest.raises(FormRefused) as refused:
        do(room, talks.close, room.teacher, talk_id, "x" * (LONGEST_MESSAGE + 1), LATER)
    assert refused.value.errors == {"word": "message_too_long"}
    do(room, talks.close, room.teacher, talk_id, " I’ll find you\r\nat break. ", LATER)
    for word in ("", "I’ll find you\nat break."):
        do(room, talks.close, room.teacher, talk_id, word, LATER)
    with pytest.raises(FormRefused) as refused:
        do(room, talks.close, room.teacher, talk_id, "Another.", LATER)
    assert refused.value.errors == {"word": "talk_closed"}
    do(room, talks.see, room.teacher, talk_id, LATER)
    told = opened(room, room.students[0], talk_id)
    assert acts(told) == [("seen", "Person t", ""), ("closed", "Person t", "")]
    assert (told.talk.seen_at, told.talk.closed_at, told.talk.word) == (NOW, LATER, "I’ll find you\nat break.")
    assert waiting(room, room.teacher) == []
    assert [one.talk.id for one in room.database.read_now(lambda db: talks.closed(db, room.teacher))] == [talk_id]


def test_handing_over_is_seen_by_the_student_and_leaves_the_other_alone_to_read(room: Classroom) -> None:
    talk_id, other = ask(room), joins(room, "o", "teacher")
    do(room, talks.see, room.teacher, talk_id, NOW)
    do(room, talks.hand_over, room.teacher, talk_id, f"{other.person_id}", LATER)
    with pytest.raises(Missing):
        opened(room, room.teacher, talk_id)
    assert waiting(room, room.teacher) == []
    told = opened(room, other, talk_id)
    assert (told.talk.seen_at, told.adult and told.adult.name) == (None, "Person o")
    assert acts(told) == [("seen", "Person t", ""), ("handed_over", "Person t", "Person o"), ("opened", "Person o", "")]


def test_it_is_handed_over_only_to_another_adult_of_the_course_while_it_is_open(room: Classroom) -> None:
    talk_id, other = ask(room), joins(room, "o", "teacher")
    for to in ("", "x", f"{room.teacher.person_id}", f"{room.students[0].person_id}", "999"):
        with pytest.raises(FormRefused) as refused:
            do(room, talks.hand_over, room.teacher, talk_id, to, NOW)
        assert refused.value.errors == {"to": "choose"}
    with pytest.raises(FormRefused) as refused:
        do(room, talks.hand_over, room.teacher, talk_id, f"{other.person_id}", NOW, "At break.")
    assert refused.value.errors == {"word": "word_unsent"}
    do(room, talks.close, room.teacher, talk_id, "", NOW)
    with pytest.raises(Refused, match="talk_closed"):
        do(room, talks.hand_over, room.teacher, talk_id, f"{other.person_id}", NOW)


def test_a_student_takes_it_back_while_it_is_not_seen_and_nothing_of_it_is_left(
    room: Classroom, database: Database
) -> None:
    talk_id = ask(room)
    opened(room, room.teacher, talk_id)
    for stranger in (room.students[1], room.teacher):
        with pytest.raises(Refused, match=r"missing|not_allowed"):
            do(room, talks.withdraw, stranger, talk_id)
    do(room, talks.withdraw, room.students[0], talk_id)
    assert (count(database, Talk), count(database, TalkAct)) == (0, 0)
    seen = ask(room)
    do(room, talks.see, room.teacher, seen, NOW)
    with pytest.raises(Refused, match="talk_seen"):
        do(room, talks.withdraw, room.students[0], seen)


def test_what_was_for_somebody_who_is_gone_opens_to_nobody_and_the_student_is_told(room: Classroom) -> None:
    other = joins(room, "o", "teacher")
    talk_id = ask(room, other)
    do(room, talks.see, other, talk_id, NOW)
    assert not opened(room, room.students[0], talk_id).is_stranded
    room.database.write_now(lambda db: db.delete(db.get_one(Person, other.person_id)))
    with pytest.raises(Missing):
        opened(room, room.teacher, talk_id)
    assert waiting(room, room.teacher) == []
    told = opened(room, room.students[0], talk_id)
    assert told.is_stranded and told.adult is not None and told.adult.sub == ""
    do(room, talks.withdraw, room.students[0], talk_id)


def test_what_was_for_somebody_whom_the_roster_lists_no_more_can_be_taken_back(room: Classroom) -> None:
    other = joins(room, "o", "teacher")

    def launch(db: Session) -> None:
        db.add(CourseService(course_id=room.course_id))
        for viewer in (room.teacher, other):
            db.get_one(Enrolment, (viewer.person_id, room.course_id)).launched_as_staff = True

    room.database.write_now(launch)
    stays, leaves = (Listed(sub, "", "teacher", is_test_user=False, is_active=True) for sub in ("t", "o"))
    room.database.write_now(lambda db: merge(db, room.course_id, [stays, leaves], NOW))
    talk_id = ask(room, other)
    do(room, talks.see, other, talk_id, NOW)
    room.database.write_now(lambda db: merge(db, room.course_id, [stays], LATER))
    with pytest.raises(Missing):
        opened(room, other, talk_id)
    assert opened(room, room.students[0], talk_id).is_stranded
    do(room, talks.withdraw, room.students[0], talk_id)
    with pytest.raises(FormRefused):
        ask(room, other)
    with pytest.raises(FormRefused):
        do(room, talks.hand_over, room.teacher, ask(room), f"{other.person_id}", LATER)


def test_it_goes_with_its_student_and_with_its_course(room: Classroom, database: Database) -> None:
    for student in range(2):
        opened(room, room.teacher, ask(room, student=student))
    room.database.write_now(lambda db: db.delete(db.get_one(Person, room.students[0].person_id)))
    assert (count(database, Talk), count(database, TalkAct)) == (1, 1)
    room.database.write_now(lambda db: db.delete(db.get_one(Course, room.course_id)))
    assert (count(database, Talk), count(database, TalkAct)) == (0, 0)


def test_a_guest_stays_as_long_as_what_they_asked(room: Classroom, database: Database) -> None:
    def guest(db: Session) -> int:
        person = Person(deployment_id=1, sub="guest 1", is_guest=True, created_at=NOW)
        db.add(person)
        db.flush()
        assert person.id is not None
        sessions.begin(db, Stay(person.id, room.course_id, "learner", False, "en", ""), NOW)
        return person.id

    viewer = viewer_of(database.write_now(guest), room.course_id, "learner")
    database.write_now(lambda db: talks.ask(db, viewer, Wish.read({}), NOW))
    database.write_now(lambda db: purge(db, 365, NOW + timedelta(days=2)))
    assert len(waiting(room, room.teacher)) == 1


def test_no_result_knows_of_it(room: Classroom, database: Database) -> None:
    checkin_id = room.open("named", shared_with_class=True)
    before = room.for_staff(checkin_id), room.checkin(checkin_id).version
    opened(room, room.teacher, ask(room, message="About the trip."))
    assert (room.for_staff(checkin_id), room.checkin(checkin_id).version) == before
    tables = {key.column.table.name for key in Talk.__table__.foreign_keys | TalkAct.__table__.foreign_keys}  # type: ignore[attr-defined]
    assert tables == {"course", "person", "talk"}
    assert database.read_now(lambda db: db.exec(select(col(Talk.id))).all())
