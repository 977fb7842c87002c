"""Check-ins that open by themselves: each once, and of a series never more than its newest."""

from datetime import datetime

from sqlmodel import Session

from reflect.domain.checkins import closing_of
from reflect.domain.occurrences import MISSED, is_missed
from reflect.domain.privacy import audiences
from reflect.storage import checkins, occurrences


def open_due(db: Session, min_group_size: int, now: datetime, only: int | None = None) -> int:
    """Open the prepared check-ins that are to be open by now, or the one with this id; how many. What would single
    somebody out stays shut, and so does what would be over by now; an occurrence that was missed is put away."""
    opened = 0
    for checkin in checkins.due(db, now, only):
        if checkin.series_id is not None and is_missed(db, checkin, now):
            occurrences.put_away(db, checkin.id, MISSED, now)
            continue
        # One after the other: what opens first counts against the next.
        closes_at = closing_of(checkin, checkin.opens_at)
        is_over = closes_at is not None and closes_at <= now
        fault = MISSED if is_over else audiences.standing_fault(db, checkin, min_group_size, now)
        if fault is None:
            opened += checkins.set_open(db, checkin.id, min_group_size, now, closes_at)
        else:
            checkins.keep_shut(db, checkin.id, fault)
    return opened
