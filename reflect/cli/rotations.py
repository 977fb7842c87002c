"""`reflect secret rotate`: another secret, when the old one has leaked."""

import os
from datetime import UTC, datetime
from pathlib import Path

import click
from sqlalchemy import Engine, text
from sqlmodel import Session

from reflect.cli.backups import FAULTS, fault, must_be_there, refused
from reflect.domain import rotations
from reflect.domain.refusals import RotationRefused
from reflect.keyring import Keyring
from reflect.settings import DEFAULT_SECRET, SHORTEST_SECRET, read_settings
from reflect.storage.backups import BackupRefused
from reflect.storage.database import open_engine
from reflect.storage.occupancy import refuse_use
from reflect.storage.schema import is_current

NEW = "REFLECT_NEW_SECRET_KEY"
REWRITTEN = ("registration_key", "sealed_answer", "sealed_guest_answer", "identity")
"""Tables whose old rows must not lie about."""
AFTERWARDS = """\
Set REFLECT_SECRET_KEY to the new secret, then start the server. What changes with it:
- Invitations that were not used are void: make them anew.
- A launch or a sign-in that is under way begins again; sessions go on.
- The API has other ids: let the data warehouse fetch everything anew, and drop what it has.
- A guest’s browser that has answered an open check-in may answer once more.
Backups are still protected by the old secret: destroy them, and make a new one now."""


@click.group()
def secret() -> None:
    """The secret that protects private keys and sealed answers."""


@secret.command()
@click.option(
    "--new-secret-file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help=f"Instead of {NEW}."
)
def rotate(new_secret_file: Path | None) -> None:
    """Close with a new secret what REFLECT_SECRET_KEY protects. The server must be stopped.

    The new secret is read from the environment (REFLECT_NEW_SECRET_KEY) or from a file, and never printed.
    """
    settings = read_settings()
    old, new = settings.secret_key.get_secret_value(), _new_secret(new_secret_file)
    if new == old:
        raise refused(RotationRefused("secret_same"))
    must_be_there(settings)
    engine = open_engine(settings.database_url)
    try:
        if not is_current(engine):
            raise click.ClickException("The database is not at the newest schema: run `reflect migrate` first.")
        refuse_use(engine)
        writing = engine.execution_options(sqlite_begin="IMMEDIATE")
        with writing.connect() as connection, connection.begin(), Session(connection) as db:
            rotated = rotations.rotate(db, Keyring(old), Keyring(new), datetime.now(UTC))
        _leave_nothing(engine)
    except (BackupRefused, RotationRefused) as refusal:
        raise refused(refusal) from None
    except FAULTS as error:
        raise fault(error) from None
    finally:
        engine.dispose()
    click.echo(f"Closed anew: {rotated.keys} private keys, {rotated.answers} sealed answers.")
    click.echo(f"Void: {rotated.invitations} invitations, {rotated.identities} links with the institution’s sign-in.")
    click.echo(AFTERWARDS)


def _new_secret(file: Path | None) -> str:
    try:
        found = file.read_text("utf-8").strip() if file else os.environ.get(NEW, "")
    except ValueError:
        raise click.ClickException(f"{file} is not text: the new secret must be. Nothing was changed.") from None
    except OSError as error:
        raise fault(error) from None
    if not found:
        raise click.ClickException(f"There is no new secret: set {NEW}, or name a file with --new-secret-file.")
    if len(found) < SHORTEST_SECRET or found == DEFAULT_SECRET:
        raise click.ClickException(
            f"The new secret must have at least {SHORTEST_SECRET} characters; `openssl rand -hex 32` makes a good one."
        )
    return found


def _leave_nothing(engine: Engine) -> None:
    """What the old secret opens must not lie about in the files."""
    if engine.dialect.name == "sqlite":
        with engine.connect().execution_options(sqlite_begin=None) as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for name in REWRITTEN:
            connection.execute(text(f"VACUUM FULL {name}"))
