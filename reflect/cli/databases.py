"""What each command asks before it opens the database: is the file there, and does this release know the schema?"""

import click
from sqlalchemy import Engine

from reflect.settings import Settings
from reflect.storage.away import is_gone
from reflect.storage.revisions import is_behind, is_newer
from reflect.storage.schema import revision_at
from reflect.storage.sqlite_files import file_of

BEHIND = "The database is not at the newest schema: run `reflect migrate` first."


def must_be_there(settings: Settings) -> None:
    """End where the settings name a SQLite file that does not exist: opening it would make one."""
    must_not_be_moved(settings.database_url)
    if settings.database_url.startswith("sqlite") and not file_of(settings.database_url).exists():
        raise click.ClickException(
            f"There is no database at {file_of(settings.database_url)}: see REFLECT_DATABASE_URL. If there never was"
            " one, `reflect migrate` makes it."
        )


def must_not_be_moved(url: str) -> None:
    """End where a SQLite file has gone and its log is there: a new file in its place would destroy the log, and with
    it answers that were acknowledged."""
    if not url.startswith("sqlite"):
        return
    file = file_of(url)
    if is_gone(str(file)):
        raise click.ClickException(
            f"{file} is gone, but its log {file.name}-wal is there, with answers that are nowhere else. Move the very"
            " file back, also if the server still runs, or `reflect restore` a backup; to begin anew, move the log"
            " away, too. Nothing was changed."
        )


def must_be_known(engine: Engine) -> None:
    """End unless the schema is this release's own: what must take everything along may not leave out what a newer
    release has added."""
    revision = revision_at(engine)
    if is_behind(revision):
        raise click.ClickException(BEHIND)
    if is_newer(revision):
        raise click.ClickException(
            f"The database has the schema of a newer release ({revision}), and this one may not know all that is in"
            " it: use that release for this. Nothing was changed."
        )


def tell_if_newer(revision: str | None) -> None:
    """Say once, beside what the command says, that a newer release was here."""
    if is_newer(revision):
        click.echo(f"The database has the schema of a newer release ({revision}): this one goes on with it.", err=True)
