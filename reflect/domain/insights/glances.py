"""A class at a glance, for the teacher's home: its last day with answers, and the weeks up to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session

from reflect.domain.capabilities import Capability
from reflect.domain.insights import sources, zones
from reflect.domain.insights.courses import Part, parts_of
from reflect.domain.insights.pictures import Picture, Turnout, picture
from reflect.domain.insights.sources import Source
from reflect.domain.insights.spans import USUAL_WEEKS, Span, Step, weeks_until
from reflect.domain.insights.usual import Comparison, compare
from reflect.domain.sessions import Viewer

_LONGEST_BREAK = timedelta(weeks=9)
"""A day with answers that is longer ago than the longest holidays is no glance at a class any more."""


@dataclass(frozen=True, slots=True)
class Glance:
    """The newest day on which somebody answered."""

    day: date
    is_today: bool
    picture: Picture
    """Without named answers where fewer than k answered a check-in on a day: nobody has opened those."""
    comparison: Comparison
    turnout: Turnout
    checkins: Sequence[Any]
    """Those that were opened on that day, the newest first."""
    turnouts: Mapping[int, Turnout]
    waiting: int
    """Anonymous answers of that day that are not yet to be read."""
    weeks: tuple[Part, ...]
    """The last eight, this one included; their pictures, too, without those answers."""
    leaves_out: bool
    """Whether the pictures of the weeks are without some answers."""


def of_course(db: Session, viewer: Viewer, k: int, now: datetime) -> Glance | None:
    """The viewer's course at a glance, or None where nobody has answered for long. Raises Refused `not_allowed`."""
    viewer.must(Capability.SEE_RESULTS)
    zone = zones.of_course(db, viewer.course_id)
    today = now.astimezone(zone).date()
    source = sources.of_course(db, viewer.course_id, today - _LONGEST_BREAK - timedelta(weeks=USUAL_WEEKS), zone)
    day = _newest_day(source, today)
    if day is None or day < today - _LONGEST_BREAK:
        return None
    shown, span = source.without_few(k), Span(day, day)
    counts, opened = shown.counts_in(span), source.opened_in(span)[::-1]
    weeks = weeks_until(today, USUAL_WEEKS)
    parts = parts_of(shown, weeks, Step.WEEK)
    return Glance(
        day=day,
        is_today=day == today,
        picture=picture(counts),
        comparison=compare(counts, shown.counts_in(span.before), k),
        turnout=source.turnout_in(span),
        checkins=opened,
        turnouts=source.turnouts,
        waiting=sum(_waiting(source, row) for row in opened),
        weeks=parts,
        leaves_out=sum(part.picture.answers for part in parts) < picture(source.counts_in(weeks)).answers,
    )


def _newest_day(source: Source, today: date) -> date | None:
    days = [count.on for count in source.counts]
    days += [source.opened_on[number] for number, turnout in source.turnouts.items() if turnout.answered]
    return max((day for day in days if day <= today), default=None)


def _waiting(source: Source, row: Any) -> int:
    """Of an anonymous check-in: who answered, but for what is released or was destroyed at its close."""
    if not row.is_anonymous:
        return 0
    released = sum(count.count for count in source.counts if count.checkin_id == row.id)
    return max(0, source.turnouts[row.id].answered - released - int(row.withheld))
