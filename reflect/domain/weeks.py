"""Publishing a course's weeks for leaders, once each, and taking them back as a whole."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlmodel import Session, col

from reflect.domain.insights.feelings import Band, asks_for_a_feeling, band, band_of, place
from reflect.domain.privacy import publication
from reflect.domain.privacy.publication import week_of
from reflect.storage import answers, people, weeks
from reflect.storage.checkins import Checkin
from reflect.storage.courses import Course
from reflect.storage.tables import key_of
from reflect.storage.weeks import PublishedWeek


class Due(NamedTuple):
    """A course's week that is to be published, by its check-ins."""

    course_id: int
    week_on: date
    checkin_ids: tuple[int, ...]


def due(db: Session, now: datetime) -> Sequence[Due]:
    """The weeks that are over and were not looked at yet, the oldest first."""
    ends = now - publication.SETTLING
    found: dict[tuple[date, int], list[tuple[int, bool]]] = defaultdict(list)
    for row in weeks.uncounted(db, ends):
        found[week_of(row.opened_at), row.course_id].append((row.id, row.is_open))
    return [
        Due(course_id, week_on, tuple(sorted(checkin_id for checkin_id, _ in rows)))
        for (week_on, course_id), rows in sorted(found.items())
        if publication.is_over(week_on, now, is_waited_for=any(is_open for _, is_open in rows))
    ]


def publish(db: Session, week: Due, k: int, now: datetime) -> bool:
    """Look at a week, and publish it if enough people took part; False if not, or if it was looked at before."""
    held = weeks.hold(db, week.checkin_ids)
    new = sum(weeks.count(db, key_of(checkin), now) for checkin in held)
    if new < len(held) or weeks.of_course(db, week.course_id, [week.week_on]):
        # Another worker was here, or a check-in came to light after its week was published.
        return False
    told = [checkin for checkin in held if checkin.deleted_at is None]
    k = max([k, *(checkin.min_group_size for checkin in told)])
    rows = weeks.named(db, [key_of(checkin) for checkin in told if not checkin.is_anonymous])
    anonymous = [checkin for checkin in told if checkin.is_anonymous]
    took_part = weeks.participants(db, [key_of(checkin) for checkin in anonymous]) | {row.person_id for row in rows}
    if len(took_part) < k:
        return False
    found = publication.figures(
        _bands_of_people(rows), [(_bands_of(db, one), one.min_group_size) for one in anonymous if _asks(one)], k
    )
    weeks.publish(
        db,
        PublishedWeek(
            course_id=week.course_id,
            week_on=week.week_on,
            people=len(took_part),
            students=max(people.learners(db, week.course_id), len(took_part)),
            pleasant=found.bands[Band.PLEASANT],
            in_between=found.bands[Band.BETWEEN],
            unpleasant=found.bands[Band.UNPLEASANT],
            unsaid=found.unsaid,
            named=found.named,
            min_group_size=k,
        ),
    )
    return True


def _asks(checkin: Checkin) -> bool:
    return asks_for_a_feeling(checkin.form)


def _bands_of_people(rows: Iterable[tuple[int, str, str]]) -> list[Band | None]:
    """For each person who was asked for a feeling the band of their mean; None for who chose none."""
    said: dict[int, list[float]] = defaultdict(list)
    for person_id, form, choice in rows:
        if asks_for_a_feeling(form):
            found = place(form, choice)
            said[person_id] += [found[0]] if found else []
    return [band_of(sum(places) / len(places)) if places else None for places in said.values()]


def _bands_of(db: Session, checkin: Checkin) -> dict[Band | None, int]:
    """The released answers of an anonymous check-in by band; None for all that has none."""
    found: dict[Band | None, int] = defaultdict(int)
    for choice, count in answers.tally(db, key_of(checkin)).items():
        found[band(checkin.form, choice)] += count
    return found


def leave(db: Session, course_id: int, erased: Collection[tuple[int, datetime]]) -> None:
    """Somebody erases the named answers that they gave in a course at these moments, as (check-in, moment)."""
    left = set()
    for checkin_id, answered_at in erased:
        counted_at = weeks.counted_at(db, checkin_id)
        if counted_at is not None and answered_at <= counted_at:
            opened_at = db.scalar(select(col(Checkin.opened_at)).where(col(Checkin.id) == checkin_id))
            assert opened_at is not None
            left.add(week_of(opened_at))
    for row in weeks.of_course(db, course_id, left) if left else ():
        row.gone += 1
        if publication.is_to_be_withdrawn(row.people, row.named, row.gone, row.min_group_size):
            weeks.withdraw(db, row)
    db.flush()


def withdraw_with(db: Session, checkin_ids: Collection[int | None]) -> None:
    """Take back the weeks in which these check-ins are counted, before they are destroyed."""
    for course_id, opened_at in weeks.counted_among(db, checkin_ids):
        for row in weeks.of_course(db, course_id, [week_of(opened_at)]):
            weeks.withdraw(db, row)


def withdraw_idle(db: Session, oldest: date) -> None:
    """Take back all weeks of the courses that were last alive before that day: they go with their course."""
    idle = select(Course).where(col(Course.last_active_on) < oldest).order_by(col(Course.id))
    for course in db.scalars(idle).all():
        for row in weeks.of_course(db, key_of(course)):
            weeks.withdraw(db, row)
