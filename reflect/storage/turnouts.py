"""Who has answered what in a course: only that, never how."""

from sqlalchemy import bindparam, func, select
from sqlmodel import Session, col

from reflect.storage.answers import Answer, Participation, Tally
from reflect.storage.checkins import Checkin
from reflect.storage.prepared import Prepared

_ANSWERED_NAMED = Prepared(
    select(col(Answer.checkin_id), func.count().label("count"))
    .join(Checkin, col(Checkin.id) == col(Answer.checkin_id))
    .where(col(Checkin.course_id) == bindparam("course_id"))
    .group_by(col(Answer.checkin_id))
)
_ANSWERED_ANONYMOUS = Prepared(
    select(col(Participation.checkin_id), func.count().label("count"))
    .join(Checkin, col(Checkin.id) == col(Participation.checkin_id))
    .where(col(Checkin.course_id) == bindparam("course_id"))
    .group_by(col(Participation.checkin_id))
)
_IMPORTED_ANONYMOUS = Prepared(
    select(col(Tally.checkin_id), func.sum(col(Tally.count)).label("count"))
    .join(Checkin, col(Checkin.id) == col(Tally.checkin_id))
    .where(col(Tally.course_id) == bindparam("course_id"))
    .where(col(Checkin.is_anonymous))
    .where(col(Checkin.import_key).is_not(None))
    .group_by(col(Tally.checkin_id))
)
OWN_NAMED = Prepared(
    select(col(Answer.checkin_id))
    .join(Checkin, col(Checkin.id) == col(Answer.checkin_id))
    .where(col(Checkin.course_id) == bindparam("course_id"))
    .where(col(Answer.person_id) == bindparam("person_id"))
)
OWN_ANONYMOUS = Prepared(
    select(col(Participation.checkin_id))
    .join(Checkin, col(Checkin.id) == col(Participation.checkin_id))
    .where(col(Checkin.course_id) == bindparam("course_id"))
    .where(col(Participation.person_id) == bindparam("person_id"))
)


def answered_in(db: Session, course_id: int) -> dict[int, int]:
    """How many have answered, for each check-in of a course that somebody has answered."""
    kinds = (_ANSWERED_NAMED, _ANSWERED_ANONYMOUS, _IMPORTED_ANONYMOUS)
    return {row.checkin_id: int(row.count) for kind in kinds for row in kind.all(db, course_id=course_id)}


def answered_by(db: Session, course_id: int, person_id: int) -> set[int]:
    """The check-ins of a course that a person has answered, named or not."""
    both = (OWN_NAMED, OWN_ANONYMOUS)
    return {row.checkin_id for own in both for row in own.all(db, course_id=course_id, person_id=person_id)}
