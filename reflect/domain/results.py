"""From answers to what may be shown of them: for staff, and for classmates."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlmodel import Session

from reflect.domain.capabilities import Capability
from reflect.domain.emotions import EMOTIONS, Emotion
from reflect.domain.privacy import release
from reflect.domain.sessions import Viewer
from reflect.storage import answers, awaited


@dataclass(frozen=True, slots=True)
class Bar:
    """One emotion of a result: how many chose it, and their share (0 to 1) of the answers shown."""

    emotion: Emotion
    count: int
    share: float


@dataclass(frozen=True, slots=True)
class NamedAnswer:
    """Who chose what, in a named check-in; only ever for staff."""

    person_id: int
    sub: str
    name: str
    emotion: Emotion


@dataclass(frozen=True, slots=True)
class Awaited:
    """A student who has not answered a named check-in yet."""

    sub: str
    name: str


@dataclass(frozen=True, slots=True)
class Results:
    """What a reader may see of a check-in now."""

    answered: int
    """How many have answered, shown or not."""
    bars: tuple[Bar, ...]
    shown: int
    unsaid: int
    """Released answers that are set aside so that no single one is certain."""
    waiting: int
    """Answers that wait for the next step, or for the close."""
    withheld: int
    """Answers destroyed at close because they were too few."""
    is_nearly_everyone: bool
    people: tuple[NamedAnswer, ...]
    awaited: tuple[Awaited, ...] = ()


def for_staff(db: Session, viewer: Viewer, checkin: Any) -> Results:
    """The teacher's view: exact and with names where the check-in is named, the released state where it is not."""
    viewer.must(Capability.SEE_RESULTS)
    totals = answers.tally(db, checkin.id)
    if checkin.is_anonymous:
        return _of(totals, answers.participants(db, checkin.id), checkin.withheld)
    people = tuple(
        NamedAnswer(row.id, row.sub, row.name, EMOTIONS[row.emotion]) for row in answers.named(db, checkin.id)
    )
    missing = tuple(Awaited(row.sub, row.name) for row in awaited.of_checkin(db, checkin.course_id, checkin.id))
    return replace(_of(totals, len(people), 0, people), awaited=missing)


def for_class(db: Session, checkin: Any) -> Results | None:
    """What classmates may see, or None where nothing is shared or nothing may be shown yet."""
    if not checkin.shared_with_class:
        return None
    totals = answers.tally(db, checkin.id) if checkin.is_anonymous else answers.class_total(db, checkin.id)
    return _of(totals, sum(totals.values()), 0) if totals else None


def of_totals(totals: Mapping[str, int], answered: int, withheld: int = 0) -> Results:
    """Results of totals as they were released, softened batch by batch."""
    return _of(totals, answered, withheld)


def _of(totals: Mapping[str, int], answered: int, withheld: int, people: tuple[NamedAnswer, ...] = ()) -> Results:
    said = {EMOTIONS[key]: count for key, count in totals.items() if key != release.UNSAID}
    shown, unsaid = sum(said.values()), totals.get(release.UNSAID, 0)
    order = sorted(said, key=lambda emotion: (-said[emotion], emotion.key))
    return Results(
        answered=answered,
        bars=tuple(Bar(emotion, said[emotion], said[emotion] / (shown + unsaid)) for emotion in order),
        shown=shown,
        unsaid=unsaid,
        waiting=answered - shown - unsaid - withheld,
        withheld=withheld,
        is_nearly_everyone=release.is_nearly_everyone(totals),
        people=people,
    )
