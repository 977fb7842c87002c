from reflect.domain import languages, persons
from reflect.storage.database import Database
from tests.classroom import classroom


def test_a_chosen_language_is_part_of_what_is_held_on_a_person(database: Database) -> None:
    room = classroom(database, 2)
    database.write_now(lambda db: languages.choose(db, room.students[0], "ja"))
    held = [database.read_now(lambda db, it=it: persons.export(db, it.person_id)) for it in room.students]  # type: ignore[misc]
    assert [found["person"]["language"] for found in held] == ["ja", None]
