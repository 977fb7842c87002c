from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from reflect.domain import checkins, closures, openings
from reflect.domain.checkins import LONGEST_QUESTION, Draft
from reflect.domain.questions import QUESTIONS
from reflect.domain.refusals import FormRefused, Missing, Refused
from reflect.domain.sessions import Viewer
from reflect.storage import checkins as storage
from reflect.storage.checkins import Checkin
from reflect.storage.database import Database
from tests.classroom import NOW, QUESTION, SEALER, Classroom, classroom, counts

LATER = NOW + timedelta(hours=1)
A_KEY = next(iter(QUESTIONS))


def errors_of(**form: str) -> dict[str, str]:
    with pytest.raises(FormRefused) as refused:
        Draft.read(form)
    return dict(refused.value.errors)


def test_a_question_is_enough_for_a_draft() -> None:
    assert Draft.read({"question": "How was it?"}) == Draft(
        "How was it?", None, "words_core", False, "at_close", False, False
    )


def test_every_field_of_the_form_is_read() -> None:
    choices = {"answer_form": "words_full", "anonymity": "anonymous", "release": "in_steps"}
    form = {"question": "How?", **choices, "shared_with_class": "on", "gives_mark": "on"}
    assert Draft.read(form) == Draft("How?", None, "words_full", True, "in_steps", True, True)


def test_spaces_around_and_within_a_question_are_tidied() -> None:
    assert Draft.read({"question": "  How \n was\tit? "}).question == "How was it?"


def test_a_question_of_the_library_keeps_its_key_and_its_english_words() -> None:
    draft = Draft.read({"question_key": A_KEY})
    assert (draft.question_key, draft.question) == (A_KEY, QUESTIONS[A_KEY].text("en"))


def test_own_words_stand_above_a_question_of_the_library() -> None:
    draft = Draft.read({"question": "Mine?", "question_key": A_KEY})
    assert (draft.question_key, draft.question) == (None, "Mine?")


@pytest.mark.parametrize(
    ("form", "errors"),
    [
        ({}, {"question": "question_missing"}),
        ({"question": " \n "}, {"question": "question_missing"}),
        ({"question": "x" * (LONGEST_QUESTION + 1)}, {"question": "question_too_long"}),
        ({"question": "How\x00?"}, {"question": "question_unprintable"}),
        ({"question": "Right\u202eto left"}, {"question": "question_unprintable"}),
        ({"question_key": "no such"}, {"question_key": "choose"}),
        ({"question": "Mine?", "question_key": "no such"}, {"question_key": "choose"}),
        ({"question": "How?", "answer_form": "all"}, {"answer_form": "choose"}),
        ({"question": "How?", "anonymity": "secret"}, {"anonymity": "choose"}),
        ({"question": "How?", "release": "at once"}, {"release": "choose"}),
        ({"answer_form": "", "anonymity": "", "release": ""}, {"answer_form": "choose", "anonymity": "choose", "release": "choose", "question": "question_missing"}),
    ],
)  # fmt: skip
def test_each_field_at_fault_has_its_code(form: dict[str, str], errors: dict[str, str]) -> None:
    assert errors_of(**form) == errors


def test_the_longest_question_is_taken() -> None:
    assert len(Draft.read({"question": "x" * LONGEST_QUESTION}).question) == LONGEST_QUESTION


def test_the_default_question_is_of_the_library() -> None:
    assert Draft.read({"question_key": "feeling_today"}).question_key == "feeling_today"


def open_as(room: Classroom, viewer: Viewer) -> int:
    draft = Draft.read({"question": QUESTION})
    return room.database.write_now(lambda db: checkins.open(db, viewer, draft, 5, NOW))


def test_a_checkin_keeps_its_promises_as_they_were_given(database: Database) -> None:
    room = classroom(database, 0)
    found = room.checkin(room.open("anonymous", "in_steps", 4, shared_with_class=False))
    assert (found.course_id, found.author_id, found.question) == (room.course_id, room.teacher.person_id, QUESTION)
    assert (found.form, found.is_anonymous, found.release, found.shared_with_class, found.min_group_size) == (
        "words_core", True, "in_steps", False, 4,
    )  # fmt: skip
    assert (found.opened_at, found.closed_at, found.withheld, found.version) == (NOW, None, 0, 0)


@pytest.mark.parametrize("role", ["learner", "observer", "none"])
def test_only_staff_open_and_close(database: Database, role: str) -> None:
    room = classroom(database, 1)
    checkin_id = room.open()
    other = replace(room, teacher=replace(room.teacher, role=role))
    with pytest.raises(Refused, match="not_allowed"):
        open_as(room, other.teacher)
    with pytest.raises(Refused, match="not_allowed"):
        other.close(checkin_id)
    assert room.checkin(checkin_id).closed_at is None
    assert database.read_now(lambda db: len(db.exec(select(Checkin)).all())) == 1


def test_an_assistant_opens_and_closes(database: Database) -> None:
    room = classroom(database, 1)
    assistant = replace(room, teacher=replace(room.teacher, role="assistant"))
    assistant.close(assistant.open(), LATER)


def test_a_checkin_of_another_course_does_not_exist(database: Database) -> None:
    room, other = classroom(database, 1), classroom(database, 1)
    checkin_id = room.open()
    with pytest.raises(Missing):
        other.checkin(checkin_id)
    with pytest.raises(Missing):
        other.close(checkin_id)
    with pytest.raises(Missing):
        other.answer(other.students[0], checkin_id, "calm")
    with pytest.raises(Missing):
        room.checkin(checkin_id + 1)
    assert room.checkin(checkin_id).closed_at is None


@pytest.mark.parametrize("anonymity", ["named", "anonymous"])
def test_closing_twice_changes_nothing(database: Database, anonymity: str) -> None:
    room = classroom(database, 4)
    checkin_id = room.open(anonymity)
    for student in room.students:
        room.answer(student, checkin_id, "calm")
    room.close(checkin_id, NOW)
    before = room.checkin(checkin_id), room.for_staff(checkin_id), room.for_class(checkin_id)
    room.close(checkin_id, LATER)
    assert (room.checkin(checkin_id), room.for_staff(checkin_id), room.for_class(checkin_id)) == before


def test_closing_says_when(database: Database) -> None:
    room = classroom(database, 0)
    checkin_id = room.open()
    room.close(checkin_id, LATER)
    assert room.checkin(checkin_id).closed_at == LATER


@pytest.mark.parametrize("anonymity", ["named", "anonymous"])
def test_a_closed_checkin_takes_no_answer_and_no_change(database: Database, anonymity: str) -> None:
    room = classroom(database, 4)
    checkin_id = room.open(anonymity)
    for student in room.students[:3]:
        room.answer(student, checkin_id, "calm")
    room.close(checkin_id)
    before = room.checkin(checkin_id), room.for_staff(checkin_id)
    for student in room.students:
        with pytest.raises(Refused, match="checkin_closed"):
            room.answer(student, checkin_id, "tired")
    assert (room.checkin(checkin_id), room.for_staff(checkin_id)) == before


def test_who_passed_the_first_look_is_still_refused_when_it_closes_meanwhile(database: Database) -> None:
    room = classroom(database, 1)
    checkin_id = room.open()

    def work(db: Session) -> None:
        assert checkins.must_be_open(checkins.of(db, room.teacher, checkin_id))
        closures.close(db, room.teacher, checkin_id, SEALER, NOW)
        with pytest.raises(Refused, match="checkin_closed"):
            checkins.must_be_open(checkins.of(db, room.teacher, checkin_id))

    database.write_now(work)


def test_the_close_of_a_named_checkin_fixes_what_classmates_see(database: Database) -> None:
    room = classroom(database, 6)
    checkin_id = room.open("named")
    for student, emotion in zip(room.students, ("calm", "calm", "happy", "tired", "sad", "happy"), strict=True):
        room.answer(student, checkin_id, emotion)
    assert room.for_class(checkin_id) is None
    room.close(checkin_id)
    assert counts(room.for_class(checkin_id)) == {"calm": 2, "happy": 2, "sad": 1, "tired": 1}


def test_nothing_is_fixed_for_classmates_where_nothing_is_shared(database: Database) -> None:
    room = classroom(database, 3)
    checkin_id = room.open("named", shared_with_class=False)
    for student in room.students:
        room.answer(student, checkin_id, "calm")
    room.close(checkin_id)
    assert room.for_class(checkin_id) is None


def test_each_change_that_a_results_page_could_show_raises_the_version(database: Database) -> None:
    room = classroom(database, 2)
    checkin_id, versions = room.open("named"), []
    for emotion in ("calm", "happy"):
        room.answer(room.students[0], checkin_id, emotion)
        versions.append(room.checkin(checkin_id).version)
    room.close(checkin_id)
    versions.append(room.checkin(checkin_id).version)
    assert versions == sorted(set(versions))


def prepared_in(room: Classroom) -> int:
    def work(db: Session) -> int:
        promises: dict[str, Any] = {
            "form": "words_core",
            "is_anonymous": False,
            "release": "at_close",
            "shared_with_class": False,
        }
        checkin = Checkin(course_id=room.course_id, question=QUESTION, min_group_size=5, **promises)
        db.add(checkin)
        db.flush()
        assert checkin.id
        return checkin.id

    return room.database.write_now(work)


def test_a_prepared_checkin_exists_for_staff_only_until_it_is_opened(database: Database) -> None:
    room = classroom(database, 1)
    checkin_id = prepared_in(room)
    with pytest.raises(Missing):
        room.answer(room.students[0], checkin_id, "calm")
    with pytest.raises(Refused, match="not_allowed"):
        database.write_now(lambda db: checkins.open_prepared(db, room.students[0], checkin_id, 5, NOW))
    database.write_now(lambda db: checkins.open_prepared(db, room.teacher, checkin_id, 5, NOW))
    room.answer(room.students[0], checkin_id, "calm")
    assert room.checkin(checkin_id).opened_at == NOW


def test_opening_twice_changes_nothing(database: Database) -> None:
    room = classroom(database, 0)
    checkin_id = prepared_in(room)
    for now in (NOW, LATER):
        database.write_now(lambda db, at=now: checkins.open_prepared(db, room.teacher, checkin_id, 5, at))
    assert (room.checkin(checkin_id).opened_at, room.checkin(checkin_id).version) == (NOW, 1)


def test_a_prepared_checkin_cannot_be_closed(database: Database) -> None:
    room = classroom(database, 0)
    checkin_id = prepared_in(room)
    room.close(checkin_id)
    assert room.checkin(checkin_id).closed_at is None


def test_what_is_due_opens_by_itself_and_once_under_todays_group_size(database: Database) -> None:
    room = classroom(database, 0)
    draft = Draft.read({"question": "Ready?"})
    due, later = (database.write_now(lambda db: checkins.prepare(db, room.teacher, draft, 3, NOW)) for _ in range(2))
    for checkin_id, at in ((due, NOW), (later, NOW + timedelta(hours=1))):
        database.write_now(lambda db, it=checkin_id, at=at: storage.set_opening(db, it, at))  # type: ignore[misc]
    assert [database.write_now(lambda db: openings.open_due(db, 4, NOW)) for _ in range(2)] == [1, 0]
    row = room.checkin(due)
    assert (row.opened_at, row.min_group_size, row.version) == (NOW, 4, 1)
    assert room.checkin(later).opened_at is None
