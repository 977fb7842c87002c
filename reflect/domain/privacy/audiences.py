"""To whom a check-in may be put: results that hide single answers must not be narrowed down to few people.

Two rules, for what is anonymous or shown to classmates. The students who are asked are at least k. And the sets of
students to which the same question is put within a day part those who are in any of them into cells (who is in exactly
the same sets); no cell has fewer than k. Every sum and difference of results is made of whole cells, so that none
leaves the answers of fewer. Both rules count the students that are known when it is opened.
"""

from collections import Counter
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from reflect.domain.refusals import FormRefused
from reflect.storage import checkins, courses, groups

SAME_DAY = timedelta(days=1)
"""For so long the same person would probably answer the same question alike."""


def fault_of(db: Session, checkin: Any, group_ids: Collection[int] | None, k: int, now: datetime) -> str | None:
    """Why a check-in must not be opened for these groups (None: for everyone): `groups_too_small`,
    `groups_overlap`, or None if it may. Until commit nobody else opens any such check-in in the course: two that are
    opened in the same instant would not see each other."""
    if not _hides_single_answers(checkin):
        return None
    courses.hold(db, checkin.course_id)
    students = groups.groups_of_learners(db, checkin.course_id)
    asked = _as_set(group_ids)
    if asked is not None and sum(_are_asked(of, asked) for of in students.values()) < k:
        return "groups_too_small"
    put_to = groups.of_checkins(db, checkin.course_id)
    # To the same groups again is no other set of people, only one in which somebody may have come or gone.
    audiences = {asked} | {
        frozenset(group.id for group in put_to.get(earlier.id, [])) if earlier.for_groups else None
        for earlier in checkins.ever_opened(db, checkin.course_id)
        if now - earlier.opened_at < SAME_DAY and _asks_the_same(earlier, checkin)
    }
    if len(audiences) == 1:
        return None
    cells = Counter(frozenset(one for one in audiences if _are_asked(of, one)) for of in students.values())
    return "groups_overlap" if any(cell and count < k for cell, count in cells.items()) else None


def standing_fault(db: Session, checkin: Any, k: int, now: datetime) -> str | None:
    """Why a prepared check-in must not be opened now for those it is to be put to; None if it may."""
    asked = groups.of_checkins(db, checkin.course_id).get(checkin.id, []) if checkin.for_groups else None
    return fault_of(db, checkin, None if asked is None else [group.id for group in asked], k, now)


def refuse(db: Session, checkin: Any, group_ids: frozenset[int], now: datetime) -> None:
    """Raise FormRefused with `groups`: `choose` for a group of another course, or what `fault_of` finds."""
    if not group_ids.issubset(group.id for group in groups.of_course(db, checkin.course_id)):
        raise FormRefused({"groups": "choose"})
    if (fault := fault_of(db, checkin, group_ids or None, checkin.min_group_size, now)) is not None:
        raise FormRefused({"groups": fault})


def _hides_single_answers(checkin: Any) -> bool:
    return bool(checkin.is_anonymous or checkin.shared_with_class)


def _asks_the_same(one: Any, other: Any) -> bool:
    return _hides_single_answers(one) and _letters(one.question) == _letters(other.question)


def _letters(question: str) -> str:
    return "".join(letter for letter in question.casefold() if letter.isalnum())


def _are_asked(group_ids: Collection[int], audience: frozenset[int] | None) -> bool:
    """Whether who is in these groups is in an audience."""
    return audience is None or not audience.isdisjoint(group_ids)


def _as_set(group_ids: Collection[int] | None) -> frozenset[int] | None:
    return None if group_ids is None else frozenset(group_ids)
