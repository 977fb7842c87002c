"""`reflect move`, from each kind of database to each."""

import shutil
import stat
import time
from pathlib import Path

import pytest
from sqlalchemy import Connection, Table, text
from sqlmodel import Session, select

from reflect.cli import moves as commands
from reflect.domain.privacy.verification import Proof
from reflect.storage import moves, postgresql
from reflect.storage.answers import SealedAnswer
from reflect.storage.checkins import Checkin
from reflect.storage.people import Person
from tests.classroom import NOW, classroom
from tests.cli.databases import did, opened, ran, sums
from tests.cli.running import Shell
from tests.conftest import fresh_database

ONLY_SQLITE = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


def migrated(folder: Path, template: Path) -> str:
    """An empty database that has its tables already."""
    shutil.copy(template, folder / "target.db")
    return f"sqlite:///{folder}/target.db"


def test_everything_arrives_and_the_school_goes_on(school_shell: Shell, tmp_path: Path, school_file: Path) -> None:
    """On PostgreSQL the school has come from SQLite already, and goes back."""
    source, target = school_shell.env["REFLECT_DATABASE_URL"], f"sqlite:///{tmp_path}/moved.db"
    before = sums(source)
    result = school_shell.run("move", "--to", target)
    assert result.exit_code == 0, result.output
    assert "destroy the old database" in result.output
    assert sums(target) == sums(source) == before == sums(f"sqlite:///{school_file}")
    assert before["sealed_answer"][0] > 0
    assert stat.S_IMODE((tmp_path / "moved.db").stat().st_mode) == 0o600
    school_shell.env["REFLECT_DATABASE_URL"] = target
    assert school_shell.run("verify-anonymity").exit_code == 0
    assert "ok   Our private keys" in school_shell.run("doctor").output


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_numbers_go_on_after_the_last_and_no_order_comes_along(
    shell: Shell, database_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    source = fresh_database("sqlite", tmp_path, request)
    with opened(source) as database:
        room = classroom(database, 12)
        checkin_id, other = room.open(k=50), room.open("named")
        for student in reversed(room.students):
            room.answer(student, checkin_id, "calm")
        database.write_now(lambda db: _refer(db, checkin_id, other))
    shell.env["REFLECT_DATABASE_URL"] = source
    result = shell.run("move", "--to", database_url)
    assert result.exit_code == 0, result.output

    def places(db: Session) -> tuple[list[bytes], list[int], int, int | None]:
        seals = db.execute(text("SELECT random_key FROM sealed_answer ORDER BY ctid")).scalars().all()
        people = db.execute(text("SELECT person_id FROM participation ORDER BY ctid")).scalars().all()
        person = Person(deployment_id=1, sub="new", name="New", created_at=NOW)
        db.add(person)
        db.flush()
        assert person.id is not None
        return [bytes(key) for key in seals], list(people), person.id, db.get_one(Checkin, checkin_id).copied_from_id

    with opened(database_url) as database:
        seals, people, newest, copied_from = database.write_now(places)
        assert seals == sorted(seals)
        assert people == sorted(people)
        assert newest == 14
        assert copied_from == other  # the later one, although it came later


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_neither_side_is_cut_off_while_the_other_one_works(
    shell: Shell, database_url: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, back = fresh_database("sqlite", tmp_path, request), f"sqlite:///{tmp_path}/back.db"
    with opened(source) as database:
        classroom(database, 3)
    summed, slow_ones = moves.summed, []

    def slowly(connection: Connection, table: Table) -> moves.Moved:
        if table.name == "person" and connection.dialect.name == "sqlite":
            slow_ones.append(connection)
            time.sleep(2.5)  # the other session is cut off before it is over, were it not for the move
        return summed(connection, table)

    monkeypatch.setattr(moves, "summed", slowly)
    monkeypatch.setitem(postgresql.LIMITS, "idle_in_transaction_session_timeout", "2s")
    for one, other in ((source, database_url), (database_url, back)):
        shell.env["REFLECT_DATABASE_URL"] = one
        result = shell.run("move", "--to", other)
        assert result.exit_code == 0, result.output
    assert len(slow_ones) == 2


def _refer(db: Session, checkin_id: int, to: int) -> None:
    db.get_one(Checkin, checkin_id).copied_from_id = to


@ONLY_SQLITE
def test_only_an_empty_other_place_is_moved_to(shell: Shell, tmp_path: Path, database_url: str) -> None:
    shutil.copy(database_url.removeprefix("sqlite:///"), tmp_path / "used.db")
    with opened(f"sqlite:///{tmp_path}/used.db") as database:
        classroom(database, 1)
    before = sums(f"sqlite:///{tmp_path}/used.db")
    result = shell.run("move", "--to", f"sqlite:///{tmp_path}/used.db")
    assert result.exit_code == 1
    assert "move_not_empty" in result.output
    assert sums(f"sqlite:///{tmp_path}/used.db") == before
    assert "move_nowhere" in shell.run("move", "--to", database_url).output
    assert "must start with sqlite" in shell.run("move", "--to", "mysql://x").output
    assert "backup_folder_missing" in shell.run("move", "--to", "sqlite:///nowhere/x.db").output
    shell.env["REFLECT_DATABASE_URL"] = "sqlite:///new.db"
    assert "There is no database" in shell.run("move", "--to", f"sqlite:///{tmp_path}/y.db").output


@ONLY_SQLITE
def test_no_file_is_made_beside_the_log_of_one_that_was_moved_away(shell: Shell, tmp_path: Path) -> None:
    log = tmp_path / "moved.db-wal"
    log.write_bytes(b"what was acknowledged last")
    result = shell.run("move", "--to", f"sqlite:///{tmp_path}/moved.db")
    assert result.exit_code == 1
    assert f"{tmp_path}/moved.db is gone, but its log moved.db-wal is there" in result.output
    assert log.read_bytes() == b"what was acknowledged last"
    assert not (tmp_path / "moved.db").exists()
    log.unlink()
    assert shell.run("move", "--to", f"sqlite:///{tmp_path}/moved.db").exit_code == 0


@ONLY_SQLITE
def test_nothing_is_moved_while_somebody_has_either_open(
    shell: Shell, tmp_path: Path, database_url: str, sqlite_template: Path
) -> None:
    target = migrated(tmp_path, sqlite_template)
    with opened(database_url) as database:
        database.read_now(lambda db: db.exec(select(SealedAnswer)).all())
        result = shell.run("move", "--to", target)
        assert result.exit_code == 1
        assert "database_in_use" in result.output
    with opened(target) as database:
        database.read_now(lambda db: db.exec(select(SealedAnswer)).all())
        assert "database_in_use" in shell.run("move", "--to", target).output
    assert shell.run("move", "--to", target).exit_code == 0


@ONLY_SQLITE
def test_what_did_not_arrive_as_it_was_is_not_kept(
    shell: Shell, tmp_path: Path, database_url: str, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(database_url) as database:
        classroom(database, 3)
    target = migrated(tmp_path, sqlite_template)
    fill = moves._fill

    def losing(table: object, source: object, other: object) -> None:
        fill(table, source, other)  # type: ignore[arg-type]
        if table.name == "person":  # type: ignore[attr-defined]
            other.execute(text("UPDATE person SET name = 'X' WHERE id = 2"))  # type: ignore[attr-defined]

    with monkeypatch.context() as patched:
        patched.setattr(moves, "_fill", losing)
        result = shell.run("move", "--to", target)
    assert result.exit_code == 1
    assert "move_differs" in result.output
    assert "(person)" in result.output
    assert sums(target)["person"][0] == 0
    exposed = [iter([]), iter([Proof("No view", False, "spy")])]
    with monkeypatch.context() as patched:
        patched.setattr(commands, "verify", lambda _: exposed.pop(0))
        assert "move_exposed" in shell.run("move", "--to", target).output
    assert sums(target)["person"][0] == 0
    assert shell.run("move", "--to", target).exit_code == 0


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_a_value_that_the_other_cannot_hold_is_named_by_its_table_only(
    shell: Shell, tmp_path: Path, database_url: str, request: pytest.FixtureRequest
) -> None:
    source = fresh_database("sqlite", tmp_path, request)
    with opened(source) as database:
        room = classroom(database, 3)
    ran(source, f"UPDATE person SET name = 'a' || char(0) || 'b' WHERE id = {room.students[0].person_id}")
    shell.env["REFLECT_DATABASE_URL"] = source
    result = shell.run("move", "--to", database_url)
    assert result.exit_code == 1
    assert "move_impossible" in result.output
    assert "(person: " in result.output
    shell.env["REFLECT_DATABASE_URL"] = database_url
    assert did(shell, lambda db: len(db.exec(select(Person)).all())) == 0
