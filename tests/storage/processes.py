"""What other processes do to a database while a test looks on: `python -m tests.storage.processes WHAT URL …`."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from itertools import count
from typing import Any

from sqlmodel import Session, select

from reflect.domain import answers, occurrences, openings
from reflect.domain.privacy.sealing import Content
from reflect.storage.checkins import Checkin, due
from reflect.storage.database import Database, open_engine
from reflect.storage.people import Person
from reflect.storage.schema import migrate as migrate_now
from tests.classroom import NOW, SEALER, viewer_of

AT_ONCE = 32


def start(what: str, *arguments: object) -> "subprocess.Popen[str]":
    """Start one of the deeds below in a process of its own."""
    command = [sys.executable, "-m", "tests.storage.processes", what, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process: "subprocess.Popen[str]") -> str:
    """Wait for a process to end well; what it printed."""
    output, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    return output


def migrate(url: str) -> None:
    """Bring a database to the newest schema."""
    engine = open_engine(url)
    migrate_now(engine)
    engine.dispose()


def increment(url: str, checkin_id: str, times: str) -> None:
    """Read a number and write one more, each time with a database opened anew, and read in between."""
    for _ in range(int(times)):
        database = Database(url)
        database.write_now(lambda db: raise_version(db, int(checkin_id)))
        database.read_now(lambda db: db.get_one(Checkin, int(checkin_id)).version)
        database.close()


def keep_time(url: str, now: str) -> None:
    """Do the background's work on series ten times, and print how many check-ins that opened."""
    database, moment = Database(url), datetime.fromisoformat(now)
    opened = 0
    for _ in range(10):
        database.write_now(lambda db: occurrences.make_all(db, 3, moment))
        opened += database.write_now(lambda db: openings.open_due(db, 3, moment))
    database.close()
    print(opened)  # noqa: T201 - what the test reads


def open_in_time(url: str, now: str) -> None:
    """Open what is due ten times, each check-in in a transaction of its own, and print how many opened."""
    database, moment, opened = Database(url), datetime.fromisoformat(now), 0
    for _ in range(10):
        for number in database.read_now(lambda db: [row.id for row in due(db, moment)]):
            opened += database.write_now(lambda db, it=number: openings.open_due(db, 3, moment, it))  # type: ignore[misc]
    database.close()
    print(opened)  # noqa: T201 - what the test reads


def raise_version(db: Session, checkin_id: int) -> None:
    """A read-modify-write that loses updates if the database lets it."""
    checkin = db.get_one(Checkin, checkin_id, with_for_update=True)
    checkin.version += 1


def submit(url: str, checkin_id: str, most: str) -> None:
    """Let everybody answer, many at once, print whose answer was acknowledged, and die once so many were."""
    database, acknowledged = Database(url), count(1)
    course_id = database.read_now(lambda db: db.get_one(Checkin, int(checkin_id)).course_id)
    people = database.read_now(lambda db: db.exec(select(Person.id).where(Person.name != "Person t")).all())
    waiting = iter(people)

    async def pupil() -> None:
        for person_id in waiting:
            viewer = viewer_of(person_id or 0, course_id, "learner")
            await database.write(
                lambda db, who=viewer: answers.give(db, who, int(checkin_id), Content("calm"), SEALER, NOW)
            )
            print(person_id, flush=True)  # noqa: T201 - the acknowledgement
            if next(acknowledged) == int(most):
                os.kill(os.getpid(), signal.SIGKILL)  # in the midst of what the others write

    async def everybody() -> None:
        await asyncio.gather(*(pupil() for _ in range(AT_ONCE)))

    asyncio.run(everybody())


if __name__ == "__main__":
    deeds: dict[str, Callable[..., Any]] = {
        "migrate": migrate,
        "increment": increment,
        "submit": submit,
        "keep_time": keep_time,
        "open_in_time": open_in_time,
    }
    deeds[sys.argv[1]](*sys.argv[2:])
