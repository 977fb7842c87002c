"""As an attacker: nothing a person can take from Reflect about themselves depends on what anybody answered anonymously."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, select

from reflect.domain import accesses, persons, reflections
from reflect.storage.accesses import Access
from reflect.storage.database import Database
from tests.classroom import NOW, classroom
from tests.conftest import fresh_database

SIZE = 5
FEELINGS = ("calm", "happy", "sad")
answered = st.lists(st.sampled_from(FEELINGS), min_size=SIZE, max_size=SIZE)


def taken_from(url: str, named: list[str], anonymous: list[str], release: str, closes: bool) -> list[Any]:
    """One course lived through from start to end; then what each of its students can see, export and read in the log."""
    database = Database(url)
    try:
        room = classroom(database, SIZE)
        first = room.open("named")
        second = room.open("anonymous", release, question="And between us?")
        for student, one, other in zip(room.students, named, anonymous, strict=True):
            room.answer(student, first, one)
            room.answer(student, second, other)
        if closes:
            room.close(second)
        database.write_now(lambda db: accesses.note_checkins(db, room.teacher, [first, second], NOW))

        def work(db: Session) -> list[Any]:
            log = [(row.checkin_id, row.reader_id, row.hour) for row in db.exec(select(Access))]
            own = [reflections.own(db, student) for student in room.students]
            exports = [persons.export(db, student.person_id) for student in room.students]
            return [log, own, exports]

        return database.read_now(work)
    finally:
        database.close()


@pytest.mark.parametrize("release", ["in_steps", "at_close"])
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(named=answered, one=answered, other=answered, closes=st.booleans())
def test_pages_exports_and_the_access_log_are_the_same_whatever_was_answered_anonymously(
    release: str,
    named: list[str],
    one: list[str],
    other: list[str],
    closes: bool,
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> None:
    urls = [fresh_database("sqlite", Path(tmp_path_factory.mktemp("world")), request) for _ in range(2)]
    taken = [taken_from(url, named, world, release, closes) for url, world in zip(urls, (one, other), strict=True)]
    assert taken[0] == taken[1]
