"""`reflect secret rotate`: another secret, when the old one has leaked."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import click
from sqlalchemy import Engine, text
from sqlmodel import Session

from reflect.cli.backups import FAULTS, LOOK_AT_IT, cause_of, fault, refused
from reflect.cli.databases import must_be_known, must_be_there
from reflect.cli.paths import Readable
from reflect.domain import rotations
from reflect.domain.refusals import RotationRefused
from reflect.domain.rotations import Rotated
from reflect.keyring import Keyring
from reflect.settings import DEFAULT_SECRET, SHORTEST_SECRET, Settings, read_settings
from reflect.settings import NEW_SECRET as NEW
from reflect.storage.backups import BackupRefused
from reflect.storage.database import empties_log, open_engine
from reflect.storage.occupancy import refuse_use
from reflect.storage.outages import Unavailable, Unsure

REWRITTEN = ("registration_key", "sealed_answer", "sealed_guest_answer", "identity")
"""Tables whose old rows must not lie about."""
AFTERWARDS = """\
Set REFLECT_SECRET_KEY to the new secret, then start the server. What changes with it:
- Invitations that were not used are void: make them anew.
- A launch or a sign-in that is under way begins again; sessions go on.
- The API has other ids: let the data warehouse fetch everything anew, and drop what it has.
- A guest’s browser that has answered an open check-in may answer once more.
Backups are still protected by the old secret: destroy them, and make a new one now."""
LEFT = (
    "What the old secret opens may still lie in the files of the database ({why}): before you start the server, run"
    " `reflect secret clean`, as often as it takes."
)
CHANGED = "The secret IS changed: set the new one."
UNSURE = (
    "It broke off in the very moment of saving, so the secret is changed, or it is not. Keep both. The right one is the"
    " one with which `reflect doctor` can decrypt our private keys; with the old one begin anew, with the new one run"
    " `reflect secret clean`."
)


class NotAllDone(click.ClickException):
    """The secret is changed, or may be: whoever took it for a refusal would lose what the new one closes."""

    exit_code = LOOK_AT_IT

    def show(self, file: IO[Any] | None = None) -> None:
        """Say so; where nothing can be said any more, the exit code does."""
        with suppress(OSError):
            super().show(file)


@click.group()
def secret() -> None:
    """The secret that protects private keys and sealed answers."""


@secret.command()
@click.option("--new-secret-file", type=Readable(), help=f"Instead of {NEW}.")
def rotate(new_secret_file: Path | None) -> None:
    """Close with a new secret what REFLECT_SECRET_KEY protects. The server must be stopped.

    The new secret is read from the environment (REFLECT_NEW_SECRET_KEY) or from a file, and never printed.

    Exit code 1: refused, nothing was changed. 3: the secret is changed, or may be, and something is to be done.
    """
    settings = read_settings()
    old, new = settings.secret_key.get_secret_value(), _new_secret(new_secret_file)
    if new == old:
        raise refused(RotationRefused("secret_same"))
    with _held(settings) as engine:
        try:
            rotated = _rotate(engine, Keyring(old), Keyring(new))
        except Unsure:
            raise NotAllDone(UNSURE) from None
        why = _leave_nothing(engine)
    # Only now: who reads no further, or a disk that takes no word more, must keep nothing from being cleaned.
    _tell(rotated, f"{CHANGED} {LEFT.format(why=why)}" if why else "")


def _tell(rotated: Rotated, left: str) -> None:
    """Report what was done; raises NotAllDone where something is left, or where the report cannot be read."""
    try:
        click.echo(f"Closed anew: {rotated.keys} private keys, {rotated.answers} sealed answers.")
        click.echo(
            f"Void: {rotated.invitations} invitations, {rotated.identities} links with the institution’s sign-in."
        )
        click.echo(AFTERWARDS)
    except OSError as error:
        unsaid = f"This could not be written where it belongs ({error.strerror}):\n{AFTERWARDS}"
        raise NotAllDone(f"{left or CHANGED}\n{unsaid}") from None
    if left:
        raise NotAllDone(left)


@secret.command()
def clean() -> None:
    """Take out of the files what an earlier secret opened, where `rotate` could not. The server must be stopped."""
    with _held(read_settings()) as engine:
        if why := _leave_nothing(engine):
            raise click.ClickException(LEFT.format(why=why))
    click.echo("Nothing that an earlier secret opened is left in the files of the database.")


@contextmanager
def _held(settings: Settings) -> Iterator[Engine]:
    """The database, which nobody else has open and this release knows whole."""
    must_be_there(settings)
    engine = open_engine(settings.database_url)
    try:
        must_be_known(engine)
        refuse_use(engine)
        yield engine
    except (BackupRefused, RotationRefused) as refusal:
        raise refused(refusal) from None
    except FAULTS as error:
        raise fault(error) from None
    finally:
        engine.dispose()


def _rotate(engine: Engine, old: Keyring, new: Keyring) -> Rotated:
    """Raises Unsure for a fault of the commit itself: then nobody can say that nothing was changed."""
    writing, is_whole = engine.execution_options(sqlite_begin="IMMEDIATE"), False
    try:
        with writing.connect() as connection, connection.begin(), Session(connection) as db:
            rotated = rotations.rotate(db, old, new, datetime.now(UTC))
            is_whole = True
    except FAULTS as error:
        if is_whole:
            raise Unsure from error
        raise
    return rotated


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


def _leave_nothing(engine: Engine) -> str:
    """What the old secret opens must not lie about in the files; why it may, empty where it does not."""
    try:
        if engine.dialect.name == "sqlite":
            with engine.connect().execution_options(sqlite_begin=None) as connection:
                return "" if empties_log(connection) else "somebody has the database open"
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for name in REWRITTEN:
                connection.execute(text(f"VACUUM FULL {name}"))
    except (*FAULTS, Unavailable) as error:
        return "the file is gone" if isinstance(error, Unavailable) else cause_of(error)
    return ""
