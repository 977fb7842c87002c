"""What becomes of a check-in: edited, duplicated, reopened, put away, deleted."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest
from sqlmodel import Session, select

from reflect.domain import autosaves, checkins, lifecycle, openings
from reflect.domain.checkins import Draft
from reflect.domain.privacy import retention
from reflect.domain.privacy.retention import purge
from reflect.domain.refusals import FormRefused, Missing, Refused
from reflect.domain.schedules import Schedule
from reflect.storage.answers import Answer, Participation, SealedAnswer, Tally
from reflect.storage.checkins import Checkin
from reflect.storage.database import Database
from tests.classroom import NOW, SEALER, Classroom, classroom, counts

LATER = NOW + timedelta(hours=1)


def draft(**fields: str) -> Draft:
    return Draft.read({"question": "Changed?", **fields})


def edit(room: Classroom, number: int, **fields: str) -> None:
    wanted = draft(**fields)
    room.database.write_now(lambda db: lifecycle.edit(db, room.teacher, number, wanted, 3, NOW))


def prepare(room: Classroom, **fields: str) -> int:
    wanted = draft(**fields)
    return room.database.write_now(lambda db: checkins.prepare(db, room.teacher, wanted, 3, NOW))


def test_a_prepared_one_can_be_changed_in_everything(database: Database) -> None:
    room = classroom(database, 4)
    number, group = prepare(room, anonymity="anonymous"), room.group("all", *room.students)
    edit(room, number, answer_form="words_full", **{f"group-{group}": "yes"})
    row = room.checkin(number)
    assert (row.form, row.is_anonymous, row.for_groups) == ("words_full", False, True)
    assert room.database.read_now(lambda db: lifecycle.group_ids_of(db, row)) == {group}


def test_an_open_one_changes_only_until_the_first_answer(database: Database) -> None:
    room = classroom(database, 2)
    for anonymity in ("named", "anonymous"):
        number = room.open(anonymity, shared_with_class=False)
        edit(room, number, anonymity=anonymity)
        assert room.checkin(number).question == "Changed?"
        room.answer(room.students[0], number, "calm")
        with pytest.raises(Refused, match="checkin_answered"):
            edit(room, number, anonymity=anonymity)


def test_an_open_one_may_come_to_promise_more_but_never_less(database: Database) -> None:
    room = classroom(database, 4)
    group = room.group("all", *room.students)
    named, anonymous = room.open("named", shared_with_class=False), room.open("anonymous", shared_with_class=False)
    for number, field, fields in (
        (anonymous, "anonymity", {"anonymity": "named"}),
        (anonymous, "release", {"anonymity": "anonymous", "release": "in_steps"}),
        (named, "shared_with_class", {"shared_with_class": "yes"}),
        (named, "groups", {f"group-{group}": "yes"}),
    ):
        with pytest.raises(FormRefused) as refused:
            edit(room, number, **fields)
        assert refused.value.errors == {field: "promise_given"}
    edit(room, named, anonymity="anonymous")
    assert room.checkin(named).is_anonymous
    assert room.checkin(anonymous).question != "Changed?"


def test_a_closed_one_is_not_changed(database: Database) -> None:
    room = classroom(database, 1)
    number = room.open("named")
    room.close(number)
    with pytest.raises(Refused, match="checkin_closed"):
        edit(room, number)


def test_a_duplicate_has_all_settings_and_groups_and_is_only_prepared(database: Database) -> None:
    room = classroom(database, 4)
    group = room.group("all", *room.students)
    number = room.open("anonymous", "in_steps", groups=[group])
    twin = database.write_now(lambda db: lifecycle.duplicate(db, room.teacher, number, 5))
    before, after = room.checkin(number), room.checkin(twin)
    assert lifecycle.settings(before) == lifecycle.settings(after)
    assert (after.opened_at, after.min_group_size, after.series_id) == (None, 5, None)
    assert database.read_now(lambda db: lifecycle.group_ids_of(db, after)) == {group}


def test_the_fields_of_a_check_in_make_the_same_again(database: Database) -> None:
    room = classroom(database, 4)
    group = room.group("all", *room.students)
    row = room.checkin(room.open("anonymous", "in_steps", groups=[group]))
    fields = database.read_now(lambda db: lifecycle.fields_of(db, row))
    again = Draft.read(fields)
    assert (again.question, again.is_anonymous, again.release) == (row.question, True, "in_steps")
    assert (again.shared_with_class, again.group_ids) == (True, {group})


@pytest.mark.parametrize(
    "fields",
    [
        {"answer_form": "choices", "label-1": "Boats", "label-2": "Kites", "label-3": "Maps", "asks_note": "yes"},
        {"answer_form": "scale", "lowest": "stormy", "highest": "still", "manner": "plain"},
        {"answer_form": "scale", "simple_words": "yes"},
    ],
)
def test_the_fields_of_any_form_make_the_same_again(database: Database, fields: dict[str, str]) -> None:
    room = classroom(database, 0)
    row = room.checkin(prepare(room, **fields))
    again = Draft.read(database.read_now(lambda db: lifecycle.fields_of(db, row)))
    kept = (again.form, again.asks_note, again.simple_words, again.manner)
    assert kept == (row.form, row.asks_note, row.simple_words, row.manner)
    assert list(again.labels or ()) == list(row.labels or ())


def reopen(room: Classroom, number: int) -> None:
    room.database.write_now(lambda db: lifecycle.reopen(db, room.teacher, number, 3, LATER))


def test_a_named_one_takes_answers_again_and_an_anonymous_one_never_does(database: Database) -> None:
    room = classroom(database, 3)
    named, anonymous = room.open("named"), room.open("anonymous", question="Another?")
    for number in (named, anonymous):
        room.close(number)
    reopen(room, named)
    room.answer(room.students[0], named, "calm")
    with pytest.raises(Refused, match="checkin_released"):
        reopen(room, anonymous)
    assert room.checkin(anonymous).closed_at is not None


def test_what_classmates_saw_stays_as_it_was_after_a_second_close(database: Database) -> None:
    room = classroom(database, 7)
    number = room.open("named")
    for student, emotion in zip(room.students, ("calm", "happy", "tired", "sad", "calm", "happy"), strict=False):
        room.answer(student, number, emotion)
    room.close(number)
    before = counts(room.for_class(number))
    reopen(room, number)
    room.answer(room.students[6], number, "angry")
    room.close(number)
    assert counts(room.for_class(number)) == before != {}
    assert room.for_staff(number).answered == 7


def test_it_closes_by_itself_as_by_hand(database: Database) -> None:
    room = classroom(database, 5)
    number = prepare(room, anonymity="anonymous")
    database.write_now(lambda db: setattr(db.get_one(Checkin, number), "closes_after", 60))
    database.write_now(lambda db: checkins.open_prepared(db, room.teacher, number, 3, NOW))
    for student, emotion in zip(room.students, ("calm", "happy", "tired", "sad", "angry"), strict=True):
        room.answer(student, number, emotion)
    assert database.write_now(lambda db: lifecycle.close_due(db, SEALER, LATER - timedelta(seconds=1))) == 0
    assert [database.write_now(lambda db: lifecycle.close_due(db, SEALER, LATER)) for _ in range(2)] == [1, 0]
    assert room.checkin(number).closed_at == LATER
    assert room.for_staff(number).shown + room.for_staff(number).unsaid == 5
    assert database.read_now(lambda db: db.exec(select(SealedAnswer)).first()) is None


def test_workers_that_close_at_the_same_moment_close_each_check_in_once(database: Database, database_url: str) -> None:
    room = classroom(database, 5)
    numbers = [room.open("anonymous") for _ in range(4)]
    for number in numbers:
        for student, emotion in zip(room.students, ("calm", "happy", "tired", "sad", "angry"), strict=True):
            room.answer(student, number, emotion)
        database.write_now(lambda db, it=number: setattr(db.get_one(Checkin, it), "closes_at", LATER))
    other, both_are_there = Database(database_url), Barrier(2, timeout=60)

    def close_too(rival: Database) -> int:
        both_are_there.wait()
        return rival.write_now(lambda db: lifecycle.close_due(db, SEALER, LATER))

    try:
        with ThreadPoolExecutor(2) as pool:
            assert sum(pool.map(close_too, (database, other))) == 4
    finally:
        other.close()
    found = [room.for_staff(number) for number in numbers]
    assert [(it.answered, it.shown + it.unsaid) for it in found] == [(5, 5)] * 4


def test_an_archived_one_is_in_no_list_and_for_staff_only(database: Database) -> None:
    room = classroom(database, 1)
    number = room.open("named")
    with pytest.raises(Refused, match="archive_open"):
        database.write_now(lambda db: lifecycle.archive(db, room.teacher, number, NOW))
    room.close(number)
    database.write_now(lambda db: lifecycle.archive(db, room.teacher, number, NOW))
    for viewer in (room.teacher, room.students[0]):
        assert database.read_now(lambda db, who=viewer: checkins.of_course(db, who)) == []
    with pytest.raises(Missing):
        database.read_now(lambda db: checkins.of(db, room.students[0], number))
    with pytest.raises(Refused, match="checkin_archived"):
        reopen(room, number)
    assert [row.id for row in database.read_now(lambda db: lifecycle.archived(db, room.teacher))] == [number]
    database.write_now(lambda db: lifecycle.unarchive(db, room.teacher, number))
    assert database.read_now(lambda db: checkins.of(db, room.students[0], number)).id == number


def test_an_archived_one_does_not_open_by_itself(database: Database) -> None:
    room = classroom(database, 1)
    number = prepare(room)
    database.write_now(lambda db: setattr(db.get_one(Checkin, number), "opens_at", NOW))
    database.write_now(lambda db: lifecycle.archive(db, room.teacher, number, NOW))
    assert database.write_now(lambda db: openings.open_due(db, 3, LATER)) == 0
    with pytest.raises(Refused, match="checkin_archived"):
        database.write_now(lambda db: checkins.open_prepared(db, room.teacher, number, 3, LATER))


def remove(room: Classroom, number: int) -> None:
    room.database.write_now(lambda db: lifecycle.remove(db, room.teacher, number, NOW))


@pytest.mark.parametrize("anonymity", ["named", "anonymous"])
def test_a_deleted_one_is_gone_for_everybody_at_once(database: Database, anonymity: str) -> None:
    room = classroom(database, 2)
    number = room.open(anonymity)
    room.answer(room.students[0], number, "calm")
    remove(room, number)
    for viewer in (room.teacher, *room.students):
        with pytest.raises(Missing):
            database.read_now(lambda db, who=viewer: checkins.of(db, who, number))
    with pytest.raises(Missing):
        room.answer(room.students[1], number, "calm")
    with pytest.raises(Missing):
        room.close(number)


def test_a_deletion_is_undone_within_ten_minutes_and_with_all_answers(database: Database) -> None:
    room = classroom(database, 1)
    number = room.open("named")
    room.answer(room.students[0], number, "calm")
    remove(room, number)
    almost = NOW + lifecycle.UNDO - timedelta(seconds=1)
    assert database.write_now(lambda db: retention.destroy_deleted(db, almost)) == 0
    database.write_now(lambda db: lifecycle.bring_back(db, room.teacher, number, almost))
    assert room.for_staff(number).answered == 1
    remove(room, number)
    with pytest.raises(Missing):
        database.write_now(lambda db: lifecycle.bring_back(db, room.teacher, number, NOW + lifecycle.UNDO))


def left(db: Session) -> list[int]:
    return [len(db.exec(select(table)).all()) for table in (Checkin, Answer, Participation, SealedAnswer, Tally)]


def test_afterwards_answers_go_for_good_and_the_bare_row_a_day_after_it_was_opened(database: Database) -> None:
    room = classroom(database, 2)
    for anonymity, question in (("named", "One?"), ("anonymous", "Two?")):
        number = room.open(anonymity, question=question)
        room.answer(room.students[0], number, "calm")
        remove(room, number)
    database.write_now(lambda db: purge(db, 365, NOW + lifecycle.UNDO))
    assert database.read_now(left) == [2, 0, 0, 0, 0]
    report = database.write_now(lambda db: purge(db, 365, NOW + timedelta(days=1)))
    assert (report.checkins, database.read_now(left)) == (2, [0] * 5)


def test_deleting_does_not_evade_the_rule_for_audiences(database: Database) -> None:
    room = classroom(database, 6)
    most = room.group("most", *room.students[:5])
    number = room.open("anonymous")
    room.close(number)
    remove(room, number)
    database.write_now(lambda db: retention.destroy_deleted(db, NOW + lifecycle.UNDO))
    with pytest.raises(FormRefused) as refused:
        room.open("anonymous", groups=[most], now=LATER)
    assert refused.value.errors == {"groups": "groups_overlap"}


def test_every_change_is_for_staff(database: Database) -> None:
    room = classroom(database, 1)
    number, student = room.open("named"), room.students[0]
    wanted = draft()
    for verb in (
        lambda db: lifecycle.edit(db, student, number, wanted, 3, NOW),
        lambda db: lifecycle.duplicate(db, student, number, 3),
        lambda db: lifecycle.reopen(db, student, number, 3, NOW),
        lambda db: lifecycle.archive(db, student, number, NOW),
        lambda db: lifecycle.unarchive(db, student, number),
        lambda db: lifecycle.archived(db, student),
        lambda db: lifecycle.remove(db, student, number, NOW),
        lambda db: lifecycle.bring_back(db, student, number, NOW),
        lambda db: autosaves.save(db, student, None, wanted, Schedule("now"), 3, NOW),
    ):
        with pytest.raises(Refused, match="not_allowed"):
            database.write_now(verb)


KEY = "0123456789abcdef" * 2


def test_a_form_that_is_saved_and_sent_twice_makes_one_check_in(database: Database) -> None:
    room = classroom(database, 1)
    now = Schedule("now", closes_after=30)

    def save(words: str) -> int:
        wanted = draft(question=words)
        return database.write_now(lambda db: autosaves.save(db, room.teacher, KEY, wanted, now, 3, NOW))

    number = save("H?")
    assert save("How?") == number
    wanted = draft(question="How are you?")
    for _ in range(2):
        assert database.write_now(lambda db: autosaves.send(db, room.teacher, KEY, wanted, now, 3, NOW)) == number
    assert save("Too late?") == number
    row = room.checkin(number)
    assert (row.question, row.opened_at, row.closes_at) == ("How are you?", NOW, NOW + timedelta(minutes=30))


def test_a_later_one_waits_for_its_time(database: Database) -> None:
    room = classroom(database, 1)
    wanted = draft()
    number = database.write_now(
        lambda db: autosaves.send(db, room.teacher, KEY, wanted, Schedule("later", LATER), 3, NOW)
    )
    assert (room.checkin(number).opened_at, room.checkin(number).opens_at) == (None, LATER)


def test_an_author_closes_what_is_open_but_neither_reopens_it_nor_deletes_its_answers(database: Database) -> None:
    room = classroom(database, 1)
    number = room.open("named")
    room.answer(room.students[0], number, "calm")
    author = replace(room, teacher=replace(room.teacher, role="author"))
    author.close(number)
    assert room.checkin(number).closed_at == NOW
    for act in (
        lambda db: lifecycle.reopen(db, author.teacher, number, 3, NOW),
        lambda db: lifecycle.remove(db, author.teacher, number, NOW),
    ):
        with pytest.raises(Refused, match="not_allowed"):
            database.write_now(act)
    room.database.write_now(lambda db: lifecycle.reopen(db, room.teacher, number, 3, NOW))
    assert room.for_staff(number).answered == 1
