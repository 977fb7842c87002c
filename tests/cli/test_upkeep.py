from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session

from reflect.storage.checkins import Checkin
from tests.classroom import classroom
from tests.cli.databases import did, opened, ran
from tests.cli.running import Shell


def test_a_database_that_is_not_migrated_is_refused_with_what_to_do(tmp_path: Path) -> None:
    shell = Shell({"REFLECT_DATABASE_URL": f"sqlite:///{tmp_path / 'new.db'}", "REFLECT_SECRET_KEY": "s" * 40})
    result = shell.run("purge")
    assert result.exit_code == 1
    assert "reflect migrate" in result.output
    assert shell.run("migrate").exit_code == 0
    assert shell.run("purge").exit_code == 0


def test_a_purge_reports_counts_only(shell: Shell) -> None:
    assert shell.said("purge") == {"courses": 0, "people": 0, "sessions": 0, "checkins": 0}


def test_tidying_an_empty_installation_does_nothing(shell: Shell) -> None:
    assert shell.run("tidy").exit_code == 0


BROKEN = (
    "CREATE TRIGGER broken BEFORE UPDATE ON checkin WHEN OLD.opened_at IS NULL"
    " BEGIN SELECT RAISE(ABORT, 'asked by Moth Paperlantern'); END"
)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_what_cannot_be_done_keeps_nothing_else_from_being_tidied(shell: Shell) -> None:
    with opened(shell.env["REFLECT_DATABASE_URL"]) as database:
        room = classroom(database, 1)
        opens, closes, goes = (room.open("named") for _ in range(3))
    past = datetime.now(UTC) - timedelta(hours=1)

    def prepare(db: Session) -> None:
        db.get_one(Checkin, opens).opened_at, db.get_one(Checkin, opens).opens_at = None, past
        db.get_one(Checkin, closes).closes_at = past
        db.get_one(Checkin, goes).deleted_at = past

    did(shell, prepare)
    ran(shell.env["REFLECT_DATABASE_URL"], BROKEN)
    done = shell.run("tidy")
    assert done.exit_code == 1
    [line] = [line for line in done.output.splitlines() if line.strip()]
    assert "not all is done: to open check-ins (" in line and "Moth" not in line
    assert isinstance(done.exception, SystemExit), "and no trace"

    def left(db: Session) -> tuple[bool, bool, bool]:
        kept, closed, deleted = (db.get(Checkin, id_) for id_ in (opens, closes, goes))
        assert kept is not None and closed is not None
        return kept.opened_at is not None, closed.closed_at is not None, deleted is None

    assert did(shell, left) == (False, True, True)
    ran(shell.env["REFLECT_DATABASE_URL"], "DROP TRIGGER broken")
    assert shell.run("tidy").exit_code == 0
    assert did(shell, left) == (True, True, True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REFLECT_MIN_GROUP_SIZE", "2"),
        ("REFLECT_SECRET_KEY", "short"),
        ("REFLECT_BASE_URL", "reflect.example"),
        ("REFLECT_DATABASE_URL", "mysql://x"),
        ("REFLECT_RETENTION_DAYS", "0"),
    ],
)
def test_a_wrong_setting_ends_every_command_with_one_line(shell: Shell, name: str, value: str) -> None:
    shell.env[name] = value
    result = shell.run("registration", "list")
    assert result.exit_code == 1
    [line] = [line for line in result.output.splitlines() if line.strip()]
    assert name in line
    assert value not in line or name != "REFLECT_SECRET_KEY"


@pytest.mark.parametrize(
    ("env", "word"),
    [
        ({"REFLECT_BASE_URL": "http://reflect.example.org"}, "REFLECT_BASE_URL"),
        (
            {
                "REFLECT_BASE_URL": "https://reflect.example.org",
                "REFLECT_SECRET_KEY": "change-me-this-secret-protects-nothing",
            },
            "REFLECT_SECRET_KEY",
        ),
    ],
)
def test_serving_others_needs_https_and_a_secret(shell: Shell, env: dict[str, str], word: str) -> None:
    shell.env |= env
    result = shell.run("serve", "--port", "1")
    assert result.exit_code == 1
    assert word in result.output


@pytest.mark.parametrize("command", ["purge", "tidy", "migrate", "verify-anonymity"])
def test_a_database_that_cannot_be_reached_ends_every_command_with_one_line(shell: Shell, command: str) -> None:
    shell.env["REFLECT_DATABASE_URL"] = "postgresql://nobody:hidden@127.0.0.1:1/nothing"
    result = shell.run(command)
    assert result.exit_code == 1
    [line] = [line for line in result.output.splitlines() if line.strip()]
    assert "cannot be reached" in line and "hidden" not in line
