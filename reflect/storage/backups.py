"""Backups: whole copies of a database while it is used, and putting one in the place of what is there."""

import hashlib
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import chain, count
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, select
from sqlmodel import Field, Session, col

from reflect.storage.revisions import REVISIONS
from reflect.storage.tables import UNORDERED, Table


class Backup(Table, table=True):
    """A mark: that a backup was made, or that one was restored. It is in each later backup, too.

    The rule: a database is a later state of a file if it knows all marks of it (one at least), or its fingerprint.
    Whatever it lacks was then deleted since. `branch` keeps the rule true when an older state comes back.
    """

    __table_args__ = UNORDERED

    id: str = Field(primary_key=True)
    """Of chance; of a backup that was restored, its fingerprint."""
    made_on: date


class BackupRefused(Exception):
    """A backup, a restore or a move cannot be done; nothing was changed. `detail` is for whoever typed the command."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code, self.detail = code, detail


class RestoreBroken(BackupRefused):
    """A restore broke off while the backup was being put in its place: nobody knows what is there now."""

    def __init__(self, aside: Path | None) -> None:
        super().__init__("restore_broken", "" if aside is None else str(aside))


@dataclass(frozen=True, slots=True)
class Written:
    """A backup as it is on the disk."""

    path: Path
    size: int
    """In bytes."""
    courses: int
    people: int


@dataclass(frozen=True, slots=True)
class Restoring:
    """A backup at the newest schema, in a transaction that is not yet in anybody's way."""

    db: Session
    before: Any
    """What was found in the database that is being replaced; None where it could not be read, or there was none."""
    aside: Path | None
    """Where the database that is being replaced is kept; None where there was none."""
    fingerprint: str
    """Of the file that comes back."""


Look = Callable[[Session], Any]


def note(db: Session, today: date) -> None:
    """Write down that a backup is being made."""
    db.add(Backup(id=secrets.token_hex(16), made_on=today))
    db.flush()


def branch(db: Session, fingerprint: str, today: date) -> None:
    """Let a state that came back be no later state of anything but itself and what came before it.

    What was made after it, of the database that it replaces (a backup, a copy by other means, what is put aside), has
    all of its marks. So it loses its newest ones, of which none is older than its last backup; and gets one of its own,
    that what is made from now on can be told from what will be, should it come back once more. Its fingerprint says
    that it is a later state of just that file. A file that is put in place by hand does none of this: it passes for
    what it is a copy of.
    """
    newest = select(func.max(col(Backup.made_on))).scalar_subquery()
    db.execute(delete(Backup).where(col(Backup.made_on) == newest))
    db.add(Backup(id=fingerprint, made_on=today))
    note(db, today)


def fingerprint(path: Path) -> str:
    """What no other file has."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def notes(db: Session) -> frozenset[str]:
    """All backups that a database knows of."""
    return frozenset(db.scalars(select(col(Backup.id))))


def stamp(now: datetime | None = None) -> str:
    """A moment for the name of a file; sorts by time."""
    return (now or datetime.now(UTC)).strftime("%Y-%m-%dT%H%M%SZ")


def unused(path: Path) -> Path:
    """A path like this one that nothing has: with a number at its end, if need be."""
    return next(it for it in chain([path], (path.with_name(f"{path.name}-{n}") for n in count(2))) if not it.exists())


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """A file for its owner alone, which gets this name once it is whole and on the disk, and never another file's.

    Raises BackupRefused `backup_exists`, `backup_folder_missing`, and OSError.
    """
    if path.exists():
        raise BackupRefused("backup_exists", str(path))
    if not path.parent.is_dir():
        raise BackupRefused("backup_folder_missing", str(path.parent))
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        yield draft
        _to_disk(draft)
        _name(draft, path)
        _to_disk(path.parent)
    finally:
        draft.unlink(missing_ok=True)


def _name(draft: Path, path: Path) -> None:
    try:
        os.link(draft, path)  # unlike a rename, it never takes the place of a file that has come meanwhile
    except FileExistsError:
        raise BackupRefused("backup_exists", str(path)) from None
    except OSError:  # a file system without links
        if path.exists():
            raise BackupRefused("backup_exists", str(path)) from None
        draft.rename(path)


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def refuse_newer(revision: str) -> None:
    """Raise BackupRefused `backup_newer` for a schema that this Reflect does not know."""
    if revision not in REVISIONS:
        raise BackupRefused("backup_newer", revision)
