import json
import sqlite3
from contextlib import closing

import pytest
from sqlmodel import select

from reflect.storage.database import Database
from reflect.storage.identities import Identity
from reflect.storage.people import Person
from tests.classroom import NOW, Classroom, classroom
from tests.cli.running import Shell


@pytest.fixture
def room(database: Database) -> Classroom:
    found = classroom(database)
    found.answer(found.students[0], found.open("named"), "calm")
    found.answer(found.students[0], found.open("anonymous", question="?"), "sad")
    return found


def test_a_person_is_printed_as_json_without_anonymous_answers(shell: Shell, room: Classroom) -> None:
    result = shell.run("person", "export", str(room.students[0].person_id))
    assert result.exit_code == 0, result.output
    [course] = json.loads(result.output)["courses"]
    assert [one["answer"] for one in course["answers"]] == ["calm"]
    assert course["anonymous_checkins_answered"] == 1
    assert "sad" not in result.output


def test_a_person_is_erased_only_after_a_yes(shell: Shell, room: Classroom) -> None:
    person_id = room.students[0].person_id
    assert shell.run("person", "erase", str(person_id)).exit_code == 1
    assert room.database.read_now(lambda db: db.get(Person, person_id)) is not None
    result = shell.run("person", "erase", str(person_id), "--yes")
    assert "Named answers deleted: 1" in result.output
    assert room.database.read_now(lambda db: db.get(Person, person_id)) is None
    assert len(room.database.read_now(lambda db: db.exec(select(Person)).all())) == 9


@pytest.mark.parametrize("words", [("export", "77"), ("erase", "77", "--yes"), ("unlink", "77")])
def test_nobody_is_refused_in_one_line(shell: Shell, words: tuple[str, ...]) -> None:
    result = shell.run("person", *words)
    assert (result.exit_code, result.output.strip()) == (1, "Error: There is no such person.")


def test_a_wrong_link_is_undone(shell: Shell, room: Classroom) -> None:
    person_id = room.students[0].person_id
    deployment_id = room.database.read_now(lambda db: db.get_one(Person, person_id).deployment_id)
    link = Identity(person_id=person_id, deployment_id=deployment_id, provider=b"p", mark=b"m", confirmed_on=NOW.date())
    room.database.write_now(lambda db: db.add(link))
    result = shell.run("person", "unlink", str(person_id))
    assert (result.exit_code, "not linked any more" in result.output) == (0, True)
    result = shell.run("person", "unlink", str(person_id))
    assert (result.exit_code, result.output.strip()) == (1, f"Error: Person {person_id} is not linked.")


def test_it_is_said_where_what_was_erased_may_linger(
    shell: Shell, room: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    if room.database.engine.dialect.name != "sqlite":
        pytest.skip("only SQLite has a log that a copy of its file would miss")
    monkeypatch.setattr("reflect.storage.database.SETTLING", 0.2)
    with closing(sqlite3.connect(room.database.engine.url.database or "", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM person").fetchone()
        erased = shell.run("person", "erase", str(room.students[0].person_id), "--yes")
        purged = shell.run("purge", "--json", "--clock-is-right")
    assert (erased.exit_code, purged.exit_code) == (0, 0)
    assert "may linger" in erased.stderr and "is erased" in erased.stdout
    assert "may linger" in purged.stderr and json.loads(purged.stdout)
    again = shell.run("purge", "--json", "--clock-is-right")
    assert (again.exit_code, again.stderr) == (0, "")
