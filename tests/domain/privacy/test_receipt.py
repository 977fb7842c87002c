from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import Session

from reflect.domain.privacy.receipt import Group, Reader, Receipt, write
from reflect.domain.privacy.release import is_due
from reflect.storage.checkins import Checkin
from reflect.storage.database import Database
from reflect.storage.people import Enrolment
from reflect.web.receipts import guest_receipt_sentences, receipt_before_choices, receipt_sentences
from tests.classroom import NOW, Classroom, classroom, enrolled
from tests.domain.school import school


def receipt_of(room: Classroom, checkin_id: int) -> Receipt:
    return room.database.read_now(lambda db: write(db, room.checkin(checkin_id), 90))


def join(room: Classroom, sub: str, role: str, **changes: bool) -> None:
    def work(db: Session) -> None:
        viewer = enrolled(db, 1, room.course_id, sub, role)
        enrolment = db.get_one(Enrolment, (viewer.person_id, room.course_id))
        for name, value in changes.items():
            setattr(enrolment, name, value)

    room.database.write_now(work)


def test_the_receipt_names_the_staff_of_this_moment(database: Database) -> None:
    room = classroom(database, 2)
    checkin_id = room.open("named")
    join(room, "a", "assistant")
    assert receipt_of(room, checkin_id).readers == (
        Reader("a", "Person a", "assistant"),
        Reader("t", "Person t", "teacher"),
    )


@pytest.mark.parametrize("role", ["learner", "observer", "none"])
def test_whoever_sees_no_answers_is_not_on_the_receipt(database: Database, role: str) -> None:
    room = classroom(database, 2)
    join(room, "x", role)
    assert [reader.sub for reader in receipt_of(room, room.open("named")).readers] == ["t"]


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_test_user": True}])
def test_who_left_and_test_users_are_not_on_the_receipt(database: Database, change: dict[str, bool]) -> None:
    room = classroom(database, 2)
    join(room, "x", "teacher", **change)
    assert [reader.sub for reader in receipt_of(room, room.open("named")).readers] == ["t"]


def test_staff_of_another_course_are_not_on_the_receipt(database: Database) -> None:
    room = classroom(database, 2)
    classroom(database, 2)
    assert len(receipt_of(room, room.open("named")).readers) == 1


@pytest.mark.parametrize("anonymity", ["named", "anonymous"])
@pytest.mark.parametrize("release", ["at_close", "in_steps"])
@pytest.mark.parametrize("shared", [True, False])
def test_the_receipt_repeats_the_promises_of_the_checkin(
    database: Database, anonymity: str, release: str, shared: bool
) -> None:
    room = classroom(database, 2)
    found = receipt_of(room, room.open(anonymity, release, 4, shared))
    assert replace(found, readers=()) == Receipt(
        anonymity == "anonymous", (), release, 4, shared, 90, offers_word=True, weekly_totals_from=4
    )


def test_what_the_receipt_says_of_leaders_is_true(database: Database) -> None:
    found = school(database, [5])
    (room,) = found.rooms
    for k, published in ((6, 0), (5, 1)):
        checkin_id = room.open("named", k=k, now=NOW + timedelta(weeks=6 - k))
        promised = receipt_of(room, checkin_id).weekly_totals_from
        for student in room.students:
            room.answer(student, checkin_id, "calm")
        assert found.publish(k=3, now=NOW + timedelta(weeks=8)) == published == int(len(room.students) >= promised)


def test_guests_are_told_of_no_leaders_because_they_are_counted_nowhere() -> None:
    told = Receipt(True, (), "at_close", 5, False, 90)
    assert not [sentence for sentence in guest_receipt_sentences(told, "en") if "Leaders" in sentence]
    said = receipt_sentences(replace(told, weekly_totals_from=5), "en")
    assert "Leaders of your institution see weekly totals of at least 5 people, never a name or an answer." in said


def test_the_first_sentence_of_a_receipt_is_the_one_that_matters_most() -> None:
    group = (Group("g", "Foxes"),)
    anonymous = Receipt(True, (), "at_close", 5, False, 90, groups=group)
    assert receipt_before_choices(anonymous, "en")[0].startswith("Nobody can find out which answer is yours")
    named = replace(anonymous, is_anonymous=False, readers=(Reader("t", "Pip", "teacher"),))
    assert receipt_before_choices(named, "en")[:2] == [
        "This person will see your name with your answer: Pip.",
        "Only the group Foxes is asked.",
    ]


@pytest.mark.parametrize(("readers", "more"), [(4, ""), (5, "Person 2, and 2 more."), (12, "Person 2, and 9 more.")])
def test_of_many_readers_the_first_sentence_names_a_few_and_the_next_one_all(readers: int, more: str) -> None:
    staff = tuple(Reader(str(number), f"Person {number}", "teacher") for number in range(readers))
    told = receipt_before_choices(Receipt(False, staff, "at_close", 5, False, 90), "en")
    whole = told[1] if more else told[0]
    assert told[0].startswith(f"These {readers} people") and told[0].endswith(more)
    assert all(reader.name in whole for reader in staff)
    assert len(told) == 5 + bool(more)


def test_what_the_receipt_says_of_the_group_size_is_true(database: Database) -> None:
    room = classroom(database, 4)
    checkin_id = room.open(release="in_steps", k=4)
    promised = receipt_of(room, checkin_id).min_group_size
    for answered, student in enumerate(room.students, 1):
        room.answer(student, checkin_id, "calm")
        assert bool(room.for_staff(checkin_id).shown) == is_due(answered, promised)


@pytest.mark.parametrize("anonymity", ["named", "anonymous"])
def test_a_mark_in_the_gradebook_is_told_beforehand(database: Database, anonymity: str) -> None:
    room = classroom(database, 3)
    checkin_id = room.open(anonymity)
    for gives_mark in (False, True):
        room.database.write_now(lambda db, it=gives_mark: setattr(db.get_one(Checkin, checkin_id), "gives_mark", it))  # type: ignore[misc]
        told = [
            sentence for sentence in receipt_sentences(receipt_of(room, checkin_id), "en") if "gradebook" in sentence
        ]
        assert bool(told) is gives_mark


ABOUT_OTHERS = ("Leaders", "Your classmates see totals", "Your classmates see the same", "gradebook", "the same totals")


@pytest.mark.parametrize("anonymity", ["named", "anonymous"])
def test_who_launches_without_a_person_is_told_of_no_totals_and_no_mark_that_leave_them_out(
    database: Database, anonymity: str
) -> None:
    room = classroom(database, 3)
    checkin_id = room.open(anonymity)
    room.database.write_now(lambda db: setattr(db.get_one(Checkin, checkin_id), "gives_mark", True))
    checkin = room.checkin(checkin_id)
    student, guest = (
        receipt_sentences(room.database.read_now(lambda db, it=it: write(db, checkin, 90, is_guest=it)), "en")  # type: ignore[misc]
        for it in (False, True)
    )
    assert len([sentence for sentence in student if any(words in sentence for words in ABOUT_OTHERS)]) >= 3
    assert not [sentence for sentence in guest if any(words in sentence for words in ABOUT_OTHERS)]
    of_guests = [sentence for sentence in guest if sentence not in student]
    shown = "The totals may be shown to the class, and to the room you are in."
    assert of_guests == ([shown] if anonymity == "anonymous" else [])
