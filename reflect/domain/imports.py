"""Bringing a history of check-ins over from Microsoft Graph's shape: named answers as they were, others as totals.

Everything can be done again: a check-in is known by its foreign id, a person's answer by check-in and person. Courses
and people are those that a mapping names; without one they are of their own kind, without a name, until a later import
brings a mapping that joins them with those of the platform.
"""

import secrets
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlmodel import Session

from reflect.domain import import_joins as joins
from reflect.domain.forms import IMPORTED, NOT_TOLD
from reflect.domain.import_entries import Entry, Report
from reflect.domain.import_files import Record
from reflect.domain.import_joins import Mapped
from reflect.domain.privacy import release
from reflect.domain.refusals import ImportRefused
from reflect.storage import answers
from reflect.storage import imports as storage
from reflect.storage.checkins import Checkin
from reflect.storage.courses import Course
from reflect.storage.tables import key_of


@dataclass(frozen=True, slots=True)
class Terms:
    """Under which rules: whose history it is, how ids are mapped, and the settings of the installation."""

    deployment_id: int
    mapped: Mapped
    min_group_size: int
    retention_days: int
    keeps_rest: bool = False
    """Whether the other rows are kept where some are refused; else it is all or nothing."""
    is_trial: bool = False


@dataclass
class _Known:
    """A check-in of the file, and what the file has said of it so far."""

    id: int
    course_id: int
    is_anonymous: bool
    is_deleted: bool
    opened_at: datetime
    closed_at: datetime
    is_changed: bool = False
    counts: Counter[str] = field(default_factory=Counter)


def take(db: Session, records: Iterable[Record], terms: Terms, now: datetime) -> Report:
    """Import the rows, or none of them; what became of each. Raises what reading the file raises."""
    with db.begin_nested() as part:
        importing = _Import(db, terms, now)
        for record in records:
            importing.row(record)
        report = importing.finish()
        report.is_kept = not terms.is_trial and (terms.keeps_rest or not report.refused)
        if not report.is_kept:
            part.rollback()
    return report


class _Import:
    """One file on its way in."""

    def __init__(self, db: Session, terms: Terms, now: datetime) -> None:
        self.db, self.terms, self.now, self.report = db, terms, now, Report()
        self._who = joins.Who(db, terms.deployment_id, terms.mapped, self.report, now)
        self._checkins: dict[str, _Known] = {}

    def row(self, record: Record) -> None:
        """Take one row, or count it among those that cannot be taken."""
        self.report.rows += 1
        try:
            entry = Entry.read(record.values, self.now)
            checkin = self._checkin(entry)
            if checkin.is_deleted:
                raise ImportRefused("checkin_deleted", field="checkInId")
            if checkin.is_anonymous != (not entry.responder_id):
                raise ImportRefused("partly_anonymous", field="responderId")
        except ImportRefused as refusal:
            self.report.refuse(record.line, refusal)
            return
        self.report.not_understood += not entry.is_understood
        if checkin.is_anonymous:
            checkin.counts[release.UNSAID if entry.choice == NOT_TOLD else entry.choice] += 1
        else:
            self._named(checkin, entry)

    def _checkin(self, entry: Entry) -> _Known:
        if entry.checkin_id not in self._checkins:
            row = storage.checkin(self.db, self.terms.deployment_id, entry.checkin_id) or self._new(entry)
            assert row.opened_at is not None and row.closed_at is not None
            is_deleted = row.deleted_at is not None
            known = _Known(key_of(row), row.course_id, row.is_anonymous, is_deleted, row.opened_at, row.closed_at)
            self._checkins[entry.checkin_id] = known
        return self._checkins[entry.checkin_id]

    def _new(self, entry: Entry) -> Checkin:
        row = Checkin(
            course_id=self._who.course(entry.class_id),
            author_id=self._who.author(entry.creator_id),
            question=entry.title,
            form=IMPORTED.key,
            is_anonymous=not entry.responder_id,
            release="at_close",
            shared_with_class=False,
            min_group_size=self.terms.min_group_size,
            opened_at=min(entry.created_at, entry.submitted_at),
            closed_at=max(entry.created_at, entry.submitted_at),
            # In the lists are the check-ins of today; those of years ago lie in the archive.
            archived_at=self.now,
            import_key=entry.checkin_id,
        )
        self.db.add(row)
        self.db.flush()
        self.report.checkins += 1
        return row

    def _named(self, checkin: _Known, entry: Entry) -> None:
        person_id, at = self._who.person(entry.responder_id), entry.submitted_at
        before = storage.answer(self.db, checkin.id, person_id)
        if before is None:
            answers.add(self.db, checkin.id, person_id, entry.choice, at)
            self.report.imported += 1
        elif at > before.changed_at:
            answers.change(self.db, checkin.id, person_id, entry.choice, at)
            answers.add_to_tally(self.db, checkin.course_id, checkin.id, before.answered_at.date(), before.choice, -1)
            self.report.changed += 1
        elif (at, entry.choice) == (before.changed_at, before.choice):
            self.report.already_there += 1
            return
        else:
            self.report.superseded += 1
            return
        day = (before.answered_at if before else at).date()
        answers.add_to_tally(self.db, checkin.course_id, checkin.id, day, entry.choice, 1)
        checkin.opened_at, checkin.closed_at = min(checkin.opened_at, at), max(checkin.closed_at, at)
        checkin.is_changed = True

    def finish(self) -> Report:
        """Release what was anonymous, and bring the check-ins and courses that were touched up to date."""
        for checkin in self._checkins.values():
            if checkin.counts:
                self._released(checkin)
            if checkin.is_changed:
                row = self.db.get_one(Checkin, checkin.id)
                row.opened_at, row.closed_at = checkin.opened_at, checkin.closed_at
                row.version += 1
        self.db.flush()
        self.report.kept_until = self._keep()
        joins.count_unplaced(self.db, self.terms.deployment_id, self.report)
        return self.report

    def _released(self, checkin: _Known) -> None:
        """An anonymous check-in's new answers are a batch like any other: at least k, and softened."""
        there, found = answers.tally(self.db, checkin.id), checkin.counts.total()
        batch = Counter(checkin.counts)
        batch.subtract(there)
        news = batch.total()
        if not news:
            self.report.already_there += found
        elif news < self.terms.min_group_size or min(batch.values()) < 0:
            self.report.already_there += found if news < 0 else found - news
            self.report.withheld += max(news, 0)
            if not there:
                self._forget(checkin)
        else:
            day = checkin.opened_at.date()
            for choice, count in sorted(_softened(+batch).items()):
                answers.add_to_tally(self.db, checkin.course_id, checkin.id, day, choice, count)
            self.report.already_there += found - news
            self.report.imported += news
            checkin.is_changed = True

    def _forget(self, checkin: _Known) -> None:
        """A check-in of which nothing may be shown is none."""
        self.db.delete(self.db.get_one(Checkin, checkin.id))
        self.report.checkins -= 1

    def _keep(self) -> date | None:
        """Let the courses count as visited today: what was brought over must not be deleted tomorrow. Until when."""
        today, until = self.now.date(), None
        for course_id in sorted({checkin.course_id for checkin in self._checkins.values()}):
            course = self.db.get_one(Course, course_id)
            course.last_active_on = max(course.last_active_on, today)
            end = course.last_active_on + timedelta(days=self.terms.retention_days)
            until = min(until or end, end)
        self.db.flush()
        return until


def _softened(counts: Mapping[str, int]) -> Mapping[str, int]:
    """A batch as it may be stored (`release.soften`); one from another Reflect, which was softened there, as it is.

    Answers that tell no feeling are set aside by themselves, and are no choice that a batch could agree in.
    """
    aside, total = counts.get(release.UNSAID, 0), sum(counts.values())
    said = {choice: count for choice, count in counts.items() if choice != release.UNSAID}
    most = max(said.values(), default=0)
    if aside >= 2 or total - most >= 3:
        return counts
    leader = secrets.choice([choice for choice, count in said.items() if count == most])
    return {leader: total - 2, release.UNSAID: 2}
