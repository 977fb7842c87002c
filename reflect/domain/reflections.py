"""My reflections: what a person has answered by name, who saw it, and how to make it unsaid.

Anonymous answers are not here, because nothing here could find them: a person learns how many they gave, as the
tables say, and no more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from reflect.domain import accesses, forms, weeks
from reflect.domain.accesses import Looked, Opened
from reflect.domain.capabilities import Capability
from reflect.domain.emotions import EMOTIONS, Emotion
from reflect.domain.insights import zones
from reflect.domain.sessions import Viewer
from reflect.storage import class_totals, prompts, reflections, responses
from reflect.storage.people import Person

_OF_WORDS = {forms.Kind.WORDS, forms.Kind.IMPORTED}


@dataclass(frozen=True, slots=True)
class Reflection:
    """One named answer to a check-in of some form; `emotion` is None where it was no word for a feeling."""

    checkin_id: int
    question: str
    question_key: str | None
    form: str
    labels: Sequence[str] | None
    """The teacher's own labels, where the form has any."""
    choice: str
    word: str
    """An own word, where that was chosen; else empty."""
    note: str
    emotion: Emotion | None
    answered_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Reflections:
    """All that a person's answers in one course have left."""

    named: tuple[Reflection, ...]
    """Oldest first."""
    anonymous: int
    """In how many anonymous check-ins they took part."""
    opened: tuple[Opened, ...]
    """Who was shown the named ones, newest first."""
    looked: tuple[Looked, ...] = ()
    """Who was shown them all together, newest first."""

    @property
    def emotions(self) -> tuple[Emotion, ...]:
        """The different feelings named, in the order in which they were met."""
        return tuple(dict.fromkeys(it.emotion for it in self.named if it.emotion is not None))


def own(db: Session, viewer: Viewer) -> Reflections:
    """The viewer's reflections in their course; raises Refused `not_allowed` for who does not answer there."""
    viewer.must(Capability.ANSWER)
    return of_person(db, viewer.course_id, viewer.person_id)


def of_person(db: Session, course_id: int, person_id: int) -> Reflections:
    """A person's reflections in a course."""
    named = named_of(db, course_id, person_id)
    answered_at = {it.checkin_id: it.answered_at for it in named}
    return Reflections(
        named=named,
        anonymous=reflections.anonymous_count(db, course_id, person_id),
        opened=accesses.of_answers(db, course_id, answered_at) if named else (),
        looked=accesses.of_student(db, course_id, person_id),
    )


def named_of(db: Session, course_id: int, person_id: int) -> tuple[Reflection, ...]:
    """A person's named answers in a course, oldest first, and nothing else."""
    return tuple(map(_reflection, reflections.named(db, course_id, person_id)))


def days_of(db: Session, course_id: int, many: Sequence[Reflection]) -> Mapping[int, date]:
    """The day of each answer by the clocks of its course, by check-in: an evening of the class is no next day."""
    zone = zones.of_course(db, course_id)
    return {it.checkin_id: it.answered_at.astimezone(zone).date() for it in many}


def _reflection(row: Any) -> Reflection:
    return Reflection(
        checkin_id=row.checkin_id,
        question=row.question,
        question_key=row.question_key,
        form=row.form,
        labels=row.labels,
        choice=row.choice,
        word=row.word or "",
        note=row.note or "",
        emotion=EMOTIONS.get(row.choice) if forms.of(row).kind in _OF_WORDS else None,
        answered_at=row.answered_at,
        changed_at=row.changed_at,
    )


def erase_own(db: Session, viewer: Viewer) -> int:
    """Delete the viewer's named answers in their course; how many. Raises Refused `not_allowed`."""
    viewer.must(Capability.ANSWER)
    return erase(db, viewer.course_id, viewer.person_id)


def erase(db: Session, course_id: int, person_id: int) -> int:
    """Delete a person's named answers in a course, and count them nowhere any more; how many there were.

    Marks in the gradebook stay: that somebody took part is the platform's to keep. What was published to classmates
    stays as well until k answers are gone from it, or fewer than k are left (`_leave_class_total`), and so does
    what was published to leaders.
    """
    is_counted = not db.get_one(Person, person_id).is_guest
    # Always in one order: two who erase at once must not wait for each other.
    erased = []
    for checkin_id in reflections.answered(db, course_id, person_id):
        checkin = reflections.hold(db, checkin_id)
        gone = reflections.forget(db, checkin_id, person_id)
        if gone is not None:
            responses.take_back(db, checkin_id, person_id)
            reflections.take_from_tally(db, checkin_id, gone.answered_at.date(), gone.choice)
            if is_counted:
                _leave_class_total(db, checkin)
            erased.append((checkin_id, gone.answered_at))
    if is_counted:
        weeks.leave(db, course_id, erased)
    # What adults did with prompts, and why one was handed over, came of those answers.
    prompts.forget(db, course_id, person_id)
    return len(erased)


def _leave_class_total(db: Session, checkin: Any) -> None:
    """Take what classmates see back as a whole, or leave it: a corrected total beside the old one would tell what was
    erased, even of k people if they answered alike.

    Who answers after a reopening is in no total, and does not make up for somebody who was. Of whom an erased answer
    was in it nothing tells, so each counts as gone: rather too early than too late.
    """
    published = sum(class_totals.of_checkin(db, checkin.id).values())
    if not published:
        return
    k, left = checkin.min_group_size, sum(class_totals.of_students(db, checkin.id).values())
    gone = max(class_totals.lose(db, checkin.id), published - left)
    if gone >= k or published - gone < k:
        class_totals.withdraw(db, checkin.id)
