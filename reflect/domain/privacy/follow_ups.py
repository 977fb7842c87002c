"""When figures of how requests to talk were followed up may be read, and what they are. Pure.

As anonymous answers are released in batches, requests are told of in periods: whole weeks that are over, as many as it
takes until k different students have asked. Written once; what is asked, seen or closed later changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Protocol


class Request(Protocol):
    """What is looked at of a request: nothing of what it says, of the course, or of the adult."""

    student_id: int
    sent_at: datetime
    seen_at: datetime | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class FollowUps:
    """Figures of a process, not of people; `median_minutes` is None where fewer than k were seen."""

    asked: int
    students: int
    waiting: int
    closed: int
    median_minutes: int | None


def follow_ups(requests: Sequence[Request], k: int) -> FollowUps | None:
    """The figures of a period; None while fewer than k students asked in it."""
    students = len({request.student_id for request in requests})
    if students < k:
        return None
    seen = [(request.seen_at - request.sent_at).total_seconds() / 60 for request in requests if request.seen_at]
    return FollowUps(
        asked=len(requests),
        students=students,
        waiting=sum(request.seen_at is None and request.closed_at is None for request in requests),
        closed=sum(request.closed_at is not None for request in requests),
        median_minutes=round(median(seen)) if len(seen) >= k else None,
    )


def are_to_be_withdrawn(students: int, left: int, k: int) -> bool:
    """Whether figures go as a whole: too few of the students they were made of are left, or k of them are gone."""
    return left < k or students - left >= k
