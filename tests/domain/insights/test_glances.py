"""A class at a glance."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from reflect.domain import lifecycle
from reflect.domain.insights import glances
from reflect.domain.insights.glances import Glance
from reflect.domain.insights.pictures import Turnout
from reflect.domain.insights.usual import Change
from reflect.domain.refusals import Refused
from reflect.storage.database import Database
from tests.classroom import NOW, Classroom, classroom
from tests.domain.insights.test_courses import K, held


def glanced(room: Classroom, now: datetime = NOW) -> Glance | None:
    return room.database.read_now(lambda db: glances.of_course(db, room.teacher, K, now))


def test_today_is_shown_where_there_are_answers_today(database: Database) -> None:
    room = classroom(database, 6)
    held(room, "sad", "sad", now=NOW - timedelta(days=1))
    today = held(room, "happy", "calm", "sad")
    found = glanced(room)
    assert found is not None
    assert (found.day, found.is_today, found.picture.answers) == (NOW.date(), True, 3)
    assert [row.id for row in found.checkins] == [today]
    assert found.turnout == Turnout(1, 3, 6)


def test_few_named_answers_are_in_no_picture_of_the_day_or_of_the_week(database: Database) -> None:
    room = classroom(database, 6)
    held(room, *["calm"] * 3, now=NOW - timedelta(weeks=2))
    held(room, "happy", "sad", now=NOW - timedelta(weeks=1))
    held(room, "angry", "sad")
    held(room, *["energy_1"] * 4, answer_form="energy")
    found = glanced(room)
    assert found is not None
    assert (found.day, found.picture.answers, found.comparison.now) == (NOW.date(), 0, None)
    assert found.turnout.answered == 6
    assert ([part.picture.answers for part in found.weeks[-3:]], found.leaves_out) == ([3, 0, 0], True)


def test_a_week_less_its_day_or_a_day_less_a_checkin_tells_no_single_answer(database: Database) -> None:
    room, tuesday = classroom(database, 6), NOW + timedelta(days=1)
    held(room, "sad")
    held(room, *["happy"] * 5, now=tuesday)
    before = glanced(room, tuesday)
    held(room, "angry", now=tuesday, question="And now?")
    for found in (before, glanced(room, tuesday)):
        assert found is not None and found.leaves_out
        assert (found.picture, found.weeks[-1].picture.answers) == (found.weeks[-1].picture, 5)
        assert {choice for _, choice in found.picture.choices} == {"happy"}


def test_a_late_answer_is_not_what_a_week_has_more_than_its_day_had(database: Database) -> None:
    room = classroom(database, 6)
    checkin_id = held(room, "calm", "calm", "calm", is_closed=False)
    monday = glanced(room)
    room.answer(room.students[3], checkin_id, "sad", NOW + timedelta(days=1))
    tuesday = glanced(room, NOW + timedelta(days=1))
    assert monday is not None and tuesday is not None
    assert (monday.leaves_out, tuesday.leaves_out) == (False, True)
    assert monday.picture == tuesday.weeks[-1].picture


def test_what_anonymous_checkins_released_is_shown_without_the_few_named_answers_beside_it(database: Database) -> None:
    room = classroom(database, 6)
    held(room, *["happy", "sad"] * 3, anonymity="anonymous")
    held(room, "angry", "angry", question="And now?")
    found = glanced(room)
    assert found is not None
    assert {choice for _, choice in found.picture.choices} == {"happy", "sad"}
    assert found.weeks[-1].picture == found.picture


def test_else_the_last_day_with_answers(database: Database) -> None:
    room = classroom(database, 6)
    held(room, "sad", "sad", now=NOW - timedelta(days=3))
    held(room)
    found = glanced(room)
    assert found is not None
    assert (found.day, found.is_today) == ((NOW - timedelta(days=3)).date(), False)


def test_that_somebody_took_part_is_something_to_see(database: Database) -> None:
    room = classroom(database, 6)
    held(room, "sad", "sad", "sad", "sad", anonymity="anonymous", is_closed=False)
    found = glanced(room)
    assert found is not None
    assert (found.is_today, found.picture.answers, found.waiting, found.turnout.answered) == (True, 0, 4, 4)


def test_what_was_released_or_destroyed_waits_no_more(database: Database) -> None:
    room = classroom(database, 6)
    held(room, *["sad", "happy"] * 2, anonymity="anonymous", release="in_steps", is_closed=False)
    held(room, "angry", "angry", anonymity="anonymous", question="And now?")
    found = glanced(room)
    assert found is not None
    assert (found.picture.answers, found.waiting, found.turnout.answered) == (3, 1, 6)


def test_a_day_is_held_against_the_eight_weeks_before(database: Database) -> None:
    room = classroom(database, 8)
    for days in range(2, 16, 2):
        held(room, *["happy", "calm"] * 4, now=NOW - timedelta(days=days))
    held(room, *["sad"] * 8)
    found = glanced(room)
    assert found is not None
    assert found.comparison.change == Change.LESS
    assert found.comparison.usual is not None and found.comparison.usual.answers == 56
    assert (len(found.weeks), found.weeks[-1].span.last) == (8, NOW.date())


@pytest.mark.parametrize(("days", "is_seen"), [(63, True), (64, False)])
def test_what_is_longer_ago_than_a_summer_is_no_glance(database: Database, days: int, is_seen: bool) -> None:
    room = classroom(database, 6)
    held(room, "happy", now=NOW - timedelta(days=days))
    assert (glanced(room) is not None) == is_seen


def test_nothing_and_deleted_things_are_no_glance(database: Database) -> None:
    room = classroom(database, 6)
    assert glanced(room) is None
    gone = held(room, "happy")
    database.write_now(lambda db: lifecycle.remove(db, room.teacher, gone, NOW))
    assert glanced(room) is None


def test_only_staff_glance(database: Database) -> None:
    room = classroom(database, 1)
    with pytest.raises(Refused):
        glanced(replace(room, teacher=replace(room.teacher, role="learner")))
