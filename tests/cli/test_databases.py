"""Commands on the database of a newer release: the one before goes on with it, and says so; and where the file is not."""

import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import httpx2
import pytest
from sqlmodel import Session, func, select

from reflect.storage.backups import Backup
from reflect.storage.revisions import NEWEST, REVISIONS
from tests.cli.databases import did, ran, sums
from tests.cli.running import Shell
from tests.cli.test_workers import until
from tests.faults.processes import COMMAND
from tests.servers import free_port
from tests.walker import http_client

NEWER = "the schema of a newer release (9999)"


@pytest.fixture
def newer(shell: Shell) -> Shell:
    """A shell on a database that a newer release has migrated."""
    at(shell, "9999")
    return shell


def at(shell: Shell, revision: str) -> None:
    ran(shell.env["REFLECT_DATABASE_URL"], f"UPDATE alembic_version SET version_num = '{revision}'")


def marks(db: Session) -> int:
    return db.exec(select(func.count()).select_from(Backup)).one()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_server_goes_on_with_a_newer_schema_and_says_so_once(newer: Shell, tmp_path: Path, workers: str) -> None:
    port, log = free_port(), tmp_path / "log"
    env = os.environ | newer.env | {"REFLECT_BASE_URL": f"http://localhost:{port}"}
    command = [sys.executable, "-c", COMMAND, "serve", "--port", str(port), "--workers", workers]
    with log.open("wb") as lines, http_client() as client:
        server = subprocess.Popen(command, cwd=tmp_path, env=env, stderr=lines)

        def is_ready() -> bool:
            assert server.poll() is None, log.read_text()
            with suppress(httpx2.TransportError):
                return client.get(f"http://localhost:{port}/health/ready").text == "ready\n"
            return False

        try:
            until(is_ready)
        finally:
            server.terminate()
            server.wait(30)
    told = [json.loads(line) for line in log.read_text().splitlines()]
    assert [it["revision"] for it in told if it["logger"] == "reflect.schema"] == ["9999"]


def test_doctor_finds_nothing_wrong_with_a_newer_schema(newer: Shell) -> None:
    said = newer.run("doctor")
    assert said.exit_code == 0, said.output
    assert "ok   The schema is of a newer release (9999), and this one goes on with it" in said.stdout
    assert "ok   Our private keys can be decrypted" in said.stdout
    assert "migrate" not in said.output


def test_commands_go_on_with_a_newer_schema_and_say_so_once(newer: Shell, tmp_path: Path) -> None:
    for words in (
        ["purge"],
        ["migrate"],
        ["registration", "list"],
        ["verify-anonymity"],
        ["backup", str(tmp_path / "copy")],
    ):
        done = newer.run(*words)
        assert done.exit_code == 0, done.output
        assert done.stderr.count(NEWER) == 1, words
        assert "newer" not in done.stdout and "newest" not in done.output, words
    assert newer.said("purge")["courses"] == 0, "what programs read has nothing else in it"
    assert did(newer, marks) == 1, "a backup leaves its mark"


def test_what_must_take_everything_along_is_left_to_the_newer_release(newer: Shell, tmp_path: Path) -> None:
    url = newer.env["REFLECT_DATABASE_URL"]
    newer.env["REFLECT_NEW_SECRET_KEY"] = "n" * 40
    before = sums(url)
    for words in (["secret", "rotate"], ["move", "--to", f"sqlite:///{tmp_path / 'other.db'}"]):
        done = newer.run(*words)
        assert done.exit_code == 1, done.output
        assert NEWER in done.output and "use that release" in done.output and "migrate" not in done.output
    assert sums(url) == before


def test_what_is_behind_is_still_refused(shell: Shell) -> None:
    at(shell, REVISIONS[-2])
    assert "`reflect migrate` first" in shell.run("purge").output
    assert "FAIL The schema is the newest\n     Run `reflect migrate`." in shell.run("doctor").output
    at(shell, NEWEST)
    assert shell.run("purge").exit_code == 0


COMMANDS = (["doctor"], ["purge"], ["registration", "list"], ["admin", "invite", "a@b.example"], ["backup", "copy"])


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_no_command_but_those_that_begin_makes_a_file(
    tmp_path: Path, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "reflect.db"
    done = Shell({"REFLECT_DATABASE_URL": f"sqlite:///{file}", "REFLECT_SECRET_KEY": "s" * 40}).run(*words)
    assert done.exit_code == 1
    assert f"There is no database at {file}" in done.output
    assert not file.exists()


FOREIGN = (
    ["migrate"],
    ["serve", "--port", "1"],
    ["purge"],
    ["tidy"],
    ["registration", "list"],
    ["verify-anonymity"],
    ["backup", "copy"],
    ["move", "--to", "sqlite:///moved.db"],
    ["secret", "rotate"],
)


@pytest.mark.parametrize("revision", ["ae1027a6acf", NEWEST, "9999"])
def test_the_database_of_another_program_is_refused_whatever_its_versions_are_called(
    shell: Shell, revision: str
) -> None:
    url = shell.env["REFLECT_DATABASE_URL"]
    if url.startswith("sqlite"):
        Path(url.removeprefix("sqlite:///")).unlink()
    else:
        ran(url, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
    ran(
        url,
        "CREATE TABLE checkin (id int)",
        "CREATE TABLE alembic_version (version_num text)",
        f"INSERT INTO alembic_version VALUES ('{revision}')",
    )
    shell.env["REFLECT_NEW_SECRET_KEY"] = "n" * 40
    for words in FOREIGN:
        done = shell.run(*words)
        assert done.exit_code == 1, words
        [line] = [line for line in done.output.splitlines() if line.strip()]
        assert "give Reflect a database of its own. Nothing was changed. [database_foreign]" in line, words
    done = shell.run("doctor")
    assert done.exit_code == 1
    assert "FAIL The database is Reflect’s\n     This database holds tables that are not" in done.output


def test_a_version_that_no_reflect_has_is_no_newer_release(shell: Shell) -> None:
    for revision in ("ae1027a6acf", "0000", "99999"):
        at(shell, revision)
        done = shell.run("migrate")
        assert (done.exit_code, "database_foreign" in done.output) == (1, True), revision
