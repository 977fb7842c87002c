from datetime import timedelta

from reflect.storage import sessions
from reflect.storage.database import Database
from tests.classroom import NOW, Classroom, classroom

SECOND = timedelta(seconds=1)


def start(room: Classroom, token_hash: bytes) -> None:
    stay = {
        "tab": "tab",
        "role": "learner",
        "is_preview": False,
        "locale": "en",
        "frame_ancestors": "",
        "awaits_sign_in": False,
    }
    times = {"created_at": NOW, "seen_at": NOW, "expires_at": NOW + timedelta(hours=8)}
    who = {"person_id": room.students[0].person_id, "course_id": room.course_id}
    room.database.write_now(lambda db: sessions.start(db, token_hash=token_hash, **who, **stay, **times))


def test_a_session_is_found_with_its_person_and_course(database: Database) -> None:
    room = classroom(database, 1)
    start(room, b"one")
    found = database.read_now(lambda db: sessions.find(db, b"one"))
    assert (found.person_id, found.course_id) == (room.students[0].person_id, room.course_id)
    assert (found.sub, found.name, found.course_title) == ("0", "Person 0", "Biology")
    assert (found.seen_at, found.expires_at) == (NOW, NOW + timedelta(hours=8))
    assert database.read_now(lambda db: sessions.find(db, b"two")) is None


def test_being_seen_moves_one_session(database: Database) -> None:
    room = classroom(database, 1)
    for token_hash in (b"one", b"two"):
        start(room, token_hash)
    database.write_now(lambda db: sessions.mark_seen(db, b"one", NOW + SECOND))
    seen = [database.read_now(lambda db, it=it: sessions.find(db, it)).seen_at for it in (b"one", b"two")]
    assert seen == [NOW + SECOND, NOW]


def test_ending_forgets_one_session(database: Database) -> None:
    room = classroom(database, 1)
    for token_hash in (b"one", b"two"):
        start(room, token_hash)
    database.write_now(lambda db: sessions.end(db, b"one"))
    assert [bool(database.read_now(lambda db, it=it: sessions.find(db, it))) for it in (b"one", b"two")] == [
        False,
        True,
    ]


def test_sweeping_deletes_what_is_over_and_counts_it(database: Database) -> None:
    room = classroom(database, 1)
    start(room, b"one")
    database.write_now(lambda db: sessions.use_state(db, "old", NOW - SECOND))
    database.write_now(lambda db: sessions.use_state(db, "new", NOW + SECOND))
    assert database.write_now(lambda db: sessions.sweep(db, NOW, NOW)) == 1
    assert database.read_now(lambda db: sessions.find(db, b"one"))
    assert database.write_now(lambda db: sessions.sweep(db, NOW, NOW + SECOND)) == 1


def test_a_state_can_be_used_once(database: Database) -> None:
    used = [database.write_now(lambda db, it=it: sessions.use_state(db, it, NOW)) for it in ("a", "b", "a")]
    assert used == [True, True, False]
