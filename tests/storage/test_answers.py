from collections import Counter
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from reflect.domain.privacy.release import UNSAID
from reflect.domain.refusals import Refused
from reflect.storage import answers, turnouts
from reflect.storage.answers import Answer, SealedAnswer, Tally
from reflect.storage.database import Database
from tests.classroom import NOW, SEALER, Classroom, classroom

PEOPLE = 4
FEELINGS = ("calm", "happy", "tired", "sad")
tries = st.lists(st.tuples(st.integers(0, PEOPLE - 1), st.sampled_from(FEELINGS), st.integers(0, 3)), max_size=20)
moderately = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def tally(database: Database, checkin_id: int) -> dict[str, int]:
    return database.read_now(lambda db: answers.tally(db, checkin_id))


@moderately
@given(tries=tries)
def test_the_tally_of_a_named_checkin_equals_a_recount(database: Database, tries: list[tuple[int, str, int]]) -> None:
    room = classroom(database, PEOPLE)
    checkin_id, other = room.open("named"), room.open("named")
    room.answer(room.students[0], other, "calm")
    for person, emotion, days in tries:
        room.answer(room.students[person], checkin_id, emotion, NOW + timedelta(days=days))
    of_it = select(Answer).where(Answer.checkin_id == checkin_id)
    rows = database.read_now(lambda db: db.exec(of_it).all())
    assert tally(database, checkin_id) == Counter(row.choice for row in rows)
    by_day = database.read_now(lambda db: db.exec(select(Tally).where(Tally.checkin_id == checkin_id)).all())
    recount = Counter((row.answered_at.date(), row.choice) for row in rows)
    assert {(row.on_day, row.choice): row.count for row in by_day if row.count} == recount
    assert min((row.count for row in by_day), default=0) >= 0
    assert tally(database, other) == {"calm": 1}


@moderately
@given(tries=tries, closes=st.booleans())
def test_the_tally_and_the_seals_of_an_anonymous_checkin_hold_every_answer_once(
    database: Database, tries: list[tuple[int, str, int]], closes: bool
) -> None:
    room = classroom(database, PEOPLE)
    checkin_id, said = room.open(release="in_steps", k=3), dict[int, str]()
    for person, emotion, days in tries:
        room.answer(room.students[person], checkin_id, emotion, NOW + timedelta(days=days))
        said.setdefault(person, emotion)
    if closes:
        room.close(checkin_id)
    in_order = list(said.values())
    released, waiting = in_order[: len(said) // 3 * 3], in_order[len(said) // 3 * 3 :]
    found, opened = tally(database, checkin_id), opened_seals(room, checkin_id)
    assert sum(found.values()) == len(released)
    assert all(key == UNSAID or count <= released.count(key) for key, count in found.items())
    assert sorted(opened) == ([] if closes else sorted(waiting))
    assert room.checkin(checkin_id).withheld == (len(waiting) if closes else 0)


def opened_seals(room: Classroom, checkin_id: int) -> list[str]:
    of_it = select(SealedAnswer).where(SealedAnswer.checkin_id == checkin_id)
    rows = room.database.read_now(lambda db: db.exec(of_it).all())
    return [SEALER.open(checkin_id, bytes(row.seal)).choice for row in rows]


def test_two_answers_of_one_person_make_one_row(database: Database) -> None:
    room = classroom(database, 1)
    checkin_id, person_id = room.open("named"), room.students[0].person_id
    given = [
        database.write_now(lambda db, it=emotion: answers.add(db, checkin_id, person_id, it, NOW))
        for emotion in ("calm", "happy")
    ]
    assert given == [True, False]
    assert [row.choice for row in database.read_now(lambda db: answers.named(db, checkin_id))] == ["calm"]
    database.write_now(lambda db: answers.change(db, checkin_id, person_id, "happy", NOW))
    assert [row.choice for row in database.read_now(lambda db: answers.named(db, checkin_id))] == ["happy"]


def test_taking_part_twice_is_told(database: Database) -> None:
    room = classroom(database, 1)
    checkin_id, person_id = room.open(), room.students[0].person_id
    assert [database.write_now(lambda db: answers.take_part(db, checkin_id, person_id)) for _ in range(2)] == [
        True,
        False,
    ]
    assert database.read_now(lambda db: answers.participants(db, checkin_id)) == 1


def test_days_are_added_up_and_zeros_left_out(database: Database) -> None:
    room = classroom(database, 0)
    checkin_id = room.open("named")
    for days, emotion, count in ((0, "calm", 2), (1, "calm", 1), (0, "sad", 1), (0, "sad", -1)):
        day = (NOW + timedelta(days=days)).date()
        database.write_now(
            lambda db, it=(day, emotion, count): answers.add_to_tally(db, room.course_id, checkin_id, *it)
        )
    assert tally(database, checkin_id) == {"calm": 3}


def test_a_course_knows_how_many_answered_each_of_its_checkins(database: Database) -> None:
    room, other = classroom(database, 3), classroom(database, 1)
    named, anonymous, unanswered = room.open("named"), room.open("anonymous"), room.open("named")
    elsewhere = other.open("named")
    for student in room.students:
        room.answer(student, named, "calm")
    room.answer(room.students[0], anonymous, "calm")
    other.answer(other.students[0], elsewhere, "calm")
    assert database.read_now(lambda db: turnouts.answered_in(db, room.course_id)) == {named: 3, anonymous: 1}
    assert database.read_now(lambda db: turnouts.answered_in(db, other.course_id)) == {elsewhere: 1}
    own = [
        database.read_now(lambda db, it=it: turnouts.answered_by(db, room.course_id, it.person_id))
        for it in room.students
    ]
    assert own == [{named, anonymous}, {named}, {named}]
    assert unanswered not in set().union(*own)


def test_seals_of_one_checkin_are_destroyed_and_no_others(database: Database) -> None:
    room = classroom(database, 1)
    one, other = room.open(), room.open()
    for checkin_id in (one, other):
        room.answer(room.students[0], checkin_id, "calm")
    database.write_now(lambda db: answers.destroy_sealed(db, one))
    assert [database.read_now(lambda db, it=it: answers.sealed_count(db, it)) for it in (one, other)] == [0, 1]


def test_a_refused_answer_leaves_the_tally_alone(database: Database) -> None:
    room = classroom(database, 1)
    checkin_id = room.open("named")
    room.answer(room.students[0], checkin_id, "calm")
    try:
        room.answer(room.students[0], checkin_id, "no such")
    except Refused as refusal:
        assert refusal.code == "choice_missing"
    assert tally(database, checkin_id) == {"calm": 1}
