from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from reflect.domain import gradebooks
from reflect.domain.gradebooks import BACK_OFF, GIVEN_UP_AFTER, MAKING, PLACING, Hold
from reflect.domain.sessions import Viewer
from reflect.storage.checkins import Checkin
from reflect.storage.database import Database
from reflect.storage.services import LineItem, Score, due_scores, is_any_score_due, late_scores, registrations_due
from tests.classroom import NOW, Classroom, classroom, preview_of
from tests.storage.behind import one_behind_another

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


def due(room: Classroom, now: datetime, most: int = 10) -> list[int]:
    """Whose marks are taken up for the one platform that has any that are due, in order; nobody's without."""

    def work(db: Session) -> list[int]:
        return [row.person_id for one in registrations_due(db, now) for row in due_scores(db, one, now, most)]

    return room.database.read_now(work)


def people(viewers: Sequence[Viewer]) -> list[int]:
    return [viewer.person_id for viewer in viewers]


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
    assert due(room, LATER) == []
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
    assert due(room, NOW + timedelta(days=1), 3) == people(room.students[::-1])[:3]


def test_a_mark_that_was_refused_does_not_go_before_those_that_were_not(room: Classroom) -> None:
    checkin = opened(room, "named")
    for student in room.students[:3]:
        room.answer(student, checkin, "calm")
    fail(room, outbox(room)[0])
    room.answer(room.students[3], checkin, "calm", LATER)
    assert due(room, LATER) == people([*room.students[1:], room.students[0]])


def test_a_check_in_of_which_a_mark_was_refused_goes_after_the_others(room: Classroom) -> None:
    refused, other = opened(room, "named"), opened(room, "named")
    for student in room.students[:2]:
        room.answer(student, refused, "calm")
    fail(room, outbox(room)[0])
    room.answer(room.students[2], other, "calm", LATER)
    assert due(room, LATER) == people([room.students[2], room.students[1], room.students[0]])
    send(room, outbox(room)[0], LATER)
    assert due(room, LATER) == people(room.students[1:3]), "it has been taken since"


def test_what_fell_due_together_goes_by_person(room: Classroom) -> None:
    checkin = opened(room, "anonymous")
    for student in reversed(room.students):
        room.answer(student, checkin, "calm")
    room.close(checkin)
    assert due(room, NOW) == people(room.students)


def test_each_platform_has_its_own_marks_and_the_longest_wait_goes_first(room: Classroom) -> None:
    other = classroom(room.database, 2)
    for where, now in ((room, LATER), (other, NOW)):
        where.answer(where.students[0], opened(where, "named"), "calm", now)

    def platforms(db: Session) -> list[list[int]]:
        found = registrations_due(db, LATER)
        return [[row.person_id for row in due_scores(db, one, LATER, 10)] for one in found]

    assert room.database.read_now(platforms) == [people(other.students[:1]), people(room.students[:1])]


@pytest.mark.parametrize(("asked", "wait"), [(None, BACK_OFF[0]), (timedelta(hours=2), timedelta(hours=2))])
def test_a_platform_that_takes_nothing_is_spared_all_marks_and_no_other(
    room: Classroom, asked: timedelta | None, wait: timedelta
) -> None:
    other = classroom(room.database, 2)
    for where in (room, other):
        where.answer(where.students[0], opened(where, "named"), "calm")
    room.answer(room.students[1], outbox(room)[0].checkin_id, "calm")
    taken_up, *_ = outbox(room)

    def work(db: Session) -> None:
        (registration_id, _) = sorted(registrations_due(db, NOW))
        db.get_one(Score, (taken_up.checkin_id, taken_up.person_id)).due_at = NOW + timedelta(days=1)
        gradebooks.spare(db, registration_id, [(taken_up.checkin_id, taken_up.person_id)], NOW, asked)

    room.database.write_now(work)
    assert [(row.due_at, row.tries, row.fault) for row in outbox(room)] == [
        (NOW + wait, 0, ""),
        (NOW + wait, 0, ""),
        (NOW, 0, ""),
    ]


def test_only_the_marks_of_one_check_in_are_spared_where_the_others_are_taken(room: Classroom) -> None:
    for checkin in (opened(room, "named"), opened(room, "named")):
        for student in room.students[:2]:
            room.answer(student, checkin, "calm")
    spared = outbox(room)[0].checkin_id

    def work(db: Session) -> None:
        (registration_id,) = registrations_due(db, NOW)
        gradebooks.spare(db, registration_id, [], NOW, None, spared)

    room.database.write_now(work)
    assert {(row.checkin_id == spared, row.due_at) for row in outbox(room)} == {
        (True, NOW + BACK_OFF[0]),
        (False, NOW),
    }


def test_what_was_sent_meanwhile_is_not_put_off(room: Classroom) -> None:
    room.answer(room.students[0], opened(room, "named"), "calm")
    (score,) = outbox(room)
    send(room, score, NOW)
    room.database.write_now(lambda db: gradebooks.put_off(db, [(score.checkin_id, score.person_id), (0, 0)], LATER))
    assert (outbox(room)[0].due_at, outbox(room)[0].is_waiting) == (NOW, False)


def test_late_is_what_was_refused_or_is_overdue_and_not_what_waits_with_it(room: Classroom) -> None:
    checkin = opened(room, "named")
    for student in room.students[:3]:
        room.answer(student, checkin, "calm")

    def late(now: datetime) -> int:
        return room.database.read_now(lambda db: late_scores(db, now))

    assert (late(NOW + timedelta(minutes=5)), late(NOW + timedelta(minutes=6))) == (0, 3)
    refused, *others = outbox(room)
    fail(room, refused)
    spared = [(score.checkin_id, score.person_id) for score in others]
    room.database.write_now(lambda db: gradebooks.put_off(db, spared, LATER))
    assert late(NOW + timedelta(minutes=6)) == 1
    send(room, refused, LATER)
    assert late(NOW + timedelta(minutes=6)) == 0


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


def hold(room: Classroom, checkin_id: int, now: datetime) -> Hold:
    return room.database.write_now(lambda db: gradebooks.hold(db, checkin_id, now))


def column(room: Classroom, checkin_id: int) -> LineItem | None:
    return room.database.read_now(lambda db: db.get(LineItem, checkin_id))


def test_one_worker_at_a_time_makes_a_column_and_one_that_died_keeps_it_for_a_minute(room: Classroom) -> None:
    checkin = opened(room, "named")
    assert hold(room, checkin, NOW) == Hold(True, is_first=True)
    assert hold(room, checkin, NOW + MAKING - timedelta(seconds=1)) == Hold(False)
    assert hold(room, checkin, NOW + MAKING) == Hold(True)


def test_a_column_that_is_there_may_be_made_again_when_it_is_gone(room: Classroom) -> None:
    checkin = opened(room, "named")
    hold(room, checkin, NOW)
    room.database.write_now(lambda db: gradebooks.found(db, checkin, "https://campus.example/1", NOW))
    assert hold(room, checkin, NOW) == Hold(True)


def test_a_column_of_a_placed_link_is_left_to_the_platform(room: Classroom) -> None:
    checkin = opened(room, "named", gives_mark=False)
    ask(room, checkin)
    assert hold(room, checkin, LATER + PLACING - timedelta(seconds=1)) == Hold(False)
    assert hold(room, checkin, LATER + PLACING) == Hold(True)


def test_a_launch_of_the_link_ends_that_and_takes_no_column_from_a_worker(room: Classroom) -> None:
    checkin = opened(room, "named", gives_mark=False)
    ask(room, checkin)
    for minutes in (0, 5):
        at = LATER + timedelta(minutes=minutes)
        room.database.write_now(lambda db, now=at: gradebooks.placed(db, checkin, now))
    assert hold(room, checkin, LATER + MAKING - timedelta(seconds=1)) == Hold(False)
    assert hold(room, checkin, LATER + MAKING) == Hold(True)
    room.database.write_now(lambda db: gradebooks.placed(db, checkin, LATER + MAKING + timedelta(seconds=1)))
    assert hold(room, checkin, LATER + 2 * MAKING - timedelta(seconds=1)) == Hold(False)
    assert hold(room, checkin, LATER + 2 * MAKING) == Hold(True)


def test_a_launch_of_a_check_in_without_a_column_changes_nothing(room: Classroom) -> None:
    checkin = opened(room, "named")
    room.database.write_now(lambda db: gradebooks.placed(db, checkin, NOW))
    assert column(room, checkin) is None


def test_a_column_that_could_not_be_made_is_asked_for_by_a_link_that_comes_later(room: Classroom) -> None:
    checkin = opened(room, "named")
    held = hold(room, checkin, NOW)
    room.database.write_now(lambda db: gradebooks.let_go(db, checkin, Hold(False)))
    assert hold(room, checkin, NOW) == Hold(False), "who does not hold it cannot let it go"
    room.database.write_now(lambda db: gradebooks.let_go(db, checkin, held))
    assert column(room, checkin) is None
    assert ask(room, checkin) == {checkin}


def test_a_column_that_was_asked_for_and_could_not_be_made_is_not_asked_for_again(room: Classroom) -> None:
    checkin = opened(room, "named")
    ask(room, checkin)
    held = hold(room, checkin, LATER + PLACING)
    room.database.write_now(lambda db: gradebooks.let_go(db, checkin, held))
    assert hold(room, checkin, LATER + PLACING) == Hold(True)
    assert ask(room, checkin) == frozenset()


@pytest.mark.parametrize("is_known", [False, True])
def test_of_two_workers_of_postgresql_one_holds_a_column(
    two_workers: tuple[Database, Database], is_known: bool
) -> None:
    here, there = two_workers
    room = classroom(here, 1)
    checkin = opened(room, "named")
    if is_known:
        here.write_now(lambda db: gradebooks.found(db, checkin, "https://campus.example/1", NOW))
    held: list[Hold] = []

    def work(db: Session) -> Hold:
        held.append(gradebooks.hold(db, checkin, NOW))
        return held[-1]

    assert one_behind_another(here, there, work, work) == Hold(False)
    assert [one.is_ours for one in held] == [True, False]


def test_who_launches_without_a_person_gets_no_mark_before_or_after_a_column_is_asked_for(room: Classroom) -> None:
    for gives_mark in (True, False):
        checkin = opened(room, "named", gives_mark=gives_mark)
        room.answer(room.nobody(), checkin, "calm")
        room.answer(room.students[0], checkin, "calm")
        if not gives_mark:
            begin(room, checkin)
        assert [score.person_id for score in outbox(room) if score.checkin_id == checkin] == people(room.students[:1])
