from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from reflect.domain import sessions, windows
from reflect.domain.refusals import Refused
from reflect.domain.sessions import IDLE, LONGEST, Stay, Viewer, fingerprint
from reflect.domain.windows import LIFETIME, Handover
from reflect.storage import sessions as stored
from reflect.storage.database import Database
from reflect.storage.sessions import LaunchSession, UsedState
from tests.classroom import NOW, Classroom, classroom

PLACE = "/checkins/1/presentations"


def begun(room: Classroom, role: str = "teacher", is_preview: bool = False) -> Viewer:
    """The teacher in a live session."""
    stay = Stay(room.teacher.person_id, room.course_id, role, is_preview, "de", "https://campus.example")
    _, token = room.database.write_now(lambda db: sessions.begin(db, stay, NOW))
    viewer = room.database.read_now(lambda db: sessions.resume(db, token, NOW))
    assert viewer
    return viewer


def opened(database: Database, handover: Handover, now: timedelta = timedelta()) -> Viewer:
    """The viewer in the new window."""
    _, token = database.write_now(lambda db: windows.open(db, handover, NOW + now))
    viewer = database.read_now(lambda db: sessions.resume(db, token, NOW + now))
    assert viewer
    return viewer


@pytest.mark.parametrize(("role", "is_preview"), [("teacher", False), ("assistant", False), ("learner", True)])
def test_the_window_has_the_same_viewer_in_a_session_of_its_own(
    database: Database, role: str, is_preview: bool
) -> None:
    viewer = begun(classroom(database, 1), role, is_preview)
    found = opened(database, Handover.of(viewer, PLACE))
    assert found.token_hash != viewer.token_hash and found.tab != viewer.tab
    assert replace(found, token_hash=viewer.token_hash, tab=viewer.tab) == viewer


def test_no_window_lasts_longer_than_the_session_it_came_from(database: Database) -> None:
    viewer = begun(classroom(database, 1))
    late = LONGEST - timedelta(minutes=1)
    database.write_now(lambda db: stored.mark_seen(db, viewer.token_hash, NOW + late))
    second = opened(database, Handover.of(viewer, PLACE), late)
    third = opened(database, Handover.of(second, PLACE), late)
    rows = database.read_now(lambda db: db.exec(select(LaunchSession)).all())
    assert len(rows) == 3 and {row.expires_at for row in rows} == {NOW + LONGEST}
    with pytest.raises(Refused, match="session_missing"):
        opened(database, Handover.of(third, PLACE), LONGEST)


def test_a_handover_opens_one_window(database: Database) -> None:
    handover = Handover.of(begun(classroom(database, 1)), PLACE)
    opened(database, handover)
    for _ in range(2):
        with pytest.raises(Refused, match="window_used"):
            opened(database, handover)
    assert len(database.read_now(lambda db: db.exec(select(LaunchSession)).all())) == 2


def test_it_is_known_as_used_for_as_long_as_it_could_come_again(database: Database) -> None:
    opened(database, Handover.of(begun(classroom(database, 1)), PLACE))
    used = database.read_now(lambda db: db.exec(select(UsedState)).one())
    assert used.expires_at == NOW + LIFETIME


def test_nothing_opens_from_a_session_that_is_over(database: Database) -> None:
    viewer = begun(classroom(database, 1))
    for now in (IDLE, LONGEST, LONGEST * 2):
        with pytest.raises(Refused, match="session_missing"):
            opened(database, Handover.of(viewer, PLACE), now)
    database.write_now(lambda db: stored.end(db, viewer.token_hash))
    with pytest.raises(Refused, match="session_missing"):
        opened(database, Handover.of(viewer, PLACE))
    assert database.read_now(lambda db: db.exec(select(LaunchSession)).all()) == []


def test_leaving_one_does_not_end_the_other(database: Database) -> None:
    viewer = begun(classroom(database, 1))
    found = opened(database, Handover.of(viewer, PLACE))
    database.write_now(lambda db: stored.end(db, viewer.token_hash))
    assert database.read_now(lambda db: stored.find(db, found.token_hash))


def test_a_fingerprint_of_nothing_opens_nothing(database: Database) -> None:
    classroom(database, 1)
    with pytest.raises(Refused, match="session_missing"):
        opened(database, Handover("0" * 32, fingerprint("no such").hex(), PLACE))
