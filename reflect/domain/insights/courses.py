"""A course over time, as its staff see it: how pleasant, how many took part, and what is other than usual."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Self
from zoneinfo import ZoneInfo

from sqlmodel import Session

from reflect.domain.capabilities import Capability
from reflect.domain.forms import Kind
from reflect.domain.forms import of as form_of
from reflect.domain.insights import sources
from reflect.domain.insights.feelings import asks_for_a_feeling, place
from reflect.domain.insights.pictures import Picture, Turnout, picture, sorted_by
from reflect.domain.insights.sources import Source
from reflect.domain.insights.spans import Span, Step, weeks_until
from reflect.domain.insights.threads import Thread, by_checkin, threads
from reflect.domain.insights.usual import Change, Comparison, compare
from reflect.domain.periods import zones
from reflect.domain.refusals import Missing, Refused
from reflect.domain.sessions import Viewer
from reflect.storage import groups, insights

LENGTHS = (4, 13, 52)
"""Weeks that may be looked at: about a month, about a term, a year."""
_ORDER = (Change.LESS, Change.MORE, Change.USUAL, Change.TOO_FEW)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a reader asks for; what is not understood is as if it were not said, but for the zone, which is typed."""

    weeks: int = LENGTHS[1]
    step: Step = Step.WEEK
    about: str = ""
    """The key of a thread; empty for all."""
    group: str = ""
    """The id of a group; empty for the whole class."""
    clock_zone: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> Self:
        """From the parameters of an address."""
        zone = asked.get("clock_zone", "").strip()[:64]
        return cls(
            weeks=next((length for length in LENGTHS if str(length) == asked.get("weeks")), LENGTHS[1]),
            step=next((step for step in Step if step == asked.get("by")), Step.WEEK),
            about=asked.get("about", ""),
            group=asked.get("group", ""),
            clock_zone=zone,
            errors={"clock_zone": "zone_unknown"} if zone and zone not in zones() else {},
        )


@dataclass(frozen=True, slots=True)
class Part:
    """One day, week or month."""

    span: Span
    picture: Picture
    turnout: Turnout


@dataclass(frozen=True, slots=True)
class Measure:
    """Answers that ask for no feeling, those together that mean the same; `newest` has the form and its labels."""

    newest: Any
    thread: Thread | None
    """None where all check-ins of the form mean the same."""
    rows: Sequence[tuple[Span, Mapping[str, int]]]


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest part with a feeling, held against the weeks before it."""

    span: Span
    comparison: Comparison
    turnout: Turnout
    turnout_before: Turnout


@dataclass(frozen=True, slots=True)
class Insights:
    """A course over the days of `span`."""

    span: Span
    zone: str
    parts: tuple[Part, ...]
    picture: Picture
    turnout: Turnout
    newest: Newest | None
    """None where nobody named a feeling."""
    days: Mapping[date, Picture]
    threads: tuple[Thread, ...]
    """All that can be chosen."""
    changes: tuple[tuple[Thread, Newest], ...]
    measures: tuple[Measure, ...]
    groups: Sequence[Any]
    """Those that can be chosen: with at least k students."""
    left_out: int
    """Anonymous check-ins of the span that are not in a group's view."""
    few_named: frozenset[int]
    """Named check-ins of which this tells single answers, also those of the weeks that say what is usual."""


def of_course(db: Session, viewer: Viewer, wish: Wish, k: int, now: datetime) -> Insights:
    """The viewer's course; `k` is the smallest group.

    Raises Refused `not_allowed`, `group_too_few` for a group of fewer than k (it would be a view of single people that
    nobody writes down), Missing for a thread or a group that is not of this course.
    """
    viewer.must(Capability.SEE_RESULTS)
    name = wish.clock_zone if wish.clock_zone and not wish.errors else insights.zone_of(db, viewer.course_id)
    zone = ZoneInfo(name)
    span = weeks_until(now.astimezone(zone).date(), wish.weeks, wish.step)
    many = groups.of_course(db, viewer.course_id)
    group = _chosen(many, wish.group, k)
    if group is None:
        source = sources.of_course(db, viewer.course_id, span.before.first, zone)
    else:
        source = sources.of_group(db, viewer.course_id, group, span.before.first, zone)
    found = threads(source.checkins.values())
    if wish.about:
        source = source.only(_about(found, wish.about).checkin_ids)
    return _seen(source, found, span, wish.step, name, k, [row for row in many if row.learners >= k])


def _chosen(many: Sequence[Any], wanted: str, k: int) -> Any:
    if not wanted:
        return None
    group = next((row for row in many if str(row.id) == wanted), None)
    if group is None:
        raise Missing()
    if group.learners < k:
        raise Refused("group_too_few")
    return group


def _about(found: Sequence[Thread], key: str) -> Thread:
    thread = next((thread for thread in found if thread.key == key), None)
    if thread is None:
        raise Missing()
    return thread


def _seen(
    source: Source, found: tuple[Thread, ...], span: Span, step: Step, zone: str, k: int, many: Sequence[Any]
) -> Insights:
    counts, parts = source.counts_in(span), parts_of(source, span, step)
    cuts, of_thread = [part.span for part in parts], by_checkin(found)
    present = {of_thread[count.checkin_id].key for count in counts}
    changes = [
        (thread, newest)
        for thread in found
        if thread.key in present and (newest := _newest(source.only(thread.checkin_ids), cuts, k))
    ]
    return Insights(
        span=span,
        zone=zone,
        parts=parts,
        picture=picture(counts),
        turnout=source.turnout_in(span),
        newest=_newest(source, cuts, k),
        days={day: picture(of_day) for day, of_day in sorted_by(counts, lambda count: count.on).items()},
        threads=found,
        changes=tuple(sorted(changes, key=lambda pair: _ORDER.index(pair[1].comparison.change))),
        measures=_measures(source, of_thread, cuts),
        groups=many,
        left_out=sum(source.opened_on[number] in span for number in source.left_out),
        few_named=source.few_named(k) if counts else frozenset(),
    )


def _newest(source: Source, cuts: Sequence[Span], k: int) -> Newest | None:
    days = [count.on for count in source.counts if place(count.form, count.choice)]
    cut = next((cut for cut in reversed(cuts) if any(day in cut for day in days)), None)
    if cut is None:
        return None
    comparison = compare(source.counts_in(cut), source.counts_in(cut.before), k)
    return Newest(cut, comparison, source.turnout_in(cut), source.turnout_in(cut.before))


def parts_of(source: Source, span: Span, step: Step) -> tuple[Part, ...]:
    """The span cut into its parts, also those without an answer."""
    cuts = span.cut(step)
    part_of = {day: cut for cut in cuts for day in cut.days}
    counts = sorted_by(source.counts_in(span), lambda count: part_of[count.on])
    turnouts = dict.fromkeys(cuts, Turnout())
    for row in source.opened_in(span):
        turnouts[part_of[source.opened_on[row.id]]] += source.turnouts[row.id]
    return tuple(Part(cut, picture(counts.get(cut, ())), turnouts[cut]) for cut in cuts)


def _measures(source: Source, of_thread: Mapping[int, Thread], cuts: Sequence[Span]) -> tuple[Measure, ...]:
    """Energy and body signals mean the same in every check-in; a scale and own choices only with the same labels."""
    found: dict[object, list[Any]] = {}
    for row in source.checkins.values():
        if not asks_for_a_feeling(row.form):
            found.setdefault(_meaning(row, of_thread), []).append(row)
    measures = []
    for members in found.values():
        thread = of_thread[members[-1].id] if _has_labels(members[-1]) else None
        rows = _rows(source, frozenset(row.id for row in members), cuts)
        if rows:
            measures.append(Measure(members[-1], thread, rows))
    return tuple(reversed(measures))


def _meaning(row: Any, of_thread: Mapping[int, Thread]) -> object:
    return (row.form, of_thread[row.id].key, tuple(row.labels or ())) if _has_labels(row) else row.form


def _has_labels(row: Any) -> bool:
    return form_of(row).kind in {Kind.SCALE, Kind.CHOICES}


def _rows(source: Source, checkin_ids: frozenset[int], cuts: Sequence[Span]) -> list[tuple[Span, Mapping[str, int]]]:
    counts = [count for count in source.counts if count.checkin_id in checkin_ids]
    rows: list[tuple[Span, Mapping[str, int]]] = []
    for cut in cuts:
        total = Counter[str]()
        for count in counts:
            if count.on in cut:
                total[count.choice] += count.count
        if total:
            rows.append((cut, total))
    return rows
