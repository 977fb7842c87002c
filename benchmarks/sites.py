"""A whole site's answers around one course: as many as wanted, while the course at hand stays as it is."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import islice
from urllib.parse import urlsplit

import psycopg

from benchmarks.databases import Database

STUDENTS, CHECKINS = 30, 40
"""Of every course; a check-in a week, all answered by all."""
PER_COURSE = STUDENTS * CHECKINS
COURSES_OF_A_STUDENT = 5
FACES = 5
_FIRST = 1_000_000
"""Where the ids of other courses, check-ins and people begin; those of the course at hand begin at half of it."""
_MOST_ROWS = 100_000
"""In one transaction, so that the server is never kept waiting for long."""

Row = Sequence[object]


def fill(database: Database, course_id: int, answers: int) -> None:
    """Give the course a past of its own, and the site so many answers in all, in other courses of the same size."""
    courses = max(0, answers // PER_COURSE - 1)
    many = [(course_id, _FIRST // 2), *((_FIRST + n, _FIRST + n * CHECKINS) for n in range(courses))]
    with _Writer(database) as writer:
        writer.write("course", _COURSE, (_course(number) for number, _ in many[1:]))
        writer.write("person", _PERSON, map(_person, _people(courses)))
        enrolled = ((person, course_id, "learner", False, False, True) for person in _class(0))
        writer.write("enrolment", _ENROLMENT, enrolled)
        writer.write("checkin", _CHECKIN, (row for course, first in many for row in _checkins(course, first)))
        writer.write("tally", _TALLY, (row for course, first in many for row in _tallies(course, first)))
        writer.write(
            "answer", _ANSWER, (row for place, (_, first) in enumerate(many) for row in _answers(place, first))
        )


_COURSE = "id deployment_id kind lti_id title label history copies_answered created_at last_active_on"
_PERSON = "id deployment_id sub name is_guest created_at"
_ENROLMENT = "person_id course_id role launched_as_staff is_test_user is_active"
_CHECKIN = (
    "id course_id question form is_anonymous release shared_with_class min_group_size gives_mark withheld version"
    " opened_at closed_at"
)
_TALLY = "course_id checkin_id on_day choice count"
_ANSWER = "checkin_id person_id choice answered_at changed_at"


def _moment(week: int) -> datetime:
    return datetime.now(UTC).replace(hour=8, minute=0, second=0, microsecond=0) - timedelta(days=7 * week + 1)


def _course(number: int) -> Row:
    now = _moment(0)
    return number, 1, "context", f"other-{number}", "Another", "", "", False, now, now.date()


def _people(courses: int) -> range:
    """The class at hand, and as many others as share the other courses."""
    return range(_FIRST // 2, _FIRST // 2 + STUDENTS + courses * STUDENTS // COURSES_OF_A_STUDENT + STUDENTS)


def _class(place: int) -> range:
    """The people of a course; 0 is the one at hand."""
    first = _FIRST // 2 + (STUDENTS + (place - 1) // COURSES_OF_A_STUDENT * STUDENTS if place else 0)
    return range(first, first + STUDENTS)


def _person(number: int) -> Row:
    return number, 1, f"bench-{number}", f"Sample Person {number}", False, _moment(CHECKINS)


def _checkins(course: int, first: int) -> Iterator[Row]:
    for week in range(CHECKINS):
        at = _moment(week)
        yield first + week, course, "How was the week?", "faces", False, "at_close", False, 5, False, 0, 1, at, at


def _tallies(course: int, first: int) -> Iterator[Row]:
    for week in range(CHECKINS):
        for face in range(FACES):
            yield course, first + week, _moment(week).date(), f"face_{face + 1}", STUDENTS // FACES


def _answers(place: int, first: int) -> Iterator[Row]:
    for week in range(CHECKINS):
        at = _moment(week)
        for number, person in enumerate(_class(place)):
            yield first + week, person, f"face_{number % FACES + 1}", at, at


class _Writer:
    """Writes many rows the fastest way each database has."""

    def __init__(self, database: Database) -> None:
        self.is_sqlite = urlsplit(database.url).scheme == "sqlite"
        self.db = sqlite3.connect(database.name, timeout=60) if self.is_sqlite else psycopg.connect(database.url)

    def __enter__(self) -> "_Writer":
        return self

    def __exit__(self, *fault: object) -> None:
        """Leave the database as one that has run for a while: SQLite's log emptied, PostgreSQL's statistics there."""
        with closing(self.db):
            if isinstance(self.db, psycopg.Connection):
                self.db.autocommit = True
                self.db.execute("VACUUM ANALYZE")
            else:
                self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def write(self, table: str, columns: str, rows: Iterable[Row]) -> None:
        """Add rows to a table; the names of its columns are separated by spaces."""
        names, going = columns.split(), iter(rows)
        while part := list(islice(going, _MOST_ROWS)):
            if isinstance(self.db, psycopg.Connection):
                command = f"COPY {table} ({', '.join(names)}) FROM STDIN"
                with self.db.cursor() as cursor, cursor.copy(command.encode()) as copy:
                    for row in part:
                        copy.write_row(row)
            else:
                marks = ", ".join("?" * len(names))
                command = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})"
                self.db.executemany(command, [list(map(_as_text, row)) for row in part])
            self.db.commit()


def _as_text(value: object) -> object:
    """Moments and days as Reflect keeps them in SQLite."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(" ", "microseconds")
    return value if isinstance(value, int | str) else str(value)
