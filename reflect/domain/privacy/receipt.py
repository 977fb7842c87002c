"""The receipt before answering: who was asked, who will see it, what classmates see, and until when it is kept."""

from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from reflect.domain import forms
from reflect.domain.capabilities import STAFF
from reflect.storage import groups, people


@dataclass(frozen=True, slots=True)
class Reader:
    """Someone who may see the answer, by name or by the end of an unnamed identity."""

    sub: str
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class Group:
    """A group that was asked; its name may be empty."""

    lti_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """The facts of the receipt, computed from the live roster and the check-in's own promises."""

    is_anonymous: bool
    readers: tuple[Reader, ...]
    """Staff who see a named answer with the name, or an anonymous result without any."""
    release: str
    min_group_size: int
    shared_with_class: bool
    retention_days: int
    asks_note: bool = False
    offers_word: bool = False
    """Whether a word of one's own may be the answer."""
    groups: tuple[Group, ...] = ()
    """Those that alone were asked; none where everyone was."""
    weekly_totals_from: int = 0
    """Leaders of the institution may come to see weekly totals of a course of at least so many people. Always said:
    a week is published whether or not anybody is a leader yet. 0 for guests, who are counted in none."""
    is_exported: bool = False
    """Whether the institution's data warehouse gets a named answer and whose it is."""
    gives_mark: bool = False
    """Whether the platform is told by name who took part."""
    is_guest: bool = False
    """Whether it is for somebody whose launch named nobody: among the guests, and in no total of the class."""


def write(db: Session, checkin: Any, retention_days: int, *, is_guest: bool = False) -> Receipt:
    """The receipt of a check-in as things stand now, for a student or for a guest by launch."""
    readers = tuple(Reader(row.sub, row.name, row.role) for row in people.staff_of(db, checkin.course_id))
    assert all(reader.role in STAFF for reader in readers)
    return Receipt(
        is_anonymous=bool(checkin.is_anonymous),
        readers=readers,
        release=checkin.release,
        min_group_size=checkin.min_group_size,
        shared_with_class=bool(checkin.shared_with_class),
        retention_days=retention_days,
        asks_note=bool(checkin.asks_note),
        offers_word=forms.of(checkin).offers_other_word,
        is_exported=bool(checkin.is_exported) and not checkin.is_anonymous,
        gives_mark=bool(checkin.gives_mark) and not is_guest,
        groups=_groups(db, checkin) if checkin.for_groups else (),
        # Whatever the setting is when the week is published, it is never less than what was promised here.
        weekly_totals_from=0 if is_guest else checkin.min_group_size,
        is_guest=is_guest,
    )


def _groups(db: Session, checkin: Any) -> tuple[Group, ...]:
    rows = groups.of_checkins(db, checkin.course_id).get(checkin.id, [])
    return tuple(Group(row.lti_id, row.name) for row in rows)
