"""What a database really holds, whatever our models say: its tables, columns and keys, and what is attached to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, inspect, select, text, union_all
from sqlmodel import Session, col

from reflect.storage.answers import Answer, Participation, SealedAnswer, Tally
from reflect.storage.checkins import Checkin
from reflect.storage.class_totals import ClassTotal
from reflect.storage.guests import GuestOpening, GuestTally, SealedGuestAnswer


@dataclass(frozen=True, slots=True)
class Structure:
    """The tables of a database with their columns, the keys that lead from table to table, and what else is there."""

    columns: Mapping[str, frozenset[str]]
    keys: frozenset[tuple[str, str, str]]
    """(table, column, the table that it refers to)."""
    attached: tuple[str, ...]
    """Views and triggers by name: Reflect makes none."""
    with_row_numbers: frozenset[str]
    """SQLite tables whose rows are numbered as they come."""
    recorded: tuple[str, ...]
    """Settings of the server by which it would remember when which row came."""


def structure(db: Session) -> Structure:
    """The structure of a live database."""
    connection = db.connection()
    found = inspect(connection)
    tables = found.get_table_names()
    keys = {
        (table, column, key["referred_table"])
        for table in tables
        for key in found.get_foreign_keys(table)
        for column in key["constrained_columns"]
    }
    of_dialect = _of_sqlite if connection.dialect.name == "sqlite" else _of_postgresql
    return Structure(
        {table: frozenset(column["name"] for column in found.get_columns(table)) for table in tables},
        frozenset(keys),
        *of_dialect(connection),
    )


def _of_sqlite(connection: Connection) -> tuple[tuple[str, ...], frozenset[str], tuple[str, ...]]:
    attached = connection.execute(text("SELECT name FROM sqlite_master WHERE type IN ('view', 'trigger') ORDER BY 1"))
    numbered = connection.execute(text("SELECT name FROM pragma_table_list WHERE schema = 'main' AND wr = 0"))
    return tuple(attached.scalars()), frozenset(numbered.scalars()), ()


def _of_postgresql(connection: Connection) -> tuple[tuple[str, ...], frozenset[str], tuple[str, ...]]:
    attached = connection.execute(
        text(
            "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
            " UNION SELECT viewname FROM pg_views WHERE schemaname = current_schema()"
            " UNION SELECT matviewname FROM pg_matviews WHERE schemaname = current_schema() ORDER BY 1"
        )
    )
    recorded = connection.execute(
        text(
            "SELECT name || ' = ' || setting FROM pg_settings"
            " WHERE (name = 'track_commit_timestamp' AND setting = 'on')"
            " OR (name = 'log_statement' AND setting IN ('mod', 'all'))"
            " OR (name = 'log_min_duration_statement' AND setting = '0') ORDER BY 1"
        )
    )
    return tuple(attached.scalars()), frozenset(), tuple(recorded.scalars())


def anonymous_checkins(db: Session) -> Sequence[Any]:
    """Anonymous check-ins that were opened: (id, min_group_size, opened_at, closed_at, withheld, import_key)."""
    table: Any = Checkin
    listed = select(table.id, table.min_group_size, table.opened_at, table.closed_at, table.withheld, table.import_key)
    return db.execute(
        listed.where(col(Checkin.is_anonymous), col(Checkin.opened_at).is_not(None)).order_by(col(Checkin.id))
    ).all()


def readable(db: Session) -> Sequence[Any]:
    """What can be read of anonymous check-ins: (checkin_id, on_day, choice, count) of all choices that count."""
    return db.execute(
        select(col(Tally.checkin_id), col(Tally.on_day), col(Tally.choice), col(Tally.count))
        .join(Checkin, col(Checkin.id) == col(Tally.checkin_id))
        .where(col(Checkin.is_anonymous), col(Tally.count) != 0)
    ).all()


def readable_of_guests(db: Session) -> Sequence[Any]:
    """What can be read of guests' answers: (checkin_id, choice, count)."""
    return db.execute(
        select(col(GuestTally.checkin_id), col(GuestTally.choice), col(GuestTally.count)).where(
            col(GuestTally.count) != 0
        )
    ).all()


def participants(db: Session) -> Mapping[int, int]:
    """How many took part in each anonymous check-in."""
    taking_part = select(col(Participation.checkin_id), func.count().label("count"))
    rows = db.execute(taking_part.group_by(col(Participation.checkin_id))).all()
    return {row.checkin_id: int(row[1]) for row in rows}


def guests(db: Session) -> Mapping[int, Any]:
    """How guests answered each check-in that was ever opened to them: (checkin_id, answered, withheld)."""
    rows = db.execute(
        select(col(GuestOpening.checkin_id), col(GuestOpening.answered), col(GuestOpening.withheld))
    ).all()
    return {row.checkin_id: row for row in rows}


def seals(db: Session, *, of_guests: bool = False) -> Sequence[Any]:
    """The sealed answers by check-in: (checkin_id, count, shortest, longest, keys), sizes in bytes."""
    table: Any = SealedGuestAnswer if of_guests else SealedAnswer
    size = func.length(table.seal)
    return db.execute(
        select(
            table.checkin_id,
            func.count().label("count"),
            func.min(size).label("shortest"),
            func.max(size).label("longest"),
            func.min(func.length(table.random_key)).label("keys"),
        ).group_by(table.checkin_id)
    ).all()


def named_traces(db: Session) -> int:
    """Rows that would tie an anonymous check-in to people's own answers, or publish it a second time."""
    parts = [
        select(func.count().label("count"))
        .select_from(table)
        .join(Checkin, col(Checkin.id) == col(table.checkin_id))
        .where(col(Checkin.is_anonymous))
        for table in (Answer, ClassTotal)
    ]
    both = union_all(*parts).subquery()
    return int(db.execute(select(func.sum(both.c.count))).scalar() or 0)
