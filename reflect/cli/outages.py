"""What commands say of a database that cannot be had: what is wrong, if that can be told, and where to mend it."""

import sqlite3
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from reflect.settings import read_settings
from reflect.storage.outages import DatabaseAway

NO_DRIVER = (
    "The driver of PostgreSQL is not installed beside Reflect, or finds no libpq: install `psycopg[binary]` there with"
    " pip (deploy/requirements.lock has it), or name another database in REFLECT_DATABASE_URL."
)

FOREIGN = "This database holds tables that are not Reflect’s: give Reflect a database of its own."


def lacks_driver(error: ImportError) -> bool:
    """Whether it is PostgreSQL's driver that cannot be loaded."""
    return (error.name or "").startswith("psycopg") or "pq wrapper" in str(error)


def words(fault: OperationalError | DatabaseAway) -> str:
    """A sentence for whoever looks after the installation. PostgreSQL's own words name hosts and users, no password."""
    cause = getattr(fault, "orig", fault)
    if isinstance(cause, sqlite3.Error) and cause.sqlite_errorcode & 0xFF == sqlite3.SQLITE_CANTOPEN:
        file = Path(make_url(read_settings().database_url).database or "").absolute()
        return (
            f"{file} cannot be opened: {file.parent} must be a folder in which the user that this command runs as may"
            " write. See REFLECT_DATABASE_URL."
        )
    if getattr(cause, "pgconn", None) is not None:  # of a connection that did not come about
        said = " ".join(str(cause).split())
        return f"PostgreSQL cannot be reached, or lets nobody in: {said}. See REFLECT_DATABASE_URL."
    kind = type(cause).__name__
    return f"The database cannot be reached, is held by another process, or has no room ({kind}). Try again later."
