from reflect.domain.privacy.release import UNSAID
from reflect.storage import answers, class_totals
from reflect.storage.database import Database
from tests.classroom import classroom


def test_what_is_fixed_for_classmates_stays_as_it_was(database: Database) -> None:
    room = classroom(database, 0)
    checkin_id = room.open("named")
    database.write_now(lambda db: class_totals.publish(db, checkin_id, {"calm": 3, UNSAID: 2}))
    assert database.read_now(lambda db: class_totals.of_checkin(db, checkin_id)) == {"calm": 3, UNSAID: 2}
    assert database.read_now(lambda db: answers.tally(db, checkin_id)) == {}
