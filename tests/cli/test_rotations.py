"""`reflect secret rotate`."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.engine import make_url
from sqlmodel import Session, col, select

from reflect.domain import admins, guests, keys, registrations
from reflect.domain.audit import FROM_SHELL
from reflect.domain.privacy.sealing import Content, Sealer
from reflect.keyring import Keyring
from reflect.storage import database as storage
from reflect.storage.admins import AdminInvitation
from reflect.storage.answers import SealedAnswer
from reflect.storage.database import Database
from reflect.storage.guests import SealedGuestAnswer
from reflect.storage.identities import Identity
from reflect.storage.registrations import RegistrationKey
from tests.classroom import NOW, Classroom, classroom, counts
from tests.cli.databases import did, opened, ran, sums
from tests.cli.running import Shell
from tests.faults.processes import COMMAND
from tests.pairs import pairs
from tests.storage.wires import COMMIT, wired

OLD, NEW = "s" * 40, "a new secret that is as long as it must be"
ONLY_SQLITE = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


def furnished(database: Database) -> tuple[Classroom, int]:
    """A class whose answers wait, with guests."""
    room = replace(classroom(database, 6), sealer=Sealer(Keyring(OLD)))
    checkin_id = room.open(k=5, asks_note="on")
    for student in room.students[:4]:
        room.answer(student, checkin_id, "calm", note="We liked it.")

    def work(db: Session) -> None:
        code = guests.open_to_guests(db, room.teacher, checkin_id, 20, NOW)
        guests.answer(db, code, Content("happy"), room.sealer)
        admins.invite(db, "lynx@fablehill.example", FROM_SHELL, NOW)
        db.add(Identity(person_id=room.students[0].person_id, deployment_id=1, provider=b"p", mark=b"m", confirmed_on=NOW.date()))  # fmt: skip

    database.write_now(work)
    return room, checkin_id


def rows(db: Session) -> tuple[list[tuple[bytes, bytes]], list[bytes], int]:
    sealed = [*db.exec(select(SealedAnswer)).all(), *db.exec(select(SealedGuestAnswer)).all()]
    keys = [
        bytes(row.sealed_private_key)
        for row in db.exec(select(RegistrationKey).order_by(col(RegistrationKey.id))).all()
    ]
    void = len(db.exec(select(AdminInvitation)).all()) + len(db.exec(select(Identity)).all())
    return [(bytes(row.random_key), bytes(row.seal)) for row in sealed], keys, void


def test_what_waits_is_released_under_the_new_secret(shell: Shell) -> None:
    url = shell.env["REFLECT_DATABASE_URL"]
    with opened(url) as database:
        room, checkin_id = furnished(database)
    assert shell.add().exit_code == 0
    sealed, keys, void = did(shell, rows)
    assert (len(sealed), len(keys), void) == (5, 1, 2)
    shell.env["REFLECT_NEW_SECRET_KEY"] = NEW
    result = shell.run("secret", "rotate")
    assert result.exit_code == 0, result.output
    assert "1 private keys, 5 sealed answers" in result.output
    assert NEW not in result.output
    assert OLD not in result.output
    again, keys_again, void = did(shell, rows)
    assert (len(again), len(keys_again), void) == (5, 1, 0)
    assert {len(seal) for _, seal in again} == {len(seal) for _, seal in sealed}
    assert not {it for row in again for it in row} & {it for row in sealed for it in row}
    shell.env["REFLECT_SECRET_KEY"] = NEW
    assert "ok   Our private keys" in shell.run("doctor").output
    assert shell.run("verify-anonymity").exit_code == 0
    with opened(url) as database:
        room = replace(room, database=database, sealer=Sealer(Keyring(NEW)))
        room.answer(room.students[4], checkin_id, "happy")
        room.answer(room.students[5], checkin_id, "happy")
        room.close(checkin_id)
        assert sum(counts(room.for_staff(checkin_id)).values()) + room.for_staff(checkin_id).unsaid == 6
        for row in database.read_now(lambda db: db.exec(select(RegistrationKey)).all()):
            assert b"PRIVATE KEY" in registrations.private_pem(Keyring(NEW), row)


def test_a_retired_key_which_has_no_private_half_holds_up_no_change_of_the_secret(shell: Shell) -> None:
    assert shell.add().exit_code == 0
    pair = next(pairs())
    key = registrations.new_key(Keyring(OLD), pair.kid, pair.private_pem, pair.public_jwk)
    did(shell, lambda db: keys.add(db, 1, key, datetime.now(UTC)))
    assert "ok   Our private keys" in shell.run("doctor").output
    shell.env["REFLECT_NEW_SECRET_KEY"] = NEW
    assert "1 private keys, 0 sealed answers" in shell.run("secret", "rotate").output
    retired, signing = did(shell, lambda db: rows(db)[1])
    assert retired == b""
    assert signing
    shell.env["REFLECT_SECRET_KEY"] = NEW
    assert "ok   Our private keys" in shell.run("doctor").output


@ONLY_SQLITE
def test_nothing_that_the_old_secret_opens_is_left_in_the_file(shell: Shell) -> None:
    url = shell.env["REFLECT_DATABASE_URL"]
    with opened(url) as database:
        furnished(database)
    sealed, _, _ = did(shell, rows)
    file = Path(url.removeprefix("sqlite:///"))
    assert sealed[0][1][100:112] in file.read_bytes()
    shell.env["REFLECT_NEW_SECRET_KEY"] = NEW
    assert shell.run("secret", "rotate").exit_code == 0
    raw = b"".join(it.read_bytes() for it in file.parent.glob("reflect.db*"))
    assert not [seal for _, seal in sealed for at in range(0, len(seal) - 12, 12) if seal[at : at + 12] in raw]


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_seals_lie_in_the_order_of_their_new_keys(shell: Shell) -> None:
    with opened(shell.env["REFLECT_DATABASE_URL"]) as database:
        furnished(database)
    shell.env["REFLECT_NEW_SECRET_KEY"] = NEW
    assert shell.run("secret", "rotate").exit_code == 0
    keys = did(shell, lambda db: db.execute(text("SELECT random_key FROM sealed_answer ORDER BY ctid")).scalars().all())
    assert list(map(bytes, keys)) == sorted(map(bytes, keys))


@ONLY_SQLITE
def test_each_secret_that_will_not_do_is_refused_and_nothing_is_changed(shell: Shell, tmp_path: Path) -> None:
    url = shell.env["REFLECT_DATABASE_URL"]
    with opened(url) as database:
        furnished(database)
    before = sums(url)
    assert "There is no new secret" in shell.run("secret", "rotate").output
    for secret, words in (("short", "at least 32 characters"), (OLD, "secret_same")):
        (tmp_path / "new").write_text(f"{secret}\n")
        result = shell.run("secret", "rotate", "--new-secret-file", str(tmp_path / "new"))
        assert result.exit_code == 1
        assert words in result.output
    (tmp_path / "new").write_bytes(b"\xff\xfe" + bytes(40))
    result = shell.run("secret", "rotate", "--new-secret-file", str(tmp_path / "new"))
    assert result.exit_code == 1
    assert "is not text" in result.output
    shell.env |= {"REFLECT_NEW_SECRET_KEY": NEW, "REFLECT_SECRET_KEY": "some other secret that is long enough"}
    result = shell.run("secret", "rotate")
    assert result.exit_code == 1
    assert "secret_other" in result.output
    assert "some other secret" not in result.output
    assert sums(url) == before


@ONLY_SQLITE
def test_the_secret_is_not_changed_under_a_running_server(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "new").write_text(NEW)
    with opened(shell.env["REFLECT_DATABASE_URL"]) as database:
        database.read_now(lambda db: db.exec(select(SealedAnswer)).all())
        result = shell.run("secret", "rotate", "--new-secret-file", str(tmp_path / "new"))
    assert result.exit_code == 1
    assert "database_in_use" in result.output
    assert shell.run("secret", "rotate", "--new-secret-file", str(tmp_path / "new")).exit_code == 0


@contextmanager
def read_from_commit_on(file: str) -> Iterator[None]:
    """Somebody who begins to read in the very moment of a commit, and so keeps the log from being emptied."""
    with closing(sqlite3.connect(file, isolation_level=None, check_same_thread=False)) as reader:

        def begin(connection: Connection) -> None:
            if connection.engine.url.database == file and not reader.in_transaction:
                reader.execute("BEGIN")
                reader.execute("SELECT count(*) FROM registration_key").fetchall()

        event.listen(Engine, "commit", begin)
        try:
            yield
        finally:
            event.remove(Engine, "commit", begin)


@contextmanager
def refusing_to_be_rewritten(url: str) -> Iterator[None]:
    """A table of PostgreSQL's with an index that cannot be made anew by VACUUM, as on a disk that is full."""
    ran(
        url,
        "CREATE FUNCTION full_disk(bytea) RETURNS integer IMMUTABLE LANGUAGE plpgsql AS "
        "$$ BEGIN IF current_query() LIKE 'VACUUM%' THEN RAISE 'No space left'; END IF; RETURN 1; END $$",
        "CREATE INDEX full_disk ON registration_key (full_disk(sealed_private_key))",
    )
    yield
    ran(url, "DROP INDEX full_disk")


def test_a_secret_that_is_changed_is_said_to_be_where_only_the_cleaning_fails(
    shell: Shell, backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "BUSY", 0.1)
    url = shell.env["REFLECT_DATABASE_URL"]
    with opened(url) as database:
        furnished(database)
    assert shell.add().exit_code == 0
    file = url.removeprefix("sqlite:///")
    shell.env["REFLECT_NEW_SECRET_KEY"] = NEW
    with read_from_commit_on(file) if backend == "sqlite" else refusing_to_be_rewritten(url):
        result = shell.run("secret", "rotate")
        assert result.exit_code == 3
        assert "The secret IS changed: set the new one." in result.output
        assert "`reflect secret clean`" in result.output
        assert "1 private keys, 5 sealed answers" in result.output
        assert "Nothing was changed" not in result.output
        assert shell.run("secret", "clean").exit_code == 1, "it is as it was"
    shell.env["REFLECT_SECRET_KEY"] = NEW
    assert "ok   Our private keys" in shell.run("doctor").output
    again = shell.run("secret", "clean")
    assert (again.exit_code, again.output.count("left in the files")) == (0, 1), again.output


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="elsewhere no file is always full")
@pytest.mark.parametrize("hears_faults", [True, False])
@ONLY_SQLITE
def test_a_secret_that_is_changed_is_said_to_be_and_all_is_cleaned_where_the_report_cannot_be_written(
    shell: Shell, hears_faults: bool
) -> None:
    url = shell.env["REFLECT_DATABASE_URL"]
    with opened(url) as database:
        furnished(database)
    assert shell.add().exit_code == 0
    sealed, _, _ = did(shell, rows)
    env = os.environ | shell.env | {"REFLECT_NEW_SECRET_KEY": NEW}
    with open("/dev/full", "wb") as full:
        heard = subprocess.PIPE if hears_faults else full
        words = [sys.executable, "-c", COMMAND, "secret", "rotate"]
        done = subprocess.run(words, env=env, stdout=full, stderr=heard, text=True, timeout=90, check=False)
    assert done.returncode == 3, done.stderr
    if hears_faults:
        assert "The secret IS changed: set the new one." in done.stderr and "No space left" in done.stderr
        assert "Set REFLECT_SECRET_KEY to the new secret, then start the server." in done.stderr
        assert "Nothing was changed" not in done.stderr and "Traceback" not in done.stderr
    shell.env["REFLECT_SECRET_KEY"] = NEW
    assert "ok   Our private keys" in shell.run("doctor").output
    file = Path(url.removeprefix("sqlite:///"))
    raw = b"".join(it.read_bytes() for it in file.parent.glob("reflect.db*"))
    assert not [seal for _, seal in sealed for at in range(0, len(seal) - 12, 12) if seal[at : at + 12] in raw]


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_a_connection_that_is_lost_amid_the_commit_leaves_both_secrets_to_be_kept(shell: Shell) -> None:
    url = shell.env["REFLECT_DATABASE_URL"]
    with opened(url) as database:
        furnished(database)
    shell.env["REFLECT_NEW_SECRET_KEY"] = NEW

    def cut(connection: Connection) -> None:
        if connection.engine.url.port == make_url(through).port:
            wire.arrives, wire.cut_at = True, COMMIT

    with wired(url) as (through, wire):
        shell.env["REFLECT_DATABASE_URL"] = through
        event.listen(Engine, "commit", cut)
        try:
            result = shell.run("secret", "rotate")
        finally:
            event.remove(Engine, "commit", cut)
    assert (wire.cuts, result.exit_code) == (1, 3)
    assert "Keep both" in result.output and "Nothing was changed" not in result.output
