"""What the institution's data warehouse may read: check-ins by their numbers, and the answers of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, false, func, select, true
from sqlmodel import Session, col

from reflect.storage.answers import Answer, Tally
from reflect.storage.checkins import Checkin
from reflect.storage.courses import Course
from reflect.storage.people import Person
from reflect.storage.prepared import Prepared
from reflect.storage.registrations import Deployment


@dataclass(frozen=True, slots=True)
class Reach:
    """Which check-ins somebody may read: anonymous ones, exported named ones, of one registration or (None) of all."""

    reads_anonymous: bool
    reads_named: bool
    registration_id: int | None


_ANSWERS = Prepared(
    select(col(Answer.person_id), col(Answer.choice), col(Answer.changed_at), col(Person.sub))
    .join(Person, col(Person.id) == col(Answer.person_id))
    .where(col(Answer.checkin_id) == bindparam("checkin_id"))
    .where(col(Answer.changed_at) >= bindparam("since"))
    .where(col(Answer.changed_at) < bindparam("before"))
)
_ANONYMOUS = col(Checkin.is_anonymous) & true()
_NAMED = ~col(Checkin.is_anonymous) & col(Checkin.is_exported)


def _within(found: Select[Any], reach: Reach, kind: ColumnElement[bool]) -> Select[Any]:
    """Only check-ins of a kind and within reach that are there for anybody; `found` is joined with their courses."""
    found = found.where(kind, col(Checkin.opened_at).is_not(None), col(Checkin.deleted_at).is_(None))
    if reach.registration_id is not None:
        found = found.join(Deployment, col(Deployment.id) == col(Course.deployment_id))
        found = found.where(col(Deployment.registration_id) == reach.registration_id)
    return found


def checkins(db: Session, reach: Reach, since: datetime, before: datetime, from_id: int, most: int) -> Sequence[Any]:
    """The check-ins from a number on, in order, that were open at some time from `since` to before `before`:
    (id, question, form, is_anonymous, opened_at, closed_at, class_id, creator_id)."""
    kinds = (_ANONYMOUS if reach.reads_anonymous else false()) | (_NAMED if reach.reads_named else false())
    columns = Checkin.__table__.c["id", "question", "form", "is_anonymous", "opened_at", "closed_at"]  # type: ignore[attr-defined]
    found = select(*columns, col(Course.lti_id).label("class_id"), col(Person.sub).label("creator_id"))
    found = found.join(Course, col(Course.id) == col(Checkin.course_id))
    found = found.outerjoin(Person, col(Person.id) == col(Checkin.author_id))
    found = _within(found, reach, kinds).where(
        col(Checkin.id) >= from_id,
        col(Checkin.opened_at) < before,
        col(Checkin.closed_at).is_(None) | (col(Checkin.closed_at) >= since),
    )
    return db.execute(found.order_by(col(Checkin.id)).limit(most)).all()


def answers(db: Session, checkin_id: int, since: datetime, before: datetime) -> Sequence[Any]:
    """The named answers of a check-in that were given or last changed in this time:
    (person_id, choice, changed_at, sub)."""
    return _ANSWERS.all(db, checkin_id=checkin_id, since=since, before=before)


def count(db: Session, reach: Reach, since: datetime, before: datetime, days: tuple[date, date] | None) -> int:
    """How many answers there are: named ones of this time, and released ones of these days (first and last)."""
    total = 0
    if reach.reads_named:
        named = select(func.count()).select_from(Answer).join(Checkin, col(Checkin.id) == col(Answer.checkin_id))
        named = named.join(Course, col(Course.id) == col(Checkin.course_id))
        named = named.where(col(Answer.changed_at) >= since, col(Answer.changed_at) < before)
        total += db.scalar(_within(named, reach, _NAMED)) or 0
    if reach.reads_anonymous and days is not None:
        released = select(func.sum(col(Tally.count))).select_from(Tally)
        released = released.join(Checkin, col(Checkin.id) == col(Tally.checkin_id))
        released = released.join(Course, col(Course.id) == col(Checkin.course_id))
        released = released.where(col(Tally.on_day).between(*days))
        total += int(db.scalar(_within(released, reach, _ANONYMOUS)) or 0)
    return total
