"""A course's counts are read by the course: the rest of the site is never gone through."""

from sqlalchemy import insert, text
from sqlmodel import Session

from reflect.storage import insights
from reflect.storage.answers import Answer, Participation, Tally
from reflect.storage.checkins import Checkin
from reflect.storage.courses import Course
from reflect.storage.database import Database
from reflect.storage.groups import CourseGroup, GroupMembership
from reflect.storage.people import Person
from reflect.storage.prepared import Prepared
from tests.classroom import NOW, classroom

STATEMENTS = {
    "checkins": insights._CHECKINS,
    "tallied": insights._TALLIED,
    "took_part": insights._TOOK_PART,
    "of_group": insights._OF_GROUP,
}
LARGE = {"answer", "participation", "tally", "checkin", "group_membership"}


def fill(db: Session) -> None:
    """Other courses, so that going through a table would be dearer than its index."""
    many = range(10_000, 14_000)
    day = NOW.date()
    deployment_id = db.execute(text("SELECT id FROM deployment")).scalar_one()
    some = {"form": "faces", "is_anonymous": False, "release": "at_close", "shared_with_class": False}
    for number_to_row in (
        lambda n: Course(id=n, deployment_id=deployment_id, kind="context", lti_id=f"c{n}", title="", label="", created_at=NOW, last_active_on=day),
        lambda n: Checkin(id=n, course_id=n, question="?", min_group_size=5, opened_at=NOW, **some),
        lambda n: Person(id=n, deployment_id=deployment_id, sub=f"p{n}", name="", created_at=NOW),
        lambda n: Tally(course_id=n, checkin_id=n, on_day=day, choice="face_1", count=1),
        lambda n: Answer(checkin_id=n, person_id=n, choice="face_1", answered_at=NOW, changed_at=NOW),
        lambda n: Participation(checkin_id=n, person_id=n),
        lambda n: CourseGroup(id=n, course_id=n, lti_id="g"),
        lambda n: GroupMembership(group_id=n, person_id=n),
    ):  # fmt: skip
        rows = [number_to_row(n) for n in many]
        db.execute(insert(type(rows[0])), [row.model_dump() for row in rows])


def plan(db: Session, statement: Prepared, **values: object) -> str:
    """How the database means to go about it."""
    statement.all(db, **values)
    compiled, is_sqlite = statement._compiled[db.connection().dialect.name], db.connection().dialect.name == "sqlite"
    cursor = db.connection().connection.cursor()
    cursor.execute(f"EXPLAIN {'QUERY PLAN ' * is_sqlite}{compiled.sql}", compiled.bind(dict(values)))
    return "\n".join(str(row[3] if is_sqlite else row[0]).partition("  (")[0] for row in cursor.fetchall())


def test_no_table_is_gone_through_from_end_to_end(database: Database) -> None:
    room = classroom(database, 4)
    group_id = room.group("foxes", *room.students)
    for anonymity in ("named", "anonymous"):
        checkin_id = room.open(anonymity, k=3)
        for student in room.students:
            room.answer(student, checkin_id, "calm")

    def work(db: Session) -> dict[str, str]:
        fill(db)
        db.execute(text("ANALYZE"))
        more = {"tallied": {"since": NOW.date()}, "of_group": {"group_id": group_id}}
        return {
            name: plan(db, statement, course_id=room.course_id, **more.get(name, {}))
            for name, statement in STATEMENTS.items()
        }

    for name, found in database.write_now(work).items():
        for table in LARGE:
            assert f"Seq Scan on {table}\n" not in f"{found}\n", (name, found)
            assert f"SCAN {table}\n" not in f"{found}\n", (name, found)


def test_the_statements_cannot_read_a_seal() -> None:
    for statement in STATEMENTS.values():
        assert "sealed" not in str(statement._statement)
