from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from reflect.domain.privacy.follow_ups import FollowUps, are_to_be_withdrawn, follow_ups
from tests.classroom import NOW


@dataclass
class Asked:
    student_id: int
    sent_at: datetime = NOW
    seen_at: datetime | None = None
    closed_at: datetime | None = None


def seen(student: int, hours: float) -> Asked:
    return Asked(student, seen_at=NOW + timedelta(hours=hours))


def test_fewer_than_k_students_are_told_of_in_no_way() -> None:
    assert follow_ups([Asked(1), Asked(2), Asked(2), Asked(2), Asked(1)], 3) is None
    assert follow_ups([Asked(1), Asked(2), Asked(3)], 3) == FollowUps(3, 3, 3, 0, None)


def test_requests_are_counted_by_what_became_of_them() -> None:
    closed = Asked(4, closed_at=NOW)
    assert follow_ups([seen(1, 1), seen(2, 2), seen(3, 6), closed, Asked(1)], 3) == FollowUps(5, 4, 1, 1, 120)


@pytest.mark.parametrize(("count", "expected"), [(2, None), (3, 60)])
def test_no_median_is_made_of_fewer_than_k(count: int, expected: int | None) -> None:
    found = follow_ups([*(seen(student, 1) for student in range(count)), Asked(7), Asked(8), Asked(9)], 3)
    assert found and found.median_minutes == expected


@pytest.mark.parametrize(
    ("students", "left", "expected"),
    [(9, 9, False), (9, 5, False), (9, 4, True), (6, 5, False), (6, 4, True), (20, 16, False), (20, 15, True)],
)
def test_figures_go_as_a_whole_or_not_at_all(students: int, left: int, expected: bool) -> None:
    assert are_to_be_withdrawn(students, left, 5) is expected
