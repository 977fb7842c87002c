"""`reflect verify-anonymity`."""

from sqlalchemy import text

from reflect.storage.database import Database
from tests.classroom import classroom
from tests.cli.running import Shell


def test_it_shows_what_it_looked_at_and_ends_well(shell: Shell, database: Database) -> None:
    room = classroom(database, 6)
    checkin_id = room.open()
    for student in room.students:
        room.answer(student, checkin_id, "calm")
    room.close(checkin_id)
    result = shell.run("verify-anonymity")
    assert result.exit_code == 0, result.output
    assert "FAIL" not in result.output
    assert "the smallest crowd is 6" in result.output
    assert all(proof["holds"] for proof in shell.said("verify-anonymity"))


def test_it_ends_with_1_where_something_is_wrong(shell: Shell, database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(text("CREATE VIEW spy AS SELECT * FROM participation"))
    result = shell.run("verify-anonymity")
    assert result.exit_code == 1
    assert "FAIL No view or trigger" in result.output
    assert "spy" in result.output
