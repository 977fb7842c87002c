"""Somebody moves the file of a SQLite database away while the server runs: no command may make another in its place,
because SQLite then destroys the log that lies beside it, with answers that were acknowledged."""

import subprocess
import sys
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path

import pytest
from sqlmodel import Session, select

from reflect.storage.answers import Answer
from reflect.storage.database import Database
from reflect.storage.outages import DatabaseAway
from tests.classroom import classroom
from tests.conftest import fresh_database
from tests.faults.processes import COMMAND, served
from tests.faults.test_kills import tokens_of

COMMANDS = (
    ["doctor"],
    ["purge"],
    ["tidy"],
    ["verify-anonymity"],
    ["registration", "list"],
    ["person", "export", "1"],
    ["backup", "copy"],
    ["migrate"],
    ["serve", "--port", "0"],
    ["serve", "--port", "0", "--no-migrate"],
)


def given(db: Session) -> list[str]:
    return [row.choice for row in db.exec(select(Answer)).all()]


def answers(port: int, token: str, checkin_id: int) -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", f"/checkins/{checkin_id}/answers", "choice=calm", headers)
    status = connection.getresponse().status
    connection.close()
    return status


def test_no_command_destroys_what_was_acknowledged(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    url = fresh_database("sqlite", tmp_path, request)
    file = Path(url.removeprefix("sqlite:///"))
    with served(url, tmp_path) as house:
        room = classroom(house.running.database, 1)
        checkin_id = room.open("named", now=datetime.now(UTC))
        (token,) = tokens_of(house.running.database, room)
        house.running.database.close()
        assert answers(house.port, token, checkin_id) == 303
        away = file.rename(tmp_path / "elsewhere.db")
        for words in COMMANDS:
            command = [sys.executable, "-c", COMMAND, *words]
            done = subprocess.run(
                command, env=house.env, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
            )
            said = done.stdout + done.stderr
            assert done.returncode == 1, (words, said)
            assert "is gone, but its log" in said and "Traceback" not in said, (words, said)
            assert not file.exists(), words
        away.rename(file)
        house.kill()
        database = Database(url)
        try:
            assert database.read_now(given) == ["calm"]
        finally:
            database.close()
        house.start()


def test_a_connection_that_is_opened_meanwhile_makes_no_file(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """A server, too, opens a connection more when it has much to do."""
    url = fresh_database("sqlite", tmp_path, request)
    file = Path(url.removeprefix("sqlite:///"))
    database = Database(url)
    try:
        room = classroom(database, 1)
        away = file.rename(tmp_path / "elsewhere.db")
        database.engine.dispose()
        with pytest.raises(DatabaseAway):
            database.read_now(given)
        assert not file.exists()
        away.rename(file)
        assert room.database.read_now(given) == []
    finally:
        database.close()
