from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from reflect.domain import gradebooks
from reflect.domain.gradebooks import BACK_OFF, GIVEN_UP_AFTER
from reflect.storage.checkins import Checkin
from reflect.storage.database import Database
from reflect.storage.services import Score, due_scores, is_any_score_due
from tests.classroom import NOW, Classroom, classroom, preview_of

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def room(database: Database) -> Classroom:
    return classroom(database, 4)


def opened(room: Classroom, anonymity: str, gives_mark: bool = True) -> int:
    checkin_id = room.open(anonymity)

    def mark(db: Session) -> None:
        db.get_one(Checkin, checkin_id).gives_mark = gives_mark

    room.database.write_now(mark)
    return checkin_id


def outbox(room: Classroom) -> list[Score]:
    return room.database.read_now(lambda db: list(db.exec(select(Score).order_by(col(Score.person_id))).all()))


def begin(room: Classroom, checkin_id: int) -> None:
    room.database.write_now(lambda db: gradebooks.begin_marking(db, [checkin_id], LATER))


def fail(room: Classroom, score: Score, retry_after: timedelta | None = None) -> Score:
    key = score.checkin_id, score.person_id
    room.database.write_now(lambda db: gradebooks.failed(db, *key, "busy", NOW, retry_after))
    return outbox(room)[0]


def test_a_named_answer_is_marked_at_once_and_a_changed_one_no_more(room: Classroom) -> None:
    checkin = opened(room, "named")
    for emotion in ("calm", "happy"):
        room.answer(room.students[0], checkin, emotion)
    (score,) = outbox(room)
    assert (score.person_id, score.due_at, score.sent_at) == (room.students[0].person_id, NOW, None)


def test_an_anonymous_answer_is_marked_at_the_close_with_all_others(room: Classroom) -> None:
    checkin = opened(room, "anonymous")
    for student in room.students[:3]:
        room.answer(student, checkin, "calm")
    assert outbox(room) == []
    room.close(checkin, LATER)
    assert [(score.person_id, score.due_at) for score in outbox(room)] == [
        (student.person_id, LATER) for student in room.students[:3]
    ]


@pytest.mark.parametrize("anonymity", ["named", "anonymous"])
def test_without_a_column_nobody_is_marked(room: Classroom, anonymity: str) -> None:
    checkin = opened(room, anonymity, gives_mark=False)
    room.answer(room.students[0], checkin, "calm")
    room.close(checkin)
    assert outbox(room) == []


@pytest.mark.parametrize("anonymity", ["named", "anonymous"])
def test_a_preview_is_never_marked(room: Classroom, anonymity: str) -> None:
    checkin = opened(room, anonymity)
    room.answer(preview_of(room.teacher), checkin, "calm")
    room.close(checkin)
    assert outbox(room) == []


def test_a_column_that_comes_later_marks_who_has_answered(room: Classroom) -> None:
    checkin = opened(room, "named", gives_mark=False)
    room.answer(room.students[0], checkin, "calm")
    begin(room, checkin)
    begin(room, checkin)
    room.answer(room.students[1], checkin, "calm")
    assert [score.due_at for score in outbox(room)] == [LATER, NOW]


def test_a_column_that_comes_later_to_an_anonymous_one_waits_for_its_close(room: Classroom) -> None:
    checkin = opened(room, "anonymous", gives_mark=False)
    room.answer(room.students[0], checkin, "calm")
    begin(room, checkin)
    assert outbox(room) == []
    room.close(checkin, LATER)
    assert len(outbox(room)) == 1


def test_a_column_that_comes_after_the_close_marks_all_at_once(room: Classroom) -> None:
    checkin = opened(room, "anonymous", gives_mark=False)
    for student in room.students:
        room.answer(student, checkin, "calm")
    room.close(checkin)
    begin(room, checkin)
    begin(room, checkin)
    assert [score.due_at for score in outbox(room)] == [LATER] * 4


def test_what_was_sent_is_not_due_any_more(room: Classroom) -> None:
    checkin = opened(room, "named")
    room.answer(room.students[0], checkin, "calm")
    (score,) = outbox(room)
    assert room.database.read_now(lambda db: is_any_score_due(db, NOW))
    assert not room.database.read_now(lambda db: is_any_score_due(db, NOW - timedelta(seconds=1)))
    room.database.write_now(lambda db: gradebooks.sent(db, score.checkin_id, score.person_id, LATER))
    assert not room.database.read_now(lambda db: is_any_score_due(db, LATER))
    assert room.database.read_now(lambda db: due_scores(db, LATER, 10)) == []
    assert (outbox(room)[0].sent_at, outbox(room)[0].tries) == (LATER, 1)


def test_each_failure_waits_longer_and_as_long_as_the_platform_asks(room: Classroom) -> None:
    checkin = opened(room, "named")
    room.answer(room.students[0], checkin, "calm")
    (score,) = outbox(room)
    for tries, wait in enumerate((*BACK_OFF, BACK_OFF[-1]), 1):
        score = fail(room, score)
        assert (score.due_at, score.tries, score.fault) == (NOW + wait, tries, "busy")
    assert fail(room, score, timedelta(days=1)).due_at == NOW + timedelta(days=1)


def test_in_the_end_a_mark_is_given_up(room: Classroom) -> None:
    checkin = opened(room, "named")
    room.answer(room.students[0], checkin, "calm")
    score = outbox(room)[0]
    for _ in range(GIVEN_UP_AFTER):
        score = fail(room, score)
    assert score.due_at > NOW + timedelta(days=365)


def test_a_mark_of_somebody_who_was_forgotten_meanwhile_is_no_fault(room: Classroom) -> None:
    room.database.write_now(lambda db: gradebooks.sent(db, 1, 1, NOW))
    room.database.write_now(lambda db: gradebooks.failed(db, 1, 1, "busy", NOW))
    assert outbox(room) == []


def test_the_oldest_marks_go_first_and_no_more_than_asked_for(room: Classroom) -> None:
    checkin = opened(room, "named")
    for hours, student in enumerate(reversed(room.students)):
        room.answer(student, checkin, "calm", NOW + timedelta(hours=hours))
    found = room.database.read_now(lambda db: [row.person_id for row in due_scores(db, NOW + timedelta(days=1), 3)])
    assert found == [student.person_id for student in reversed(room.students)][:3]


def send(room: Classroom, score: Score, at: datetime) -> None:
    room.database.write_now(lambda db: gradebooks.sent(db, score.checkin_id, score.person_id, at))


@pytest.mark.parametrize("anonymity", ["named", "anonymous"])
def test_all_marks_that_were_sent_are_due_again_at_one_moment(room: Classroom, anonymity: str) -> None:
    checkin = opened(room, anonymity)
    for student in room.students[:3]:
        room.answer(student, checkin, "calm")
    room.close(checkin)
    *taken, waiting = outbox(room)
    for score in taken:
        send(room, score, NOW)
    room.database.write_now(lambda db: gradebooks.send_again(db, checkin, LATER))
    assert [(score.is_waiting, score.due_at, score.tries) for score in outbox(room)] == [
        (True, LATER, 0),
        (True, LATER, 0),
        (True, waiting.due_at, 0),
    ]


def test_an_open_anonymous_check_in_has_nothing_to_send_again(room: Classroom) -> None:
    checkin = opened(room, "anonymous")
    room.answer(room.students[0], checkin, "calm")
    room.database.write_now(lambda db: gradebooks.send_again(db, checkin, LATER))
    assert outbox(room) == []


def test_another_check_ins_marks_are_left_alone(room: Classroom) -> None:
    checkin, other = opened(room, "named"), opened(room, "named")
    room.answer(room.students[0], checkin, "calm")
    send(room, outbox(room)[0], NOW)
    room.database.write_now(lambda db: gradebooks.send_again(db, other, LATER))
    assert not outbox(room)[0].is_waiting


def test_a_second_sending_is_later_by_a_whole_second_even_if_the_clock_stands_still() -> None:
    assert gradebooks.moment_after(None, NOW) == NOW
    assert gradebooks.moment_after(NOW, NOW) == NOW + timedelta(seconds=1)
    assert gradebooks.moment_after(LATER, NOW) == LATER + timedelta(seconds=1)
    assert gradebooks.moment_after(NOW, LATER) == LATER


def ask(room: Classroom, *checkin_ids: int) -> frozenset[int]:
    return room.database.write_now(lambda db: gradebooks.ask_for_columns(db, checkin_ids, LATER))


def test_only_the_first_link_of_a_check_in_asks_for_a_column(room: Classroom) -> None:
    first, second = opened(room, "named", gives_mark=False), opened(room, "named", gives_mark=False)
    assert ask(room, first) == {first}
    assert ask(room, first, second) == {second}
    assert ask(room, first, second) == ask(room) == frozenset()
    assert room.checkin(first).gives_mark and room.checkin(second).gives_mark


@pytest.mark.parametrize("anonymity", ["named", "anonymous"])
def test_another_link_sends_the_marks_once_more(room: Classroom, anonymity: str) -> None:
    checkin = opened(room, anonymity)
    for student in room.students[:2]:
        room.answer(student, checkin, "calm")
    room.close(checkin)
    ask(room, checkin)
    for score in outbox(room):
        send(room, score, NOW)
    ask(room, checkin)
    assert [(score.is_waiting, score.due_at) for score in outbox(room)] == [(True, LATER)] * 2
