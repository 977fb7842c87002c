"""Statements of the hot paths: built and compiled once, then run on the driver's own cursor.

Building a statement for every request costs ten times what running it does. A `Prepared` keeps the compiled SQL of a
SQLAlchemy statement for each dialect, so that the text stays in one place and portable, and the request pays only for
the driver. It does not flush the session: a job that mixes both calls `db.flush()` first.
"""

from collections import namedtuple
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import Dialect, Executable
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlmodel import Session
from sqlmodel.sql.sqltypes import UTCDateTime

Convert = Callable[[Any], Any]


DRIVER = "reflect driver"
"""Key under which a session remembers its driver: asking SQLAlchemy for it costs as much as a small statement."""


@dataclass(frozen=True, slots=True)
class Driver:
    """The driver's connection beneath a session, and the dialect it speaks."""

    dialect: Dialect
    connection: Any


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A statement as one driver wants it."""

    sql: str
    constants: dict[str, Any]
    names: Sequence[str] | None
    """Parameter names in order, where the driver wants them by position."""
    to_driver: dict[str, Convert]
    from_driver: tuple[tuple[int, Convert], ...]
    make_row: Callable[..., Any]

    def bind(self, values: dict[str, Any]) -> Any:
        bound = {**self.constants, **values}
        for name, convert in self.to_driver.items():
            bound[name] = convert(bound[name])
        return bound if self.names is None else [bound[name] for name in self.names]

    def row(self, raw: Sequence[Any]) -> Any:
        if not self.from_driver:
            return self.make_row(raw)
        values = list(raw)
        for position, convert in self.from_driver:
            values[position] = convert(values[position])
        return self.make_row(values)


class Prepared:
    """One statement; its `bindparam`s are the keyword arguments of `all`, `first` and `run`."""

    def __init__(self, statement: Executable) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def asked(self, **values: Any) -> "Question":
        """The statement with its values, to be done together with others (`storage/together.py`)."""
        return Question(self, values)

    def all(self, db: Session, **values: Any) -> list[Any]:
        """Every row, as named tuples."""
        told = db.info.get(TOLD)
        return self._all(db, values) if told is None else list(self._told(db, told, values))

    def first(self, db: Session, **values: Any) -> Any:
        """The first row as a named tuple, or None."""
        if (told := db.info.get(TOLD)) is not None:
            return next(iter(self._told(db, told, values)), None)
        compiled, cursor = self._execute(db, values)
        raw = cursor.fetchone()
        cursor.close()
        return None if raw is None else compiled.row(raw)

    def run(self, db: Session, **values: Any) -> int:
        """Run it for its effect; the number of rows it touched."""
        _, cursor = self._execute(db, values)
        count = cast(int, cursor.rowcount)
        cursor.close()
        return count

    def first_of_each(self, db: Session, many: Sequence[dict[str, Any]]) -> list[Any]:
        """`first` for many sets of values; a database over a network is asked for all of them in one go."""
        if len(many) < 2 or not is_far(db):
            return [self.first(db, **values) for values in many]
        compiled, cursor = self._execute_many(db, many)
        raw_rows = [cursor.fetchone(), *(cursor.nextset() and cursor.fetchone() for _ in many[1:])]
        cursor.close()
        return [None if raw is None else compiled.row(raw) for raw in raw_rows]

    def run_each(self, db: Session, many: Sequence[dict[str, Any]]) -> list[int]:
        """`run` for many sets of values, in their order; a database over a network gets all of them in one go."""
        if len(many) < 2 or not is_far(db):
            return [self.run(db, **values) for values in many]
        _, cursor = self._execute_many(db, many)
        counts = [cursor.rowcount, *(cursor.nextset() and cursor.rowcount for _ in many[1:])]
        cursor.close()
        return counts

    def _all(self, db: Session, values: dict[str, Any]) -> list[Any]:
        return rows_of(self._execute(db, values))

    def _told(self, db: Session, told: "Told", values: dict[str, Any]) -> list[Any]:
        key = Question(self, values).key
        if (rows := told.get(key)) is None:
            rows = told[key] = self._all(db, values)
        return rows

    def _execute(self, db: Session, values: dict[str, Any]) -> "Sent":
        driver = db.info.get(DRIVER) or _driver_of(db)
        compiled = self._for(driver.dialect)
        cursor = driver.connection.cursor()
        try:
            cursor.execute(compiled.sql, compiled.bind(values))
        except driver.dialect.loaded_dbapi.Error as error:
            raise known_fault(compiled.sql, error, driver.dialect) from error
        return compiled, cursor

    def _execute_many(self, db: Session, many: Sequence[dict[str, Any]]) -> tuple[_Compiled, Any]:
        """psycopg sends them all before it waits for the first answer (libpq's pipeline)."""
        driver = db.info.get(DRIVER) or _driver_of(db)
        compiled = self._for(driver.dialect)
        cursor = driver.connection.cursor()
        try:
            cursor.executemany(compiled.sql, [compiled.bind(values) for values in many], returning=True)
        except driver.dialect.loaded_dbapi.Error as error:
            raise known_fault(compiled.sql, error, driver.dialect) from error
        return compiled, cursor

    def _for(self, dialect: Dialect) -> _Compiled:
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = self._compiled[dialect.name] = _compile(self._statement, dialect)
        return compiled


class Question(NamedTuple):
    """A statement with its values."""

    statement: Prepared
    values: dict[str, Any]

    @property
    def key(self) -> tuple[Any, ...]:
        """Equal for what is asked in the same words."""
        return (self.statement, *self.values.items())

    def send(self, db: Session) -> "Sent":
        """Put it to the driver; raises DBAPIError."""
        return self.statement._execute(db, self.values)

    def sql(self, dialect: Dialect) -> str:
        """Its text in a dialect."""
        return self.statement._for(dialect).sql


Sent = tuple[_Compiled, Any]
"""A statement that the driver has, and its cursor."""


def rows_of(sent: Sent) -> list[Any]:
    """All rows of a statement, as named tuples."""
    compiled, cursor = sent
    rows = cursor.fetchall()
    cursor.close()
    return [compiled.row(raw) for raw in rows]


def result_of(sent: Sent) -> list[Any] | int:
    """The rows of a statement that gives rows, be they none; of any other how many it touched."""
    cursor = sent[1]
    if cursor.description is not None:
        return rows_of(sent)
    count = cast(int, cursor.rowcount)
    cursor.close()
    return count


Told = dict[tuple[Any, ...], list[Any]]
TOLD = "reflect told"
"""Key under which a session that only reads, and sees one moment, keeps what it was told."""


def is_far(db: Session) -> bool:
    """Whether each statement costs a way there and back."""
    return bool((db.info.get(DRIVER) or _driver_of(db)).dialect.name == "postgresql")


def known_fault(sql: str, error: Exception, dialect: Dialect) -> BaseException:
    """Whoever catches faults of the database knows SQLAlchemy's, whichever way the statement went."""
    return DBAPIError.instance(sql, None, error, dialect.loaded_dbapi.Error, hide_parameters=True, dialect=dialect)


def _driver_of(db: Session) -> Driver:
    """The driver beneath a session, for as long as the session lives."""
    connection = db.connection()
    driver = db.info[DRIVER] = Driver(connection.dialect, connection.connection)
    return driver


def _moments(convert: Convert) -> Convert:
    """SQLAlchemy's text of a moment for SQLite, in a tenth of its time where the moment is in UTC, as ours are."""

    def text(moment: datetime) -> Any:
        if moment is not None and moment.tzinfo is UTC:
            return moment.replace(tzinfo=None).isoformat(" ", "microseconds")
        return convert(moment)

    return text


def _compile(statement: Executable, dialect: Dialect) -> _Compiled:
    compiled = cast(SQLCompiler, cast(Any, statement).compile(dialect=dialect))
    is_sqlite = dialect.name == "sqlite"
    columns = compiled._result_columns
    readers = [column.type._cached_result_processor(dialect, None) for column in columns]
    row = namedtuple("row", [column.keyname for column in columns], rename=True)  # type: ignore[misc]
    return _Compiled(
        sql=str(compiled),
        constants={name: value for name, value in compiled.params.items() if value is not None},
        names=compiled.positiontup,
        to_driver={
            name: _moments(convert) if is_sqlite and isinstance(compiled.binds[name].type, UTCDateTime) else convert
            for name, convert in compiled._bind_processors.items()
            if callable(convert)
        },
        from_driver=tuple((position, convert) for position, convert in enumerate(readers) if convert),
        make_row=row._make,
    )
