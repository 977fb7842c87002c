"""Backups of a PostgreSQL database, and putting one in the place of what is there, in one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, inspect, text
from sqlmodel import Session

from reflect.storage import postgresql_dumps as dumps
from reflect.storage.backups import (
    BackupRefused,
    Look,
    RestoreBroken,
    Restoring,
    Written,
    fingerprint,
    new_file,
    refuse_newer,
)
from reflect.storage.database import open_engine
from reflect.storage.occupancy import refuse_others
from reflect.storage.revisions import ALWAYS, OURS_ALONE, REVISIONS, VERSIONS, is_behind, said
from reflect.storage.schema import lock, migrate


def write(engine: Engine, path: Path) -> Written:
    """Dump a database as it is at one moment into a new file; the server may go on. Raises BackupRefused."""
    with new_file(path) as draft:
        dumps.dump(engine, draft)
        # Reading it to its end shows that it can be.
        counted = dumps.counts(dumps.script(draft, dumps.server_version(engine), "--data-only"))
    return Written(path, path.stat().st_size, counted.get("course", 0), counted.get("person", 0))


@contextmanager
def restoring(url: str, backup: Path, aside: Path, look: Look) -> Iterator[Restoring]:
    """A backup in the place of what is in the database, in one transaction: if it fails, nothing has changed.

    What was there is dumped to `aside` first. Raises BackupRefused; RestoreBroken if the end of the transaction is not
    known, and the dump is kept.
    """
    engine, committing = open_engine(url), False
    try:
        server = dumps.server_version(engine)
        _must_be_ours(backup, server)
        with engine.connect() as connection:
            refuse_others(connection)
            there = set(inspect(connection).get_table_names())
            if there and not _is_ours(connection, there):
                raise BackupRefused("database_foreign")
            connection.rollback()
        kept = write(engine, aside).path if there else None
        try:
            with engine.connect() as connection, connection.begin(), Session(connection) as db:
                before = _clear(connection, db, there, look)
                driver: Any = connection.connection.driver_connection
                dumps.run(driver, dumps.script(backup, server))
                connection.execute(text("RESET search_path"))
                migrate(connection)
                yield Restoring(db, before, kept, fingerprint(backup))
                db.flush()
                committing = True
        except BaseException as fault:
            # A connection that was cut off by then may have done it all the same.
            if committing and isinstance(fault, Exception):
                raise RestoreBroken(kept) from fault
            if not committing and kept is not None:
                kept.unlink()
            raise
    finally:
        engine.dispose()


def _is_ours(connection: Connection, there: set[str]) -> bool:
    """Whether what is there may be replaced: also where what it says of its version is damaged."""
    if VERSIONS not in there or not there >= ALWAYS:
        return False
    return said(connection) in REVISIONS or there >= OURS_ALONE


def _must_be_ours(backup: Path, server: int) -> None:
    only = ("--data-only", f"--table={VERSIONS}", "--table=checkin")
    lines = list(dumps.script(backup, server, *only))
    counted = dumps.counts(lines)
    revisions = [line.strip().decode() for line in lines if line[:4].isdigit() and len(line) == 5]
    if "checkin" not in counted or counted.get(VERSIONS) != 1 or not revisions:
        raise BackupRefused("backup_unknown")
    refuse_newer(revisions[0])


def _clear(connection: Connection, db: Session, there: set[str], look: Look) -> object:
    """Drop what is there, for nobody but us; what was found in it before."""
    connection.execute(text("SET LOCAL lock_timeout = '10s'"))
    lock(connection)
    refuse_others(connection)
    before = look(db) if VERSIONS in there and not is_behind(said(connection)) else None
    db.expunge_all()
    for name in sorted(there):
        connection.execute(text(f'DROP TABLE "{name}" CASCADE'))
    return before
