"""SQLite's files: whole copies of one while it is used, and holding one so that nobody else reads or writes."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Engine
from sqlalchemy.engine import make_url
from sqlmodel import Session

from reflect.storage.backups import (
    BackupRefused,
    Look,
    RestoreBroken,
    Restoring,
    Written,
    fingerprint,
    new_file,
    refuse_newer,
    stamp,
    unused,
)
from reflect.storage.database import open_engine
from reflect.storage.revisions import DatabaseForeign, is_behind
from reflect.storage.schema import migrate, revision_at

BESIDE = ("-wal", "-shm", "-journal")
"""What a database file may have beside it."""
ALONE = ("PRAGMA locking_mode=EXCLUSIVE", "PRAGMA journal_mode=DELETE", "BEGIN EXCLUSIVE", "COMMIT")
"""Take a file for oneself. Leaving WAL fails where anybody has it open, busy or not."""


def file_of(url: str) -> Path:
    """The file that the address of a SQLite database names."""
    return Path(make_url(url).database or "").absolute()


def write(engine: Engine, path: Path) -> Written:
    """Copy a database as it is at one moment into a new file; the server may go on.

    The copy is made anew, row by row: it has no free pages, so nothing of what was destroyed is in it.
    """
    with new_file(path) as draft:
        with engine.connect().execution_options(sqlite_begin=None) as connection:
            connection.exec_driver_sql("VACUUM INTO ?", (str(draft),))
        with closing(_reading(draft)) as copy:
            must_be_whole(copy)
            count = "SELECT (SELECT count(*) FROM course), (SELECT count(*) FROM person)"
            courses, people = copy.execute(count).fetchone()
    return Written(path, path.stat().st_size, courses, people)


def must_be_whole(connection: sqlite3.Connection) -> None:
    """Raise BackupRefused `backup_corrupt` unless every page and every reference is as it must be."""
    try:
        found = connection.execute("PRAGMA integrity_check").fetchone()
        broken = connection.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.DatabaseError as error:
        raise BackupRefused("backup_corrupt", str(error)) from None
    if found != ("ok",) or broken is not None:
        raise BackupRefused("backup_corrupt", str(found[0]) if found != ("ok",) else "a row refers to nothing")


def _reading(path: Path) -> sqlite3.Connection:
    """A connection that leaves nothing beside the file."""
    immutable = "" if path.with_name(f"{path.name}-wal").exists() else "&immutable=1"
    return sqlite3.connect(f"file:{quote(str(path))}?mode=ro{immutable}", uri=True, isolation_level=None)


@contextmanager
def held(path: Path) -> Iterator[sqlite3.Connection | None]:
    """The only connection there is to a database file; None where there is no file, or none that SQLite can read.

    Raises BackupRefused `database_in_use`.
    """
    if not path.exists() or path.stat().st_size == 0:
        yield None
        return
    with closing(sqlite3.connect(path, timeout=1, isolation_level=None)) as connection:
        try:
            for statement in ALONE:
                connection.execute(statement).fetchall()
        except sqlite3.OperationalError as error:
            if "locked" in str(error) or "busy" in str(error):
                raise BackupRefused("database_in_use") from None
            raise
        except sqlite3.DatabaseError:
            readable = None
        else:
            readable = connection
        yield readable


@contextmanager
def restoring(url: str, backup: Path, look: Look) -> Iterator[Restoring]:
    """A backup in a file of its own beside the database, which takes the database's place at the end.

    Until then, and whatever goes wrong, the database is as it was. Raises BackupRefused; RestoreBroken if it goes wrong
    while the place is being taken, and what was there is kept.
    """
    path = file_of(url)
    work = path.with_name(f".{path.name}.restoring")
    with held(path) as current, _copied(backup, work):
        aside, begun = _put_aside(current, path), False
        try:
            before = _look_at(aside, look) if current is not None and aside is not None else None
            engine = open_engine(f"sqlite:///{work}")
            try:
                migrate(engine)
                writing = engine.execution_options(sqlite_begin="IMMEDIATE")
                with writing.connect() as connection, connection.begin(), Session(connection) as db:
                    yield Restoring(db, before, aside, fingerprint(backup))
                    db.flush()
            finally:
                engine.dispose()
            begun = True
            _put_in_place(work, current, path, aside)
        except BaseException as fault:
            if begun and isinstance(fault, Exception):
                raise RestoreBroken(aside) from fault
            if not begun and current is not None and aside is not None:
                _remove(aside)
            raise


@contextmanager
def _copied(backup: Path, work: Path) -> Iterator[None]:
    _remove(work)
    try:
        with new_file(work) as draft, closing(_reading(backup)) as source:
            try:
                must_be_ours(source)
                must_be_whole(source)
                source.execute("VACUUM INTO ?", (str(draft),))
            except sqlite3.DatabaseError as error:
                raise BackupRefused("backup_corrupt", str(error)) from None
        yield
    finally:
        _remove(work)


def must_be_ours(connection: sqlite3.Connection) -> None:
    """Raise BackupRefused `backup_unknown` or `backup_newer` for a file that is no database of a Reflect we know."""
    try:
        (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        connection.execute("SELECT count(*) FROM checkin").fetchone()
    except (sqlite3.OperationalError, TypeError):
        raise BackupRefused("backup_unknown") from None
    refuse_newer(revision)


def _put_aside(current: sqlite3.Connection | None, path: Path) -> Path | None:
    aside = unused(path.with_name(f"{path.name}.before-{stamp()}"))
    if current is None:
        return aside if any(path.with_name(path.name + end).exists() for end in ("", *BESIDE)) else None
    with new_file(aside) as draft, closing(sqlite3.connect(draft)) as copy:
        current.backup(copy)
    return aside


def _look_at(aside: Path, look: Look) -> object:
    engine = open_engine(f"sqlite:///{aside}")
    try:
        if is_behind(revision_at(engine)):
            return None
        with engine.connect() as connection, Session(connection) as db:
            return look(db)
    except DatabaseForeign:
        return None
    finally:
        engine.dispose()


def _put_in_place(work: Path, current: sqlite3.Connection | None, path: Path, aside: Path | None) -> None:
    with closing(sqlite3.connect(work, isolation_level=None)) as source:
        source.execute("PRAGMA journal_mode=DELETE").fetchall()
        if current is not None:
            # Into the same file, as one transaction: whoever opens it meanwhile finds the old state or the new one.
            source.backup(current)
            return
    if aside is not None:
        # What nobody can read is moved as it lies: an old log would spoil the new file.
        for end in ("", *BESIDE):
            with suppress(FileNotFoundError):
                path.with_name(path.name + end).rename(aside.with_name(aside.name + end))
    work.rename(path)


def _remove(path: Path) -> None:
    for end in ("", *BESIDE):
        path.with_name(path.name + end).unlink(missing_ok=True)
