"""Carrying out the release rule: sealed answers are opened only in batches, softened, and destroyed."""

from collections import Counter
from typing import Any

from sqlmodel import Session

from reflect.domain.privacy import release, texts
from reflect.domain.privacy.sealing import Sealer
from reflect.storage import answers, guests
from reflect.storage import texts as storage_texts


def release_in_steps(db: Session, checkin: Any, sealer: Sealer) -> None:
    """After an answer: publish the waiting ones if they have become enough."""
    if release.is_due(answers.sealed_count(db, checkin.id), checkin.min_group_size):
        _publish(db, checkin, sealer)


def release_at_close(db: Session, checkin: Any, sealer: Sealer) -> int:
    """At the end: publish what waits if it is enough, else destroy it; how many answers were destroyed unread."""
    _end_guests(db, checkin, sealer)
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
    texts.release(db, checkin, batch, storage_texts.keep, is_softened=release.UNSAID in counts)
    answers.destroy_sealed(db, checkin.id)


def release_guests_in_steps(db: Session, checkin: Any, sealer: Sealer) -> None:
    """After a guest's answer: publish the guests' waiting ones if they have become enough.

    Guests have batches of their own. Anybody may be a guest, as often as they have browsers: together with
    students, somebody who answers k - 1 times as a guest would read the one student's answer between their own.
    """
    if release.is_due(guests.sealed_count(db, checkin.id), checkin.min_group_size):
        _publish_guests(db, checkin, sealer)


def _end_guests(db: Session, checkin: Any, sealer: Sealer) -> None:
    waiting = guests.sealed_count(db, checkin.id)
    if release.is_due(waiting, checkin.min_group_size):
        _publish_guests(db, checkin, sealer)
    elif waiting:
        guests.destroy_sealed(db, checkin.id)
        guests.withhold(db, checkin.id, waiting)


def _publish_guests(db: Session, checkin: Any, sealer: Sealer) -> None:
    batch = [sealer.open(checkin.id, seal) for seal in guests.sealed(db, checkin.id)]
    counts = release.soften(Counter(content.choice for content in batch))
    for choice, count in sorted(counts.items()):
        guests.add_to_tally(db, checkin.id, choice, count)
    texts.release(db, checkin, batch, guests.keep_text, is_softened=release.UNSAID in counts)
    guests.destroy_sealed(db, checkin.id)
