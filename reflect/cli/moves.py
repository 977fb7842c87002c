"""`reflect move`: everything into another database, SQLite to PostgreSQL above all."""

from collections.abc import Sequence
from pathlib import Path

import click
from pydantic import ValidationError
from sqlalchemy import Engine
from sqlalchemy.engine import make_url
from sqlmodel import Session

from reflect.cli.backups import FAULTS, fault, refused
from reflect.cli.databases import must_be_known, must_be_there, must_not_be_moved
from reflect.domain.privacy.verification import verify
from reflect.settings import Settings, read_settings
from reflect.storage import moves
from reflect.storage.backups import BackupRefused
from reflect.storage.database import open_engine
from reflect.storage.moves import Moved
from reflect.storage.occupancy import refuse_use
from reflect.storage.schema import migrate
from reflect.storage.sqlite_files import file_of


@click.command()
@click.option("--to", required=True, metavar="DATABASE_URL", help="As REFLECT_DATABASE_URL: an empty database.")
def move(to: str) -> None:
    """Copy everything into another, empty database. The server must be stopped; this database is not changed."""
    settings = read_settings()
    must_be_there(settings)
    target_url = _checked(to, settings)
    source, target = open_engine(settings.database_url), _open_new(target_url)
    try:
        must_be_known(source)
        moved = _move(source, target)
    except BackupRefused as refusal:
        raise refused(refusal) from None
    except FAULTS as error:
        raise fault(error) from None
    finally:
        source.dispose()
        target.dispose()
    for table in moved:
        if table.rows:
            click.echo(f"  {table.table}: {table.rows} ({table.checksum[:16]})")
    click.echo(f"Moved and compared: {sum(it.rows for it in moved)} rows of {len(moved)} tables.")
    click.echo(f"Set REFLECT_DATABASE_URL to {make_url(target_url).render_as_string(hide_password=True)}")
    click.echo("(with its password), and start the server. Nothing else changes; keep REFLECT_SECRET_KEY.")
    click.echo("When all is well, destroy the old database and its backups: they hold personal data.")


def _checked(to: str, settings: Settings) -> str:
    try:
        found = Settings(database_url=to).database_url
    except ValidationError as error:
        words = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise click.ClickException(f"--to: {words}") from None
    one, other = make_url(found), make_url(settings.database_url)
    same_file = one.get_backend_name() == other.get_backend_name() == "sqlite" and file_of(found) == file_of(
        settings.database_url
    )
    if same_file or (one.host, one.port, one.database) == (other.host, other.port, other.database):
        raise refused(BackupRefused("move_nowhere"))
    return found


def _open_new(url: str) -> Engine:
    must_not_be_moved(url)
    if url.startswith("sqlite") and not file_of(url).exists():
        path: Path = file_of(url)
        if not path.parent.is_dir():
            raise refused(BackupRefused("backup_folder_missing", str(path.parent)))
        path.touch(0o600)
    return open_engine(url)


def _move(source: Engine, target: Engine) -> Sequence[Moved]:
    refuse_use(source)
    refuse_use(target)
    with target.connect() as connection:
        if not moves.is_empty(connection):
            raise BackupRefused("move_not_empty")
    migrate(target)
    writing = target.execution_options(sqlite_begin="IMMEDIATE")
    with moves.held_still(source) as still, writing.connect() as connection, connection.begin():
        moves.set_patient(connection)
        moved = moves.copy(still, connection)
        with Session(still) as db:
            known = {proof.claim for proof in verify(db) if not proof.holds}
        with Session(connection) as db:
            new = [proof for proof in verify(db) if not proof.holds and proof.claim not in known]
        if new:
            raise BackupRefused("move_exposed", f"{new[0].claim}: {new[0].found}")
    return moved
