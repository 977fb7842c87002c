"""Why an adult may want to ask how a student is: three rules over named answers, with numbers that the adult chose.

Pure: what was answered comes in, a reason or None comes out. Nothing here has ever met an anonymous answer, a text or
a wish to talk.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from reflect.domain.insights.feelings import Band, band_of
from reflect.domain.insights.own_usual import FACE, difference

WEEK = timedelta(weeks=1)
WEEKS = 12
"""How far back the rules look, in whole weeks before this one."""
MOST = 24
"""How many answers of a student they look at, the newest: what a list costs is bounded by the size of the class."""


class Kind(StrEnum):
    """What an adult can be reminded of."""

    UNPLEASANT = "unpleasant"
    """`count` unpleasant among the last `span` answers that say how pleasant something is."""
    LOWER = "lower"
    """The last `span` of them on average `count` faces (of five) or more below those before."""
    SILENT = "silent"
    """No answer in the last `count` weeks in which there was something to answer; `span` says nothing."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """A rule with its numbers."""

    kind: Kind
    is_on: bool
    count: int
    span: int


@dataclass(frozen=True, slots=True)
class Reason:
    """That a rule holds, with the numbers it holds by; `at` is when that became so, and a later one is a new reason."""

    kind: Kind
    count: int
    span: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Given:
    """A named answer; pleasantness (-1 to 1) is None where it says nothing of it."""

    answered_at: datetime
    pleasantness: float | None


def monday(moment: datetime) -> date:
    """The first day of the ISO week (UTC) that a moment is in."""
    day = moment.astimezone(UTC).date()
    return day - timedelta(days=day.weekday())


def horizon(now: datetime) -> datetime:
    """From when on answers and check-ins count: the beginning of the week that is `WEEKS` before this one."""
    return datetime.combine(monday(now) - WEEKS * WEEK, time(), UTC)


def unpleasant(rule: Reminder, given: Sequence[Given]) -> Reason | None:
    """By the newest answers, given oldest first. A new unpleasant one is a new reason."""
    felt = [(it.answered_at, it.pleasantness) for it in given if it.pleasantness is not None][-rule.span :]
    moments = [at for at, pleasantness in felt if band_of(pleasantness) == Band.UNPLEASANT]
    if len(felt) < rule.span or len(moments) < rule.count:
        return None
    return Reason(rule.kind, len(moments), rule.span, max(moments))


def lower(rule: Reminder, given: Sequence[Given]) -> Reason | None:
    """By the newest answers against those before, given oldest first. As many new ones, low too, are a new reason."""
    felt = [(it.answered_at, it.pleasantness) for it in given if it.pleasantness is not None]
    found = difference([pleasantness for _, pleasantness in felt], rule.span)
    if found is None or round(found / FACE, 6) > -rule.count:
        return None
    return Reason(rule.kind, rule.count, rule.span, felt[-rule.span][0])


def silent(
    rule: Reminder, given: Sequence[Given], asked: Collection[date], known_since: datetime, now: datetime
) -> Reason | None:
    """By the weeks (their Mondays) in which something was put to the student; this one, which is not over, is none of
    them. As many weeks again are a new reason, while the silence began within the horizon."""
    begins = max((it.answered_at for it in given), default=known_since)
    missed = sorted(week for week in asked if monday(begins) < week < monday(now))
    if len(missed) < rule.count:
        return None
    if begins < horizon(now):
        return Reason(rule.kind, len(missed), 0, begins)
    last = missed[len(missed) // rule.count * rule.count - 1]
    return Reason(rule.kind, len(missed), 0, datetime.combine(last + WEEK, time(), UTC))


def reasons(
    rules: Collection[Reminder],
    given: Sequence[Given],
    asked: Collection[date],
    known_since: datetime,
    now: datetime,
) -> tuple[Reason, ...]:
    """All reasons there are, in the order of the rules; those that are off give none."""
    found = {
        Kind.UNPLEASANT: lambda rule: unpleasant(rule, given),
        Kind.LOWER: lambda rule: lower(rule, given),
        Kind.SILENT: lambda rule: silent(rule, given, asked, known_since, now),
    }
    return tuple(reason for rule in rules if rule.is_on and (reason := found[rule.kind](rule)) is not None)
