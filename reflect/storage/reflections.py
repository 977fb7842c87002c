"""What is kept of one person's answers, and how it is deleted again. Nothing here reads a seal or the tally of an
anonymous check-in: of those a person's only trace is *that* they took part, and that is only ever counted."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import bindparam, delete, func, select, update
from sqlmodel import Session, col

from reflect.storage import follow_ups
from reflect.storage.answers import Answer, Participation, Tally
from reflect.storage.checkins import Checkin
from reflect.storage.courses import Course
from reflect.storage.people import Enrolment, Person
from reflect.storage.prepared import Prepared

_NAMED = Prepared(
    select(
        col(Answer.checkin_id),
        col(Checkin.question),
        col(Checkin.question_key),
        col(Checkin.form),
        col(Checkin.labels),
        col(Answer.choice),
        col(Answer.word),
        col(Answer.note),
        col(Answer.answered_at),
        col(Answer.changed_at),
    )
    .join(Checkin, col(Checkin.id) == col(Answer.checkin_id))
    .where(col(Checkin.course_id) == bindparam("course_id"))
    .where(col(Answer.person_id) == bindparam("person_id"))
    .where(~col(Checkin.is_anonymous))
    .where(col(Checkin.deleted_at).is_(None))
    .order_by(col(Answer.answered_at), col(Answer.checkin_id))
)
_ANSWERED = Prepared(
    select(col(Answer.checkin_id))
    .join(Checkin, col(Checkin.id) == col(Answer.checkin_id))
    .where(col(Checkin.course_id) == bindparam("course_id"))
    .where(col(Answer.person_id) == bindparam("person_id"))
    .order_by(col(Answer.checkin_id))
)
_TOOK_PART = Prepared(
    select(func.count().label("count"))
    .select_from(Participation)
    .join(Checkin, col(Checkin.id) == col(Participation.checkin_id))
    .where(col(Checkin.course_id) == bindparam("course_id"))
    .where(col(Participation.person_id) == bindparam("person_id"))
)


def named(db: Session, course_id: int, person_id: int) -> Sequence[Any]:
    """A person's named answers in a course, oldest first:
    (checkin_id, question, question_key, form, labels, choice, word, note, answered_at, changed_at)."""
    return _NAMED.all(db, course_id=course_id, person_id=person_id)


def answered(db: Session, course_id: int, person_id: int) -> Sequence[int]:
    """The check-ins of a course that a person answered by name, by id; deleted ones that may come back, too."""
    return [row.checkin_id for row in _ANSWERED.all(db, course_id=course_id, person_id=person_id)]


def anonymous_count(db: Session, course_id: int, person_id: int) -> int:
    """In how many anonymous check-ins of a course a person took part."""
    return int(_TOOK_PART.first(db, course_id=course_id, person_id=person_id).count)


def courses_of(db: Session, person_id: int) -> Sequence[Any]:
    """The courses that hold anything of a person: (id, title, label), by id."""
    enrolled = select(col(Enrolment.course_id)).where(col(Enrolment.person_id) == person_id)
    answered = _courses_with(Answer, person_id)
    took_part = _courses_with(Participation, person_id)
    found = select(col(Course.id), col(Course.title), col(Course.label)).order_by(col(Course.id))
    return db.execute(
        found.where(col(Course.id).in_(enrolled.union(answered, took_part, follow_ups.courses_of(person_id))))
    ).all()


def _courses_with(trace: Any, person_id: int) -> Any:
    of_checkin = select(col(Checkin.course_id)).join(trace, trace.checkin_id == col(Checkin.id))
    return of_checkin.where(trace.person_id == person_id)


def hold(db: Session, checkin_id: int) -> Any:
    """Raise a check-in's version, open or not, and hold its row until commit; its columns."""
    touch = update(Checkin).where(col(Checkin.id) == checkin_id).values(version=col(Checkin.version) + 1)
    return db.execute(touch.returning(*Checkin.__table__.c)).one()  # type: ignore[attr-defined]


def forget(db: Session, checkin_id: int, person_id: int) -> Any:
    """Delete a named answer; what it was: (choice, answered_at), or None where there was none."""
    gone = delete(Answer).where(col(Answer.checkin_id) == checkin_id, col(Answer.person_id) == person_id)
    return db.execute(gone.returning(col(Answer.choice), col(Answer.answered_at))).first()


def take_from_tally(db: Session, checkin_id: int, on_day: date, choice: str) -> None:
    """Count one answer less; a row that counts nothing any more would still say what was answered, and goes."""
    row = (
        col(Tally.checkin_id) == checkin_id,
        col(Tally.on_day) == on_day,
        col(Tally.choice) == choice,
    )
    db.execute(update(Tally).where(*row).values(count=col(Tally.count) - 1))
    db.execute(delete(Tally).where(col(Tally.checkin_id) == checkin_id, col(Tally.count) == 0))


def move_participations(db: Session, person_id: int, to_id: int) -> int:
    """Let a person's traces in anonymous check-ins belong to somebody else; how many."""
    mine = update(Participation).where(col(Participation.person_id) == person_id)
    return db.execute(mine.values(person_id=to_id)).rowcount  # type: ignore[attr-defined,no-any-return]


def delete_person(db: Session, person_id: int) -> None:
    """Delete a person with everything that is theirs."""
    db.execute(delete(Person).where(col(Person.id) == person_id))
