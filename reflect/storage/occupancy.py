"""Whether somebody else has a database open."""

import time

from sqlalchemy import Connection, Engine, text

from reflect.storage.backups import BackupRefused
from reflect.storage.sqlite_files import file_of, held

_OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND usename IS NOT NULL AND pid <> pg_backend_pid()"
)
_LOOK_ANEW = text("SELECT pg_stat_clear_snapshot()")
LEAVING = 3.0
"""Seconds for which PostgreSQL may still list somebody who has just closed their connection."""


def refuse_others(connection: Connection) -> None:
    """Raise BackupRefused `database_in_use` if anybody else is connected to this PostgreSQL database."""
    gives_up = time.monotonic() + LEAVING
    while others := int(connection.scalar(_OTHERS) or 0):
        if time.monotonic() > gives_up:
            raise BackupRefused("database_in_use", f"connections: {others}")
        time.sleep(0.1)
        connection.execute(_LOOK_ANEW)  # a transaction is told the same for as long as it lasts


def refuse_use(engine: Engine) -> None:
    """Raise BackupRefused `database_in_use` if anybody has a database open. It closes the engine's own connections."""
    engine.dispose()
    if engine.dialect.name == "sqlite":
        with held(file_of(engine.url.render_as_string(hide_password=False))):
            return
    with engine.connect() as connection:
        refuse_others(connection)
    engine.dispose()
