"""A person's own answers: what they find, who opened them, and what is left when they erase them."""

from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from reflect.domain import accesses, lifecycle, persons, reflections, responses, talks
from reflect.domain.reflections import Reflections
from reflect.domain.refusals import Missing, Refused
from reflect.domain.sessions import Viewer
from reflect.storage import class_totals, people
from reflect.storage.accesses import Access
from reflect.storage.admins import AuditEntry
from reflect.storage.answers import Participation, Tally, tally
from reflect.storage.database import Database
from reflect.storage.responses import Response
from reflect.storage.services import Score
from tests.classroom import NOW, Classroom, classroom, counts

LATER = NOW + timedelta(hours=3)


@pytest.fixture
def room(database: Database) -> Classroom:
    return classroom(database)


def own(room: Classroom, student: Viewer) -> Reflections:
    return room.database.read_now(lambda db: reflections.own(db, student))


def look(room: Classroom, checkin_id: int, at: object = NOW) -> None:
    room.database.write_now(lambda db: accesses.note_checkins(db, room.teacher, [checkin_id], at))  # type: ignore[arg-type]


def erase(room: Classroom, student: Viewer) -> int:
    return room.database.write_now(lambda db: reflections.erase_own(db, student))


def test_a_person_finds_their_own_named_answers_and_nobody_elses(room: Classroom) -> None:
    first, second = room.open("named"), room.open("named", question="And now?")
    for student, feeling in zip(room.students, ("calm", "happy", "sad"), strict=False):
        room.answer(student, first, feeling)
    room.answer(room.students[0], second, "sad", LATER)
    found = own(room, room.students[0])
    assert [(it.checkin_id, it.choice) for it in found.named] == [(first, "calm"), (second, "sad")]
    assert [emotion.key for emotion in found.emotions] == ["calm", "sad"]
    assert found.named[1].answered_at == LATER


def test_a_feeling_named_twice_was_met_once(room: Classroom) -> None:
    for _ in range(2):
        room.answer(room.students[0], room.open("named"), "calm")
    assert [emotion.key for emotion in own(room, room.students[0]).emotions] == ["calm"]


def test_of_anonymous_answers_only_their_number_is_known(room: Classroom) -> None:
    room.answer(room.students[0], room.open("anonymous"), "calm")
    found = own(room, room.students[0])
    assert (found.named, found.anonymous, found.opened) == ((), 1, ())


def test_an_answer_that_is_no_feeling_is_another_kind_of_answer(room: Classroom) -> None:
    checkin_id = room.open("named", answer_form="energy")
    room.answer(room.students[0], checkin_id, "energy_4")
    [it] = own(room, room.students[0]).named
    assert (it.form, it.choice, it.emotion) == ("energy", "energy_4", None)


def test_staff_have_no_reflections(room: Classroom) -> None:
    for job in (reflections.own, reflections.erase_own):
        with pytest.raises(Refused, match="not_allowed"):
            room.database.write_now(lambda db, job=job: job(db, room.teacher))  # type: ignore[misc]


def test_who_opened_an_answer_is_known_to_the_hour_and_once(room: Classroom) -> None:
    checkin_id = room.open("named")
    room.answer(room.students[0], checkin_id, "calm")
    for minutes in (0, 1, 20, 90):
        look(room, checkin_id, NOW + timedelta(minutes=minutes))
    opened = own(room, room.students[0]).opened
    assert [it.hour.hour for it in opened] == [10, 8]
    assert {it.name for it in opened} == {"Person t"}


def test_who_looked_in_an_hour_before_an_answer_did_not_open_it(room: Classroom) -> None:
    checkin_id = room.open("named")
    room.answer(room.students[1], checkin_id, "sad")
    look(room, checkin_id)
    room.answer(room.students[0], checkin_id, "calm", LATER)
    assert own(room, room.students[0]).opened == ()
    assert len(own(room, room.students[1]).opened) == 1
    look(room, checkin_id, LATER)
    assert [it.hour.hour for it in own(room, room.students[0]).opened] == [11]


def test_looking_at_an_anonymous_result_is_no_access_to_anybodys_answer(room: Classroom) -> None:
    checkin_id = room.open("anonymous", "in_steps")
    for student in room.students:
        room.answer(student, checkin_id, "calm")
    look(room, checkin_id)
    assert room.database.read_now(lambda db: db.exec(select(Access)).all()) == []


def test_an_erased_answer_is_gone_and_counted_nowhere(room: Classroom) -> None:
    checkin_id = room.open("named")
    room.answer(room.students[0], checkin_id, "calm")
    room.answer(room.students[1], checkin_id, "sad")
    before = room.checkin(checkin_id).version
    assert erase(room, room.students[0]) == 1
    assert own(room, room.students[0]).named == ()
    assert counts(room.for_staff(checkin_id)) == {"sad": 1}
    assert room.checkin(checkin_id).version > before
    feelings = room.database.read_now(lambda db: list(db.exec(select(col(Tally.choice)))))
    assert feelings == ["sad"]


def test_undoing_a_deletion_brings_back_no_answer_that_was_erased_meanwhile(room: Classroom) -> None:
    checkin_id = room.open("named")
    for student, choice in zip(room.students[:2], ("calm", "sad"), strict=True):
        room.answer(student, checkin_id, choice)
    room.database.write_now(lambda db: lifecycle.remove(db, room.teacher, checkin_id, NOW))
    assert erase(room, room.students[0]) == 1
    room.database.write_now(lambda db: lifecycle.bring_back(db, room.teacher, checkin_id, NOW))
    found = room.for_staff(checkin_id)
    assert counts(found) == {"sad": 1} and [one.person_id for one in found.people] == [room.students[1].person_id]


def test_an_answer_that_was_changed_on_another_day_is_taken_from_the_day_it_counts_for(room: Classroom) -> None:
    checkin_id = room.open("named")
    room.answer(room.students[0], checkin_id, "calm")
    room.answer(room.students[0], checkin_id, "sad", NOW + timedelta(days=2))
    erase(room, room.students[0])
    assert room.database.read_now(lambda db: list(db.exec(select(Tally)))) == []


def test_erasing_touches_no_anonymous_check_in(room: Classroom) -> None:
    checkin_id = room.open("anonymous", "in_steps")
    for student in room.students:
        room.answer(student, checkin_id, "calm")
    before = room.for_staff(checkin_id)
    assert erase(room, room.students[0]) == 0
    assert room.for_staff(checkin_id) == before
    assert own(room, room.students[0]).anonymous == 1


def test_marks_in_the_gradebook_stay(room: Classroom) -> None:
    checkin_id, student = room.open("named"), room.students[0]
    room.answer(student, checkin_id, "calm")
    room.database.write_now(lambda db: db.add(Score(checkin_id=checkin_id, person_id=student.person_id, due_at=NOW)))
    erase(room, student)
    assert room.database.read_now(lambda db: db.get(Score, (checkin_id, student.person_id))) is not None


def closed_with(room: Classroom, *feelings: str) -> int:
    checkin_id = room.open("named", k=3)
    for student, feeling in zip(room.students, feelings, strict=False):
        room.answer(student, checkin_id, feeling)
    room.close(checkin_id)
    return checkin_id


def test_what_classmates_see_stays_until_k_answers_are_gone_and_then_goes_as_a_whole(room: Classroom) -> None:
    checkin_id = closed_with(room, "calm", "sad", "happy", "tired", "calm", "sad", "happy", "tired")
    whole = counts(room.for_class(checkin_id))
    states = []
    for student in room.students:
        erase(room, student)
        states.append(counts(room.for_class(checkin_id)))
    assert states == [whole, whole, {}, {}, {}, {}, {}, {}]


def test_a_total_that_was_taken_back_is_not_published_again_with_somebody_else(room: Classroom) -> None:
    """Whoever read the first total would subtract it, and be left with the newcomer's answer."""
    checkin_id = closed_with(room, "calm", "sad", "happy")
    erase(room, room.students[0])
    assert room.for_class(checkin_id) is None
    reopen(room, checkin_id)
    room.answer(room.students[3], checkin_id, "tired")
    room.close(checkin_id)
    assert room.for_class(checkin_id) is None
    erase(room, room.students[3])
    assert room.for_class(checkin_id) is None


def test_who_answers_after_a_reopening_does_not_keep_a_total_that_is_to_be_taken_back(room: Classroom) -> None:
    checkin_id = closed_with(room, "calm", "sad", "happy", "tired")
    whole = counts(room.for_class(checkin_id))
    reopen(room, checkin_id)
    for student in room.students[4:8]:
        room.answer(student, checkin_id, "calm")
    room.close(checkin_id)
    states = []
    for student in room.students[:2]:
        erase(room, student)
        states.append(counts(room.for_class(checkin_id)))
    assert states == [whole, {}]


def reopen(room: Classroom, checkin_id: int) -> None:
    room.database.write_now(lambda db: lifecycle.reopen(db, room.teacher, checkin_id, 3, LATER))


def test_a_total_of_too_few_is_taken_back_whole(room: Classroom) -> None:
    checkin_id = closed_with(room, "calm", "sad", "happy")
    erase(room, room.students[0])
    assert room.database.read_now(lambda db: class_totals.of_checkin(db, checkin_id)) == {}
    assert room.for_class(checkin_id) is None


def test_a_person_is_exported_with_all_courses_answers_and_readers(room: Classroom) -> None:
    student, checkin_id = room.students[0], room.open("named")
    room.answer(student, checkin_id, "calm")
    look(room, checkin_id)
    found = room.database.read_now(lambda db: persons.export(db, student.person_id))
    assert found["person"]["lms_id"] == "0"
    [course] = found["courses"]
    assert (course["title"], course["role"], course["answers"][0]["answer"]) == ("Biology", "learner", "calm")
    assert course["opened_by"] == [
        {"question": "What is on your mind?", "reader": "Person t", "within_the_hour_from": "2026-09-07T08:00+00:00"}
    ]


def test_what_was_given_back_and_what_was_asked_are_in_the_export_and_go_with_the_answer(room: Classroom) -> None:
    student, checkin_id = room.students[0], room.open("named")
    room.answer(student, checkin_id, "calm")
    reply = {"reply": "Well seen."}
    room.database.write_now(lambda db: responses.respond(db, room.teacher, checkin_id, student.person_id, reply, NOW))
    room.database.write_now(lambda db: talks.ask(db, student, talks.Wish(None, "About the boats.", False), NOW))
    [course] = room.database.read_now(lambda db: persons.export(db, student.person_id))["courses"]
    assert [it["words"] for it in course["responses"]] == ["Well seen."]
    assert [(it["message"], it["seen_at"]) for it in course["talks"]] == [("About the boats.", None)]
    erase(room, student)
    assert room.database.read_now(lambda db: db.exec(select(Response)).all()) == []


def test_a_person_who_is_erased_leaves_only_a_nameless_count(room: Classroom) -> None:
    student, named, anonymous = room.students[0], room.open("named"), room.open("anonymous", "in_steps", question="?")
    for one in room.students:
        room.answer(one, named, "calm")
        room.answer(one, anonymous, "sad")
    before = room.for_staff(anonymous)
    assert room.database.write_now(lambda db: persons.erase(db, student.person_id, LATER)) == 1
    assert room.for_staff(anonymous) == before
    assert counts(room.for_staff(named)) == {"calm": 7}

    def left(db: Session) -> tuple[object, ...]:
        person_ids = set(db.exec(select(Participation.person_id)))
        nobody = next(
            it for it in db.exec(select(people.Person)) if it.id in person_ids and it.sub.startswith("erased ")
        )
        enrolled = db.exec(select(people.Enrolment).where(people.Enrolment.person_id == nobody.id)).all()
        [note] = db.exec(select(AuditEntry)).all()
        return db.get(people.Person, student.person_id), nobody.name, enrolled, (note.action, note.about)

    assert room.database.read_now(left) == (None, "", [], ("person_erased", str(student.person_id)))


def test_a_person_without_anonymous_answers_leaves_no_row_at_all(room: Classroom) -> None:
    size = room.database.read_now(lambda db: len(db.exec(select(people.Person)).all()))
    room.database.write_now(lambda db: persons.erase(db, room.students[0].person_id, LATER))
    assert room.database.read_now(lambda db: len(db.exec(select(people.Person)).all())) == size - 1


def test_nobody_cannot_be_exported_or_erased(room: Classroom) -> None:
    with pytest.raises(Missing):
        room.database.read_now(lambda db: persons.export(db, 10**6))
    with pytest.raises(Missing):
        room.database.write_now(lambda db: persons.erase(db, 10**6, NOW))


def test_the_tally_never_differs_from_a_recount_after_erasures(room: Classroom) -> None:
    first, second = room.open("named"), room.open("named", question="And now?")
    for number, student in enumerate(room.students):
        room.answer(student, first, ("calm", "sad")[number % 2])
        room.answer(student, second, ("happy", "tired", "calm")[number % 3])
    for student in room.students[::3]:
        erase(room, student)
    for checkin_id in (first, second):
        people_left = room.for_staff(checkin_id).people
        recount: dict[str, int] = {}
        for one in people_left:
            recount[one.choice] = recount.get(one.choice, 0) + 1
        assert room.database.read_now(lambda db, it=checkin_id: tally(db, it)) == recount  # type: ignore[misc]
