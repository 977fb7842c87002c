"""Guests of an anonymous check-in: the way in for them, and their answers, kept apart from the students'.

There is no row for a guest: nothing here could be joined to a browser, an address or a moment.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, Session, col

from reflect.storage.checkins import Checkin
from reflect.storage.prepared import Prepared
from reflect.storage.tables import UNORDERED, Table


class GuestOpening(Table, table=True):
    """That a check-in was opened to guests: by whom and when, and who closed it to them again. One that has no places
    never was: it holds the count of those who came by launches that named nobody."""

    __tablename__ = "guest_opening"

    checkin_id: int = Field(foreign_key="checkin.id", ondelete="CASCADE", primary_key=True)
    code: str = Field(unique=True)
    """What the public address ends in."""
    places: int
    """How many guests may answer by the public address."""
    answered: int = 0
    """How many have answered, whichever way they came."""
    launched: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """Those of them who came by a launch that named nobody, and so take no place."""
    withheld: int = 0
    """Guests' answers destroyed at the close because they were too few to show."""
    opened_at: datetime
    opened_by_id: int | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL")
    closed_at: datetime | None = None
    closed_by_id: int | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL")


class SealedGuestAnswer(Table, table=True):
    """A guest's answer that is not yet released, unreadable without the installation's secret."""

    __tablename__ = "sealed_guest_answer"
    __table_args__ = UNORDERED

    checkin_id: int = Field(foreign_key="checkin.id", ondelete="CASCADE", primary_key=True)
    random_key: bytes = Field(primary_key=True)
    seal: bytes


class GuestTally(Table, table=True):
    """How often guests chose what; only what was released, as it was released."""

    __tablename__ = "guest_tally"
    __table_args__ = UNORDERED

    checkin_id: int = Field(foreign_key="checkin.id", ondelete="CASCADE", primary_key=True)
    choice: str = Field(primary_key=True)
    count: int


class GuestText(Table, table=True):
    """A note or an own word of a released batch of guests; deliberately without choice, time or order."""

    __tablename__ = "guest_text"
    __table_args__ = UNORDERED

    checkin_id: int = Field(foreign_key="checkin.id", ondelete="CASCADE", primary_key=True)
    random_key: bytes = Field(primary_key=True)
    kind: str
    """`note` or `word`, as of students' texts."""
    text: str


_OPENING = GuestOpening.__table__  # type: ignore[attr-defined]
_FIND = Prepared(select(_OPENING).where(col(GuestOpening.checkin_id) == bindparam("checkin_id")))
_BY_CODE = Prepared(select(_OPENING).where(col(GuestOpening.code) == bindparam("code")))
_open = insert(GuestOpening).values({name: bindparam(name) for name in GuestOpening.model_fields})
_OPEN = Prepared(
    _open.on_conflict_do_update(
        index_elements=["checkin_id"],
        set_={
            name: getattr(_open.excluded, name)
            for name in ("places", "opened_at", "opened_by_id", "closed_at", "closed_by_id")
        },
    )
)
_CLOSE = Prepared(
    update(GuestOpening)
    .where(col(GuestOpening.checkin_id) == bindparam("checkin"))
    .where(col(GuestOpening.closed_at).is_(None))
    .values(closed_at=bindparam("now"), closed_by_id=bindparam("person"))
)
_COUNT = Prepared(
    update(GuestOpening)
    .where(col(GuestOpening.checkin_id) == bindparam("checkin"))
    .where(col(GuestOpening.closed_at).is_(None))
    .where(col(GuestOpening.answered) - col(GuestOpening.launched) < col(GuestOpening.places))
    .values(answered=col(GuestOpening.answered) + 1)
)
_COME = Prepared(
    _open.on_conflict_do_update(
        index_elements=["checkin_id"],
        set_={name: _OPENING.c[name] + _open.excluded[name] for name in ("answered", "launched")},
    )
)
_WITHHOLD = Prepared(
    update(GuestOpening)
    .where(col(GuestOpening.checkin_id) == bindparam("checkin"))
    .values(withheld=col(GuestOpening.withheld) + bindparam("rest"))
)
_SEAL = Prepared(
    insert(SealedGuestAnswer).values({name: bindparam(name) for name in ("checkin_id", "random_key", "seal")})
)
_SEALED = Prepared(select(col(SealedGuestAnswer.seal)).where(col(SealedGuestAnswer.checkin_id) == bindparam("checkin")))
_SEALED_COUNT = Prepared(
    select(func.count().label("count"))
    .select_from(SealedGuestAnswer)
    .where(col(SealedGuestAnswer.checkin_id) == bindparam("checkin"))
)
_DESTROY = Prepared(delete(SealedGuestAnswer).where(col(SealedGuestAnswer.checkin_id) == bindparam("checkin")))
_add = insert(GuestTally).values({name: bindparam(name) for name in GuestTally.model_fields})
_ADD = Prepared(
    _add.on_conflict_do_update(
        index_elements=["checkin_id", "choice"], set_={"count": col(GuestTally.count) + _add.excluded.count}
    )
)
_TALLY = Prepared(
    select(col(GuestTally.choice), col(GuestTally.count)).where(col(GuestTally.checkin_id) == bindparam("checkin"))
)

_KEEP_TEXT = Prepared(insert(GuestText).values({name: bindparam(name) for name in GuestText.model_fields}))
_TEXTS = Prepared(
    select(col(GuestText.kind), col(GuestText.text))
    .where(col(GuestText.checkin_id) == bindparam("checkin_id"))
    .order_by(col(GuestText.random_key))
)
_ANSWERED_IN = Prepared(
    select(col(GuestOpening.checkin_id), col(GuestOpening.answered))
    .join(Checkin, col(Checkin.id) == col(GuestOpening.checkin_id))
    .where(col(Checkin.course_id) == bindparam("course_id"))
)


def find(db: Session, checkin_id: int) -> Any:
    """The way in for guests of a check-in, open or closed again; None if it never had one."""
    return _FIND.first(db, checkin_id=checkin_id)


def by_code(db: Session, code: str) -> Any:
    """The way in that a code belongs to, or None."""
    return _BY_CODE.first(db, code=code)


def open(db: Session, checkin_id: int, code: str, places: int, person_id: int, now: datetime) -> None:
    """Open a check-in to guests; one that was open before keeps its code and its count."""
    _OPEN.run(
        db,
        checkin_id=checkin_id,
        code=code,
        places=places,
        answered=0,
        launched=0,
        withheld=0,
        opened_at=now,
        opened_by_id=person_id,
        closed_at=None,
        closed_by_id=None,
    )


def close(db: Session, checkin_id: int, person_id: int, now: datetime) -> None:
    """Close it to guests; closing twice changes nothing."""
    _CLOSE.run(db, checkin=checkin_id, person=person_id, now=now)


def take_place(db: Session, checkin_id: int) -> bool:
    """Count one more guest who came by the address; False if it is closed to guests or all places are taken."""
    return _COUNT.run(db, checkin=checkin_id) == 1


def count_one(db: Session, checkin_id: int, code: str, opened_at: datetime) -> None:
    """Count one more guest who came by a launch and takes no place. What was never opened to guests gets an opening
    that is closed, as of the check-in's own: nothing finer is stored."""
    _COME.run(
        db,
        checkin_id=checkin_id,
        code=code,
        places=0,
        answered=1,
        launched=1,
        withheld=0,
        opened_at=opened_at,
        opened_by_id=None,
        closed_at=opened_at,
        closed_by_id=None,
    )


def withhold(db: Session, checkin_id: int, count: int) -> None:
    """Say how many answers were destroyed unread."""
    _WITHHOLD.run(db, checkin=checkin_id, rest=count)


def keep_sealed(db: Session, checkin_id: int, random_key: bytes, seal: bytes) -> None:
    """Store one sealed answer."""
    _SEAL.run(db, checkin_id=checkin_id, random_key=random_key, seal=seal)


def sealed(db: Session, checkin_id: int) -> list[bytes]:
    """The seals of all guests' answers that are not yet released."""
    return [bytes(row.seal) for row in _SEALED.all(db, checkin=checkin_id)]


def sealed_count(db: Session, checkin_id: int) -> int:
    """How many guests' answers are not yet released."""
    return int(_SEALED_COUNT.first(db, checkin=checkin_id).count)


def destroy_sealed(db: Session, checkin_id: int) -> None:
    """Destroy all sealed guests' answers of a check-in, released or not."""
    _DESTROY.run(db, checkin=checkin_id)


def add_to_tally(db: Session, checkin_id: int, choice: str, count: int) -> None:
    """Add to the guests' totals."""
    _ADD.run(db, checkin_id=checkin_id, choice=choice, count=count)


def tally(db: Session, checkin_id: int) -> dict[str, int]:
    """What guests chose, as far as it is released."""
    return {row.choice: row.count for row in _TALLY.all(db, checkin=checkin_id)}


def keep_text(db: Session, checkin_id: int, random_key: bytes, kind: str, text: str) -> None:
    """Store one released text."""
    _KEEP_TEXT.run(db, checkin_id=checkin_id, random_key=random_key, kind=str(kind), text=text)


def texts(db: Session, checkin_id: int) -> Sequence[Any]:
    """Guests' released texts (kind, text), in the order of their random keys."""
    return _TEXTS.all(db, checkin_id=checkin_id)


def answered_in(db: Session, course_id: int) -> dict[int, int]:
    """How many guests have answered, for each check-in of a course that was ever opened to guests."""
    return {row.checkin_id: row.answered for row in _ANSWERED_IN.all(db, course_id=course_id)}
