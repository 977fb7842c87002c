"""To whom a check-in may be put: never so that few people's answers stand alone, nor by subtracting two results."""

from collections import Counter
from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import event, given
from hypothesis import strategies as st
from sqlmodel import Session

from reflect.domain import checkins, openings
from reflect.domain.checkins import GROUP, Draft
from reflect.domain.refusals import FormRefused, Refused
from reflect.storage import checkins as storage
from reflect.storage import groups
from reflect.storage.checkins import Checkin
from reflect.storage.database import Database
from tests.classroom import NOW, QUESTION, Classroom, classroom
from tests.domain.privacy.test_attacker import moderately
from tests.storage.behind import Job, one_behind_another
from tests.storage.test_groups import leave


@pytest.fixture
def room(database: Database) -> Classroom:
    return classroom(database, 8)


def fault(room: Classroom, *groups: int, k: int = 3, **form: object) -> str:
    """The code at the form's groups, or "" if it opened."""
    try:
        room.open(groups=groups, k=k, **form)  # type: ignore[arg-type]
    except FormRefused as refusal:
        assert set(refusal.errors) == {"groups"}
        return refusal.errors["groups"]
    return ""


def test_groups_of_fewer_than_k_students_are_not_asked_anonymously(room: Classroom) -> None:
    two, three = room.group("1", *room.students[:2]), room.group("2", *room.students[:3])
    for shared in (True, False):
        assert fault(room, two, shared_with_class=shared) == "groups_too_small"
    assert fault(room, two, anonymity="named", shared_with_class=True) == "groups_too_small"
    assert fault(room, two, anonymity="named", shared_with_class=False) == ""
    assert fault(room, three) == ""


def test_the_union_counts_and_everybody_in_it_once(room: Classroom) -> None:
    first, same = room.group("1", *room.students[:2]), room.group("2", *room.students[:2])
    other = room.group("3", *room.students[1:3])
    assert fault(room, first, same) == "groups_too_small"
    assert fault(room, first, other) == ""


def test_staff_test_users_and_who_left_do_not_fill_a_group(room: Classroom) -> None:
    group = room.group("1", *room.students[:3], room.teacher)
    leave(room, 0, is_active=False)
    assert fault(room, group) == "groups_too_small"
    leave(room, 0, is_active=True, is_test_user=True)
    assert fault(room, group) == "groups_too_small"


def test_a_group_of_another_course_cannot_be_asked(room: Classroom, database: Database) -> None:
    other = classroom(database, 4)
    assert fault(room, other.group("1", *other.students), anonymity="named") == "choose"
    assert fault(room, 999_999, anonymity="named") == "choose"


@pytest.mark.parametrize("size", [1, 2])
@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("anonymity", ["anonymous", "named"])
def test_two_results_of_one_day_cannot_be_subtracted_down_to_few(
    room: Classroom, size: int, order: int, anonymity: str
) -> None:
    """`named` is shared with classmates here: they could subtract too."""
    small, large = room.group("1", *room.students[: 5 - size]), room.group("2", *room.students[:5])
    first, second = (small, large)[::order]
    assert fault(room, first, anonymity=anonymity) == ""
    assert fault(room, second, anonymity=anonymity, question=QUESTION.upper().rstrip("?")) == "groups_overlap"
    assert fault(room, second, anonymity="named", shared_with_class=False) == ""
    assert fault(room, second, anonymity=anonymity, question="Something else?") == ""
    assert fault(room, second, anonymity=anonymity, now=NOW + timedelta(days=1)) == ""


def test_all_but_one_and_then_everyone_is_refused_and_the_other_way_round(room: Classroom) -> None:
    most = room.group("1", *room.students[:-1])
    assert fault(room, most) == ""
    assert fault(room) == "groups_overlap"
    assert fault(room, question="Another?") == ""
    assert fault(room, most, question="Another?") == "groups_overlap"


def test_groups_that_differ_by_enough_or_not_at_all_are_fine(room: Classroom) -> None:
    left, right = room.group("1", *room.students[:4]), room.group("2", *room.students[4:])
    assert fault(room, left) == fault(room, right) == fault(room) == fault(room, left, right) == ""


def test_sums_of_results_leave_nobody_alone_whom_each_pair_would_hide(database: Database) -> None:
    """A and B share one student; their sum, less everyone's, is that student's answer."""
    room = classroom(database, 11)
    one, other = room.group("1", *room.students[:6]), room.group("2", *room.students[5:])
    for order in permutations([(one,), (other,), ()]):
        question = f"Asked of {order}?"
        assert [fault(room, *groups, k=5, question=question) for groups in order].count("groups_overlap") == 1
        assert_cells_hold(room, question, 5)


@moderately
@given(
    k=st.integers(3, 4),
    members=st.lists(st.sets(st.integers(0, 11)), min_size=1, max_size=4),
    asked=st.lists(st.sets(st.integers(0, 3)), min_size=1, max_size=6),
)
def test_no_sum_or_difference_of_results_is_about_few(
    database: Database, k: int, members: list[set[int]], asked: list[set[int]]
) -> None:
    """Whatever groups are asked in whatever order: with all that was opened any student is one of k who are in
    exactly the same results, and no arithmetic on these tells the k apart."""
    room = classroom(database, 12)
    ids = [room.group(str(number), *(room.students[it] for it in of)) for number, of in enumerate(members)]
    for numbers in asked:
        groups = [ids[number] for number in sorted(numbers) if number < len(ids)]
        if fault(room, *groups, k=k) == "":
            event("opened")
    assert_cells_hold(room, QUESTION, k)


def assert_cells_hold(room: Classroom, question: str, k: int) -> None:
    def work(db: Session) -> list[frozenset[int]]:
        opened = [row for row in storage.ever_opened(db, room.course_id) if row.question == question]
        put_to = groups.of_checkins(db, room.course_id)
        return [
            groups.learners_in(db, room.course_id, [it.id for it in put_to[row.id]] if row.for_groups else None)
            for row in opened
        ]

    audiences = room.database.read_now(work)
    cells = Counter(
        tuple(student.person_id in audience for audience in audiences)
        for student in room.students
        if any(student.person_id in audience for audience in audiences)
    )
    assert min(cells.values(), default=k) >= k


def test_the_same_groups_may_be_asked_again_though_somebody_came(room: Classroom) -> None:
    group = room.group("1", *room.students[:4])
    assert fault(room, group) == ""
    room.group("1", room.students[4])
    assert fault(room, group) == ""


def test_a_prepared_check_in_is_not_opened_where_that_would_single_somebody_out(room: Classroom) -> None:
    most = room.group("1", *room.students[:-1])
    assert fault(room, most) == ""
    copy = Checkin(
        course_id=room.course_id, question=QUESTION, form="words_core", is_anonymous=True, release="at_close",
        shared_with_class=False, min_group_size=9,
    )  # fmt: skip
    room.database.write_now(lambda db: db.add(copy))
    assert copy.id is not None
    number = copy.id

    def opened(days: int) -> None:
        now = NOW + timedelta(days=days)
        room.database.write_now(lambda db: checkins.open_prepared(db, room.teacher, number, 3, now))

    with pytest.raises(Refused, match="groups_overlap"):
        opened(0)
    assert room.checkin(number).opened_at is None
    opened(1)
    opened(1)


def test_what_would_single_somebody_out_does_not_open_by_itself_either(room: Classroom) -> None:
    most = room.group("1", *room.students[:-1])
    draft = Draft.read({"question": QUESTION, "anonymity": "anonymous"} | {f"{GROUP}{most}": "on"})
    harmless = Draft.read({"question": "Something else?", "anonymity": "anonymous"})
    everyone = Draft.read({"question": QUESTION, "anonymity": "anonymous"})
    numbers = [
        room.database.write_now(lambda db, it=it: checkins.prepare(db, room.teacher, it, 3, NOW))  # type: ignore[misc]
        for it in (draft, harmless, everyone)
    ]
    for number in numbers:
        room.database.write_now(lambda db, it=number: storage.set_opening(db, it, NOW))  # type: ignore[misc]
    assert room.database.write_now(lambda db: openings.open_due(db, 3, NOW)) == 2
    assert [room.checkin(number).opened_at is None for number in numbers] == [False, False, True]
    assert room.checkin(numbers[2]).opens_at is None


def test_of_two_that_overlap_and_open_in_the_same_instant_one_is_refused(
    two_workers: tuple[Database, Database],
) -> None:
    """On PostgreSQL two workers write at once, and neither sees what the other has not committed."""
    here, there = two_workers
    room = classroom(here, 8)
    most = room.group("1", *room.students[:-1])
    everyone = {"question": QUESTION, "anonymity": "anonymous"}

    def opening(fields: dict[str, str]) -> Job:
        return lambda db: checkins.open(db, room.teacher, Draft.read(fields), 3, NOW)

    with pytest.raises(FormRefused) as refusal:
        one_behind_another(here, there, opening(everyone), opening(everyone | {f"{GROUP}{most}": "on"}))
    assert refusal.value.errors == {"groups": "groups_overlap"}
