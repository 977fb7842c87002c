"""Whether somebody else has a database open."""

from sqlalchemy import Connection, Engine, text

from reflect.storage.backups import BackupRefused
from reflect.storage.sqlite_files import file_of, held

_OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND usename IS NOT NULL AND pid <> pg_backend_pid()"
)


def refuse_others(connection: Connection) -> None:
    """Raise BackupRefused `database_in_use` if anybody else is connected to this PostgreSQL database."""
    if others := int(connection.scalar(_OTHERS) or 0):
        raise BackupRefused("database_in_use", f"connections: {others}")


def refuse_use(engine: Engine) -> None:
    """Raise BackupRefused `database_in_use` if anybody has a database open. It closes the engine's own connections."""
    engine.dispose()
    if engine.dialect.name == "sqlite":
        with held(file_of(engine.url.render_as_string(hide_password=False))):
            return
    with engine.connect() as connection:
        refuse_others(connection)
    engine.dispose()
