"""Check-ins: one question to one course, or to some groups of it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Column, UniqueConstraint, bindparam, false, null, select, update
from sqlmodel import Field, Session, col

from reflect.storage.api_keys import reads_by_name
from reflect.storage.prepared import Prepared
from reflect.storage.series import Series
from reflect.storage.tables import Table
from reflect.storage.transactions import memory


class Checkin(Table, table=True):
    """A question put to a course, and the promises made with it; no promise is weakened once it is open."""

    __table_args__ = (
        UniqueConstraint("series_id", "occurs_on"),
        UniqueConstraint("course_id", "draft_key"),
        UniqueConstraint("course_id", "import_key"),
    )

    id: int | None = Field(default=None, primary_key=True)
    course_id: int = Field(foreign_key="course.id", ondelete="CASCADE", index=True)
    author_id: int | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL")
    question: str
    question_key: str | None = None
    """Of the question library, so that the words can be shown in each reader's language."""
    form: str
    """The key of its answer form (domain.forms)."""
    labels: list[str] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    """The teacher's own: the choices, or the two ends of the scale; None where the form brings its labels."""
    asks_note: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Whether a note to the teacher may go with an answer."""
    simple_words: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Whether each word is explained, and can be heard: for the young, and for those new to the language."""
    manner: str = Field(default="character", sa_column_kwargs={"server_default": "character"})
    """How feelings are drawn: `character` or `plain`."""
    is_anonymous: bool
    release: str
    """When an anonymous result becomes readable: `in_steps` of the group size, or `at_close`."""
    shared_with_class: bool
    min_group_size: int
    """The installation's k when it was opened: lowering the setting later must not reveal old answers."""
    for_groups: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Whether it was put to some groups (`checkin_group`) only; kept here, so that without its groups it is put to
    nobody rather than to everyone."""
    gives_mark: bool = False
    """Whether taking part is marked in the platform's gradebook."""
    copied_from_id: int | None = Field(default=None, foreign_key="checkin.id", ondelete="SET NULL", index=True)
    """The check-in of another course that this one was brought over from; never its answers."""
    opens_at: datetime | None = Field(default=None, index=True)
    """When a prepared one opens by itself; None where somebody opens it."""
    opened_at: datetime | None = None
    """None while it is only prepared: students do not see it yet."""
    closed_at: datetime | None = None
    closes_after: int | None = None
    """Minutes from its opening to its close; None where somebody closes it."""
    closes_at: datetime | None = Field(default=None, index=True)
    """When an open one closes by itself."""
    opening_fault: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Why it did not open when its time came: a code of `audiences.fault_of`, or `missed`."""
    archived_at: datetime | None = None
    """Out of the lists, and kept."""
    deleted_at: datetime | None = Field(default=None, index=True)
    """Gone for everybody; for some minutes it can be brought back."""
    is_exported: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Whether the institution's data warehouse gets the named answers: so said the receipt, from its opening on."""
    import_key: str | None = Field(default=None, index=True)
    """The id it has in the system that its answers were imported from; None where it was made here."""
    draft_key: str | None = None
    """Names a form that saves itself, so that what it sends twice makes one check-in."""
    typed_times: dict[str, str] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    """What the form of a prepared one last said of time, right or wrong; None where it said nothing."""
    series_id: int | None = Field(default=None, foreign_key="series.id", ondelete="SET NULL")
    occurs_on: date | None = None
    """Which occurrence of its series it is: the day in the series' zone."""
    withheld: int = 0
    """Anonymous answers destroyed at close because they were too few to show."""
    version: int = 0
    """Rises with each change that a results page could show."""
    revision: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """How often it was asked anew since it opened: an answer says which one it answers."""


_TABLE = Checkin.__table__  # type: ignore[attr-defined]
FIND = Prepared(select(_TABLE).where(col(Checkin.id) == bindparam("checkin_id")))
IS_LISTED = col(Checkin.deleted_at).is_(None) & col(Checkin.archived_at).is_(None)
_EVER_OPENED = Prepared(
    select(_TABLE).where(col(Checkin.course_id) == bindparam("course_id")).where(col(Checkin.opened_at).is_not(None))
)
OF_COURSE = Prepared(
    select(_TABLE)
    .where(col(Checkin.course_id) == bindparam("course_id"))
    .where(IS_LISTED)
    .order_by(col(Checkin.closed_at).is_not(None), col(Checkin.id).desc())
)
_TOUCH = Prepared(
    update(Checkin)
    .where(col(Checkin.id) == bindparam("checkin_id"))
    .where(col(Checkin.closed_at).is_(None))
    .where(col(Checkin.opened_at).is_not(None))
    .where(IS_LISTED)
    .values(version=col(Checkin.version) + 1)
    .returning(*_TABLE.c)
)
_CLOSE = Prepared(
    update(Checkin)
    .where(col(Checkin.id) == bindparam("checkin_id"))
    .values(closed_at=bindparam("now"), withheld=bindparam("rest"), version=col(Checkin.version) + 1)
)
_OPEN = Prepared(
    update(Checkin)
    .where(col(Checkin.id) == bindparam("checkin_id"))
    .where(col(Checkin.opened_at).is_(None))
    .where(IS_LISTED)
    .values(
        opened_at=bindparam("now"),
        closes_at=bindparam("closing"),
        min_group_size=bindparam("k"),
        is_exported=~col(Checkin.is_anonymous) & reads_by_name(col(Checkin.course_id)),
        opening_fault="",
        version=col(Checkin.version) + 1,
    )
)
_NOW = bindparam("now", type_=_TABLE.c.opens_at.type)
_due = (
    select(_TABLE)
    .where(col(Checkin.opened_at).is_(None))
    .where(col(Checkin.opens_at) <= _NOW)
    .where(IS_LISTED)
    .where(
        col(Checkin.series_id).is_(None)
        | col(Checkin.series_id).in_(select(col(Series.id)).where(col(Series.paused_at).is_(None)))
    )
)
_to_close = (
    select(_TABLE)
    .where(col(Checkin.closed_at).is_(None))
    .where(col(Checkin.opened_at).is_not(None))
    .where(col(Checkin.closes_at) <= _NOW)
    .where(IS_LISTED)
)
_DUE = Prepared(_due.order_by(col(Checkin.opens_at), col(Checkin.id)))
_TO_CLOSE = Prepared(_to_close.order_by(col(Checkin.closes_at), col(Checkin.id)))
_DUE_ITSELF, _TO_CLOSE_ITSELF = (Prepared(it.where(col(Checkin.id) == bindparam("id"))) for it in (_due, _to_close))
_SET_OPENING = Prepared(
    update(Checkin)
    .where(col(Checkin.id) == bindparam("checkin_id"))
    .where(col(Checkin.opened_at).is_(None))
    .values(opens_at=bindparam("at"))
)
_KEEP_SHUT = Prepared(
    update(Checkin)
    .where(col(Checkin.id) == bindparam("checkin_id"))
    .where(col(Checkin.opened_at).is_(None))
    .values(opens_at=null(), opening_fault=bindparam("fault"), version=col(Checkin.version) + 1)
)


def find(db: Session, checkin_id: int) -> Any:
    """The check-in's columns, or None."""
    return FIND.first(db, checkin_id=checkin_id)


def of_course(db: Session, course_id: int) -> Sequence[Any]:
    """The check-ins of a course that are listed (not archived, not deleted), open ones first, then newest first."""
    return OF_COURSE.all(db, course_id=course_id)


def ever_opened(db: Session, course_id: int) -> Sequence[Any]:
    """The check-ins of a course that were opened, also those that are archived or deleted."""
    return _EVER_OPENED.all(db, course_id=course_id)


def touch_open(db: Session, checkin_id: int) -> Any:
    """Raise the version of an open check-in and hold its row until commit; its columns, or None if it is closed.

    Answers and closing both begin here, so that no answer can slip in while a check-in closes. Answers that share a
    transaction raise the version once: nobody sees a state between them.
    """
    held = _held(db)
    if checkin_id not in held:
        held[checkin_id] = _TOUCH.first(db, checkin_id=checkin_id)
    return held[checkin_id]


def _held(db: Session) -> dict[int, Any]:
    return memory(db, "open check-ins that are held")


def set_closed(db: Session, checkin_id: int, now: datetime, withheld: int) -> None:
    """Close it, saying how many answers were too few to show."""
    _held(db).pop(checkin_id, None)
    _CLOSE.run(db, checkin_id=checkin_id, now=now, rest=withheld)


def let_go(db: Session, checkin_id: int) -> None:
    """Read it anew when it is next held: it was changed by other ways than those of this module."""
    _held(db).pop(checkin_id, None)


def set_open(
    db: Session, checkin_id: int, min_group_size: int, now: datetime, closes_at: datetime | None = None
) -> bool:
    """Open a prepared check-in, to close by itself at a moment or not, and say whether it was opened; one that is open
    already, or was put away or deleted meanwhile, stays as it is."""
    _held(db).pop(checkin_id, None)
    return _OPEN.run(db, checkin_id=checkin_id, k=min_group_size, now=now, closing=closes_at) > 0


def set_opening(db: Session, checkin_id: int, at: datetime | None) -> None:
    """Let a prepared check-in open by itself at that moment, or not; one that is open already stays as it is."""
    _SET_OPENING.run(db, checkin_id=checkin_id, at=at)


def keep_shut(db: Session, checkin_id: int, fault: str) -> None:
    """A prepared check-in does not open by itself after all, for this reason; one that is open stays as it is."""
    _KEEP_SHUT.run(db, checkin_id=checkin_id, fault=fault)


def due(db: Session, now: datetime, only: int | None = None) -> Sequence[Any]:
    """The prepared check-ins that are to be open by now, or the one with this id if it is; those of a paused series
    are not."""
    return _DUE.all(db, now=now) if only is None else _DUE_ITSELF.all(db, now=now, id=only)


def to_close(db: Session, now: datetime, only: int | None = None) -> Sequence[Any]:
    """The open check-ins that are to be closed by now, or the one with this id if it is."""
    return _TO_CLOSE.all(db, now=now) if only is None else _TO_CLOSE_ITSELF.all(db, now=now, id=only)
