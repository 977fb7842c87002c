"""Follow-ups: what a teacher notes about a student for themselves, and on which day they want to come back to it.

Nobody but the author is shown one. What is held on either of the two, `person export` prints; it is a note about a
person, and theirs to ask for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self

from sqlmodel import Session

from reflect.domain.capabilities import Capability
from reflect.domain.insights import zones
from reflect.domain.refusals import FormRefused, Missing
from reflect.domain.sessions import Viewer
from reflect.domain.writing import in_lines, is_readable
from reflect.storage import follow_ups, students
from reflect.storage.follow_ups import FollowUp
from reflect.storage.people import Person
from reflect.storage.tables import key_of

LONGEST = 1000
"""Characters of a note."""
FURTHEST = date(2999, 12, 31)


@dataclass(frozen=True, slots=True)
class Words:
    """A note as it was typed, checked."""

    words: str
    back_on: date | None

    @classmethod
    def read(cls, form: Mapping[str, str]) -> Self:
        """From the fields `words` and `back_on` (ISO 8601 or empty).

        Raises FormRefused with `words`: `required`, `follow_up_too_long`, `question_unprintable`; `back_on`: `day`.
        """
        errors, words = {}, in_lines(form.get("words", ""))
        if not words:
            errors["words"] = "required"
        elif len(words) > LONGEST:
            errors["words"] = "follow_up_too_long"
        elif not is_readable(words):
            errors["words"] = "question_unprintable"
        back_on, typed = None, form.get("back_on", "").strip()
        try:
            back_on = date.fromisoformat(typed) if typed else None
        except ValueError:
            errors["back_on"] = "day"
        if back_on is not None and back_on > FURTHEST:
            errors["back_on"] = "day"
        if errors:
            raise FormRefused(errors)
        return cls(words, back_on)


def about(db: Session, viewer: Viewer, person_id: int) -> Sequence[Any]:
    """The viewer's own notes about a student of their course, newest first."""
    return follow_ups.about(db, viewer.course_id, person_id, viewer.person_id)


def due(db: Session, viewer: Viewer, now: datetime) -> Sequence[Any]:
    """The viewer's notes of this course whose day has come in the course, the longest waiting first."""
    viewer.must(Capability.SEE_RESULTS)
    today = zones.day_in_course(db, viewer.course_id, now)
    return follow_ups.due(db, viewer.course_id, viewer.person_id, today)


def of_former(db: Session, viewer: Viewer) -> Sequence[Any]:
    """The viewer's notes of this course about students who have left it, who have no page any more; oldest first."""
    viewer.must(Capability.SEE_RESULTS)
    here = {row.id for row in students.of_course(db, viewer.course_id)}
    return [
        row
        for row in follow_ups.written_by(db, viewer.course_id, viewer.person_id)
        if row.student_id not in here
    ]  # fmt: skip


def write(db: Session, viewer: Viewer, person_id: int, words: Words, now: datetime) -> int:
    """Note something about an active student of the viewer's course; its id. The same words again, with the same day,
    are the same note: a form that was sent twice notes once. Raises Refused `not_allowed`, Missing."""
    viewer.must(Capability.SEE_RESULTS)
    if students.find(db, viewer.course_id, person_id) is None:
        raise Missing()
    newest = next(iter(about(db, viewer, person_id)), None)
    if newest is not None and (newest.words, newest.back_on) == (words.words, words.back_on):
        return int(newest.id)
    row = FollowUp(
        course_id=viewer.course_id,
        student_id=person_id,
        author_id=viewer.person_id,
        words=words.words,
        back_on=words.back_on,
        written_at=now,
        changed_at=now,
    )
    db.add(row)
    db.flush()
    return key_of(row)


def find(db: Session, viewer: Viewer, follow_up_id: int) -> FollowUp:
    """One of the viewer's own notes in this course; anybody else's does not exist. Raises Refused `not_allowed`,
    Missing."""
    viewer.must(Capability.SEE_RESULTS)
    row = db.get(FollowUp, follow_up_id)
    if row is None or (row.course_id, row.author_id) != (viewer.course_id, viewer.person_id):
        raise Missing()
    return row


def edit(db: Session, viewer: Viewer, follow_up_id: int, words: Words, now: datetime) -> int | None:
    """Write it anew; the student's id, or None for one who has left the course. Raises what `find` does."""
    row = find(db, viewer, follow_up_id)
    row.words, row.back_on, row.changed_at = words.words, words.back_on, now
    db.flush()
    return _still_here(db, row)


def discard(db: Session, viewer: Viewer, follow_up_id: int) -> int | None:
    """Delete it for good; the student's id, or None for one who has left the course. Raises what `find` does."""
    student_id = _still_here(db, find(db, viewer, follow_up_id))
    follow_ups.discard(db, follow_up_id)
    return student_id


def about_whom(db: Session, row: FollowUp) -> tuple[Person, bool]:
    """The student of a note, and whether they are in its course."""
    return db.get_one(Person, row.student_id), _still_here(db, row) is not None


def _still_here(db: Session, row: FollowUp) -> int | None:
    return row.student_id if students.find(db, row.course_id, row.student_id) is not None else None
