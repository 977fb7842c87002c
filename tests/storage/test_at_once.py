from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from reflect.storage.at_once import AtOnce, Busy
from reflect.storage.courses import Course
from reflect.storage.database import open_engine
from reflect.storage.schema import migrate
from reflect.storage.sessions import UsedState, is_used, use_state

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def desks(tmp_path: Path) -> Iterator[AtOnce]:
    engine = open_engine(f"sqlite:///{tmp_path / 'reflect.db'}")
    migrate(engine)
    opened = AtOnce(engine)
    yield opened
    opened.close()
    engine.dispose()


def test_what_was_written_can_be_read_at_once(desks: AtOnce) -> None:
    assert desks.write(lambda db: use_state(db, "a", NOON))
    assert desks.read(lambda db: is_used(db, "a"))


def test_a_job_that_raises_has_changed_nothing(desks: AtOnce) -> None:
    def work(db: Session) -> None:
        use_state(db, "a", NOON)
        raise LookupError

    with pytest.raises(LookupError):
        desks.write(work)
    assert not desks.read(lambda db: is_used(db, "a"))


def test_work_goes_on_after_a_job_that_the_database_refused(desks: AtOnce) -> None:
    homeless = Course(
        deployment_id=99, kind="context", lti_id="1", title="", created_at=NOON, last_active_on=NOON.date()
    )
    with pytest.raises(IntegrityError):
        desks.write(lambda db: db.add(homeless))
    desks.write(lambda db: db.add(UsedState(id="b", expires_at=NOON)))
    assert desks.read(lambda db: is_used(db, "b"))


def test_a_write_that_meets_another_writer_gives_up_at_once(desks: AtOnce) -> None:
    other = desks._engine.execution_options(sqlite_begin="IMMEDIATE")
    with other.connect() as connection, connection.begin(), pytest.raises(Busy):
        desks.write(lambda db: use_state(db, "a", NOON))
    assert desks.write(lambda db: use_state(db, "a", NOON))


def test_a_reader_sees_one_moment(desks: AtOnce) -> None:
    def work(db: Session) -> tuple[bool, bool]:
        before = is_used(db, "a")
        desks.write(lambda other: use_state(other, "a", NOON))
        return before, is_used(db, "a")

    assert desks.read(work) == (False, False)
