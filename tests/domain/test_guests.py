from dataclasses import replace

import pytest
from sqlmodel import Session

from reflect.domain import checkins, guests
from reflect.domain.forms import OTHER_WORD
from reflect.domain.privacy.sealing import Content
from reflect.domain.refusals import FormRefused, Refused
from reflect.storage import guests as rows
from reflect.storage.database import Database
from tests.classroom import NOW, SEALER, Classroom, classroom, counts
from tests.storage.behind import one_behind_another


def opened(room: Classroom, checkin_id: int, places: int = 200) -> str:
    return room.database.write_now(lambda db: guests.open_to_guests(db, room.teacher, checkin_id, places, NOW))


def closed(room: Classroom, checkin_id: int) -> None:
    room.database.write_now(lambda db: guests.close_to_guests(db, room.teacher, checkin_id, NOW))


def answers(room: Classroom, code: str, *choices: str) -> None:
    for choice in choices:
        room.database.write_now(lambda db, choice=choice: guests.answer(db, code, Content(choice), SEALER))


def seen(room: Classroom, checkin_id: int) -> guests.GuestResults:
    found = room.database.read_now(
        lambda db: guests.for_staff(db, room.teacher, checkins.of(db, room.teacher, checkin_id))
    )
    assert found
    return found


def test_guests_answer_by_the_code_and_are_counted_apart(database: Database) -> None:
    room = classroom(database, 4)
    checkin_id = room.open("anonymous", "in_steps", 3)
    code = opened(room, checkin_id)
    answers(room, code, "calm", "happy", "tired", "calm")
    for student in room.students[:2]:
        room.answer(student, checkin_id, "calm")
    found = seen(room, checkin_id)
    assert found.opening.answered == 4
    assert counts(found.results) == {"calm": 1, "happy": 1, "tired": 1} or found.results.unsaid
    assert found.results.waiting == 1
    assert room.for_staff(checkin_id).answered == 2
    assert counts(room.for_staff(checkin_id)) == {}


def test_each_answer_of_a_guest_makes_the_results_page_new(database: Database) -> None:
    room = classroom(database, 1)
    checkin_id = room.open("anonymous")
    code = opened(room, checkin_id)
    before = room.checkin(checkin_id).version
    answers(room, code, "calm")
    assert room.checkin(checkin_id).version > before


def test_too_few_guests_at_the_close_are_destroyed_and_told_as_a_number(database: Database) -> None:
    room = classroom(database, 1)
    checkin_id = room.open("anonymous", "at_close", 3)
    answers(room, opened(room, checkin_id), "calm", "happy")
    room.close(checkin_id)
    found = seen(room, checkin_id)
    assert (found.results.withheld, found.results.bars, found.results.waiting) == (2, (), 0)
    assert database.read_now(lambda db: rows.sealed_count(db, checkin_id)) == 0


def test_closing_to_guests_shows_nothing_before_the_close_of_the_checkin(database: Database) -> None:
    room = classroom(database, 1)
    checkin_id = room.open("anonymous", "at_close", 3)
    answers(room, opened(room, checkin_id), "calm", "happy", "tired", "sad")
    closed(room, checkin_id)
    assert seen(room, checkin_id).results.bars == ()
    room.close(checkin_id)
    assert seen(room, checkin_id).results.shown + seen(room, checkin_id).results.unsaid == 4


def test_what_is_closed_to_guests_can_be_opened_again_by_the_same_code(database: Database) -> None:
    room = classroom(database, 1)
    checkin_id = room.open("anonymous")
    code = opened(room, checkin_id)
    answers(room, code, "calm")
    closed(room, checkin_id)
    with pytest.raises(Refused, match="guests_closed"):
        answers(room, code, "calm")
    assert opened(room, checkin_id) == code
    answers(room, code, "calm")
    opening = seen(room, checkin_id).opening
    assert (opening.answered, opening.closed_at, opening.opened_by_id) == (2, None, room.teacher.person_id)


def test_it_stays_written_who_opened_and_who_closed_it(database: Database) -> None:
    room = classroom(database, 1)
    checkin_id = room.open("anonymous")
    opened(room, checkin_id)
    closed(room, checkin_id)
    opening = seen(room, checkin_id).opening
    assert (opening.opened_at, opening.opened_by_id) == (NOW, room.teacher.person_id)
    assert (opening.closed_at, opening.closed_by_id) == (NOW, room.teacher.person_id)


def test_no_more_guests_answer_than_there_are_places(database: Database) -> None:
    room = classroom(database, 1)
    checkin_id = room.open("anonymous", k=3)
    code = opened(room, checkin_id, places=3)
    answers(room, code, "calm", "calm", "calm")
    with pytest.raises(Refused, match="guests_full"):
        answers(room, code, "calm")
    assert database.read_now(lambda db: rows.sealed_count(db, checkin_id)) == 3


def test_of_two_guests_who_come_at_once_for_the_last_place_one_gets_it(two_workers: tuple[Database, Database]) -> None:
    here, there = two_workers
    room = classroom(here, 1)
    checkin_id = room.open("anonymous", k=3)
    code = opened(room, checkin_id, places=3)
    answers(room, code, "calm", "calm")

    def answering(db: Session) -> None:
        guests.answer(db, code, Content("calm"), SEALER)

    with pytest.raises(Refused, match="guests_full"):
        one_behind_another(here, there, answering, answering)
    assert here.read_now(lambda db: rows.sealed_count(db, checkin_id)) == 3


def test_a_closed_checkin_takes_no_guests(database: Database) -> None:
    room = classroom(database, 1)
    checkin_id = room.open("anonymous")
    code = opened(room, checkin_id)
    room.close(checkin_id)
    with pytest.raises(Refused, match="guests_closed"):
        answers(room, code, "calm")
    with pytest.raises(Refused, match="checkin_closed"):
        opened(room, checkin_id)


def test_a_named_checkin_has_no_guests(database: Database) -> None:
    room = classroom(database, 1)
    with pytest.raises(Refused, match="guests_named"):
        opened(room, room.open("named"))


@pytest.mark.parametrize("role", ["learner", "observer", "author", "none"])
def test_only_staff_open_to_guests_and_close(database: Database, role: str) -> None:
    room = classroom(database, 1)
    checkin_id = room.open("anonymous")
    code = opened(room, checkin_id)
    other = replace(room, teacher=replace(room.students[0], role=role))
    for act in (opened, closed):
        with pytest.raises(Refused, match="not_allowed"):
            act(other, checkin_id)
    answers(room, code, "calm")


def test_what_is_no_feeling_of_the_checkin_takes_no_place(database: Database) -> None:
    room = classroom(database, 1)
    checkin_id = room.open("anonymous")
    code = opened(room, checkin_id)
    for choice in ("", "unsaid", "no such"):
        with pytest.raises(Refused, match="choice_missing"):
            answers(room, code, choice)
    assert seen(room, checkin_id).opening.answered == 0


@pytest.mark.parametrize("typed", ["", "4", "2001", "-5", "5.0", "five", "٥٠", "1e2", "99999999999"])
def test_places_are_a_number_that_can_show_something(typed: str) -> None:
    with pytest.raises(FormRefused) as refusal:
        guests.read_places({"places": typed}, 5)
    assert refusal.value.errors == {"places": "places"}


def test_without_a_word_there_are_200_places() -> None:
    assert guests.read_places({}, 5) == 200
    assert guests.read_places({"places": " 5 "}, 5) == 5


def says(room: Classroom, code: str, *said: Content) -> None:
    for content in said:
        room.database.write_now(lambda db, content=content: guests.answer(db, code, content, SEALER))


def test_what_guests_write_is_read_by_staff_beside_the_guests_totals_only(database: Database) -> None:
    room = classroom(database, 3)
    checkin_id = room.open("anonymous", "in_steps", 4, asks_note="yes")
    code = opened(room, checkin_id)
    says(
        room,
        code,
        Content("sad"),
        Content(OTHER_WORD, " wob  bly "),
        Content("calm", "left over", "The hall\r\nwas cold. "),
    )
    assert (seen(room, checkin_id).results.words, seen(room, checkin_id).results.notes) == ((), ())
    says(room, code, Content("happy"))
    found = seen(room, checkin_id).results
    assert (found.words, found.notes) == (("wob bly",), ("The hall\nwas cold.",))
    assert (room.for_staff(checkin_id).words, room.for_staff(checkin_id).notes) == ((), ())
    room.close(checkin_id)
    of_class = room.for_class(checkin_id)
    assert of_class is None or (of_class.words, of_class.notes) == ((), ())


def test_where_no_note_is_asked_for_none_is_kept(database: Database) -> None:
    room = classroom(database, 1)
    checkin_id = room.open("anonymous", "in_steps", 3)
    says(room, opened(room, checkin_id), *(Content(choice, note="Hello.") for choice in ("calm", "happy", "sad")))
    assert seen(room, checkin_id).results.notes == ()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (Content(OTHER_WORD), "word_missing"),
        (Content(OTHER_WORD, "x" * 31), "word_too_long"),
        (Content(OTHER_WORD, "a\u202eb"), "word_unprintable"),
        (Content("calm", note="x" * 501), "note_too_long"),
        (Content("calm", note="a\x00b"), "note_unprintable"),
    ],
)
def test_what_cannot_be_kept_takes_no_place(database: Database, content: Content, code: str) -> None:
    room = classroom(database, 1)
    checkin_id = room.open("anonymous", asks_note="yes")
    opening = opened(room, checkin_id)
    with pytest.raises(Refused, match=code):
        says(room, opening, content)
    assert seen(room, checkin_id).opening.answered == 0


def test_a_form_without_another_word_takes_none_of_guests(database: Database) -> None:
    room = classroom(database, 1)
    checkin_id = room.open("anonymous", answer_form="faces")
    code = opened(room, checkin_id)
    with pytest.raises(Refused, match="choice_missing"):
        says(room, code, Content(OTHER_WORD, "wobbly"))


def test_who_launches_without_a_person_takes_no_place_of_the_address(database: Database) -> None:
    room = classroom(database, 1)
    checkin_id = room.open("anonymous", k=3)
    for _ in range(3):
        room.answer(room.nobody(), checkin_id, "calm")
    assert not seen(room, checkin_id).has_address
    code = opened(room, checkin_id, places=3)
    room.answer(room.nobody(), checkin_id, "calm")
    answers(room, code, "calm", "sad", "happy")
    with pytest.raises(Refused, match="guests_full"):
        answers(room, code, "calm")
    room.answer(room.nobody(), checkin_id, "calm")
    found = seen(room, checkin_id)
    assert (found.opening.answered, guests.by_address(found.opening), found.has_address) == (8, 3, True)
