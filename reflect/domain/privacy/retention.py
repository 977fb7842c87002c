"""Forgetting on schedule: what is over is deleted, and only numbers remain to be told."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlmodel import Session, SQLModel, col

from reflect.domain import admins, api_keys, audit, invitations, keys, lifecycle, weeks
from reflect.domain.audit import FROM_SHELL
from reflect.domain.privacy import audiences
from reflect.domain.sessions import IDLE
from reflect.storage import rates, sessions
from reflect.storage.answers import Answer, Participation
from reflect.storage.checkins import Checkin
from reflect.storage.courses import Course
from reflect.storage.people import Enrolment, Person
from reflect.storage.sessions import LaunchSession
from reflect.storage.talks import Talk


@dataclass(frozen=True, slots=True)
class PurgeReport:
    """What a purge deleted: counts only."""

    courses: int
    people: int
    sessions: int
    checkins: int = 0
    """Those that staff had deleted."""

    def told(self) -> str:
        """The report in one line for the log."""
        return ", ".join(f"{what}: {count}" for what, count in asdict(self).items())


def purge(db: Session, retention_days: int, now: datetime) -> PurgeReport:
    """Delete courses (with all their check-ins and answers) whose last activity is too old, check-ins that staff
    deleted, people who are in no course any more, sessions that are over, keys of ours whose time is over, and what the
    portal need not keep.

    What it deleted of a school's is written into the log, as counts.
    """
    oldest = now - timedelta(days=retention_days)
    ended = sessions.sweep(db, now, now - IDLE) + admins.tidy(db, oldest, now)
    invitations.tidy(db, oldest, now)
    keys.tidy(db, now)
    rates.sweep(db, now)
    checkins = destroy_deleted(db, now)
    weeks.withdraw_idle(db, oldest.date())
    courses = db.exec(delete(Course).where(col(Course.last_active_on) < oldest.date())).rowcount
    enrolled = select(col(Enrolment.person_id)).where(col(Enrolment.person_id) == col(Person.id))
    present = select(col(LaunchSession.person_id)).where(col(LaunchSession.person_id) == col(Person.id))
    answered = select(col(Answer.person_id)).where(col(Answer.person_id) == col(Person.id))
    took_part = select(col(Participation.person_id)).where(col(Participation.person_id) == col(Person.id))
    asked = select(col(Talk.student_id)).where(col(Talk.student_id) == col(Person.id))
    gone = delete(Person)
    for trace in (enrolled, present, answered, took_part, asked):
        gone = gone.where(~trace.exists())
    people = db.exec(gone).rowcount
    api_keys.tidy(db, oldest)
    report = PurgeReport(courses, people, ended, checkins)
    if report.courses or report.people or report.checkins:
        audit.note(db, FROM_SHELL, "purged", report.told(), now)
    return report


def destroy_deleted(db: Session, now: datetime) -> int:
    """Destroy for good what was deleted longer than `lifecycle.UNDO` ago, with all that hangs on it; how many.

    Of one that was opened within a day the bare row stays until the day is over: with whom the same question was put
    to is what `audiences` holds the next one against.
    """
    gone = [col(Checkin.deleted_at) <= now - lifecycle.UNDO]
    ids = list(db.scalars(select(col(Checkin.id)).where(*gone)))
    if not ids:
        return 0
    weeks.withdraw_with(db, ids)
    for table in reversed(SQLModel.metadata.sorted_tables):
        for column in table.columns:
            if table.name != "checkin_group" and any(
                key.column is Checkin.__table__.c.id and key.ondelete == "CASCADE"  # type: ignore[attr-defined]
                for key in column.foreign_keys
            ):
                db.execute(delete(table).where(column.in_(ids)))
    is_past = col(Checkin.opened_at).is_(None) | (col(Checkin.opened_at) <= now - audiences.SAME_DAY)
    return db.exec(delete(Checkin).where(*gone, is_past)).rowcount
