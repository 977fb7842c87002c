"""What insights are made from: a course's counted answers and turnouts, of the whole course or of one of its groups.

Anonymous answers are counted as far as they are released, and are never narrowed down: in a group's view only an
anonymous check-in that was put to exactly that group is counted, and then all of it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from reflect.domain.insights.pictures import Count, Turnout
from reflect.domain.insights.spans import Span, day_of
from reflect.storage import groups, insights, people


@dataclass(frozen=True, slots=True)
class Source:
    """Everything since a day."""

    checkins: Mapping[int, Any]
    """By id, oldest first: those that are counted here."""
    counts: Sequence[Count]
    turnouts: Mapping[int, Turnout]
    opened_on: Mapping[int, date]
    """The reader's day on which each was opened."""
    left_out: frozenset[int] = frozenset()
    """Anonymous check-ins whose answers cannot be told by group."""
    is_of_group: bool = False

    def counts_in(self, span: Span) -> list[Count]:
        """The answers of these days."""
        return [count for count in self.counts if count.on in span]

    def opened_in(self, span: Span) -> list[Any]:
        """The check-ins that were opened on these days, oldest first."""
        return [row for row in self.checkins.values() if self.opened_on[row.id] in span]

    def turnout_in(self, span: Span) -> Turnout:
        """How many answered the check-ins that were opened on these days."""
        return sum((self.turnouts[row.id] for row in self.opened_in(span) if row.id in self.turnouts), Turnout())

    def few_named(self, k: int) -> frozenset[int]:
        """Named check-ins of which single answers can be told from numbers that are made of this."""
        return frozenset(checkin_id for checkin_id, _ in self._few(k))

    def without_few(self, k: int) -> "Source":
        """The same for a page that is no look at anybody's answer: without named answers that are few."""
        few = self._few(k)
        return replace(self, counts=[count for count in self.counts if (count.checkin_id, count.on) not in few])

    def _few(self, k: int) -> frozenset[tuple[int, date]]:
        """On which days fewer than k answered a check-in by name.

        Whatever weeks, threads and clocks are chosen, each number is a sum over check-ins and days, and so is what is
        left where one is taken from another. Groups overlap as they like: there any few answers may be left.
        """
        named = Counter[tuple[int, date]]()
        for count in self.counts:
            if not self.checkins[count.checkin_id].is_anonymous:
                named[count.checkin_id, count.on] += count.count
        return frozenset(cell for cell, answers in named.items() if self.is_of_group or answers < k)

    def only(self, checkin_ids: frozenset[int]) -> "Source":
        """The same of some check-ins alone."""
        kept = {number: row for number, row in self.checkins.items() if number in checkin_ids}
        counts = [count for count in self.counts if count.checkin_id in checkin_ids]
        return replace(self, checkins=kept, counts=counts, left_out=self.left_out & checkin_ids)


def of_course(db: Session, course_id: int, since: date, zone: ZoneInfo) -> Source:
    """What a whole course answered from a day of the reader's on."""
    rows = insights.checkins(db, course_id)
    by_id = {row.id: row for row in rows}
    # A day of the reader's may have begun on the day before in UTC.
    tallied = insights.tallied(db, course_id, since - timedelta(days=1))
    counts = [_count(by_id[row.checkin_id], row.on_day, row.choice, row.count, zone) for row in tallied]
    answered = insights.took_part(db, course_id) | _by_name(by_id, counts)
    everybody, asked = people.learners(db, course_id), _expected(db, course_id, rows)
    return Source(
        by_id,
        [count for count in counts if count.on >= since],
        {row.id: _turnout(answered.get(row.id, 0), asked[row.id] if row.for_groups else everybody) for row in rows},
        _opened_on(rows, zone),
    )


def of_group(db: Session, course_id: int, group: Any, since: date, zone: ZoneInfo) -> Source:
    """What those who are in a group now answered by name, with the anonymous check-ins put to exactly that group."""
    rows, put_to = insights.checkins(db, course_id), groups.of_checkins(db, course_id)
    asked = {row.id: {one.id for one in put_to.get(row.id, ())} for row in rows}
    whole = {row.id: row for row in rows if row.is_anonymous and row.for_groups and asked[row.id] == {group.id}}
    named = {row.id: row for row in rows if not row.is_anonymous and (not row.for_groups or group.id in asked[row.id])}
    by_id = {row.id: row for row in rows if row.id in whole or row.id in named}
    released = insights.tallied(db, course_id, since - timedelta(days=1)) if whole else ()
    counts = [
        _count(named[row.checkin_id], row.answered_at.date(), row.choice, 1, zone)
        for row in insights.of_group(db, course_id, group.id)
        if row.checkin_id in named
    ]
    answered = (insights.took_part(db, course_id) if whole else {}) | _by_name(by_id, counts)
    counts += [
        _count(whole[row.checkin_id], row.on_day, row.choice, row.count, zone)
        for row in released
        if row.checkin_id in whole
    ]
    return Source(
        by_id,
        [count for count in counts if count.on >= since],
        {number: _turnout(answered.get(number, 0), group.learners) for number in by_id},
        _opened_on(rows, zone),
        frozenset(row.id for row in rows if row.is_anonymous) - whole.keys(),
        is_of_group=True,
    )


def _count(checkin: Any, on_day: date, choice: str, count: int, zone: ZoneInfo) -> Count:
    return Count(checkin.id, checkin.form, day_of(checkin.opened_at, on_day, zone), choice, count)


def _by_name(checkins: Mapping[int, Any], counts: Sequence[Count]) -> dict[int, int]:
    """How many have answered each named check-in; of an anonymous one the counts say only what is released."""
    found: dict[int, int] = {}
    for count in counts:
        if not checkins[count.checkin_id].is_anonymous:
            found[count.checkin_id] = found.get(count.checkin_id, 0) + count.count
    return found


def _turnout(answered: int, expected: int) -> Turnout:
    """Whoever left the course since then is expected no more, but did answer."""
    return Turnout(1, answered, max(answered, expected))


def _expected(db: Session, course_id: int, rows: Sequence[Any]) -> dict[int, int]:
    """How many students each check-in for some groups was put to, as far as they are in them now."""
    found = groups.expected(db, course_id) if any(row.for_groups for row in rows) else {}
    return {row.id: found.get(row.id, 0) for row in rows}


def _opened_on(rows: Sequence[Any], zone: ZoneInfo) -> dict[int, date]:
    return {row.id: row.opened_at.astimezone(zone).date() for row in rows}
