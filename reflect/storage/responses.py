"""What staff give back to a named answer: a mark, a short reply, or both."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, Session, col

from reflect.storage.checkins import Checkin
from reflect.storage.people import Enrolment, Person
from reflect.storage.prepared import Prepared
from reflect.storage.tables import Table


class Response(Table, table=True):
    """A response to the one answer that a person gave in a named check-in; the newest stands."""

    checkin_id: int = Field(foreign_key="checkin.id", ondelete="CASCADE", primary_key=True)
    person_id: int = Field(foreign_key="person.id", ondelete="CASCADE", primary_key=True, index=True)
    """Who answered."""
    mark: str = ""
    """The key of one of the marks; empty where there is none."""
    words: str = ""
    author_id: int | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL")
    responded_at: datetime


_SHOWN = (
    select(
        Response.__table__.c["checkin_id", "person_id", "mark", "words", "responded_at"],  # type: ignore[attr-defined]
        col(Person.sub),
        col(Person.name),
        col(Enrolment.role),
    )
    .join(Checkin, col(Checkin.id) == col(Response.checkin_id))
    .outerjoin(Person, col(Person.id) == col(Response.author_id))
    .outerjoin(
        Enrolment,
        (col(Enrolment.person_id) == col(Person.id)) & (col(Enrolment.course_id) == col(Checkin.course_id)),
    )
)
_OF_CHECKIN = Prepared(_SHOWN.where(col(Response.checkin_id) == bindparam("checkin_id")))
TO_ANSWER = Prepared(
    _SHOWN.where(col(Response.checkin_id) == bindparam("checkin_id")).where(
        col(Response.person_id) == bindparam("person_id")
    )
)
TO_PERSON = Prepared(
    _SHOWN.where(col(Checkin.course_id) == bindparam("course_id"))
    .where(col(Checkin.deleted_at).is_(None))
    .where(col(Response.person_id) == bindparam("person_id"))
    .order_by(col(Response.responded_at).desc(), col(Response.checkin_id).desc())
    .limit(bindparam("most"))
)
_set = insert(Response).values({name: bindparam(name) for name in Response.model_fields})
_SET = Prepared(
    _set.on_conflict_do_update(
        index_elements=["checkin_id", "person_id"],
        set_={name: getattr(_set.excluded, name) for name in ("mark", "words", "author_id", "responded_at")},
    )
)
_TAKE_BACK = Prepared(
    delete(Response)
    .where(col(Response.checkin_id) == bindparam("checkin_id"))
    .where(col(Response.person_id) == bindparam("person_id"))
)


def of_checkin(db: Session, checkin_id: int) -> dict[int, Any]:
    """All responses in a check-in by who answered: (mark, words, responded_at), and the author's (sub, name, role)."""
    return {row.person_id: row for row in _OF_CHECKIN.all(db, checkin_id=checkin_id)}


def to_answer(db: Session, checkin_id: int, person_id: int) -> Any:
    """The response to one answer, as above, or None."""
    return TO_ANSWER.first(db, checkin_id=checkin_id, person_id=person_id)


def to_person(db: Session, course_id: int, person_id: int, most: int) -> Sequence[Any]:
    """The newest responses to a person in a course."""
    return TO_PERSON.all(db, course_id=course_id, person_id=person_id, most=most)


def give(db: Session, checkin_id: int, person_id: int, mark: str, words: str, author_id: int, now: datetime) -> None:
    """Respond, in place of what was given back before."""
    _SET.run(
        db, checkin_id=checkin_id, person_id=person_id, mark=mark, words=words, author_id=author_id, responded_at=now
    )


def take_back(db: Session, checkin_id: int, person_id: int) -> None:
    """Leave the answer without a response."""
    _TAKE_BACK.run(db, checkin_id=checkin_id, person_id=person_id)
