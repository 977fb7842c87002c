"""Bringing a database to the newest schema; Alembic, run from code so that an installed wheel can do it too."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text
from sqlmodel import Session, SQLModel

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

METADATA = SQLModel.metadata
MIGRATION_LOCK = 7_262_351
"""An arbitrary number of ours for PostgreSQL's advisory lock."""


def config(engine: Engine | Connection | None = None) -> Config:
    """Alembic's configuration for our migrations."""
    found = Config()
    found.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    found.attributes["engine"] = engine
    return found


def migrate(engine: Engine | Connection) -> None:
    """Upgrade to the newest revision; several processes at once wait for each other. On a connection it is done within
    the transaction that is under way."""
    command.upgrade(config(engine), "head")


def lock(connection: Connection) -> None:
    """On PostgreSQL, let nobody else migrate until commit; a server that starts waits, as long as it takes."""
    # Of this transaction alone, as the lock itself: there may be a pooler.
    connection.execute(text("SET LOCAL lock_timeout = 0"))
    connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})


@cache
def scripts() -> ScriptDirectory:
    """Our migrations."""
    return ScriptDirectory.from_config(config())


def is_behind(db: Session) -> bool:
    """Whether the database has an older schema than this release; raises DBAPIError where it has none.

    One that is newer does: while machines are updated one after the other, the older release goes on with it.
    """
    return db.connection().execute(text("SELECT version_num FROM alembic_version")).scalar() in _older()


@cache
def _older() -> frozenset[str | None]:
    known = {script.revision for script in scripts().walk_revisions()}
    return frozenset({None, *known} - set(scripts().get_heads()))


def is_current(engine: Engine) -> bool:
    """Whether the database has the newest revision."""
    with engine.connect() as connection:
        return revision_of(connection) == scripts().get_current_head()


def revision_of(connection: Connection) -> str | None:
    """The revision of a database; None for one that was never migrated."""
    return MigrationContext.configure(connection).get_current_revision()
