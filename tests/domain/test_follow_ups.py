"""A teacher's private notes: their author's alone, and gone with either of the two."""

from datetime import date, timedelta

import pytest
from sqlmodel import Session, select

from reflect.domain import follow_ups, persons, reflections
from reflect.domain.follow_ups import LONGEST, Words
from reflect.domain.privacy.retention import purge
from reflect.domain.refusals import FormRefused, Missing, Refused
from reflect.domain.sessions import Viewer
from reflect.storage.database import Database
from reflect.storage.follow_ups import FollowUp
from reflect.storage.people import Enrolment
from tests.classroom import NOW, Classroom, classroom, enrolled, preview_of

TODAY = NOW.date()
FRIDAY = Words("Talked on Tuesday,\n\nwill ask again on Friday.", TODAY + timedelta(days=4))
FAMILY = "👨‍👩‍👧 سلام‌ها"


@pytest.fixture
def room(database: Database) -> Classroom:
    return classroom(database, 3)


def write(room: Classroom, words: Words = FRIDAY, student: int = 0, viewer: Viewer | None = None) -> int:
    one = room.students[student].person_id
    return room.database.write_now(lambda db: follow_ups.write(db, viewer or room.teacher, one, words, NOW))


def about(room: Classroom, viewer: Viewer, student: int = 0) -> list[tuple[str, date | None]]:
    one = room.students[student].person_id
    rows = room.database.read_now(lambda db: follow_ups.about(db, viewer, one))
    return [(row.words, row.back_on) for row in rows]


def kept(room: Classroom) -> list[str]:
    return [row.words for row in room.database.read_now(lambda db: db.exec(select(FollowUp)).all())]


@pytest.mark.parametrize(
    ("form", "errors"),
    [
        ({}, {"words": "required"}),
        ({"words": " \n "}, {"words": "required"}),
        ({"words": "x" * (LONGEST + 1)}, {"words": "follow_up_too_long"}),
        ({"words": "a\x07b"}, {"words": "question_unprintable"}),
        ({"words": "x", "back_on": "Friday"}, {"back_on": "day"}),
        ({"words": "x", "back_on": "3000-01-01"}, {"back_on": "day"}),
        ({"words": "", "back_on": "2026-02-30"}, {"words": "required", "back_on": "day"}),
    ],
)
def test_a_note_has_words_not_too_many_and_a_day_or_none(form: dict[str, str], errors: dict[str, str]) -> None:
    with pytest.raises(FormRefused) as refused:
        Words.read(form)
    assert refused.value.errors == errors


def test_a_note_is_kept_as_it_was_typed_in_any_script() -> None:
    read = Words.read({"words": f"  One \r\n{FAMILY}\n\nthree", "back_on": " 2026-09-11 "})
    assert read == Words(f"One\n{FAMILY}\n\nthree", date(2026, 9, 11))
    assert Words.read({"words": "x" * LONGEST}).back_on is None


def test_only_its_author_finds_a_note(room: Classroom) -> None:
    other = room.database.write_now(lambda db: enrolled(db, 1, room.course_id, "u", "assistant"))
    note_id = write(room)
    assert about(room, room.teacher) == [(FRIDAY.words, FRIDAY.back_on)]
    assert about(room, other) == []
    for verb in (
        follow_ups.find,
        follow_ups.discard,
        lambda db, viewer, one: follow_ups.edit(db, viewer, one, FRIDAY, NOW),
    ):
        with pytest.raises(Missing):
            room.database.write_now(lambda db, verb=verb: verb(db, other, note_id))  # type: ignore[misc]
        for viewer in (room.students[0], preview_of(room.teacher)):
            with pytest.raises(Refused, match="not_allowed"):
                room.database.write_now(lambda db, verb=verb, viewer=viewer: verb(db, viewer, note_id))  # type: ignore[misc]


def test_a_note_of_one_course_is_not_found_in_another(room: Classroom) -> None:
    note_id, other = write(room), classroom(room.database, 1)
    there = other.teacher
    same = Viewer(**{name: getattr(there, name) for name in Viewer.__slots__} | {"person_id": room.teacher.person_id})
    with pytest.raises(Missing):
        room.database.read_now(lambda db: follow_ups.find(db, same, note_id))


def test_notes_are_about_active_students_of_the_course(room: Classroom) -> None:
    stranger = classroom(room.database, 1).students[0].person_id

    def leaves(db: Session) -> None:
        db.get_one(Enrolment, (room.students[1].person_id, room.course_id)).is_active = False

    room.database.write_now(leaves)
    for one in (stranger, room.teacher.person_id, room.students[1].person_id, 999):
        with pytest.raises(Missing):
            room.database.write_now(lambda db, one=one: follow_ups.write(db, room.teacher, one, FRIDAY, NOW))  # type: ignore[misc]
    for viewer in (room.students[0], preview_of(room.teacher)):
        with pytest.raises(Refused, match="not_allowed"):
            write(room, viewer=viewer)


def test_the_same_form_sent_twice_notes_once(room: Classroom) -> None:
    assert write(room) == write(room)
    write(room, Words(FRIDAY.words, None))
    assert len(kept(room)) == 2


def test_a_note_is_changed_and_deleted(room: Classroom) -> None:
    note_id, later = write(room), NOW + timedelta(days=1)
    room.database.write_now(lambda db: follow_ups.edit(db, room.teacher, note_id, Words("Better now.", None), later))
    row = room.database.read_now(lambda db: follow_ups.find(db, room.teacher, note_id))
    assert (row.words, row.back_on, row.written_at, row.changed_at) == ("Better now.", None, NOW, later)
    room.database.write_now(lambda db: follow_ups.discard(db, room.teacher, note_id))
    assert kept(room) == []


def test_what_is_due_is_the_authors_own_of_students_who_are_still_there(room: Classroom) -> None:
    yesterday, today = Words("1", TODAY - timedelta(days=1)), Words("2", TODAY)
    for student, words in ((0, FRIDAY), (0, today), (1, yesterday), (2, yesterday), (0, Words("3", None))):
        write(room, words, student)
    other = room.database.write_now(lambda db: enrolled(db, 1, room.course_id, "u", "teacher"))
    write(room, today, viewer=other)

    def leaves(db: Session) -> None:
        db.get_one(Enrolment, (room.students[2].person_id, room.course_id)).is_active = False

    room.database.write_now(leaves)
    rows = room.database.read_now(lambda db: follow_ups.due(db, room.teacher, NOW))
    assert [(row.words, row.name) for row in rows] == [("1", "Person 1"), ("2", "Person 0")]
    with pytest.raises(Refused, match="not_allowed"):
        room.database.read_now(lambda db: follow_ups.due(db, room.students[0], NOW))


def test_a_note_about_a_student_who_has_left_can_still_be_found_and_deleted_by_its_author(room: Classroom) -> None:
    note_id = write(room)
    assert room.database.read_now(lambda db: follow_ups.of_former(db, room.teacher)) == []

    def leaves(db: Session) -> None:
        db.get_one(Enrolment, (room.students[0].person_id, room.course_id)).is_active = False

    room.database.write_now(leaves)
    other = room.database.write_now(lambda db: enrolled(db, 1, room.course_id, "u", "teacher"))
    assert [row.id for row in room.database.read_now(lambda db: follow_ups.of_former(db, room.teacher))] == [note_id]
    assert room.database.read_now(lambda db: follow_ups.of_former(db, other)) == []
    with pytest.raises(Refused, match="not_allowed"):
        room.database.read_now(lambda db: follow_ups.of_former(db, room.students[1]))
    assert room.database.write_now(lambda db: follow_ups.edit(db, room.teacher, note_id, FRIDAY, NOW)) is None
    assert room.database.write_now(lambda db: follow_ups.discard(db, room.teacher, note_id)) is None
    assert kept(room) == []


def test_both_find_it_in_what_is_held_on_them(room: Classroom) -> None:
    write(room)
    for who, key, name in (
        (room.students[0], "follow_ups_about", ("written_by", "Person t")),
        (room.teacher, "follow_ups_written", ("about", "Person 0")),
    ):
        exported = room.database.read_now(lambda db, who=who: persons.export(db, who.person_id))  # type: ignore[misc]
        [one] = exported["courses"][0][key]
        assert (one["words"], one["back_on"], one[name[0]]) == (FRIDAY.words, "2026-09-11", name[1])
    [course] = room.database.read_now(lambda db: persons.export(db, room.students[1].person_id))["courses"]
    assert course["follow_ups_about"] == course["follow_ups_written"] == []


@pytest.mark.parametrize("who", ["student", "teacher"])
def test_it_goes_with_either_person(room: Classroom, who: str) -> None:
    write(room)
    write(room, student=1)
    person = room.teacher if who == "teacher" else room.students[0]
    room.database.write_now(lambda db: persons.erase(db, person.person_id, NOW))
    assert len(kept(room)) == (0 if who == "teacher" else 1)


def test_erasing_answers_leaves_the_teachers_notes_and_the_course_takes_them(room: Classroom) -> None:
    write(room)
    room.database.write_now(lambda db: reflections.erase_own(db, room.students[0]))
    assert len(kept(room)) == 1
    room.database.write_now(lambda db: purge(db, 30, NOW + timedelta(days=40)))
    assert kept(room) == []
