"""What all tables share: names of constraints that migrations can rely on."""

from sqlmodel import SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Table(SQLModel):
    """The base of every table; it brings the convention with it, which must stand before the first table does."""

    model_config = {"defer_build": True}  # rows are not validated, and a schema for each takes long to build


UNORDERED = {"sqlite_with_rowid": False}
"""For tables whose rows must not remember when they came: SQLite then orders them by key alone."""


def key_of(row: Table) -> int:
    """The primary key of a row that has been flushed."""
    key = getattr(row, "id", None)
    assert isinstance(key, int), "The row has not been flushed."
    return key
