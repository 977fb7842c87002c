"""A school year of any size, written straight into a database: answers, and the weeks that leaders read of them."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection, NullPool, create_engine, text

from benchmarks.databases import Database

WEEKS, CHECKINS, STUDENTS = 40, 5, 25
"""Weeks of the year, check-ins of a course in each, and students of a course."""
A_COURSE = WEEKS * CHECKINS * STUDENTS
"""Answers of one course in a year."""
_FIGURES = "people, students, pleasant, in_between, unpleasant, unsaid"
_NUMBERS = "WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < {most})"
_PEOPLE = f"""
INSERT INTO person (deployment_id, sub, name, is_guest, created_at) {_NUMBERS}
SELECT 1, CAST(n AS VARCHAR), '', false, '{{now}}' FROM number"""
_COURSES = f"""
INSERT INTO course (deployment_id, kind, lti_id, title, label, history, copies_answered, created_at, last_active_on)
{_NUMBERS} SELECT 1, 'context', CAST(n AS VARCHAR), 'Course ' || n, '', '', false, '{{now}}', '{{today}}' FROM number"""
_ENROLMENTS = f"""
INSERT INTO enrolment (person_id, course_id, role, launched_as_staff, is_test_user, is_active)
SELECT id, (id - 1) / {STUDENTS} + 1, 'learner', false, false, true FROM person"""
_CHECKINS = f"""
INSERT INTO checkin (course_id, question, form, is_anonymous, release, shared_with_class, min_group_size, gives_mark,
                     opened_at, closed_at, withheld, version) {_NUMBERS.format(most=CHECKINS)}
SELECT id, 'How are you today?', 'words_core', false, 'at_close', false, 5, false, '{{now}}', '{{now}}', 0, 0
FROM course, number"""
_ANSWERS = """
INSERT INTO answer (checkin_id, person_id, choice, answered_at, changed_at)
SELECT checkin.id, person_id, CASE (checkin.id + person_id) % 3 WHEN 0 THEN 'calm' WHEN 1 THEN 'happy' ELSE 'tired' END,
       opened_at, opened_at
FROM checkin JOIN enrolment ON enrolment.course_id = checkin.course_id"""
_COUNTED = "INSERT INTO counted_checkin (checkin_id, counted_at) SELECT id, opened_at FROM checkin"
_PUBLISHED = f"""
INSERT INTO published_week (course_id, week_on, {_FIGURES}, named, gone, min_group_size)
SELECT id, '{{week_on}}', {STUDENTS}, {STUDENTS}, 16, 0, 9, 0, {STUDENTS}, 0, 5 FROM course"""
_SITE = f"""
INSERT INTO site_week (registration_id, week_on, courses, {_FIGURES})
SELECT 1, week_on, count(*), sum(people), sum(students), sum(pleasant), sum(in_between), sum(unpleasant), sum(unsaid)
FROM published_week GROUP BY week_on"""
GROUP_BY = """
SELECT opened_at, choice, count(*) FROM answer JOIN checkin ON checkin.id = answer.checkin_id
GROUP BY opened_at, choice"""
"""What the overview would ask without weeks that were published."""


def fill(database: Database, answers: int) -> None:
    """A year of as many courses as have so many answers; the database is migrated and has one registration."""
    courses = max(1, answers // A_COURSE)
    with create_engine(database.sqlalchemy_url, poolclass=NullPool).connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA synchronous=OFF")
        _fill(connection, courses)
        connection.commit()
        # As a database is that has been in use: PostgreSQL knows by then how many rows there are.
        connection.execute(text("ANALYZE"))
        connection.commit()


def _fill(connection: Connection, courses: int) -> None:
    now = datetime.now(UTC)
    since = now.date() - timedelta(days=now.weekday(), weeks=WEEKS + 1)
    for statement, most in ((_PEOPLE, courses * STUDENTS), (_COURSES, courses)):
        connection.execute(text(statement.format(most=most, now=_written(since), today=now.date())))
    connection.execute(text(_ENROLMENTS))
    for week in range(WEEKS):
        week_on = since + timedelta(weeks=week)
        connection.execute(text(_CHECKINS.format(now=_written(week_on))))
        connection.execute(text(_PUBLISHED.format(week_on=week_on)))
    for statement in (_ANSWERS, _COUNTED, _SITE):
        connection.execute(text(statement))


def _written(on: date) -> str:
    """A moment of a day as both databases read it."""
    return f"{on} 08:30:00.000000"
