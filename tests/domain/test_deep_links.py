from datetime import timedelta

import pytest
from sqlmodel import Session

from reflect.domain import checkins, deep_links, sessions
from reflect.domain.checkins import Draft
from reflect.domain.deep_links import LINK, Choice, Wish
from reflect.domain.periods import Period
from reflect.domain.refusals import Missing, Refused
from reflect.domain.sessions import Stay, Viewer, resume
from reflect.storage.database import Database
from reflect.storage.sessions import DeepLink, end
from tests.classroom import NOW, Classroom, classroom


@pytest.fixture
def room(database: Database) -> Classroom:
    return classroom(database, 1)


def dialog(
    room: Classroom, role: str = "teacher", multiple: bool = True, lineitem: bool | None = True, types: str = LINK
) -> Viewer:
    """The teacher in a session of the content dialog."""

    def work(db: Session) -> Viewer:
        stay = Stay(room.teacher.person_id, room.course_id, role, False, "en", "")
        _, token = sessions.begin(db, stay, NOW)
        wish = Wish("https://campus.example/return", "as it came", types, multiple, lineitem)
        deep_links.begin(db, sessions.fingerprint(token), wish)
        viewer = resume(db, token, NOW)
        assert viewer
        return viewer

    return room.database.write_now(work)


def choose(room: Classroom, viewer: Viewer, *chosen: object, wants_mark: bool = False) -> Choice:
    words = [str(one) for one in chosen]
    return room.database.read_now(lambda db: deep_links.choose(db, viewer, words, wants_mark))


def test_what_the_dialog_wants_is_known_in_its_session_only(room: Classroom) -> None:
    viewer = dialog(room)
    assert room.database.read_now(lambda db: deep_links.of(db, viewer)).data == "as it came"
    assert room.database.read_now(lambda db: deep_links.find(db, room.teacher)) is None
    with pytest.raises(Refused, match="deep_link_missing"):
        room.database.read_now(lambda db: deep_links.of(db, room.teacher))


def test_it_is_forgotten_with_its_session(room: Classroom) -> None:
    viewer = dialog(room)
    room.database.write_now(lambda db: end(db, viewer.token_hash))
    assert room.database.read_now(lambda db: db.get(DeepLink, viewer.token_hash)) is None


@pytest.mark.parametrize("role", ["learner", "observer", "none"])
def test_who_may_make_no_check_ins_may_choose_none(room: Classroom, role: str) -> None:
    with pytest.raises(Refused, match="not_allowed"):
        choose(room, dialog(room, role), "home")


def test_check_ins_and_the_home_may_be_chosen(room: Classroom) -> None:
    first, second = room.open("named"), room.open("anonymous")
    viewer = dialog(room)
    choice = choose(room, viewer, first, "home", second)
    assert ({row.id for row in choice.checkins}, choice.wants_home) == ({first, second}, True)
    assert choose(room, viewer) == Choice((), False, False)


def test_one_only_where_the_platform_takes_one(room: Classroom) -> None:
    viewer = dialog(room, multiple=False)
    assert choose(room, viewer, room.open("named")).checkins
    with pytest.raises(Refused, match="deep_link_too_many"):
        choose(room, viewer, room.open("named"), "home")


def test_no_links_where_the_platform_takes_none(room: Classroom) -> None:
    viewer = dialog(room, types="html image")
    assert choose(room, viewer) == Choice((), False, False)
    with pytest.raises(Refused, match="deep_link_type"):
        choose(room, viewer, "home")


@pytest.mark.parametrize(("lineitem", "wants", "gets"), [
    (True, True, True), (None, True, True), (False, True, False), (True, False, False),
])  # fmt: skip
def test_a_mark_is_for_who_wants_and_may_have_one(
    room: Classroom, lineitem: bool | None, wants: bool, gets: bool
) -> None:
    assert choose(room, dialog(room, lineitem=lineitem), room.open("named"), wants_mark=wants).wants_mark is gets


@pytest.mark.parametrize("odd", ["0", "-1", "x", "", "home ", "²", "1" * 5000, "1.0"])
def test_what_is_none_of_the_courses_cannot_be_chosen(room: Classroom, odd: str) -> None:
    with pytest.raises(Missing):
        choose(room, dialog(room), odd)


def test_another_courses_check_in_cannot_be_chosen(room: Classroom, database: Database) -> None:
    elsewhere = classroom(database, 1).open("named")
    with pytest.raises(Missing):
        choose(room, dialog(room), elsewhere)


LATER = NOW + timedelta(days=3)
SOON = NOW + timedelta(hours=1)


def prepared(room: Classroom) -> int:
    draft = Draft.read({"question": "Ready?"})
    return room.database.write_now(lambda db: checkins.prepare(db, room.teacher, draft, 3, NOW))


def place(room: Classroom, checkin: int, available: Period | None, k: int = 4) -> None:
    choice = choose(room, dialog(room), checkin)
    room.database.write_now(lambda db: deep_links.place(db, room.teacher, choice, available, k, SOON))


@pytest.mark.parametrize("available", [None, Period(None, LATER), Period(NOW, LATER), Period(SOON, None)])
def test_what_was_only_prepared_opens_when_it_is_placed(room: Classroom, available: Period | None) -> None:
    checkin = prepared(room)
    assert room.checkin(checkin).opened_at is None
    place(room, checkin, available)
    row = room.checkin(checkin)
    assert (row.opened_at, row.opens_at, row.min_group_size) == (SOON, None, 4)


def test_what_is_to_be_seen_later_stays_shut_until_then(room: Classroom) -> None:
    checkin = prepared(room)
    place(room, checkin, Period(LATER, None))
    row = room.checkin(checkin)
    assert (row.opened_at, row.opens_at) == (None, LATER)


@pytest.mark.parametrize("available", [None, Period(LATER, None)])
def test_what_is_open_stays_as_it_is(room: Classroom, available: Period | None) -> None:
    checkin = room.open("named")
    before = room.checkin(checkin)
    place(room, checkin, available, k=5)
    assert room.checkin(checkin) == before
