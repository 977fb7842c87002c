"""Check-ins that ask the same again: a series, or one question put several times."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Thread:
    """What was asked again and again; `key` names it in addresses."""

    key: str
    newest: Any
    """The check-in that was opened last, for the words of the question."""
    checkin_ids: frozenset[int]

    @property
    def is_series(self) -> bool:
        """Whether it goes by a rule."""
        return self.newest.series_id is not None


def threads(checkins: Iterable[Any]) -> tuple[Thread, ...]:
    """The threads of check-ins, given oldest first; the one that was put last comes first."""
    found: dict[object, list[Any]] = {}
    for checkin in checkins:
        found.setdefault(_identity(checkin), []).append(checkin)
    many = [Thread(_key(members[0]), members[-1], frozenset(one.id for one in members)) for members in found.values()]
    return tuple(sorted(many, key=lambda one: (one.newest.opened_at, one.newest.id), reverse=True))


def by_checkin(found: Iterable[Thread]) -> Mapping[int, Thread]:
    """The thread of each check-in."""
    return {checkin_id: thread for thread in found for checkin_id in thread.checkin_ids}


def _identity(checkin: Any) -> object:
    """A library question is the same in whatever words; any other by its own."""
    return checkin.series_id or (checkin.question_key or "", "" if checkin.question_key else checkin.question)


def _key(first: Any) -> str:
    """Of a series by its number, of a question by the number of the check-in that put it first."""
    return f"series-{first.series_id}" if first.series_id else f"question-{first.id}"
