"""A PostgreSQL server for the tests: the one that REFLECT_TEST_POSTGRES names, or one of our own in a temporary folder."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers import free_port

OPTIONS = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off -c max_connections=200"


@contextmanager
def postgres_server() -> Iterator[str]:
    """The address of a server, up to and without the name of a database."""
    if given := os.environ.get("REFLECT_TEST_POSTGRES"):
        yield given.rstrip("/")
        return
    folder = Path(tempfile.mkdtemp(prefix="reflect-postgres-"))
    port = free_port()
    _as_nobody_special("chown", folder)
    control, data = binary("pg_ctl"), folder / "data"
    run([binary("initdb"), "-D", data, "-U", "reflect", "-A", "trust", "-E", "UTF8", "--no-locale"])
    options = f"{OPTIONS} -c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder}"
    run([control, "-D", data, "-o", options, "-l", folder / "log", "-w", "start"])
    try:
        yield f"postgresql://reflect@127.0.0.1:{port}"
    finally:
        run([control, "-D", data, "-m", "immediate", "stop"])
        shutil.rmtree(folder, ignore_errors=True)


def binary(name: str) -> Path:
    """A program of PostgreSQL's, of the newest there is."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return found[-1] if found else Path(shutil.which(name) or name)


def run(command: list[str | Path], place: Callable[[list[str]], list[str]] = list) -> None:
    """Run as a user other than root, which PostgreSQL refuses to be; `place` says where, by what goes before it."""
    prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    subprocess.run(place([*prefix, *map(str, command)]), check=True, capture_output=True, cwd="/")


def _as_nobody_special(verb: str, folder: Path) -> None:
    if os.geteuid() == 0:
        subprocess.run([verb, "postgres", str(folder)], check=True)
