"""Sessions after a launch, and the launches' states that have been used up."""

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import cycle, islice
from typing import Any

from sqlalchemy import Select, bindparam, case, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, Session, col

from reflect.storage.checkins import Checkin
from reflect.storage.courses import Course
from reflect.storage.people import Person, is_named
from reflect.storage.prepared import Prepared, Question
from reflect.storage.registrations import Deployment, Registration
from reflect.storage.tables import UNORDERED, Table
from reflect.storage.together import do_all


class LaunchSession(Table, table=True):
    """One tab's stay after one launch: who, where, as what. The token itself is never stored."""

    __tablename__ = "launch_session"

    token_hash: bytes = Field(primary_key=True)
    """SHA-256 of the bearer's token."""
    tab: str
    """Public handle that tells the tabs of one browser apart; useless without the token."""
    person_id: int = Field(foreign_key="person.id", ondelete="CASCADE", index=True)
    course_id: int = Field(foreign_key="course.id", ondelete="CASCADE", index=True)
    role: str
    """As of this launch: the same person may come as a teacher and, role switched, as a student."""
    is_preview: bool
    """Whether this launch belongs to someone who is counted nowhere: a test user, or staff looking as a student."""
    locale: str
    frame_ancestors: str
    """Origins that may hold our pages in a frame, from the verified launch."""
    awaits_sign_in: bool = False
    """Whether it opens nothing before its person has signed in at the institution's provider."""
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


class DeepLink(Table, table=True):
    """What the platform's content dialog wants, for a session that a deep linking request began."""

    __tablename__ = "deep_link"

    token_hash: bytes = Field(foreign_key="launch_session.token_hash", ondelete="CASCADE", primary_key=True)
    return_url: str
    data: str | None = None
    """Goes back unread."""
    accept_types: str
    accept_multiple: bool
    accept_lineitem: bool | None


class UsedState(Table, table=True):
    """What is good for one time and has been used: a login's state, a handover to a window, a guest's one answer to a
    check-in. Kept until it would be refused for its age anyway."""

    __tablename__ = "used_state"
    # Every launch adds one: a tree less to keep in order, and sweeping reads the whole table once an hour.
    __table_args__ = UNORDERED

    id: str = Field(primary_key=True)
    expires_at: datetime


_USE = Prepared(
    insert(UsedState)
    .values(id=bindparam("id"), expires_at=bindparam("expires_at"))
    .on_conflict_do_nothing(index_elements=["id"])
)
_START = Prepared(insert(LaunchSession).values({name: bindparam(name) for name in LaunchSession.model_fields}))
_named = is_named(col(LaunchSession.person_id), col(LaunchSession.course_id))
_of_sessions: Select[*tuple[Any, ...]] = (
    select(
        LaunchSession.__table__.c[  # type: ignore[attr-defined]
            "token_hash",
            "tab",
            "person_id",
            "course_id",
            "role",
            "is_preview",
            "frame_ancestors",
            "awaits_sign_in",
            "seen_at",
            "expires_at",
        ],
        func.coalesce(col(Person.language), col(LaunchSession.locale)).label("locale"),
        case((col(LaunchSession.role) == "learner", False), else_=_named).label("is_named"),
        col(Person.is_guest),
        col(Person.sub),
        col(Person.name),
        col(Course.title).label("course_title"),
    )
    .join(Person, col(Person.id) == col(LaunchSession.person_id))
    .join(Course, col(Course.id) == col(LaunchSession.course_id))
    .join(Deployment, col(Deployment.id) == col(Course.deployment_id))
    .join(Registration, col(Registration.id) == col(Deployment.registration_id))
    .where(col(Registration.is_enabled))
)
_find = _of_sessions.where(col(LaunchSession.token_hash) == bindparam("token_hash"))
_FIND = Prepared(_find)
_FIND_AT_CHECKIN = Prepared(
    _find.add_columns(col(Checkin.id).label("checkin_id")).outerjoin(
        Checkin,
        (col(Checkin.course_id) == col(LaunchSession.course_id)) & (col(Checkin.id) == bindparam("checkin_id")),
    )
)
_LOOKS_AT_ONCE = 32
_FIND_LOOKING = Prepared(
    _of_sessions.add_columns(
        Checkin.__table__.c["id", "version", "for_groups", "opened_at", "archived_at", "deleted_at"]  # type: ignore[attr-defined]
    )
    .join(Checkin, col(Checkin.course_id) == col(LaunchSession.course_id))
    .where(col(LaunchSession.token_hash).in_([bindparam(f"token{n}") for n in range(_LOOKS_AT_ONCE)]))
    .where(col(Checkin.id).in_([bindparam(f"checkin{n}") for n in range(_LOOKS_AT_ONCE)]))
)
_SEEN = Prepared(
    update(LaunchSession).where(col(LaunchSession.token_hash) == bindparam("hash")).values(seen_at=bindparam("now"))
)
_ADMIT = Prepared(
    update(LaunchSession).where(col(LaunchSession.token_hash) == bindparam("hash")).values(awaits_sign_in=False)
)
_ADMIT_ALL = Prepared(
    update(LaunchSession).where(col(LaunchSession.person_id) == bindparam("person")).values(awaits_sign_in=False)
)
_END_OF_PERSON = Prepared(delete(LaunchSession).where(col(LaunchSession.person_id) == bindparam("person_id")))
_END_IN_COURSE = Prepared(
    delete(LaunchSession)
    .where(col(LaunchSession.person_id) == bindparam("person_id"))
    .where(col(LaunchSession.course_id) == bindparam("course_id"))
)
_END = Prepared(delete(LaunchSession).where(col(LaunchSession.token_hash) == bindparam("token_hash")))
_of_registration = (
    select(col(Person.id))
    .join(Deployment, col(Deployment.id) == col(Person.deployment_id))
    .where(col(Deployment.registration_id) == bindparam("registration_id"))
)
_END_ALL = delete(LaunchSession).where(col(LaunchSession.person_id).in_(_of_registration))
_SWEEP_SESSIONS = Prepared(
    delete(LaunchSession).where(
        (col(LaunchSession.expires_at) < bindparam("now")) | (col(LaunchSession.seen_at) < bindparam("idle_since"))
    )
)
_SWEEP_STATES = Prepared(delete(UsedState).where(col(UsedState.expires_at) < bindparam("now")))


def use_state(db: Session, state_id: str, expires_at: datetime) -> bool:
    """Use a state up; False if it already was. The unique key makes two launches at once agree."""
    return _USE.run(db, id=state_id, expires_at=expires_at) == 1


def using(state_id: str, expires_at: datetime) -> Question:
    """What `use_state` does, to be done together with something else."""
    return _USE.asked(id=state_id, expires_at=expires_at)


def is_used(db: Session, state_id: str) -> bool:
    """Whether a state was used up before."""
    return bool(used_among(db, [state_id]))


def used_among(db: Session, state_ids: Collection[str]) -> set[str]:
    """Those of these states that were used up before."""
    return set(db.scalars(select(col(UsedState.id)).where(col(UsedState.id).in_(state_ids))))


def start(db: Session, *, besides: Sequence[Question] = (), **columns: Any) -> None:
    """Store a new session, after what is to be done besides; the other keyword arguments are the columns of
    LaunchSession."""
    do_all(db, [*besides, _START.asked(**columns)])


def find(db: Session, token_hash: bytes) -> Any:
    """The session of a token with its person, course and platform, or None; it may have expired."""
    return _FIND.first(db, token_hash=token_hash)


def find_at_checkin(db: Session, token_hash: bytes, checkin_id: int) -> Any:
    """The same with one column more, `checkin_id`: None unless the session's course has that check-in."""
    return _FIND_AT_CHECKIN.first(db, token_hash=token_hash, checkin_id=checkin_id)


def asked(token_hash: bytes, checkin_id: int | None) -> Question:
    """What `find_at_checkin`, or without a check-in `find`, will ask."""
    if checkin_id is None:
        return _FIND.asked(token_hash=token_hash)
    return _FIND_AT_CHECKIN.asked(token_hash=token_hash, checkin_id=checkin_id)


def find_each_at_checkin(db: Session, asked: Sequence[tuple[bytes, int]]) -> list[Any]:
    """`find_at_checkin` for many tokens, each with its check-in."""
    return _FIND_AT_CHECKIN.first_of_each(db, [{"token_hash": token, "checkin_id": number} for token, number in asked])


def find_each_looking(db: Session, asked: Sequence[tuple[bytes, int]]) -> list[Any]:
    """For each token and check-in the session together with what says whether the check-in is there, and its version;
    None where the session's course has no such check-in. So many are asked for in one statement."""
    found: dict[tuple[bytes, int], Any] = {}
    for start in range(0, len(asked), _LOOKS_AT_ONCE):
        some = list(islice(cycle(asked[start : start + _LOOKS_AT_ONCE]), _LOOKS_AT_ONCE))
        values = {f"token{n}": token for n, (token, _) in enumerate(some)}
        rows = _FIND_LOOKING.all(db, **values, **{f"checkin{n}": number for n, (_, number) in enumerate(some)})
        found |= {(row.token_hash, row.id): row for row in rows}
    return [found.get(one) for one in asked]


def mark_seen(db: Session, token_hash: bytes, now: datetime) -> None:
    """Remember that the session was used, so that idleness counts from here."""
    _SEEN.run(db, hash=token_hash, now=now)


def admit(db: Session, token_hash: bytes) -> None:
    """The session need not wait for a sign-in any more."""
    _ADMIT.run(db, hash=token_hash)


def admit_all_of(db: Session, person_id: int) -> None:
    """None of a person's sessions need wait for a sign-in any more."""
    _ADMIT_ALL.run(db, person=person_id)


def end_of_person(db: Session, person_id: int) -> None:
    """Forget every session of a person."""
    _END_OF_PERSON.run(db, person_id=person_id)


def end_in_course(db: Session, person_id: int, course_id: int) -> None:
    """Forget every session that a person has in a course."""
    _END_IN_COURSE.run(db, person_id=person_id, course_id=course_id)


def end(db: Session, token_hash: bytes) -> None:
    """Forget a session."""
    _END.run(db, token_hash=token_hash)


def sweep(db: Session, now: datetime, idle_since: datetime) -> int:
    """Delete what has expired; the number of rows."""
    return _SWEEP_SESSIONS.run(db, now=now, idle_since=idle_since) + _SWEEP_STATES.run(db, now=now)


def end_all_of(db: Session, registration_id: int) -> None:
    """Forget every session of a registration's people."""
    db.execute(_END_ALL, {"registration_id": registration_id})
