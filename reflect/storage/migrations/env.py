"""Runs our migrations on the engine that `schema.migrate` hands over, in one transaction."""

from alembic import context
from sqlalchemy import text

from reflect.storage.schema import METADATA

MIGRATION_LOCK = 7_262_351  # an arbitrary number of ours for PostgreSQL's advisory lock


def run() -> None:
    """Upgrade under a lock, so that workers starting together migrate once."""
    engine = context.config.attributes["engine"].execution_options(sqlite_begin="IMMEDIATE")
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        context.configure(connection=connection, target_metadata=METADATA, render_as_batch=True)
        context.run_migrations()


run()
