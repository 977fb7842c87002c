"""A check-in on the wall of a room: only what the class may see, and never a name."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from reflect.domain import checkins, results
from reflect.domain.capabilities import Capability
from reflect.domain.results import Results
from reflect.domain.sessions import Viewer
from reflect.storage import answers, class_totals, groups, guests, people, turnouts


@dataclass(frozen=True, slots=True)
class Presentation:
    """What a room sees now."""

    checkin: Any
    answered: int
    """Students who have answered."""
    expected: int
    guests: Any
    """The row of the opening to guests, or None where there never was one."""
    totals: Results | None
    """What classmates and guests were told before answering that a room may see; None where that is nothing (yet)."""


def of(db: Session, viewer: Viewer, checkin_id: int) -> Presentation:
    """What a room may see of a check-in. Raises Refused `not_allowed`, Missing.

    Students were promised what classmates see (the receipt), so the room sees just that: nothing of a check-in that is
    not shared, and of a named one nothing before its close. Guests' totals are released states by themselves, and the
    sum of such states is one too.
    """
    viewer.must(Capability.SHARE)
    checkin = checkins.of(db, viewer, checkin_id)
    return Presentation(
        checkin=checkin,
        answered=turnouts.answered_in(db, viewer.course_id).get(checkin_id, 0),
        expected=_expected(db, viewer, checkin),
        guests=guests.find(db, checkin_id),
        totals=_totals(db, checkin),
    )


def _expected(db: Session, viewer: Viewer, checkin: Any) -> int:
    if checkin.for_groups:
        return groups.expected(db, viewer.course_id).get(checkin.id, 0)
    return people.learners(db, viewer.course_id)


def _totals(db: Session, checkin: Any) -> Results | None:
    if not checkin.shared_with_class:
        return None
    of_class = answers.tally(db, checkin.id) if checkin.is_anonymous else class_totals.of_checkin(db, checkin.id)
    totals = Counter(of_class) + Counter(guests.tally(db, checkin.id))
    return results.of_totals(checkin, totals, totals.total()) if totals else None
