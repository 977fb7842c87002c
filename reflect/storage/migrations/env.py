"""Runs our migrations on the engine that `schema.migrate` hands over, in one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import context
from sqlalchemy import Connection, text

from reflect.storage.schema import METADATA

MIGRATION_LOCK = 7_262_351  # an arbitrary number of ours for PostgreSQL's advisory lock


def run() -> None:
    """Upgrade under a lock, so that workers starting together migrate once."""
    engine = context.config.attributes["engine"].execution_options(sqlite_begin="IMMEDIATE")
    with engine.connect() as connection, _free_to_rebuild(connection), connection.begin():
        if connection.dialect.name == "postgresql":
            # Of this transaction alone, as the lock itself: there may be a pooler. A migration may take its time.
            connection.execute(text("SET LOCAL lock_timeout = 0"))
            connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        context.configure(connection=connection, target_metadata=METADATA, render_as_batch=True)
        context.run_migrations()
        if connection.dialect.name == "sqlite":
            assert not connection.execute(text("PRAGMA foreign_key_check")).all(), "A migration has broken references."


@contextmanager
def _free_to_rebuild(connection: Connection) -> Iterator[None]:
    """SQLite alters a table by making it anew; dropping the old one must not delete all that refers to it."""
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.driver_connection  # the pragma does nothing within a transaction
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


run()
