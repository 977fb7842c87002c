"""Whom a foreign id means: a course or a person that a mapping names, or one of its own kind until a mapping does."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from reflect.domain.import_entries import LONGEST_ID, Report
from reflect.domain.import_files import Record
from reflect.domain.refusals import ImportRefused
from reflect.storage import imports as storage
from reflect.storage import reflections
from reflect.storage.courses import Course
from reflect.storage.imports import CLASS, COURSE, PERSON, STRANGER, ImportedId
from reflect.storage.people import Person
from reflect.storage.tables import key_of

COLUMNS = {CLASS: ("classId", "courseId"), PERSON: ("personId", "sub")}
"""The columns of the two mappings; a third, `title`, may stand in that of the classes."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """What foreign ids are on the platform: classes to LTI context ids, people to `sub`s; and the titles of courses."""

    courses: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, classes: Iterable[Record], people: Iterable[Record]) -> "Mapped":
        """From the rows of two tables.

        Raises ImportRefused `mapping_row`, `mapping_twice`, each with the `line`.
        """
        titles: dict[str, str] = {}
        return cls(_pairs(classes, CLASS, titles), _pairs(people, PERSON, {}), titles)


def _pairs(records: Iterable[Record], kind: str, titles: dict[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    ours, theirs = COLUMNS[kind]
    for record in records:
        foreign, here = (record.values[name].strip() for name in (ours, theirs))
        if not foreign or not here or max(len(foreign), len(here)) > LONGEST_ID:
            raise ImportRefused("mapping_row", line=str(record.line))
        if found.setdefault(foreign, here) != here:
            raise ImportRefused("mapping_twice", line=str(record.line))
        titles[foreign] = " ".join(str(record.values.get("title", "")).split())[:LONGEST_ID]
    return found


class Who:
    """Finds, makes and joins the courses and people of one import."""

    def __init__(self, db: Session, deployment_id: int, mapped: Mapped, report: Report, now: datetime) -> None:
        self._db, self._deployment_id, self._mapped, self._now = db, deployment_id, mapped, now
        self._report = report
        self._courses: dict[str, int] = {}
        self._people: dict[str, int] = {}
        for foreign_id in self._mapped.courses:
            self._join_course(foreign_id)
        for foreign_id in self._mapped.people:
            self._join_person(foreign_id)

    def course(self, class_id: str) -> int:
        """The course of a foreign class."""
        if class_id not in self._courses:
            known = self._known(CLASS, class_id)
            course_id = known.course_id if known else None
            if course_id is None:
                course_id = self._new_course(class_id)
                self._db.add(self._id(CLASS, class_id, course_id=course_id))
                self._db.flush()
            self._courses[class_id] = course_id
        return self._courses[class_id]

    def person(self, foreign_id: str) -> int:
        """The person whose foreign id this is."""
        if foreign_id not in self._people:
            known = self._known(PERSON, foreign_id)
            person_id = known.person_id if known else None
            if person_id is None:
                person_id = self._new_person(foreign_id)
                self._db.add(self._id(PERSON, foreign_id, person_id=person_id))
                self._db.flush()
            self._people[foreign_id] = person_id
        return self._people[foreign_id]

    def author(self, foreign_id: str) -> int | None:
        """The teacher whose foreign id this is, if a mapping or an earlier import tells who that is."""
        if not foreign_id:
            return None
        is_known = foreign_id in self._mapped.people or self._known(PERSON, foreign_id) is not None
        return self.person(foreign_id) if is_known else None

    def _known(self, kind: str, foreign_id: str) -> ImportedId | None:
        return self._db.get(ImportedId, (self._deployment_id, kind, foreign_id))

    def _id(self, kind: str, foreign_id: str, **meant: int) -> ImportedId:
        return ImportedId(deployment_id=self._deployment_id, kind=kind, foreign_id=foreign_id, **meant)

    def _new_course(self, class_id: str) -> int:
        lti_id = self._mapped.courses.get(class_id)
        kind, lti_id = ("context", lti_id) if lti_id is not None else (COURSE, class_id)
        row = storage.course(self._db, self._deployment_id, kind, lti_id)
        if row is None:
            row = Course(
                deployment_id=self._deployment_id,
                kind=kind,
                lti_id=lti_id,
                title=self._mapped.titles.get(class_id, ""),
                created_at=self._now,
                last_active_on=self._now.date(),
            )
            self._db.add(row)
            self._db.flush()
            self._report.courses += 1
        return key_of(row)

    def _new_person(self, foreign_id: str) -> int:
        sub = self._mapped.people.get(foreign_id, STRANGER + foreign_id)
        row = storage.person(self._db, self._deployment_id, sub)
        if row is None:
            row = Person(deployment_id=self._deployment_id, sub=sub, created_at=self._now)
            self._db.add(row)
            self._db.flush()
            self._report.people += 1
        return key_of(row)

    def _join_course(self, class_id: str) -> None:
        """An earlier import knew a class without its course: bring the two together."""
        known = self._known(CLASS, class_id)
        if known is None or known.course_id is None:
            return
        row, lti_id = self._db.get_one(Course, known.course_id), self._mapped.courses[class_id]
        if row.kind != COURSE:
            if row.lti_id != lti_id:
                raise ImportRefused("class_elsewhere", id=class_id)
            return
        there = storage.course(self._db, self._deployment_id, "context", lti_id)
        if there is None:
            row.kind, row.lti_id, row.title = "context", lti_id, self._mapped.titles.get(class_id, "")
        else:
            storage.move_course(self._db, key_of(row), key_of(there))
            self._db.expire_all()
        self._db.flush()

    def _join_person(self, foreign_id: str) -> None:
        known = self._known(PERSON, foreign_id)
        if known is None or known.person_id is None:
            return
        row, sub = self._db.get_one(Person, known.person_id), self._mapped.people[foreign_id]
        if not row.sub.startswith(STRANGER):
            if row.sub != sub:
                raise ImportRefused("person_elsewhere", id=foreign_id)
            return
        there = storage.person(self._db, self._deployment_id, sub)
        if there is None:
            row.sub = sub
        else:
            self._merge(key_of(row), key_of(there))
            self._db.expire_all()
        self._db.flush()

    def _merge(self, from_id: int, to_id: int) -> None:
        """Two ids of one person: of a check-in that both have answered the later answer stands."""
        for checkin_id in storage.answered_by_both(self._db, from_id, to_id):
            both = {who: storage.answer(self._db, checkin_id, who) for who in (from_id, to_id)}
            earlier = min(both, key=lambda who: both[who].changed_at)
            gone = both[earlier]
            reflections.forget(self._db, checkin_id, earlier)
            reflections.take_from_tally(self._db, checkin_id, gone.answered_at.date(), gone.choice)
        storage.move_person(self._db, from_id, to_id)


def count_unplaced(db: Session, deployment_id: int, report: Report) -> None:
    """Count the courses and people of a deployment that are known from imports only."""
    courses = select(func.count()).select_from(Course).where(col(Course.deployment_id) == deployment_id)
    people = select(func.count()).select_from(Person).where(col(Person.deployment_id) == deployment_id)
    report.unplaced_courses = db.scalar(courses.where(col(Course.kind) == COURSE)) or 0
    report.unplaced_people = db.scalar(people.where(col(Person.sub).startswith(STRANGER))) or 0
