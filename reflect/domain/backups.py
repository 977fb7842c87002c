"""Backups of the database, whichever it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from reflect.domain.restores import look
from reflect.storage import backups, postgresql_restores, sqlite_files
from reflect.storage.backups import BackupRefused, Restoring, Written, stamp, unused
from reflect.storage.database import Database
from reflect.storage.revisions import is_behind
from reflect.storage.schema import revision_at

KINDS = {"sqlite": (b"SQLite format 3\0", ".db"), "postgresql": (b"PGDMP", ".dump")}
"""What a backup of each kind of database begins with, and what its name ends in."""


def write(database: Database, path: Path, now: datetime) -> Written:
    """Make a backup while anybody goes on; in a folder it gets a name with the moment. Raises BackupRefused."""
    kind = database.engine.dialect.name
    if path.is_dir():
        path /= f"reflect-{stamp(now)}{KINDS[kind][1]}"
    if not is_behind(revision_at(database.engine)):
        database.write_now(lambda db: backups.note(db, now.date()))
    made = sqlite_files.write if kind == "sqlite" else postgresql_restores.write
    return made(database.engine, path)


@contextmanager
def restoring(url: str, backup: Path, now: datetime) -> Iterator[Restoring]:
    """A backup on its way into the place of the database; if anything raises, nothing is changed.

    Raises BackupRefused.
    """
    kind = "sqlite" if url.startswith("sqlite") else "postgresql"
    if kind_of(backup) != kind:
        raise BackupRefused("backup_other_kind")
    if kind == "sqlite":
        with sqlite_files.restoring(url, backup, look) as found:
            yield found
    else:
        aside = unused(backup.absolute().with_name(f"reflect.before-{stamp(now)}.dump"))
        with postgresql_restores.restoring(url, backup, aside, look) as found:
            yield found


def kind_of(backup: Path) -> str:
    """Of which kind of database a file is a backup. Raises BackupRefused `backup_unknown`."""
    with backup.open("rb") as file:
        begins = file.read(16)
    for kind, (mark, _) in KINDS.items():
        if begins.startswith(mark):
            return kind
    raise BackupRefused("backup_unknown")
