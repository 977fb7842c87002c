from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import Session, col

from reflect.storage.checkins import Checkin
from reflect.storage.database import Database
from reflect.storage.prepared import Prepared
from reflect.storage.sessions import UsedState
from reflect.storage.together import do_all
from tests.classroom import NOW, QUESTION, classroom

ADD = Prepared(insert(UsedState).values(id=bindparam("id"), expires_at=bindparam("expires_at")))
OF = Prepared(select(UsedState.__table__).where(col(UsedState.id) == bindparam("id")))  # type: ignore[attr-defined]
LATER_THAN = Prepared(
    select(col(UsedState.id)).where(col(UsedState.expires_at) > bindparam("moment")).order_by(col(UsedState.id))
)
MOVE = Prepared(
    update(UsedState).where(col(UsedState.id) != bindparam("spared")).values(expires_at=bindparam("moment"))
)


def add(database: Database, *ids: str, expires_at: datetime = NOW) -> None:
    for each in ids:
        database.write_now(lambda db, id=each: ADD.run(db, id=id, expires_at=expires_at))


def test_first_is_a_named_row_or_none(database: Database) -> None:
    add(database, "a")
    row = database.read_now(lambda db: OF.first(db, id="a"))
    assert (row.id, row.expires_at) == ("a", NOW)
    assert database.read_now(lambda db: OF.first(db, id="b")) is None


def test_all_is_every_row_in_order(database: Database) -> None:
    add(database, "c", "a", "b")
    before = NOW - timedelta(seconds=1)
    assert [row.id for row in database.read_now(lambda db: LATER_THAN.all(db, moment=before))] == ["a", "b", "c"]
    assert database.read_now(lambda db: LATER_THAN.all(db, moment=NOW)) == []


def test_run_says_how_many_rows_it_touched(database: Database) -> None:
    add(database, "a", "b", "c")
    assert database.write_now(lambda db: MOVE.run(db, spared="b", moment=NOW)) == 2
    assert database.write_now(lambda db: ADD.run(db, id="d", expires_at=NOW)) == 1


@pytest.mark.parametrize("ids", [["a"], ["a", "none", "c"], ["none", "b", "none", "a", "a"], []])
def test_first_of_each_has_a_row_or_none_in_each_place(database: Database, ids: list[str]) -> None:
    add(database, "a", "b", "c")
    rows = database.read_now(lambda db: OF.first_of_each(db, [{"id": each} for each in ids]))
    assert [row and row.id for row in rows] == [each if each != "none" else None for each in ids]


def test_run_each_goes_in_order_and_says_what_each_touched(database: Database) -> None:
    add(database, "a", "b", "c")
    ways = [{"spared": "b", "moment": NOW}, {"spared": "none", "moment": NOW + timedelta(days=1)}]
    assert database.write_now(lambda db: MOVE.run_each(db, ways)) == [2, 3]
    assert [database.read_now(lambda db, it=each: OF.first(db, id=it)).expires_at for each in "ab"] == [
        NOW + timedelta(days=1)
    ] * 2


def test_all_that_is_done_goes_in_order_and_has_each_its_result(database: Database) -> None:
    add(database, "a")
    steps = [
        OF.asked(id="a"),
        ADD.asked(id="b", expires_at=NOW),
        LATER_THAN.asked(moment=NOW - timedelta(seconds=1)),
        MOVE.asked(spared="none", moment=NOW - timedelta(days=1)),
        OF.asked(id="none"),
    ]
    first, added, later, moved, none = database.write_now(lambda db: do_all(db, steps))
    assert [row.id for row in first] == ["a"] and [row.id for row in later] == ["a", "b"]  # type: ignore[union-attr]
    assert (added, moved, none) == (1, 2, [])
    assert database.write_now(lambda db: do_all(db, [])) == []


def test_of_all_that_is_to_be_done_nothing_is_if_one_step_fails(database: Database) -> None:
    add(database, "b")
    with pytest.raises(IntegrityError):
        database.write_now(lambda db: do_all(db, [ADD.asked(id=each, expires_at=NOW) for each in "abc"]))
    assert database.read_now(lambda db: OF.first(db, id="a")) is None


def test_a_fault_among_many_is_told_as_one_alone_is(database: Database) -> None:
    add(database, "b")
    with pytest.raises(IntegrityError):
        database.write_now(lambda db: ADD.run_each(db, [{"id": each, "expires_at": NOW} for each in "abc"]))
    assert database.read_now(lambda db: OF.first(db, id="a")) is None


@pytest.mark.parametrize("moment", [
    NOW,
    NOW.replace(microsecond=123456),
    NOW.astimezone(timezone(timedelta(hours=5, minutes=30))),
    datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
])  # fmt: skip
def test_moments_come_back_in_utc_as_the_orm_brings_them(database: Database, moment: datetime) -> None:
    add(database, "a", expires_at=moment)
    row, mapped = database.read_now(lambda db: (OF.first(db, id="a"), db.get_one(UsedState, "a")))
    assert row.expires_at == mapped.expires_at == moment
    assert row.expires_at.utcoffset() == mapped.expires_at.utcoffset() == timedelta()


def test_what_the_orm_wrote_is_read_and_the_other_way_round(database: Database) -> None:
    def work(db: Session) -> tuple[datetime, datetime]:
        db.add(UsedState(id="a", expires_at=NOW))
        db.flush()
        ADD.run(db, id="b", expires_at=NOW)
        return OF.first(db, id="a").expires_at, db.get_one(UsedState, "b").expires_at

    assert database.write_now(work) == (NOW, NOW)


def test_it_works_in_the_sessions_own_transaction(database: Database) -> None:
    def work(db: Session) -> None:
        ADD.run(db, id="a", expires_at=NOW)
        assert OF.first(db, id="a")
        raise LookupError

    with pytest.raises(LookupError):
        database.write_now(work)
    assert database.read_now(lambda db: OF.first(db, id="a")) is None


def test_values_are_never_read_as_sql(database: Database) -> None:
    nasty = "'; DROP TABLE used_state; -- %s %(id)s :id ?"
    add(database, nasty)
    assert database.read_now(lambda db: OF.first(db, id=nasty)).id == nasty


def test_a_missing_value_is_an_error_and_not_null(database: Database) -> None:
    with pytest.raises((KeyError, DBAPIError)):
        database.read_now(lambda db: OF.first(db))


def test_faults_are_sqlalchemys_and_hold_no_values(database: Database) -> None:
    add(database, "a secret thing")
    with pytest.raises(IntegrityError) as fault:
        add(database, "a secret thing")
    assert isinstance(fault.value, DBAPIError)
    assert "a secret thing" not in str(fault.value).partition("[SQL")[2]


def test_constants_of_a_statement_stay_in_it(database: Database) -> None:
    room = classroom(database, 0)
    for anonymity in ("named", "anonymous", "named"):
        room.open(anonymity)
    named = Prepared(
        select(func.count().label("count"))
        .where(col(Checkin.question) == QUESTION)
        .where(col(Checkin.is_anonymous).is_(False))
    )
    assert database.read_now(lambda db: named.first(db).count) == 2


def test_a_statement_is_compiled_once_for_each_dialect(database: Database) -> None:
    statement = Prepared(select(func.count().label("count")).select_from(UsedState))
    for _ in range(3):
        database.read_now(lambda db: statement.first(db))
    assert list(statement._compiled) == [database.engine.dialect.name]
    compiled = statement._compiled[database.engine.dialect.name]
    database.read_now(lambda db: statement.first(db))
    assert statement._compiled[database.engine.dialect.name] is compiled
