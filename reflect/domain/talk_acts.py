"""What became of a student's wish to talk, and with whom: as the student and the adults it is for may see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from reflect.storage import people, talks
from reflect.storage.tables import key_of
from reflect.storage.talks import Talk


@dataclass(frozen=True, slots=True)
class Named:
    """A person as a screen names them; `sub` is empty for one who has been erased."""

    sub: str
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class Act:
    """What an adult did: `opened`, `seen`, `handed_over` (to somebody) or `closed`."""

    kind: str
    person: Named
    to: Named | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """A talk with its people, as the student and the adults it is for may see it."""

    talk: Talk
    student: Named
    adult: Named | None
    """Whom it is for now; None for any adult."""
    acts: tuple[Act, ...]
    is_stranded: bool
    """Whether the adult it is for is not of the course any more, so that nobody reads it."""


def adults(db: Session, course_id: int) -> Sequence[Any]:
    """Whom a student of the course may ask: (id, sub, name, role), by name."""
    return people.staff_of(db, course_id)


def is_stranded(db: Session, talk: Talk) -> bool:
    """Whether nobody can read it any more: the adult it is for is not of the course's staff."""
    is_there = any(row.id == talk.adult_id for row in adults(db, talk.course_id))
    return talk.closed_at is None and not talk.for_anyone and not is_there


def tell(db: Session, talk: Talk) -> Told:
    """The talk with its people and acts."""
    acts = talks.acts_of(db, key_of(talk))
    people_of_acts = {person_id for act in acts for person_id in (act.person_id, act.to_id)}
    ids = [person_id for person_id in {talk.student_id, talk.adult_id} | people_of_acts if person_id is not None]
    rows = talks.named(db, talk.course_id, ids)

    def name(person_id: int | None, role: str = "teacher") -> Named:
        row = rows.get(person_id) if person_id is not None else None
        return Named(row.sub, row.name, row.role or role) if row else Named("", "", role)

    return Told(
        talk=talk,
        student=name(talk.student_id, "learner"),
        adult=None if talk.for_anyone else name(talk.adult_id),
        acts=tuple(
            Act(act.kind, name(act.person_id), name(act.to_id) if act.kind == "handed_over" else None, act.at)
            for act in acts
        ),
        is_stranded=is_stranded(db, talk),
    )
