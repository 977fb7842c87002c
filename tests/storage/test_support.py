import pytest
from sqlalchemy.exc import IntegrityError

from reflect.storage import support
from reflect.storage.database import Database
from reflect.storage.support import CrisisLine, StaffedHours


def test_hours_come_in_the_order_of_the_week(database: Database) -> None:
    rows = [(6, 60, 120), (0, 600, 660), (0, 480, 540)]
    database.write_now(
        lambda db: db.add_all(StaffedHours(weekday=day, starts=starts, ends=ends) for day, starts, ends in rows)
    )
    found = database.read_now(support.hours)
    assert [(row.weekday, row.starts, row.ends) for row in found] == [(0, 480, 540), (0, 600, 660), (6, 60, 120)]


def test_two_periods_cannot_begin_at_once(database: Database) -> None:
    with pytest.raises(IntegrityError):
        database.write_now(lambda db: db.add_all(StaffedHours(weekday=0, starts=480, ends=ends) for ends in (500, 600)))


def test_lines_for_everybody_come_first(database: Database) -> None:
    lines = [("fr", "Third"), ("", "First"), ("de", "Second"), ("fr", "Fourth")]
    database.write_now(
        lambda db: db.add_all(CrisisLine(language=language, name=name, contact="112") for language, name in lines)
    )
    assert [line.name for line in database.read_now(support.lines)] == ["First", "Second", "Third", "Fourth"]
