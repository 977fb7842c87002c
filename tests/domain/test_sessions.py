from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, select

from reflect.domain import looks, registrations, sessions
from reflect.domain.capabilities import Capability
from reflect.domain.refusals import Refused
from reflect.domain.sessions import IDLE, LONGEST, SEEN_AGAIN_AFTER, Stay, Viewer, fingerprint
from reflect.storage import people
from reflect.storage import sessions as stored
from reflect.storage.database import Database
from reflect.storage.people import Enrolment
from reflect.storage.registrations import Registration
from reflect.storage.sessions import LaunchSession
from tests.classroom import NOW, Classroom, classroom, viewer_of

MOMENT = timedelta(microseconds=1)


def begin(room: Classroom, now: datetime = NOW, **changes: object) -> tuple[str, str]:
    stay = Stay(room.students[0].person_id, room.course_id, "learner", False, "de", "https://campus.example")
    return room.database.write_now(lambda db: sessions.begin(db, replace(stay, **changes), now))  # type: ignore[arg-type]


def resume(database: Database, token: str, now: datetime = NOW) -> Viewer | None:
    return database.read_now(lambda db: sessions.resume(db, token, now))


def see(database: Database, token: str, now: datetime) -> None:
    database.write_now(lambda db: stored.mark_seen(db, fingerprint(token), now))


def test_a_token_brings_back_who_where_and_as_what(database: Database) -> None:
    room = classroom(database, 1)
    tab, token = begin(room)
    assert resume(database, token) == replace(
        viewer_of(room.students[0].person_id, room.course_id, "learner", "0"),
        token_hash=fingerprint(token),
        tab=tab,
        locale="de",
        frame_ancestors="https://campus.example",
        expires_at=NOW + LONGEST,
    )


def test_a_preview_stays_a_preview(database: Database) -> None:
    _, token = begin(classroom(database, 1), is_preview=True)
    viewer = resume(database, token)
    assert viewer
    assert viewer.is_preview is True


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_test_user": True}, {"role": "learner"}])
def test_who_may_see_answers_is_who_the_receipt_names_at_that_moment(
    database: Database, change: dict[str, object]
) -> None:
    room = classroom(database, 1)
    checkin_id = room.open("named")
    _, token = begin(room, person_id=room.teacher.person_id, role="teacher")

    def change_enrolment(db: Session) -> None:
        enrolment = db.get_one(Enrolment, (room.teacher.person_id, room.course_id))
        for name, value in change.items():
            setattr(enrolment, name, value)

    def seen(db: Session) -> tuple[bool, bool, bool]:
        viewer = sessions.resume(db, token, NOW)
        assert viewer
        names = {row.id for row in people.staff_of(db, room.course_id)}
        looking = looks.at_each(db, [looks.Look(token, checkin_id, NOW)])
        return viewer.person_id in names, viewer.may(Capability.SEE_RESULTS), looking != [None]

    assert database.read_now(seen) == (True, True, True)
    database.write_now(change_enrolment)
    assert database.read_now(seen) == (False, False, False)


def test_the_token_itself_is_nowhere_stored(database: Database) -> None:
    _, token = begin(classroom(database, 1))
    row = database.read_now(lambda db: db.exec(select(LaunchSession)).one())
    assert token not in str(row.model_dump())
    assert bytes(row.token_hash) == fingerprint(token)
    assert len(token) == 43


@pytest.mark.parametrize("token", ["", "no such", "x" * 43])
def test_an_unknown_token_is_nobody(database: Database, token: str) -> None:
    begin(classroom(database, 1))
    assert resume(database, token) is None


def test_the_tabs_handle_is_no_token(database: Database) -> None:
    tab, _ = begin(classroom(database, 1))
    assert resume(database, tab) is None


def test_an_hour_of_quiet_ends_a_session(database: Database) -> None:
    _, token = begin(classroom(database, 1))
    assert resume(database, token, NOW + IDLE - MOMENT)
    assert resume(database, token, NOW + IDLE) is None


def test_use_keeps_a_session_alive_until_the_school_day_is_over(database: Database) -> None:
    _, token = begin(classroom(database, 1))
    now = NOW
    while now + IDLE - MOMENT < NOW + LONGEST:
        now += IDLE - MOMENT
        assert resume(database, token, now)
        see(database, token, now)
    assert resume(database, token, NOW + LONGEST - MOMENT)
    see(database, token, NOW + LONGEST - MOMENT)
    assert resume(database, token, NOW + LONGEST) is None


def test_last_use_is_written_at_most_once_a_minute(database: Database) -> None:
    _, token = begin(classroom(database, 1))
    early, late = (
        resume(database, token, NOW + SEEN_AGAIN_AFTER - MOMENT),
        resume(database, token, NOW + SEEN_AGAIN_AFTER),
    )
    assert early
    assert late
    assert (early.is_due, late.is_due) == (False, True)


def test_an_ended_session_is_over_and_no_other(database: Database) -> None:
    room = classroom(database, 1)
    (_, ended), (_, other) = begin(room), begin(room)
    database.write_now(lambda db: stored.end(db, fingerprint(ended)))
    assert resume(database, ended) is None
    assert resume(database, other)


def test_a_disabled_registration_ends_its_sessions_and_enabling_does_not_bring_them_back(database: Database) -> None:
    room, other = classroom(database, 1), classroom(database, 1)
    (_, token), (_, elsewhere) = begin(room), begin(other)

    def switch(is_enabled: bool) -> None:
        def work(db: Session) -> None:
            first = db.exec(select(Registration).order_by(Registration.id)).first()  # type: ignore[arg-type]
            assert first
            assert first.id
            registrations.switch(db, first.id, is_enabled)

        database.write_now(work)

    switch(False)
    assert resume(database, token) is None
    assert resume(database, elsewhere)
    switch(True)
    assert resume(database, token) is None


def test_two_tabs_of_one_person_have_two_roles(database: Database) -> None:
    room = classroom(database, 1)
    teacher_id = room.teacher.person_id
    (tab, as_learner), (other_tab, as_teacher) = (
        begin(room, person_id=teacher_id, role=role) for role in ("learner", "teacher")
    )
    viewers = [resume(database, token) for token in (as_learner, as_teacher)]
    assert [viewer and viewer.role for viewer in viewers] == ["learner", "teacher"]
    assert tab != other_tab


def test_tokens_and_tabs_never_repeat(database: Database) -> None:
    room = classroom(database, 1)
    begun = [begin(room) for _ in range(20)]
    assert len({token for _, token in begun}) == 20
    assert len({tab for tab, _ in begun}) == 20


def test_later_tabs_sort_after_earlier_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time", lambda: 1_000_000_000)
    earlier = sessions.new_tab()
    monkeypatch.setattr("time.time", lambda: 1_000_000_001)
    assert earlier < sessions.new_tab()


def test_must_gives_the_viewer_back_or_refuses() -> None:
    viewer = viewer_of(1, 1, "learner")
    assert viewer.must(Capability.ANSWER) is viewer
    assert not viewer.may(Capability.SEE_RESULTS)
    with pytest.raises(Refused, match="not_allowed"):
        viewer.must(Capability.SEE_RESULTS)
