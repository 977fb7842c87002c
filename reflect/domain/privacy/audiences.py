"""To whom a check-in may be put: results that hide single answers must not be narrowed down to few people.

Two rules, for what is anonymous or shown to classmates. The students who are asked are at least k. And the same
question is not put to two sets of students within a day if subtracting one result from the other would leave the
answers of fewer than k. Both count the students that are known when it is opened.
"""

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
    asked = groups.learners_in(db, checkin.course_id, group_ids)
    if group_ids is not None and len(asked) < k:
        return "groups_too_small"
    put_to = groups.of_checkins(db, checkin.course_id)
    for earlier in checkins.ever_opened(db, checkin.course_id):
        if now - earlier.opened_at >= SAME_DAY or not _asks_the_same(earlier, checkin):
            continue
        before = [group.id for group in put_to.get(earlier.id, [])] if earlier.for_groups else None
        # To the same groups again is no other set of people, only one in which somebody may have come or gone.
        if _as_set(before) != _as_set(group_ids):
            others = groups.learners_in(db, checkin.course_id, before)
            if any(0 < len(rest) < k for rest in (asked - others, others - asked)):
                return "groups_overlap"
    return None


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


def _as_set(group_ids: Collection[int] | None) -> frozenset[int] | None:
    return None if group_ids is None else frozenset(group_ids)
