"""Bringing a database to the newest schema; Alembic, run from code so that an installed wheel can do it too."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine
from sqlmodel import SQLModel

from reflect.storage import (  # noqa: F401 - the modules that declare tables make the metadata complete
    accesses,
    admins,
    answers,
    api_keys,
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


def config(engine: Engine | None = None) -> Config:
    """Alembic's configuration for our migrations."""
    found = Config()
    found.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    found.attributes["engine"] = engine
    return found


def migrate(engine: Engine) -> None:
    """Upgrade to the newest revision; several processes at once wait for each other."""
    command.upgrade(config(engine), "head")


def is_current(engine: Engine) -> bool:
    """Whether the database has the newest revision."""
    newest = ScriptDirectory.from_config(config()).get_current_head()
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == newest
