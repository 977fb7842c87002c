"""`reflect backup` and `reflect restore`, by really doing it."""

import re
import sqlite3
import stat
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Connection, Engine, delete, event, text
from sqlalchemy.engine import make_url
from sqlmodel import Session, select

from reflect.domain import admins, api_keys, lifecycle, reflections, registrations, restores, talks
from reflect.domain.audit import FROM_SHELL
from reflect.domain.privacy import audiences, retention
from reflect.domain.talks import Wish
from reflect.storage import postgresql_dumps, sqlite_files
from reflect.storage.admins import Admin
from reflect.storage.answers import Answer, Participation, SealedAnswer
from reflect.storage.api_keys import ApiKey
from reflect.storage.checkins import Checkin
from reflect.storage.class_totals import ClassTotal
from reflect.storage.courses import Course
from reflect.storage.database import open_engine
from reflect.storage.people import Person
from reflect.storage.registrations import Registration
from reflect.storage.revisions import NEWEST
from reflect.storage.schema import config
from reflect.storage.sessions import LaunchSession
from reflect.storage.talk_periods import TalkPeriod
from reflect.storage.talks import Talk
from reflect.storage.weeks import PublishedWeek
from tests.classroom import NOW, classroom
from tests.cli.databases import did, opened, ran, sums
from tests.cli.running import Shell
from tests.domain.privacy.test_traces import RememberingSealer, pieces

ONLY_SQLITE = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
ONLY_POSTGRESQL = pytest.mark.parametrize("backend", ["postgresql"], indirect=True)

GONE = {"audit_entry", "launch_session", "deep_link", "admin_session", "admin_invitation", "backup"}
"""Tables that a restore changes, even where nothing has happened since the backup."""


def url_of(shell: Shell) -> str:
    return shell.env["REFLECT_DATABASE_URL"]


def made(shell: Shell, name: str = "copy") -> Path:
    """A backup."""
    path = Path(shell.said("backup", name)["path"])
    assert path.exists()
    return path


def test_a_backup_brings_a_school_back(school_shell: Shell) -> None:
    before = sums(url_of(school_shell), "backup")
    said = school_shell.said("backup", ".")
    path = Path(said["path"])
    assert path.name.startswith("reflect-2")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert said["courses"] == before["course"][0] > 0
    assert said["people"] == before["person"][0] > 10
    assert said["bytes"] == path.stat().st_size
    ran(url_of(school_shell), "UPDATE person SET name = 'Nobody'", "UPDATE tally SET count = count + 1")
    result = school_shell.run("restore", str(path), "--yes", "--nothing-happened-since")
    assert result.exit_code == 0, result.output
    assert "people: 0" in result.output
    after = sums(url_of(school_shell), "backup")
    assert {name: after[name] for name in set(after) - GONE} == {name: before[name] for name in set(before) - GONE}
    assert not list(Path().glob(".*.restoring*"))
    kept = [it for it in Path().iterdir() if "before-" in it.name]
    assert len(kept) == 1
    assert str(kept[0]) in result.output


def test_a_backup_of_another_place_brings_everything_back(school_shell: Shell, tmp_path: Path) -> None:
    """On a new machine nothing is known of what was erased, and nothing is erased."""
    path = made(school_shell)
    before = sums(url_of(school_shell))
    if url_of(school_shell).startswith("sqlite"):
        school_shell.env["REFLECT_DATABASE_URL"] = f"sqlite:///{tmp_path}/new/reflect.db"
        (tmp_path / "new").mkdir()
    else:
        with opened(url_of(school_shell)) as database, database.engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
    result = school_shell.run("restore", str(path), "--yes", "--nothing-happened-since")
    assert result.exit_code == 0, result.output
    assert "Repeat every `reflect person erase`" in result.output
    after = sums(url_of(school_shell))
    assert {name: after[name] for name in set(after) - GONE} == {name: before[name] for name in set(before) - GONE}
    assert before["audit_entry"][0] + 1 == after["audit_entry"][0]
    assert after["launch_session"][0] == 0 < before["launch_session"][0]
    assert school_shell.run("verify-anonymity").exit_code == 0


def test_a_backup_during_answers_has_every_answer_that_was_acknowledged(shell: Shell, tmp_path: Path) -> None:
    size = 120
    with opened(url_of(shell)) as database:
        room = classroom(database, size)
        named, anonymous = room.open("named"), room.open("anonymous", k=50)
        acknowledged, begun, over = 0, threading.Event(), threading.Event()

        def answer() -> None:
            nonlocal acknowledged
            for student in room.students:
                room.answer(student, named, "calm")
                room.answer(student, anonymous, "happy")
                acknowledged += 1
                if acknowledged == 20:
                    begun.set()
                if over.is_set():
                    return

        writer = threading.Thread(target=answer)
        writer.start()
        assert begun.wait(20)
        at_least = acknowledged
        path = made(shell, "during.backup")
        over.set()
        writer.join()
    assert shell.run("restore", str(path), "--yes").exit_code == 0

    def counted(db: Session) -> tuple[int, int]:
        return len(db.exec(select(Answer)).all()), len(db.exec(select(Participation)).all())

    answers, took_part = did(shell, counted)
    assert at_least <= took_part <= answers <= acknowledged + 1
    assert answers - took_part <= 1
    assert shell.run("verify-anonymity").exit_code == 0


@ONLY_SQLITE
def test_no_destroyed_seal_is_in_a_backup(shell: Shell) -> None:
    with opened(url_of(shell)) as database:
        room = classroom(database, 9)
        sealer = RememberingSealer()
        room = replace(room, sealer=sealer)
        checkin_id = room.open(release="in_steps", k=5)
        for student in room.students:
            room.answer(student, checkin_id, "calm")
        raw = made(shell).read_bytes()
    assert not [piece for piece in pieces(sealer.seals[:5]) if piece in raw]
    assert sealer.seals[-1] in raw
    assert b"s" * 40 not in raw


@ONLY_SQLITE
def test_nothing_is_overwritten(shell: Shell) -> None:
    Path("copy").write_text("precious")
    result = shell.run("backup", "copy")
    assert result.exit_code == 1
    assert "backup_exists" in result.output
    assert Path("copy").read_text() == "precious"
    assert [it.name for it in Path().iterdir() if it.name.startswith(".")] == []


@ONLY_SQLITE
def test_a_backup_wants_a_folder_and_a_database(shell: Shell) -> None:
    assert "backup_folder_missing" in shell.run("backup", "nowhere/copy").output
    shell.env["REFLECT_DATABASE_URL"] = "sqlite:///new.db"
    result = shell.run("backup", "copy")
    assert result.exit_code == 1
    assert "There is no database" in result.output
    assert not Path("new.db").exists()


@ONLY_POSTGRESQL
def test_without_the_tools_of_postgresql_the_refusal_says_what_to_install(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql_dumps, "PLACES", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    result = shell.run("backup", "copy")
    assert result.exit_code == 1
    assert "apt install postgresql-client" in result.output
    old = tmp_path / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.1'\n")
    old.chmod(0o755)
    result = shell.run("backup", "copy")
    assert "tool_too_old" in result.output
    assert "pg_dump 9" in result.output
    failing = tmp_path / "bin"
    failing.mkdir()
    monkeypatch.setenv("PATH", f"{failing}:/usr/bin:/bin")
    (failing / "pg_dump").write_text(
        "#!/bin/sh\ncase $1 in --version) echo 'pg_dump 99.1';; *) echo full >&2; exit 1;; esac\n"
    )
    (failing / "pg_dump").chmod(0o755)
    monkeypatch.setattr(postgresql_dumps, "PLACES", failing)
    monkeypatch.setattr(postgresql_dumps.shutil, "which", lambda name: str(failing / name))
    result = shell.run("backup", "copy")
    assert "tool_failed" in result.output
    assert "full" in result.output
    assert not Path("copy").exists()


@ONLY_POSTGRESQL
def test_what_the_database_does_not_take_changes_nothing_and_no_value_is_said(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = made(shell)
    with opened(url_of(shell)) as database:
        classroom(database, 3)
    before, script = sums(url_of(shell)), postgresql_dumps.script

    def spoilt(*words: object) -> Iterator[bytes]:
        yield from script(*words)  # type: ignore[arg-type]
        if len(words) == 2:
            yield b"SELECT 'Wren Storybook'::int;\n"

    monkeypatch.setattr(postgresql_dumps, "script", spoilt)
    result = shell.run("restore", str(path), "--yes")
    assert result.exit_code == 1
    assert "restore_failed" in result.output
    assert "Wren" not in result.output
    assert sums(url_of(shell)) == before


def test_no_password_is_in_a_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    url = make_url("postgresql+psycopg://reflect:open%20sesame@db.example:5433/school?sslmode=require")
    found = postgresql_dumps.environment(url)
    assert {found[name] for name in ("PGUSER", "PGPASSWORD", "PGHOST", "PGPORT", "PGDATABASE", "PGSSLMODE")} == {
        "reflect", "open sesame", "db.example", "5433", "school", "require",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"a letter", "backup_unknown"),
        (b"", "backup_unknown"),
        (b"other", "backup_other_kind"),
        (b"cut", "backup_corrupt"),
    ],
)
def test_what_is_no_good_backup_is_refused(shell: Shell, backend: str, content: bytes, code: str) -> None:
    if content == b"other":
        content = b"PGDMP" if backend == "sqlite" else b"SQLite format 3\0"
    if content == b"cut":
        whole = made(shell).read_bytes()
        content = whole[: len(whole) - len(whole) // 3]
    Path("file").write_bytes(content)
    before = sums(url_of(shell))
    result = shell.run("restore", "file", "--yes")
    assert result.exit_code == 1
    assert code in result.output
    assert sums(url_of(shell)) == before
    assert not [it for it in Path().iterdir() if "before-" in it.name or "restoring" in it.name]


@ONLY_SQLITE
def test_a_backup_with_a_damaged_page_or_without_our_tables_is_refused(shell: Shell, tmp_path: Path) -> None:
    path = made(shell)
    raw = bytearray(path.read_bytes())
    page = int.from_bytes(raw[16:18], "big")
    raw[page * 5 : page * 5 + 200] = bytes(200)
    Path("damaged").write_bytes(raw)
    assert "backup_corrupt" in shell.run("restore", "damaged", "--yes").output
    ran(f"sqlite:///{tmp_path}/other.db", "CREATE TABLE checkin (id INTEGER)")
    assert "backup_unknown" in shell.run("restore", "other.db", "--yes").output


def test_a_backup_of_a_newer_reflect_is_refused(shell: Shell) -> None:
    ran(url_of(shell), "UPDATE alembic_version SET version_num = '9999'")
    path = made(shell)
    ran(url_of(shell), f"UPDATE alembic_version SET version_num = '{NEWEST}'")
    result = shell.run("restore", str(path), "--yes")
    assert result.exit_code == 1
    assert "backup_newer" in result.output


def test_nothing_is_restored_while_somebody_has_the_database_open(shell: Shell) -> None:
    path = made(shell)
    with opened(url_of(shell)) as database:
        database.write_now(lambda db: db.execute(text("SELECT 1")))
        result = shell.run("restore", str(path), "--yes")
    assert result.exit_code == 1
    assert "database_in_use" in result.output
    assert "stop the server" in result.output
    again = shell.run("restore", str(path), "--yes")
    assert again.exit_code == 0, again.output


@ONLY_POSTGRESQL
def test_a_database_of_somebody_else_is_not_restored_into(shell: Shell) -> None:
    path = made(shell)
    with opened(url_of(shell)) as database, database.engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
        connection.execute(text("CREATE TABLE recipes (id int)"))
    result = shell.run("restore", str(path), "--yes")
    assert result.exit_code == 1
    assert "database_foreign" in result.output
    # Another program that is migrated by Alembic, too, and numbers its versions as we do.
    ran(
        url_of(shell),
        "CREATE TABLE alembic_version (version_num text)",
        f"INSERT INTO alembic_version VALUES ('{NEWEST}')",
    )
    assert "database_foreign" in shell.run("restore", str(path), "--yes").output
    ran(url_of(shell), "CREATE TABLE checkin (id int)", "CREATE TABLE registration (id int)")
    ran(url_of(shell), "UPDATE alembic_version SET version_num = 'ae1027a6acf'")
    assert "database_foreign" in shell.run("restore", str(path), "--yes").output
    ran(url_of(shell), "SELECT * FROM recipes")


@ONLY_POSTGRESQL
def test_what_a_newer_reflect_left_gives_way_to_an_older_backup(shell: Shell) -> None:
    path = made(shell)
    ran(url_of(shell), "UPDATE alembic_version SET version_num = '9999'")
    assert shell.run("restore", str(path), "--yes").exit_code == 0


@ONLY_SQLITE
def test_a_restore_that_fails_midway_changes_nothing(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    path = made(shell)
    with opened(url_of(shell)) as database:
        classroom(database, 3)
    before = sums(url_of(shell))
    monkeypatch.setattr(restores, "settle", lambda *_, **__: 1 / 0)
    assert isinstance(shell.run("restore", str(path), "--yes").exception, ZeroDivisionError)
    assert sums(url_of(shell)) == before
    assert not [it for it in Path().iterdir() if "before-" in it.name or "restoring" in it.name]


@ONLY_SQLITE
def test_a_restore_asks_first(shell: Shell) -> None:
    path = made(shell)
    before = sums(url_of(shell))
    result = shell.run("restore", str(path))
    assert result.exit_code == 1
    assert "in the place of" in result.output
    assert sums(url_of(shell)) == before


@ONLY_SQLITE
def test_a_database_that_nobody_can_read_is_put_aside_as_it_lies(shell: Shell, tmp_path: Path) -> None:
    path = made(shell)
    file = Path(url_of(shell).removeprefix("sqlite:///"))
    file.write_bytes(b"flooded" * 1000)
    file.with_name("reflect.db-wal").write_bytes(b"a log of that time")
    result = shell.run("restore", str(path), "--yes")
    assert result.exit_code == 0, result.output
    (kept,) = (it for it in tmp_path.iterdir() if "before-" in it.name and not it.name.endswith("-wal"))
    assert kept.read_bytes().startswith(b"flooded")
    assert kept.with_name(f"{kept.name}-wal").read_bytes() == b"a log of that time"
    assert shell.run("verify-anonymity").exit_code == 0


@ONLY_SQLITE
def test_an_older_backup_comes_to_the_newest_schema(shell: Shell, tmp_path: Path) -> None:
    old = f"sqlite:///{tmp_path}/old.db"
    engine = open_engine(old)
    command.upgrade(config(engine), "0018")
    engine.dispose()
    current = url_of(shell)
    shell.env["REFLECT_DATABASE_URL"] = old
    path = made(shell)
    shell.env["REFLECT_DATABASE_URL"] = current
    assert shell.run("restore", str(path), "--yes").exit_code == 0
    assert shell.run("purge").exit_code == 0


@ONLY_SQLITE
def test_another_secret_is_said_at_the_end(school_shell: Shell) -> None:
    path = made(school_shell)
    school_shell.env["REFLECT_SECRET_KEY"] = "another secret that is long enough"
    result = school_shell.run("restore", str(path), "--yes")
    assert result.exit_code == 3
    assert "FAIL The secret opens the private keys" in result.output


@ONLY_SQLITE
def test_something_wrong_with_anonymity_is_said_at_the_end(shell: Shell) -> None:
    ran(url_of(shell), "CREATE VIEW spy AS SELECT * FROM participation")
    result = shell.run("restore", str(made(shell)), "--yes")
    assert result.exit_code == 3
    assert "spy" in result.output


def test_what_was_erased_since_is_erased_again(shell: Shell) -> None:
    with opened(url_of(shell)) as database:
        room = classroom(database, 6)
        named, anonymous = room.open("named"), room.open("anonymous")
        for student in room.students:
            room.answer(student, named, "calm")
            room.answer(student, anonymous, "happy")
        room.close(anonymous)
    path = made(shell)
    erased = room.students[0].person_id
    assert shell.run("person", "erase", str(erased), "--yes").exit_code == 0
    with opened(url_of(shell)) as database:
        database.write_now(lambda db: reflections.erase(db, room.course_id, room.students[1].person_id))
    result = shell.run("restore", str(path), "--yes")
    assert result.exit_code == 0, result.output
    assert "people: 1" in result.output

    def left(db: Session) -> tuple[object, list[int], int, int]:
        answered = [row.person_id for row in db.exec(select(Answer)).all()]
        return (
            db.get(Person, erased),
            answered,
            len(db.exec(select(Participation)).all()),
            len(db.exec(select(Person)).all()),
        )

    person, answered, took_part, people = did(shell, left)
    assert person is None
    assert sorted(answered) == [student.person_id for student in room.students[2:]]
    assert took_part == 6
    assert people == 7  # five students, the teacher, and nobody, who took part
    assert shell.run("verify-anonymity").exit_code == 0


def test_what_was_erased_in_a_newer_schema_is_erased_again_by_the_release_before(shell: Shell) -> None:
    with opened(url_of(shell)) as database:
        room = classroom(database, 2)
    path = made(shell)
    ran(url_of(shell), "UPDATE alembic_version SET version_num = '9999'", "CREATE TABLE news (id int)")
    erased = room.students[0].person_id
    assert shell.run("person", "erase", str(erased), "--yes").exit_code == 0
    result = shell.run("restore", str(path), "--yes")
    assert result.exit_code == 0, result.output
    assert "people: 1" in result.output
    assert did(shell, lambda db: db.get(Person, erased)) is None
    assert shell.run("purge").exit_code == 0


@ONLY_SQLITE
def test_where_it_is_not_known_nobody_is_erased_and_the_numbers_are_said(shell: Shell) -> None:
    """An older state came in between: whoever is missing there was perhaps not yet known."""
    older = made(shell, "older")
    with opened(url_of(shell)) as database:
        room = classroom(database, 3)
    path = made(shell)
    assert shell.run("person", "erase", str(room.students[0].person_id), "--yes").exit_code == 0
    assert shell.run("restore", str(older), "--yes").exit_code == 0
    assert len(did(shell, lambda db: db.exec(select(Person)).all())) == 0
    result = shell.run("restore", str(path), "--yes")
    assert "is not known" in result.output
    assert len(did(shell, lambda db: db.exec(select(Person)).all())) == 4


def aside_of(output: str) -> Path:
    """What a restore says that it put aside."""
    found = re.search(r"What was there before: (.+)\. It holds", output)
    assert found, output
    return Path(found[1])


def people_and_answers(shell: Shell) -> tuple[int, int]:
    return did(shell, lambda db: (len(db.exec(select(Person)).all()), len(db.exec(select(Answer)).all())))


def test_what_was_put_aside_comes_back_whole(shell: Shell) -> None:
    """Although it has the marks of the backup that took its place, nobody was deleted since."""
    path = made(shell)
    with opened(url_of(shell)) as database:
        room = classroom(database, 6)
        named = room.open("named")
        for student in room.students:
            room.answer(student, named, "calm")
    aside = aside_of(shell.run("restore", str(path), "--yes").output)
    assert people_and_answers(shell) == (0, 0)
    result = shell.run("restore", str(aside), "--yes")
    assert result.exit_code == 0, result.output
    assert "is not known" in result.output
    assert people_and_answers(shell) == (7, 6)
    # From now on the database is a later state of just that file.
    assert shell.run("person", "erase", str(room.students[0].person_id), "--yes").exit_code == 0
    assert "people: 1" in shell.run("restore", str(aside), "--yes").output
    assert people_and_answers(shell) == (6, 5)


@ONLY_SQLITE
def test_a_copy_by_other_means_comes_back_whole_however_often_an_older_state_did(shell: Shell) -> None:
    path, empty = made(shell), (0, 0)
    for number in range(2):
        with opened(url_of(shell)) as database:
            classroom(database, 3)
            # Without a mark of its own, as any tool writes it.
            sqlite_files.write(database.engine, Path(f"by-hand-{number}"))
        assert shell.run("restore", str(path), "--yes").exit_code == 0
        assert people_and_answers(shell) == empty
        result = shell.run("restore", f"by-hand-{number}", "--yes")
        assert "is not known" in result.output
        assert people_and_answers(shell) == (4, 0)
        assert shell.run("restore", str(path), "--yes").exit_code == 0


@ONLY_SQLITE
def test_an_older_backup_is_still_known_after_a_newer_one_came_back(shell: Shell) -> None:
    with opened(url_of(shell)) as database:
        room = classroom(database, 3)
    older = made(shell, "older")
    ran(url_of(shell), "UPDATE backup SET made_on = '2026-01-01'")
    newer = made(shell, "newer")
    assert "people: 0" in shell.run("restore", str(newer), "--yes").output
    assert shell.run("person", "erase", str(room.students[0].person_id), "--yes").exit_code == 0
    assert "people: 1" in shell.run("restore", str(older), "--yes").output


@ONLY_SQLITE
def test_what_was_there_is_kept_where_the_disk_fails_while_the_place_is_taken(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = made(shell)
    with opened(url_of(shell)) as database:
        classroom(database, 3)
    before = sums(url_of(shell))

    def fail(*_: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(sqlite_files, "_put_in_place", fail)
    result = shell.run("restore", str(path), "--yes")
    assert result.exit_code == 1
    assert "restore_broken" in result.output
    assert "Nothing was changed" not in result.output
    (kept,) = (it for it in Path().iterdir() if "before-" in it.name)
    assert kept.name in result.output
    assert sums(f"sqlite:///{kept.absolute()}") == before


@ONLY_POSTGRESQL
def test_what_was_there_is_kept_where_the_connection_ends_in_a_commit(shell: Shell) -> None:
    path = made(shell)

    def cut(connection: Connection) -> None:
        process = connection.connection.driver_connection.info.backend_pid  # type: ignore[union-attr]
        ran(url_of(shell), f"SELECT pg_terminate_backend({process}, 5000)")

    def begin_cutting(*_: object) -> None:
        event.listen(Engine, "commit", cut, once=True)

    event.listen(Session, "after_begin", begin_cutting, once=True)
    result = shell.run("restore", str(path), "--yes")
    assert result.exit_code == 1
    assert "restore_broken" in result.output
    (kept,) = (it for it in Path().iterdir() if "before-" in it.name)
    assert kept.name in result.output
    assert shell.run("restore", str(kept), "--yes").exit_code == 0


@ONLY_SQLITE
@pytest.mark.parametrize("shown", ["class", "week", "talks"])
def test_nothing_happened_since_is_not_believed_where_something_was_shown(shell: Shell, shown: str) -> None:
    with opened(url_of(shell)) as database:
        room = classroom(database, 4)
        named = room.open("named")
    path = made(shell)
    row = {
        "class": ClassTotal(checkin_id=named, choice="calm", count=4),
        "week": PublishedWeek(
            course_id=room.course_id, week_on=NOW.date(), people=4, students=4, pleasant=4, in_between=0, unpleasant=0,
            unsaid=0, named=0, min_group_size=3,
        ),
        "talks": TalkPeriod(
            registration_id=1, begins_on=NOW.date(), ends_on=NOW.date(), asked=4, students=4, waiting=0, closed=0,
            min_group_size=3,
        ),
    }[shown]  # fmt: skip
    did(shell, lambda db: db.add(row))
    assert "restore_touched" in shell.run("restore", str(path), "--yes", "--nothing-happened-since").output


@ONLY_SQLITE
def test_sessions_do_not_come_alive_again_and_anonymous_checkins_end(school_shell: Shell) -> None:
    path = made(school_shell)
    result = school_shell.run("restore", str(path), "--yes")
    assert result.exit_code == 0, result.output
    assert "anonymous check-ins closed: 1" in result.output

    def left(db: Session) -> list[int]:
        still = select(Checkin).where(Checkin.is_anonymous, Checkin.closed_at.is_(None), Checkin.opened_at.is_not(None))
        return [len(db.exec(it).all()) for it in (select(LaunchSession), select(SealedAnswer), still)]

    assert did(school_shell, left) == [0, 0, 0]


@ONLY_SQLITE
def test_nothing_happened_since_is_not_believed_where_something_has(shell: Shell) -> None:
    with opened(url_of(shell)) as database:
        room = classroom(database, 4)
        checkin_id = room.open(k=3)
        room.answer(room.students[0], checkin_id, "calm")
    path = made(shell)
    result = shell.run("restore", str(path), "--yes", "--nothing-happened-since")
    assert result.exit_code == 0, result.output
    with opened(url_of(shell)) as database:
        assert len(database.read_now(lambda db: db.exec(select(SealedAnswer)).all())) == 1
        replace(room, database=database).answer(room.students[1], checkin_id, "calm")
    result = shell.run("restore", str(path), "--yes", "--nothing-happened-since")
    assert result.exit_code == 1
    assert "restore_touched" in result.output
    assert shell.run("restore", str(path), "--yes").exit_code == 0
    assert did(shell, lambda db: db.exec(select(SealedAnswer)).all()) == []


@ONLY_SQLITE
def test_what_was_deleted_or_taken_away_since_goes_again(shell: Shell) -> None:
    assert shell.add().exit_code == 0
    with opened(url_of(shell)) as database:
        room, other = classroom(database, 4), classroom(database, 4)
        kept, deleted, of_other = room.open("named"), room.open("named"), other.open("named")
        for student in room.students:
            room.answer(student, kept, "calm")
            room.answer(student, deleted, "calm")
        other.answer(other.students[0], of_other, "calm")

        def prepare(db: Session) -> None:
            talks.ask(db, room.students[0], Wish(None, "Later, perhaps.", is_for_today=False), NOW)
            wish = api_keys.Wish("warehouse", reads_anonymous=True, reads_named=False, registration_id=None)
            api_keys.make(db, wish, FROM_SHELL, NOW)
            admins.invite(db, "lynx@fablehill.example", FROM_SHELL, NOW)

        database.write_now(prepare)
    path = made(shell)
    with opened(url_of(shell)) as database:

        def take_away(db: Session) -> None:
            lifecycle.remove(db, room.teacher, deleted, NOW)
            retention.destroy_deleted(db, NOW + lifecycle.UNDO + audiences.SAME_DAY)
            talks.withdraw(db, room.students[0], db.exec(select(Talk)).one().id or 0)
            api_keys.revoke(db, db.exec(select(ApiKey)).one().id or 0, FROM_SHELL, NOW)
            registrations.switch(db, 1, False)
            db.exec(delete(Admin))
            db.exec(delete(Course).where(Course.id == other.course_id))

        database.write_now(take_away)
    result = shell.run("restore", str(path), "--yes")
    assert result.exit_code == 0, result.output
    assert "courses: 1, check-ins: 2" in result.output

    def left(db: Session) -> tuple[object, ...]:
        return (
            [row.id for row in db.exec(select(Checkin)).all() if row.deleted_at is None],
            [row.id for row in db.exec(select(Course)).all()],
            db.exec(select(Talk)).all(),
            db.exec(select(ApiKey)).one().revoked_at is not None,
            db.exec(select(Admin)).all(),
            db.get_one(Registration, 1).is_enabled,
            len(db.exec(select(Answer)).all()),
        )

    assert did(shell, left) == ([kept], [room.course_id], [], True, [], False, 4)
