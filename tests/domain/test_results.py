from dataclasses import replace

import pytest

from reflect.domain.refusals import Missing, Refused
from reflect.domain.results import Results
from reflect.storage.database import Database
from tests.classroom import Classroom, classroom, counts

MIXED = ("calm", "happy", "tired", "calm", "sad")


def answered(
    database: Database, anonymity: str, emotions: tuple[str, ...], **promises: object
) -> tuple[Classroom, int]:
    room = classroom(database, len(emotions))
    checkin_id = room.open(anonymity, **{"k": 5, **promises})  # type: ignore[arg-type]
    for student, emotion in zip(room.students, emotions, strict=True):
        room.answer(student, checkin_id, emotion)
    return room, checkin_id


@pytest.mark.parametrize("anonymity", ["named", "anonymous"])
def test_an_unanswered_checkin_has_empty_results(database: Database, anonymity: str) -> None:
    room, checkin_id = answered(database, anonymity, ())
    assert room.for_staff(checkin_id) == Results(0, (), 0, 0, 0, 0, False, ())
    assert room.for_class(checkin_id) is None


def test_staff_see_a_named_result_exactly_from_the_first_answer_on(database: Database) -> None:
    room, checkin_id = answered(database, "named", ("calm",))
    found = room.for_staff(checkin_id)
    assert (counts(found), found.answered, found.shown, found.unsaid, found.waiting) == ({"calm": 1}, 1, 1, 0, 0)
    assert not found.is_nearly_everyone


def test_bars_go_from_most_to_least_and_by_key_where_equal(database: Database) -> None:
    room, checkin_id = answered(database, "named", ("tired", "sad", "calm", "sad", "happy"))
    bars = room.for_staff(checkin_id).bars
    assert [(bar.choice, bar.count) for bar in bars] == [("sad", 2), ("calm", 1), ("happy", 1), ("tired", 1)]
    assert [bar.share for bar in bars] == [0.4, 0.2, 0.2, 0.2]


def test_shares_are_of_all_released_answers_also_of_the_unsaid(database: Database) -> None:
    room, checkin_id = answered(database, "anonymous", ("calm",) * 5, release="in_steps")
    found = room.for_staff(checkin_id)
    assert (counts(found), found.bars[0].share, found.unsaid) == ({"calm": 3}, 0.6, 2)
    assert found.is_nearly_everyone


def test_staff_see_of_an_anonymous_checkin_how_many_wait(database: Database) -> None:
    room, checkin_id = answered(database, "anonymous", (*MIXED, "calm", "calm"), release="in_steps")
    found = room.for_staff(checkin_id)
    assert (found.answered, found.shown, found.waiting, found.withheld) == (7, 5, 2, 0)
    assert found.people == ()


def test_classmates_see_the_released_state_of_an_anonymous_checkin(database: Database) -> None:
    room, checkin_id = answered(database, "anonymous", (*MIXED, "calm"), release="in_steps")
    found = room.for_class(checkin_id)
    assert found
    assert (counts(found), found.answered, found.waiting) == ({"calm": 2, "happy": 1, "sad": 1, "tired": 1}, 5, 0)


@pytest.mark.parametrize("anonymity", ["named", "anonymous"])
def test_classmates_see_nothing_that_is_not_shared(database: Database, anonymity: str) -> None:
    room, checkin_id = answered(database, anonymity, MIXED, shared_with_class=False)
    room.close(checkin_id)
    assert room.for_class(checkin_id) is None


@pytest.mark.parametrize("number", [0, 1, 4])
def test_classmates_see_nothing_of_a_named_checkin_with_fewer_than_k_answers(database: Database, number: int) -> None:
    room, checkin_id = answered(database, "named", MIXED[:number])
    room.close(checkin_id)
    assert room.for_class(checkin_id) is None
    assert room.for_staff(checkin_id).answered == number


def test_classmates_never_see_a_name(database: Database) -> None:
    room, checkin_id = answered(database, "named", MIXED)
    room.close(checkin_id)
    found = room.for_class(checkin_id)
    assert found
    assert found.people == ()
    assert len(room.for_staff(checkin_id).people) == 5


@pytest.mark.parametrize(
    ("role", "refusal"), [("learner", "not_allowed"), ("observer", "missing"), ("none", "missing")]
)
def test_only_staff_have_staffs_view(database: Database, role: str, refusal: str) -> None:
    room, checkin_id = answered(database, "named", MIXED)
    with pytest.raises((Refused, Missing), match=refusal):
        replace(room, teacher=replace(room.teacher, role=role)).for_staff(checkin_id)


def test_the_results_of_one_checkin_know_nothing_of_another(database: Database) -> None:
    room, first = answered(database, "named", MIXED)
    second = room.open("named")
    room.answer(room.students[0], second, "bored")
    assert counts(room.for_staff(second)) == {"bored": 1}
    assert sum(counts(room.for_staff(first)).values()) == 5
