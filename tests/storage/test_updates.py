"""An update without a pause: the newest schema is one that the release before can go on working with.

While machines are updated one after the other, and after going back to the release before, older code meets the newer
schema. So a release only adds (expand), and takes away (contract) what the release before it already did without.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, inspect, text

from reflect.storage.database import open_engine
from reflect.storage.schema import config, migrate

RELEASED = "0018"
"""The newest revision of the newest release; to be moved on with each release."""
DONE_WITHOUT: frozenset[str] = frozenset()
"""`table` or `table.column` that the newest release has, but does not use any more."""


@dataclass(frozen=True)
class Column:
    """What older code relies on."""

    kind: str
    may_be_left_out: bool


@dataclass(frozen=True)
class Shape:
    """Columns by `table.column`, and what must be unique."""

    columns: dict[str, Column]
    unique: frozenset[tuple[str, ...]]

    @property
    def tables(self) -> set[str]:
        return {name.partition(".")[0] for name in self.columns}


def shape_of(engine: Engine) -> Shape:
    looking, columns, unique = inspect(engine), {}, set()
    for table in looking.get_table_names():
        for column in looking.get_columns(table):
            kind = str(column["type"])
            columns[f"{table}.{column['name']}"] = Column(kind, bool(column["nullable"] or column["default"]))
        for constraint in looking.get_unique_constraints(table):
            unique.add((table, *sorted(constraint["column_names"])))
        for index in looking.get_indexes(table):
            if index["unique"]:
                unique.add((table, *sorted(map(str, index["column_names"]))))
    return Shape(columns, frozenset(unique))


def faults(before: Shape, after: Shape) -> list[str]:
    """What of a newer schema the release before could not work with."""
    found = [f"{name} is gone" for name in before.columns if name not in after.columns and not is_done_without(name)]
    for name, column in after.columns.items():
        if name.partition(".")[0] not in before.tables:
            continue
        was = before.columns.get(name)
        if was is None and not column.may_be_left_out:
            found.append(f"{name} is new, and older code does not fill it")
        elif was is not None and (column.kind != was.kind or (was.may_be_left_out and not column.may_be_left_out)):
            found.append(f"{name} is another kind of column")
    new = {rule for rule in after.unique - before.unique if rule[0] in before.tables}
    return sorted([*found, *(f"{' '.join(rule)} must be unique now" for rule in new)])


def is_done_without(name: str) -> bool:
    return name in DONE_WITHOUT or name.partition(".")[0] in DONE_WITHOUT


@pytest.fixture
def released(tmp_path: Path) -> Iterator[Engine]:
    """A database as the newest release has it."""
    engine = open_engine(f"sqlite:///{tmp_path / 'released.db'}")
    command.upgrade(config(engine), RELEASED)
    yield engine
    engine.dispose()


def test_the_release_before_can_work_with_the_newest_schema(released: Engine) -> None:
    before = shape_of(released)
    migrate(released)
    assert faults(before, shape_of(released)) == []


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("ALTER TABLE course RENAME COLUMN title TO name", "course.title is gone"),
        ("DROP TABLE follow_up", "follow_up.words is gone"),
        (
            "CREATE TABLE again (x TEXT, must INTEGER NOT NULL); ALTER TABLE again RENAME TO course",
            "course.must is new, and older code does not fill it",
        ),
        ("CREATE UNIQUE INDEX one ON course (title)", "course title must be unique now"),
    ],
)
def test_a_schema_that_takes_something_away_would_be_noticed(released: Engine, statement: str, fault: str) -> None:
    before = shape_of(released)
    with released.connect() as connection:
        for part in statement.split("; "):
            if part.endswith("RENAME TO course"):
                connection.execute(text("DROP TABLE course"))
            connection.execute(text(part))
        connection.commit()
    assert fault in faults(before, shape_of(released))


def test_a_schema_that_only_adds_is_fine(released: Engine) -> None:
    before = shape_of(released)
    with released.begin() as connection:
        connection.execute(text("ALTER TABLE course ADD COLUMN colour TEXT"))
        connection.execute(text("ALTER TABLE course ADD COLUMN size INTEGER NOT NULL DEFAULT 0"))
        connection.execute(text("CREATE TABLE another (id INTEGER NOT NULL UNIQUE)"))
    assert faults(before, shape_of(released)) == []
