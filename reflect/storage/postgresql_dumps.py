"""PostgreSQL's own tools, `pg_dump` and `pg_restore`: where they are, and what they write and read."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.engine import URL

from reflect.storage.backups import BackupRefused

PLACES = Path("/usr/lib/postgresql")
"""Where Debian keeps the tools of several versions side by side."""
OURS = ("--no-owner", "--no-privileges")
"""Whoever restores a database owns it."""
_COPY = re.compile(rb'COPY (?:"?\w+"?\.)?"?(\w+)"? \(.*\) FROM stdin;\n')
_NOT_FOR_US = re.compile(rb"\\|SET \w+_timeout = 0;")
"""Lines of a script that only `psql`, or only a newer server, knows."""


def environment(url: URL) -> dict[str, str]:
    """The environment in which the tools find the database, password included: a command line is for all to read."""
    from psycopg.pq import Conninfo

    variables = {option.keyword.decode(): option.envvar.decode() for option in Conninfo.get_defaults() if option.envvar}
    given = {"user": url.username, "password": url.password, "host": url.host, "port": url.port, "dbname": url.database}
    given |= {name: value for name, value in url.query.items() if isinstance(value, str)}
    told = {variables[name]: str(value) for name, value in given.items() if value is not None and name in variables}
    return {**os.environ, **told, "PGCLIENTENCODING": "UTF8"}


def tool(name: str, server: int) -> str:
    """The path of a tool that is as new as the server (its major version) or newer.

    Raises BackupRefused `tool_missing`, `tool_too_old`.
    """
    found = {path for path in [shutil.which(name), *map(str, PLACES.glob(f"*/bin/{name}"))] if path}
    if not found:
        raise BackupRefused("tool_missing", name)
    versions = {path: _version(path) for path in found}
    fit = {path: version for path, version in versions.items() if version >= server}
    if not fit:
        raise BackupRefused("tool_too_old", f"{name} {max(versions.values())}, the server is {server}")
    return min(fit, key=lambda path: (fit[path], path))


@cache
def _version(path: str) -> int:
    told = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    number = re.search(r"(\d+)(?:\.|\s|$)", told)
    return int(number[1]) if number else 0


def server_version(engine: Engine) -> int:
    """The major version of a server."""
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        return int(driver.info.server_version) // 10_000


def dump(engine: Engine, draft: Path) -> None:
    """Write a database as it is at one moment into a file that is there already. Raises BackupRefused `tool_…`."""
    words = [tool("pg_dump", server_version(engine)), *OURS, "--format=custom", "--no-password"]
    done = subprocess.run(  # noqa: S603
        [*words, f"--file={draft}"], env=environment(engine.url), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BackupRefused("tool_failed", f"pg_dump: {done.stderr.strip()}")


def script(path: Path, server: int, *only: str) -> Iterator[bytes]:
    """A dump as the lines of a script, or only what these words say of it.

    Raises BackupRefused `backup_unknown`, and at the end `backup_corrupt` if it ends too early.
    """
    with path.open("rb") as file:
        if file.read(5) != b"PGDMP":
            raise BackupRefused("backup_unknown")
    words = [tool("pg_restore", server), *OURS, "--file=-", *only, str(path)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:  # noqa: S603
        assert process.stdout is not None and process.stderr is not None
        try:
            yield from process.stdout
            fault = process.stderr.read().decode(errors="replace").strip()
        finally:
            process.stdout.close()
    if process.returncode:
        raise BackupRefused("backup_corrupt", fault)


def counts(lines: Iterable[bytes]) -> Mapping[str, int]:
    """How many rows a script brings to each table."""
    found: dict[str, int] = {}
    table = ""
    for line in lines:
        if table:
            if line == b"\\.\n":
                table = ""
            else:
                found[table] += 1
        elif match := _COPY.fullmatch(line):
            table = match[1].decode()
            found[table] = 0
    return found


def run(driver: Any, lines: Iterable[bytes]) -> None:
    """Do what a script says, within the transaction that is under way on psycopg's connection.

    Raises BackupRefused `restore_failed`, without a word of what is in the script.
    """
    import psycopg

    try:
        _run(driver, lines)
    except psycopg.Error as error:
        raise BackupRefused("restore_failed", f"{type(error).__name__} {error.sqlstate or ''}".strip()) from None


def _run(driver: Any, lines: Iterable[bytes]) -> None:
    lines, waiting = iter(lines), list[bytes]()
    with driver.cursor() as cursor:
        for line in lines:
            if _COPY.fullmatch(line):
                _execute(cursor, waiting)
                with cursor.copy(line) as copy:
                    for row in lines:
                        if row == b"\\.\n":
                            break
                        copy.write(row)
            elif not _NOT_FOR_US.match(line):
                waiting.append(line)
        _execute(cursor, waiting)


def _execute(cursor: Any, waiting: list[bytes]) -> None:
    if waiting:
        cursor.execute(b"".join(waiting))
        waiting.clear()
