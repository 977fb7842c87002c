"""kill -9 in the midst of a thousand answers: what was acknowledged is there, once, and all is counted right."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from queue import Empty, SimpleQueue

import pytest
from sqlmodel import Session, col, select

from reflect.domain.sessions import Stay, begin
from reflect.storage.answers import Answer, Participation, SealedAnswer, Tally
from reflect.storage.database import Database
from tests.classroom import Classroom, classroom
from tests.conftest import BACKENDS, fresh_database
from tests.faults.processes import Served, served

pytestmark = pytest.mark.slow
ANSWERS, AT_ONCE = 1000, 12
ENOUGH = 180
"""Seconds after which whoever still waits has been forgotten."""
KILLS = {"sqlite": 2, "postgresql": 1}
CHOICES = ("calm", "tired", "happy", "sad", "bored")


class Rush:
    """Students who send their answers, and again until somebody acknowledges them."""

    def __init__(self, house: Served, tokens: list[str], checkin_ids: tuple[int, int]) -> None:
        self.port, self.tokens, self.checkin_ids = house.port, tokens, checkin_ids
        self.waiting: SimpleQueue[int] = SimpleQueue()
        self.acknowledged: SimpleQueue[int] = SimpleQueue()
        self.repeated, self.ends = 0, time.monotonic() + ENOUGH
        for number in range(len(tokens)):
            self.waiting.put(number)

    def sends(self) -> None:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        while True:
            try:
                number = self.waiting.get_nowait()
            except Empty:
                return connection.close()
            while not self._is_acknowledged(connection, number):
                assert time.monotonic() < self.ends, "the server did not come back"
                self.repeated += 1
                connection.close()
                time.sleep(0.1)
            self.acknowledged.put(number)

    def _is_acknowledged(self, connection: HTTPConnection, number: int) -> bool:
        headers = {
            "Authorization": f"Bearer {self.tokens[number]}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        try:
            path = f"/checkins/{self.checkin_ids[number % 2]}/answers"
            connection.request("POST", path, f"choice={choice_of(number)}", headers)
            answer = connection.getresponse()
            answer.read()
        except (OSError, HTTPException):
            return False
        assert answer.status == 303, answer.status
        return True


def choice_of(number: int) -> str:
    return CHOICES[number % len(CHOICES)]


def tokens_of(database: Database, room: Classroom) -> list[str]:
    """A session for each student."""

    def work(db: Session) -> list[str]:
        now = datetime.now(UTC)
        stays = [Stay(it.person_id, room.course_id, "learner", False, "en", "'self'") for it in room.students]
        return [begin(db, stay, now)[1] for stay in stays]

    return database.write_now(work)


@pytest.mark.parametrize("kind", BACKENDS)
def test_every_acknowledged_answer_is_there_once(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    with served(fresh_database(kind, tmp_path, request), tmp_path) as house:
        database = house.running.database
        room = classroom(database, ANSWERS)
        now = datetime.now(UTC)
        checkin_ids = room.open("named", now=now), room.open("anonymous", "in_steps", 5, now=now)
        rush = Rush(house, tokens_of(database, room), checkin_ids)
        with ThreadPoolExecutor(AT_ONCE) as students:
            sending = [students.submit(rush.sends) for _ in range(AT_ONCE)]
            for part in range(1, KILLS[kind] + 1):
                while rush.acknowledged.qsize() < ANSWERS * part // (KILLS[kind] + 1):
                    assert time.monotonic() < rush.ends
                    time.sleep(0.01)
                house.kill()
                house.start()
            for sent in sending:
                sent.result()
        assert rush.repeated >= KILLS[kind]
        assert rush.acknowledged.qsize() == ANSWERS
        database.read_now(lambda db: assert_whole(db, room, *checkin_ids))
        if kind == "sqlite":
            assert (
                database.read_now(lambda db: db.connection().exec_driver_sql("PRAGMA integrity_check").scalar()) == "ok"
            )


def assert_whole(db: Session, room: Classroom, named: int, anonymous: int) -> None:
    """Each student's own answer is there once, and the totals are those of a recount."""
    given = {row.person_id: row.choice for row in db.exec(select(Answer).where(col(Answer.checkin_id) == named))}
    assert given == {room.students[number].person_id: choice_of(number) for number in range(0, ANSWERS, 2)}
    assert tallied(db, named) == Counter(given.values())
    took_part = db.exec(select(Participation).where(col(Participation.checkin_id) == anonymous)).all()
    sealed = db.exec(select(SealedAnswer).where(col(SealedAnswer.checkin_id) == anonymous)).all()
    assert {row.person_id for row in took_part} == {room.students[number].person_id for number in range(1, ANSWERS, 2)}
    assert tallied(db, anonymous).total() + len(sealed) == len(took_part) == ANSWERS // 2


def tallied(db: Session, checkin_id: int) -> Counter[str]:
    found: Counter[str] = Counter()
    for row in db.exec(select(Tally).where(col(Tally.checkin_id) == checkin_id)):
        found[row.choice] += row.count
    return found
