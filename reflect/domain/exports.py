"""What staff may take along of their course: what its results pages show, and nothing besides."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from reflect.domain import checkins, guests, results
from reflect.domain.capabilities import Capability
from reflect.domain.guests import GuestResults
from reflect.domain.results import Results
from reflect.domain.sessions import Viewer
from reflect.storage import checkins as stored


@dataclass(frozen=True, slots=True)
class Exported:
    """One check-in as its results page shows it to staff."""

    checkin: Any
    results: Results
    guests: GuestResults | None
    """None where it was never opened to guests."""

    def has_few_named(self, k: int) -> bool:
        """Whether there was a day (of UTC) on which fewer than k answered by name, so that single answers can be told
        from totals: from these, or from what is left if those of other days are taken from them."""
        days = Counter(person.answered_at.date() for person in self.results.people)
        return any(answers < k for answers in days.values())


def of_checkin(db: Session, viewer: Viewer, checkin_id: int) -> Exported:
    """One check-in of the viewer's course; raises Refused `not_allowed`, Missing."""
    viewer.must(Capability.SEE_RESULTS)
    return _exported(db, viewer, checkins.of(db, viewer, checkin_id))


def of_course(db: Session, viewer: Viewer) -> Sequence[Exported]:
    """All check-ins of the viewer's course that were ever opened, archived ones too, the oldest first.

    Raises Refused `not_allowed`.
    """
    viewer.must(Capability.SEE_RESULTS)
    rows = (row for row in stored.ever_opened(db, viewer.course_id) if row.deleted_at is None)
    return [_exported(db, viewer, row) for row in sorted(rows, key=lambda row: (row.opened_at, row.id))]


def _exported(db: Session, viewer: Viewer, checkin: Any) -> Exported:
    return Exported(checkin, results.for_staff(db, viewer, checkin), guests.for_staff(db, viewer, checkin))
