"""From answers to what may be shown of them: for staff, and for classmates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from reflect.domain import forms
from reflect.domain.capabilities import Capability
from reflect.domain.privacy import release
from reflect.domain.sessions import Viewer
from reflect.storage import answers, awaited, class_totals, texts


@dataclass(frozen=True, slots=True)
class Bar:
    """One choice of a result by its key: how many made it, and their share (0 to 1) of the answers shown."""

    choice: str
    count: int
    share: float


@dataclass(frozen=True, slots=True)
class NamedAnswer:
    """Who chose what, with their own word and note (empty if none), in a named check-in; only ever for staff."""

    person_id: int
    sub: str
    name: str
    choice: str
    word: str
    note: str
    answered_at: datetime
    changed_at: datetime
    """When it was last given anew."""


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
    """In the form's own order where it has one, else the most frequent first; `skip` last."""
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
    words: tuple[str, ...] = ()
    """Own words of an anonymous check-in, in no order; only ever for staff."""
    notes: tuple[str, ...] = ()
    """Notes of an anonymous check-in, in no order; only ever for staff."""


def for_staff(db: Session, viewer: Viewer, checkin: Any) -> Results:
    """The teacher's view: exact and with names where the check-in is named, the released state where it is not."""
    viewer.must(Capability.SEE_RESULTS)
    totals = answers.tally(db, checkin.id)
    if checkin.is_anonymous:
        # Of an imported one nobody is known who took part.
        answered = sum(totals.values()) if checkin.import_key else answers.participants(db, checkin.id)
        found = _of(checkin, totals, answered, checkin.withheld)
        return with_texts(found, texts.of_checkin(db, checkin.id))
    people = tuple(
        NamedAnswer(
            row.id, row.sub, row.name, row.choice, row.word or "", row.note or "", row.answered_at, row.changed_at
        )
        for row in answers.named(db, checkin.id)
    )
    # Whoever is in the course today was not asked what was imported.
    waiting = () if checkin.import_key else awaited.of_checkin(db, checkin.course_id, checkin.id)
    missing = tuple(Awaited(row.sub, row.name) for row in waiting)
    return replace(_of(checkin, totals, len(people), 0), people=people, awaited=missing)


def for_class(db: Session, checkin: Any) -> Results | None:
    """What classmates may see (never a text), or None where nothing is shared or nothing may be shown yet."""
    if not checkin.shared_with_class:
        return None
    totals = answers.tally(db, checkin.id) if checkin.is_anonymous else class_totals.of_checkin(db, checkin.id)
    return _of(checkin, totals, sum(totals.values()), 0) if totals else None


def with_texts(found: Results, written: Sequence[Any]) -> Results:
    """Results with the texts (kind, text) that were released beside them; only ever for staff."""
    return replace(
        found,
        words=tuple(row.text for row in written if row.kind == texts.Kind.WORD),
        notes=tuple(row.text for row in written if row.kind == texts.Kind.NOTE),
    )


def of_totals(checkin: Any, totals: Mapping[str, int], answered: int, withheld: int = 0) -> Results:
    """Results of totals as they were released, softened batch by batch."""
    return _of(checkin, totals, answered, withheld)


def _of(checkin: Any, totals: Mapping[str, int], answered: int, withheld: int) -> Results:
    said = {key: count for key, count in totals.items() if key != release.UNSAID}
    shown, unsaid = sum(said.values()), totals.get(release.UNSAID, 0)
    return Results(
        answered=answered,
        bars=tuple(Bar(key, said.get(key, 0), said.get(key, 0) / (shown + unsaid)) for key in _in_order(checkin, said)),
        shown=shown,
        unsaid=unsaid,
        waiting=answered - shown - unsaid - withheld,
        withheld=withheld,
        is_nearly_everyone=release.is_nearly_everyone(totals),
        people=(),
    )


def _in_order(checkin: Any, said: Mapping[str, int]) -> list[str]:
    form = forms.of(checkin)
    if form.is_ordered and said:
        own = [option.key for option in form.options]
    else:
        own = sorted(said.keys() - {forms.SKIP}, key=lambda key: (-said[key], key))
    return [*own, forms.SKIP] if forms.SKIP in said else own
