"""A backup comes back: what must end with it, and what was erased or taken away since goes again."""

from collections.abc import Iterable, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlmodel import Session, col

from reflect.domain import audit, lifecycle, persons, reflections
from reflect.domain.audit import FROM_SHELL
from reflect.domain.privacy import restores, retention
from reflect.domain.privacy.restores import Ended
from reflect.domain.refusals import RestoreRefused
from reflect.storage import backups
from reflect.storage import weeks as stored_weeks
from reflect.storage.admins import Admin, AdminInvitation, AdminSession, AuditEntry
from reflect.storage.answers import Answer, Participation, SealedAnswer
from reflect.storage.api_keys import ApiKey
from reflect.storage.backups import Restoring
from reflect.storage.checkins import Checkin
from reflect.storage.class_totals import ClassTotal
from reflect.storage.courses import Course
from reflect.storage.follow_ups import FollowUp
from reflect.storage.guests import SealedGuestAnswer
from reflect.storage.imports import COURSE, STRANGER
from reflect.storage.own_questions import OwnQuestion
from reflect.storage.people import Person
from reflect.storage.registering import RegistrationInvitation
from reflect.storage.registrations import Registration
from reflect.storage.sessions import LaunchSession
from reflect.storage.talk_periods import TalkPeriod
from reflect.storage.talks import Talk
from reflect.storage.weeks import CountedCheckin, PublishedWeek

_SINGLE: tuple[tuple[str, Any, str], ...] = (
    ("talk", Talk, "sent_at"), ("follow_up", FollowUp, "written_at"), ("own_question", OwnQuestion, "text")
)  # fmt: skip
"""What people take back one by one, each with what tells a row from another that got its number later."""


_ANSWERS = select(col(Answer.checkin_id), col(Answer.person_id))


@dataclass(frozen=True, slots=True)
class Before:
    """What is in the database that is being replaced: enough to know what was deleted in it, no contents."""

    backups: frozenset[str]
    rows: dict[str, frozenset[tuple[Any, ...]]]
    """For each table what tells its rows apart."""
    deleted: frozenset[int]
    """Check-ins that wait for their destruction."""
    erased: frozenset[str]
    """Numbers of people of whom it is written that they were erased."""
    progress: tuple[Any, ...]
    """How far anonymous answers, and what is shown, have come."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a restore did besides restoring, by numbers."""

    sessions: int
    invitations: int
    ended: Ended | None
    """None where nothing had happened since the backup."""
    again: dict[str, int] | None
    """What was deleted since the backup and is deleted again; None where that is not known."""
    erased: tuple[str, ...] = field(default=())
    """Numbers of people to be erased by hand, as far as the replaced database has them, where it is not known."""


def look(db: Session) -> Before:
    """What a database says of itself that is about to be replaced."""
    rows = {
        "person": _keys(db, Person, "created_at"),
        "course": _keys(db, Course, "created_at"),
        "checkin": _keys(db, Checkin, "opened_at"),
        "answer": frozenset(tuple(row) for row in db.execute(_ANSWERS)),
        "api_key": _keys(db, ApiKey, "created_at", col(ApiKey.revoked_at).is_(None)),
        "registration": _keys(db, Registration, "created_at", col(Registration.is_enabled)),
        "admin": _keys(db, Admin, "email"),
        **{name: _keys(db, table, other) for name, table, other in _SINGLE},
    }
    deleted = select(col(Checkin.id)).where(col(Checkin.deleted_at).is_not(None))
    erased = select(col(AuditEntry.about)).where(col(AuditEntry.action) == "person_erased")
    return Before(
        backups=backups.notes(db),
        rows=rows,
        deleted=frozenset(id for id in db.scalars(deleted) if id is not None),
        erased=frozenset(db.scalars(erased)),
        progress=_progress(db),
    )


def settle(it: Restoring, now: datetime, *, is_untouched: bool = False) -> Report:
    """End and erase what must be, in the transaction that brings the old state back.

    What the replaced database lacks is erased only where it is a later state of what comes back (the rule is in
    `storage.backups.Backup`). `is_untouched`: nothing has happened since the backup, so nothing was published that is
    not known; raises RestoreRefused `restore_touched` where that is not so.
    """
    db, before = it.db, it.before
    is_successor = before is not None and _is_later(before, backups.notes(db), it.fingerprint)
    if is_untouched and before is not None and is_successor and before.progress != _progress(db):
        raise RestoreRefused("restore_touched")
    sessions = [db.exec(delete(table)).rowcount for table in (LaunchSession, AdminSession)]
    ended = None if is_untouched else restores.end(db, now)
    again = _delete_again(db, before, now) if before is not None and is_successor else None
    report = Report(
        sessions=sum(sessions),
        invitations=void_invitations(db),
        ended=ended,
        again=again,
        erased=tuple(sorted(before.erased)) if before is not None and again is None else (),
    )
    backups.branch(db, it.fingerprint, now.date())
    audit.note(db, FROM_SHELL, "backup_restored", "", now)
    return report


def _is_later(before: Before, known: frozenset[str], fingerprint: str) -> bool:
    return fingerprint in before.backups or (bool(known) and known <= before.backups)


def void_invitations(db: Session) -> int:
    """Forget all invitations that were not used: they may have been, where nobody remembers it."""
    unused = [
        db.execute(delete(table).where(col(table.used_at).is_(None))).rowcount  # type: ignore[attr-defined]
        for table in (AdminInvitation, RegistrationInvitation)
    ]
    return sum(unused)


def _keys(db: Session, table: Any, other: str, *only: Any) -> frozenset[tuple[Any, ...]]:
    return frozenset(tuple(row) for row in db.execute(select(table.id, getattr(table, other)).where(*only)))


def _progress(db: Session) -> tuple[Any, ...]:
    """What changes with every answer to an anonymous check-in, every release, every close, and whatever is shown of
    a class, of a week, or of who asked to talk."""
    opened = select(func.count(), func.sum(col(Checkin.version))).where(col(Checkin.is_anonymous))
    keys = (col(SealedAnswer.random_key), col(SealedGuestAnswer.random_key))
    seals = [frozenset(bytes(key) for key in db.scalars(select(column))) for column in keys]
    tables = (Participation, ClassTotal, PublishedWeek, CountedCheckin, TalkPeriod)
    counts = [db.scalar(select(func.count()).select_from(table)) for table in tables]
    return (*db.execute(opened).one(), *seals, *counts)


def _delete_again(db: Session, before: Before, now: datetime) -> dict[str, int]:
    """Whatever the newer state of the same database lacks was deleted since."""
    checkins = _destroy_checkins(db, before, now)
    courses = [row for row in _missing(db, Course, "created_at", before.rows["course"]) if row.kind != COURSE]
    for course in courses:
        for week in stored_weeks.of_course(db, course.id):
            stored_weeks.withdraw(db, week)
        db.execute(delete(Course).where(col(Course.id) == course.id))
    people = [
        row.id
        for row in _missing(db, Person, "created_at", before.rows["person"])
        # Somebody known from an import alone may have become one with who they are.
        if not row.sub.startswith(STRANGER) or str(row.id) in before.erased
    ]
    for person_id in people:
        persons.erase(db, person_id, now)
    answers = _forget_answers(db, before)
    single = [
        _delete(db, table, [row.id for row in _missing(db, table, other, before.rows[name])])
        for name, table, other in _SINGLE
    ]
    db.flush()
    return {
        "people": len(people),
        "courses": len(courses),
        "check-ins": checkins,
        "answers": answers,
        "talks, notes and questions of one’s own": sum(single),
        "ways in": _take_away(db, before, now),
    }


def _missing(db: Session, table: Any, other: str, there: Set[tuple[Any, ...]]) -> list[Any]:
    """Rows that are not there any more; on SQLite a number alone may be another row's by now."""
    return [row for row in db.scalars(select(table)) if (row.id, getattr(row, other)) not in there]


def _delete(db: Session, table: Any, ids: Iterable[int]) -> int:
    return sum(db.execute(delete(table).where(table.id == id)).rowcount for id in ids)  # type: ignore[attr-defined]


def _forget_answers(db: Session, before: Before) -> int:
    """Who erased their answers in a course erased all that they had there."""
    found = select(col(Answer.checkin_id), col(Answer.person_id), col(Checkin.course_id), col(Checkin.import_key))
    found = found.join(Checkin, col(Checkin.id) == col(Answer.checkin_id)).where(col(Checkin.deleted_at).is_(None))
    checkins = {number for number, _ in before.rows["checkin"]}
    gone = {
        (row.course_id, row.person_id)
        for row in db.execute(found)
        if (row.checkin_id, row.person_id) not in before.rows["answer"] and row.checkin_id in checkins
    }
    return sum(reflections.erase(db, course_id, person_id) for course_id, person_id in sorted(gone))


def _destroy_checkins(db: Session, before: Before, now: datetime) -> int:
    numbers = {number for number, _ in before.rows["checkin"]}
    gone = [
        row
        for row in db.scalars(select(Checkin).where(col(Checkin.import_key).is_(None)))
        if row.id not in numbers
        or row.id in before.deleted
        # What was opened once keeps the moment: another moment is another check-in.
        or (row.opened_at is not None and (row.id, row.opened_at) not in before.rows["checkin"])
    ]
    for row in gone:
        row.deleted_at = now - lifecycle.UNDO
    db.flush()
    retention.destroy_deleted(db, now)
    return len(gone)


def _take_away(db: Session, before: Before, now: datetime) -> int:
    """Keys, platforms and administrators that were let in no more."""
    keys = [row for row in _missing(db, ApiKey, "created_at", before.rows["api_key"]) if row.revoked_at is None]
    for key in keys:
        key.revoked_at = now
    platforms = [row for row in _missing(db, Registration, "created_at", before.rows["registration"]) if row.is_enabled]
    for platform in platforms:
        platform.is_enabled = False
    admins = _missing(db, Admin, "email", before.rows["admin"])
    return len(keys) + len(platforms) + _delete(db, Admin, [row.id for row in admins])
