"""As an attacker: nothing that a teacher can see of one student depends on what, or whether, that student answered
anonymously; and no rule over named answers is moved by it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from reflect.domain import persons, prompts, reminders, students
from reflect.storage.database import Database
from tests.classroom import NOW, classroom
from tests.conftest import fresh_database

SIZE = 5
FEELINGS = ("calm", "happy", "sad")
named_ones = st.lists(st.sampled_from((*FEELINGS, None)), min_size=6, max_size=9)
anonymous_ones = st.lists(st.sampled_from((*FEELINGS, None)), min_size=6, max_size=6)
"""What the student under attack answers, day by day; None where they do not."""


def seen_in(url: str, named: list[str | None], anonymous: list[str | None], closes: bool) -> list[Any]:
    """A course lived through; then all that its teacher can see of its first student, and what rules make of it."""
    database = Database(url)
    try:
        room = classroom(database, SIZE)
        victim = room.students[0]
        for number, said in enumerate(named):
            at = NOW - (40 - 4 * number) * timedelta(days=1)
            checkin_id = room.open("named", question=f"{number}?", now=at)
            if said:
                room.answer(victim, checkin_id, said, at)
        for number, said in enumerate(anonymous):
            at = NOW - (30 - 5 * number) * timedelta(days=1)
            checkin_id = room.open("anonymous", "in_steps", question=f"Between us {number}?", now=at)
            for student in room.students[1:]:
                room.answer(student, checkin_id, "calm", at)
            if said:
                room.answer(victim, checkin_id, said, at)
            if closes:
                room.close(checkin_id, at)
        rules = reminders.read({"unpleasant": "on", "lower": "on", "silent": "on", "unpleasant-count": "2"})
        database.write_now(lambda db: reminders.choose(db, room.teacher, rules))

        def work(db: Session) -> list[Any]:
            page = students.follow(db, room.teacher, victim.person_id, NOW)
            asking = prompts.of(db, room.teacher, NOW)
            export = persons.export(db, room.teacher.person_id)
            return [students.of_course(db, room.teacher), page, asking, export]

        return database.read_now(work)
    finally:
        database.close()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(named=named_ones, one=anonymous_ones, other=anonymous_ones, closes=st.booleans())
def test_worlds_that_differ_in_anonymous_answers_and_in_who_gave_any_look_the_same(
    named: list[str | None],
    one: list[str | None],
    other: list[str | None],
    closes: bool,
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> None:
    urls = [fresh_database("sqlite", Path(tmp_path_factory.mktemp("world")), request) for _ in range(2)]
    worlds = [seen_in(url, named, said, closes) for url, said in zip(urls, (one, other), strict=True)]
    assert worlds[0] == worlds[1]
