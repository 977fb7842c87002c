"""`reflect backup` and `reflect restore`: safe copies while serving, and putting one in the place of the database."""

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import click
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from reflect.cli.databases import must_be_there, tell_if_newer
from reflect.cli.doctor import keys_open
from reflect.cli.outages import FOREIGN
from reflect.cli.paths import Readable
from reflect.cli.restored import told
from reflect.domain import backups, restores
from reflect.domain.privacy.verification import verify
from reflect.domain.refusals import Refused, RestoreRefused
from reflect.keyring import Keyring
from reflect.settings import read_settings
from reflect.storage.backups import BackupRefused, RestoreBroken
from reflect.storage.database import Database
from reflect.storage.schema import revision_at

LOOK_AT_IT = 3
"""The exit code of what was done, and after which something is to be looked at."""
FAULTS = (OSError, DBAPIError, sqlite3.Error)
REFUSALS = {
    "backup_exists": "There is a file of this name already; nothing is overwritten.",
    "backup_folder_missing": "There is no such folder.",
    "backup_unknown": "This file is no backup of Reflect.",
    "backup_corrupt": "This backup is damaged, or not whole.",
    "backup_newer": "This backup was made by a newer Reflect: install that one first.",
    "backup_other_kind": "This is a backup of the other kind of database. Restore it with a REFLECT_DATABASE_URL of its"
    " own kind, then take it over with `reflect move`.",
    "database_in_use": "Somebody has the database open: stop the server (and whatever else is connected) first.",
    "database_foreign": FOREIGN,
    "tool_missing": "PostgreSQL’s own tools are not installed here (on Debian: `apt install postgresql-client`).",
    "tool_too_old": "PostgreSQL’s own tools are older than the server: install those of its version.",
    "restore_broken": "It broke off while the backup was being put in its place: the old state may be there, or the"
    " backup. What was there before is kept in a file.",
    "restore_failed": "The database did not take what is in the backup.",
    "tool_failed": "PostgreSQL’s own tool gave up.",
    "restore_touched": "Something has happened since the backup: leave out --nothing-happened-since.",
    "move_impossible": "The other database cannot hold a value.",
    "move_differs": "What arrived is not what was sent.",
    "move_not_empty": "The other database is not empty: nothing is overwritten or mixed.",
    "move_nowhere": "This is the database that is used already.",
    "move_exposed": "In the other database an anonymous answer might be led to a person.",
    "secret_other": "REFLECT_SECRET_KEY is not the one that everything here was protected with.",
    "secret_same": "The new secret is the old one.",
}


def refused(refusal: BackupRefused | Refused, nothing: str = "Nothing was changed.") -> click.ClickException:
    """A refusal as a clear sentence, with its code."""
    detail = f" ({refusal.detail})" if isinstance(refusal, BackupRefused) and refusal.detail else ""
    return click.ClickException(f"{REFUSALS[refusal.code]}{detail} {nothing} [{refusal.code}]")


def fault(error: OSError | DBAPIError | sqlite3.Error) -> click.ClickException:
    """A fault of the disk or of the database that changed nothing."""
    return click.ClickException(f"{cause_of(error)}. Nothing was changed.")


def cause_of(error: OSError | DBAPIError | sqlite3.Error) -> str:
    """A fault of the disk or of the database, in its own words but without any value."""
    if isinstance(error, OSError):
        return f"{error.filename or 'The disk'}: {error.strerror}"
    cause = error.orig if isinstance(error, DBAPIError) else error
    words = str(cause).strip().splitlines() or [type(cause).__name__]
    return f"The database says: {words[0]}"


@click.command()
@click.argument("path", type=click.Path(path_type=Path), metavar="PATH")
@click.option("--json", "as_json", is_flag=True, help="Print what was written as JSON.")
def backup(path: Path, as_json: bool) -> None:
    """Write a whole copy of the database to PATH, a new file or a folder, while the server goes on."""
    settings = read_settings()
    must_be_there(settings)
    database = Database(settings.database_url)
    try:
        revision = revision_at(database.engine)
        if revision is None:
            raise click.ClickException("The database is empty: there is nothing to back up.")
        tell_if_newer(revision)
        written = backups.write(database, path, datetime.now(UTC))
    except BackupRefused as refusal:
        raise refused(refusal, "No backup was made.") from None
    except FAULTS as error:
        raise fault(error) from None
    finally:
        database.close()
    facts = {"path": str(written.path), "bytes": written.size, "courses": written.courses, "people": written.people}
    if as_json:
        click.echo(json.dumps(facts))
        return
    click.echo(
        f"Written: {written.path} ({written.size:,} bytes; courses: {written.courses}, people: {written.people})"
    )
    click.echo("It can be read to its end, and only you may read it. REFLECT_SECRET_KEY is not in it: keep that apart.")


@click.command()
@click.argument("path", type=Readable(), metavar="PATH")
@click.option("--yes", is_flag=True, help="Do not ask first.")
@click.option(
    "--nothing-happened-since",
    "is_untouched",
    is_flag=True,
    help="The server did not run after the backup: what waits to be shown goes on.",
)
def restore(path: Path, yes: bool, is_untouched: bool) -> None:
    """Put the backup at PATH in the place of the database, which is kept beside. The server must be stopped.

    Exit code 1: refused, nothing was changed. 3: done, and something is to be looked at.
    """
    settings = read_settings()
    name = make_url(settings.database_url).render_as_string(hide_password=True)
    if not yes:
        click.confirm(f"Put {path} in the place of {name}?", abort=True)
    now, keyring = datetime.now(UTC), Keyring(settings.secret_key.get_secret_value())
    try:
        with backups.restoring(settings.database_url, path, now) as it:
            report = restores.settle(it, now, is_untouched=is_untouched)
            proofs = verify(it.db)
            opens = keys_open(it.db, keyring)
    except RestoreBroken as broken:
        raise refused(broken, "Look before you start the server, and keep that file.") from None
    except (BackupRefused, RestoreRefused) as refusal:
        raise refused(refusal) from None
    except FAULTS as error:
        raise fault(error) from None
    for line in told(report, it.aside, it.before is not None):
        click.echo(line)
    for proof in proofs:
        if not proof.holds:
            click.echo(f"FAIL {proof.claim}\n     {proof.found}")
    click.echo(f"{'ok  ' if opens else 'FAIL'} The secret opens the private keys.")
    if not opens:
        click.echo("     REFLECT_SECRET_KEY is not the one of the backup: set that one before you start the server.")
    if not opens or not all(proof.holds for proof in proofs):
        raise SystemExit(LOOK_AT_IT)
    click.echo("ok  reflect verify-anonymity finds nothing wrong. You can start the server.")
