from dataclasses import replace
from datetime import datetime

import pytest
from sqlmodel import Session, select

from reflect.domain import services
from reflect.domain.gradebooks import MAKING, PLACING, ask_for_columns
from reflect.domain.services import SCOPES_OF_A_COLUMN, Services, has_gradebook
from reflect.storage.checkins import Checkin, set_closed
from reflect.storage.database import Database
from reflect.storage.services import CourseService, LineItem, Score, checkin_of_column, services_of
from tests.classroom import NOW, Classroom, classroom

TOLD = Services("https://campus.example/members", "https://campus.example/items?type_id=1", None, "a b")
COLUMN = "https://campus.example/items/7/lineitem?type_id=1"


@pytest.fixture
def room(database: Database) -> Classroom:
    return classroom(database, 2)


def told(
    room: Classroom, said: Services = TOLD, checkin_id: int | None = None, link_id: int | None = 1
) -> CourseService:
    """A launch says so, of a link that is known or (None) not yet; what is known then."""

    def work(db: Session) -> None:
        # A course without services is known as a row of nothing, as of an outer join.
        known = services_of(db, room.course_id)
        services.remember(db, room.course_id, checkin_id, said, Known(known, link_id), NOW)

    room.database.write_now(work)
    return room.database.read_now(lambda db: db.get_one(CourseService, room.course_id))


class Known:
    """What a launch has read of the course's services already."""

    def __init__(self, row: object, link_id: int | None) -> None:
        self.link_id = link_id
        self.service_id = getattr(row, "course_id", None)
        for name in ("memberships_url", "lineitems_url", "ags_scopes", "groups_url"):
            setattr(self, name, getattr(row, name, None))


def test_the_newest_launch_says_where_roster_and_gradebook_are(room: Classroom) -> None:
    assert told(room).lineitems_url == TOLD.lineitems_url
    moved = told(room, replace(TOLD, memberships_url="https://campus.example/new", ags_scopes="a"))
    assert (moved.memberships_url, moved.ags_scopes) == ("https://campus.example/new", "a")


def test_where_the_groups_are_comes_and_goes_with_the_launches(room: Classroom) -> None:
    assert told(room).groups_url is None
    assert told(room, replace(TOLD, groups_url="https://campus.example/groups")).groups_url
    assert told(room).groups_url is None


def test_when_the_roster_was_fetched_is_not_forgotten_by_a_launch(room: Classroom) -> None:
    told(room)

    def fetched(db: Session) -> None:
        db.get_one(CourseService, room.course_id).roster_fetched_at = NOW

    room.database.write_now(fetched)
    assert told(room, replace(TOLD, ags_scopes="a")).roster_fetched_at == NOW


def test_a_course_has_a_gradebook_once_a_launch_said_so(room: Classroom) -> None:
    assert not room.database.read_now(lambda db: has_gradebook(db, room.course_id))
    told(room, replace(TOLD, lineitems_url=None))
    assert not room.database.read_now(lambda db: has_gradebook(db, room.course_id))
    told(room, replace(TOLD, ags_scopes=" ".join([*SCOPES_OF_A_COLUMN, "a"])))
    assert room.database.read_now(lambda db: has_gradebook(db, room.course_id))


@pytest.mark.parametrize("missing", sorted(SCOPES_OF_A_COLUMN))
def test_a_gradebook_that_lets_us_make_or_fill_no_column_is_none(room: Classroom, missing: str) -> None:
    told(room, replace(TOLD, ags_scopes=" ".join([*SCOPES_OF_A_COLUMN - {missing}, f"{missing}.readonly"])))
    assert not room.database.read_now(lambda db: has_gradebook(db, room.course_id))


def test_a_graded_link_tells_its_column_and_the_first_one_stays(room: Classroom) -> None:
    checkin = room.open("named")
    for url in (COLUMN, COLUMN, COLUMN.replace("7", "8")):
        told(room, replace(TOLD, lineitem_url=url), checkin)
        column = room.database.read_now(lambda db: db.get_one(LineItem, checkin))
        assert column.url == COLUMN
    assert room.database.read_now(lambda db: db.get_one(Checkin, checkin)).gives_mark


@pytest.mark.parametrize(("said", "link_id", "until"), [
    (TOLD, None, NOW + MAKING), (TOLD, 1, NOW + PLACING), (replace(TOLD, lineitem_url=COLUMN), 1, None),
])  # fmt: skip
def test_a_column_is_left_to_the_platform_until_the_link_that_asks_for_it_is_there(
    room: Classroom, said: Services, link_id: int | None, until: datetime | None
) -> None:
    checkin = room.open("named")
    room.database.write_now(lambda db: ask_for_columns(db, [checkin], NOW))
    told(room, said, checkin, link_id)
    assert room.database.read_now(lambda db: db.get_one(LineItem, checkin)).held_until == until


def test_a_column_without_a_check_in_is_nobodys(room: Classroom) -> None:
    told(room, replace(TOLD, lineitem_url=COLUMN))
    assert room.database.read_now(lambda db: db.exec(select(LineItem)).all()) == []


@pytest.mark.parametrize(("anonymity", "is_closed", "marks"), [
    ("named", False, 1), ("anonymous", False, 0), ("anonymous", True, 1),
])  # fmt: skip
def test_who_has_answered_before_the_column_was_known_is_marked_as_the_check_in_allows(
    room: Classroom, anonymity: str, is_closed: bool, marks: int
) -> None:
    checkin = room.open(anonymity)
    room.answer(room.students[0], checkin, "calm")
    if is_closed:
        room.database.write_now(lambda db: set_closed(db, checkin, NOW, 0))
    told(room, replace(TOLD, lineitem_url=COLUMN), checkin)
    assert len(room.database.read_now(lambda db: db.exec(select(Score)).all())) == marks


def test_a_check_in_is_found_by_its_column_in_its_own_course(room: Classroom, database: Database) -> None:
    checkin = room.open("named")
    told(room, replace(TOLD, lineitem_url=COLUMN), checkin)
    other = classroom(database, 1)
    look = room.database.read_now
    assert look(lambda db: checkin_of_column(db, room.course_id, COLUMN)) == checkin
    assert look(lambda db: checkin_of_column(db, other.course_id, COLUMN)) is None
    assert look(lambda db: checkin_of_column(db, room.course_id, COLUMN + "x")) is None
