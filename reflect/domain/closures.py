"""The close of a check-in, by hand or by itself: no more answers, and whatever may be published."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from reflect.domain import gradebooks
from reflect.domain.capabilities import Capability
from reflect.domain.checkins import of
from reflect.domain.privacy import batches, release
from reflect.domain.privacy.sealing import Sealer
from reflect.domain.sessions import Viewer
from reflect.storage import checkins, class_totals


def close(db: Session, viewer: Viewer, checkin_id: int, sealer: Sealer, now: datetime) -> None:
    """Take no more answers, and publish what may be published. Closing twice changes nothing."""
    viewer.must(Capability.CLOSE_CHECKINS)
    of(db, viewer, checkin_id)
    finish(db, checkin_id, sealer, now)


def finish(db: Session, checkin_id: int, sealer: Sealer, now: datetime) -> bool:
    """Close a check-in for whoever or whatever asks; False if it is not open."""
    checkin = checkins.touch_open(db, checkin_id)
    if checkin is None:
        return False
    withheld = batches.release_at_close(db, checkin, sealer) if checkin.is_anonymous else 0
    if checkin.is_anonymous:
        gradebooks.mark_all(db, checkin, now)
    if checkin.shared_with_class and not checkin.is_anonymous:
        _publish_to_class(db, checkin)
    checkins.set_closed(db, checkin_id, now, withheld)
    return True


def _publish_to_class(db: Session, checkin: Any) -> None:
    if class_totals.was_published(db, checkin.id):
        # It was reopened after classmates saw totals: two of them, side by side, would show what lies between. Also
        # where the first were taken back: they were read.
        return
    totals = class_totals.of_students(db, checkin.id)
    if release.is_due(sum(totals.values()), checkin.min_group_size):
        class_totals.publish(db, checkin.id, release.soften(totals))
