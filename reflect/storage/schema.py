"""Bringing a database to the newest schema; Alembic, run from code so that an installed wheel can do it too."""

from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, text
from sqlmodel import SQLModel

from reflect.storage import (  # noqa: F401 - the modules that declare tables make the metadata complete
    accesses,
    admins,
    answers,
    api_keys,
    backups,
    changes,
    checkins,
    class_totals,
    courses,
    follow_ups,
    groups,
    guests,
    health,
    identities,
    imports,
    introductions,
    own_questions,
    people,
    prompts,
    rates,
    registering,
    registrations,
    responses,
    series,
    services,
    sessions,
    students,
    support,
    talk_periods,
    talks,
    terms,
    texts,
    weeks,
)
from reflect.storage.revisions import MIGRATIONS, NEWEST, is_behind, revision_of

if TYPE_CHECKING:
    from alembic.config import Config

METADATA = SQLModel.metadata
MIGRATION_LOCK = 7_262_351
"""An arbitrary number of ours for PostgreSQL's advisory lock."""


def config(engine: Engine | Connection | None = None) -> "Config":
    """Alembic's configuration for our migrations."""
    from alembic.config import Config  # late, as in `migrate`

    found = Config()
    found.set_main_option("script_location", str(MIGRATIONS))
    found.attributes["engine"] = engine
    return found


def migrate(engine: Engine | Connection) -> None:
    """Upgrade to the newest revision, unless it is there or a newer release has been here; several processes at once
    wait for each other. On a connection it is done within the transaction that is under way. Raises DatabaseForeign."""
    if not is_behind(revision_at(engine)):
        return
    from alembic import command  # late: a server that finds its schema need not load it

    command.upgrade(config(engine), "head")


def lock(connection: Connection) -> None:
    """On PostgreSQL, let nobody else migrate until commit; a server that starts waits, as long as it takes."""
    # Of this transaction alone, as the lock itself: there may be a pooler.
    connection.execute(text("SET LOCAL lock_timeout = 0"))
    connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})


def revision_at(engine: Engine | Connection) -> str | None:
    """The revision of a database; None for one that was never migrated. Raises DatabaseForeign."""
    if isinstance(engine, Connection):
        return revision_of(engine)
    with engine.connect() as connection:
        return revision_of(connection)


def is_current(engine: Engine | Connection) -> bool:
    """Whether the database has the newest revision."""
    return revision_at(engine) == NEWEST
