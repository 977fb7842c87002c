"""Whom an adult may want to ask: by their own reminders, over named answers alone, and what they do with it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from reflect.domain import follow_ups, persons, prompts, reflections, reminders
from reflect.domain.follow_ups import Words
from reflect.domain.insights.reasons import Kind
from reflect.domain.prompts import Listed
from reflect.domain.refusals import FormRefused, Missing, Refused
from reflect.domain.sessions import Viewer
from reflect.storage.database import Database
from reflect.storage.people import Enrolment
from reflect.storage.prompts import Prompt
from tests.classroom import NOW, Classroom, classroom, enrolled, preview_of

DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)
ALL = {"unpleasant": "on", "lower": "on", "silent": "on"}


@pytest.fixture
def room(database: Database) -> Classroom:
    return classroom(database, 4)


def turn_on(room: Classroom, viewer: Viewer, **fields: str) -> None:
    rules = reminders.read(fields)
    room.database.write_now(lambda db: reminders.choose(db, viewer, rules))


def days(room: Classroom, student: int, *choices: str, until: datetime = NOW) -> None:
    """One named check-in a day, the last of them just before `until`, answered by one student."""
    for place, choice in enumerate(choices):
        at = until - (len(choices) - place) * DAY
        checkin_id = room.open("named", question=f"{student} {at}?", now=at, answer_form="faces")
        room.answer(room.students[student], checkin_id, choice, at)


def listed(room: Classroom, viewer: Viewer | None = None, now: datetime = NOW) -> Listed:
    return room.database.read_now(lambda db: prompts.of(db, viewer or room.teacher, now))


def asking(room: Classroom, viewer: Viewer | None = None, now: datetime = NOW) -> dict[str, list[Kind]]:
    return {it.student.name: [reason.kind for reason in it.reasons] for it in listed(room, viewer, now).asking}


def settle(room: Classroom, way: str, student: int = 0, now: datetime = NOW, until: datetime | None = None) -> None:
    one = room.students[student].person_id
    room.database.write_now(lambda db: prompts.settle(db, room.teacher, one, way, until or now, now))


def hand_over(room: Classroom, viewer: Viewer, to: Viewer | str, student: int = 0, now: datetime = NOW) -> None:
    one, adult = room.students[student].person_id, to if isinstance(to, str) else str(to.person_id)
    room.database.write_now(lambda db: prompts.hand_over(db, viewer, one, adult, now, now))


def colleague(room: Classroom, sub: str = "u", role: str = "assistant") -> Viewer:
    return room.database.write_now(lambda db: enrolled(db, 1, room.course_id, sub, role))


LOW = ("face_1", "face_5", "face_2", "face_1", "face_5")


def test_all_rules_are_off_until_the_adult_turns_them_on(room: Classroom) -> None:
    days(room, 0, *LOW)
    assert asking(room) == {}
    turn_on(room, room.teacher, **ALL)
    assert asking(room) == {"Person 0": [Kind.UNPLEASANT]}


def test_the_rules_of_one_adult_are_nobody_elses(room: Classroom) -> None:
    other = colleague(room)
    days(room, 0, *LOW)
    turn_on(room, room.teacher, **ALL)
    assert asking(room, other) == {}
    assert not any(rule.is_on for rule in room.database.read_now(lambda db: reminders.of(db, other)))


def test_only_a_fall_below_the_own_usual_is_lower(room: Classroom) -> None:
    turn_on(room, room.teacher, lower="on")
    days(room, 0, *["face_5"] * 5, *["face_3"] * 3)
    days(room, 1, *["face_2"] * 8)
    assert asking(room) == {"Person 0": [Kind.LOWER]}


def test_anonymous_answers_and_other_words_are_no_reason(room: Classroom) -> None:
    turn_on(room, room.teacher, **ALL)
    for number in range(6):
        at = NOW - number * DAY
        hidden = room.open("anonymous", question=f"{number}?", now=at, answer_form="faces")
        room.answer(room.students[0], hidden, "face_1", at)
        scale = room.open("named", question=f"s{number}?", now=at, answer_form="scale")
        room.answer(room.students[0], scale, "scale_1", at)
        skipped = room.open("named", question=f"k{number}?", now=at, answer_form="faces")
        room.answer(room.students[0], skipped, "skip", at)
    assert asking(room) == {}


def test_of_a_deleted_checkin_nothing_counts(room: Classroom) -> None:
    turn_on(room, room.teacher, **ALL)
    days(room, 0, *LOW)
    room.database.write_now(lambda db: db.connection().exec_driver_sql("UPDATE checkin SET deleted_at = opened_at"))
    assert asking(room) == {}


def test_silence_counts_the_weeks_in_which_something_was_put_to_that_student(room: Classroom) -> None:
    turn_on(room, room.teacher, silent="on")
    group = room.group("g", room.students[0], room.students[1], room.students[2])
    for number in range(1, 4):
        at = NOW - number * WEEK
        room.database.write_now(
            lambda db: db.connection().exec_driver_sql("UPDATE person SET created_at = '2020-01-01'")
        )
        checkin_id = room.open("named", question=f"{number}?", now=at, groups=(group,))
        room.answer(room.students[0], checkin_id, "calm", at)
    assert asking(room) == {"Person 1": [Kind.SILENT], "Person 2": [Kind.SILENT]}


def test_weeks_with_anonymous_checkins_only_are_no_silence(room: Classroom) -> None:
    turn_on(room, room.teacher, silent="on")
    room.database.write_now(lambda db: db.connection().exec_driver_sql("UPDATE person SET created_at = '2020-01-01'"))
    for number in range(1, 6):
        room.open("anonymous", question=f"{number}?", now=NOW - number * WEEK)
    assert asking(room) == {}
    for number in range(1, 3):
        room.open("named", question=f"named {number}?", now=NOW - number * WEEK)
    assert len(asking(room)) == 4


def test_what_is_set_aside_comes_back_only_with_a_new_reason(room: Classroom) -> None:
    turn_on(room, room.teacher, unpleasant="on")
    days(room, 0, *LOW)
    settle(room, "seen")
    assert asking(room) == {}
    assert [it.student.name for it in listed(room).set_aside] == ["Person 0"]
    later = NOW + 2 * DAY
    days(room, 0, "face_4", until=later)
    assert asking(room, now=later) == {}
    days(room, 0, "face_1", until=later + DAY)
    assert asking(room, now=later + DAY) == {"Person 0": [Kind.UNPLEASANT]}


def test_what_came_while_the_page_was_open_is_not_set_aside_with_it(room: Classroom) -> None:
    turn_on(room, room.teacher, unpleasant="on")
    days(room, 0, *LOW, until=NOW - DAY)
    days(room, 0, "face_1")
    settle(room, "seen", until=NOW - 1.5 * DAY)
    assert asking(room) == {"Person 0": [Kind.UNPLEASANT]}
    settle(room, "seen", until=NOW + WEEK)
    days(room, 0, "face_1", until=NOW + 2 * DAY)
    assert asking(room, now=NOW + 2 * DAY) != {}


def test_what_is_closed_leaves_the_list_and_can_be_put_back(room: Classroom) -> None:
    turn_on(room, room.teacher, unpleasant="on")
    days(room, 0, *LOW)
    settle(room, "closed")
    found = listed(room)
    assert (found.asking, found.set_aside) == ((), ())
    assert [(it.student.name, it.is_standing) for it in found.closed] == [("Person 0", True)]
    room.database.write_now(lambda db: prompts.restore(db, room.teacher, room.students[0].person_id))
    assert asking(room) == {"Person 0": [Kind.UNPLEASANT]}


@pytest.mark.parametrize("way", ["seen", "closed"])
def test_a_settled_row_tells_of_answers_while_a_rule_or_a_reason_stands(room: Classroom, way: str) -> None:
    turn_on(room, room.teacher, unpleasant="on")
    days(room, 0, *LOW)
    assert listed(room).told_about == [room.students[0].person_id]
    settle(room, way)
    assert listed(room).told_about == [room.students[0].person_id]
    days(room, 0, *["face_5"] * 5, until=NOW + WEEK)
    (row,) = (*listed(room, now=NOW + WEEK).set_aside, *listed(room, now=NOW + WEEK).closed)
    assert not row.is_standing
    assert listed(room, now=NOW + WEEK).told_about == [room.students[0].person_id]
    turn_on(room, room.teacher)
    assert listed(room).told_about == []


def test_where_nothing_is_to_be_settled_nothing_is_kept(room: Classroom) -> None:
    settle(room, "seen")
    assert room.database.read_now(lambda db: db.exec(select(Prompt)).all()) == []


def test_whom_it_is_handed_over_to_sees_by_whom_and_why_without_rules_of_their_own(room: Classroom) -> None:
    other = colleague(room)
    turn_on(room, room.teacher, unpleasant="on")
    days(room, 0, *LOW)
    hand_over(room, room.teacher, other)
    assert asking(room) == {}
    [told] = listed(room).closed
    assert (told.kept.settled_as, told.kept.handed_to_id) == ("handed_over", other.person_id)
    [found] = listed(room, other).asking
    assert found.handed is not None
    assert (found.handed.by_id, found.handed.at, found.reasons) == (room.teacher.person_id, NOW, ())
    assert [(it.kind, it.count, it.span) for it in found.handed.reasons] == [(Kind.UNPLEASANT, 3, 5)]
    hand_over(room, room.teacher, other)
    [again] = listed(room, other).asking
    assert again == found
    hand_over(room, other, room.teacher, now=NOW + DAY)
    assert [it.handed.by_id for it in listed(room, now=NOW + DAY).asking if it.handed] == [other.person_id]
    assert listed(room, other, NOW + DAY).asking == ()


def test_handing_over_is_for_other_adults_of_the_course_and_needs_a_reason(room: Classroom) -> None:
    turn_on(room, room.teacher, unpleasant="on")
    with pytest.raises(Refused, match="prompt_gone"):
        hand_over(room, room.teacher, colleague(room))
    days(room, 0, *LOW)
    stranger = classroom(room.database, 1).teacher
    for adult in (room.teacher, room.students[1], stranger, "", "x"):
        with pytest.raises(FormRefused) as refused:
            hand_over(room, room.teacher, adult)
        assert refused.value.errors == {"to": "choose"}
    assert asking(room) != {}


@pytest.mark.parametrize("verb", ["settle", "restore", "hand_over"])
def test_only_active_students_of_the_course_and_only_for_its_staff(room: Classroom, verb: str) -> None:
    zero = room.students[0]
    jobs: dict[str, Any] = {
        "settle": lambda db, viewer, one: prompts.settle(db, viewer, one, "seen", NOW, NOW),
        "restore": prompts.restore,
        "hand_over": lambda db, viewer, one: prompts.hand_over(db, viewer, one, "1", NOW, NOW),
    }
    for viewer in (zero, preview_of(room.teacher)):
        with pytest.raises(Refused, match="not_allowed"):
            room.database.write_now(lambda db, viewer=viewer: jobs[verb](db, viewer, zero.person_id))  # type: ignore[misc]
    stranger = classroom(room.database, 1).students[0].person_id

    def leaves(db: Session) -> None:
        db.get_one(Enrolment, (zero.person_id, room.course_id)).is_active = False

    room.database.write_now(leaves)
    for one in (stranger, room.teacher.person_id, zero.person_id, 999):
        with pytest.raises(Missing):
            room.database.write_now(lambda db, one=one: jobs[verb](db, room.teacher, one))  # type: ignore[misc]


def test_students_have_neither_a_list_nor_rules(room: Classroom) -> None:
    for job in (lambda db: prompts.of(db, room.students[0], NOW), lambda db: reminders.of(db, room.students[0])):
        with pytest.raises(Refused, match="not_allowed"):
            room.database.read_now(job)
    with pytest.raises(Refused, match="not_allowed"):
        turn_on(room, room.students[0], **ALL)


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        ({"unpleasant-count": "1"}, {"unpleasant-count": "choose"}),
        ({"unpleasant-count": "x"}, {"unpleasant-count": "choose"}),
        ({"unpleasant-count": "5", "unpleasant-span": "4"}, {"unpleasant-count": "more_than_span"}),
        ({"lower-span": "1"}, {"lower-span": "choose"}),
        ({"silent-count": "0"}, {"silent-count": "choose"}),
        ({"silent-span": "3"}, {"silent-span": "choose"}),
    ],
)
def test_numbers_that_are_not_offered_are_refused(fields: dict[str, str], errors: dict[str, str]) -> None:
    with pytest.raises(FormRefused) as refused:
        reminders.read(fields)
    assert refused.value.errors == errors


def test_rules_are_kept_with_their_numbers_on_or_off(room: Classroom) -> None:
    turn_on(room, room.teacher, **{"unpleasant": "on", "unpleasant-count": "2", "unpleasant-span": "4"})
    turn_on(room, room.teacher, **{"lower": "on", "unpleasant-count": "2", "unpleasant-span": "4"})
    found = room.database.read_now(lambda db: reminders.of(db, room.teacher))
    assert [(rule.kind, rule.is_on, rule.count, rule.span) for rule in found] == [
        (Kind.UNPLEASANT, False, 2, 4),
        (Kind.LOWER, True, 1, 3),
        (Kind.SILENT, False, 2, 0),
    ]


def test_who_erases_their_answers_or_is_erased_leaves_no_prompt(room: Classroom) -> None:
    turn_on(room, room.teacher, unpleasant="on")
    for student in (0, 1):
        days(room, student, *LOW)
        hand_over(room, room.teacher, colleague(room, f"c{student}"), student)
    exported = room.database.read_now(lambda db: persons.export(db, room.students[0].person_id))
    [course] = exported["courses"]
    assert [one["settled_as"] for one in course["prompts_about"]] == ["handed_over", None]
    assert course["prompts_about"][1]["reasons"] == [["unpleasant", 3, 5]]
    room.database.write_now(lambda db: reflections.erase_own(db, room.students[0]))
    room.database.write_now(lambda db: persons.erase(db, room.students[1].person_id, NOW))
    assert room.database.read_now(lambda db: db.exec(select(Prompt)).all()) == []


def test_an_adults_export_has_their_rules_and_their_erasure_takes_them(room: Classroom) -> None:
    turn_on(room, room.teacher, unpleasant="on")
    [course] = room.database.read_now(lambda db: persons.export(db, room.teacher.person_id))["courses"]
    assert {"kind": "unpleasant", "is_on": True, "count": 3, "span": 5} in course["reminders"]
    days(room, 0, *LOW)
    hand_over(room, room.teacher, colleague(room))
    room.database.write_now(lambda db: persons.erase(db, room.teacher.person_id, NOW))
    [left] = room.database.read_now(lambda db: db.exec(select(Prompt)).all())
    assert (left.handed_by_id, left.handed_at) == (None, NOW)


def test_the_home_counts_students_once_whether_asked_for_by_a_rule_or_a_note(room: Classroom) -> None:
    turn_on(room, room.teacher, unpleasant="on")
    days(room, 0, *LOW)

    def note(db: Session) -> None:
        for student in (0, 1):
            for day in (NOW.date(), None):
                words = Words(f"{student} {day}", day)
                follow_ups.write(db, room.teacher, room.students[student].person_id, words, NOW)

    room.database.write_now(note)
    assert room.database.read_now(lambda db: prompts.count(db, room.teacher, NOW)) == 2
