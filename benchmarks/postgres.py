"""A PostgreSQL of our own in a temporary folder, with the settings that initdb gives: every commit is flushed."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg

from benchmarks.servers import LOAD_CPU, free_port, running

USER = "bench"


@dataclass(frozen=True)
class Postgres:
    """A running cluster that trusts whoever comes from this machine."""

    port: int
    numbers: Iterator[int]

    def new_database(self) -> str:
        """The name of a fresh, empty database."""
        name = f"bench_{next(self.numbers)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as db:
            db.execute(f'CREATE DATABASE "{name}"'.encode())
        return name

    def url(self, database: str) -> str:
        """The database's address as libpq writes it."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{database}"


@contextmanager
def temporary_postgres() -> Iterator[Postgres]:
    """A cluster that lives as long as the block; runs as the user `postgres` where we are root."""
    folder = Path(tempfile.mkdtemp(prefix="reflect-bench-postgres-"))
    log = Path(f"{folder}.log")
    port = free_port()
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    try:
        if as_user:
            shutil.chown(folder, "postgres", "postgres")
        initdb = [
            _binary("initdb"),
            "-D",
            str(folder),
            "-U",
            USER,
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
        ]
        subprocess.run([*as_user, *initdb], check=True, stdout=subprocess.DEVNULL, cwd="/")
        settings = [f"port={port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={folder}"]
        command = [*as_user, _binary("postgres"), "-D", str(folder)]
        for setting in settings:
            command += ["-c", setting]
        with running(command, port, log, cpu=LOAD_CPU):
            yield Postgres(port, count(1))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        log.unlink(missing_ok=True)


def _binary(name: str) -> str:
    """Debian keeps PostgreSQL's programs outside the PATH, one folder a version; the newest is taken."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    program = str(found[-1]) if found else shutil.which(name)
    if not program:
        raise RuntimeError(f"{name} is missing: install PostgreSQL, or leave out what needs it")
    return program
