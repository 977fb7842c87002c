"""Whom an adult may want to ask how they are: what their own reminders say, and what others handed over to them.

A prompt is for a talk and labels nobody. Whether a rule holds is worked out from named answers each time, for the whole
course at once; kept is only what the adult did with it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from reflect.domain import follow_ups, reminders
from reflect.domain.capabilities import Capability
from reflect.domain.insights.feelings import place
from reflect.domain.insights.reasons import MOST, Given, Kind, Reason, Reminder, horizon, monday, reasons
from reflect.domain.refusals import FormRefused, Missing, Refused
from reflect.domain.sessions import Viewer
from reflect.domain.talk_acts import adults
from reflect.storage import prompts, students
from reflect.storage.prompts import Prompt

MOST_CLOSED = 20
"""Of those that were closed or handed over, the newest that a list still shows."""


@dataclass(frozen=True, slots=True)
class Handed:
    """What another adult handed over: who (None for one who is gone), when, and for which reasons as they were then."""

    by_id: int | None
    at: datetime
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Asking:
    """A student whom the adult may want to ask, and why."""

    student: Any
    reasons: tuple[Reason, ...]
    handed: Handed | None


@dataclass(frozen=True, slots=True)
class Settled:
    """A student about whom this adult has done something; `is_standing` is whether putting it back would show it."""

    student: Any
    kept: Any
    is_standing: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """An adult's whole list."""

    asking: tuple[Asking, ...]
    """By name."""
    set_aside: tuple[Settled, ...]
    closed: tuple[Settled, ...]
    """Closed ones and those handed over, newest first."""
    due: Sequence[Any]
    """Follow-ups of this adult whose day has come."""
    rules: tuple[Reminder, ...]

    @property
    def told_about(self) -> list[int]:
        """Students of whom it says something that follows from answers. That a row cannot be put back says so, too, as
        long as a rule is on."""
        settled = (*self.set_aside, *self.closed)
        return [
            *(it.student.id for it in self.asking),
            *(it.student.id for it in settled if it.is_standing or _is_any_on(self.rules)),
        ]


def of(db: Session, viewer: Viewer, now: datetime) -> Listed:
    """The viewer's list in their course; raises Refused `not_allowed`."""
    rules = reminders.of(db, viewer)
    kept = prompts.of_adult(db, viewer.course_id, viewer.person_id)
    people = students.of_course(db, viewer.course_id) if kept or _is_any_on(rules) else ()
    standing = _standing(db, viewer, rules, people, now)
    asking, settled = [], []
    for student in people:
        found, row = standing.get(student.id, ()), kept.get(student.id)
        handed = _handed(row)
        if _is_new(found, handed, row):
            asking.append(Asking(student, found, handed if _is_open(handed, row) else None))
        elif row is not None and row.settled_as:
            settled.append(Settled(student, row, bool(found or handed)))
    settled.sort(key=lambda it: it.kept.settled_at, reverse=True)
    return Listed(
        asking=tuple(asking),
        set_aside=tuple(it for it in settled if it.kept.settled_as == "seen"),
        closed=tuple(it for it in settled if it.kept.settled_as != "seen")[:MOST_CLOSED],
        due=follow_ups.due(db, viewer, now),
        rules=rules,
    )


def count(db: Session, viewer: Viewer, now: datetime) -> int:
    """How many students the list asks after, each once: for a page that shows no names."""
    found = of(db, viewer, now)
    return len({it.student.id for it in found.asking} | {row.student_id for row in found.due})


def settle(db: Session, viewer: Viewer, student_id: int, way: str, until: datetime, now: datetime) -> None:
    """Set a student aside (`seen`) or close what there was (`closed`), up to what the adult had before them; a later
    reason brings the student back. Where there is nothing to settle, nothing changes. Raises Refused, Missing."""
    asking = _asking(db, viewer, student_id, now)
    if asking is None:
        return
    row = prompts.hold(db, viewer.course_id, viewer.person_id, student_id)
    row.settled_at, row.settled_as, row.handed_to_id = min(until, now), way, None
    if way == "closed":
        row.handed_by_id = row.handed_at = row.reasons = None
    db.flush()


def restore(db: Session, viewer: Viewer, student_id: int) -> None:
    """Put a student back on the list, as far as there is still a reason. Raises Refused `not_allowed`, Missing."""
    _student(db, viewer, student_id)
    row = db.get(Prompt, (viewer.course_id, viewer.person_id, student_id), with_for_update=True)
    if row is not None:
        row.settled_at, row.settled_as, row.handed_to_id = None, "", None
        db.flush()


def hand_over(db: Session, viewer: Viewer, student_id: int, adult: str, until: datetime, now: datetime) -> None:
    """Let another adult of the course (an id as a form gives it) ask; they see by whom, and why. A form that was sent
    twice hands over once.

    Raises FormRefused `to` for oneself and for who is not of the course's staff, Refused `prompt_gone` where there is
    no reason any more, `not_allowed`, Missing.
    """
    asking = _asking(db, viewer, student_id, now)
    others = {str(row.id): row.id for row in adults(db, viewer.course_id) if row.id != viewer.person_id}
    before = db.get(Prompt, (viewer.course_id, viewer.person_id, student_id))
    if asking is None and before is not None and before.handed_to_id == others.get(adult, 0):
        return
    if asking is None:
        raise Refused("prompt_gone")
    if adult not in others:
        raise FormRefused({"to": "choose"})
    told = {(it.kind.value, it.count, it.span) for it in asking.reasons}
    told |= {(it.kind.value, it.count, it.span) for it in (asking.handed.reasons if asking.handed else ())}
    # Always in one order: two who hand over to each other at once must not wait for each other.
    first, second = sorted((viewer.person_id, others[adult]))
    rows = {adult_id: prompts.hold(db, viewer.course_id, adult_id, student_id) for adult_id in (first, second)}
    mine, theirs = rows[viewer.person_id], rows[others[adult]]
    mine.settled_at, mine.settled_as, mine.handed_to_id = min(until, now), "handed_over", others[adult]
    mine.handed_by_id = mine.handed_at = mine.reasons = None
    theirs.handed_by_id, theirs.handed_at = viewer.person_id, now
    theirs.reasons = [list(it) for it in sorted(told)]
    db.flush()


def _asking(db: Session, viewer: Viewer, student_id: int, now: datetime) -> Asking | None:
    _student(db, viewer, student_id)
    return next((it for it in of(db, viewer, now).asking if it.student.id == student_id), None)


def _student(db: Session, viewer: Viewer, student_id: int) -> None:
    viewer.must(Capability.SEE_RESULTS)
    if students.find(db, viewer.course_id, student_id) is None:
        raise Missing()


def _is_any_on(rules: Sequence[Reminder]) -> bool:
    return any(rule.is_on for rule in rules)


def _standing(
    db: Session, viewer: Viewer, rules: tuple[Reminder, ...], people: Sequence[Any], now: datetime
) -> Mapping[int, tuple[Reason, ...]]:
    """The reasons that hold now, by student: two or three reads for the whole course, however many its students are."""
    if not _is_any_on(rules):
        return {}
    since = horizon(now)
    given: dict[int, list[Given]] = defaultdict(list)
    for row in students.recent(db, viewer.course_id, since, MOST):
        felt = place(row.form, row.choice)
        given[row.person_id].append(Given(row.answered_at, felt[0] if felt else None))
    asked = _Asked(db, viewer.course_id, since) if any(it.is_on and it.kind == Kind.SILENT for it in rules) else None
    return {
        student.id: found
        for student in people
        if (
            found := reasons(
                rules, given[student.id], asked.weeks_of(student.id) if asked else (), student.created_at, now
            )
        )
    }


class _Asked:
    """In which weeks something was put to whom."""

    def __init__(self, db: Session, course_id: int, since: datetime) -> None:
        rows = students.asked(db, course_id, since)
        self._everyones = {monday(row.opened_at) for row in rows if not row.for_groups}
        of_groups = {row.id: monday(row.opened_at) for row in rows if row.for_groups}
        self._others: dict[int, set[date]] = defaultdict(set)
        for checkin_id, person_id in students.asked_in_groups(db, course_id, since) if of_groups else ():
            if checkin_id in of_groups:
                self._others[person_id].add(of_groups[checkin_id])

    def weeks_of(self, person_id: int) -> set[date]:
        return self._everyones | self._others.get(person_id, set())


def _handed(row: Any) -> Handed | None:
    if row is None or row.handed_at is None:
        return None
    told = tuple(Reason(Kind(kind), count, span, row.handed_at) for kind, count, span in row.reasons or ())
    return Handed(row.handed_by_id, row.handed_at, told)


def _is_open(handed: Handed | None, row: Any) -> bool:
    return handed is not None and (row.settled_at is None or handed.at > row.settled_at)


def _is_new(found: Sequence[Reason], handed: Handed | None, row: Any) -> bool:
    if row is None or row.settled_at is None:
        return bool(found or handed)
    return _is_open(handed, row) or any(reason.at > row.settled_at for reason in found)
