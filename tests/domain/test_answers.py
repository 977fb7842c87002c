from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlmodel import Session, select

from reflect.domain import answers, checkins
from reflect.domain.answers import Outcome, OwnAnswer
from reflect.domain.checkins import Draft
from reflect.domain.forms import FORMS
from reflect.domain.privacy.sealing import Content
from reflect.domain.refusals import Refused
from reflect.domain.sessions import Viewer
from reflect.storage.answers import Answer, Tally
from reflect.storage.database import Database
from tests.classroom import NOW, Classroom, classroom, counts, preview_of

TOMORROW = NOW + timedelta(days=1)


def own(room: Classroom, viewer: Viewer, checkin_id: int) -> OwnAnswer:
    return room.database.read_now(lambda db: answers.own(db, viewer, checkins.of(db, viewer, checkin_id)))


def days(room: Classroom) -> dict[tuple[date, str], int]:
    rows = room.database.read_now(lambda db: db.exec(select(Tally)).all())
    return {(row.on_day, row.choice): row.count for row in rows if row.count}


def test_a_named_answer_is_kept_with_the_name(database: Database) -> None:
    room = classroom(database, 2)
    checkin_id = room.open("named")
    assert room.answer(room.students[0], checkin_id, "calm") == Outcome.GIVEN
    found = room.for_staff(checkin_id)
    assert [(person.name, person.choice) for person in found.people] == [("Person 0", "calm")]
    assert own(room, room.students[0], checkin_id) == OwnAnswer(True, "calm")
    assert own(room, room.students[1], checkin_id) == OwnAnswer(False, None)


def test_a_named_answer_can_be_changed_while_open_and_counts_once(database: Database) -> None:
    room = classroom(database, 1)
    checkin_id = room.open("named")
    for emotion in ("calm", "happy", "happy", "tired"):
        assert room.answer(room.students[0], checkin_id, emotion) == Outcome.GIVEN
        assert counts(room.for_staff(checkin_id)) == {emotion: 1}


def test_a_changed_answer_stays_on_the_day_it_was_first_given_on(database: Database) -> None:
    room = classroom(database, 2)
    checkin_id = room.open("named")
    room.answer(room.students[0], checkin_id, "calm", NOW)
    room.answer(room.students[0], checkin_id, "happy", TOMORROW)
    room.answer(room.students[1], checkin_id, "calm", TOMORROW)
    assert days(room) == {(NOW.date(), "happy"): 1, (TOMORROW.date(), "calm"): 1}
    first = database.read_now(lambda db: db.get_one(Answer, (checkin_id, room.students[0].person_id)))
    assert (first.answered_at, first.changed_at) == (NOW, TOMORROW)


def given_together(room: Classroom, *many: tuple[int, int, str, date]) -> list[Outcome]:
    """Answers of (student, check-in, choice, day) that happen to share a transaction."""
    wishes = [
        (
            room.students[who],
            answers.Given(number, Content(choice), room.sealer, NOW.replace(day=day.day, month=day.month)),
        )
        for who, number, choice, day in many
    ]
    return room.database.write_now(lambda db: answers.give_each(db, wishes))


def test_answers_given_together_come_to_what_they_would_one_by_one(database: Database) -> None:
    room, today, tomorrow = classroom(database, 4), NOW.date(), TOMORROW.date()
    one, other, hidden = room.open("named"), room.open("named"), room.open("anonymous", "in_steps", 3)
    room.answer(room.students[3], one, "sad")
    outcomes = given_together(
        room,
        (0, one, "calm", today),
        (1, other, "bored", today),
        (0, hidden, "calm", today),
        (1, one, "calm", today),
        (0, one, "happy", tomorrow),
        (0, hidden, "sad", today),
        (0, one, "tired", tomorrow),
        (3, one, "calm", tomorrow),
        (2, one, "calm", tomorrow),
    )
    assert outcomes == [Outcome.ALREADY_GIVEN if place == 5 else Outcome.GIVEN for place in range(9)]
    assert counts(room.for_staff(one)) == {"calm": 3, "tired": 1}
    assert days(room) == {(today, "calm"): 2, (today, "tired"): 1, (today, "bored"): 1, (tomorrow, "calm"): 1}
    assert [own(room, student, one).choice for student in room.students] == ["tired", "calm", "calm", "calm"]
    assert (counts(room.for_staff(other)), room.for_staff(hidden).answered) == ({"bored": 1}, 1)


def test_of_answers_given_together_none_is_kept_if_one_is_refused(database: Database) -> None:
    room, today = classroom(database, 2), NOW.date()
    one, closed = room.open("named"), room.open("named")
    room.close(closed)
    with pytest.raises(Refused, match="checkin_closed"):
        given_together(room, (0, one, "calm", today), (1, closed, "calm", today))
    assert (room.for_staff(one).answered, days(room)) == (0, {})


def test_of_an_anonymous_answer_the_first_one_stands(database: Database) -> None:
    room = classroom(database, 3)
    checkin_id = room.open("anonymous", "in_steps", 3)
    outcomes = [room.answer(room.students[0], checkin_id, emotion) for emotion in ("calm", "tired", "tired")]
    assert outcomes == [Outcome.GIVEN, Outcome.ALREADY_GIVEN, Outcome.ALREADY_GIVEN]
    assert room.for_staff(checkin_id).answered == 1


def test_a_second_try_brings_no_release_nearer(database: Database) -> None:
    room = classroom(database, 3)
    checkin_id = room.open("anonymous", "in_steps", 3)
    for _ in range(3):
        room.answer(room.students[0], checkin_id, "calm")
        room.answer(room.students[1], checkin_id, "tired")
    assert counts(room.for_staff(checkin_id)) == {}
    assert room.for_staff(checkin_id).waiting == 2


def test_of_an_anonymous_answer_a_person_may_know_only_that_they_gave_it(database: Database) -> None:
    room = classroom(database, 2)
    checkin_id = room.open("anonymous")
    room.answer(room.students[0], checkin_id, "calm")
    assert own(room, room.students[0], checkin_id) == OwnAnswer(True, None)
    assert own(room, room.students[1], checkin_id) == OwnAnswer(False, None)


@pytest.mark.parametrize("role", ["teacher", "assistant", "observer", "none"])
def test_only_learners_answer(database: Database, role: str) -> None:
    room = classroom(database, 1)
    checkin_id = room.open("named")
    with pytest.raises(Refused, match="not_allowed"):
        room.answer(replace(room.students[0], role=role), checkin_id, "calm")
    assert room.for_staff(checkin_id).answered == 0


@pytest.mark.parametrize("emotion", ["", "no such", "Calm", "unsaid", " calm", "calm\x00"])
@pytest.mark.parametrize("anonymity", ["named", "anonymous"])
def test_what_is_no_feeling_of_the_checkin_is_refused(database: Database, anonymity: str, emotion: str) -> None:
    room = classroom(database, 1)
    checkin_id = room.open(anonymity)
    with pytest.raises(Refused, match="choice_missing"):
        room.answer(room.students[0], checkin_id, emotion)
    assert (room.for_staff(checkin_id).answered, room.checkin(checkin_id).version) == (0, 0)


def test_a_feeling_of_the_full_vocabulary_is_refused_by_a_core_checkin(database: Database) -> None:
    room = classroom(database, 1)
    core = room.open("named")
    draft = Draft.read({"question": "How?", "answer_form": "words_full"})
    full = database.write_now(lambda db: checkins.open(db, room.teacher, draft, 5, NOW))
    only_full = sorted(FORMS["words_full"].keys - FORMS["words_core"].keys)[0]
    with pytest.raises(Refused, match="choice_missing"):
        room.answer(room.students[0], core, only_full)
    assert room.answer(room.students[0], full, only_full) == Outcome.GIVEN


@pytest.mark.parametrize("anonymity", ["named", "anonymous"])
def test_a_preview_goes_through_every_check_and_keeps_nothing(database: Database, anonymity: str) -> None:
    room = classroom(database, 1)
    checkin_id, viewer = room.open(anonymity), preview_of(room.teacher)
    assert room.answer(viewer, checkin_id, "calm") == Outcome.NOT_KEPT
    with pytest.raises(Refused, match="choice_missing"):
        room.answer(viewer, checkin_id, "no such")
    assert own(room, viewer, checkin_id) == OwnAnswer(False, None)
    room.close(checkin_id)
    with pytest.raises(Refused, match="checkin_closed"):
        room.answer(viewer, checkin_id, "calm")


def test_an_answer_that_fails_on_its_way_leaves_nothing(database: Database) -> None:
    room = classroom(database, 3)
    checkin_id = room.open("anonymous", "in_steps", 3)

    def work(db: Session) -> None:
        answers.give(db, room.students[0], checkin_id, Content("calm"), room.sealer, NOW)
        raise Refused("not_allowed")

    with pytest.raises(Refused):
        database.write_now(work)
    assert room.for_staff(checkin_id).answered == 0
    assert room.answer(room.students[0], checkin_id, "calm") == Outcome.GIVEN
