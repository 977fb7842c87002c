"""Answers: the named ones, and the parts into which an anonymous one is taken so that nothing joins them again.

Of an anonymous answer *that* somebody answered is a `participation`, and *what* was answered is a `sealed_answer`
under a random key until a release adds it to the `tally`. No table of these has a time, an order or a common key.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, Session, col

from reflect.storage.people import Person
from reflect.storage.prepared import Prepared
from reflect.storage.tables import UNORDERED, Table


class Answer(Table, table=True):
    """A named answer: the key of what was chosen, never a word of some language."""

    __table_args__ = UNORDERED

    checkin_id: int = Field(foreign_key="checkin.id", ondelete="CASCADE", primary_key=True)
    person_id: int = Field(foreign_key="person.id", ondelete="CASCADE", primary_key=True, index=True)
    choice: str
    word: str | None = None
    """An own word, where that was chosen."""
    note: str | None = None
    answered_at: datetime
    changed_at: datetime


class Participation(Table, table=True):
    """That a person has answered an anonymous check-in; deliberately nothing more."""

    __table_args__ = UNORDERED

    checkin_id: int = Field(foreign_key="checkin.id", ondelete="CASCADE", primary_key=True)
    person_id: int = Field(foreign_key="person.id", ondelete="CASCADE", primary_key=True, index=True)


class SealedAnswer(Table, table=True):
    """An anonymous answer that is not yet released, unreadable without the installation's secret."""

    __tablename__ = "sealed_answer"
    __table_args__ = UNORDERED

    checkin_id: int = Field(foreign_key="checkin.id", ondelete="CASCADE", primary_key=True)
    random_key: bytes = Field(primary_key=True)
    seal: bytes
    """Of equal length for every answer of a check-in."""


class Tally(Table, table=True):
    """The roll-up: how often each choice was made in a check-in on a day.

    For named answers it is exact; for anonymous ones it holds only what was released, as it was released.
    """

    __table_args__ = UNORDERED

    course_id: int = Field(foreign_key="course.id", ondelete="CASCADE", primary_key=True)
    checkin_id: int = Field(foreign_key="checkin.id", ondelete="CASCADE", primary_key=True, index=True)
    on_day: date = Field(primary_key=True)
    choice: str = Field(primary_key=True)
    count: int


OWN = Prepared(
    select(Answer.__table__.c["choice", "word", "note", "answered_at"])  # type: ignore[attr-defined]
    .where(col(Answer.checkin_id) == bindparam("checkin_id"))
    .where(col(Answer.person_id) == bindparam("person_id"))
)
_answer = insert(Answer).values(
    {name: bindparam(name) for name in ("checkin_id", "person_id", "choice", "word", "note")}
)
_answer = _answer.values(answered_at=bindparam("now"), changed_at=bindparam("now"))
_ADD_NAMED = Prepared(_answer.on_conflict_do_nothing(index_elements=["checkin_id", "person_id"]))
_CHANGE = Prepared(
    update(Answer)
    .where(col(Answer.checkin_id) == bindparam("checkin"))
    .where(col(Answer.person_id) == bindparam("person"))
    .values(
        choice=bindparam("choice"),
        word=bindparam("word"),
        note=bindparam("note"),
        changed_at=bindparam("now"),
    )
)
_NAMED = Prepared(
    select(
        Person.__table__.c["id", "sub", "name"],  # type: ignore[attr-defined]
        Answer.__table__.c["choice", "word", "note", "answered_at", "changed_at"],  # type: ignore[attr-defined]
    )
    .join(Answer, col(Answer.person_id) == col(Person.id))
    .where(col(Answer.checkin_id) == bindparam("checkin_id"))
)
_TAKE_PART = Prepared(
    insert(Participation)
    .values(checkin_id=bindparam("checkin_id"), person_id=bindparam("person_id"))
    .on_conflict_do_nothing(index_elements=["checkin_id", "person_id"])
)
TOOK_PART = Prepared(
    select(col(Participation.person_id))
    .where(col(Participation.checkin_id) == bindparam("checkin_id"))
    .where(col(Participation.person_id) == bindparam("person_id"))
)
_PARTICIPANTS = Prepared(
    select(func.count().label("count"))
    .select_from(Participation)
    .where(col(Participation.checkin_id) == bindparam("checkin_id"))
)
_SEAL = Prepared(insert(SealedAnswer).values({name: bindparam(name) for name in ("checkin_id", "random_key", "seal")}))
_SEALED = Prepared(select(col(SealedAnswer.seal)).where(col(SealedAnswer.checkin_id) == bindparam("checkin_id")))
_SEALED_COUNT = Prepared(
    select(func.count().label("count"))
    .select_from(SealedAnswer)
    .where(col(SealedAnswer.checkin_id) == bindparam("checkin_id"))
)
_DESTROY = Prepared(delete(SealedAnswer).where(col(SealedAnswer.checkin_id) == bindparam("checkin_id")))
_add = insert(Tally).values({name: bindparam(name) for name in Tally.model_fields})
_ADD = Prepared(
    _add.on_conflict_do_update(
        index_elements=["course_id", "checkin_id", "on_day", "choice"],
        set_={"count": col(Tally.count) + _add.excluded.count},
    )
)
_TALLY = Prepared(
    select(col(Tally.choice), func.sum(col(Tally.count)).label("count"))
    .where(col(Tally.checkin_id) == bindparam("checkin_id"))
    .group_by(col(Tally.choice))
)


def own(db: Session, checkin_id: int, person_id: int) -> Any:
    """A person's named answer (choice, word, note, answered_at), or None."""
    return OWN.first(db, checkin_id=checkin_id, person_id=person_id)


class Named(NamedTuple):
    """A named answer that is to be stored."""

    checkin_id: int
    person_id: int
    choice: str
    now: datetime
    word: str | None = None
    note: str | None = None


def add(
    db: Session,
    checkin_id: int,
    person_id: int,
    choice: str,
    now: datetime,
    word: str | None = None,
    note: str | None = None,
) -> bool:
    """Give a named answer; False if the person has given one already, which then stands."""
    return add_each(db, [Named(checkin_id, person_id, choice, now, word, note)])[0]


def add_each(db: Session, many: Sequence[Named]) -> list[bool]:
    """Give named answers in their order; False for each whose person has given one already, which then stands."""
    return [count == 1 for count in _ADD_NAMED.run_each(db, [answer._asdict() for answer in many])]


def change(
    db: Session,
    checkin_id: int,
    person_id: int,
    choice: str,
    now: datetime,
    word: str | None = None,
    note: str | None = None,
) -> None:
    """Change a named answer that was given before."""
    _CHANGE.run(db, checkin=checkin_id, person=person_id, choice=choice, word=word, note=note, now=now)


def named(db: Session, checkin_id: int) -> Sequence[Any]:
    """Everyone's named answers: (id, sub, name, choice, word, note, answered_at, changed_at)."""
    return _NAMED.all(db, checkin_id=checkin_id)


def take_part(db: Session, checkin_id: int, person_id: int) -> bool:
    """Remember that a person answered an anonymous check-in; False if they already had."""
    return _TAKE_PART.run(db, checkin_id=checkin_id, person_id=person_id) == 1


def took_part(db: Session, checkin_id: int, person_id: int) -> bool:
    """Whether a person has answered an anonymous check-in."""
    return TOOK_PART.first(db, checkin_id=checkin_id, person_id=person_id) is not None


def participants(db: Session, checkin_id: int) -> int:
    """How many have answered an anonymous check-in."""
    return int(_PARTICIPANTS.first(db, checkin_id=checkin_id).count)


def keep_sealed(db: Session, checkin_id: int, random_key: bytes, seal: bytes) -> None:
    """Store one sealed answer."""
    _SEAL.run(db, checkin_id=checkin_id, random_key=random_key, seal=seal)


def sealed(db: Session, checkin_id: int) -> list[bytes]:
    """The seals of all answers that are not yet released."""
    return [bytes(row.seal) for row in _SEALED.all(db, checkin_id=checkin_id)]


def sealed_count(db: Session, checkin_id: int) -> int:
    """How many answers are not yet released."""
    return int(_SEALED_COUNT.first(db, checkin_id=checkin_id).count)


def destroy_sealed(db: Session, checkin_id: int) -> None:
    """Destroy all sealed answers of a check-in, released or not."""
    _DESTROY.run(db, checkin_id=checkin_id)


def add_to_tally(db: Session, course_id: int, checkin_id: int, on_day: date, choice: str, count: int) -> None:
    """Add to (or with a negative count take from) the roll-up."""
    _ADD.run(db, course_id=course_id, checkin_id=checkin_id, on_day=on_day, choice=choice, count=count)


Counts = Counter[tuple[int, int, date, str]]
"""What is to be added to the roll-up, by (course, check-in, day, choice)."""


def add_to_tallies(db: Session, counts: Counts) -> None:
    """Add many counts to the roll-up, each row once and in one order, so that no two workers wait in a ring."""
    names = ("course_id", "checkin_id", "on_day", "choice")
    rows = [dict(zip(names, key, strict=True), count=count) for key, count in sorted(counts.items()) if count]
    if rows:
        _ADD.run_each(db, rows)


def tally(db: Session, checkin_id: int) -> dict[str, int]:
    """Choice to count over all days, zeros left out."""
    return {row.choice: int(row.count) for row in _TALLY.all(db, checkin_id=checkin_id) if row.count}
