"""`verify-anonymity` as a sceptic would try it: a healthy database passes, and every way of cheating is found."""

import pytest
from sqlalchemy import text
from sqlmodel import Session

from reflect.domain import guests
from reflect.domain.privacy.sealing import Content
from reflect.domain.privacy.verification import ANSWERS, TAKING_PART, Proof, verify
from reflect.storage.database import Database
from reflect.storage.schema import METADATA
from tests.classroom import NOW, SEALER, Classroom, classroom


@pytest.fixture
def room(database: Database) -> Classroom:
    """A course with an anonymous check-in that is closed, one that is open in steps, one with guests, and a named one."""
    found = classroom(database, 8)
    for release, is_closed in (("at_close", True), ("in_steps", False)):
        checkin_id = found.open(release=release, question=release)
        for number, student in enumerate(found.students[:7]):
            found.answer(student, checkin_id, ("calm", "sad", "tired")[number % 3])
        if is_closed:
            found.close(checkin_id)
    for student in found.students:
        found.answer(student, found_named(found), "calm")
    _with_guests(found)
    return found


def found_named(room: Classroom) -> int:
    """A named check-in."""
    return room.open("named", question="By name?")


def _with_guests(room: Classroom) -> None:
    checkin_id = room.open(release="in_steps", question="Guests?", k=5)
    code = room.database.write_now(lambda db: guests.open_to_guests(db, room.teacher, checkin_id, 50, NOW))
    for choice in ("calm", "sad", "tired", "calm"):
        room.database.write_now(lambda db, it=choice: guests.answer(db, code, Content(it), SEALER))


def proofs(room: Classroom) -> list[Proof]:
    return room.database.read_now(verify)


def broken(room: Classroom) -> list[str]:
    """The claims that do not hold."""
    return [proof.claim for proof in proofs(room) if not proof.holds]


def tamper(room: Classroom, *statements: str) -> None:
    def work(db: Session) -> None:
        for statement in statements:
            db.connection().execute(text(statement))

    room.database.write_now(work)


def test_a_healthy_database_passes_and_says_what_was_counted(room: Classroom) -> None:
    found = proofs(room)
    assert [proof.claim for proof in found if not proof.holds] == []
    assert len(found) >= 13
    assert all(proof.found for proof in found)
    told = {proof.claim: proof.found for proof in found}
    assert told["By any join a readable answer could be that of each who took part"] == "the smallest crowd is 7"


def test_an_empty_database_passes(database: Database) -> None:
    assert all(proof.holds for proof in database.read_now(verify))


FIRST_ANONYMOUS = "(SELECT min(id) FROM checkin WHERE is_anonymous)"
NAMED = "(SELECT min(id) FROM checkin WHERE NOT is_anonymous)"
SOMEBODY = "(SELECT max(id) FROM person)"
CHEATS = {
    "a time beside a seal": (["ALTER TABLE sealed_answer ADD COLUMN given_at TEXT"], "only the columns they need"),
    "a person beside a seal": (["ALTER TABLE sealed_answer ADD COLUMN person_id INTEGER"], "only the columns they need"),
    "a key beside taking part": (["ALTER TABLE participation ADD COLUMN random_key TEXT"], "in the check-in alone"),
    "a key to a person": (
        ["ALTER TABLE released_text ADD COLUMN author_id INTEGER REFERENCES person (id)"],
        "keys lead to its check-in and its course",
    ),
    "a view": (["CREATE VIEW who AS SELECT * FROM participation"], "No view or trigger"),
    "one answer in the open": (
        [f"DELETE FROM tally WHERE checkin_id = {FIRST_ANONYMOUS} AND choice <> 'calm'",
         f"UPDATE tally SET count = 1 WHERE checkin_id = {FIRST_ANONYMOUS}"],
        "at least k people at once",
    ),
    "a unanimous result": (
        [f"UPDATE tally SET choice = 'calm', count = count + 4 WHERE checkin_id = {FIRST_ANONYMOUS} AND choice = 'calm'",
         f"DELETE FROM tally WHERE checkin_id = {FIRST_ANONYMOUS} AND choice <> 'calm'"],
        "everybody chose the same",
    ),
    "an answer counted twice": (
        [f"UPDATE tally SET count = count + 1 WHERE checkin_id = {FIRST_ANONYMOUS}"],
        "exactly once",
    ),
    "an answer that vanished": (["DELETE FROM sealed_answer"], "exactly once"),
    "a guest's answer that vanished": (["DELETE FROM sealed_guest_answer", "DELETE FROM guest_tally"], "exactly once"),
    "a longer seal": (["UPDATE sealed_guest_answer SET seal = CAST('short' AS {blob})"
                       " WHERE random_key = (SELECT random_key FROM sealed_guest_answer LIMIT 1)"], "one size"),
    "a key that counts": (["UPDATE sealed_answer SET random_key = CAST('1' AS {blob})"], "one size"),
    "a seal kept after the close": (
        [f"UPDATE sealed_answer SET checkin_id = {FIRST_ANONYMOUS}"],
        "left sealed once a check-in is closed",
    ),
    "a named answer at an anonymous check-in": (
        ["INSERT INTO answer (checkin_id, person_id, choice, answered_at, changed_at)"
         f" SELECT {FIRST_ANONYMOUS}, person_id, choice, answered_at, changed_at FROM answer LIMIT 1"],
        "No named answer lies",
    ),
    "a result by the day of answering": (
        [f"UPDATE tally SET on_day = '2026-12-01' WHERE checkin_id = {FIRST_ANONYMOUS}"],
        "dated with the day",
    ),
    "a crowd of few": (
        [f"DELETE FROM participation WHERE checkin_id = {FIRST_ANONYMOUS} AND person_id < {SOMEBODY} - 2"],
        "could be that of each",
    ),
}  # fmt: skip


@pytest.mark.parametrize("cheat", CHEATS)
def test_a_cheat_is_found(cheat: str, room: Classroom) -> None:
    statements, claim = CHEATS[cheat]
    blob = "BLOB" if room.database.engine.dialect.name == "sqlite" else "BYTEA"
    tamper(room, *(statement.format(blob=blob) for statement in statements))
    assert any(claim in one for one in broken(room)), broken(room)


def test_a_trigger_is_found(room: Classroom) -> None:
    if room.database.engine.dialect.name == "sqlite":
        tamper(room, "CREATE TRIGGER spy AFTER INSERT ON participation BEGIN SELECT 1; END")
    else:
        tamper(
            room,
            "CREATE FUNCTION spy() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
            "CREATE TRIGGER spy AFTER INSERT ON participation FOR EACH ROW EXECUTE FUNCTION spy()",
        )
    (proof,) = [proof for proof in proofs(room) if not proof.holds]
    assert proof.found == "spy"


def test_a_table_that_refers_to_taking_part_is_found(room: Classroom) -> None:
    tamper(
        room,
        "CREATE TABLE spy (checkin_id INTEGER, person_id INTEGER,"
        " FOREIGN KEY (checkin_id, person_id) REFERENCES participation (checkin_id, person_id))",
    )
    assert any("No table refers" in claim for claim in broken(room))


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_rows_that_are_numbered_as_they_come_are_found(room: Classroom) -> None:
    tamper(
        room,
        "CREATE TABLE numbered AS SELECT * FROM participation",
        "DROP TABLE participation",
        "ALTER TABLE numbered RENAME TO participation",
    )
    assert any("no number of their coming" in claim for claim in broken(room))


def test_every_table_that_could_hold_an_anonymous_answer_is_in_the_law() -> None:
    """A new table that refers to a check-in and to nobody must be looked at, and be written down here or there."""
    about_checkins = {"checkin_group", "line_item", "class_total", "counted_checkin"}
    silent = {
        table.name
        for table in METADATA.sorted_tables
        if "checkin_id" in table.columns
        and not any(key.column.table.name == "person" for column in table.columns for key in column.foreign_keys)
    }
    assert silent - about_checkins == set(ANSWERS)
    assert TAKING_PART[0] in METADATA.tables
