"""Carrying out the release rule: sealed answers are opened only in batches, softened, and destroyed."""

from collections import Counter
from typing import Any

from sqlmodel import Session

from reflect.domain.privacy import release, texts
from reflect.domain.privacy.sealing import Sealer
from reflect.storage import answers


def release_in_steps(db: Session, checkin: Any, sealer: Sealer) -> None:
    """After an answer: publish the waiting ones if they have become enough."""
    if release.is_due(answers.sealed_count(db, checkin.id), checkin.min_group_size):
        _publish(db, checkin, sealer)


def release_at_close(db: Session, checkin: Any, sealer: Sealer) -> int:
    """At the end: publish what waits if it is enough, else destroy it; how many answers were destroyed unread."""
    waiting = answers.sealed_count(db, checkin.id)
    if release.is_due(waiting, checkin.min_group_size):
        _publish(db, checkin, sealer)
        return 0
    answers.destroy_sealed(db, checkin.id)
    return waiting


def _publish(db: Session, checkin: Any, sealer: Sealer) -> None:
    batch = [sealer.open(checkin.id, seal) for seal in answers.sealed(db, checkin.id)]
    counts = release.soften(Counter(content.choice for content in batch))
    # The day a check-in was opened, not the day of the release: nothing finer than the check-in may be stored.
    for choice, count in sorted(counts.items()):
        answers.add_to_tally(db, checkin.course_id, checkin.id, checkin.opened_at.date(), choice, count)
    texts.release(db, checkin, batch, is_softened=release.UNSAID in counts)
    answers.destroy_sealed(db, checkin.id)
