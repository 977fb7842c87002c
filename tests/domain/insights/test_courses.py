"""A course over time, against a naive recount of what was answered; and what must make no difference to it."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, select

from reflect.domain import lifecycle, reflections, series
from reflect.domain.forms import FORMS, SKIP
from reflect.domain.insights import courses
from reflect.domain.insights.courses import Insights, Wish
from reflect.domain.insights.pictures import Turnout
from reflect.domain.insights.spans import Step
from reflect.domain.insights.usual import Change
from reflect.domain.refusals import Missing, Refused
from reflect.domain.schedules import Schedule
from reflect.storage.answers import Answer
from reflect.storage.checkins import Checkin
from reflect.storage.database import Database
from tests.classroom import NOW, Classroom, classroom, counts

K = 3
TODAY = NOW + timedelta(days=60)


def seen(room: Classroom, now: datetime = TODAY, **asked: str) -> Insights:
    """What the teacher sees."""
    wish = Wish.read({"weeks": "13", "by": "week", **asked})
    return room.database.read_now(lambda db: courses.of_course(db, room.teacher, wish, K, now))


def total(found: Insights) -> Counter[str]:
    """Choice to count, of all forms that ask for a feeling."""
    return Counter({choice: count for (_, choice), count in found.picture.choices.items()})


def held(room: Classroom, *choices: str, now: datetime = NOW, is_closed: bool = True, **more: str) -> int:
    """A check-in that was opened then, answered by the first students with these choices, and closed."""
    checkin_id = room.open(more.pop("anonymity", "named"), k=K, now=now, **more)
    for student, choice in zip(room.students, choices, strict=False):
        room.answer(student, checkin_id, choice, now)
    if is_closed:
        room.close(checkin_id, now)
    return checkin_id


@pytest.mark.parametrize("step", Step)
def test_named_checkins_with_few_answers_on_a_day_are_known(database: Database, step: Step) -> None:
    room = classroom(database)
    held(room, "happy", "calm", "sad")
    few = held(room, "tired", now=NOW + timedelta(days=1))
    energy = held(room, "energy_1", "energy_2", answer_form="energy")
    held(room, *["sad", "happy"] * 3, now=NOW + timedelta(days=2), anonymity="anonymous")
    late = held(room, "calm", "calm", "calm", question="And now?", is_closed=False)
    assert seen(room, by=step.value).few_named == {few, energy}
    room.answer(room.students[3], late, "sad", NOW + timedelta(days=1))
    assert seen(room, by=step.value).few_named == {few, energy, late}


def test_one_answer_that_is_left_when_a_thread_is_taken_from_all_is_known(database: Database) -> None:
    room = classroom(database)
    many, one = held(room, "happy", "happy", "happy", question="A?"), held(room, "sad", question="B?")
    everything, thread = seen(room), seen(room, about=f"question-{many}")
    assert total(everything) - total(thread) == {"sad": 1}
    assert (everything.few_named, thread.few_named) == ({one}, set())


@pytest.mark.parametrize("zone", ["UTC", "Australia/Sydney"])
def test_one_answer_that_other_clocks_move_to_another_day_is_known(database: Database, zone: str) -> None:
    room = classroom(database)
    held(room, "happy", "happy", "happy", question="A?")
    one = held(room, "sad", question="B?", now=NOW.replace(hour=22))
    assert seen(room, by="day", clock_zone=zone).few_named == {one}


def test_answers_that_say_what_is_usual_are_known_too_and_nothing_where_nothing_is_shown(database: Database) -> None:
    room = classroom(database)
    few = held(room, "sad", "sad")
    assert seen(room, weeks="4").few_named == set()
    held(room, "happy", "happy", "happy", now=TODAY)
    assert seen(room, weeks="4").few_named == {few}


moderately = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@moderately
@given(seed=st.integers(0, 10**6), step=st.sampled_from(Step), weeks=st.sampled_from(["4", "13", "52"]))
def test_every_number_is_that_of_a_recount_of_the_raw_answers(
    database: Database, seed: int, step: Step, weeks: str
) -> None:
    rng, room = random.Random(seed), classroom(database, 6)
    for _ in range(rng.randint(1, 6)):
        form = rng.choice(["faces", "words_core", "energy"])
        checkin_id = room.open(k=K, anonymity="named", now=NOW + timedelta(days=rng.randint(0, 50)), answer_form=form)
        opened_at = room.checkin(checkin_id).opened_at
        for student in room.students[: rng.randint(0, 6)]:
            for _ in range(rng.randint(1, 2)):
                choice = rng.choice([*(option.key for option in FORMS[form].options), SKIP])
                room.answer(student, checkin_id, choice, opened_at + timedelta(days=rng.randint(0, 3)))
    found = seen(room, weeks=weeks, by=step.value)
    raw = room.database.read_now(lambda db: recounted(db, room.course_id))
    inside = [(on, form, choice) for on, form, choice in raw if on in found.span]
    felt = [(on, choice) for on, form, choice in inside if form != "energy"]
    assert total(found) == Counter(choice for _, choice in felt if choice != SKIP)
    assert found.picture.answers == len(felt) == sum(part.picture.answers for part in found.parts)
    for part in found.parts:
        assert part.picture.answers == sum(on in part.span for on, _ in felt)
    assert {day: picture.answers for day, picture in found.days.items() if picture.answers} == Counter(
        on for on, _ in felt
    )
    energies = sum((Counter(row) for measure in found.measures for _, row in measure.rows), Counter())
    assert energies == Counter(choice for _, form, choice in inside if form == "energy")


def recounted(db: Session, course_id: int) -> list[tuple[date, str, str]]:
    """Every named answer of a course by itself, with the day it was given on."""
    rows = db.exec(select(Answer)).all()
    forms = {row.id: row.form for row in db.exec(select(Checkin).where(Checkin.course_id == course_id)).all()}
    return [(row.answered_at.date(), forms[row.checkin_id], row.choice) for row in rows if row.checkin_id in forms]


def test_released_anonymous_answers_count_as_they_were_released(database: Database) -> None:
    room = classroom(database, 8)
    one = held(room, "happy", "happy", "sad", "angry", "tired", "calm", anonymity="anonymous")
    two = held(room, "calm", "calm", "calm", "calm", anonymity="anonymous", now=NOW + timedelta(days=9))
    released = Counter(counts(room.for_staff(one))) + Counter(counts(room.for_staff(two)))
    found = seen(room)
    assert total(found) == released
    assert (found.picture.answers, found.picture.unplaced) == (10, 2)
    assert found.turnout == Turnout(2, 10, 16)


@moderately
@given(choices=st.lists(st.sampled_from(["happy", "calm", "sad"]), max_size=8), k=st.integers(3, 4))
def test_at_every_moment_of_an_anonymous_checkin_insights_say_what_its_results_say(
    database: Database, choices: list[str], k: int
) -> None:
    """So what holds of the results, that no two states differ by fewer than k, holds here."""
    room = classroom(database, 8)
    checkin_id = room.open("anonymous", "in_steps", k)
    for student, choice in zip(room.students, choices, strict=False):
        room.answer(student, checkin_id, choice)
        shown, found = room.for_staff(checkin_id), seen(room)
        assert total(found) == counts(shown)
        assert found.picture.unplaced == shown.unsaid
        assert found.turnout.answered == shown.answered
    room.close(checkin_id)
    assert total(seen(room)) == counts(room.for_staff(checkin_id))


def test_what_is_not_released_counts_as_having_taken_part_only(database: Database) -> None:
    room = classroom(database, 8)
    held(room, "happy", "sad", "sad", "sad", anonymity="anonymous", is_closed=False)
    held(room, "angry", "angry", anonymity="anonymous")
    found = seen(room)
    assert found.picture.answers == 0
    assert found.newest is None
    assert found.turnout == Turnout(2, 6, 16)


def test_archived_checkins_stay_in_the_picture_and_deleted_ones_are_gone(database: Database) -> None:
    room = classroom(database, 8)
    archived, deleted = held(room, "happy", "sad"), held(room, "angry", "angry", "angry")
    database.write_now(lambda db: lifecycle.archive(db, room.teacher, archived, NOW))
    database.write_now(lambda db: lifecycle.remove(db, room.teacher, deleted, NOW))
    found = seen(room)
    assert total(found) == {"happy": 1, "sad": 1}
    assert found.turnout == Turnout(1, 2, 8)
    assert [thread.checkin_ids for thread in found.threads] == [{archived}]
    database.write_now(lambda db: lifecycle.bring_back(db, room.teacher, deleted, NOW))
    assert total(seen(room)) == {"happy": 1, "sad": 1, "angry": 3}


def test_another_course_makes_no_difference(database: Database) -> None:
    room, other = classroom(database, 4), classroom(database, 4)
    held(room, "happy", "sad")
    before = seen(room)
    held(other, "angry", "angry", "angry", "angry")
    held(other, "angry", "angry", "angry", "angry", anonymity="anonymous")
    assert seen(room) == before


def test_days_are_those_of_the_readers_clocks(database: Database) -> None:
    room = classroom(database, 4)
    sunday_evening = datetime(2026, 9, 6, 22, 30, tzinfo=ZoneInfo("UTC"))
    held(room, "happy", now=sunday_evening)
    assert list(seen(room).days) == [date(2026, 9, 6)]
    found = seen(room, clock_zone="Australia/Sydney")
    assert list(found.days) == [date(2026, 9, 7)]
    assert [part.span.first for part in found.parts if part.picture.answers] == [date(2026, 9, 7)]
    assert [part.span.first for part in found.parts if part.turnout.checkins] == [date(2026, 9, 7)]


def test_without_a_choice_the_clocks_are_those_of_the_newest_series(database: Database) -> None:
    room = classroom(database, 1)
    assert seen(room).zone == "UTC"
    fields = {
        "question": "How are you?", "when": "repeat", "frequency": "daily", "opens_on": "2026-11-20T09:00",
        "clock_zone": "Asia/Kolkata", "ends": "never",
    }  # fmt: skip
    database.write_now(lambda db: series.begin(db, room.teacher, fields, Schedule.read(fields), K, TODAY))
    assert seen(room).zone == "Asia/Kolkata"


def test_the_newest_week_with_a_feeling_is_held_against_the_eight_before_it(database: Database) -> None:
    room = classroom(database, 8)
    for weeks in range(8):
        held(room, *["happy"] * 4 + ["calm"] * 4, now=NOW + timedelta(weeks=weeks))
    held(room, *["sad"] * 8, now=NOW + timedelta(weeks=8))
    held(room, now=NOW + timedelta(weeks=8, days=1))
    found = seen(room)
    assert found.newest is not None
    assert found.newest.span.first == (NOW + timedelta(weeks=8)).date()
    assert found.newest.comparison.change == Change.LESS
    assert found.newest.comparison.now is not None and found.newest.comparison.now.answers == 8
    assert found.newest.comparison.usual is not None and found.newest.comparison.usual.answers == 64
    assert [newest.comparison.change for _, newest in found.changes] == [Change.LESS]


def test_one_thread_can_be_looked_at_by_itself(database: Database) -> None:
    room = classroom(database, 4)
    first = held(room, "happy", question="A?")
    held(room, "sad", "sad", question="B?")
    held(room, "calm", question="A?", now=NOW + timedelta(days=3))
    found = seen(room, about=f"question-{first}")
    assert total(found) == {"happy": 1, "calm": 1}
    assert found.turnout == Turnout(2, 2, 8)
    assert len(found.threads) == 2


def test_what_asks_for_no_feeling_stands_by_itself(database: Database) -> None:
    room = classroom(database, 4)
    held(room, "energy_1", "energy_5", answer_form="energy")
    held(room, "energy_5", "energy_5", answer_form="energy", question="And now?", now=NOW + timedelta(days=1))
    held(room, "scale_2", "scale_4", answer_form="scale", question="How sure?")
    held(room, "scale_4", answer_form="scale", question="How sure?", lowest="not at all", highest="quite")
    found = seen(room)
    assert (found.picture.answers, found.newest, found.changes) == (0, None, ())
    rows = {(measure.newest.form, measure.thread and measure.thread.newest.question, sum(sum(row.values()) for _, row in measure.rows)) for measure in found.measures}  # fmt: skip
    assert rows == {("energy", None, 4), ("scale", "How sure?", 2), ("scale", "How sure?", 1)}


@pytest.fixture
def grouped(database: Database) -> Callable[[], tuple[Classroom, int]]:
    """A class of eight with a group of its first three."""

    def make() -> tuple[Classroom, int]:
        room = classroom(database, 8)
        return room, room.group("foxes", *room.students[:3])

    return make


def test_a_groups_view_has_its_members_named_answers(grouped: Callable[[], tuple[Classroom, int]]) -> None:
    room, foxes = grouped()
    held(room, "happy", "sad", "calm", "angry", "angry")
    held(room, "happy", groups=[foxes], question="Only foxes?")
    otters = room.group("otters", *room.students[2:])
    checkin_id = room.open("named", k=K, groups=[otters], question="Only otters?")
    room.answer(room.students[2], checkin_id, "tired")
    found = seen(room, group=str(foxes))
    assert total(found) == {"happy": 2, "sad": 1, "calm": 1}
    assert found.turnout == Turnout(2, 4, 6)
    assert found.left_out == 0


def test_a_groups_view_is_a_look_at_all_of_its_named_answers(grouped: Callable[[], tuple[Classroom, int]]) -> None:
    """Of two groups that one student more or less tells apart, that student's answer is what is left."""
    room, foxes = grouped()
    more = room.group("otters", *room.students[:4])
    asked = held(room, *["happy"] * 3, *["sad"] * 5)
    held(room, *["angry"] * 4, *["calm"] * 4, anonymity="anonymous")
    views = [seen(room, group=str(group)) for group in (foxes, more)]
    assert total(views[1]) - total(views[0]) == {"sad": 1}
    assert [view.few_named for view in views] == [{asked}, {asked}]
    assert seen(room).few_named == set()


def test_a_groups_view_never_narrows_an_anonymous_result(grouped: Callable[[], tuple[Classroom, int]]) -> None:
    room, foxes = grouped()
    held(room, *["angry"] * 4, *["calm"] * 4, anonymity="anonymous")
    alone = room.open("anonymous", k=K, groups=[foxes], question="Only you?")
    for student in room.students[:3]:
        room.answer(student, alone, "happy")
    room.close(alone)
    otters = room.group("otters", *room.students[3:])
    both = room.open("anonymous", k=K, groups=[foxes, otters], question="All of you?")
    for student in room.students:
        room.answer(student, both, "sad")
    room.close(both)
    found = seen(room, group=str(foxes))
    assert total(found) == counts(room.for_staff(alone))
    assert found.left_out == 2
    assert found.turnout == Turnout(1, 3, 3)
    only = seen(room, group=str(foxes), about=next(one.key for one in found.threads))
    assert total(only) == total(found)


def test_a_group_of_few_has_no_view(grouped: Callable[[], tuple[Classroom, int]]) -> None:
    room, foxes = grouped()
    few = room.group("owls", *room.students[:2])
    assert [row.id for row in seen(room).groups] == [foxes]
    with pytest.raises(Refused) as refusal:
        seen(room, group=str(few))
    assert refusal.value.code == "group_too_few"


def test_what_is_not_of_this_course_is_missing(grouped: Callable[[], tuple[Classroom, int]]) -> None:
    room, _ = grouped()
    other, theirs = grouped()
    asked = held(other, "happy")
    for wish in ({"group": str(theirs)}, {"group": "x"}, {"about": f"question-{asked}"}, {"about": "x"}):
        with pytest.raises(Missing):
            seen(room, **wish)


def test_only_staff_look(database: Database) -> None:
    room = classroom(database, 1)
    for role in ("learner", "author", "observer"):
        looking = replace(room, teacher=replace(room.teacher, role=role))
        with pytest.raises(Refused) as refusal:
            seen(looking)
        assert refusal.value.code == "not_allowed"


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, (13, Step.WEEK, {})),
        ({"weeks": "52", "by": "month"}, (52, Step.MONTH, {})),
        ({"weeks": "9", "by": "hour", "clock_zone": "Nowhere/Land"}, (13, Step.WEEK, {"clock_zone": "zone_unknown"})),
        ({"clock_zone": "../../etc/passwd"}, (13, Step.WEEK, {"clock_zone": "zone_unknown"})),
    ],
)
def test_a_wish_is_read_as_far_as_it_is_understood(
    asked: dict[str, str], expected: tuple[int, Step, dict[str, str]]
) -> None:
    wish = Wish.read(asked)
    assert (wish.weeks, wish.step, wish.errors) == expected


def test_an_answer_that_was_erased_is_out_of_the_picture(database: Database) -> None:
    room = classroom(database, 4)
    held(room, "happy", "sad")
    database.write_now(lambda db: reflections.erase(db, room.course_id, room.students[0].person_id))
    assert total(seen(room)) == {"sad": 1}
